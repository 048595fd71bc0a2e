"""Who says what in a replay: real messages, each from a resident of its own in general, some from one who writes twice."""

import gzip
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

# One visit in so many has a second message of the same resident.
_TWICE_IN = 12
_BY_SCENE_OF_TEN = 9


class NoMessages(Exception):
    """The file holds nothing that could be said; the message names the line."""


@dataclass(frozen=True, slots=True)
class Visit:
    """A resident and what he says, in order. `scene`: the grid's QR that he follows by; None: he came by himself."""

    openid: str
    scene: str | None
    texts: tuple[str, ...]


def read_messages(path: Path, limit: int | None = None) -> list[str]:
    """The first `limit` messages of a JSONL file (`.gz` too) as `title。text`. Raises `OSError`, `NoMessages`."""
    texts = list(islice(_iterate_texts(path), limit))
    if not texts:
        raise NoMessages("没有一条消息。")
    return texts


def _iterate_texts(path: Path) -> Iterator[str]:
    with (
        gzip.open(path, "rt", encoding="utf-8", newline="\n")
        if path.suffix == ".gz"
        else path.open(encoding="utf-8", newline="\n") as file
    ):
        for number, line in enumerate(file, start=1):
            if line.strip():
                yield _parse_line(line, number)


def _parse_line(line: str, number: int) -> str:
    try:
        row = json.loads(line)
        parts = [str(row.get(name) or "").strip() for name in ("title", "text")]
    except (ValueError, AttributeError):
        parts = []
    if not any(parts):
        raise NoMessages(f"第 {number} 行不是带 text 或 title 的 JSON 对象。")
    return "。".join(part for part in parts if part)


def plan_visits(texts: Sequence[str], scenes: Sequence[str], rng: Random, run: str) -> list[Visit]:
    """Residents for the messages, in their order; `run` begins every openid, so that two replays never share one."""
    visits: list[Visit] = []
    rest = list(reversed(texts))
    while rest:
        first = rest.pop()
        again = (rest.pop(),) if rest and rng.randrange(_TWICE_IN) == 0 else ()
        scene = rng.choice(scenes) if rng.randrange(10) < _BY_SCENE_OF_TEN else None
        visits.append(Visit(f"{run}-{len(visits):05d}", scene, (first, *again)))
    return visits
