"""A driver that reads as a dialogue: residents write to the account, workers to their groups, all through the real dispatcher."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel, col, select

from bot.cityhall import CityHall
from bot.dispatcher import Dispatcher, Running
from grid.deadlines import Deadlines
from grid.desk import House
from grid.message import Message, parse_body
from grid.questions import Conversation, parse_conversation
from handlers.update import Door, Event, MediaRef, Point, Update, UpdateKind
from storage.archive import Archive
from storage.plan import Change, Committed, Plan
from storage.queries import Books
from storage.tables import Case, CaseEvent, Inbound, Media, Outbox, Resident
from tests.clock import FakeClock
from tests.handlers.resident.town import resident_town_rows
from tests.handlers.worker.city import CHAT3, GRID3, WANG

ZONE = ZoneInfo("Asia/Shanghai")
# What the passive reply carries at most, and what an old person reads at a glance.
LONGEST_REPLY_BYTES = 1800
MOST_LINES = 7


class Town:
    """The made town behind its account."""

    def __init__(self, archive: Archive, clock: FakeClock, house: House | None = None) -> None:
        self.archive, self.clock = archive, clock
        self.books = Books(archive)
        self.hall = CityHall(self.books, Deadlines(), ZONE, house or House(), clock)
        self.dispatcher = Dispatcher(archive, self.books, self.hall)
        self.pushes = 0

    async def build(self) -> None:
        """Write the town and read it in."""
        assert await self.archive.committer.commit(Plan(rows=resident_town_rows())) == Committed()
        await self.hall.load()

    def resident(self, openid: str = "oLi") -> "Talk":
        """Somebody with a phone."""
        return Talk(self, openid)

    def next_key(self) -> str:
        """A message id of its own."""
        self.pushes += 1
        return f"oa:gh:{self.pushes}"

    async def works(self, text: str, userid: str = WANG, chat: str | None = CHAT3) -> str:
        """What the bot answers to a worker in his group."""
        update = Update(Door.AIBOT, UpdateKind.TEXT, self.next_key(), userid, "b", self.clock(), chat=chat, text=text)
        return (await self.dispatcher.begin(update).task).text

    async def resolves(self, number: str, result: str = "已疏通") -> None:
        """The grid worker takes a case and brings it to its end."""
        assert "已接单" in await self.works(f"接单 {number}")
        assert "办结" in await self.works(f"办结 {number} {result}")

    async def rows(self, table: type[SQLModel], *conditions: object) -> Sequence[SQLModel]:
        """All rows of a table that meet the conditions."""
        async with self.archive.reads() as session:
            return (await session.execute(select(table).where(*conditions))).scalars().all()  # type: ignore[arg-type]

    async def cases(self) -> list[Case]:
        """All cases, in the order of their numbers."""
        async with self.archive.reads() as session:
            return list((await session.execute(select(Case).order_by(col(Case.id)))).scalars())

    async def case(self, number: str) -> Case:
        """The case of this number."""
        found = await self.books.find_by_number(number)
        assert found is not None, number
        return found

    async def events(self, number: str) -> list[str]:
        """The kinds of a case's steps."""
        return [event.kind for event in await self.books.list_events((await self.case(number)).id)]

    async def event_rows(self, number: str) -> Sequence[CaseEvent]:
        """A case's steps."""
        return await self.books.list_events((await self.case(number)).id)

    async def media(self, number: str) -> Sequence[Media]:
        """A case's pictures."""
        return await self.books.list_media((await self.case(number)).id)

    async def told(self, target: str) -> list[Message]:
        """What was written for a target, oldest first."""
        query = select(Outbox).where(col(Outbox.target) == target).order_by(col(Outbox.seq))
        async with self.archive.reads() as session:
            return [parse_body(row.body) for row in (await session.execute(query)).scalars()]

    async def told_everybody(self) -> list[tuple[str, Message]]:
        """Everything in the outbox: target and message."""
        async with self.archive.reads() as session:
            rows = (await session.execute(select(Outbox).order_by(col(Outbox.id)))).scalars().all()
        return [(row.target, parse_body(row.body)) for row in rows]


