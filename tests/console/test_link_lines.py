"""The line that leads to the page: who gets which, and no line at all where there is no page."""

import pytest

from bot.case_pages import draw_key, make_links
from bot.settings import Settings
from console.links import PageLinks
from console.tickets import KEY_BYTES, Scope, TicketKey
from grid.actions.checking import tell_result
from grid.actions.joint import share_news
from grid.actions.routing import duty_alert
from grid.actions.steps import dispatch_message
from grid.desk import Desk
from grid.link_lines import group_link, resident_link, without_links, worker_link
from grid.links import NO_LINKS, Links
from grid.workflow import Part, Status
from storage.plan import Plan
from storage.rows import fresh
from storage.tables import Resident
from tests.clock import START
from tests.grid.town import make_actor, make_case, make_desk, make_resident

KEY = TicketKey(b"k" * KEY_BYTES)
LINKS: Links = PageLinks(KEY, "https://wg.example.cn", 30)


def with_links(links: Links = LINKS) -> Desk:
    """The town's desk in a house that has pages, or has none."""
    desk = make_desk()
    return Desk(desk.city, desk.clocks, desk.zone, desk.now, desk.house, desk.ground, links)


def scope_of(text: str) -> Scope:
    """Whom the address in a message is good for."""
    address = text.partition("详情：")[2].split()[0]
    ticket = KEY.open(address.rpartition("/")[2])
    assert ticket is not None, text
    return ticket.scope


def test_each_reader_gets_his_own() -> None:
    desk, case = with_links(), make_case()
    assert scope_of(group_link(desk, case)) is Scope.READ
    assert scope_of(resident_link(desk, case, 5)) is Scope.RESIDENT
    assert scope_of(worker_link(desk, case, 11)) is Scope.WORKER
    assert scope_of(dispatch_message(desk, case, "王芳").text) is Scope.READ


def test_a_complaint_about_conduct_leads_its_contact_only() -> None:
    desk, case = with_links(), make_case(conduct=True, group_id=None, handler_id=14)
    assert scope_of(dispatch_message(desk, case, "孙丽").text) is Scope.WORKER
    [alert] = duty_alert(desk, case, "x")
    assert "详情" not in alert.body["text"]
    assert group_link(desk, make_case(conduct=True, handler_id=None)) == ""


def test_the_duty_group_reads_a_whole_address_behind_a_long_text() -> None:
    [alert] = duty_alert(with_links(), make_case(text="长" * 3000), "x")
    assert scope_of(alert.body["text"]) is Scope.READ


def test_without_pages_no_message_has_such_a_line() -> None:
    desk, case = with_links(NO_LINKS), make_case()
    assert group_link(desk, case) == resident_link(desk, case, 5) == worker_link(desk, case, 11) == ""
    assert "详情" not in dispatch_message(desk, case, "王芳").text
    assert not dispatch_message(desk, case, "王芳").text.endswith("\n")


def test_the_first_reporter_s_link_is_not_shared_with_the_others() -> None:
    desk, resident = with_links(), make_resident()
    case = make_case(Status.RESOLVED, result="已疏通", outcome="solved")
    plan = tell_result(desk, case, make_actor(Part.HANDLER), resident, Plan(), None)
    share_news(plan, case, [resident, fresh(Resident, id=6, openid="o6", first_seen_at=START)])
    texts = {draft.target: draft.body["text"] for draft in plan.outbox}
    assert scope_of(texts["oa:o5"]) is Scope.RESIDENT
    assert "已疏通" in texts["oa:o6"]
    assert "/c/" not in texts["oa:o6"]


@pytest.mark.parametrize(
    ("line", "stays"),
    [
        ("详情：https://wg.example.cn/c/3RHiGE7U9rg2", False),
        ("详情：见现场", True),
        ("已修好 https://x.cn/c/abc", True),
    ],
)
def test_only_such_lines_are_taken_out(line: str, stays: bool) -> None:
    assert (line in without_links(["头", line])) is stays


@pytest.mark.parametrize(
    ("server", "has_links"), [({}, False), ({"public_url": ""}, False), ({"public_url": "https://wg.example.cn"}, True)]
)
def test_links_need_an_address_that_somebody_wrote(server: dict[str, str], has_links: bool) -> None:
    links = make_links(Settings.read({"server": server}), TicketKey(bytes.fromhex(draw_key())))
    assert (links is not NO_LINKS) is has_links
