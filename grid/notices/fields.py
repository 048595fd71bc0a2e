"""Reading the answers that a form asks for, and showing them. What is stored is JSON: moments as local ISO text."""

import re
from datetime import datetime
from typing import Any

from grid.notices.dates import find_bad_day, find_when
from grid.notices.kinds import FieldType, Form, FormField
from grid.workflow import Refusal
from nlp.numerals import parse_number
from storage.columns import Colour

UNKNOWN_AGE = "不详"
_YES = frozenset({"是", "有", "对", "是的", "附有", "yes"})
_NO = frozenset({"否", "没有", "无", "不是", "没", "不", "no"})
_MOST_COUNT = 100_000
_OLDEST = 130
_EDGES = " \t\r\n,，。;；:：、"


def parse_value(field: FormField, text: str, now: datetime) -> Any:
    """The value of an answer, or a `Refusal` that says what would be accepted. `now`: local and aware."""
    said = text.strip(_EDGES)
    if not said:
        return Refusal(f"{field.label}不能为空。{field.question}")
    match field.type:
        case FieldType.MOMENT:
            return _parse_moment(field, said, now)
        case FieldType.COUNT:
            return _parse_count(field, said)
        case FieldType.AGE:
            return _parse_age(field, said)
        case FieldType.CHOICE:
            return next((choice for choice in field.choices if choice in said), None) or _refuse(field)
        case FieldType.COLOUR:
            return next((one.value for one in Colour if one.label in said), None) or _refuse(field)
        case FieldType.FLAG:
            return _parse_flag(field, said)
        case FieldType.TEXT:
            return said if len(said) <= field.most else Refusal(f"{field.label}太长，最多{field.most}字。")


def _refuse(field: FormField) -> Refusal:
    return Refusal(f"没有看懂{field.label}。{field.question}")


def _parse_moment(field: FormField, said: str, now: datetime) -> str | Refusal:
    bad = find_bad_day(said, now)
    if bad is not None:
        return refuse_day(bad, field)
    when = find_when(said, now)
    if when is None:
        return _refuse(field)
    return check_moment(field, when.at_end_of_day() if field.ends else when.at, now)


def refuse_day(day: str, field: FormField) -> Refusal:
    """What to say to a day that does not exist."""
    return Refusal(f"没有“{day}”这一天，请核对日期。{field.question}")


def check_moment(field: FormField, at: datetime, now: datetime) -> str | Refusal:
    """The moment as it is stored; refused when it is past. What began earlier today may still be announced."""
    is_past = at <= now if field.ends else at.date() < now.date()
    if is_past:
        return Refusal(f"{field.label}{show_moment(at)}已经过去，请核对日期。{field.question}")
    return at.isoformat(timespec="minutes")


def _parse_count(field: FormField, said: str) -> int | Refusal:
    found = re.search(r"\d+|[零一二两三四五六七八九十百千]+", said)
    count = parse_number(found[0]) if found else None
    return count if count is not None and 0 < count <= _MOST_COUNT else _refuse(field)


def _parse_age(field: FormField, said: str) -> int | str | Refusal:
    if any(word in said for word in ("不详", "不清楚", "不知道", "未知")):
        return UNKNOWN_AGE
    found = re.search(r"\d{1,3}", said)
    age = int(found[0]) if found else parse_number(said.removesuffix("岁"))
    return age if age is not None and 0 < age <= _OLDEST else _refuse(field)


def _parse_flag(field: FormField, said: str) -> bool | Refusal:
    if said in _YES or said in _NO:
        return said in _YES
    return _refuse(field)


def read_moment(value: object) -> datetime | None:
    """A stored moment back, aware; None for what is none."""
    try:
        at = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return at if at is not None and at.tzinfo is not None else None


def show_moment(at: datetime) -> str:
    """`11月24日08:00`, as it is (local)."""
    return f"{at.month}月{at.day}日{at:%H:%M}"


def show_period(begins: datetime, ends: datetime) -> str:
    """`11月24日08:00至17:00`; the day of the end only where it is another one."""
    last = f"{ends:%H:%M}" if begins.date() == ends.date() else show_moment(ends)
    return f"{show_moment(begins)}至{last}"


def show_value(field: FormField, value: object) -> str:
    """A stored value as people read it."""
    at = read_moment(value) if field.type is FieldType.MOMENT else None
    if at is not None:
        return show_moment(at)
    if isinstance(value, bool):
        return "是" if value else "否"
    if field.type is FieldType.COUNT:
        return f"{value}人"
    return str(value)


def take_labelled(form: Form, text: str) -> tuple[dict[str, str], str]:
    """The parts of `text` written as `文号：佳公协查〔2026〕12号`, by the form's keys (also `title`, `text`, `scope`), and the rest."""
    names = {label: field.key for field in form.fields for label in field.labels}
    names |= {"标题": "title", "正文": "text", "内容": "text", "范围": "scope", "发送范围": "scope"}
    pattern = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
    marks = list(re.finditer(rf"(?:^|(?<=[\s,，;；。]))({pattern})\s*[:：]\s*", text))
    if not marks:
        return {}, text
    found = {}
    for mark, following in zip(marks, [*marks[1:], None], strict=True):
        found[names[mark[1]]] = text[mark.end() : following.start() if following else len(text)].strip(_EDGES)
    return found, text[: marks[0].start()].strip(_EDGES)
