"""The simulated town: its service behind a port, its clock, its people, and how they speak."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from handlers.update import Door, Event, MediaRef, Update, UpdateKind
from lab.city import City
from lab.city_rows import GroupRow, PersonRow
from lab.simulate.agenda import Agenda, Deed
from lab.simulate.clock import VirtualClock
from lab.simulate.days import ZONE, Days
from lab.simulate.habits import Habits, Temper
from storage.columns import PostRole, WorkerStatus

ACCOUNT, BOT = "gh_simulation", "simulation-bot"
_NUMBER = re.compile(r"工单 ?(\d{4}-\d{2,})")
_BETWEEN_SAYINGS = timedelta(seconds=1)


class Service(Protocol):
    """The service as a simulation drives it: the real dispatcher and the real jobs, without a wire."""

    @property
    def engine(self) -> AsyncEngine:
        """Its database."""
        ...

    @property
    def file(self) -> Path:
        """That database's file."""
        ...

    async def import_city(self, folder: Path) -> None:
        """Import a folder as `wangge city` writes it."""
        ...

    async def import_file(self, kind: str, file: Path) -> None:
        """Import one file more (`people`, `calendar`), as an operator would."""
        ...

    async def feed(self, update: Update) -> str:
        """What is answered to an update; empty when nothing is."""
        ...

    async def work(self, *, is_beat: bool) -> bool:
        """Do what is to be done unasked at this moment; whether there is more of it in a minute.

        `is_beat`: it is the moment for what is done now and then, too, whether or not any row names it.
        """
        ...


@dataclass(frozen=True, slots=True)
class Heard:
    """A message that reached somebody. `target`: `group:KEY`, `worker:USERID` or `oa:OPENID`; `number`: the case it names first."""

    target: str
    kind: str
    text: str
    case_id: int | None
    urgent: bool

    @property
    def number(self) -> str:
        """The number of the case that the text names first; empty when it names none."""
        return number_in(self.text)

    @property
    def numbers(self) -> list[str]:
        """Every case that the text names, each once, in order."""
        return list(dict.fromkeys(_NUMBER.findall(self.text)))


@dataclass(slots=True)
class Town:
    """Everything that people share. `homes`: where the matter of a case number really is, a grid's code."""

    service: Service
    clock: VirtualClock
    agenda: Agenda
    city: City
    days: Days
    rng: Random
    habits: Habits
    tally: Counter[str] = field(default_factory=Counter)
    homes: dict[str, str] = field(default_factory=dict)
    _said: int = 0
    _staff: Mapping[str, Sequence[PersonRow]] = field(default_factory=dict)
    _groups: Mapping[str, GroupRow] = field(default_factory=dict)

    def __post_init__(self) -> None:
        staff: dict[str, list[PersonRow]] = defaultdict(list)
        for person in self.city.people:
            if person.role != PostRole.CONDUCT and person.status == WorkerStatus.ACTIVE:
                staff[person.area_code].append(person)
        self._staff = staff
        self._groups = {group.key: group for group in self.city.groups}

    @property
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        return self.clock()

    @property
    def today(self) -> date:
        """The local date."""
        return self.now.astimezone(ZONE).date()

    def later(self, delay: timedelta, deed: Deed, *, in_office: bool = False) -> None:
        """Somebody is going to do `deed` after `delay`; `in_office`: he waits for office hours with it."""
        at = self.now + delay
        self.agenda.put(self.days.next_office_hour(at, self.rng) if in_office else at, deed)

    def chance(self, probability: float) -> bool:
        """Whether something happens that happens so often."""
        return self.rng.random() < probability

    def about(self, median: timedelta, spread: float = 0.8) -> timedelta:
        """A span around `median`, as people's delays are: most near it, some many times as long."""
        return median * self.rng.lognormvariate(0.0, spread)

    def group(self, key: str) -> GroupRow | None:
        """The group with this key."""
        return self._groups.get(key)

    def staff(self, area: str, role: PostRole | None = None) -> list[PersonRow]:
        """Who has a post in the area itself, in `role` where one is given."""
        return [one for one in self._staff.get(area, ()) if role is None or one.role == role]

    def temper(self, userid: str) -> Temper:
        """What a worker is like; it never changes."""
        return self.habits.temper(Random(f"{self.city.seed}:{userid}"))

    def is_away(self, userid: str, on: date | None = None) -> bool:
        """Whether a worker is on leave in the week of that local date (today when none is given)."""
        week = (on or self.today).isocalendar()
        return Random(f"{self.city.seed}:{userid}:{week.year}-{week.week}").random() < self.habits.away

    async def resident_says(self, openid: str, text: str) -> str:
        """A resident writes to the account; what he reads in reply."""
        return await self._feed(Door.OFFICIAL_ACCOUNT, UpdateKind.TEXT, openid, text=text)

    async def resident_shows(self, openid: str) -> str:
        """A resident sends a picture."""
        media = (MediaRef("image", media_id=f"picture-{self._said}"),)
        return await self._feed(Door.OFFICIAL_ACCOUNT, UpdateKind.IMAGE, openid, media=media)

    async def resident_follows(self, openid: str, grid: str) -> str:
        """A resident scans the code that hangs in his stairwell."""
        event = Event("SUBSCRIBE", f"qrscene_grid-{grid}")
        return await self._feed(Door.OFFICIAL_ACCOUNT, UpdateKind.EVENT, openid, event=event)

    async def worker_says(self, userid: str, chat: str | None, text: str) -> str:
        """A worker writes to the bot, in a group or (None) in single chat; what it answers there."""
        return await self._feed(Door.AIBOT, UpdateKind.TEXT, userid, chat=chat, text=text)

    async def _feed(
        self,
        door: Door,
        kind: UpdateKind,
        person: str,
        *,
        chat: str | None = None,
        text: str = "",
        media: tuple[MediaRef, ...] = (),
        event: Event | None = None,
    ) -> str:
        self._said += 1
        self.tally["said"] += 1
        self.clock.move_to(self.now + _BETWEEN_SAYINGS)
        account = ACCOUNT if door is Door.OFFICIAL_ACCOUNT else BOT
        key = f"{door.value}:{account}:{self._said}"
        update = Update(
            door, kind, key, person, account, self.now, chat=chat, text=text, media=media, event=event
        )  # fmt: skip
        return await self.service.feed(update)


def number_in(text: str) -> str:
    """The first case number in a text, by the word before it (a sheet has a number of its own); empty when there is none."""
    found = _NUMBER.search(text)
    return found[1] if found else ""
