"""Notices as the fan-out finds them: rows made by hand, so that only the way out is under test."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, TypeVar

from sqlmodel import col, select

from storage.columns import Channel, GroupKind
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import Notice, NoticeTarget
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Resident, WorkGroup
from tests.ears import Group
from tests.house import House

_PATIENCE_SECONDS = 25.0
Found = TypeVar("Found")


@dataclass(slots=True)
class Sender:
    """Makes notices in a house and waits for their end."""

    house: House
    numbers: int = 0
    webhooks: dict[str, int] = field(default_factory=dict)

    async def webhook_group(self, name: str, area: str, key: str | None = None) -> int:
        """A group on a webhook, there and in the sandbox; its id. `key`: what the archive believes, when that is wrong."""
        group_id = await self.house.service.archive.numbers.take_id()
        real = f"key-{name}"
        row = fresh(
            WorkGroup,
            id=group_id,
            key=name,
            name=f"{name}工作群",
            area_code=area,
            kind=GroupKind.WORK,
            send_via=Channel.WEBHOOK,
            receive_via=Channel.NONE,
            webhook_key=key or real,
        )
        await self.house.service.archive.committer.commit(Plan(rows=[row]))
        body = {"name": f"{name}工作群", "members": [], "bots": [], "webhook_key": real}
        await self.house.driver._call("PUT", f"/sandbox/groups/{name}", body)
        await self.house.service.hall.load()
        self.webhooks[name] = group_id
        return group_id

    async def resident(self, openid: str, *, window: bool = False, follows: bool = True) -> None:
        """A follower, whose window is open or not."""
        now = self.house.service.clock()
        row = fresh(
            Resident,
            id=await self.house.service.archive.numbers.take_id(),
            openid=openid,
            follows=follows,
            first_seen_at=now,
            window_opened_at=now if window else None,
            window_limit=5 if window else 0,
        )
        await self.house.service.archive.committer.commit(Plan(rows=[row]))
        body = {"follows": follows, "window_open": window, "templates_accepted": []}
        await self.house.driver._call("PUT", f"/sandbox/residents/{openid}", body)

    async def send(
        self, targets: Sequence[str], *, text: str = "请注意", photo: bytes | None = None, **values: Any
    ) -> Notice:
        """A notice for these targets, being sent from now on."""
        service, now = self.house.service, self.house.service.clock()
        self.numbers += 1
        ids = await service.archive.numbers.take(len(targets) + 1)
        notice = fresh(
            Notice,
            id=ids.start,
            number=f"通1123-{self.numbers:02d}",
            **{
                "kind": NoticeKind.ANNOUNCEMENT,
                "state": NoticeState.SENDING,
                "text": text,
                "scope": {"areas": ["city"], "groups": [], "residents": True},
                "made_at": now,
                "sent_at": now,
                "ends_at": now + timedelta(days=3),
                **values,
            },
        )
        rows: list[Any] = [notice]
        rows += [
            fresh(NoticeTarget, id=ids[number], notice_id=notice.id, target=target, state=TargetState.WAITING)
            for number, target in enumerate(targets, 1)
        ]
        if photo is not None:
            rows.append(await service.notices.pictures.keep(notice.id, photo, 0, "worker:1"))
        await service.archive.committer.commit(Plan(rows=rows))
        service.notices.fanout.wake()
        return notice

    async def change(self, notice: Notice, **values: Any) -> None:
        """Something happens to the notice."""
        found = await self.find(notice)
        await self.house.service.archive.committer.commit(
            Plan(changes=[Change(Notice, notice.id, found.version, values)])
        )
        self.house.service.notices.fanout.wake()

    async def find(self, notice: Notice) -> Notice:
        """The notice as it is now."""
        async with self.house.service.archive.reads() as session:
            found = await session.get(Notice, notice.id)
        assert found is not None
        return found

    async def targets(self, notice: Notice) -> dict[str, NoticeTarget]:
        """What became of each target."""
        query = select(NoticeTarget).where(col(NoticeTarget.notice_id) == notice.id)
        async with self.house.service.archive.reads() as session:
            return {row.target: row for row in (await session.execute(query)).scalars()}

    async def settled(self, notice: Notice, *states: TargetState) -> dict[str, NoticeTarget]:
        """The targets once each has come to its end (or, with `states`, once each is in one of these)."""
        open_states = {TargetState.WAITING, TargetState.QUEUED}

        async def look() -> dict[str, NoticeTarget] | None:
            found = await self.targets(notice)
            ends = [(row.state in states) if states else (row.state not in open_states) for row in found.values()]
            return found if all(ends) else None

        return await wait_for(look)

    async def reached(self, notice: Notice, target: str) -> None:
        """Until this target has it."""

        async def look() -> bool | None:
            return (await self.targets(notice))[target].state is TargetState.SENT or None

        await wait_for(look)

    async def finished(self, notice: Notice) -> Notice:
        """The notice once it is not being sent any more."""

        async def look() -> Notice | None:
            found = await self.find(notice)
            return found if found.state is not NoticeState.SENDING else None

        return await wait_for(look)

    async def group(self, chatid: str) -> Group:
        """A group of the sandbox, listened to from its first message on."""
        return Group(self.house.driver, f"/sandbox/groups/{chatid}/messages", 0, chatid)


async def wait_for(look: Callable[[], Awaitable[Found | None]]) -> Found:
    """What `look` finds at last. The service works in this very loop, and each look is a query: nobody sleeps meanwhile."""
    async with asyncio.timeout(_PATIENCE_SECONDS):
        while (found := await look()) is None:
            pass
        return found
