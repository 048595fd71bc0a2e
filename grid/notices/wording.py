"""How notices read: in a group, for a resident, as a reminder, a recall, an end. Pure: a notice in, a neutral message out."""

import re
from dataclasses import replace

from grid.message import Button, Card, Message, Template
from grid.notices.fields import read_moment, show_period, show_value
from grid.notices.kinds import FORMS
from grid.wording import preview
from storage.columns import Colour
from storage.notice_columns import NoticeKind
from storage.notice_tables import Notice, NoticeTarget

MESSAGE_KIND = "notice"
RECALL_KIND = "notice_recall"
END_KIND = "notice_end"
REMIND_KIND = "notice_remind"
APPROVAL_KIND = "notice_approval"
TEMPLATE = "notice"
"""The configured template that stands in for a notice where a resident's window is closed: `number`, `title`, `content`, `time`."""

_NUMBER = re.compile(r"通\s*((?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\s*[-－—–]\s*(\d{1,5})(?!\d)")
_RESIDENT_TEXT = 500
_TEMPLATE_CONTENT = 20
_BOT = "网格助手"
REPLACED = "由"
"""Begins the reason of a notice that another one took the place of."""


def find_notice_numbers(text: str) -> list[str]:
    """All notice numbers in a text (`通1123-01`), in order, each once."""
    return list(dict.fromkeys(f"通{match[1]}-{int(match[2]):02d}" for match in _NUMBER.finditer(text)))


def cut_notice_numbers(text: str) -> str:
    """The text without the numbers that `find_notice_numbers` finds."""
    return re.sub(
        r"[【\[]?\s*(?:协查通报|防诈提醒|[蓝黄橙红]?色?预警|通知|任务|活动|寻人)?\s*" + _NUMBER.pattern + r"\s*[】\]]?",
        " ",
        text,
    ).strip()


def tag(notice: Notice) -> str:
    """`【通知 通1123-01】`, `【橙色预警 通1123-02】`: stands in every message, since a quote carries content but no id."""
    mark = FORMS[notice.kind].tag
    colour = f"{notice.colour.label}色" if notice.kind is NoticeKind.WARNING and notice.colour else ""
    return f"【{colour}{mark} {notice.number}】"


def default_title(notice: Notice) -> str:
    """What a notice is called where its maker gave it no title: `停水通知`, `橙色预警（暴雪）`."""
    fields = notice.fields
    match notice.kind:
        case NoticeKind.OUTAGE:
            return f"{fields.get('what', '停供')}通知"
        case NoticeKind.WARNING:
            hazard = fields.get("hazard")
            return f"{_colour_name(notice.colour)}预警{f'（{hazard}）' if hazard else ''}"
        case NoticeKind.MISSING:
            name = fields.get("name")
            return f"寻人启事{f'（{name}）' if name else ''}"
        case NoticeKind.ACTIVITY | NoticeKind.TASK | NoticeKind.ANNOUNCEMENT:
            return preview(notice.text.split("\n", 1)[0], 20) or notice.kind.label
        case NoticeKind.SUSPECT | NoticeKind.FRAUD:
            return notice.kind.label


def _colour_name(colour: Colour | None) -> str:
    return f"{colour.label}色" if colour else ""


def title_of(notice: Notice) -> str:
    """The notice's title."""
    return notice.title or default_title(notice)


def render_lines(notice: Notice) -> list[str]:
    """The form's answers as people read them, one line each; a period is one line."""
    form, fields = FORMS[notice.kind], notice.fields
    begins, ends = read_moment(fields.get("starts")), read_moment(fields.get("until"))
    lines = [f"时间：{show_period(begins, ends)}"] if begins and ends else []
    hidden = {"starts", "until"} if lines else set()
    for field in form.fields:
        value = fields.get(field.key)
        if field.shown and field.key not in hidden and value not in (None, ""):
            lines.append(f"{field.label}：{show_value(field, value)}")
    return lines


def render_body_text(notice: Notice) -> str:
    """Title, text and fields: what every channel shows."""
    title = title_of(notice)
    text = "" if notice.text.strip() == title else notice.text.strip()
    return "\n".join(part for part in (f"{tag(notice)}{title}", text, *render_lines(notice)) if part)


def how_to_answer(notice: Notice, bot_name: str = _BOT) -> str:
    """What a group is asked to say back."""
    if notice.kind is NoticeKind.TASK:
        return f"收到请回复“@{bot_name} 收到”；做完请回复“@{bot_name} 完成 {notice.number} 完成情况”。"
    answer = f"收到请回复“@{bot_name} 收到”。"
    if notice.kind is NoticeKind.SUSPECT:
        return f"{answer}仅供工作辨认，请勿外传；有线索请私聊{bot_name}发送“线索 {notice.number} 内容”，紧急请拨打110。"
    if notice.kind is NoticeKind.MISSING:
        return f"{answer}有线索请回复“@{bot_name} 线索 {notice.number} 内容”，或拨打联系电话。"
    if notice.kind is NoticeKind.ACTIVITY:
        return f"{answer}报名请回复“@{bot_name} 报名 {notice.number} 姓名 人数”。"
    return answer


def group_message(notice: Notice, target: NoticeTarget, bot_name: str = _BOT) -> Message:
    """The notice as a group gets it: a text that works alone, a card to press 收到. Pictures are added by whoever sends it."""
    text = f"{render_body_text(notice)}\n{how_to_answer(notice, bot_name)}"
    return Message(MESSAGE_KIND, text, card=_receipt_card(notice, target), urgent=FORMS[notice.kind].urgent)


