"""签收, 回复督办, 销号: supervision sheets, by their number, by quoting them, or without either where only one can be meant."""

from collections.abc import Callable, Sequence

from grid.actions.sheets import Held, acknowledge, answer, can_answer, can_write_off, state_name, write_off
from grid.actions.steps import Decision
from grid.desk import Actor
from grid.sheet_words import cut_sheet_number, find_bare_number, find_sheet_number
from grid.stages import Stage
from grid.workflow import Refusal
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.commands import Command
from storage.columns import SheetState
from storage.loop_tables import Sheet
from storage.tables import Case

_LISTED = 10
_May = Callable[[WorkerTalk, Held], bool]


async def hear_acknowledge(talk: WorkerTalk, command: Command) -> Said:
    """签收 [督1123-01]."""
    held = await _choose(talk, command, "签收", _may_answer, (SheetState.ISSUED,))
    if isinstance(held, Said):
        return held
    number = held.sheet.number
    text = f"已签收 {number}。处理后请回复{how_to(talk, f'回复督办 {number} 情况')}。"
    return _decided(held, acknowledge(talk.desk, held, _actor(talk)), text, "sheet_acknowledged")


async def hear_answer(talk: WorkerTalk, command: Command) -> Said:
    """回复督办 [督1123-01] what was done."""
    waiting = (SheetState.ISSUED, SheetState.ACKNOWLEDGED)
    held = await _choose(talk, command, "回复督办", _may_answer, waiting)
    if isinstance(held, Said):
        return held
    text = cut_sheet_number(command.rest)
    number = held.sheet.number
    made = answer(talk.desk, held, _actor(talk), text)
    return _decided(held, made, f"已回复 {number}。指挥员核实后可{how_to(talk, f'销号 {number}')}。", "sheet_answered")


async def hear_write_off(talk: WorkerTalk, command: Command) -> Said:
    """销号 [督1123-01], by a coordinator of the level that issued it or above."""
    held = await _choose(talk, command, "销号", _may_write_off, (SheetState.ANSWERED,))
    if isinstance(held, Said):
        return held
    made = write_off(talk.desk, held, _actor(talk))
    return _decided(held, made, f"{held.sheet.number} 已销号。", "sheet_written_off")


def _decided(held: Held, made: Decision, text: str, outcome: str) -> Said:
    if isinstance(made, Refusal):
        return refuse(made, held.case.id)
    return tell(text, outcome, made, held.case.id)


def _actor(talk: WorkerTalk) -> Actor:
    assert talk.person is not None, "strangers are refused before"
    return Actor(f"worker:{talk.person.id}", talk.person.name, talk.person.id)


def _may_answer(talk: WorkerTalk, held: Held) -> bool:
    if held.case.conduct and talk.update.chat is not None:
        return False
    return talk.person is not None and can_answer(
        talk.desk, held, talk.person.id, talk.group.id if talk.group else None
    )


def _may_write_off(talk: WorkerTalk, held: Held) -> bool:
    if held.case.conduct and talk.update.chat is not None:
        return False
    return talk.person is not None and can_write_off(talk.desk, held, talk.person.id)


async def _choose(
    talk: WorkerTalk, command: Command, verb: str, may: _May, states: tuple[SheetState, ...]
) -> Held | Said:
    quote = talk.update.quote.text if talk.update.quote else ""
    number = find_sheet_number(talk.update.text) or _bare(command, talk.update.text) or find_sheet_number(quote)
    if number is not None:
        return await _by_number(talk, number, verb, may)
    near = await _list_near(talk, may)
    fitting = [held for held in near if held.sheet.state in states] or near
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        where = "本群" if talk.update.chat else "您这里"
        return refuse(f"{where}现在没有督办单；请写明单号，例如：{how_to(talk, f'{verb} 督1123-01')}。")
    return refuse(_ask_which(talk, verb, fitting))


def _bare(command: Command, text: str) -> str | None:
    return find_bare_number(text) if command.number is not None else None


async def _by_number(talk: WorkerTalk, number: str, verb: str, may: _May) -> Held | Said:
    sheet = await talk.books.loop.find_sheet(number)
    case = await talk.books.find(Case, sheet.case_id) if sheet is not None else None
    if sheet is None or case is None:
        return refuse(f"没有督办单 {number}，请核对单号（工单办结请回复{how_to(talk, '办结 1123-08 处理情况')}）。")
    held = Held(sheet, case)
    if may(talk, held):
        return held
    if verb == "销号" and _may_answer(talk, held):
        return refuse(f"销号须由签发这一级或上级的指挥员操作；您可以{how_to(talk, f'回复督办 {number} 情况')}。")
    return refuse(f"督办单 {number} 不归{'本群' if talk.update.chat else '您'}办理。")


async def _list_near(talk: WorkerTalk, may: _May) -> list[Held]:
    if talk.group is not None:
        sheets: Sequence[Sheet] = await talk.books.loop.list_sheets_in_group(talk.group.id)
    else:
        person = talk.person.id if talk.person else 0
        codes = sorted({seat.area for seat in talk.desk.city.posts_of.get(person, ())})
        sheets = await talk.books.loop.list_sheets_in_areas(codes) if codes else ()
    cases = await talk.books.followups.list_cases({sheet.case_id for sheet in sheets})
    near = [Held(sheet, cases[sheet.case_id]) for sheet in sheets if sheet.case_id in cases]
    return [held for held in near if may(talk, held)]


def _ask_which(talk: WorkerTalk, verb: str, fitting: Sequence[Held]) -> str:
    lines = [
        f"{held.sheet.number}（{held.sheet.colour.label}）工单 {held.case.number} "
        f"{Stage(held.sheet.stage).label} {state_name(held.sheet.state)}"
        for held in fitting[:_LISTED]
    ]
    example = how_to(talk, f"{verb} {fitting[0].sheet.number}")
    return "\n".join([f"有{len(fitting)}张督办单，请写明是哪一张（也可以引用那张单），例如：{example}", *lines])
