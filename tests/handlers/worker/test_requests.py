"""延期 and 挂账 with a superior's word: asked in the group, decided above, told to whoever it concerns."""

from datetime import timedelta

from grid.checks import Checks
from grid.desk import House
from storage.columns import RequestState
from storage.loop_tables import Request
from storage.tables import Case
from tests.handlers.worker.city import CHAT3, CHAT_COMMUNITY, CHAT_STREET, LI, SUN, WANG, ZHAO, ZHOU
from tests.handlers.worker.talk import Town


async def accepted(town: Town) -> Case:
    case = await town.opens()
    await town.says(WANG, "接单", CHAT3)
    return await town.case(case)


async def requests(town: Town) -> list[Request]:
    return sorted(await town.books.list_all(Request), key=lambda row: row.id)


async def test_a_handler_asks_and_the_superior_agrees(town: Town) -> None:
    case = await accepted(town)
    assert "请写明延长多久" in await town.says(WANG, "延期 等配件", CHAT3)
    assert "请写明延期原因" in await town.says(WANG, "延期 2天", CHAT3)
    assert not await requests(town)
    assert "延期申请已报上级" in await town.says(WANG, "延期两天 等配件", CHAT3)
    assert (await town.case(case)).resolve_due_at == case.resolve_due_at
    asked = (await town.told("group:32"))[-1]
    assert "王芳申请延期至11月28日09:00办结" in asked.text
    assert f"同意 延期 {case.number}" in asked.text
    assert asked.card is not None
    assert [button.text for button in asked.card.buttons] == ["同意", "不同意"]

    assert "已同意延期" in await town.says(ZHOU, f"同意 延期 {case.number}", CHAT_COMMUNITY)
    later = await town.case(case)
    assert case.resolve_due_at is not None
    assert later.resolve_due_at == case.resolve_due_at + timedelta(days=2)
    assert "等配件" in (await town.told_resident(case))[-1].text
    assert any("周杰同意延期" in message.text for message in await town.told("group:31"))
    assert await town.events(case) == ["receive", "dispatch", "accept", "request", "extend"]
    (row,) = await requests(town)
    assert (row.state, row.decided_by) == (RequestState.APPROVED, 15)


