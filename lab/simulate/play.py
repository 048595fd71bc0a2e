"""The run: a town is made and imported, then the clock jumps from one due moment to the next until the last day is over."""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random

from lab.city import City, make_city, write_city
from lab.city_rows import CalendarRow, PersonRow
from lab.simulate.agenda import Agenda
from lab.simulate.clock import VirtualClock
from lab.simulate.days import NOTICE_DAY, ZONE, Days, make_notice
from lab.simulate.ears import Ears
from lab.simulate.habits import Habits
from lab.simulate.residents import Residents
from lab.simulate.superiors import Superiors
from lab.simulate.town import Heard, Service, Town
from lab.simulate.workers import Workers
from storage.columns import WorkerStatus

# What people tell by the hour of the day, from midnight on; nights are quiet, but not silent.
_BY_HOUR = (2, 1, 1, 1, 1, 2, 6, 14, 22, 24, 20, 16, 12, 12, 16, 18, 18, 20, 22, 20, 16, 10, 6, 3)
_AT_WEEKENDS = 0.7
_DAY = timedelta(days=1)
_BEAT, _MINUTE = timedelta(minutes=30), timedelta(minutes=1)
_MORNING, _LEAVE_SAID, _PATROL = time(0, 1), time(8, 0), time(9, 0)
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Span:
    """`days` local days from `first` on."""

    first: date
    days: int

    @property
    def begins_at(self) -> datetime:
        """Its first moment, aware."""
        return datetime.combine(self.first, time(0, 0), ZONE)

    def nth(self, index: int) -> date:
        """The local date of its day `index`, counted from 0."""
        return self.first + _DAY * index

    @property
    def ends_at(self) -> datetime:
        """The moment after its last one, aware."""
        return self.begins_at + _DAY * self.days


def make_bound_city(size: str, seed: int) -> City:
    """A made city whose groups are bound from the beginning, each to a chat of its own key's name."""
    city = make_city(size, seed)
    return replace(city, groups=tuple(replace(group, chatid=group.key) for group in city.groups))


async def play(
    service: Service,
    clock: VirtualClock,
    city: City,
    span: Span,
    habits: Habits,
    folder: Path,
    on_progress: Progress = lambda _: None,
) -> Counter[str]:
    """Let the town live; what people did, counted. `folder`: where files to import are put; `on_progress`: days that are over."""
    write_city(city, folder)
    await service.import_city(folder)
    days = Days((*city.calendar, *make_notice()))
    town = Town(service, clock, Agenda(), city, days, Random(f"simulate:{city.size}:{city.seed}"), habits)
    run = Run(town, span, folder)
    try:
        await run.live(on_progress)
    finally:
        run.ears.close()
    return town.tally


