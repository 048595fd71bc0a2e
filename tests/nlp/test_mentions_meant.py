"""Which of several named places is meant, and the complement: what only looks set aside stays a question."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.gazetteer import SURE, Gazetteer
from nlp.hits import list_common
from nlp.reading import PlaceReading, PlaceRule
from nlp.text import normalise

SUNNY, SCHOOL_SIDE, RIVER, TALL = "1101", "1102", "1201", "1202"
GAZETTEER = Gazetteer(
    [
        PlaceRule(SUNNY, "estate", "阳光水岸", ("阳光水岸小区",), buildings=(1, 10)),
        PlaceRule(TALL, "estate", "阳光水岸", ("阳光水岸小区",), buildings=(11, 20)),
        PlaceRule(SCHOOL_SIDE, "estate", "学府花园", buildings=(1, 9)),
        PlaceRule(RIVER, "estate", "如意云邸", buildings=(1, 9)),
        PlaceRule("1203", "landmark", "第一小学", exclusive=True),
        PlaceRule("1201", "landmark", "松江菜市场"),
        PlaceRule(SUNNY, "road", "长安路", from_number=1, to_number=99, parity="odd"),
        PlaceRule(RIVER, "road", "长安路", from_number=2, to_number=98, parity="even"),
        PlaceRule("11", "community", "文采社区"),
        PlaceRule("12", "community", "光明社区"),
    ]
)


def read(text: str, home: str | None = None) -> PlaceReading:
    place = GAZETTEER.read(normalise(text).text, home)
    assert place is not None
    return place


@pytest.mark.parametrize(
    ("text", "area"),
    [
        ("不是学府花园，是如意云邸3号楼漏水", RIVER),
        ("是如意云邸3号楼，不是学府花园", RIVER),
        ("我说的并非学府花园，而是如意云邸", RIVER),
        ("松江菜市场对面的学府花园3号楼漏水", SCHOOL_SIDE),
        ("第一小学旁边学府花园路灯不亮", SCHOOL_SIDE),
        ("第一小学东门对面的如意云邸路灯不亮", RIVER),
        ("学府花园2号楼隔壁的如意云邸路灯不亮", RIVER),
        ("第一小学后身那个学府花园", SCHOOL_SIDE),
        ("长安路8号第一小学门口堵车", "1203"),
        ("光明社区第一小学门口堵车", "1203"),
        ("文采社区的学府花园", SCHOOL_SIDE),
        ("阳光水岸3号楼和5号楼之间漏水", SUNNY),
        ("阳光水岸小区，就是12号楼", TALL),
    ],
)
def test_what_is_meant(text: str, area: str) -> None:
    place = read(text)
    assert (place.area, place.ask) == (area, False)
    assert place.confidence >= SURE


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("我在学府花园上班，如意云邸路灯不亮", {SCHOOL_SIDE, RIVER}),
        ("学府花园和如意云邸都停水了", {SCHOOL_SIDE, RIVER}),
        ("学府花园旁边的路灯不亮，我住如意云邸", {SCHOOL_SIDE, RIVER}),
        ("从学府花园到如意云邸一路没灯", {SCHOOL_SIDE, RIVER}),
        ("光明社区的学府花园", {"12", SCHOOL_SIDE}),
        ("我在第一小学门口，学府花园路灯不亮", {"1203", SCHOOL_SIDE}),
        ("阳光水岸3号楼和12号楼之间漏水", {SUNNY, TALL}),
        ("如意小区路灯不亮", {RIVER}),
        ("如意云抵小区3号楼路灯不亮", {RIVER}),
    ],
)
def test_what_is_asked(text: str, candidates: set[str]) -> None:
    place = read(text)
    assert place.ask
    assert place.area is None
    assert candidates <= set(place.candidates)
    assert place.confidence < SURE


@pytest.mark.parametrize("text", ["不是学府花园", "学府花园对面", "学府花园旁边的空地"])
def test_the_only_place_is_never_set_aside(text: str) -> None:
    assert read(text).area == SCHOOL_SIDE


def test_a_road_before_the_estate_only_leads_there_and_is_said_with_less_certainty() -> None:
    place = read("长安路30号学府花园3号楼漏水")
    assert (place.area, place.ask) == (SCHOOL_SIDE, False)
    assert place.confidence < SURE
    assert "不在一处" in place.why
    assert read("学府花园3号楼漏水，长安路30号").ask


def test_home_decides_no_contradiction() -> None:
    assert read("我在学府花园上班，如意云邸路灯不亮", RIVER).ask


@pytest.mark.parametrize(
    ("groups", "common"),
    [
        ([["11"], ["1101"]], ("1101",)),
        ([["1101", "1102"], ["1102", "1201"]], ("1102",)),
        ([["1101"], ["1201"]], ()),
        ([["11", "12"], ["1101"], ["1102"]], ()),
        ([[], ["1101"]], ("1101",)),
        ([], ()),
    ],
)
def test_areas_that_all_share(groups: list[list[str]], common: tuple[str, ...]) -> None:
    assert list_common(groups) == common


_PIECES = st.sampled_from(
    [
        "阳光水岸",
        "学府花园",
        "第一小学",
        "长安路",
        "文采社区",
        "3号楼",
        "12号楼",
        "8号",
        "不是",
        "对面的",
        "旁边",
        "，",
        "路灯不亮",
        "我住",
    ]
)


@given(st.lists(_PIECES, max_size=12).map("".join), st.none() | st.sampled_from([SUNNY, RIVER, "99"]))
def test_any_mixture_is_answered_or_asked_and_never_both(text: str, home: str | None) -> None:
    place = GAZETTEER.read(normalise(text).text, home)
    if place is None:
        return
    assert place.why
    assert 0 <= place.confidence <= 1
    assert place.area in (None, *place.candidates)
    assert place.area is not None or place.ask
