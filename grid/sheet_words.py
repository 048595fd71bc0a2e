"""What people read of supervision sheets (督办单): which case, what is late, who answers for it, and what to do now."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from grid.desk import Desk
from grid.overseers import Overseer, find_responsible, is_for_everybody
from grid.stages import Stage, StageClock
from grid.wording import category_name, masked, moment, place_line, preview, tag
from storage.columns import Colour
from storage.loop_tables import Sheet
from storage.tables import Case

_NUMBER = re.compile(r"督\s*((?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\s*[-－—–]\s*(\d{1,5})(?!\d)")
_BARE = re.compile(r"(?<![\d-])((?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\s*[-－—–]\s*(\d{1,5})(?![\d-])")
_WANTED = {
    Stage.ACCEPT: "请尽快接单；不属本网格请退回并说明原因",
    Stage.ANSWER: "请尽快接单或联系反映人，先给一个答复",
    Stage.RESOLVE: "请尽快办结；确需更多时间请在到期前申请延期",
    Stage.CHECK: "请尽快核查",
    Stage.REPLY: "请尽快办结并答复反映人",
}
_URGED = {
    Stage.ACCEPT: "请督促尽快接单",
    Stage.ANSWER: "请督促尽快给反映人一个答复",
    Stage.RESOLVE: "请督促尽快办结",
    Stage.CHECK: "请督促尽快核查",
    Stage.REPLY: "请督促尽快办结并答复反映人",
}


def render_sheet_number(on: date, serial: int) -> str:
    """`督1123-01`: month, day, running number."""
    return f"督{on:%m%d}-{serial:02d}"


def find_sheet_number(text: str) -> str | None:
    """The first sheet number in a text."""
    match = _NUMBER.search(text)
    return f"督{match[1]}-{int(match[2]):02d}" if match else None


def find_bare_number(text: str) -> str | None:
    """A sheet number that somebody typed without its 督."""
    match = _BARE.search(text)
    return f"督{match[1]}-{int(match[2]):02d}" if match else None


def cut_sheet_number(text: str) -> str:
    """The text without sheet numbers."""
    return _NUMBER.sub("", text).strip(" ,，。、;；:：")


@dataclass(frozen=True, slots=True)
class Notice:
    """What one sheet has to say; `answer_due_at` None for a blue one."""

    number: str
    case: Case
    stage: Stage
    clock: StageClock
    colour: Colour
    overseer: Overseer
    answer_due_at: datetime | None
    replaces: str = ""


def reminder_line(desk: Desk, notice: Notice) -> str:
    """A blue sheet in one line of a list."""
    case, until = notice.case, moment(notice.clock.due, desk.zone)
    person = _person(desk, notice)
    note = "（暂定）" if notice.clock.provisional else ""
    who = f" 责任人{person}" if person else ""
    return f"{notice.number} {tag(case)}{_what(desk, notice)} 限{until}前{notice.stage.label}{note}{who}"


def render_reminders(desk: Desk, notices: Sequence[Notice]) -> str:
    """One message for all blue sheets that a group gets at this moment."""
    if len(notices) == 1:
        head = f"【督办·蓝】{notices[0].stage.label}时限将到，{_WANTED[notices[0].stage]}。"
    else:
        head = f"【督办·蓝】以下{len(notices)}件时限将到，请抓紧："
    return "\n".join([head, *(reminder_line(desk, notice) for notice in notices)])


def render_sheet(desk: Desk, notice: Notice) -> str:
    """A yellow, orange or red sheet."""
    case, bot, number = notice.case, desk.house.bot_name, notice.number
    person = _person(desk, notice)
    lines = [
        f"【督办·{notice.colour.label}】{number} {tag(case)}{_fault(desk, notice)}",
        f"{category_name(case.category)}　{_what(desk, notice)}",
        f"内容：{masked(case.text, 160)}"
        if is_for_everybody(notice.overseer, case)
        else "内容：作风类投诉，不在群内显示",
        f"责任人：{person}（{_holder(desk, case)}）" if person else f"现在：{_holder(desk, case)}",
        f"前一单：{notice.replaces}，未见成效" if notice.replaces else "",
        f"{_URGED[notice.stage]}。请回复“@{bot} 签收 {number}”，处理后回复“@{bot} 回复督办 {number} 情况”。",
        _warning(desk, notice),
    ]
    return "\n".join(line for line in lines if line)


def _warning(desk: Desk, notice: Notice) -> str:
    if notice.colour is Colour.RED or notice.answer_due_at is None:
        return ""
    return f"{moment(notice.answer_due_at, desk.zone)}前无人签收或回复，将提到上一级。"


def _fault(desk: Desk, notice: Notice) -> str:
    clock, word = notice.clock, notice.stage.label
    if desk.now < clock.due:
        return f"已被退回{clock.returns}次" if clock.returns else f"{word}时限将到"
    return f"{word}超时（限{moment(clock.due, desk.zone)}前）"


def _what(desk: Desk, notice: Notice) -> str:
    if notice.case.conduct:
        return "作风类投诉"
    return preview(place_line(notice.case, desk.city), 40)


def _person(desk: Desk, notice: Notice) -> str:
    person = find_responsible(desk, notice.case) if is_for_everybody(notice.overseer, notice.case) else None
    return person.name if person else ""


def _holder(desk: Desk, case: Case) -> str:
    group = desk.city.groups.get(case.group_id) if case.group_id else None
    return group.name if group else "作风投诉联系人" if case.conduct else "值班群"


def offer_line(desk: Desk, sheet: Sheet, case: Case) -> str:
    """A sheet whose matter has come to its end, though nobody answered it."""
    bot = desk.house.bot_name
    return (
        f"督办单 {sheet.number} {tag(case)}的{Stage(sheet.stage).label}事项已完成。"
        f"核实后请指挥员回复“@{bot} 销号 {sheet.number}”。"
    )
