"""Which media somebody must fetch now: claimed so that two processes do not fetch the same."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.columns import MediaState
from storage.tables import Media
from storage.writing import writing

_MEDIA: Any = Media.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_M = _MEDIA.c


class MediaClaims:
    """A claim moves `due_at` on by `hold`, and counts a try: whoever dies over it leaves it due again."""

    def __init__(self, engine: AsyncEngine, hold: timedelta) -> None:
        self._engine, self._hold = engine, hold

    async def take(self, now: datetime, limit: int) -> list[int]:
        """The ids of up to `limit` media, ours until the hold is over; the oldest first."""
        due = (_M.state == MediaState.WANTED, _M.due_at <= now)
        async with self._engine.connect() as connection:
            if (await connection.execute(select(_M.id).where(*due).limit(1))).first() is None:
                return []
        query = select(_M.id).where(*due).order_by(_M.due_at).limit(limit).with_for_update(skip_locked=True)
        async with writing(self._engine) as connection:
            ids: Sequence[int] = (await connection.execute(query)).scalars().all()
            if ids:
                held = {"due_at": now + self._hold, "tries": _M.tries + 1}
                await connection.execute(update(_MEDIA).where(_M.id.in_(ids)).values(held))
        return list(ids)