class Run:
    """One run of a town."""

    def __init__(self, town: Town, span: Span, folder: Path) -> None:
        self._town, self._span, self._folder = town, span, folder
        self._residents, self._workers = Residents(town), Workers(town)
        self._superiors = Superiors(town, self._workers.nudge)
        self.ears = Ears(town.service.file)
        self._next_beat = self._looked_at = span.begins_at

    async def live(self, on_progress: Progress) -> None:
        """From the first moment to the last."""
        town, span = self._town, self._span
        self.ears.load_groups()
        for index, on in enumerate(town.days.list_days(span.first, span.days)):
            morning = datetime.combine(on, _MORNING, ZONE)
            town.agenda.put(morning, lambda index=index, on=on: self._begin_day(index, on, on_progress))  # type: ignore[misc]
        while (moment := self._next_moment()) < span.ends_at:
            town.clock.move_to(moment)
            await self._act()
        town.clock.move_to(span.ends_at)
        await self._work()
        on_progress(span.days)

    def _next_moment(self) -> datetime:
        moments = (self.ears.find_due(self._looked_at), self._town.agenda.next_at, self._next_beat)
        return max(self._town.now, min(moment for moment in moments if moment is not None))

    async def _act(self) -> None:
        town = self._town
        while (deed := town.agenda.take(town.now)) is not None:
            await deed()
            await self._listen()
        due = self.ears.find_due(self._looked_at)
        if town.now >= self._next_beat or (due is not None and due <= town.now):
            await self._work()

    async def _work(self) -> None:
        town = self._town
        is_beat = self._next_beat <= town.now
        if is_beat:
            # On the half hour again, whenever the last look was.
            passed = (town.now - self._span.begins_at) // _BEAT
            self._next_beat = self._span.begins_at + _BEAT * (passed + 1)
        self._looked_at = town.now
        if await town.service.work(is_beat=is_beat):
            self._next_beat = min(self._next_beat, town.now + _MINUTE)
        await self._listen()

    async def _listen(self) -> None:
        for heard in self.ears.take(self._town.now):
            self._town.tally["heard"] += 1
            await self._tell(heard)

    async def _tell(self, heard: Heard) -> None:
        if heard.target.startswith("oa:"):
            await self._residents.hear(heard)
            return
        await self._workers.hear(heard)
        await self._superiors.hear(heard)

    async def _begin_day(self, index: int, on: date, on_progress: Progress) -> None:
        town = self._town
        on_progress(index)
        if index == NOTICE_DAY:
            await self._import("calendar", make_notice())
        if index == 0 or on.weekday() == 0:
            town.agenda.put(datetime.combine(on, _LEAVE_SAID, ZONE), self._say_leave)
        mean = town.habits.a_day * (1.0 if town.days.is_worked(on) else _AT_WEEKENDS)
        for _ in range(_draw_count(mean, town.rng)):
            town.agenda.put(_draw_moment(on, town.rng), self._residents.report)
        for _ in range(_draw_count(mean * town.habits.patrols, town.rng) if town.days.is_worked(on) else 0):
            at = datetime.combine(on, _PATROL, ZONE) + timedelta(minutes=town.rng.uniform(0, 180))
            town.agenda.put(at, self._workers.patrol)

    async def _say_leave(self) -> None:
        """Some of those who are away this week have said so: the service knows; others just do not come."""
        town, rows = self._town, []
        for person in town.city.people:
            if person.status == WorkerStatus.ACTIVE and _says_leave(town, person):
                status = WorkerStatus.AWAY if town.is_away(person.userid) else WorkerStatus.ACTIVE
                rows.append(replace(person, status=status.value))
        if rows:
            await self._import("people", rows)

    async def _import(self, kind: str, rows: Sequence[CalendarRow] | Sequence[PersonRow]) -> None:
        path = self._folder / f"{kind}-{self._town.today}.csv"
        _write(path, rows)
        await self._town.service.import_file(kind, path)
        self._town.tally[f"imported {kind}"] += 1
        # Whoever follows what was imported looks within seconds.
        self._next_beat = self._town.now


def _says_leave(town: Town, person: PersonRow) -> bool:
    """Whether he was away last week or is this week, and is one of those who say so."""
    is_open = Random(f"{town.city.seed}:{person.userid}:open").random() < town.habits.says_away
    last_week = town.today - 7 * _DAY
    return is_open and (town.is_away(person.userid) or town.is_away(person.userid, last_week))


def _draw_count(mean: float, rng: Random) -> int:
    """How many matters a day brings: near `mean`, as independent people make it."""
    return max(0, round(rng.gauss(mean, mean**0.5)))


def _draw_moment(on: date, rng: Random) -> datetime:
    hour = rng.choices(range(24), _BY_HOUR)[0]
    return datetime.combine(on, time(hour), ZONE) + timedelta(seconds=rng.uniform(120, 3599))


def _write(path: Path, rows: Iterable[CalendarRow | PersonRow]) -> None:
    lines = list(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(one.name for one in fields(lines[0]))
        writer.writerows(astuple(row) for row in lines)
