"""What people read: one place for the sentences that several moves share. Pure: values in, text out."""

from datetime import datetime
from zoneinfo import ZoneInfo

from grid.city import City
from grid.workflow import Status
from nlp.mask import mask_personal, mask_phone
from nlp.reading import Category, Urgency
from storage.tables import Case

_RATINGS = {"good": "满意", "fair": "基本满意", "poor": "不满意"}
_PREVIEW = 120
_TAKEN = frozenset(Status) - {Status.TRIAGE, Status.DISPATCHED}


def tag(case: Case) -> str:
    """`【工单 1123-08】`: stands in every group message, since a quote carries content but no id."""
    return f"【工单 {case.number}】"


def category_name(code: str) -> str:
    """The category's Chinese name; `待定` while nobody knows."""
    return Category(code).label if code else "待定"


def urgency_name(code: str) -> str:
    """The urgency's Chinese name."""
    return Urgency(code).label


def rating_name(code: str) -> str:
    """The rating's Chinese name."""
    return _RATINGS[code]


def status_name(code: str) -> str:
    """The status's Chinese name."""
    return Status(code).label


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`11-23 10:30`, local."""
    return f"{at.astimezone(zone):%m-%d %H:%M}"


def long_moment(at: datetime, zone: ZoneInfo) -> str:
    """`11月26日17:00`, local."""
    local = at.astimezone(zone)
    return f"{local.month}月{local.day}日{local:%H:%M}"


def place_line(case: Case, city: City) -> str:
    """The grid's name and the place as it was written: `文采社区第三网格 阳光水岸12号楼3单元`."""
    area = city.area_name(case.area_code) if case.area_code in city.areas and case.area_code else ""
    return " ".join(part for part in (area, case.place) if part) or "地点待核实"


def preview(text: str, length: int = _PREVIEW) -> str:
    """One line of a text, cut to `length` characters."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def masked(text: str, length: int = 600) -> str:
    """A resident's text for a group: personal numbers masked, cut."""
    return preview(mask_personal(text), length)


def phone_line(case: Case) -> str:
    """The reporter for a group: his phone masked, or that he left none; of who asked for 匿名 nothing."""
    if case.anonymous:
        return "居民（要求匿名，请勿打听）"
    return f"居民 {mask_phone(case.phone)}" if case.phone else "居民（未留电话）"


def duty_number(city: City, case: Case, own: str) -> str:
    """The number that a resident may call: the grid's duty phone, else the worker's own (`own`)."""
    area = city.areas.get(case.area_code) if case.area_code else None
    return (area.duty_phone if area else "") or own


def limits_line(case: Case, zone: ZoneInfo) -> str:
    """`限11-23 10:30前接单,11-26 17:00前办结`; once it is accepted the second only, and nothing while no clock runs."""
    if case.resolve_due_at is None or case.accept_due_at is None or case.status == Status.SUSPENDED:
        return ""
    note = "（暂定）" if case.due_provisional else ""
    accept = "" if case.status in _TAKEN else f"{moment(case.accept_due_at, zone)}前接单，"
    return f"限{accept}{moment(case.resolve_due_at, zone)}前办结{note}"


def due_lines(case: Case, zone: ZoneInfo) -> tuple[tuple[str, str], ...]:
    """The same for a card, whose lines are short: one for each date."""
    if case.resolve_due_at is None or case.accept_due_at is None:
        return ()
    note = "（暂定）" if case.due_provisional else ""
    return (("接单", f"{moment(case.accept_due_at, zone)}前"), ("办结", f"{moment(case.resolve_due_at, zone)}前{note}"))
