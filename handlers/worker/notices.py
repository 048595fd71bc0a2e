"""The entrance of notices: whether a line is about one, and who hears it. Listed, not found; what is none of theirs goes on."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from grid.notices.approval_wording import asked_ms, decided_card
from grid.notices.moves import NoticeMove
from grid.notices.wording import answered_card, find_notice_numbers, notice_of_task, tag, target_of_task
from handlers.reply import Reply, Said
from handlers.talk import WorkerTalk
from handlers.update import Event
from handlers.worker.answers import how_to, refuse
from handlers.worker.commands import Command, parse_command, plain
from handlers.worker.notices_draft import ASKS_KIND, ASKS_NOTHING, Making, find_making
from handlers.worker.notices_making import (
    drop_making,
    hear_answer,
    hear_cancel,
    hear_edit,
    hear_make,
    hear_pictures,
    hear_submit,
)
from handlers.worker.notices_moves import (
    decide_on,
    hear_agree,
    hear_confirm,
    hear_disagree,
    hear_end,
    hear_level,
    hear_recall,
    hear_timed,
)
from handlers.worker.notices_receipts import (
    complete_on,
    hear_done,
    hear_help,
    hear_list,
    hear_received,
    hear_roll,
    hear_show,
    hear_table,
    receive_on,
)
from handlers.worker.notices_templates import hear_templates
from handlers.worker.notices_words import NoticeCommand, NoticeVerb, parse_notice_command
from handlers.worker.pictures import list_media
from storage.notice_tables import Notice, NoticeTarget
from storage.rows import with_changes

_Hear = Callable[[WorkerTalk, NoticeCommand], Awaitable[Said | None]]

NOTICE_HANDLERS: tuple[tuple[NoticeVerb, _Hear], ...] = (
    (NoticeVerb.MAKE, hear_make),
    (NoticeVerb.TEMPLATES, hear_templates),
    (NoticeVerb.SUBMIT, hear_submit),
    (NoticeVerb.EDIT, hear_edit),
    (NoticeVerb.TIMED, hear_timed),
    (NoticeVerb.CANCEL, hear_cancel),
    (NoticeVerb.AGREE, hear_agree),
    (NoticeVerb.DISAGREE, hear_disagree),
    (NoticeVerb.CONFIRM, hear_confirm),
    (NoticeVerb.RECEIVED, hear_received),
    (NoticeVerb.DONE, hear_done),
    (NoticeVerb.RECALL, hear_recall),
    (NoticeVerb.END, hear_end),
    (NoticeVerb.LEVEL, hear_level),
    (NoticeVerb.TABLE, hear_table),
    (NoticeVerb.ROLL, hear_roll),
    (NoticeVerb.SHOW, hear_show),
    (NoticeVerb.LIST, hear_list),
    (NoticeVerb.HELP, hear_help),
)
_BY_VERB = dict(NOTICE_HANDLERS)

_WHILE_MAKING = (
    ("提交", NoticeVerb.SUBMIT),
    ("发送", NoticeVerb.SUBMIT),
    ("修改", NoticeVerb.EDIT),
    ("定时", NoticeVerb.TIMED),
    ("预览", NoticeVerb.SHOW),
)
_AWAY = ("取消", "不发了", "算了", "放弃")


def concerns_notices(talk: WorkerTalk) -> bool:
    """Whether a line may be about a notice: cheap, since every line of every group is asked."""
    return _parse(talk) is not None or find_making(talk) is not None


def _parse(talk: WorkerTalk) -> NoticeCommand | None:
    return parse_notice_command(talk.update.text, talk.update.quote.text if talk.update.quote else "")


async def hear_notices(talk: WorkerTalk) -> Said | None:
    """The answer to a line about a notice; None when it turns out to be about none."""
    command, making = _parse(talk), find_making(talk)
    if making is not None and _is_for_draft(talk, making, command):
        said = await _hear_making(talk, making)
        if said is not None:
            return said
    return await _BY_VERB[command.verb](talk, command) if command is not None else None


def _is_for_draft(talk: WorkerTalk, making: Making, command: NoticeCommand | None) -> bool:
    """Whether a line belongs to what is being made: not when it names another notice, or a case."""
    if command is not None and command.number is not None:
        return False
    if command is not None:
        # 通知全体居民… may well be the text that was asked for.
        return command.verb is NoticeVerb.MAKE and making.asks == "text"
    names_another = bool(find_notice_numbers(talk.update.text)) and making.asks != "text"
    return not names_another and _names_a_case(talk) is None


def _names_a_case(talk: WorkerTalk) -> Command | None:
    text = talk.update.text.strip()
    other = parse_command(text, "")
    # A bare number is an age or a quota here, not a case.
    if other is None or _is_while_making(text) or plain(text).isdigit():
        return None
    return other if other.number is not None or text == other.verb.value else None


def _is_while_making(text: str) -> bool:
    return text in _AWAY or any(text.startswith(word) for word, _ in _WHILE_MAKING)


async def _hear_making(talk: WorkerTalk, making: Making) -> Said | None:
    text = talk.update.text.strip()
    if text in _AWAY:
        return await drop_making(talk, making)
    if making.asks not in (ASKS_KIND, "text", "title") and making.notice_id is not None:
        for word, verb in _WHILE_MAKING:
            if text.startswith(word):
                return await _on_draft(talk, making, verb, text[len(word) :].strip())
    if not text:
        return await hear_pictures(talk, making) if list_media(talk) and making.notice_id is not None else None
    return await hear_answer(talk, making, text)


async def _on_draft(talk: WorkerTalk, making: Making, verb: NoticeVerb, rest: str) -> Said | None:
    draft = await talk.books.find(Notice, making.notice_id)
    if draft is None:
        return None
    if verb is NoticeVerb.SUBMIT and making.asks != ASKS_NOTHING:
        return refuse(f"还有没写的内容，请先回答上一个问题；不发请回复{how_to(talk, '取消')}。")
    return await _BY_VERB[verb](talk, NoticeCommand(verb, draft.number, rest))


async def hear_notice_click(talk: WorkerTalk, event: Event) -> Said | None:
    """A button on a notice's card; None for a card that is none of theirs."""
    task = event.details.get("task_id", "")
    notice = await talk.books.find(Notice, notice_of_task(task))
    if notice is None:
        return None
    if task.startswith("a"):
        return await _click_approval(talk, notice, event.key, task)
    target = await talk.books.find(NoticeTarget, target_of_task(task))
    is_here = target is not None and talk.group is not None and target.target == f"group:{talk.group.id}"
    if target is None or not is_here or target.notice_id != notice.id:
        return refuse("这张卡片不是发给本群的。")
    if event.key == "complete":
        return await complete_on(talk, notice, target, "")
    said = await receive_on(talk, notice, target)
    if said.outcome != "refused" and talk.person is not None:
        said.reply = replace(said.reply, card=replace(answered_card(notice, target, talk.person.name), task_id=task))
    return said


async def _click_approval(talk: WorkerTalk, notice: Notice, key: str, task: str) -> Said:
    if key == "disagree":
        return refuse(f"不同意请写明原因，请回复：{how_to(talk, f'不同意 {notice.number} 原因')}。")
    if key != "agree" or await _was_changed_since(talk, notice, asked_ms(task)):
        text = (
            f"{tag(notice)}这张卡片已过时，通知现在是“{notice.state.label}”，没有改动；内容改过的，请看新的审批消息。"
        )
        return Said(Reply(text, decided_card(notice, task)), "stale")
    said = await decide_on(talk, notice, True, "")
    after = next((change.values for change in said.plan.changes if change.table is Notice), {})
    if after:
        said.reply = replace(said.reply, card=decided_card(with_changes(notice, dict(after)), task))
    return said


async def _was_changed_since(talk: WorkerTalk, notice: Notice, asked: int | None) -> bool:
    """Whether the words were submitted anew after this card was made: what stands on it is not what would be agreed to."""
    events = await talk.books.notices.list_events(notice.id)
    submitted = [int(event.at.timestamp() * 1000) for event in events if event.kind == NoticeMove.SUBMIT.value]
    return asked is None or not submitted or submitted[-1] > asked
