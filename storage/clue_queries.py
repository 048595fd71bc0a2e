"""Questions to the archive about clues, and about the notices that somebody has before him, each by its name."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlmodel import col, select

from storage.archive import Archive
from storage.counters import draw_block, render_number
from storage.notice_columns import NoticeKind, NoticeState, SignupState, TargetState
from storage.notice_tables import Clue, Notice, NoticeSignup, NoticeTarget

_OUT = (NoticeState.SENDING, NoticeState.SENT)
_THERE = (TargetState.SENT, TargetState.QUEUED)
_MOST_RUNNING = 200

Running = tuple[Notice, NoticeTarget | None]
"""A notice that is out, and what became of it with somebody (None: it was not meant for him)."""


class ClueBooks:
    """Reading for clues and sign-ups, and the numbers that clues are called by."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def take_number(self, on: date) -> str:
        """The next number of a local day, `线1123-01`; it goes on over the years, as those of notices do."""
        drawn = await draw_block(self._archive.engine, f"clue:{on:%m%d}", 1)
        return f"线{render_number(on, drawn.start)}"

    async def find(self, number: str) -> Clue | None:
        """The clue of this number."""
        found: Clue | None = await self._first(select(Clue).where(col(Clue.number) == number))
        return found

    async def list_of_notice(self, notice_id: int) -> Sequence[Clue]:
        """Every clue to a notice, oldest first."""
        return await self._all(select(Clue).where(col(Clue.notice_id) == notice_id).order_by(col(Clue.id)))

    async def find_of_media(self, person: str, media_id: int, since: datetime) -> Clue | None:
        """The clue that a medium belongs to, among those that its sender gave since `since`."""
        query = select(Clue).where(col(Clue.person) == person, col(Clue.at) >= since)
        found: Sequence[Clue] = await self._all(query.order_by(col(Clue.id).desc()))
        return next((clue for clue in found if media_id in clue.pictures), None)

    async def list_running(self, targets: Collection[str], kinds: Collection[NoticeKind] = ()) -> list[Running]:
        """Notices (of these kinds) that are out, newest first, each with the target among `targets` that got it.

        Only the newest two hundred of the city are looked at.
        """
        query = select(Notice).where(col(Notice.state).in_(_OUT))
        query = query.where(col(Notice.kind).in_(list(kinds))) if kinds else query
        order = (col(Notice.sent_at).desc(), col(Notice.id).desc())
        notices: Sequence[Notice] = await self._all(query.order_by(*order).limit(_MOST_RUNNING))
        got: Sequence[NoticeTarget] = await self._all(
            select(NoticeTarget).where(
                col(NoticeTarget.notice_id).in_([notice.id for notice in notices]),
                col(NoticeTarget.target).in_(list(targets)),
                col(NoticeTarget.state).in_(_THERE),
            )
        )
        by_notice = {one.notice_id: one for one in got}
        return [(notice, by_notice.get(notice.id)) for notice in notices]

    async def list_signed_up(self, person: str) -> list[tuple[Notice, NoticeSignup]]:
        """Where somebody has signed up, himself or for others, on activities that are still out; newest first."""
        running = select(Notice).where(col(Notice.state).in_(_OUT), col(Notice.kind) == NoticeKind.ACTIVITY)
        notices: dict[int, Notice] = {notice.id: notice for notice in await self._all(running)}
        query = select(NoticeSignup).where(
            col(NoticeSignup.notice_id).in_(list(notices)),
            col(NoticeSignup.person) == person,
            col(NoticeSignup.state) != SignupState.OUT,
        )
        rows: Sequence[NoticeSignup] = await self._all(query.order_by(col(NoticeSignup.id).desc()))
        return [(notices[row.notice_id], row) for row in rows]

    async def _all(self, query: Any) -> Sequence[Any]:
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().all()

    async def _first(self, query: Any) -> Any:
        async with self._archive.reads() as session:
            return (await session.execute(query.limit(1))).scalars().first()
