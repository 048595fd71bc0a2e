"""Every move that the page offers to workers, made on the page: the case goes where the law sends it, and who must hear hears."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest

from grid.checks import Checks
from grid.workflow import Status
from storage.columns import RequestKind, RequestState
from storage.learning_tables import Correction
from storage.loop_tables import Request, WhistleCall
from storage.tables import Case, Outbox
from tests.console.page import Office
from tests.house import ESTATE, NEXT_GRID, STREET_CHIEF, WANG, House
from tests.pictures import make_photo

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

Before = Callable[[Office, Case], Awaitable[None]]


async def fresh(office: Office, case: Case) -> None:
    """Nobody has accepted it yet."""


async def accepted(office: Office, case: Case) -> None:
    page = await office.act(office.link(case, "worker"), "accept")
    assert "已接单" in page.notice


async def suspended(office: Office, case: Case) -> None:
    await accepted(office, case)
    page = await office.act(
        office.link(case, "worker", worker=STREET_CHIEF), "suspend", amount="5", unit="d", text="等天气转暖"
    )
    assert "已挂账" in page.notice, page.text


async def resolved(office: Office, case: Case) -> None:
    await accepted(office, case)
    page = await office.act(office.link(case, "worker"), "resolve", outcome="explained", text="已解释")
    assert "已办结" in page.notice


MOVES = [
    (fresh, WANG, "accept", {}, Status.ACCEPTED),
    (fresh, WANG, "ask", {"text": "几单元的管道堵了？"}, Status.DISPATCHED),
    (fresh, WANG, "return", {"text": "不属本网格"}, Status.DISPATCHED),
    (fresh, WANG, "escalate", {"text": "需要街道协调"}, Status.DISPATCHED),
    (fresh, WANG, "transfer", {"to": "category:law_enforcement", "text": "属违规排污"}, Status.DISPATCHED),
    (fresh, WANG, "transfer", {"to": f"area:{NEXT_GRID.removeprefix('grid-')}", "text": "在隔壁"}, Status.DISPATCHED),
    (fresh, STREET_CHIEF, "assign", {"area": NEXT_GRID.removeprefix("grid-")}, Status.DISPATCHED),
    (fresh, STREET_CHIEF, "reclassify", {"category": "law_enforcement"}, Status.DISPATCHED),
    (fresh, STREET_CHIEF, "void", {"text": "不在受理范围"}, Status.VOID),
    (accepted, WANG, "handle", {"text": "已到现场"}, Status.HANDLING),
    (accepted, WANG, "handle", {}, Status.HANDLING),
    (accepted, WANG, "resolve", {"outcome": "solved", "text": "已疏通"}, Status.RESOLVED),
    (accepted, WANG, "resolve", {"outcome": "not_ours", "whose": "城管局", "text": "占道经营"}, Status.RESOLVED),
    (accepted, WANG, "extend", {"amount": "2", "unit": "wd", "text": "等配件"}, Status.ACCEPTED),
    (accepted, WANG, "suspend", {"amount": "10", "unit": "d", "text": "等天气转暖"}, Status.ACCEPTED),
    (accepted, STREET_CHIEF, "extend", {"amount": "2", "unit": "d", "text": "等配件"}, Status.ACCEPTED),
    (accepted, STREET_CHIEF, "suspend", {"amount": "10", "unit": "d", "text": "等天气转暖"}, Status.SUSPENDED),
    (suspended, WANG, "resume", {}, Status.HANDLING),
    (resolved, STREET_CHIEF, "reopen", {"text": "现场仍未解决"}, Status.DISPATCHED),
]


@pytest.mark.parametrize(("before", "who", "action", "fields", "after"), MOVES)
async def test_a_move_on_the_page_is_the_law_s_own(
    office: Office, before: Before, who: str, action: str, fields: dict[str, str], after: Status
) -> None:
    case = await office.report(f"{before.__name__}-{who}-{action}-{len(str(fields))}", f"{ESTATE}12号楼下水道堵了")
    await before(office, case)
    url = office.link(case, "worker", worker=who)
    page = await office.open(url)
    assert action in page.actions, page.text
    answer = await office.send(url, page.form(action=action, **fields), follow=False)
    assert answer.status == 303, answer.notice
    assert (await office.house.case(case.number)).status == after
    assert any(event.actor.startswith("worker:") for event in await office.events(case))


@pytest.mark.parametrize("kind", list(RequestKind))
async def test_what_a_handler_may_not_do_alone_is_asked_for(office: Office, house: House, kind: RequestKind) -> None:
    case = await office.report(f"request-{kind}", f"{ESTATE}5号楼下水道堵了")
    await accepted(office, case)
    url = office.link(case, "worker")
    page = await office.act(url, kind.value, amount="60", unit="d", text="等配件")
    assert "等待上级批复" in page.notice
    [request] = await house.all_rows(Request, case_id=case.id)
    assert (request.kind, request.limit, request.reason, request.state) == (kind, "60d", "等配件", RequestState.PENDING)
    again = await office.act(url, kind.value, amount="60", unit="d", text="等配件")
    assert (again.status, "不用重复申请" in again.notice) == (409, True)
    # It waits no longer once the case has gone elsewhere.
    await office.act(url, "return", text="不属本网格")
    [request] = await house.all_rows(Request, case_id=case.id)
    assert request.state is RequestState.LAPSED


@pytest.mark.parametrize(("amount", "unit"), [("", "d"), ("0", "d"), ("-1", "d"), ("2", "y"), ("2", ""), ("1e3", "d")])
async def test_a_span_that_nobody_can_read_is_refused(office: Office, amount: str, unit: str) -> None:
    case = await office.report(f"span-{amount}{unit}".replace("-", "m"), f"{ESTATE}6号楼下水道堵了")
    await accepted(office, case)
    page = await office.act(office.link(case, "worker"), "extend", amount=amount, unit=unit, text="等配件")
    assert (page.status, "请填写时间" in page.notice) == (409, True)


async def test_a_correction_of_the_category_is_kept_for_learning(office: Office, house: House) -> None:
    case = await office.report("learning", f"{ESTATE}7号楼下水道堵了")
    await office.act(office.link(case, "worker"), "transfer", to="category:law_enforcement", text="属违规排污")
    [row] = await house.all_rows(Correction, case_id=case.id)
    assert (row.was, row.now) == (case.category, "law_enforcement")


async def test_a_department_is_called_from_the_page(office: Office, house: House) -> None:
    case = await office.report("whistle", f"{ESTATE}8号楼下水道堵了")
    url = office.link(case, "worker")
    page = await office.open(url)
    found = page.html.partition('name="department"')[2].partition("</select>")[0]
    if "value=" not in found:
        pytest.fail("the made street has no department that can be called")
    name = next(part.partition('"')[0] for part in found.split('value="')[1:] if part.partition('"')[0])
    page = await office.act(url, "whistle", department=name, text="需关闭总阀")
    assert "已吹哨" in page.notice, page.text
    [call] = await house.all_rows(WhistleCall, case_id=case.id)
    assert (call.department, call.reason) == (name, "需关闭总阀")
    assert f"王芳向{name}吹哨" in (await office.open(url)).text


async def test_a_question_to_the_resident_is_answered_on_his_page(office: Office, house: House) -> None:
    case = await office.report("asked", f"{ESTATE}9号楼下水道堵了")
    mine = office.link(case, "resident")
    assert "answer" not in (await office.open(mine)).actions
    await office.act(office.link(case, "worker"), "ask", text="几单元的管道堵了？")
    page = await office.open(mine)
    assert "answer" in page.actions
    assert "几单元的管道堵了？" in page.text
    assert "已转告" in (await office.act(mine, "answer", text="三单元")).notice
    page = await office.open(mine)
    assert "answer" not in page.actions
    assert "三单元" in page.text


async def test_the_resident_takes_it_back_or_wants_it_done_again(office: Office, house: House) -> None:
    case = await office.report("back", f"{ESTATE}10号楼下水道堵了")
    page = await office.act(office.link(case, "resident"), "withdraw")
    assert "已撤销" in page.notice
    assert (await house.case(case.number)).status == Status.WITHDRAWN
    again = await office.report("again", f"{ESTATE}11号楼下水道堵了")
    await resolved(office, again)
    page = await office.act(office.link(again, "resident"), "reopen", text="还是堵")
    assert "已重新派单" in page.notice
    assert (await house.case(again.number)).status == Status.DISPATCHED


async def test_danger_in_a_supplement_is_answered_with_the_number_to_call(office: Office, house: House) -> None:
    case = await office.report("danger", f"{ESTATE}13号楼下水道堵了")
    page = await office.act(office.link(case, "resident"), "supplement", text="现在着火了，快来人")
    assert "119" in page.notice
    told = await house.all_rows(Outbox, case_id=case.id)
    assert any(row.kind == "alert" and row.body["urgent"] for row in told)


@pytest.mark.parametrize(("verdict", "after"), [("pass", Status.RESOLVED), ("fail", Status.HANDLING)])
async def test_a_second_person_checks_on_the_page(
    office: Office, house: House, monkeypatch: pytest.MonkeyPatch, verdict: str, after: Status
) -> None:
    hall = house.service.hall
    monkeypatch.setattr(hall, "house", replace(hall.house, checks=Checks(shares={"all": 100})))
    case = await office.report(f"check-{verdict}", f"{ESTATE}15号楼下水道堵了")
    await accepted(office, case)
    page = await office.act(office.link(case, "worker"), "resolve", [make_photo(70)], outcome="solved", text="已疏通")
    assert "等待核查" in page.notice
    # The reporter hears of a result once it is certain.
    mine = await office.open(office.link(case, "resident"))
    assert ("待核查" in mine.text, "已疏通" in mine.text) == (True, False)
    assert "check" not in page.actions
    chief = office.link(case, "worker", worker=STREET_CHIEF)
    refused = await office.act(chief, "check", verdict="fail")
    assert (refused.status, "不通过的原因" in refused.notice) == (409, True)
    assert "已记录" in (await office.act(chief, "check", verdict=verdict, text="已看过现场")).notice
    assert (await house.case(case.number)).status == after
