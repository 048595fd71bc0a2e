"""How strange sentences are read: written without sight of the program or of any other sentence, and nothing learns from them.

The floors are a little below what was measured (docs/adr/0018): whoever makes the reading worse is told by how much.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from nlp.evaluate import share
from nlp.gazetteer import Gazetteer
from nlp.reader import Reader
from nlp.reading import Reading, Talk
from nlp.sentences import NO_DANGER, Sentence, parse_sentences

TABLE = Path(__file__).with_name("strangers.tsv")
Rows = list[tuple[Sentence, Reading]]


@pytest.fixture(scope="module")
def rows() -> Rows:
    reader = Reader(Gazetteer(()))
    return [(one, reader.read(one.text)) for one in parse_sentences(TABLE.read_text("utf-8").splitlines())]


def test_nearly_every_danger_is_caught_and_named(rows: Rows) -> None:
    dangers = [(one, reading.emergency) for one, reading in rows if one.danger != NO_DANGER]
    missed = [one.text for one, emergency in dangers if emergency is None]
    assert len(dangers) > 370
    assert share([emergency is not None for _, emergency in dangers]) >= 0.92, missed
    assert share([emergency is not None and emergency.kind == one.danger for one, emergency in dangers]) >= 0.82


def test_few_others_raise_an_alarm(rows: Rows) -> None:
    others = [(one.text, reading.emergency is not None) for one, reading in rows if one.danger == NO_DANGER]
    assert len(others) > 700
    assert share([alarmed for _, alarmed in others]) <= 0.07, [text for text, alarmed in others if alarmed]


def test_ordinary_matters_reach_their_category_or_are_asked_about(rows: Rows) -> None:
    matters = [(one, reading) for one, reading in rows if one.as_labelled()]
    right = [bool(reading.category) and reading.category in one.codes for one, reading in matters]
    unasked = [good for good, (_, reading) in zip(right, matters, strict=True) if not reading.ask]
    assert len(matters) > 600
    assert share(right) >= 0.84
    assert share(unasked) >= 0.92
    assert 1 - len(unasked) / len(right) <= 0.37


def test_small_talk_is_known_more_often_than_not_and_no_matter_is_lost(rows: Rows) -> None:
    talk = [reading.talk is not Talk.MATTER for one, reading in rows if one.is_small_talk]
    lost = [one.text for one, reading in rows if one.as_labelled() and reading.talk is not Talk.MATTER]
    assert share(talk) >= 0.58
    assert len(lost) <= 3, lost
    assert not [one.text for one, reading in rows if one.danger != NO_DANGER and reading.talk is not Talk.MATTER]
