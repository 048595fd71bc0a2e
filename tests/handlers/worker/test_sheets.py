"""签收, 回复督办, 销号 as people type them, and who may; the complement is refused and changes nothing."""

from datetime import timedelta

import pytest

from grid.actions.sheets import state_name
from handlers.worker.commands import parse_command
from handlers.worker.verbs import Verb
from storage.columns import Colour, SheetState
from storage.loop_tables import Sheet
from storage.plan import Plan
from storage.rows import fresh
from storage.tables import Case
from tests.clock import START
from tests.handlers.worker.city import (
    CHAT3,
    CHAT_COMMUNITY,
    CHAT_DUTY,
    CHAT_OTHER,
    CHAT_STREET,
    COMMUNITY,
    HE,
    LI,
    STREET,
    SUN,
    WANG,
    WU,
    ZHAO,
    ZHOU,
)
from tests.handlers.worker.talk import Town

SHEET_TEXT = "【督办·黄】督1123-02 【工单 1123-01】接单超时（限11-23 11:00前）"


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("签收 督1123-02", Verb.SIGN),
        ("签收督1123-02", Verb.SIGN),
        ("已签收", Verb.SIGN),
        ("千收 督1123-02", Verb.SIGN),
        ("督办签收", Verb.SIGN),
        ("回复督办 督1123-02 已联系物业", Verb.REPLY_SHEET),
        ("回复督办督1123-02：已联系物业", Verb.REPLY_SHEET),
        ("回复督办单 已联系物业", Verb.REPLY_SHEET),
        ("销号 督1123-02", Verb.WRITE_OFF),
        ("消号 督1123-02", Verb.WRITE_OFF),
    ],
)
def test_words_and_slips(text: str, verb: Verb) -> None:
    command = parse_command(text)
    assert command is not None
    assert (command.verb, command.number) == (verb, None)


@pytest.mark.parametrize("text", ["签收了吗", "督1123-02", "没签收", "收到"])
def test_what_is_no_such_command(text: str) -> None:
    command = parse_command(text)
    assert command is None or command.verb not in (Verb.SIGN, Verb.REPLY_SHEET, Verb.WRITE_OFF)


def test_quoting_a_sheet_still_names_its_case() -> None:
    command = parse_command("接单", SHEET_TEXT)
    assert command is not None
    assert (command.verb, command.number) == (Verb.ACCEPT, "1123-01")


async def issue(town: Town, case: Case, number: str = "督1123-02", **values: object) -> Sheet:
    """A yellow sheet on the case's acceptance, with the community."""
    row = {
        "id": await town.archive.numbers.take_id(),
        "number": number,
        "case_id": case.id,
        "colour": Colour.YELLOW,
        "stage": "accept",
        "level": "community",
        "area_code": COMMUNITY,
        "group_id": 32,
        "responsible_id": 11,
        "state": SheetState.ISSUED,
        "issued_at": START,
        "answer_due_at": START + timedelta(hours=3),
        **values,
    }
    sheet = fresh(Sheet, **row)
    await town.write(Plan(rows=[sheet]))
    return sheet


async def state_of(town: Town, number: str = "督1123-02") -> SheetState:
    sheet = await town.books.loop.find_sheet(number)
    assert sheet is not None
    return sheet.state


# Who, where; may he answer, may he write off.
WHO = [
    (ZHOU, CHAT_COMMUNITY, True, True),
    (ZHOU, None, True, True),
    (WANG, CHAT3, True, False),
    (WANG, None, True, False),
    (LI, CHAT3, False, False),
    (HE, CHAT_OTHER, False, False),
    (ZHAO, CHAT_STREET, False, True),
    (ZHAO, CHAT_COMMUNITY, True, True),
    (WU, CHAT_DUTY, False, True),
    (SUN, None, False, False),
]


@pytest.mark.parametrize(("who", "chat", "may", "_may_write_off"), WHO)
async def test_who_may_sign_and_answer(town: Town, who: str, chat: str | None, may: bool, _may_write_off: bool) -> None:
    await issue(town, await town.opens())
    signed = await town.says(who, "签收 督1123-02", chat)
    assert ("已签收" in signed) is may
    answered = await town.says(who, "回复督办 督1123-02 已联系物业", chat)
    assert ("已回复 督1123-02" in answered) is may
    assert await state_of(town) is (SheetState.ANSWERED if may else SheetState.ISSUED)


