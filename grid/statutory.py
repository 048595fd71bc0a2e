"""Statutory holidays by rule, for years whose notice has not been published yet.

全国年节及纪念日放假办法（国务院令第 795 号，2025 年 1 月 1 日起）：元旦 1 天，春节 4 天（除夕至初三），清明节 1 天，
劳动节 2 天（5 月 1、2 日），端午节 1 天，中秋节 1 天，国庆节 3 天（10 月 1 至 3 日）。
"""

from datetime import date, timedelta
from functools import cache

# Solar dates of 正月初一, 五月初五 and 八月十五 as (month, day), from the Chinese lunar calendar (GB/T 33661-2017).
_LUNAR: dict[int, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    2025: ((1, 29), (5, 31), (10, 6)),
    2026: ((2, 17), (6, 19), (9, 25)),
    2027: ((2, 6), (6, 9), (9, 15)),
    2028: ((1, 26), (5, 28), (10, 3)),
    2029: ((2, 13), (6, 16), (9, 22)),
    2030: ((2, 3), (6, 5), (9, 12)),
    2031: ((1, 23), (6, 24), (10, 1)),
    2032: ((2, 11), (6, 12), (9, 19)),
    2033: ((1, 31), (6, 1), (9, 8)),
    2034: ((2, 19), (6, 20), (9, 27)),
    2035: ((2, 8), (6, 10), (9, 16)),
    2036: ((1, 28), (5, 30), (10, 4)),
    2037: ((2, 15), (6, 18), (9, 24)),
    2038: ((2, 4), (6, 7), (9, 13)),
    2039: ((1, 24), (5, 27), (10, 2)),
    2040: ((2, 12), (6, 14), (9, 20)),
}


@cache
def statutory_days(year: int) -> dict[date, str]:
    """Each statutory day of the year with its name. Before 2025 and after 2040 the lunar holidays are missing."""
    days = {date(year, 1, 1): "元旦", date(year, 4, _qingming(year)): "清明节"}
    days |= {date(year, 5, day): "劳动节" for day in (1, 2)}
    days |= _lunar_days(year)
    # Last, so that a 中秋 that falls on a National Day (2031) goes by the longer holiday's name.
    return days | {date(year, 10, day): "国庆节" for day in (1, 2, 3)}


def _lunar_days(year: int) -> dict[date, str]:
    if year not in _LUNAR:
        return {}
    spring, dragon, autumn = (date(year, month, day) for month, day in _LUNAR[year])
    days = {spring + timedelta(days=offset): "春节" for offset in (-1, 0, 1, 2)}
    return days | {dragon: "端午节", autumn: "中秋节"}


def _qingming(year: int) -> int:
    # The usual approximation for the 21st century; right for every year to 2040 and never off by more than a day beyond.
    return int((year - 2000) * 0.2422 + 4.81) - (year - 2000) // 4
