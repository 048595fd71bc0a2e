"""Pretend channels that note what they were given, and a delivery put together with them."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from prometheus_client import CollectorRegistry
from sqlalchemy import select

from bot.delivery.directory import ArchiveDirectory
from bot.delivery.worker import Delivery
from bot.ports import Address, Picture, Sent
from bot.settings import DeliverySettings
from grid.message import Message, Template, render_body
from storage.archive import Archive
from storage.columns import AreaKind, AreaLevel, Channel, GroupKind
from storage.plan import OutboxDraft, Plan
from storage.rows import fresh
from storage.tables import Area, CaseEvent, Outbox, Resident, Target, WorkGroup
from tests.clock import START, FakeClock
from tests.storage.builders import make_case

DUTY = 90


@dataclass(frozen=True)
class Said:
    """One thing that a channel carried."""

    target: str
    text: str
    key: str
    pictures: tuple[str, ...] = ()
    template: str = ""


@dataclass
class FakeTransport:
    """A channel. `troubles[target]` are raised one after the other before anything is taken; `gates[target]` hold a send up."""

    via: str
    said: list[Said] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    troubles: dict[str, deque[Exception]] = field(default_factory=dict)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    flying: int = 0
    most_flying: int = 0
    on_send: Callable[[Message], None] | None = None
    before_answer: Callable[[], Awaitable[None]] | None = None

    def refuse(self, target: str, *troubles: Exception) -> None:
        self.troubles.setdefault(target, deque()).extend(troubles)

    async def send(self, address: Address, message: Message, pictures: tuple[Picture, ...], key: str) -> Sent:
        await self._pass(address.key)
        self.messages.append(message)
        if self.on_send is not None:
            self.on_send(message)
        if self.before_answer is not None:
            await self.before_answer()
        self.said.append(Said(address.key, message.text, key, tuple(picture.name for picture in pictures)))
        self.changed.set()
        return Sent(self.via)

    async def send_template(self, address: Address, template: Template, key: str) -> Sent:
        await self._pass(address.key)
        self.said.append(Said(address.key, "", key, template=template.name))
        return Sent("template")

    async def _pass(self, target: str) -> None:
        self.flying += 1
        self.most_flying = max(self.most_flying, self.flying)
        self.begun.set()
        try:
            if target in self.gates:
                await self.gates[target].wait()
            await asyncio.sleep(0)
            waiting = self.troubles.get(target)
            if waiting:
                raise waiting.popleft()
        finally:
            self.flying -= 1

    async def until_said(self, count: int) -> None:
        """Wait until so many messages were taken."""
        while len(self.said) < count:
            self.changed.clear()
            await self.changed.wait()

    @property
    def texts(self) -> list[str]:
        return [said.text for said in self.said]


PICTURES = {number: Picture(f"{number}.jpg", "image/jpeg", b"x") for number in range(1, 6)}


async def load_picture(media_id: int) -> Picture:
    return PICTURES[media_id]


async def no_pause(seconds: float) -> None:
    await asyncio.sleep(0)


class Desk:
    """A delivery with pretend channels, and the words of a test about it."""

    def __init__(self, archive: Archive, clock: FakeClock, *, duty: str = "duty", **settings: Any) -> None:
        self.archive, self.clock = archive, clock
        self.oa, self.aibot, self.webhook = FakeTransport("custom"), FakeTransport("aibot"), FakeTransport("webhook")
        self.open_prefixes = {"oa:", "group:", "worker:"}
        self.duty = duty
        self.registry = CollectorRegistry()
        self.settings = DeliverySettings(**settings)
        self.delivery = self.make_delivery()

    def make_delivery(self, registry: CollectorRegistry | None = None, **more: Any) -> Delivery:
        given: dict[str, Any] = {
            "account": self.oa,
            "chats": {"aibot": self.aibot, "webhook": self.webhook},
            "templates": {"resolved"},
            "load_picture": load_picture,
            "settings": self.settings,
            "registry": registry or self.registry,
            "clock": self.clock,
            "can_send": lambda prefix: prefix in self.open_prefixes,
            "draw": lambda: 0.0,
            "pause": no_pause,
        }
        return Delivery(self.archive, ArchiveDirectory(self.archive.engine, self.duty), **given | more)

    def counted(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"wangge_outbox_{name}_total", labels) or 0.0

    async def settle(self, **groups: tuple[int, Channel]) -> None:
        """An area, a duty group (id 90, aibot), and `groups` as name → (id, channel)."""
        rows: list[Any] = [
            fresh(Area, code="1", parent_code=None, level=AreaLevel.GRID, kind=AreaKind.URBAN, name="网格", path="/1/")
        ]
        await self.archive.committer.commit(Plan(rows=rows))
        made = {"duty": (DUTY, Channel.AIBOT)} | groups
        await self.archive.committer.commit(Plan(rows=[make_group(key, *value) for key, value in made.items()]))

    async def resident(self, openid: str, *, limit: int = 5, used: int = 0, opened_at: datetime | None = START) -> None:
        """A resident with an open window."""
        row_id = await self.archive.numbers.take_id()
        row = fresh(
            Resident,
            id=row_id,
            openid=openid,
            first_seen_at=START,
            window_opened_at=opened_at,
            window_limit=limit,
            window_used=used,
        )
        await self.archive.committer.commit(Plan(rows=[row]))

    async def case(self, case_id: int) -> None:
        await self.archive.committer.commit(Plan(rows=[make_case(case_id)]))

    async def put(
        self, target: str, *texts: str, case_id: int | None = None, after: timedelta = timedelta(), **more: Any
    ) -> None:
        """Queue a message for each text."""
        due_at = self.clock() + after
        drafts = [
            OutboxDraft(target, "notice", render_body(Message("notice", text, **more)), due_at, case_id)
            for text in texts
        ]
        await self.archive.committer.commit(Plan(outbox=drafts))

    async def rows(self, target: str | None = None) -> list[Any]:
        """The outbox in order."""
        async with self.archive.engine.connect() as connection:
            core = Outbox.__table__  # type: ignore[attr-defined]
            found = await connection.execute(select(core).order_by(core.c.target, core.c.seq))
            return [row for row in found if target in (None, row.target)]

    async def states(self, target: str | None = None) -> list[str]:
        return [row.state.value for row in await self.rows(target)]

    async def until_sent(self, count: int) -> None:
        """Wait until so many messages are written down as sent."""
        while (await self.states()).count("sent") < count:
            pass

    async def target(self, key: str) -> Any:
        async with self.archive.engine.connect() as connection:
            core = Target.__table__  # type: ignore[attr-defined]
            return (await connection.execute(select(core).where(core.c.key == key))).one()

    async def used(self, openid: str) -> int:
        async with self.archive.engine.connect() as connection:
            core = Resident.__table__  # type: ignore[attr-defined]
            return int(
                (await connection.execute(select(core.c.window_used).where(core.c.openid == openid))).scalar_one()
            )

    async def events(self, case_id: int) -> list[Any]:
        async with self.archive.engine.connect() as connection:
            core = CaseEvent.__table__  # type: ignore[attr-defined]
            return list(await connection.execute(select(core).where(core.c.case_id == case_id).order_by(core.c.seq)))


def make_group(key: str, group_id: int, channel: Channel) -> WorkGroup:
    return fresh(
        WorkGroup,
        id=group_id,
        key=key,
        name=f"群{group_id}",
        area_code="1",
        kind=GroupKind.DUTY if key == "duty" else GroupKind.WORK,
        chatid=f"chat{group_id}" if channel is Channel.AIBOT else None,
        send_via=channel,
        receive_via=channel,
        webhook_key=f"key{group_id}" if channel is Channel.WEBHOOK else "",
    )