def _receipt_card(notice: Notice, target: NoticeTarget) -> Card:
    lines = tuple(tuple(line.split("：", 1)) for line in render_lines(notice)[:4])
    pairs = tuple((name, preview(value, 60)) for name, value in lines)
    buttons = [Button("receive", "收到", 1)]
    if notice.kind is NoticeKind.TASK:
        buttons.append(Button("complete", "已完成", 3))
    return Card(receipt_task(notice, target), f"{tag(notice)}{preview(title_of(notice), 30)}", pairs, tuple(buttons))


def receipt_task(notice: Notice, target: NoticeTarget) -> str:
    """The name of the card in one group; unique, since each target gets a notice once and the moment of making is in it."""
    return f"n{notice.id}-{target.id}-{int(notice.made_at.timestamp() * 1000):x}"


def notice_of_task(task: str) -> int | None:
    """The notice that a card belongs to; None for a card that is none of a notice's."""
    head = task.split("-", 1)[0]
    return int(head[1:]) if head[:1] in ("n", "a") and head[1:].isascii() and head[1:].isdigit() else None


def target_of_task(task: str) -> int | None:
    """The target that a receipt's card belongs to."""
    parts = task.split("-")
    is_receipt = notice_of_task(task) is not None and task[0] == "n" and len(parts) > 1
    return int(parts[1]) if is_receipt and parts[1].isascii() and parts[1].isdigit() else None


def resident_message(notice: Notice) -> Message:
    """The notice as a resident gets it; `template` stands in where his window is closed."""
    body = render_body_text(notice)
    answer = {
        NoticeKind.ACTIVITY: f"报名请回复“报名 {notice.number} 姓名 人数”。",
        NoticeKind.MISSING: f"有线索请回复“线索 {notice.number} 内容”，或拨打联系电话。",
        NoticeKind.SUSPECT: f"有线索请回复“线索 {notice.number} 内容”，紧急请拨打110；请勿自行处置，请勿外传。",
        NoticeKind.FRAUD: "如已转账或被骗，请立即拨打110或96110。",
    }.get(notice.kind, "")
    text = preview_text("\n".join(part for part in (body, answer) if part), _RESIDENT_TEXT)
    return Message(MESSAGE_KIND, text, template=_template(notice, notice.text), urgent=FORMS[notice.kind].urgent)


def preview_text(text: str, most: int) -> str:
    """The text with its lines, cut to `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _template(notice: Notice, content: str) -> Template:
    lines = render_lines(notice)
    fields = {
        "number": notice.number,
        "title": preview(title_of(notice), _TEMPLATE_CONTENT),
        "content": preview(content or (lines[0] if lines else title_of(notice)), _TEMPLATE_CONTENT),
        "time": preview(lines[0].partition("：")[2], _TEMPLATE_CONTENT) if lines else "",
    }
    return Template(TEMPLATE, fields)


def recall_message(notice: Notice) -> Message:
    """What goes to exactly those who got the notice: which one is withdrawn, why, and the request to delete it."""
    reason = f"原因：{notice.recall_reason}。" if notice.recall_reason else ""
    text = f"【撤回通知】{tag(notice)}{title_of(notice)}现予撤回，请勿再传，并删除已收到的文字和图片。{reason}"
    return Message(RECALL_KIND, text, template=_template(notice, "该通知已撤回，请勿再传"), urgent=True)


def end_message(notice: Notice) -> Message:
    """What those who got the notice are told at its end; only for kinds that say something then."""
    words = _outage_end(notice) if notice.kind is NoticeKind.OUTAGE else FORMS[notice.kind].end_words
    words = words.format(title=title_of(notice))
    # Whoever ended it by word may have said why; what took its place is no reason for those who do not get that.
    reason = notice.recall_reason if not notice.recall_reason.startswith(REPLACED) else ""
    text = f"{tag(notice)}{words}{f'（{reason}）' if reason else ''}"
    return Message(END_KIND, text, template=_template(notice, words))


def _outage_end(notice: Notice) -> str:
    what = str(notice.fields.get("what", ""))
    back = f"供{what.removeprefix('停')}" if what else "供应"
    until = read_moment(notice.fields.get("until"))
    if until is not None and notice.ends_at is not None and notice.ends_at < until:
        return f"现已提前恢复{back}。"
    return f"计划时间已到，应已恢复{back}；如仍未恢复，请及时反映。"


def remind_message(notice: Notice, bot_name: str = _BOT) -> Message:
    """What a group hears that has not answered."""
    if notice.kind is NoticeKind.TASK:
        due = read_moment(notice.fields.get("due"))
        until = f"，时限{show_value(FORMS[notice.kind].fields[0], due.isoformat())}" if due else ""
        ask = f"本群还没有报完成{until}。做完请回复“@{bot_name} 完成 {notice.number} 完成情况”。"
    else:
        ask = f"本群还没有回复收到，请查看后回复“@{bot_name} 收到 {notice.number}”。"
    return Message(
        REMIND_KIND, f"{tag(notice)}{preview(title_of(notice), 40)}\n{ask}", urgent=FORMS[notice.kind].urgent
    )


def answered_card(notice: Notice, target: NoticeTarget, who: str) -> Card:
    """A receipt's card after it was pressed: that this group has answered; of a task what is still to be said."""
    card = _receipt_card(notice, target)
    is_open = notice.kind is NoticeKind.TASK and target.done_at is None
    buttons = tuple(button for button in card.buttons if button.key == "complete") if is_open else ()
    return replace(card, lines=(("状态", f"已收到（{who}）"), *card.lines), buttons=buttons)
