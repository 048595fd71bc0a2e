"""Place reading on a made district, measured: the right area or the right question, and never a silent wrong guess."""

from __future__ import annotations

from collections import Counter, defaultdict

import pytest

from lab.city import make_city
from lab.places import list_rules
from nlp.gazetteer import MOST_CANDIDATES, SURE, Gazetteer
from nlp.reader import Reader
from nlp.reading import PlaceReading
from tests.nlp.mention_atlas import Made, han
from tests.nlp.mention_styles import list_made

LEAST_MENTIONS, LEAST_STYLES = 300, 20
LEAST_RIGHT, LEAST_ANSWERED = 0.97, 0.70
SEED = 1


@pytest.fixture(scope="module")
def judged() -> list[tuple[Made, str]]:
    """Every mention with its verdict."""
    rules = list_rules(make_city("district", SEED))
    reader = Reader(Gazetteer(rules))
    return [(made, judge(made, reader.read(made.text, home=made.home).place)) for made in list_made(rules, SEED)]


def judge(made: Made, place: PlaceReading | None) -> str:
    """One word: `sure` or `told` (the right area, at `SURE` or below), `asked` (the right question), `silent` (wrong at `SURE`
    and not asked), `wrong`."""
    if place is not None and place.area is not None and not place.ask:
        if made.right == {place.area}:
            return "sure" if place.confidence >= SURE else "told"
        return "silent" if place.confidence >= SURE else "wrong"
    return "asked" if _is_right_question(made, place) else "wrong"


def _is_right_question(made: Made, place: PlaceReading | None) -> bool:
    if place is None or not place.ask:
        # No place at all is asked for openly: right only where nobody could know.
        return place is None and not made.right
    offered = set(place.candidates)
    if len(made.right) > MOST_CANDIDATES:
        return bool(offered) and offered <= made.right
    return made.right <= offered


def test_the_made_mentions_are_read_as_a_careful_listener_would(
    judged: list[tuple[Made, str]], capsys: pytest.CaptureFixture[str]
) -> None:
    with capsys.disabled():
        print(render_table(judged))  # noqa: T201  # the measured table is what this test is for
    verdicts = Counter(verdict for _, verdict in judged)
    total, styles = len(judged), {made.style for made, _ in judged}
    assert total >= LEAST_MENTIONS
    assert len(styles) >= LEAST_STYLES
    misread = [f"{made.style}：{made.text} → {verdict}" for made, verdict in judged if verdict in ("wrong", "silent")]
    assert not verdicts["silent"], misread
    right = verdicts["sure"] + verdicts["told"] + verdicts["asked"]
    assert right / total >= LEAST_RIGHT, misread
    assert verdicts["sure"] / total >= LEAST_ANSWERED


def test_no_style_as_a_whole_is_misread(judged: list[tuple[Made, str]]) -> None:
    wrong = Counter(made.style for made, verdict in judged if verdict in ("wrong", "silent"))
    every = Counter(made.style for made, _ in judged)
    assert not {style: count for style, count in wrong.items() if count / every[style] > 0.2}


def render_table(judged: list[tuple[Made, str]]) -> str:
    """Style by style what came out."""
    rows: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for made, verdict in judged:
        rows[made.style][verdict] += 1
        rows[f"合计（{len({one.style for one, _ in judged})}种写法）"][verdict] += 1
    names = ("sure", "told", "asked", "wrong", "silent")
    lines = ["\n" + "\t".join(("确答", "答", "问对", "错", "静默错", "写法"))]
    lines += ["\t".join([*(str(counts[name]) for name in names), style]) for style, counts in rows.items()]
    return "\n".join(lines)


@pytest.mark.parametrize(
    ("made", "place", "verdict"),
    [
        (Made("s", "t", frozenset("a")), PlaceReading("a", 0.95, ("a",), False, None, ""), "sure"),
        (Made("s", "t", frozenset("a")), PlaceReading("a", 0.6, ("a",), False, None, ""), "told"),
        (Made("s", "t", frozenset("a")), PlaceReading("b", 0.95, ("b",), False, None, ""), "silent"),
        (Made("s", "t", frozenset("a")), PlaceReading("b", 0.6, ("b",), False, None, ""), "wrong"),
        (Made("s", "t", frozenset("a")), PlaceReading(None, 0.3, ("a", "b"), True, None, ""), "asked"),
        (Made("s", "t", frozenset("a")), PlaceReading(None, 0.3, ("b",), True, None, ""), "wrong"),
        (Made("s", "t", frozenset("a")), PlaceReading(None, 0.0, (), True, None, ""), "wrong"),
        (Made("s", "t", frozenset("a")), None, "wrong"),
        (Made("s", "t", frozenset("ab")), PlaceReading("a", 0.95, ("a", "b"), False, None, ""), "silent"),
        (Made("s", "t", frozenset()), PlaceReading("a", 0.95, ("a",), False, None, ""), "silent"),
        (Made("s", "t", frozenset()), PlaceReading("a", 0.4, ("a",), True, None, ""), "asked"),
        (Made("s", "t", frozenset()), None, "asked"),
    ],
)
def test_the_judge_itself(made: Made, place: PlaceReading | None, verdict: str) -> None:
    assert judge(made, place) == verdict


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1, "一"),
        (10, "十"),
        (12, "十二"),
        (20, "二十"),
        (88, "八十八"),
        (100, "一百"),
        (108, "一百零八"),
        (110, "一百一十"),
        (112, "一百一十二"),
    ],
)
def test_numbers_as_people_say_them(number: int, text: str) -> None:
    assert han(number) == text
