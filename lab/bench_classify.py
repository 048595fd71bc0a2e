"""`wangge bench classify`: a whole reading (category, place, danger) against `jieba.lcut` alone, on the same texts in the same run.

Both are measured in seconds of the processor, so that what else the machine does falls on neither. Each text is read once; nothing
is remembered between texts.
"""

import multiprocessing
import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from lab.bench_texts import make_letter
from lab.city import make_city
from lab.places import list_rules
from lab.replay_crowd import read_messages
from nlp.gazetteer import Gazetteer
from nlp.reader import Reader
from nlp.reading import PlaceRule
from nlp.words import ReferenceCutter

# Real messages, where the development tree has them beside it; they may not be shipped.
SHARED = Path(__file__).parent.parent.parent / "shared" / "data" / "messages.jsonl.gz"
_CHUNK = 200
_WARM_UP = 20


GRIDS = 19_000
"""As many as the largest city that the product must be ready for has."""


@dataclass(frozen=True, slots=True)
class ClassifyFigures:
    """`ratio_jieba_lcut`: how many times as fast as cutting the words; `microseconds` and `jieba_microseconds` per text.

    `ready_seconds`: building index and reader from the plain address rules of `GRIDS` grids (`places` rules), up to the first
    text read; `ready_megabytes`: what that adds to the memory of the process.
    """

    ratio_jieba_lcut: float
    microseconds: float
    jieba_microseconds: float
    texts: int
    source: str
    ready_seconds: float
    ready_megabytes: float
    places: int

    def facts(self) -> dict[str, float | int | str]:
        """The figures by the contract's names."""
        return asdict(self)


def list_texts(number: int, shared: Path = SHARED) -> tuple[list[str], str]:
    """`number` different texts at most and where they come from: real ones spread over the file, else made ones."""
    if not shared.is_file():
        city, rng = make_city("street", 1), Random("bench classify")
        return list(dict.fromkeys(make_letter(city, rng) for _ in range(number))), "built-in"
    texts = list(dict.fromkeys(read_messages(shared)))
    step = max(1, len(texts) // number)
    return texts[::step][:number], "messages"


def bench_classify(texts: Sequence[str], source: str) -> ClassifyFigures:
    """Read each text once and cut each text once, in turns of a few hundred, so that both meet the same machine."""
    ready_seconds, ready_megabytes, places = _measure_start()
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
        ready_seconds=round(ready_seconds, 2),
        ready_megabytes=round(ready_megabytes, 1),
        places=places,
    )


def make_rules(grids: int) -> list[PlaceRule]:
    """An estate, a stretch of road and a village or landmark for each grid, with names of four to seven characters."""
    rng = Random("bench start")
    syllables = "安平福顺和祥瑞兴隆泰康宁永盛光华明新文景春江松柏龙凤云海山河"
    kinds = (("estate", ("小区", "花园", "家园")), ("road", ("路", "街", "大街")), ("village", ("村", "屯")))
    return [
        PlaceRule(f"{grid:012}", kind, "".join(rng.choices(syllables, k=rng.randint(3, 4))) + rng.choice(endings))
        for grid in range(grids)
        for kind, endings in kinds
    ]


def measure_start() -> tuple[float, float, int]:
    """Seconds of the processor, megabytes, number of rules: true only of a process that has read nothing yet."""
    rules = make_rules(GRIDS)
    before, began = _resident_bytes(), time.process_time()
    Reader(Gazetteer(rules)).read("安和小区3号楼的路灯坏了")
    return time.process_time() - began, max(0, _resident_bytes() - before) / 2**20, len(rules)


def _measure_start() -> tuple[float, float, int]:
    """`measure_start` in a process of its own: what it leaves behind in the memory would slow this one's reading."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as fresh:
        return fresh.submit(measure_start).result()


def _resident_bytes() -> int:
    """The process's resident memory; 0 where the system does not say (other systems than Linux)."""
    statm = Path("/proc/self/statm")
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") if statm.is_file() else 0


def _measure(texts: Sequence[str], *works: Callable[[str], object]) -> list[float]:
    """Seconds of the processor that each work took for all texts."""
    seconds = [0.0] * len(works)
    for start in range(0, len(texts), _CHUNK):
        for index, work in enumerate(works):
            began = time.process_time()
            for text in texts[start : start + _CHUNK]:
                work(text)
            seconds[index] += time.process_time() - began
    return seconds
