"""The city in memory, with the reader that knows its places. All processes load it anew when its version in the archive moves."""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from grid.calendar import Day, WorkCalendar
from grid.city import City
from grid.clocks import WorkClocks
from grid.deadlines import Deadlines
from grid.desk import Desk, House
from grid.ground import NOWHERE, Ground, list_plots
from grid.holidays import built_in_days
from grid.links import NO_LINKS, Links
from handlers.talk import CITY_VERSION
from nlp.gazetteer import Gazetteer
from nlp.lexicon import Lexicon, shipped_lexicon
from nlp.reader import Reader
from nlp.reading import PlaceRule
from storage.queries import Books
from storage.tables import Area, CalendarDay
from storage.tables import PlaceRule as PlaceRow

PLACES_VERSION = "places_version"
# After a load that took t seconds nothing is loaded again for this many times t: binding a thousand groups must not stop the house.
_REST_FACTOR = 5.0
_QUICK_SECONDS = 0.5


class CityHall:
    """Holds the present city. `desk()` is what every decision is made at."""

    def __init__(
        self, books: Books, deadlines: Deadlines, zone: ZoneInfo, house: House, now: Callable[[], datetime]
    ) -> None:
        self._books, self._deadlines, self.zone, self.house, self._now = books, deadlines, zone, house, now
        self._city = City((), (), (), ())
        self._calendar = WorkCalendar({}, zone)
        self._clocks = WorkClocks(deadlines, self._calendar)
        self._gazetteer, self._lexicon = Gazetteer(()), shipped_lexicon()
        self.reader = Reader(self._gazetteer, self._lexicon)
        self._ground = NOWHERE
        self.links: Links = NO_LINKS
        self._ground_on: date | None = None
        self._versions: tuple[str | None, str | None] = (None, None)
        self._rest_until = 0.0
        self._loading = asyncio.Lock()

    @property
    def city(self) -> City:
        """The city as loaded last."""
        return self._city

    def desk(self) -> Desk:
        """A desk at this moment."""
        return Desk(self._city, self._clocks, self.zone, self._now(), self.house, self._ground, self.links)

    def is_provisional(self, year: int) -> bool:
        """Whether no holiday notice of that year is loaded yet."""
        return self._calendar.is_provisional(date(year, 6, 1))

    async def load(self) -> None:
        """Load everything, whatever the versions say."""
        async with self._loading:
            self._versions = (
                await self._books.find_setting(CITY_VERSION),
                await self._books.find_setting(PLACES_VERSION),
            )
            await self._load_city(with_places=True)

    async def follow(self) -> bool:
        """Load again if the archive's city has moved on; whether it was loaded."""
        await self._follow_day()
        if time.monotonic() < self._rest_until:
            return False
        async with self._loading:
            now = (await self._books.find_setting(CITY_VERSION), await self._books.find_setting(PLACES_VERSION))
            if now == self._versions:
                return False
            with_places, self._versions = now[1] != self._versions[1], now
            await self._load_city(with_places)
            return True

    async def read_with(self, lexicon: Lexicon) -> None:
        """Read with these word weights from now on. Off the loop: a reader takes half a second to build."""
        async with self._loading:
            self.reader = await asyncio.to_thread(Reader, self._gazetteer, lexicon)
            self._lexicon = lexicon

    async def _load_city(self, with_places: bool) -> None:
        began = time.monotonic()
        areas, workers, posts, groups, rules = await self._books.load_city()
        self._city = City(areas, workers, posts, groups)
        self._clocks = WorkClocks(self._deadlines, self._calendar, self._city.areas)
        if with_places:
            days = await self._books.list_all(CalendarDay)
            table = {**built_in_days(), **{day.on: Day(day.works, day.name, day.note) for day in days}}
            self._calendar = WorkCalendar(table, self.zone)
            self._clocks = WorkClocks(self._deadlines, self._calendar, self._city.areas)
            self._gazetteer = Gazetteer(_place_rule(rule) for rule in rules)
            self.reader = Reader(self._gazetteer, self._lexicon)
            await self._load_ground(areas)
        took = time.monotonic() - began
        self._rest_until = time.monotonic() + (_REST_FACTOR * took if took > _QUICK_SECONDS else 0.0)

    async def _follow_day(self) -> None:
        """Boundaries begin and end with a day, without anybody's doing."""
        if self._ground_on in (None, self.desk().today):
            return
        async with self._loading:
            await self._load_ground(await self._books.list_all(Area))

    async def _load_ground(self, areas: Sequence[Area]) -> None:
        """Off the loop: parsing 19,000 boundaries takes longer than a message may wait."""
        today = self.desk().today
        shapes = {row.area_code: row.geometry for row in await self._books.list_boundaries(today)}
        self._ground = await asyncio.to_thread(Ground, list_plots(areas, shapes, today))
        self._ground_on = today


def _place_rule(row: PlaceRow) -> PlaceRule:
    buildings = (row.building_from, row.building_to)
    return PlaceRule(
        area=row.area_code,
        kind=row.kind,
        name=row.name,
        aliases=tuple(alias for alias in row.aliases.split("|") if alias),
        from_number=row.from_number,
        to_number=row.to_number,
        parity=row.parity,
        buildings=(buildings[0], buildings[1]) if buildings[0] is not None and buildings[1] is not None else None,
        exclusive=row.exclusive,
    )
