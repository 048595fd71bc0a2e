"""Who stands behind a target: where a message goes, and how people call him."""

from collections.abc import Sequence
from typing import Any, Protocol, assert_never

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.delivery.waiting import name_of, prefix_of
from bot.ports import Address
from storage.columns import Channel, GroupKind
from storage.loader import Loader
from storage.tables import Worker, WorkGroup

VIA_ACCOUNT, VIA_AIBOT, VIA_WEBHOOK = "oa", "aibot", "webhook"

_GROUP: Any = WorkGroup.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_WORKER: Any = Worker.__table__  # type: ignore[attr-defined]  # SQLModel adds it


class Directory(Protocol):
    """What delivery asks about targets."""

    async def find(self, target: str) -> Address | None:
        """Where messages for `target` go; None when nothing can be sent there (not bound, no way to send, unknown)."""
        ...

    async def describe(self, target: str) -> str:
        """How the duty group calls him, in Chinese; never an openid, phone or chat id."""
        ...

    async def find_duty(self) -> str | None:
        """The target of the duty group; None when there is none."""
        ...


class ArchiveDirectory:
    """The directory as the archive has it; look-ups that arrive together are one query. `duty_group` is a group's `key`."""

    def __init__(self, engine: AsyncEngine, duty_group: str) -> None:
        self._engine, self._duty_group = engine, duty_group
        self._groups: Loader[int, Any] = Loader(self._read_groups)

    async def find(self, target: str) -> Address | None:
        """Where messages for `target` go; None when nothing can be sent there."""
        match prefix_of(target):
            case "oa:":
                return Address(target, name_of(target), via=VIA_ACCOUNT)
            case "worker:":
                return Address(target, name_of(target), via=VIA_AIBOT)
            case "group:":
                return _find_group_address(target, await self._find_group(target))
            case _:
                return None

    async def describe(self, target: str) -> str:
        """How the duty group calls him, in Chinese."""
        match prefix_of(target):
            case "oa:":
                return "居民"
            case "worker:":
                return await self._describe_worker(name_of(target))
            case "group:":
                group = await self._find_group(target)
                return f"工作群“{group.name}”" if group else "已删除的工作群"
            case _:
                return "未知对象"

    async def find_duty(self) -> str | None:
        """The target of the duty group: the one configured, else the first of that kind; None when there is none."""
        query = select(_GROUP.c.id).order_by(_GROUP.c.key != self._duty_group, _GROUP.c.id)
        query = query.where(or_(_GROUP.c.key == self._duty_group, _GROUP.c.kind == GroupKind.DUTY)).limit(1)
        async with self._engine.connect() as connection:
            row = (await connection.execute(query)).first()
        return f"group:{row[0]}" if row else None

    async def _find_group(self, target: str) -> Any:
        number = name_of(target)
        return await self._groups.load(int(number)) if number.isascii() and number.isdigit() else None

    async def _read_groups(self, ids: Sequence[int]) -> dict[int, Any]:
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(_GROUP).where(_GROUP.c.id.in_(ids)))
            return {row.id: row for row in rows}

    async def _describe_worker(self, userid: str) -> str:
        async with self._engine.connect() as connection:
            query = select(_WORKER.c.name).where(_WORKER.c.userid == userid)
            row = (await connection.execute(query)).first()
        return f"网格员{row[0]}" if row else "网格员"


def _find_group_address(target: str, group: Any) -> Address | None:
    if group is None:
        return None
    chat, key = group.chatid or "", group.webhook_key
    channel: Channel = group.send_via
    match channel:
        case Channel.AIBOT:
            return Address(target, chat, key, VIA_AIBOT) if chat else None
        case Channel.WEBHOOK:
            return Address(target, chat, key, VIA_WEBHOOK) if key else None
        case Channel.NONE:
            return None
        case _:
            assert_never(channel)
