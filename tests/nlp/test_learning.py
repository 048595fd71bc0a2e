"""Learning starts at the lexicon, is drawn back to it, and is measured only on messages that it has not seen."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from nlp.evaluate import Answer, Labelled, answer, list_bins, score_answers
from nlp.gazetteer import Gazetteer
from nlp.learning import list_tuning, train
from nlp.lexicon import CATEGORIES, Entry, Lexicon
from nlp.reader import Reader
from nlp.reading import Category
from nlp.validation import cross_validate, deal

DATA = Path(__file__).parents[3] / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.is_dir(), reason="the shared messages are not on this machine")
START = Lexicon.of(
    [
        Entry("路灯", Category.URBAN_PROPERTY, "照明", 2.0),
        Entry("噪音", Category.LAW_ENFORCEMENT, "噪音", 2.0),
        Entry("公园", Category.LIVELIHOOD, "其他", 1.0),
    ]
)
ROWS = [
    Labelled(f"{place}号公园的{word}要有人管", code)
    for place in range(15)
    for word, code in (("路灯", "urban_property"), ("噪音", "law_enforcement"), ("长椅", "urban_property"))
]
PARK = CATEGORIES.index(Category.URBAN_PROPERTY)


def test_what_the_messages_say_moves_a_word_and_leaves_the_others() -> None:
    learned = train(ROWS, START)
    assert learned.weights["公园"][PARK] > START.weights["公园"][PARK] + 0.1
    assert set(learned.weights) == set(START.weights)
    assert START.weights["公园"][PARK] == 0.0


def test_the_stronger_the_pull_the_less_moves() -> None:
    def moved(strength: float) -> float:
        return abs(train(ROWS, START, strength).weights["公园"][PARK])

    assert moved(1.0) > moved(10.0) > moved(1000.0)
    assert moved(1000.0) < 0.02


def test_the_same_rows_teach_the_same() -> None:
    assert train(ROWS, START) == train(ROWS, START)


def test_rows_without_a_category_teach_nothing() -> None:
    assert train([Labelled("你好", "none")], START) is START
    assert train([], START) is START


def test_the_written_file_makes_the_learned_lexicon_again() -> None:
    learned = train(ROWS, START)
    lines = [line.rstrip("\n").split("\t") for line in list_tuning(learned, START) if not line.startswith("#")]
    entries = [
        Entry("路灯", Category.URBAN_PROPERTY, "照明", 2.0),
        Entry("噪音", Category.LAW_ENFORCEMENT, "噪音", 2.0),
        Entry("公园", Category.LIVELIHOOD, "其他", 1.0),
    ]
    again = Lexicon.of(entries, (), {word: tuple(map(float, numbers)) for word, *numbers in lines})
    assert again.calibration == pytest.approx(learned.calibration, abs=0.001)
    for word, row in learned.weights.items():
        assert again.weights[word] == pytest.approx(row, abs=0.02)


def test_nearly_equal_texts_share_a_fold_and_each_fold_has_its_share() -> None:
    rows = [
        Labelled(f"第{n}条", "dispute" if n % 2 else "livelihood", group="g" if n in (4, 6, 8) else "")
        for n in range(40)
    ]
    folds = deal(rows, 4, seed=1)
    assert folds[4] == folds[6] == folds[8]
    assert {folds.count(fold) for fold in range(4)} <= {9, 10, 11, 12}
    assert folds != deal(rows, 4, seed=2)


def test_cross_validation_answers_each_row_once_per_seed_by_part() -> None:
    rows = [Labelled(row.text, row.primary, drawn="random" if n % 3 else "keyword") for n, row in enumerate(ROWS)]
    done = cross_validate(rows, START, folds=3, seeds=2)
    assert sum(one.count for one in done.bins) == 2 * len(rows)
    assert set(done.parts) == {"random", "keyword"}
    assert done.learned.accepted > done.lexicon_only.accepted


@pytest.mark.parametrize(("folds", "seeds"), [(1, 1), (5, 0), (99, 1)])
def test_an_impossible_cross_validation_is_refused(folds: int, seeds: int) -> None:
    with pytest.raises(ValueError, match="two folds"):
        cross_validate(ROWS, START, folds, seeds)


def test_bins_hold_what_was_counted_by_hand() -> None:
    row = Labelled("路灯", "urban_property")
    answers = [
        Answer(row, code, sure, False) for code, sure in (("urban_property", 0.95), ("dispute", 0.91), ("none", 0.35))
    ]
    assert [(one.low, one.count, one.accepted) for one in list_bins(answers)] == [(0.3, 1, 0.0), (0.9, 2, 0.5)]


@needs_data
def test_messages_that_nobody_learned_from_are_read_well() -> None:
    """`judged.tsv`: messages sorted by one reader for this test alone; the shipped weights know nothing of them."""
    lines = Path(__file__).with_name("judged.tsv").read_text("utf-8").splitlines()
    judged = {id: (drawn, codes.split()) for id, drawn, codes in (line.split("\t") for line in lines[1:])}
    reader, answers = Reader(Gazetteer([])), []
    with gzip.open(DATA / "messages.jsonl.gz", "rt", encoding="utf-8") as messages:
        for row in map(json.loads, messages):
            if row["id"] in judged:
                drawn, (primary, *also) = judged[row["id"]]
                row |= {"text": row.get("text") or "", "primary": primary, "also": also, "drawn": drawn}
                answers.append(answer(reader, Labelled.parse(row)))
    usual = score_answers([one for one in answers if one.row.drawn == "random"])
    hard = score_answers([one for one in answers if one.row.drawn == "hard"])
    assert len(answers) == len(judged) > 800
    assert usual.accepted >= 0.91
    assert usual.accepted_unasked >= 0.95
    assert usual.asked <= 0.25
    assert hard.accepted >= 0.75
