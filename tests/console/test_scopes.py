"""Who may do what with which link: the whole table, over real HTTP, and every forbidden thing refused."""

from collections.abc import Mapping

import pytest

from console.doing import DEEDS
from grid.workflow import Status
from tests.console.page import Office
from tests.house import ESTATE, NEXT_LEAD, WANG, House

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

ACTIONS = sorted({deed.action for deeds in DEEDS.values() for deed in deeds})
# What a fresh case that waits for somebody to accept it offers.
OFFERED: Mapping[str, set[str]] = {
    "read": set(),
    "resident": {"supplement", "hurry", "withdraw"},
    "worker": {"accept", "ask", "photo", "return", "transfer", "whistle", "escalate"},
}
TEXTS = {"text": "说明情况", "reason": "原因", "rating": "good", "outcome": "solved", "verdict": "pass"}


@pytest.mark.parametrize("scope", ["read", "resident", "worker"])
async def test_a_fresh_case_offers_what_the_law_allows(office: Office, scope: str) -> None:
    case = await office.report(f"offers-{scope}", f"{ESTATE}12号楼3单元下水道堵了，我电话13912340001")
    page = await office.open(office.link(case, scope))
    assert page.status == 200
    assert page.actions - {"contact"} == OFFERED[scope]


# A link may be used twenty times a minute: the table is walked in two halves.
@pytest.mark.parametrize("half", [0, 1])
@pytest.mark.parametrize("scope", ["read", "resident", "worker"])
async def test_every_other_action_is_refused_and_changes_nothing(
    office: Office, house: House, scope: str, half: int
) -> None:
    case = await office.report(f"table-{scope}-{half}")
    url = office.link(case, scope)
    # Forms of a reading link do not exist; whoever holds one may still try with what he guesses.
    key = house_key(office, url)
    refused = [action for action in [*ACTIONS, "nonsense", ""] if action not in OFFERED[scope] | {"contact"}]
    assert len(refused) > 12
    for number, action in enumerate(refused[half::2]):
        fields = {"key": key, "once": f"{number:032x}", "version": str(case.version), "action": action, **TEXTS}
        page = await office.send(url, fields)
        assert page.status in (403, 409), (action, page.text)
        assert page.notice, action
    after = await house.case(case.number)
    assert (after.version, after.status) == (case.version, Status.DISPATCHED)
    assert {event.actor.partition(":")[0] for event in await office.events(case)} <= {"resident", "system"}
    assert [event.kind for event in await office.events(case) if event.actor.startswith("resident")] == ["receive"]


def house_key(office: Office, url: str) -> str:
    """What a form of this link must bring, as the service itself would write it."""
    links = office.links
    signer = links._key  # type: ignore[attr-defined]  # the test stands in for a leaked page
    return str(signer.sign_form(url.rpartition("/")[2]))


async def test_a_reading_link_shows_no_more_than_a_group_may_read(office: Office, house: House) -> None:
    case = await office.report("masked", f"{ESTATE}12号楼3单元下水道堵了，我电话13912340001，身份证230803196001011234")
    page = await office.open(office.link(case, "read"))
    assert "13912340001" not in page.html
    assert "230803196001011234" not in page.html
    assert "139****0001" in page.text
    assert "个人信息已隐去" in page.text
    assert page.actions == set()
    assert house_key(office, page.url) not in page.html


async def test_a_worker_sees_the_phone_only_after_asking_and_that_is_on_record(office: Office, house: House) -> None:
    case = await office.report("phone", f"{ESTATE}12号楼3单元下水道堵了，我电话13912340002")
    url = office.link(case, "worker")
    assert "13912340002" not in (await office.open(url)).html
    page = await office.act(url, "contact")
    assert page.status == 200
    assert 'href="tel:13912340002"' in page.html
    assert [event.actor for event in await office.events(case) if event.kind == "viewed"] == [
        f"worker:{house.service.hall.city.by_userid[WANG].id}"
    ]
    assert "13912340002" not in (await office.open(url)).html


async def test_the_resident_reads_his_own_words_in_full(office: Office) -> None:
    case = await office.report("own", f"{ESTATE}12号楼3单元下水道堵了，我电话13912340003")
    page = await office.open(office.link(case, "resident"))
    assert "我电话13912340003" in page.text
    assert "已派单" in page.text


async def test_a_complaint_about_conduct_has_no_reading_link(office: Office, house: House) -> None:
    resident = await house.resident("conduct")
    await resident.says(f"{ESTATE}的网格员王芳态度恶劣还骂人，我要投诉她")
    case = next(one for one in await house.service.books.list_recent(20) if one.conduct)
    contact = house.service.hall.city.people[case.handler_id or 0]
    assert (await office.open(office.link(case, "read"))).status == 410
    assert (await office.open(office.link(case, "worker", worker=WANG))).status == 410
    assert (await office.open(office.link(case, "worker", worker=str(contact.userid)))).status == 200
    mine = await office.open(office.link(case, "resident"))
    assert mine.status == 200
    assert contact.name not in mine.text


async def test_a_worker_s_link_ends_when_the_case_leaves_his_reach(office: Office, house: House) -> None:
    case = await office.report("reach")
    url = office.link(case, "worker")
    assert (await office.open(office.link(case, "worker", worker=NEXT_LEAD))).status == 410
    page = await office.act(url, "escalate", text="需要街道协调")
    assert page.status == 410
    assert "这个链接打不开了" in page.text
    assert (await house.case(case.number)).group_id != case.group_id


async def test_somebody_else_s_case_does_not_open(office: Office, house: House) -> None:
    mine, other = await office.report("mine"), await office.report("other", f"{ESTATE}9号楼路灯不亮")
    assert (await office.open(office.link(mine, "resident", resident=other.resident_id))).status == 410


async def test_all_reporters_may_read_but_only_the_first_reads_the_first_s_words(office: Office, house: House) -> None:
    first = await office.report("first", f"{ESTATE}20号楼2单元楼道灯不亮，我电话13912340009")
    second = await house.resident("second")
    reply = await second.says(f"{ESTATE}20号楼2单元楼道灯不亮了")
    assert first.number in reply, reply
    await second.says("是")
    resident = await house.service.books.find_resident("second")
    assert resident is not None
    page = await office.open(office.link(first, "resident", resident=resident.id))
    assert page.status == 200
    assert "共有2位居民" in page.text
    assert "13912340009" not in page.html
    assert "2单元" not in page.text
    assert "rate" not in page.actions
