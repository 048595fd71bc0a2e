"""Clicks."""

from grid.message import Card
from tests.handlers.worker.city import CHAT3, CHAT_COMMUNITY, CHAT_OTHER, HE, LI, WANG, ZHOU
from tests.handlers.worker.talk import Town


async def card_in(town: Town, group: int) -> Card:
    card = (await town.told(f"group:{group}"))[-1].card
    assert card is not None
    return card


async def test_accepting_by_button_turns_the_clicked_card(town: Town) -> None:
    case = await town.opens()
    card = await card_in(town, 31)
    said = await town.clicks(WANG, card, "accept", CHAT3)
    assert "王芳已接单" in said
    assert (await town.case(case)).handler_id == 11
    assert town.face.task_id == card.task_id
    assert ("状态", "已接单（王芳）") in town.face.lines
    assert [button.key for button in town.face.buttons] == ["progress"]


async def test_a_stale_card_shows_how_things_stand_and_changes_nothing(town: Town) -> None:
    case = await town.opens()
    card = await card_in(town, 31)
    await town.clicks(WANG, card, "accept", CHAT3)
    before = await town.case(case)
    said = await town.clicks(LI, card, "accept", CHAT3)
    assert "已过时" in said
    assert "王芳" in said
    assert town.face.task_id == card.task_id
    after = await town.case(case)
    assert (after.version, after.handler_id) == (before.version, 11)


async def test_a_card_of_before_a_round_trip_is_stale(town: Town) -> None:
    case = await town.opens()
    old = await card_in(town, 31)
    town.clock.advance(seconds=60)
    await town.says(WANG, "退回 不属本网格", CHAT3)
    town.clock.advance(seconds=60)
    await town.says(ZHOU, f"转派 {case.number} 第三网格 是本网格", CHAT_COMMUNITY)
    assert (await town.case(case)).group_id == 31
    assert "已过时" in await town.clicks(WANG, old, "accept", CHAT3)
    assert (await town.case(case)).status == "dispatched"
    assert "王芳已接单" in await town.clicks(WANG, await card_in(town, 31), "accept", CHAT3)


async def test_an_older_card_stays_good_when_only_words_were_added(town: Town) -> None:
    case = await town.opens()
    card = await card_in(town, 31)
    town.clock.advance(seconds=60)
    await town.says(WANG, "问 几单元？", CHAT3)
    assert "王芳已接单" in await town.clicks(WANG, card, "accept", CHAT3)
    assert (await town.case(case)).status == "accepted"


async def test_a_card_of_a_case_that_went_elsewhere(town: Town) -> None:
    case = await town.opens()
    card = await card_in(town, 31)
    await town.says(WANG, f"转派 {case.number} 学苑社区第一网格", CHAT3)
    said = await town.clicks(WANG, card, "accept", CHAT3)
    assert "已不归本群办理" in said
    assert (await town.case(case)).status == "dispatched"


async def test_returning_by_button_asks_for_the_reason(town: Town) -> None:
    case = await town.opens()
    card = await card_in(town, 31)
    said = await town.clicks(WANG, card, "return", CHAT3)
    assert f"退回 {case.number}" in said
    assert (await town.case(case)).status == "dispatched"


async def test_progress_by_button(town: Town) -> None:
    await town.opens()
    card = await card_in(town, 31)
    said = await town.clicks(LI, card, "progress", CHAT3)
    assert "受理" in said
    assert "13900000001" not in said


async def test_foreign_cards_and_people_do_nothing(town: Town) -> None:
    case = await town.opens()
    card = await card_in(town, 31)
    assert "不归本群办理" in await town.clicks(HE, card, "accept", CHAT_OTHER)
    assert "登记" in await town.clicks("nobody", card, "accept", CHAT3)
    assert "不归本群办理" in await town.clicks(WANG, Card("something-else", "t"), "accept", CHAT3)
    assert (await town.case(case)).status == "dispatched"
