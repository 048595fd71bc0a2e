"""The reading as a whole: total over every text, with evidence that points into the writer's own words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlp.gazetteer import Gazetteer
from nlp.lexicon import Entry, Lexicon
from nlp.reader import Reader
from nlp.reading import Category, PlaceRule, Reading, Talk, Urgency

READER = Reader(
    Gazetteer([PlaceRule("a", "estate", "阳光水岸"), PlaceRule("b", "road", "长安路", from_number=1, to_number=99)])
)
PIECES = st.sampled_from(
    [
        "下水道",
        "堵了",
        "着火",
        "楼上",
        "打架",
        "阳光水岸",
        "12号楼",
        "3单元",
        "长安路",
        "88号",
        "1.",
        "2.",
        "、",
        "，",
        "。",
        "\n",
        "\u200b",
        "Ａ１",
        "樓",
        "不是",
        "垃圾",
        "噪音",
        "13900000001",
        "[微笑]",
        "😊",
        "谢谢",
        "昨天",
        "没有",
        "(",
        "）",
        "#",
        "-",
    ]
)


def check_spans(text: str, reading: Reading) -> None:
    emergency = reading.emergency.evidence if reading.emergency else ()
    for one in (*reading.evidence, *emergency):
        assert 0 <= one.start < one.end <= len(text)
        assert text[one.start : one.end] == one.word
    if reading.place and reading.place.mention:
        assert 0 <= reading.place.mention.start <= reading.place.mention.end <= len(text)


def check_consistent(reading: Reading) -> None:
    assert 0.0 <= reading.confidence <= 1.0
    assert (reading.talk is Talk.MATTER) == (reading.category is not None)
    assert reading.runner_up is None or reading.runner_up is not reading.category
    assert (reading.urgency is Urgency.EMERGENCY) == (reading.emergency is not None)


@given(st.text(max_size=400))
@settings(deadline=None, max_examples=150)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    reading = READER.read(text, home="a")
    check_spans(text, reading)
    check_consistent(reading)


@given(st.lists(PIECES, max_size=30).map("".join), st.sampled_from(["a", "z", None]))
@settings(deadline=None, max_examples=300)
def test_any_mixture_of_usual_pieces_is_read_consistently(text: str, home: str | None) -> None:
    reading = READER.read(text, home=home)
    check_spans(text, reading)
    check_consistent(reading)


@pytest.mark.parametrize(
    "text",
    ["\ud800坏了", "\x00", "a" * 200_000, "1." * 50_000, "号楼" * 50_000, "没有" * 50_000, "路" * 99_999, "(" * 9_999],
)
def test_hostile_texts_are_read(text: str) -> None:
    check_consistent(READER.read(text))


def test_evidence_points_into_the_original_text_behind_invisible_and_wide_characters() -> None:
    text = "樓\u200b道Ａ棟：路\u200b燈壞了，很黑"
    reading = READER.read(text)
    check_spans(text, reading)
    assert reading.category is Category.URBAN_PROPERTY
    assert any("路\u200b燈" in one.word for one in reading.evidence)


def test_the_sentence_of_the_design_is_read_whole(reader: Reader) -> None:
    reading = reader.read("阳光水岸12号楼3单元下水道堵了,污水都冒出来了")
    assert reading.talk is Talk.MATTER
    assert reading.category is Category.URBAN_PROPERTY
    assert not reading.ask
    assert reading.place is not None
    assert (reading.place.area, reading.place.ask) == ("230803001002", False)
    assert reading.place.mention is not None
    assert (reading.place.mention.building, reading.place.mention.unit) == ("12", "3")
    assert {"下水道"} <= {one.word for one in reading.evidence}


def test_denied_words_do_not_count() -> None:
    reading = READER.read("不是垃圾问题,是噪音")
    assert reading.category is Category.LAW_ENFORCEMENT
    assert [one.word for one in reading.evidence] == ["噪音"]


def test_two_matters_in_two_categories_show_the_other_as_runner_up() -> None:
    reading = READER.read("楼下有人飞线充电，小区路灯也坏了")
    assert {reading.category, reading.runner_up} == {Category.PUBLIC_SECURITY, Category.URBAN_PROPERTY}


@pytest.mark.parametrize(
    ("text", "conduct"),
    [
        ("投诉网格员态度差", True),
        ("社区主任收红包才给办事", True),
        ("网格员小李骂人", True),
        ("村支书贪污低保", True),
        ("举报我们网格员", True),
        ("请网格员来看看下水道", False),
        ("希望社区主任管管楼下烧烤摊，老板态度太差", False),
        ("物业态度恶劣", False),
        ("我已经向网格员反映过了，路灯还是不亮", False),
        ("邻居骂人", False),
    ],
)
def test_complaints_about_conduct(text: str, conduct: bool) -> None:
    reading = READER.read(text)
    assert reading.conduct is conduct
    assert not conduct or reading.category is Category.PARTY_BUILDING


def test_a_phone_is_found_in_any_spelling() -> None:
    assert READER.read("路灯坏了，电话139 0000 0001").phone == "13900000001"
    assert READER.read("路灯坏了，电话１３９００００００01").phone == "13900000001"
    assert READER.read("路灯坏了，工单1390000000123").phone is None


@pytest.mark.parametrize(
    ("text", "urgency"),
    [
        ("小区停水一天了", Urgency.URGENT),
        ("井盖没了", Urgency.URGENT),
        ("想咨询低保", Urgency.NORMAL),
        ("着火了", Urgency.EMERGENCY),
    ],
)
def test_urgency(text: str, urgency: Urgency) -> None:
    assert READER.read(text).urgency is urgency


def test_a_reader_can_have_its_own_lexicon() -> None:
    own = Lexicon.of([Entry("飞碟", Category.PUBLIC_SECURITY, "其他", 5.0)])
    assert Reader(Gazetteer([]), own).read("楼顶有飞碟").category is Category.PUBLIC_SECURITY


def test_labels_are_the_fixed_names() -> None:
    assert [category.label for category in Category] == [
        "党建引领",
        "矛盾调处",
        "民生服务",
        "社会治安",
        "城建物业",
        "综合执法",
    ]
    assert [urgency.label for urgency in Urgency] == ["一般", "紧急", "特急"]