class Talk:
    """One resident and the account: what he says, what he reads."""

    def __init__(self, town: Town, openid: str) -> None:
        self.town, self.openid = town, openid
        self.heard = ""
        self.pushed: list[str] = []

    async def says(self, text: str, *, after_seconds: float = 0) -> str:
        """He types; what he reads inside the same exchange."""
        self.town.clock.advance(seconds=after_seconds)
        return await self.push(UpdateKind.TEXT, text=text)

    async def shows(self, media_id: str = "m1", kind: UpdateKind = UpdateKind.IMAGE, recognised: str = "") -> str:
        """He sends a picture (a recording, a film)."""
        name = "video" if kind in (UpdateKind.VIDEO, UpdateKind.SHORT_VIDEO) else kind.value
        return await self.push(kind, text=recognised, media=(MediaRef(name, media_id=media_id),))

    async def stands_at(self, point: tuple[float, float], label: str = "") -> str:
        """He sends a location."""
        return await self.push(UpdateKind.LOCATION, text=label, point=Point(point[0], point[1], label))

    async def follows(self, scene: str = "") -> str:
        """He follows the account, by a scene code or without one."""
        return await self.meets("SUBSCRIBE", f"qrscene_{scene}" if scene else "")

    async def lives_in(self, area: str = GRID3) -> str:
        """He follows by the code that hangs in his stairwell."""
        return await self.follows(f"grid-{area}")

    async def meets(self, name: str, key: str = "") -> str:
        """An event of the platform about him."""
        return await self.push(UpdateKind.EVENT, event=Event(name, key))

    async def sends(self, kind: UpdateKind, text: str = "") -> str:
        """A message of any kind, without anything in it."""
        return await self.push(kind, text=text)

    async def push(
        self,
        kind: UpdateKind,
        *,
        text: str = "",
        media: tuple[MediaRef, ...] = (),
        point: Point | None = None,
        event: Event | None = None,
    ) -> str:
        """One push of the platform, and its answer."""
        self.begin(kind, text=text, media=media, point=point, event=event)
        running = self._running
        self.heard = (await running.task).text
        assert len(self.heard.encode()) <= LONGEST_REPLY_BYTES, self.heard
        return self.heard

    def begin(
        self,
        kind: UpdateKind,
        *,
        text: str = "",
        media: tuple[MediaRef, ...] = (),
        point: Point | None = None,
        event: Event | None = None,
        key: str | None = None,
    ) -> Running:
        """One push, not waited for."""
        key = key or self.town.next_key()
        self.pushed.append(key)
        update = Update(
            door=Door.OFFICIAL_ACCOUNT,
            kind=kind,
            key=key,
            person=self.openid,
            account="gh",
            created_at=self.town.clock(),
            text=text,
            media=media,
            point=point,
            event=event,
        )
        self._running = self.town.dispatcher.begin(update)
        return self._running

    def hears(self, *words: str) -> bool:
        """Whether all these words stand in the last answer; the answer is shown when they do not."""
        missing = [word for word in words if word not in self.heard]
        assert not missing, f"{missing} not in: {self.heard}"
        return True

    def hears_none_of(self, *words: str) -> bool:
        """Whether none of these words stands in the last answer."""
        found = [word for word in words if word in self.heard]
        assert not found, f"{found} in: {self.heard}"
        return True

    @property
    def is_left_in_silence(self) -> bool:
        """Whether the last push was answered with nothing."""
        return self.heard == ""

    async def cases(self) -> list[Case]:
        """His cases, oldest first."""
        row = await self.row()
        return [case for case in await self.town.cases() if case.resident_id == row.id]

    async def only_case(self) -> Case:
        """His one case."""
        cases = await self.cases()
        assert len(cases) == 1, [case.text for case in cases]
        return cases[0]

    async def row(self) -> Resident:
        """What is stored of him."""
        found = await self.town.books.find_resident(self.openid)
        assert found is not None
        return found

    async def conversation(self) -> Conversation:
        """What the bot is in the middle of with him."""
        return parse_conversation((await self.row()).conversation, self.town.clock())

    async def outcome(self) -> str:
        """The word that log and archive keep of his last push."""
        found = await self.town.books.find_inbound(self.pushed[-1])
        assert found is not None
        return found.outcome

    async def inbound(self) -> list[Inbound]:
        """What was kept of his pushes."""
        query = select(Inbound).where(col(Inbound.person) == self.openid).order_by(col(Inbound.id))
        async with self.town.archive.reads() as session:
            return list((await session.execute(query)).scalars())

    async def change(self, **values: object) -> None:
        """Set columns of his row as something else of the house would have."""
        row = await self.row()
        change = Change(Resident, row.id, row.version, values)
        assert await self.town.archive.committer.commit(Plan(changes=[change])) == Committed()
