"""Who gets a case: the chain upward, vacancies, unbound groups, conduct complaints, and the gaps."""

from typing import Any

import pytest

from grid.city import City
from grid.routing import Route, find_route, list_deaf_groups, list_gaps
from storage.columns import Channel, GroupKind, PostRole, WorkerStatus
from storage.rows import fresh
from storage.tables import Area, Post, Worker, WorkGroup
from tests.grid.town import make_city
from tests.handlers.worker.city import COMMUNITY, DISTRICT, GRID1, GRID3, OTHER1, OTHER3, ROOT, STREET, town_rows

AWAY: dict[str, Any] = {"status": WorkerStatus.AWAY}
SILENT: dict[str, Any] = {"chatid": None}


def group_of(route: Route) -> int | None:
    return route.group.id if route.group else None


def with_rows(*rows: Any) -> City:
    everything = [*town_rows(), *rows]
    picked = [[row for row in everything if isinstance(row, table)] for table in (Area, Worker, Post, WorkGroup)]
    return City(*picked)  # type: ignore[arg-type]  # one list of each kind


def specialist_group(group_id: int, area: str, categories: str, chat: str | None = "c-spec") -> WorkGroup:
    return fresh(
        WorkGroup,
        id=group_id,
        key=f"g{group_id}",
        name="专班群",
        area_code=area,
        kind=GroupKind.WORK,
        categories=categories,
        chatid=chat,
        send_via=Channel.AIBOT,
        receive_via=Channel.AIBOT,
    )


def test_the_grids_own_group_comes_first() -> None:
    route = find_route(make_city(), GRID3, "urban_property")
    assert group_of(route) == 31
    assert route.person is not None
    assert route.person.name == "王芳"
    assert route.why == ("文采社区第三网格：派至“文采社区第三网格工作群”",)


def test_a_specialists_group_comes_before_it() -> None:
    city = with_rows(specialist_group(50, GRID3, "law_enforcement"))
    assert group_of(find_route(city, GRID3, "law_enforcement")) == 50
    assert group_of(find_route(city, GRID3, "urban_property")) == 31
    assert group_of(find_route(city, GRID3, "")) == 31


def test_the_specialist_answers_for_his_category() -> None:
    row = fresh(Post, id=500, worker_id=12, area_code=GRID3, role=PostRole.SPECIALIST, category="dispute")
    city = with_rows(row)
    for category, name in (("dispute", "李强"), ("urban_property", "王芳")):
        person = find_route(city, GRID3, category).person
        assert person is not None
        assert person.name == name


def test_an_unbound_group_is_passed_over_and_said_so() -> None:
    route = find_route(make_city(), GRID1, "urban_property")
    assert group_of(route) == 32
    assert route.why == (
        "文采社区第一网格：“文采社区第一网格工作群”尚未绑定",
        "文采社区：派至“文采社区网格工作群”",
    )


def test_a_grid_without_a_group_falls_to_the_street() -> None:
    route = find_route(make_city(), OTHER3, "urban_property")
    assert group_of(route) == 33
    assert "学苑社区第三网格：没有对应的工作群" in route.why


def test_a_group_without_anybody_at_work_is_passed_over() -> None:
    city = make_city(workers={11: AWAY, 12: AWAY})
    route = find_route(city, GRID3, "urban_property")
    assert group_of(route) == 32
    assert route.why[0] == "文采社区第三网格：无人在岗"


def test_nobody_anywhere_goes_to_the_duty_group() -> None:
    city = make_city(groups=dict.fromkeys((31, 32, 33), SILENT))
    route = find_route(city, GRID3, "urban_property")
    assert not route.is_found
    assert route.why[-1] == "各级均无可派的工作群，由值班群研判"
    duty = city.find_duty_group()
    assert duty is not None
    assert duty.id == 34


@pytest.mark.parametrize("area", [None, "nowhere"])
def test_an_unknown_place_is_looked_at_by_the_duty_group(area: str | None) -> None:
    route = find_route(make_city(), area, "urban_property")
    assert not route.is_found
    assert "地点不明" in route.why[0]


def test_escalation_starts_above() -> None:
    city = make_city()
    assert group_of(find_route(city, GRID3, "urban_property", above=GRID3)) == 32
    assert group_of(find_route(city, GRID3, "urban_property", above=COMMUNITY)) == 33
    assert not find_route(city, GRID3, "urban_property", above=STREET).is_found
    # Not on the way up from here: the whole chain counts.
    assert group_of(find_route(city, GRID3, "urban_property", above=OTHER1)) == 31


def test_department_and_duty_groups_get_no_ordinary_case() -> None:
    city = make_city(groups=dict.fromkeys((31, 32, 33), SILENT))
    assert find_route(city, DISTRICT, "urban_property").group is None
    assert find_route(city, ROOT, "urban_property").group is None


def test_a_conduct_complaint_meets_no_group() -> None:
    route = find_route(make_city(), GRID3, "party_building", conduct=True)
    assert route.group is None
    assert route.contact is not None
    assert route.contact.name == "孙丽"
    assert route.is_found


def test_a_conduct_contact_in_the_community_is_too_near() -> None:
    near = fresh(Post, id=501, worker_id=15, area_code=COMMUNITY, role=PostRole.CONDUCT)
    contact = find_route(with_rows(near), GRID3, "", conduct=True).contact
    assert contact is not None
    assert contact.name == "孙丽"


def test_a_conduct_complaint_without_a_contact_waits_rather_than_falls_to_a_group() -> None:
    for city in (make_city(workers={14: AWAY}), make_city(workers={14: {"userid": None}})):
        route = find_route(city, GRID3, "", conduct=True)
        assert not route.is_found
        assert route.group is None
        assert "建设街道：没有在岗的作风投诉联系人" in route.why


def test_a_conduct_complaint_goes_up_from_its_contact() -> None:
    higher = fresh(Post, id=502, worker_id=17, area_code=DISTRICT, role=PostRole.CONDUCT)
    city = with_rows(higher)
    contact = find_route(city, GRID3, "", conduct=True, above=STREET).contact
    assert contact is not None
    assert contact.name == "吴刚"


def test_coverage_lists_each_grid_and_category_that_nobody_answers_for() -> None:
    assert list_gaps(make_city(), ["urban_property", "dispute"]) == []
    bare = make_city(groups=dict.fromkeys((32, 33), SILENT))
    gaps = {(gap.area, gap.category) for gap in list_gaps(bare, ["urban_property", "dispute"])}
    assert gaps == {(area, kind) for area in (GRID1, OTHER3) for kind in ("urban_property", "dispute")}


def test_deaf_groups_are_known() -> None:
    deaf = {group.id for group in list_deaf_groups(make_city(groups={31: {"receive_via": Channel.NONE}}))}
    assert deaf == {31, 36, 38}
