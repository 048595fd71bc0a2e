"""Holiday notices that come with the programme; later ones are imported (`wangge import calendar`).

2026.csv: the State Council General Office's notice of 2025-11-04,
https://politics.gmw.cn/2025-11/04/content_38391083.htm
"""

import csv
from datetime import date
from importlib.resources import files

from grid.calendar import Day

BUILT_IN_YEARS = (2026,)


def built_in_days() -> dict[date, Day]:
    """Every day that a built-in notice names, with its name and source note."""
    return {on: day for year in BUILT_IN_YEARS for on, day in _read(year)}


def _read(year: int) -> list[tuple[date, Day]]:
    text = files(__name__).joinpath(f"{year}.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines())
    return [(date.fromisoformat(row["on"]), Day(row["works"] == "1", row["name"], row["note"])) for row in rows]