async def test_what_was_decided_is_not_decided_again(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    await town.says(ZHOU, f"同意 延期 {case.number}", CHAT_COMMUNITY)
    due = (await town.case(case)).resolve_due_at
    assert "没有待批复的延期申请" in await town.says(ZHOU, f"同意 延期 {case.number}", CHAT_COMMUNITY)
    assert (await town.case(case)).resolve_due_at == due


async def test_a_refusal_needs_its_reason_and_reaches_the_handler(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    assert "请写明不同意的原因" in await town.says(ZHOU, f"不同意 延期 {case.number}", CHAT_COMMUNITY)
    said = await town.says(ZHOU, f"不同意 延期 {case.number} 请先临时处置", CHAT_COMMUNITY)
    assert "不同意延期" in said
    assert "原因：请先临时处置" in (await town.told("group:31"))[-1].text
    assert (await town.case(case)).resolve_due_at == case.resolve_due_at
    (row,) = await requests(town)
    assert (row.state, row.note) == (RequestState.REFUSED, "请先临时处置")
    # Refused is not for ever: he may ask again.
    assert "已报上级" in await town.says(WANG, "延期 1天 配件明天到", CHAT3)


async def test_nobody_decides_who_does_not_steer(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    for who in (WANG, LI):
        assert "须由上级指挥员批复" in await town.says(who, f"同意 延期 {case.number}", CHAT3)
    (row,) = await requests(town)
    assert row.state is RequestState.PENDING


async def test_the_asked_group_hears_who_may_decide(town: Town) -> None:
    case = await accepted(town)
    elsewhere = await town.says(SUN, f"同意 延期 {case.number}", CHAT_COMMUNITY)
    assert "不归本群办理" in elsewhere
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    assert "须由上级指挥员批复" in await town.says(SUN, f"同意 延期 {case.number}", CHAT_COMMUNITY)
    (row,) = await requests(town)
    assert row.state is RequestState.PENDING


async def test_a_bare_word_decides_the_only_request(town: Town) -> None:
    assert "请写明姓名" in await town.says(ZHOU, "同意", CHAT_COMMUNITY)
    await accepted(town)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    assert "请写明不同意的原因" in await town.says(ZHOU, "不同意", CHAT_COMMUNITY)
    assert "已同意延期" in await town.says(ZHOU, "同意", CHAT_COMMUNITY)
    assert (await requests(town))[0].state is RequestState.APPROVED


async def test_a_bare_word_is_no_decision_where_somebody_waits_to_be_registered(town: Town) -> None:
    await accepted(town)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    await town.says("u-new", "登记 钱多多 13800000077", CHAT_COMMUNITY)
    assert "正在等待的有：钱多多" in await town.says(ZHOU, "同意", CHAT_COMMUNITY)
    assert (await requests(town))[0].state is RequestState.PENDING


async def test_a_granted_request_is_told_once(town: Town) -> None:
    case = await accepted(town)
    before = len(await town.told("group:31"))
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    await town.says(ZHOU, f"同意 延期 {case.number}", CHAT_COMMUNITY)
    (heard,) = (await town.told("group:31"))[before:]
    assert "周杰同意延期" in heard.text


async def test_the_same_is_not_asked_twice(town: Town) -> None:
    await accepted(town)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    assert "正等待批复" in await town.says(WANG, "延期 3天 等配件", CHAT3)
    assert "挂账申请已报上级" in await town.says(WANG, "挂账 30天 等管材", CHAT3)
    assert len(await requests(town)) == 2


async def test_a_number_with_two_requests_asks_which(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    await town.says(WANG, "挂账 30天 等管材", CHAT3)
    assert "有2项申请（延期、挂账）" in await town.says(ZHOU, f"同意 {case.number}", CHAT_COMMUNITY)
    assert "已同意挂账" in await town.says(ZHOU, f"同意 挂账 {case.number}", CHAT_COMMUNITY)
    assert (await town.case(case)).status == "suspended"
    # The case has moved on: what else was asked waits no longer.
    assert {row.state for row in await requests(town)} == {RequestState.APPROVED, RequestState.LAPSED}


async def test_a_suspension_is_asked_told_and_ends(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "挂账 30天 等管材", CHAT3)
    asked = (await town.told("group:32"))[-1].text
    assert "王芳申请挂账至12月23日" in asked
    assert "等管材" in asked
    await town.says(ZHOU, f"同意 挂账 {case.number}", CHAT_COMMUNITY)
    waiting = await town.case(case)
    assert waiting.status == "suspended"
    assert "预计12月23日" in (await town.told_resident(case))[-1].text
    assert waiting.clocks["suspend"]["limit"] == "30d"
    await town.says(WANG, f"恢复 {case.number}", CHAT3)
    assert (await town.case(case)).status == "handling"


async def test_a_press_of_the_button_decides(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    card = (await town.told("group:32"))[-1].card
    assert card is not None
    yes, no = (button.key for button in card.buttons)
    assert "要写原因" in await town.clicks(ZHOU, card, no, CHAT_COMMUNITY)
    assert "须由上级指挥员批复" in await town.clicks(WANG, card, yes, CHAT3)
    assert "已同意延期" in await town.clicks(ZHOU, card, yes, CHAT_COMMUNITY)
    assert (await town.case(case)).resolve_due_at != case.resolve_due_at
    assert "已经批复过了" in await town.clicks(ZHOU, card, yes, CHAT_COMMUNITY)


async def test_the_only_request_needs_no_number_and_a_quote_names_it(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    await town.says(ZHOU, "同意 延期", CHAT_COMMUNITY)
    assert (await requests(town))[0].state is RequestState.APPROVED
    await town.says(WANG, "挂账 10天 等管材", CHAT3)
    quote = (await town.told("group:32"))[-1].text
    await town.says(ZHOU, "同意", CHAT_COMMUNITY, quote=quote)
    assert (await town.case(case)).status == "suspended"


async def test_what_waits_lapses_when_the_case_moves_on(town: Town) -> None:
    case = await accepted(town)
    await town.says(WANG, "延期 2天 等配件", CHAT3)
    await town.says(WANG, "办结 已疏通", CHAT3)
    assert (await requests(town))[0].state is RequestState.LAPSED
    said = await town.says(ZHOU, f"同意 延期 {case.number}", CHAT_COMMUNITY)
    assert "已办结" in said
    assert (await town.case(case)).status == "resolved"


async def test_no_extension_after_the_date(town: Town) -> None:
    await accepted(town)
    town.clock.advance(days=4)
    assert "不能再延期" in await town.says(WANG, "延期 2天 等配件", CHAT3)
    assert not await requests(town)


async def test_a_coordinator_needs_to_ask_nobody(town: Town) -> None:
    case = await accepted(town)
    assert "11月28日" in await town.says(ZHAO, f"延期 {case.number} 2天 等配件", CHAT_STREET)
    assert not await requests(town)
    await town.says(ZHAO, f"挂账 {case.number} 20天 等管材", CHAT_STREET)
    assert (await town.case(case)).clocks["suspend"]["limit"] == "20d"


async def test_the_house_may_let_handlers_extend_a_little(town: Town) -> None:
    town.house = House(checks=Checks(extension_without_approval="1d"))
    case = await accepted(town)
    assert "11月27日" in await town.says(WANG, "延期 1天 等配件", CHAT3)
    assert not await requests(town)
    assert "已报上级" in await town.says(WANG, "延期 2天 等配件", CHAT3)
    assert (await town.case(case)).resolve_due_at is not None


async def test_approving_people_still_works(town: Town) -> None:
    assert "没有等待同意的张三" in await town.says(ZHOU, "同意 张三", CHAT_COMMUNITY)
    # Also beside the quote of a case: only the question itself, quoted, is what is agreed to.
    case = await accepted(town)
    quote = (await town.told("group:31"))[0].text
    assert case.number in quote
    assert "没有等待同意的张三" in await town.says(ZHOU, "同意 张三", CHAT_COMMUNITY, quote=quote)
    assert "没有待批复的申请" in await town.says(ZHOU, "同意 延期", CHAT_COMMUNITY)
