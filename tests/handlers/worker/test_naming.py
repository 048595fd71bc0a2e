"""Areas and categories by the names that workers type."""

import pytest

from handlers.worker.naming import list_similar, take_area, take_category
from nlp.reading import Category
from tests.grid.town import make_city
from tests.handlers.worker.city import COMMUNITY, GRID1, GRID3, OTHER, OTHER1


@pytest.mark.parametrize(
    ("text", "near", "area", "rest"),
    [
        ("文采社区第三网格 漏水", None, GRID3, "漏水"),
        ("文采社区 第三网格 漏水", None, GRID3, "漏水"),
        ("给文采社区第三网格", None, GRID3, ""),
        ("建设街道文采社区第三网格", None, GRID3, ""),
        ("第3网格 不属本网格", GRID1, GRID3, "不属本网格"),
        ("第一网格不属本网格", GRID3, GRID1, "不属本网格"),
        ("学苑社区 需协调", GRID3, OTHER, "需协调"),
        (GRID3, None, GRID3, ""),
        ("文采社区", None, COMMUNITY, ""),
    ],
)
def test_an_area_by_its_name(text: str, near: str | None, area: str, rest: str) -> None:
    named = take_area(make_city(), text, near)
    assert named.area is not None
    assert (named.area.code, named.rest) == (area, rest)


def test_equally_near_areas_are_choices() -> None:
    named = take_area(make_city(), "第一网格 漏水", None)
    assert named.area is None
    assert [node.code for node in named.choices] == [GRID1, OTHER1]


@pytest.mark.parametrize("text", ["", "火星网格", "漏水了"])
def test_what_is_no_area(text: str) -> None:
    named = take_area(make_city(), text, GRID3)
    assert (named.area, named.choices, named.rest) == (None, (), text)


def test_names_that_contain_what_was_typed() -> None:
    assert list_similar(make_city(), "文采") == ["文采社区", "文采社区第一网格", "文采社区第三网格"]
    assert list_similar(make_city(), "文") == []


@pytest.mark.parametrize(
    ("text", "category", "rest"),
    [
        ("综合执法 属违规排污", Category.LAW_ENFORCEMENT, "属违规排污"),
        ("为城建类", Category.URBAN_PROPERTY, ""),
        ("治安，有人打架", Category.PUBLIC_SECURITY, "有人打架"),
        ("火星 原因", None, "火星 原因"),
    ],
)
def test_a_category_by_its_name(text: str, category: Category | None, rest: str) -> None:
    assert take_category(text) == (category, rest)
