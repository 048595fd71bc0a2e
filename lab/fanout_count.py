"""Counting a fan-out from outside: by what the groups received, not by what the service says of itself."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

_PER_GROUP = 2


@dataclass(frozen=True, slots=True)
class Received:
    """What groups have: `lost` lack the text or the photo, `repeated` have one of them more than once (group → times)."""

    lost: tuple[str, ...]
    repeated: Mapping[str, int]


def list_unusual(books: Mapping[str, Any], keys: Sequence[str]) -> list[str]:
    """The keys of groups that did not receive exactly two messages; only these need a closer look."""
    delivered = books["deliveries"]["groups"]
    return [key for key in keys if delivered.get(f"webhook-{key}", 0) != _PER_GROUP]


def judge_group(rows: Sequence[Mapping[str, Any]]) -> tuple[bool, int]:
    """Whether a group has both, and how often the one that came most often came."""
    texts = sum(row["msgtype"] == "text" for row in rows)
    photos = sum(row["msgtype"] == "image" for row in rows)
    return texts > 0 and photos > 0, max(texts, photos)


@dataclass(frozen=True, slots=True)
class Use:
    """What a process has used: seconds of processor, megabytes at most. Zero where the system does not say."""

    cpu_seconds: float = 0.0
    memory_mb: float = field(default=0.0)


def read_use(pid: int) -> Use:
    """What the process has used so far (Linux)."""
    folder = Path(f"/proc/{pid}")
    if not folder.exists():
        return Use()
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    status = dict(line.split(":", 1) for line in (folder / "status").read_text().splitlines() if ":" in line)
    return Use(ticks / 100, int(status.get("VmHWM", "0 kB").split()[0]) / 1024)
