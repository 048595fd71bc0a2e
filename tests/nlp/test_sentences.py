"""The table of hand-written chat sentences: what people really type, and what must come of it."""

from __future__ import annotations

from pathlib import Path

from nlp.lexicon import list_entries
from nlp.reader import Reader
from nlp.reading import Category

TABLE = Path(__file__).with_name("sentences.tsv")
LEAST = 0.97


def list_sentences() -> list[list[str]]:
    lines = TABLE.read_text("utf-8").splitlines()
    return [line.split("\t") for line in lines if line and not line.startswith("#")]


def test_the_table_is_large_and_covers_every_category() -> None:
    rows = list_sentences()
    assert len(rows) >= 150
    assert all(len(row) == 4 for row in rows)
    assert {code for row in rows for code in row[1].split("|")} >= {category.value for category in Category}


def test_nearly_all_sentences_are_understood(reader: Reader) -> None:
    wrong = []
    rows = list_sentences()
    for text, codes, emergency, talk in rows:
        reading = reader.read(text)
        code = reading.category.value if reading.category else "none"
        kind = reading.emergency.kind if reading.emergency else "-"
        if (codes != "-" and code not in codes.split("|")) or kind != emergency or reading.talk not in talk.split("|"):
            wrong.append((text, code, kind, reading.talk.value))
    assert len(wrong) <= (1 - LEAST) * len(rows), wrong


def test_no_emergency_is_missed_and_none_invented(reader: Reader) -> None:
    for text, _, emergency, _ in list_sentences():
        assert (reader.read(text).emergency is not None) == (emergency != "-"), text


def test_what_is_no_matter_opens_nothing(reader: Reader) -> None:
    for text, codes, _, talk in list_sentences():
        if codes == "none":
            assert reader.read(text).category is None, text
            assert reader.read(text).talk != "matter", text
            assert "matter" not in talk


def test_a_word_of_the_files_said_alone_keeps_its_category(reader: Reader) -> None:
    """What was learned from petitions may not take a one-liner from the category that a person gave its word."""
    given: dict[str, set[Category]] = {}
    for entry in list_entries():
        if len(entry.word) > 1 and entry.weight > 0:
            given.setdefault(entry.word, set()).add(entry.category)
    read = {word: reader.read(f"我要反映{word}") for word in given}
    lost = [word for word, reading in read.items() if reading.category and reading.category not in given[word]]
    sure = [word for word in lost if not read[word].ask and not read[word].emergency]
    assert len(given) > 3000
    assert len(lost) <= 0.02 * len(given), lost
    assert len(sure) <= 0.005 * len(given), sure
