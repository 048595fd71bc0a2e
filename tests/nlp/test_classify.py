"""The `classify` and `evaluate` commands' values, and how good the reading is on real messages."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path

import pytest

from nlp.classify import classify_line
from nlp.evaluate import Labelled, Scores, evaluate
from nlp.gazetteer import Gazetteer
from nlp.lexicon import CATEGORIES, Entry, Lexicon, list_entries, list_pairs, shipped_lexicon
from nlp.reader import Reader
from nlp.reading import Category, Talk
from nlp.words import FastCutter, ReferenceCutter

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared messages are not on this machine")
KEYS = {"id", "category", "confidence", "evidence", "runner_up", "ask", "emergency", "place"}


def test_a_line_has_the_keys_of_the_contract(reader: Reader) -> None:
    line = classify_line(reader, "阳光水岸12号楼3单元下水道堵了", 7)
    assert set(line) == KEYS
    assert (line["id"], line["category"], line["emergency"]) == (7, "urban_property", False)
    assert line["place"] == {
        "area": "230803001002",
        "confidence": 0.95,
        "candidates": ["230803001002"],
        "ask": False,
        "estate": "阳光水岸",
        "building": "12",
        "unit": "3",
        "room": None,
        "road": None,
        "number": None,
    }
    assert json.loads(json.dumps(line, ensure_ascii=False)) == line


def test_what_is_no_matter_is_none_and_an_unsure_category_is_still_named(reader: Reader) -> None:
    assert classify_line(reader, "谢谢")["category"] == "none"
    unsure = classify_line(reader, "这个事情到底怎么办")
    assert (unsure["ask"], unsure["category"] != "none") == (True, True)
    assert classify_line(reader, "有人打架流血了")["emergency"] is True


class Fixed(Reader):
    """A reader that knows three words only: its answers can be counted by hand."""

    def __init__(self) -> None:
        known = zip("甲乙丙", CATEGORIES, strict=False)
        super().__init__(Gazetteer([]), Lexicon.of([Entry(word, category, "其他", 20.0) for word, category in known]))


def test_scores_are_those_counted_by_hand() -> None:
    codes = [category.value for category in CATEGORIES]
    rows = [
        Labelled("甲甲甲说明书说明书", codes[0]),
        Labelled("乙乙乙说明书说明书", codes[1]),
        Labelled("丙丙丙说明书说明书", codes[1], (codes[2],)),
        Labelled("丙丙丙说明书说明书", codes[0]),
    ]
    scores = evaluate(Fixed(), rows)
    assert (scores.accepted, scores.exact, scores.asked, scores.accepted_unasked) == (0.75, 0.5, 0.0, 0.75)
    assert scores.macro_f1 == pytest.approx((2 / 3 + 2 / 3) / 2)
    assert scores.ece == pytest.approx(0.25, abs=0.01)
    assert set(scores.as_json()) == {"accepted", "exact", "macro_f1", "asked", "accepted_unasked", "ece"}


def test_nothing_to_evaluate_is_no_error() -> None:
    assert evaluate(Fixed(), []) == Scores(0.0, 0.0, 0.0, 0.0, 0.0, 0.0)


def test_a_row_needs_text_and_primary() -> None:
    row = Labelled.parse({"title": "路灯", "text": "不亮", "primary": "urban_property", "also": ["livelihood"]})
    assert row == Labelled("路灯。不亮", "urban_property", ("livelihood",))
    with pytest.raises(KeyError):
        Labelled.parse({"title": "路灯"})


def test_the_files_of_the_lexicon_are_sound() -> None:
    entries = list(list_entries())
    assert len(entries) > 2500
    assert len({(entry.word, entry.category) for entry in entries}) == len(entries)
    assert all(entry.word.strip() == entry.word and entry.item and 0 < entry.weight <= 5 for entry in entries)
    assert {entry.category for entry in entries} == set(Category)
    pairs = list(list_pairs())
    assert len({pair.name for pair in pairs}) == len(pairs)
    assert all(len(row) == len(CATEGORIES) for row in shipped_lexicon().weights.values())


@pytest.mark.parametrize(
    ("word", "category", "item"),
    [
        ("下水道", Category.URBAN_PROPERTY, "排水"),
        ("欠薪", Category.DISPUTE, "劳资欠薪"),
        ("噪音", Category.LAW_ENFORCEMENT, "噪音"),
    ],
)
def test_words_know_their_sub_item(word: str, category: Category, item: str) -> None:
    assert shipped_lexicon().item(word, category) == item
    assert shipped_lexicon().item(word, Category.PARTY_BUILDING) is None


def test_the_fast_cutter_cuts_as_jieba_does_with_our_words(tmp_path: Path) -> None:
    words = [entry.word for entry in list_entries() if len(entry.word) > 1]
    fast, reference = FastCutter(words), ReferenceCutter(words, cache_folder=tmp_path)
    texts = [
        line.split("\t")[0] for line in Path(__file__).with_name("sentences.tsv").read_text("utf-8").splitlines()[1:]
    ]
    same = total = 0
    for text in texts:
        ours, theirs = set(list_spans(fast.cut(text))), set(list_spans(reference.cut(text)))
        same, total = same + len(ours & theirs), total + len(theirs)
        assert "".join(fast.cut(text)) == text
    assert same / total > 0.97


def list_spans(words: list[str]) -> list[tuple[int, int]]:
    spans, start = [], 0
    for word in words:
        spans.append((start, start + len(word)))
        start += len(word)
    return spans


@needs_data
def test_real_messages_open_cases(reader: Reader) -> None:
    with gzip.open(DATA / "messages.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = random.Random(5).sample([json.loads(line) for line in lines], 2000)
    readings = [reader.read(f"{row.get('title') or ''}。{row.get('text') or ''}") for row in rows]
    assert sum(reading.talk is Talk.MATTER for reading in readings) >= 0.98 * len(rows)
    assert sum(reading.emergency is not None for reading in readings) <= 0.01 * len(rows)


@needs_data
def test_labelled_messages_are_read_well(reader: Reader) -> None:
    """Not a measure of quality (the weights were learned from these): it fails when something breaks."""
    rows = [Labelled.parse(json.loads(line)) for line in (DATA / "labelled.jsonl").read_text("utf-8").splitlines()]
    scores = evaluate(reader, rows)
    assert scores.accepted >= 0.95
    assert scores.asked <= 0.25
