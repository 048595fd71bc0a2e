"""Date words as people write them: 明天8点, 11月26日17:00, 下周一, 8点到17点. Everything is read against a local moment."""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from nlp.numerals import parse_number

_DIGIT = "零〇一二两三四五六七八九十"
_DAY = (
    r"(?:(?P<year>\d{4})\s*[年/.-]\s*)?(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*[日号]?"
    r"|(?P<iso>\d{4}[-/.]\d{1,2}[-/.]\d{1,2})"
    r"|(?P<word>前天|昨天|昨日|昨晚|大后天|后天|明天|明日|今天|今日|今晚|明早|明晚|当天|月底|本月底)"
    r"|(?P<week>下下|下个?|本|这个?)?(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天])"
)
_TIME = (
    r"(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|夜间)?\s*"
    rf"(?P<hour>\d{{1,2}}|[{_DIGIT}]{{1,3}})"
    rf"(?:\s*[:：](?P<minute>[0-5]\d)(?!\d)|\s*[点时](?:(?P<half>半)|(?P<quarter>[一三])刻|(?P<after>\d{{1,2}}|[{_DIGIT}]{{1,3}})分|(?P<bare>[0-5]\d)(?!\d))?整?钟?(?![建意要希])(?!\s*[前以]内))"
)
_LATER = rf"(?P<count>\d{{1,3}}|半|[{_DIGIT}]{{1,3}})\s*个?(?P<unit>天|日|小时|分钟|周|星期)(?:以|之)?后"
_WHEN = re.compile(rf"(?:{_DAY})\s*[,，]?\s*(?:{_TIME})?")
_ONLY_DAY = re.compile(_DAY)
_ONLY_TIME = re.compile(_TIME)
_ONLY_LATER = re.compile(_LATER)
_BETWEEN = re.compile(r"\s*(?:到|至|－|—+|-|~|～)\s*(?P<next>次日|第二天|隔天)?\s*")
_AHEAD_DAYS = {"今天": 0, "今日": 0, "今晚": 0, "当天": 0, "明天": 1, "明日": 1, "明早": 1, "明晚": 1}
_AHEAD_DAYS |= {"后天": 2, "大后天": 3, "昨天": -1, "昨日": -1, "昨晚": -1, "前天": -2}
_WEEKDAYS = {letter: index for index, letter in enumerate("一二三四五六日")} | {"天": 6}
_AFTERNOON = ("下午", "傍晚", "晚上", "夜里", "夜间")
_LONG_PAST = timedelta(days=180)


@dataclass(frozen=True, slots=True)
class When:
    """A moment that was written: local and aware; `has_day`, `has_time`: which of the two was said; `start`, `end` in the text."""

    at: datetime
    has_day: bool
    has_time: bool
    start: int
    end: int
    part: str = ""

    def at_end_of_day(self) -> datetime:
        """The moment, or the last minute of its day where no hour was said."""
        return self.at if self.has_time else self.at.replace(hour=23, minute=59)


@dataclass(frozen=True, slots=True)
class Period:
    """From one moment to another, local and aware; `start`, `end` in the text."""

    begins: datetime
    ends: datetime
    start: int
    end: int


def find_when(text: str, now: datetime, base: date | None = None) -> When | None:
    """The first moment in `text`. `now`: local and aware; an hour alone is of the day `base`, else of today."""
    found = [
        reading
        for reading in (_find_day(text, now), _find_time(text, now, base), _find_later(text, now))
        if reading is not None
    ]
    # Of those that begin at one place the longest was meant.
    return min(found, key=lambda one: (one.start, -one.end)) if found else None


def find_period(text: str, now: datetime) -> Period | None:
    """The first `A到B` in `text`; an end without a day is on the first day, or after midnight where that would lie before it."""
    for begins in _walk(text, now):
        between = _BETWEEN.match(text, begins.end)
        rest = text[between.end() :] if between else ""
        ends = find_when(rest, now, begins.at.date()) if between else None
        if between is None or ends is None or ends.start != 0:
            continue
        closes = ends.at + timedelta(days=1) if between["next"] and not ends.has_day else _close(begins, ends)
        return Period(begins.at, closes, begins.start, between.end() + ends.end)
    return None


def find_bad_day(text: str, now: datetime) -> str | None:
    """A day that is written in `text` and does not exist, as it is written; None when all do."""
    return next((day[0].strip() for day in _ONLY_DAY.finditer(text) if _read_day(day, now) is None), None)


def _walk(text: str, now: datetime) -> list[When]:
    found, start = [], 0
    while (one := find_when(text[start:], now)) is not None:
        found.append(When(one.at, one.has_day, one.has_time, one.start + start, one.end + start, one.part))
        start += one.end
    return found


