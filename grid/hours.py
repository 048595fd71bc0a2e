"""Service hours as an area's file has them: `8:30-12:00,13:00-17:00`."""

import re
from datetime import time
from itertools import pairwise

Hours = tuple[tuple[time, time], ...]

_PERIOD = re.compile(r"\s*([01]?\d|2[0-3])[:：]([0-5]\d)\s*[-–—~～至到]\s*([01]?\d|2[0-4])[:：]([0-5]\d)\s*")


def parse_hours(text: str) -> Hours | None:
    """The periods in order; None for an empty text or one that names no hours (a phrase for people)."""
    periods = [_PERIOD.fullmatch(part) for part in re.split(r"[,，、;；]", text)]
    found = tuple(_period(match) for match in periods if match)
    edges = [edge for period in found for edge in period]
    if not found or len(found) != len(periods) or any(a >= b for a, b in pairwise(edges)):
        return None
    return found


def _period(match: "re.Match[str]") -> tuple[time, time]:
    hour, minute = int(match[3]), int(match[4])
    # A day that ends at 24:00 ends a minute before, as far as counting goes.
    end = time(23, 59) if hour == 24 else time(hour, minute)
    return time(int(match[1]), int(match[2])), end
