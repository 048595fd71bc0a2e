"""Questions to the archive, each by its name. Rows come back detached and are read-only from then on."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, or_
from sqlalchemy import select as sa_select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import SQLModel, col, select

from storage.archive import Archive
from storage.clue_queries import ClueBooks
from storage.columns import WorkerStatus
from storage.followups import FollowUps
from storage.heat import ThemeCount, count_themes
from storage.likeness import Likeness
from storage.loop_queries import Loop
from storage.notice_queries import NoticeBooks
from storage.rows import Row, columns_of, from_line
from storage.tables import (
    Area,
    AreaBoundary,
    Case,
    CaseEvent,
    Inbound,
    Media,
    Outbox,
    PlaceRule,
    Post,
    Resident,
    Setting,
    Worker,
    WorkGroup,
)


class Books:
    """Reading for handlers, jobs and commands."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self.likeness = Likeness(archive)
        self.notices = NoticeBooks(archive)
        self.clues = ClueBooks(archive)
        self.followups = FollowUps(archive)
        self.loop = Loop(archive)

    async def find(self, table: type[Row], key: int | str | None) -> Row | None:
        """The row with this primary key."""
        if key is None:
            return None
        async with self._archive.reads() as session:
            return await session.get(table, key)

    async def list_all(self, table: type[Row]) -> Sequence[Row]:
        """All rows of a small table."""
        async with self._archive.reads() as session:
            return (await session.execute(select(table))).scalars().all()

    async def list_open_in_group(self, group_id: int, most: int = 50) -> Sequence[Case]:
        """Open cases that a group has, oldest first."""
        query = select(Case).where(col(Case.group_id) == group_id, col(Case.is_open)).order_by(col(Case.opened_at))
        async with self._archive.reads() as session:
            return (await session.execute(query.limit(most))).scalars().all()

    async def list_open_of_worker(self, worker_id: int, most: int = 50) -> Sequence[Case]:
        """Open cases that a worker has accepted, oldest first."""
        query = select(Case).where(col(Case.handler_id) == worker_id, col(Case.is_open))
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Case.opened_at)).limit(most))).scalars().all()

    async def find_by_number(self, number: str) -> Case | None:
        """What a typed number means: the newest open case of that number, else the newest of all."""
        query = select(Case).where(col(Case.number) == number)
        query = query.order_by(col(Case.is_open).desc(), col(Case.opened_on).desc()).limit(1)
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().first()

    async def find_by_outside_number(self, outside_number: str) -> Case | None:
        """The newest case with this number of a hotline or letter."""
        query = select(Case).where(col(Case.outside_number) == outside_number).order_by(col(Case.opened_at).desc())
        async with self._archive.reads() as session:
            return (await session.execute(query.limit(1))).scalars().first()

    async def list_of_resident(self, resident_id: int, most: int = 10) -> Sequence[Case]:
        """A resident's cases, newest first."""
        query = select(Case).where(col(Case.resident_id) == resident_id).order_by(col(Case.opened_at).desc())
        async with self._archive.reads() as session:
            return (await session.execute(query.limit(most))).scalars().all()

    async def list_recent(self, most: int) -> Sequence[Case]:
        """The cases opened last, newest first."""
        query = select(Case).order_by(col(Case.opened_at).desc(), col(Case.id).desc()).limit(most)
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().all()

    async def list_triage(self, most: int = 50) -> Sequence[Case]:
        """Cases that wait for the duty group (待研判), oldest first."""
        query = select(Case).where(col(Case.status) == "triage").order_by(col(Case.opened_at)).limit(most)
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().all()

    async def list_events(self, case_id: int) -> Sequence[CaseEvent]:
        """A case's history, in order."""
        query = select(CaseEvent).where(col(CaseEvent.case_id) == case_id).order_by(col(CaseEvent.seq))
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().all()

    async def list_told(self, case_id: int) -> Sequence[Outbox]:
        """What residents were told, or are to be told, about a case, oldest first."""
        query = select(Outbox).where(col(Outbox.case_id) == case_id, col(Outbox.target).startswith("oa:"))
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Outbox.created_at), col(Outbox.id)))).scalars().all()

    async def list_media(self, case_id: int) -> Sequence[Media]:
        """A case's pictures and recordings, in order of arrival."""
        query = select(Media).where(col(Media.case_id) == case_id).order_by(col(Media.created_at), col(Media.id))
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().all()

    async def find_resident(self, openid: str) -> Resident | None:
        """The resident with this openid."""
        async with self._archive.reads() as session:
            return (await session.execute(select(Resident).where(col(Resident.openid) == openid))).scalars().first()

    async def find_worker(self, userid: str) -> Worker | None:
        """The worker with this userid, whatever his status."""
        async with self._archive.reads() as session:
            return (await session.execute(select(Worker).where(col(Worker.userid) == userid))).scalars().first()

    async def find_unclaimed_worker(self, name: str, phone: str) -> Worker | None:
        """An imported worker who has not been met in any chat yet."""
        query = select(Worker).where(col(Worker.name) == name, col(Worker.phone) == phone, col(Worker.userid).is_(None))
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().first()

    async def list_workers_named(self, name: str, most: int = 20) -> Sequence[Worker]:
        """Everybody of that name, whatever his status."""
        query = select(Worker).where(col(Worker.name) == name).order_by(col(Worker.id)).limit(most)
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().all()

    async def list_posts(self, worker_id: int) -> Sequence[Post]:
        """A worker's posts."""
        query = select(Post).where(col(Post.worker_id) == worker_id).order_by(col(Post.id))
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().all()

    async def list_pending_workers(self, area_codes: Sequence[str]) -> Sequence[Worker]:
        """Workers who wait for a lead's approval in these areas."""
        query = select(Worker).where(col(Worker.status) == WorkerStatus.PENDING, col(Worker.area_code).in_(area_codes))
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Worker.id)))).scalars().all()

    async def find_group_by_code(self, code: str) -> WorkGroup | None:
        """The group that a one-time code binds."""
        async with self._archive.reads() as session:
            return (await session.execute(select(WorkGroup).where(col(WorkGroup.bind_code) == code))).scalars().first()

    async def find_group_by_chat(self, chatid: str) -> WorkGroup | None:
        """The group that a chat is bound to."""
        async with self._archive.reads() as session:
            return (await session.execute(select(WorkGroup).where(col(WorkGroup.chatid) == chatid))).scalars().first()

    async def find_inbound(self, key: str) -> Inbound | None:
        """The update that was let in under this key."""
        async with self._archive.reads() as session:
            return (await session.execute(select(Inbound).where(col(Inbound.key) == key))).scalars().first()

    async def list_pending_inbound(self, before: datetime, most: int = 100) -> Sequence[Inbound]:
        """Updates that were kept before `before` and have not been handled: a process died over them."""
        query = select(Inbound).where(col(Inbound.state) == "pending", col(Inbound.received_at) <= before)
        async with self._archive.reads() as session:
            return (await session.execute(query.order_by(col(Inbound.received_at)).limit(most))).scalars().all()

    async def count(self, table: type[SQLModel], *conditions: object) -> int:
        """How many rows of a table meet the conditions."""
        query = select(func.count()).select_from(table).where(*conditions)  # type: ignore[arg-type]  # SQL expressions
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalar_one()

    async def load_city(self) -> tuple[list[Area], list[Worker], list[Post], list[WorkGroup], list[PlaceRule]]:
        """Everything that routing and place reading keep in memory, read in one transaction."""
        async with self._archive.reads() as session:
            return (
                await _read_all(session, Area, col(Area.code)),
                await _read_all(session, Worker, col(Worker.id)),
                await _read_all(session, Post, col(Post.id)),
                await _read_all(session, WorkGroup, col(WorkGroup.id)),
                await _read_all(session, PlaceRule, col(PlaceRule.id)),
            )

    async def list_boundaries(self, on: date) -> list[AreaBoundary]:
        """The boundaries in force on a local day."""
        begins, ends = col(AreaBoundary.effective_from), col(AreaBoundary.effective_to)
        query = sa_select(*columns_of(AreaBoundary)).where(begins <= on, or_(ends.is_(None), ends >= on))
        async with self._archive.reads() as session:
            lines = (await session.execute(query.order_by(col(AreaBoundary.area_code), begins))).all()
        return [from_line(AreaBoundary, line) for line in lines]

    async def count_themes(self, path: str, since: date, until: date) -> list[ThemeCount]:
        """How many cases of each theme were opened in a subtree, by area and local date; see `storage.heat`."""
        return await count_themes(self._archive, path, since, until)

    async def find_setting(self, name: str) -> str | None:
        """A shared small fact."""
        setting = await self.find(Setting, name)
        return setting.value if setting else None

    async def list_loose_media(self, ids: Sequence[int]) -> Sequence[Media]:
        """Media by their ids, in order."""
        async with self._archive.reads() as session:
            query = select(Media).where(col(Media.id).in_(ids)).order_by(col(Media.id))
            return (await session.execute(query)).scalars().all()


async def _read_all(session: AsyncSession, table: type[Row], order: Any) -> list[Row]:
    lines = (await session.execute(sa_select(*columns_of(table)).order_by(order))).all()
    return [from_line(table, line) for line in lines]
