"""The made city: the same for the same seed, sound enough for its own import, and nobody real in it."""

import hashlib
import re
from collections import Counter, defaultdict
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import pytest

from lab.city import SIZES, City, make_city, write_city
from lab.city_rows import PlaceRow
from lab.mentions import make_mention
from nlp.gazetteer import Gazetteer
from nlp.reading import Category, PlaceRule
from storage.engine import WRITES, make_engine
from storage.imports import KINDS, import_file

CATEGORIES = {category.value: category.label for category in Category}
NUMBERS = {
    "street": (1 + 1 + 1 + 6 + 40, 170),
    "district": (1 + 1 + 6 + 38 + 800, 3_300),
    "city": (1 + 10 + 138 + 1_529 + 8_541, 35_000),
}


@pytest.fixture(scope="module", params=SIZES)
def city(request: pytest.FixtureRequest) -> City:
    return make_city(request.param, 7)


@pytest.fixture(scope="module")
def street() -> City:
    return make_city("street", 7)


def fingerprint(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    for name, seed in (("a", 7), ("b", 7), ("c", 8)):
        write_city(make_city("street", seed), tmp_path / name)
    assert fingerprint(tmp_path / "a") == fingerprint(tmp_path / "b")
    assert fingerprint(tmp_path / "a")["people.csv"] != fingerprint(tmp_path / "c")["people.csv"]
    tables = {"areas.csv", "people.csv", "groups.csv", "places.csv", "calendar.csv"}
    assert set(fingerprint(tmp_path / "a")) == {*tables, "boundaries.geojson"}


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(ValueError, match="规模"):
        make_city("village", 1)


def test_sizes_are_exact(city: City) -> None:
    areas, workers = NUMBERS[city.size]
    assert len(city.areas) == areas
    assert len({person.userid for person in city.people}) == workers
    assert (
        Counter(area.level for area in city.areas)["grid"] == {"street": 40, "district": 800, "city": 8_541}[city.size]
    )


def test_codes_and_keys_stand_once_and_parents_come_first(city: City) -> None:
    seen = {""}
    for area in city.areas:
        assert area.parent_code in seen
        assert area.code not in seen
        seen.add(area.code)
    assert max(Counter(group.key for group in city.groups).values()) == 1
    assert {row.area_code for row in (*city.people, *city.groups, *city.places)} <= seen


def test_nobody_real(city: City) -> None:
    phones = {person.phone for person in city.people} | {area.duty_phone for area in city.areas if area.duty_phone}
    assert all(re.fullmatch(r"138000\d{5}", phone) for phone in phones)
    assert len({(person.userid, person.name, person.phone) for person in city.people}) == len(
        {p.userid for p in city.people}
    )
    assert not any(group.chatid for group in city.groups)


def test_the_worked_example(city: City) -> None:
    code = "230803007001-03"
    names = {area.code: area.name for area in city.areas}
    assert (names["230803007001"], names[code]) == ("文采社区", "第三网格")
    estate = [place for place in city.places if place.name == "阳光水岸"]
    assert [(place.area_code, place.building_from, place.building_to) for place in estate] == [(code, 1, 20)]
    lead = [person for person in city.people if person.area_code == code and person.role != "part_timer"]
    assert [(person.name, person.phone, person.role) for person in lead] == [("王芳", "13800000012", "lead")]
    assert sum(person.name == "王芳" for person in city.people) == 1
    group = next(group for group in city.groups if group.area_code == code)
    assert (group.key, group.send_via, group.receive_via) == (f"grid-{code}", "aibot", "aibot")


def test_vacancies_on_purpose(city: City) -> None:
    staffed = {person.area_code for person in city.people if person.status == "active"}
    vacant = {area.code for area in city.areas if area.level == "grid"} - staffed
    assert vacant == {"230803007002-02", "230803007004-02"}


@pytest.mark.parametrize("seed", range(5))
def test_every_kind_of_thing_is_in_every_street(seed: int) -> None:
    street = make_city("street", seed)
    assert {area.kind for area in street.areas} == {"urban", "exclusive"}
    assert {person.role for person in street.people} == {
        "lead",
        "specialist",
        "part_timer",
        "coordinator",
        "department",
        "conduct",
    }
    assert {group.kind for group in street.groups} == {"work", "duty", "department"}
    assert any(group.categories and group.kind == "work" for group in street.groups)
    assert any(group.webhook_key and group.receive_via == "aibot" for group in street.groups)
    grouped = {group.area_code for group in street.groups}
    assert {area.code for area in street.areas if area.level == "grid"} - grouped
    assert max(Counter(person.userid for person in street.people).values()) > 1
    assert {place.kind for place in street.places} == {"estate", "road", "landmark", "community"}


def test_only_one_estate_name_stands_in_two_communities(city: City) -> None:
    communities = defaultdict(set)
    for place in city.places:
        if place.kind == "estate":
            communities[place.name].add(place.area_code.partition("-")[0])
    assert {name for name, codes in communities.items() if len(codes) > 1} == {"幸福家园"}


def test_exclusive_places_belong_to_exclusive_grids(city: City) -> None:
    exclusive = {area.code for area in city.areas if area.kind == "exclusive"}
    assert {place.area_code for place in city.places if place.exclusive} == exclusive
    assert exclusive


def test_the_calendar_is_the_notice_of_2026(street: City) -> None:
    assert sum(1 - row.works for row in street.calendar) == 33
    assert [row.on for row in street.calendar if row.works] == [
        "2026-01-04",
        "2026-02-14",
        "2026-02-28",
        "2026-05-09",
        "2026-09-20",
        "2026-10-10",
    ]


@pytest.mark.parametrize("size", ["street", "district", "large"])
async def test_a_city_passes_its_own_import(size: str, sqlite_database: str, tmp_path: Path) -> None:
    rows = write_city(make_city(size, 3), tmp_path / "city")
    engine = make_engine(sqlite_database)
    created = {}
    for kind in KINDS:
        async with engine.execution_options(**WRITES).begin() as connection:
            content = (tmp_path / "city" / f"{kind}.csv").read_bytes()
            now = datetime(2026, 11, 23, tzinfo=UTC)
            imported = await import_file(connection, kind, f"{kind}.csv", content, categories=CATEGORIES, now=now)
            created[f"{kind}.csv"] = imported.created
    await engine.dispose()
    assert rows["boundaries.geojson"] == {"street": 40, "district": 800, "large": 19_000}[size]
    assert created | {"people.csv": 0, "boundaries.geojson": 0} == rows | {"people.csv": 0, "boundaries.geojson": 0}
    assert created["people.csv"] == {"street": 170, "district": 3_300, "large": 35_000}[size]


def test_mentions_lie_where_they_say(city: City) -> None:
    rng = Random(1)
    grids = {area.code for area in city.areas if area.level == "grid"}
    mentions = [make_mention(city, rng) for _ in range(500)]
    assert {code for _, code in mentions} <= grids
    assert not any("幸福家园" in text for text, _ in mentions)
    assert len({text for text, _ in mentions}) > 300
    by_code = defaultdict(set)
    for place in city.places:
        by_code[place.area_code].add(place.name)
    assert all(any(name in text for name in by_code[code]) for text, code in mentions)


def test_mentions_come_from_the_seed(street: City) -> None:
    assert [make_mention(street, Random(5)) for _ in range(3)] == [make_mention(street, Random(5)) for _ in range(3)]


def test_a_mention_names_a_building_of_its_grid(street: City) -> None:
    rng = Random(2)
    rules = [place for place in street.places if place.kind == "estate"]
    for _ in range(300):
        text, code = make_mention(street, rng)
        if found := re.search(r"(\d+)(?:号楼|栋|-\d)", text):
            number = int(found[1])
            own = [place for place in rules if place.area_code == code and place.name in text]
            assert any((place.building_from or 0) <= number <= (place.building_to or 0) for place in own)


def test_mentions_are_understood(city: City) -> None:
    gazetteer = Gazetteer(_rule(place) for place in city.places)
    rng = Random(3)
    right = 0
    for _ in range(400):
        text, code = make_mention(city, rng)
        reading = gazetteer.read(text)
        right += reading is not None and reading.area == code
    assert right >= 390


def _rule(place: PlaceRow) -> PlaceRule:
    buildings = (place.building_from, place.building_to) if place.building_from and place.building_to else None
    aliases = tuple(filter(None, place.aliases.split("|")))
    numbers = (place.from_number, place.to_number)
    return PlaceRule(
        place.area_code, place.kind, place.name, aliases, *numbers, place.parity, buildings, bool(place.exclusive)
    )
