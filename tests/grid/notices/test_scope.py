"""Whom a notice is for: areas, kinds of group, levels, neighbours, and the words for them."""

from dataclasses import replace

import pytest

from grid.notices.scope import (
    Scope,
    find_common_area,
    find_scope_refusal,
    list_groups,
    list_neighbours,
    parse_scope,
    render_scope,
    scope_name,
)
from grid.notices.scope_words import explain_unknown, read_scope_word
from storage.columns import AreaKind, AreaLevel, GroupKind
from tests.grid.notices.town import make_city
from tests.handlers.worker.city import COMMUNITY, DISTRICT, GRID1, GRID3, OTHER, OTHER1, OTHER3, ROOT, STREET

CITY = make_city()
WORK, DUTY, DEPARTMENT = GroupKind.WORK, GroupKind.DUTY, GroupKind.DEPARTMENT


@pytest.mark.parametrize(
    ("scope", "groups"),
    [
        (Scope((GRID3,)), {31}),
        (Scope((COMMUNITY,)), {31, 32, 36}),
        (Scope((STREET,)), {31, 32, 33, 36, 37}),
        (Scope((ROOT,), (WORK, DUTY)), {31, 32, 33, 34, 36, 37}),
        (Scope((DISTRICT,), (DEPARTMENT,)), {35, 38}),
        (Scope((COMMUNITY, OTHER)), {31, 32, 36, 37}),
        (Scope((STREET,), levels=(AreaLevel.GRID,)), {31, 36, 37}),
        (Scope((STREET,), kinds=(AreaKind.URBAN,)), {31, 36, 37}),
        (Scope((STREET,), kinds=(AreaKind.RURAL,)), set()),
        (Scope((STREET,), ()), set()),
        (Scope(()), set()),
        (Scope(("nowhere",)), set()),
    ],
)
def test_groups(scope: Scope, groups: set[int]) -> None:
    assert {group.id for group in list_groups(CITY, scope)} == groups
    assert parse_scope(render_scope(scope)) == scope


@pytest.mark.parametrize(
    ("codes", "common"),
    [
        ([GRID3], GRID3),
        ([GRID1, GRID3], COMMUNITY),
        ([GRID3, OTHER1], STREET),
        ([COMMUNITY, GRID3], COMMUNITY),
        ([STREET, ROOT], ROOT),
        ([], None),
        (["nowhere"], None),
    ],
)
def test_common_area(codes: list[str], common: str | None) -> None:
    assert find_common_area(CITY, codes) == common


@pytest.mark.parametrize(
    ("word", "near", "areas"),
    [
        ("本社区", GRID3, (COMMUNITY,)),
        ("全街道", COMMUNITY, (STREET,)),
        ("全市", GRID3, (ROOT,)),
        ("全县", GRID3, (DISTRICT,)),
        ("全区", GRID3, (DISTRICT,)),
        ("本网格", GRID3, (GRID3,)),
        ("文采社区", None, (COMMUNITY,)),
        ("文采社区、学苑社区", None, (COMMUNITY, OTHER)),
        ("文采社区和学苑社区", None, (COMMUNITY, OTHER)),
        ("第三网格", COMMUNITY, (GRID3,)),
        ("3号网格", COMMUNITY, (GRID3,)),
        ("第三网格", OTHER, (OTHER3,)),
        ("文采社区第三网格", None, (GRID3,)),
        (GRID3, None, (GRID3,)),
        ("周边网格", GRID3, (GRID3, GRID1)),
    ],
)
def test_words_for_areas(word: str, near: str | None, areas: tuple[str, ...]) -> None:
    said = read_scope_word(CITY, Scope(), word, near, lambda _: None)
    assert said is not None
    assert said.scope.areas == areas


@pytest.mark.parametrize(
    ("word", "near"),
    [
        ("本社区", STREET),
        ("第三网格", STREET),
        ("第三网格", None),
        ("检修", COMMUNITY),
        ("周边", COMMUNITY),
        ("文采社区、没有", None),
    ],
)
def test_what_is_no_area_or_not_sure(word: str, near: str | None) -> None:
    assert read_scope_word(CITY, Scope(), word, near, lambda _: None) is None


@pytest.mark.parametrize(
    ("word", "scope"),
    [
        ("不发居民", replace(Scope(residents=True), residents=False)),
        ("居民", Scope(residents=True)),
        ("只发居民", Scope(groups=(), residents=True)),
        ("值班群", Scope(groups=(DUTY,))),
        ("全部群", Scope(groups=tuple(GroupKind))),
        ("网格群", Scope(levels=(AreaLevel.GRID,))),
        ("农村网格", Scope(kinds=(AreaKind.RURAL,))),
    ],
)
def test_words_for_who(word: str, scope: Scope) -> None:
    said = read_scope_word(CITY, Scope(), word, None, lambda _: None)
    assert said is not None
    assert said.scope == scope


def test_an_estate_stands_for_its_grid() -> None:
    said = read_scope_word(CITY, Scope(), "阳光水岸", None, {"阳光水岸": GRID3}.get)
    assert said is not None
    assert (said.scope.areas, said.place) == ((GRID3,), "阳光水岸")


def test_neighbours_are_near_or_of_one_community() -> None:
    city = make_city()
    for code, latitude in ((GRID1, 46.80), (GRID3, 46.80), (OTHER1, 46.805), (OTHER3, 46.95)):
        city.areas[code] = replace(city.areas[code], latitude=latitude, longitude=130.3)
    assert set(list_neighbours(city, GRID3)) == {GRID3, GRID1, OTHER1}


@pytest.mark.parametrize(
    ("scope", "residents", "words"),
    [
        (Scope(()), 0, "还没有发送范围"),
        (Scope((GRID1,)), 0, "1个群，但都还没有绑定，发不出去。可以改发：文采社区"),
        (Scope((OTHER3,)), 0, "没有符合条件的群"),
        (Scope((GRID1,), residents=True), 0, "发不出去"),
        (Scope((STREET,), kinds=(AreaKind.RURAL,)), 5, "农村网格"),
    ],
)
def test_a_scope_that_matches_nobody(scope: Scope, residents: int, words: str) -> None:
    refusal = find_scope_refusal(CITY, scope, residents)
    assert refusal is not None
    assert words in refusal.sentence


@pytest.mark.parametrize(
    ("scope", "residents"), [(Scope((GRID3,)), 0), (Scope((GRID1,), residents=True), 1), (Scope((ROOT,)), 0)]
)
def test_a_scope_that_does(scope: Scope, residents: int) -> None:
    assert find_scope_refusal(CITY, scope, residents) is None


def test_names() -> None:
    assert (
        scope_name(CITY, Scope((COMMUNITY, GRID3), kinds=(AreaKind.RURAL,))) == "文采社区、文采社区第三网格（农村网格）"
    )
    assert "相近的有：文采社区" in explain_unknown(CITY, "文采小区").sentence
    assert "可以写" in explain_unknown(CITY, "别处").sentence
