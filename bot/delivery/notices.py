"""Messages of notices: each knows its line in its notice's book, and goes only while its notice stands."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.loader import Loader
from storage.notice_columns import NoticeState, TargetState
from storage.notice_tables import Notice, NoticeTarget
from storage.plan import Change

STOPPED = "通知已撤回或到期，没有再发送"
# Beside the message in its body; a reader of messages passes over it.
_KEY = "notice"
_STANDS = frozenset({NoticeState.SENDING, NoticeState.SENT})
_NOTICE: Any = Notice.__table__  # type: ignore[attr-defined]  # SQLModel adds it


@dataclass(frozen=True, slots=True)
class NoticeRef:
    """Which notice a message belongs to, and the `NoticeTarget` that says what became of it."""

    notice_id: int
    target_id: int


def put_ref(body: Mapping[str, Any], ref: NoticeRef) -> dict[str, Any]:
    """The message's body with its place in the book."""
    return {**body, _KEY: [ref.notice_id, ref.target_id]}


def find_ref(body: Any) -> NoticeRef | None:
    """The place in the book; None for what is no notice's message (a recall is none either: it must go)."""
    found = body.get(_KEY) if isinstance(body, Mapping) else None
    match found:
        case [int(notice_id), int(target_id)]:
            return NoticeRef(notice_id, target_id)
        case _:
            return None


def book_sent(ref: NoticeRef, via: str, at: datetime, note: str, platform_id: str = "") -> Change:
    """It was taken; a fact, also when the notice was recalled meanwhile. `platform_id`: by which later events name it."""
    values = {"state": TargetState.SENT, "via": via, "sent_at": at, "reason": note}
    return Change(NoticeTarget, ref.target_id, None, {**values, "note": platform_id} if platform_id else values)


def book_missed(ref: NoticeRef, state: TargetState, reason: str) -> Change:
    """It was not taken, and why."""
    return Change(NoticeTarget, ref.target_id, None, {"state": state, "reason": reason})


class NoticeGuard:
    """Whether a notice still stands; questions that are asked together are one query, and each is answered anew."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._states: Loader[int, NoticeState] = Loader(self._read)

    async def stands(self, ref: NoticeRef) -> bool:
        """False once it is recalled, ended, or gone."""
        return await self._states.load(ref.notice_id) in _STANDS

    async def _read(self, ids: Sequence[int]) -> dict[int, NoticeState]:
        query = select(_NOTICE.c.id, _NOTICE.c.state).where(_NOTICE.c.id.in_(ids))
        async with self._engine.connect() as connection:
            return {row.id: row.state for row in await connection.execute(query)}
