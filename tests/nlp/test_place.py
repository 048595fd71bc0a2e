"""Addresses and areas: parsed before words, narrowed by number and building, never guessed in silence."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp import address
from nlp.gazetteer import SURE, Gazetteer
from nlp.numerals import normalise_number, parse_number, render_number
from nlp.reading import PlaceReading, PlaceRule

RULES = [
    PlaceRule("11", "estate", "阳光水岸", buildings=(1, 10)),
    PlaceRule("12", "estate", "阳光水岸", buildings=(11, 20)),
    PlaceRule("21", "road", "长安路", from_number=1, to_number=99, parity="odd"),
    PlaceRule("22", "road", "长安路", from_number=2, to_number=100, parity="even"),
    PlaceRule("31", "landmark", "第一小学", exclusive=True),
    PlaceRule("4101", "estate", "幸福小区"),
    PlaceRule("4201", "estate", "幸福小区"),
    PlaceRule("41", "community", "文采社区居委会"),
    PlaceRule("51", "village", "向阳村村委会", aliases=("小向阳屯",)),
    PlaceRule("61", "estate", "学府"),
]
GAZETTEER = Gazetteer(RULES)


def read(text: str, home: str | None = None) -> PlaceReading:
    place = GAZETTEER.read(text, home)
    assert place is not None
    return place


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("阳光水岸12号楼3单元下水道堵了", {"estate": "阳光水岸", "building": "12", "unit": "3"}),
        ("我家住在阳光水岸十二栋三单元402室漏水", {"estate": "阳光水岸", "building": "12", "unit": "3", "room": "402"}),
        ("阳光水岸12-3-402漏水", {"estate": "阳光水岸", "building": "12", "unit": "3", "room": "402"}),
        ("我是幸福小区a座的业主", {"estate": "幸福小区", "building": "A"}),
        ("3#楼2单元停电", {"building": "3", "unit": "2"}),
        ("5幢一单元门坏了", {"building": "5", "unit": "1"}),
        ("长安路88号门口路灯不亮", {"road": "长安路", "number": "88"}),
        ("长青街100号2号楼", {"road": "长青街", "number": "100", "building": "2"}),
        ("向阳村三组井盖没了", {"village": "向阳村", "number": "3"}),
        ("和平路一直堵车", {"road": "和平路"}),
        ("2023-12-05开始停水", {}),
        ("马路上全是水", {}),
        ("每个单元都停电", {}),
        ("工资欠了3个月", {}),
    ],
)
def test_parts_of_an_address(text: str, parts: dict[str, str]) -> None:
    mention = address.merge(address.find_mentions(text))
    names = ("estate", "building", "unit", "room", "road", "number", "village")
    assert {name: value for name in names if (value := getattr(mention, name, None))} == parts


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("阳光水岸3号楼漏水", "11"),
        ("阳光水岸十二号楼漏水", "12"),
        ("长安路88号", "22"),
        ("长安路7号门口", "21"),
        ("第一小学门口的长安路88号有人摆摊", "31"),
        ("小向阳屯的桥塌了", "51"),
        ("向阳村三组没水", "51"),
        ("文采社区路灯不亮", "41"),
        ("文采社区幸福小区路灯不亮", "4101"),
        ("学府小区停水", "61"),
    ],
)
def test_the_area_is_found(text: str, area: str) -> None:
    place = read(text)
    assert (place.area, place.ask) == (area, False)
    assert place.confidence >= SURE
    assert place.why


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("阳光水岸停水", {"11", "12"}),
        ("幸福小区停水", {"4101", "4201"}),
        ("长安路201号", {"21", "22"}),
        ("阳光水案3号楼漏水", {"11", "12"}),
    ],
)
def test_what_is_unclear_is_asked_with_candidates(text: str, candidates: set[str]) -> None:
    place = read(text)
    assert place.area is None
    assert place.ask
    assert set(place.candidates) == candidates
    assert place.confidence <= 0.6


def test_home_breaks_a_tie_and_stands_in_where_no_place_is_named() -> None:
    assert read("幸福小区停水", "4201").area == "4201"
    assert read("我家楼下太吵", "77").confidence >= SURE
    nothing_named = read("吵死了", "77")
    assert (nothing_named.area, nothing_named.ask) == ("77", False)
    assert nothing_named.confidence < SURE


def test_an_unknown_place_is_never_a_silent_guess() -> None:
    far = read("东方明珠花园8号楼漏水", "77")
    assert far.ask
    assert far.confidence < 0.5
    assert read("东方明珠花园8号楼漏水").area is None
    assert GAZETTEER.read("吵死了") is None


def test_a_short_name_that_is_an_ordinary_word_needs_an_address_beside_it() -> None:
    assert GAZETTEER.read("这是全国最高学府啊") is None


def test_a_city_of_names_loads_fast() -> None:
    rules = [
        PlaceRule(f"{n:05}", "estate", f"{render_number(n % 9999)}号{render_number(n // 7)}家园", ("别名" + str(n),))
        for n in range(30_000)
    ]
    begun = time.process_time()
    city = Gazetteer(rules)
    assert time.process_time() - begun < 3.0  # 1.5 s on a quiet machine
    assert len(city) >= 55_000
    found = city.read("别名29999停水")
    assert found is not None
    assert found.area == "29999"


@given(st.integers(0, 9999))
def test_numerals_go_there_and_back(number: int) -> None:
    assert parse_number(render_number(number)) == number
    assert normalise_number(f"{number:05}") == str(number)


@pytest.mark.parametrize(
    ("text", "number"),
    [("四〇二", 402), ("两", 2), ("廿", None), ("", None), ("12a", None), ("123456789", None), ("百", 100)],
)
def test_numerals_at_the_edges(text: str, number: int | None) -> None:
    assert parse_number(text) == number


def test_numbers_outside_the_range_are_refused() -> None:
    with pytest.raises(ValueError, match="out of range"):
        render_number(10_000)


SLIP_CHARACTERS = st.sampled_from("如意云邸府江平")


@given(st.text(SLIP_CHARACTERS, min_size=2, max_size=5), st.data())
def test_a_name_with_one_slip_behind_its_first_character_is_offered(rest: str, data: st.DataObject) -> None:
    """The index of alike names finds whatever a comparison with every name would."""
    name = "丽" + rest
    place = data.draw(st.integers(1, len(name) - 1))
    other = data.draw(SLIP_CHARACTERS)
    slips = {
        "wrong": name[:place] + other + name[place + 1 :],
        "one too many": name[:place] + other + name[place:],
        "one missing": name[:place] + name[place + 1 :],
        "swapped": name[:place] + name[place + 1 : place + 2] + name[place] + name[place + 2 :],
    }
    said = slips[data.draw(st.sampled_from(sorted(slips)))]
    candidates = Gazetteer([PlaceRule("71", "estate", name)])._slips(said)  # no sentence: only names are compared
    assert candidates == (("71",) if len(said) >= 3 else ())