def _close(begins: When, ends: When) -> datetime:
    if ends.has_day:
        return ends.at_end_of_day()
    at = ends.at
    # 晚上7点到9点: the end takes over the half of the day; 22点到6点 ends on the next one.
    if at <= begins.at and not ends.part and at.hour < 12 and at + timedelta(hours=12) > begins.at:
        return at + timedelta(hours=12)
    return at if at > begins.at else at + timedelta(days=1)


def _find_day(text: str, now: datetime) -> When | None:
    for match in _WHEN.finditer(text):
        day = _read_day(match, now)
        if day is None:
            continue
        part = match["part"] or {"今晚": "晚上", "明晚": "晚上", "昨晚": "晚上", "明早": "早上"}.get(
            match["word"] or "", ""
        )
        hour = _read_time(match, part) if match["hour"] else None
        if match["hour"] and hour is None:
            continue
        at = _local(day, hour[0] if hour else time(0), now) + timedelta(days=hour[1] if hour else 0)
        end = match.end() if hour else match.start() + len(match[0].rstrip(" ,，"))
        return When(at, True, hour is not None, match.start(), end, part)
    return None


def _find_time(text: str, now: datetime, base: date | None) -> When | None:
    # The hour of 2月30日8点 is no hour of today: its day was meant, and there is no such day.
    dated = [day.span() for day in _WHEN.finditer(text)]
    for match in _ONLY_TIME.finditer(text):
        hour = _read_time(match, match["part"] or "")
        if hour is not None and not any(start <= match.start() < end for start, end in dated):
            at = _local(base or now.date(), hour[0], now) + timedelta(days=hour[1])
            return When(at, False, True, match.start(), match.end(), match["part"] or "")
    return None


def _find_later(text: str, now: datetime) -> When | None:
    match = _ONLY_LATER.search(text)
    if match is None:
        return None
    count = 0.5 if match["count"] == "半" else parse_number(match["count"])
    if count is None:
        return None
    unit = match["unit"]
    days = {"天": 1.0, "日": 1.0, "周": 7.0, "星期": 7.0, "小时": 1 / 24, "分钟": 1 / 1440}[unit]
    exact = unit in ("小时", "分钟")
    at = now + timedelta(days=days * count)
    at = at.replace(second=0, microsecond=0) if exact else _local(at.date(), time(0), now)
    return When(at, True, exact, match.start(), match.end())


def _local(day: date, hour: time, now: datetime) -> datetime:
    return datetime.combine(day, hour, now.tzinfo)


def _read_day(match: "re.Match[str]", now: datetime) -> date | None:
    if match["word"]:
        return _day_of_word(match["word"], now.date())
    if match["weekday"]:
        return _day_of_week(match["week"] or "", _WEEKDAYS[match["weekday"]], now.date())
    try:
        if match["iso"]:
            year, month, day = (int(number) for number in re.split(r"[-/.]", match["iso"]))
            return date(year, month, day)
        said = date(int(match["year"] or now.year), int(match["month"]), int(match["day"]))
    except ValueError:
        return None
    # In December 1月3日 is of the next year; 11月20日 said on the 23rd is a slip that its writer must see.
    if not match["year"] and now.date() - said > _LONG_PAST:
        return _next_year(said)
    return said


def _next_year(day: date) -> date | None:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return None


def _day_of_word(word: str, today: date) -> date:
    if word in _AHEAD_DAYS:
        return today + timedelta(days=_AHEAD_DAYS[word])
    return (today.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _day_of_week(week: str, weekday: int, today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    if week.startswith("下"):
        return monday + timedelta(weeks=2 if week == "下下" else 1, days=weekday)
    day = monday + timedelta(days=weekday)
    # 周五 alone is the one to come.
    return day if week or day >= today else day + timedelta(weeks=1)


def _read_time(match: "re.Match[str]", part: str) -> tuple[time, int] | None:
    hour = parse_number(match["hour"])
    if hour is None or hour > 24:
        return None
    if (hour < 12 and part in _AFTERNOON) or (hour <= 2 and part == "中午"):
        hour += 12
    minute = _read_minute(match)
    if minute is None or (hour == 24 and minute):
        return None
    return (time(0), 1) if hour == 24 else (time(hour, minute), 0)


def _read_minute(match: "re.Match[str]") -> int | None:
    if match["half"]:
        return 30
    if match["quarter"]:
        return 15 if match["quarter"] == "一" else 45
    written = match["minute"] or match["bare"] or match["after"]
    minute = parse_number(written) if written else 0
    return minute if minute is not None and minute < 60 else None
