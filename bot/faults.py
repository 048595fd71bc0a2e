"""Naming a fault in the log: where it happened, never its own words, since these may hold what somebody wrote."""

import traceback
from pathlib import Path

_FRAMES = 6


def describe_fault(error: BaseException) -> str:
    """`KeyError at report.py:99 open_matter < talk.py:61 read`: the type and the innermost frames, innermost first."""
    frames = traceback.extract_tb(error.__traceback__)[-_FRAMES:]
    where = [f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames)]
    return f"{type(error).__name__} at {' < '.join(where)}"
