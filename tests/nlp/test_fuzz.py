"""Any text of any length: no exception, evidence in its place, time in proportion to the length."""

from __future__ import annotations

import time

import pytest

from lab.fuzz_reading import fuzz, is_sound, list_texts
from nlp.reader import Reader


def test_some_thousand_mutations_are_read_soundly() -> None:
    figures = fuzz(list_texts(None), 3000, seed=11)
    assert (figures.readings, figures.exceptions, figures.broken) == (3000, {}, 0)


def test_the_fuzzer_notices_a_wrong_place(reader: Reader) -> None:
    reading = reader.read("下水道堵了")
    assert is_sound("下水道堵了", reading)
    assert not is_sound("路灯不亮了", reading)


@pytest.mark.parametrize(
    "piece",
    ["煤气", "被车撞", "孩子不", "不是", "社区主任", "12号楼3单元", "1.", "139", "\u200b樓", "火车", "退费", "家里"],
)
def test_time_grows_with_the_length_and_no_faster(reader: Reader, piece: str) -> None:
    def seconds(length: int) -> float:
        text = (piece * length)[:length]
        reader.read(text)
        begun = time.process_time()
        reader.read(text)
        return time.process_time() - begun

    # A rule that is quadratic would take 400 times as long, minutes in all.
    assert min(seconds(200_000) for _ in range(2)) <= 60 * max(min(seconds(10_000) for _ in range(3)), 0.002)
