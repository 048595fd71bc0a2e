"""A tiny driver: somebody says something, the decision is written, the answer comes back."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlmodel import col, select

from grid.actions.opening import Matter, open_case
from grid.city import City
from grid.desk import Desk, House, reporter_of
from grid.message import Card, Message, parse_body
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.update import Door, Event, MediaRef, Quote, Update, UpdateKind
from handlers.worker import hear_worker
from nlp.reader import Reader
from storage.archive import Archive
from storage.plan import Committed, Plan
from storage.queries import Books
from storage.rows import fresh
from storage.tables import Case, CaseEvent, Media, Outbox, Resident, Worker
from tests.clock import FakeClock
from tests.handlers.worker.city import GRID3, PlainClocks, town_rows

PHOTO = MediaRef("image", url="https://example.invalid/p", aes_key="k")
ZONE = ZoneInfo("Asia/Shanghai")


class Town:
    """The made town with its archive; every `says` is one push of the bot."""

    def __init__(self, archive: Archive, reader: Reader, clock: FakeClock) -> None:
        self.archive, self.reader, self.clock = archive, reader, clock
        self.books = Books(archive)
        self.house = House()
        self.said: Said | None = None
        self._pushes = 0

    async def build(self) -> None:
        """Write the town."""
        await self.write(Plan(rows=town_rows()))

    async def write(self, plan: Plan) -> None:
        """Commit; a plan that is not written is the test's failure."""
        outcome = await self.archive.committer.commit(plan)
        assert outcome == Committed(), outcome

    async def desk(self) -> Desk:
        """The desk of this moment, with the city as the archive has it."""
        areas, workers, posts, groups, _ = await self.books.load_city()
        return Desk(City(areas, workers, posts, groups), PlainClocks(), ZONE, self.clock(), self.house)

    async def says(
        self,
        userid: str,
        text: str,
        chat: str | None = None,
        *,
        quote: str | None = None,
        quoted_media: Sequence[MediaRef] = (),
        media: Sequence[MediaRef] = (),
    ) -> str:
        """What the bot answers."""
        quoted = Quote(quote or "", tuple(quoted_media)) if quote is not None or quoted_media else None
        kind = UpdateKind.MIXED if media and text else UpdateKind.IMAGE if media else UpdateKind.TEXT
        return await self._push(userid, chat, kind, text=text, quote=quoted, media=tuple(media))

    async def clicks(self, userid: str, card: Card, key: str, chat: str | None) -> str:
        """What the bot answers to a press of a card's button; the clicked card's new face is `face`."""
        return await self._push(
            userid, chat, UpdateKind.EVENT, event=Event("TEMPLATE_CARD_EVENT", key, {"task_id": card.task_id})
        )

    async def enters(self, userid: str) -> str:
        """Somebody opens the single chat."""
        return await self._push(userid, None, UpdateKind.EVENT, event=Event("ENTER_CHAT"))

    @property
    def face(self) -> Card:
        """The card of the last answer."""
        assert self.said is not None
        assert self.said.reply.card is not None
        return self.said.reply.card

    @property
    def outcome(self) -> str:
        """The last decision's word."""
        assert self.said is not None
        return self.said.outcome

    async def _push(
        self,
        userid: str,
        chat: str | None,
        kind: UpdateKind,
        *,
        text: str = "",
        quote: Quote | None = None,
        media: tuple[MediaRef, ...] = (),
        event: Event | None = None,
    ) -> str:
        self._pushes += 1
        update = Update(
            door=Door.AIBOT,
            kind=kind,
            key=f"aibot:b:{self._pushes}",
            person=userid,
            account="b",
            created_at=self.clock(),
            chat=chat,
            text=text,
            media=media,
            quote=quote,
            event=event,
        )
        desk = await self.desk()
        talk = WorkerTalk(
            update=update,
            desk=desk,
            books=self.books,
            reader=self.reader,
            numbers=self.archive.numbers,
            person=desk.city.by_userid.get(userid),
            worker=await self.books.find_worker(userid),
            group=desk.city.by_chat.get(chat) if chat else None,
        )
        self.said = await hear_worker(talk)
        await self.write(self.said.plan)
        return self.said.reply.text

    async def opens(
        self,
        text: str = "下水道堵了，污水外冒",
        *,
        area: str | None = GRID3,
        place: str = "阳光水岸12号楼3单元",
        phone: str = "13900000001",
        category: str = "urban_property",
        urgency: str = "normal",
        conduct: bool = False,
        resident: Resident | None = None,
    ) -> Case:
        """A resident's case, taken in and sent on."""
        desk = await self.desk()
        if resident is None:
            row_id = await self.archive.numbers.take_id()
            resident = fresh(Resident, id=row_id, openid=f"o{row_id}", first_seen_at=self.clock())
            await self.write(Plan(rows=[resident]))
        matter = Matter(
            text, category, urgency, area=area, place=place, phone=phone, conduct=conduct, resident_id=resident.id
        )
        numbers = self.archive.numbers
        case_id, serial = await numbers.take_id(), await numbers.take_serial(desk.today)
        opened = open_case(desk, matter, reporter_of(resident), case_id, serial)
        await self.write(opened.plan)
        return opened.case

    async def case(self, case: Case) -> Case:
        """The case as it stands."""
        found = await self.books.find(Case, case.id)
        assert found is not None
        return found

    async def worker(self, userid: str) -> Worker:
        """The worker with this userid."""
        found = await self.books.find_worker(userid)
        assert found is not None
        return found

    async def events(self, case: Case) -> list[str]:
        """The kinds of a case's steps."""
        return [event.kind for event in await self.books.list_events(case.id)]

    async def event_rows(self, case: Case) -> Sequence[CaseEvent]:
        """A case's steps."""
        return await self.books.list_events(case.id)

    async def media(self, case: Case) -> Sequence[Media]:
        """A case's pictures."""
        return await self.books.list_media(case.id)

    async def told(self, target: str) -> list[Message]:
        """What waits for a target, oldest first."""
        query = select(Outbox).where(col(Outbox.target) == target).order_by(col(Outbox.seq))
        async with self.archive.reads() as session:
            return [parse_body(row.body) for row in (await session.execute(query)).scalars()]

    async def told_resident(self, case: Case) -> list[Message]:
        """What waits for a case's resident."""
        resident = await self.books.find(Resident, case.resident_id)
        assert resident is not None
        return await self.told(f"oa:{resident.openid}")
