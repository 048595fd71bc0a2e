"""Which recordings somebody must turn into text now: claimed so that two processes do not both do it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.columns import TranscriptionState
from storage.tables import Transcription
from storage.writing import writing

_TABLE: Any = Transcription.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_T = _TABLE.c


class TranscriptionClaims:
    """A claim moves `due_at` on by `hold`, and counts a try: whoever dies over it leaves it due again."""

    def __init__(self, engine: AsyncEngine, hold: timedelta) -> None:
        self._engine, self._hold = engine, hold

    async def take(self, now: datetime, limit: int) -> list[int]:
        """The media ids of up to `limit` recordings, ours until the hold is over; the oldest first."""
        due = (_T.state == TranscriptionState.WANTED, _T.due_at <= now)
        async with self._engine.connect() as connection:
            if (await connection.execute(select(_T.media_id).where(*due).limit(1))).first() is None:
                return []
        query = select(_T.media_id).where(*due).order_by(_T.due_at).limit(limit).with_for_update(skip_locked=True)
        async with writing(self._engine) as connection:
            ids: Sequence[int] = (await connection.execute(query)).scalars().all()
            if ids:
                held = {"due_at": now + self._hold, "tries": _T.tries + 1}
                await connection.execute(update(_TABLE).where(_T.media_id.in_(ids)).values(held))
        return list(ids)