@pytest.mark.parametrize(("who", "chat", "_may", "may_write_off"), WHO)
async def test_who_may_write_off(town: Town, who: str, chat: str | None, _may: bool, may_write_off: bool) -> None:
    await issue(town, await town.opens(), state=SheetState.ANSWERED, answer_due_at=None)
    said = await town.says(who, "销号 督1123-02", chat)
    assert ("已销号" in said) is may_write_off
    assert (await state_of(town) is SheetState.WRITTEN_OFF) is may_write_off


async def test_an_answer_is_told_where_the_case_is(town: Town) -> None:
    case = await town.opens()
    await issue(town, case)
    await town.says(ZHOU, "回复督办 督1123-02 已联系网格员，电话13900000009", CHAT_COMMUNITY)
    note = (await town.told("group:31"))[-1]
    assert "督1123-02" in note.text
    assert "13900000009" not in note.text
    assert (await town.events(case))[-1] == "sheet_answered"


async def test_the_only_one_needs_no_number_and_several_are_listed(town: Town) -> None:
    case = await town.opens()
    await issue(town, case)
    assert "已签收 督1123-02" in await town.says(ZHOU, "签收", CHAT_COMMUNITY)
    other = await town.opens()
    await issue(town, other, "督1123-03")
    await issue(town, other, "督1123-04", stage="resolve")
    said = await town.says(ZHOU, "签收", CHAT_COMMUNITY)
    assert "有2张督办单" in said
    assert "督1123-03" in said
    assert "督1123-02" not in said
    assert "已签收 督1123-04" in await town.says(
        ZHOU, "签收", CHAT_COMMUNITY, quote="【督办·黄】督1123-04 【工单 1123-02】"
    )
    assert "已签收 督1123-03" in await town.says(ZHOU, "签收 1123-03", CHAT_COMMUNITY)


async def test_what_cannot_be_done_is_said(town: Town) -> None:
    assert "没有督办单" in await town.says(ZHOU, "签收", CHAT_COMMUNITY)
    assert "没有督办单 督1123-77" in await town.says(ZHOU, "签收 督1123-77", CHAT_COMMUNITY)
    await issue(town, await town.opens())
    assert "请写明处理情况" in await town.says(ZHOU, "回复督办 督1123-02", CHAT_COMMUNITY)
    assert "还没有回复" in await town.says(ZHOU, "销号 督1123-02", CHAT_COMMUNITY)
    await town.says(ZHOU, "签收 督1123-02", CHAT_COMMUNITY)
    assert "不用再签收" in await town.says(ZHOU, "签收 督1123-02", CHAT_COMMUNITY)
    await town.says(ZHOU, "回复督办 督1123-02 已办", CHAT_COMMUNITY)
    await town.says(ZHOU, "销号 督1123-02", CHAT_COMMUNITY)
    assert "不用再回复" in await town.says(ZHOU, "回复督办 督1123-02 已办", CHAT_COMMUNITY)
    assert "不用再销号" in await town.says(ZHOU, "销号 督1123-02", CHAT_COMMUNITY)


async def test_a_conduct_sheet_is_nobodys_business_in_a_group(town: Town) -> None:
    case = await town.opens(conduct=True, text="网格员态度恶劣")
    await issue(town, case, group_id=None, area_code=STREET, responsible_id=14, level="street")
    assert "不归本群办理" in await town.says(ZHAO, "签收 督1123-02", CHAT_STREET)
    assert "已签收" in await town.says(SUN, "签收 督1123-02")
    await town.says(SUN, "回复督办 督1123-02 已谈话")
    # Whoever has the case does not write off his own sheet.
    assert "销号须由" in await town.says(SUN, "销号 督1123-02")
    assert await town.told("group:33") == []


def test_each_state_has_its_words() -> None:
    assert len({state_name(state) for state in SheetState}) == len(SheetState)
