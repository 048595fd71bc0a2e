"""The desk that every decision is made at: the city, the clocks, the moment. Decisions read nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from grid.calendar import Due
from grid.checks import Checks
from grid.city import City
from grid.ground import NOWHERE, Ground
from grid.ladder import Ladder
from grid.links import NO_LINKS, Links
from grid.notices.rules import NoticeRules
from grid.stages import StageClock
from grid.workflow import Part, Status
from storage.columns import GroupKind
from storage.tables import Case, Resident


@dataclass(frozen=True, slots=True)
class Promise:
    """Until when somebody accepts and somebody resolves: aware UTC; provisional when next year's holidays are not known yet."""

    accept: datetime
    resolve: datetime
    provisional: bool


class Clocks(Protocol):
    """What the law needs of working time. `area`: whose service hours count; None for the usual ones."""

    def promise(self, category: str, urgency: str, at: datetime, area: str | None = None) -> Promise:
        """The dates promised for a case opened at `at`."""
        ...

    def extend(self, due: datetime, limit: str, area: str | None = None) -> datetime:
        """`due` moved by a limit such as `2wd`; raises `ValueError` with a Chinese sentence."""
        ...

    def pace(self, stage: str, category: str, urgency: str, area: str | None = None) -> str:
        """The configured limit of a stage (`accept answer resolve check reply`)."""
        ...

    def due(self, at: datetime, limit: str, area: str | None = None) -> Due:
        """When a limit, opened at `at`, runs out; raises `ValueError` with a Chinese sentence."""
        ...

    def share(self, clock: StageClock, times: float, area: str | None = None) -> datetime:
        """The moment at which `times` of a clock's limit have passed, measured as the limit is."""
        ...

    def between(self, since: datetime, until: datetime, limit: str, area: str | None = None) -> int:
        """How many seconds pass between two moments, measured as `limit` is."""
        ...

    def later(self, due: datetime, seconds: int, limit: str, area: str | None = None) -> datetime:
        """`due` moved by so many seconds, measured as `limit` is."""
        ...

    def is_working(self, at: datetime) -> bool:
        """Whether the moment's local date is worked."""
        ...


@dataclass(frozen=True, slots=True)
class House:
    """Settings of the law that an operator may change."""

    bot_name: str = "网格助手"
    gas_phone: str = ""
    repair_phones: Mapping[str, str] = field(default_factory=dict)
    most_characters: int = 5000
    join_for: timedelta = timedelta(minutes=10)
    burst_for: timedelta = timedelta(seconds=60)
    question_for: timedelta = timedelta(hours=24)
    rating_for: timedelta = timedelta(days=7)
    reopen_for: timedelta = timedelta(days=15)
    triage_after: timedelta = timedelta(minutes=10)
    alike_for: timedelta = timedelta(days=14)
    checks: Checks = field(default_factory=Checks)
    ladder: Ladder = field(default_factory=Ladder)
    transcribes: bool = True
    notices: NoticeRules = field(default_factory=NoticeRules)


@dataclass(frozen=True, slots=True)
class Desk:
    """One decision's surroundings; `now` is aware UTC."""

    city: City
    clocks: Clocks
    zone: ZoneInfo
    now: datetime
    house: House = field(default_factory=House)
    ground: Ground = NOWHERE
    links: Links = NO_LINKS

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(self.zone).date()


@dataclass(frozen=True, slots=True)
class Actor:
    """Who does something: `key` is what history keeps (`resident:7`, `worker:12`, `system`), `name` what people read."""

    key: str
    name: str
    id: int | None = None
    parts: frozenset[Part] = frozenset()
    lead_in: str = ""

    def quote(self, text: str) -> str:
        """His words as a case keeps them: behind what must be said of how they came (a machine wrote them down)."""
        return f"{self.lead_in}{text}" if text else text


SYSTEM = Actor("system", "系统", None, frozenset({Part.SYSTEM}))


def reporter_of(resident: Resident, lead_in: str = "") -> Actor:
    """The resident as the reporter of his own case."""
    return Actor(f"resident:{resident.id}", "居民", resident.id, frozenset({Part.REPORTER}), lead_in)


def worker_on(city: City, case: Case, userid: str, group_id: int | None) -> Actor | None:
    """What the worker with this userid is to a case when he speaks in group `group_id` (None: in single chat).

    None when nobody at work has that userid.
    """
    person = city.by_userid.get(userid)
    if person is None or not person.is_at_work:
        return None
    parts = set()
    if case.handler_id == person.id:
        parts.add(Part.HANDLER)
    if case.group_id is not None and (group_id == case.group_id or _belongs(city, person.id, case.group_id)):
        parts.add(Part.MEMBER)
    if _steers(city, person.id, case.area_code) or _is_duty_matter(city, case, group_id):
        parts.add(Part.COORDINATOR)
    return Actor(f"worker:{person.id}", person.name, person.id, frozenset(parts))


def _belongs(city: City, person_id: int, group_id: int) -> bool:
    group = city.groups.get(group_id)
    return group is not None and any(seat.area == group.area for seat in city.posts_of.get(person_id, ()))


def _is_duty_matter(city: City, case: Case, group_id: int | None) -> bool:
    """What nobody has yet (待研判) is in the hands of whoever speaks in the duty group above it; a complaint about conduct never."""
    group = city.groups.get(group_id) if group_id is not None else None
    if group is None or group.kind is not GroupKind.DUTY or case.status != Status.TRIAGE or case.conduct:
        return False
    return case.area_code is None or city.is_inside(case.area_code, group.area)


def _steers(city: City, person_id: int, area: str | None) -> bool:
    from_above = [seat.area for seat in city.posts_of.get(person_id, ()) if seat.role.value == "coordinator"]
    if area is None:
        return bool(from_above)
    return any(city.is_inside(area, outer) for outer in from_above)
