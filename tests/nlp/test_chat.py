"""The sentences that are learned from: well formed, each once, none of them in the tables that are tested."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

from nlp.lexicon import read_table
from nlp.reading import Category, Talk
from nlp.sentences import ANY, NO_DANGER, NO_MATTER, Sentence, parse_sentences

FOLDER = Path(__file__).parent
KINDS = {cells[0] for _, cells in read_table("emergency.tsv")} - {"help"}
CODES = {category.value for category in Category}


def list_sentences(name: str) -> list[Sentence]:
    return list(parse_sentences((FOLDER / name).read_text("utf-8").splitlines()))


def test_every_cell_says_something_known() -> None:
    rows = list_sentences("chat.tsv")
    assert len(rows) > 6000
    for row in rows:
        assert set(row.codes) <= CODES or row.codes in ((ANY,), (NO_MATTER,)), row.text
        assert row.danger in KINDS | {NO_DANGER}, row.text
        assert set(row.talks) <= {talk.value for talk in Talk}, row.text


def test_each_category_danger_and_talk_is_there_often_enough_to_be_learned() -> None:
    rows = list_sentences("chat.tsv")
    dangers = Counter(row.danger for row in rows)
    codes = Counter(row.codes[0] for row in rows if row.danger == NO_DANGER)
    assert all(dangers[kind] >= 100 for kind in KINDS), dangers
    assert all(codes[code] >= 200 for code in CODES), codes


def test_none_stands_twice_or_in_a_tested_table() -> None:
    texts = [row.text for row in list_sentences("chat.tsv")]
    assert len(set(texts)) == len(texts)
    for table in ("sentences.tsv", "strangers.tsv"):
        assert not {row.text for row in list_sentences(table)} & set(texts), table


def test_nobody_can_be_rung_up() -> None:
    assert [row.text for row in list_sentences("chat.tsv") if re.search(r"1[3-9]\d{9}|\d{17}[\dXx]", row.text)] == []
