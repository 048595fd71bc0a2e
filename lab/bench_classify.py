"""`wangge bench classify`: a whole reading (category, place, danger) against `jieba.lcut` alone, on the same texts in the same run."""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from lab.bench_texts import make_text
from lab.city import make_city
from lab.places import list_rules
from lab.replay_crowd import read_messages
from nlp.gazetteer import Gazetteer
from nlp.reader import Reader
from nlp.words import ReferenceCutter

# Real messages, where the development tree has them beside it; they may not be shipped.
SHARED = Path(__file__).parent.parent.parent / "shared" / "data" / "messages.jsonl.gz"
_CHUNK = 200
_WARM_UP = 20


@dataclass(frozen=True, slots=True)
class ClassifyFigures:
    """`ratio_jieba_lcut`: how many times as fast as cutting the words; `microseconds` and `jieba_microseconds` per text."""

    ratio_jieba_lcut: float
    microseconds: float
    jieba_microseconds: float
    texts: int
    source: str

    def facts(self) -> dict[str, float | int | str]:
        """The figures by the contract's names."""
        return asdict(self)


def list_texts(number: int, shared: Path = SHARED) -> tuple[list[str], str]:
    """`number` different texts at most and where they come from: real ones spread over the file, else made ones."""
    if not shared.is_file():
        city, rng = make_city("street", 1), Random("bench classify")
        return list(dict.fromkeys(make_text(city, rng) for _ in range(number))), "built-in"
    texts = list(dict.fromkeys(read_messages(shared)))
    step = max(1, len(texts) // number)
    return texts[::step][:number], "messages"


def bench_classify(texts: Sequence[str], source: str) -> ClassifyFigures:
    """Read each text once and cut each text once, in turns of a few hundred, so that both meet the same machine."""
    reader = Reader(Gazetteer(list_rules(make_city("street", 1))))
    with TemporaryDirectory(prefix="wangge-jieba-") as folder:
        cutter = ReferenceCutter(cache_folder=Path(folder))
        # Both have something left to do at their first text; neither may be measured by it.
        for text in texts[:_WARM_UP]:
            cutter.cut(text[::-1])
            reader.read(text[::-1])
        reading, cutting = _measure(texts, reader.read, cutter.cut)
    return ClassifyFigures(
        ratio_jieba_lcut=round(cutting / reading, 2),
        microseconds=round(reading / len(texts) * 1e6, 1),
        jieba_microseconds=round(cutting / len(texts) * 1e6, 1),
        texts=len(texts),
        source=source,
    )


def _measure(texts: Sequence[str], *works: Callable[[str], object]) -> list[float]:
    """Seconds that each work took for all texts."""
    seconds = [0.0] * len(works)
    for start in range(0, len(texts), _CHUNK):
        for index, work in enumerate(works):
            began = time.perf_counter()
            for text in texts[start : start + _CHUNK]:
                work(text)
            seconds[index] += time.perf_counter() - began
    return seconds
