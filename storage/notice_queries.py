"""Questions to the archive about notices, each by its name."""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, func, or_
from sqlalchemy import select as sa_select
from sqlmodel import col, select

from storage.archive import Archive
from storage.columns import AreaKind
from storage.counters import draw_block, render_number
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import Notice, NoticeApproval, NoticeEvent, NoticePicture, NoticeSignup, NoticeTarget
from storage.rows import chunks, columns_of, from_line
from storage.tables import Area, Resident, Setting

_OUT = (NoticeState.SENDING, NoticeState.SENT)
_THERE = (TargetState.SENT, TargetState.QUEUED)
_RECENT = 50
TEMPLATE_PREFIX = "notice_template:"


class NoticeBooks:
    """Reading for notices, and the numbers that they are called by."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def take_number(self, on: date) -> str:
        """The next number of a local day, `通1123-01`. It goes on over the years: a number on paper never means two notices."""
        drawn = await draw_block(self._archive.engine, f"notice:{on:%m%d}", 1)
        return f"通{render_number(on, drawn.start)}"

    async def find(self, number: str) -> Notice | None:
        """The notice of this number."""
        found: Notice | None = await self._first(select(Notice).where(col(Notice.number) == number))
        return found

    async def list_approvals(self, notice_id: int) -> Sequence[NoticeApproval]:
        """Every word on a notice, oldest first."""
        query = select(NoticeApproval).where(col(NoticeApproval.notice_id) == notice_id)
        return await self._all(query.order_by(col(NoticeApproval.id)))

    async def list_events(self, notice_id: int) -> Sequence[NoticeEvent]:
        """A notice's history, oldest first."""
        query = select(NoticeEvent).where(col(NoticeEvent.notice_id) == notice_id)
        return await self._all(query.order_by(col(NoticeEvent.at), col(NoticeEvent.id)))

    async def count_pictures(self, notice_id: int) -> int:
        """Pictures of a notice that are still kept."""
        query = sa_select(func.count()).where(
            col(NoticePicture.notice_id) == notice_id, col(NoticePicture.erased_at).is_(None)
        )
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalar_one()

    async def list_signups(self, notice_id: int) -> Sequence[NoticeSignup]:
        """Who signed up for an activity, in order."""
        query = select(NoticeSignup).where(col(NoticeSignup.notice_id) == notice_id)
        return await self._all(query.order_by(col(NoticeSignup.at), col(NoticeSignup.id)))

    async def list_targets(self, notice_id: int) -> list[NoticeTarget]:
        """All targets of a notice."""
        query = sa_select(*columns_of(NoticeTarget)).where(col(NoticeTarget.notice_id) == notice_id)
        async with self._archive.reads() as session:
            lines = (await session.execute(query.order_by(col(NoticeTarget.id)))).all()
        return [from_line(NoticeTarget, line) for line in lines]

    async def list_target_keys(self, notice_id: int) -> set[str]:
        """Whom a notice is for: only the keys."""
        async with self._archive.reads() as session:
            query = sa_select(col(NoticeTarget.target)).where(col(NoticeTarget.notice_id) == notice_id)
            return set((await session.execute(query)).scalars())

    async def find_targets(self, notice_id: int, keys: Collection[str]) -> Sequence[NoticeTarget]:
        """A notice's targets among these keys."""
        query = select(NoticeTarget).where(
            col(NoticeTarget.notice_id) == notice_id, col(NoticeTarget.target).in_(list(keys))
        )
        return await self._all(query)

    async def list_in_group(self, target: str, kind: NoticeKind | None = None) -> list[tuple[Notice, NoticeTarget]]:
        """Running notices that this target got, newest first; the last fifty of them, however many the city has sent since."""
        query = select(Notice, NoticeTarget).join(NoticeTarget, col(NoticeTarget.notice_id) == col(Notice.id))
        query = query.where(
            col(NoticeTarget.target) == target, col(NoticeTarget.state).in_(_THERE), col(Notice.state).in_(_OUT)
        )
        query = query.where(col(Notice.kind) == kind) if kind else query
        query = query.order_by(col(Notice.sent_at).desc(), col(Notice.id).desc()).limit(_RECENT)
        async with self._archive.reads() as session:
            return [(row[0], row[1]) for row in (await session.execute(query)).all()]

    async def list_due(self, now: datetime, most: int = 20) -> Sequence[Notice]:
        """Approved notices whose time has come."""
        query = select(Notice).where(col(Notice.state) == NoticeState.SCHEDULED, col(Notice.send_at) <= now)
        return await self._all(query.order_by(col(Notice.send_at), col(Notice.id)).limit(most))

    async def list_ending(self, now: datetime, most: int = 50) -> Sequence[Notice]:
        """Notices that are out and whose end has come."""
        query = select(Notice).where(col(Notice.state).in_(_OUT), col(Notice.ends_at) <= now)
        return await self._all(query.order_by(col(Notice.ends_at)).limit(most))

    async def list_to_remind(self, now: datetime, most: int = 20) -> Sequence[Notice]:
        """Notices that have all gone out and whose silent groups should be asked again by now."""
        query = select(Notice).where(col(Notice.state) == NoticeState.SENT, col(Notice.remind_at) <= now)
        return await self._all(query.order_by(col(Notice.remind_at)).limit(most))

    async def list_untold_ends(
        self, since: datetime, kinds: Collection[NoticeKind], most: int = 20
    ) -> Sequence[Notice]:
        """Notices of these kinds that ended since `since`, with targets that got them and have not heard of the end."""
        untold = sa_select(col(NoticeTarget.id)).where(
            col(NoticeTarget.notice_id) == col(Notice.id),
            col(NoticeTarget.state) == TargetState.SENT,
            col(NoticeTarget.recalled_at).is_(None),
        )
        query = select(Notice).where(col(Notice.state) == NoticeState.ENDED, col(Notice.ends_at) >= since)
        query = query.where(col(Notice.kind).in_(list(kinds)), untold.exists())
        return await self._all(query.order_by(col(Notice.ends_at)).limit(most))

    async def list_untold_targets(self, notice_id: int, most: int) -> Sequence[NoticeTarget]:
        """Targets that got a notice and have not heard of its end."""
        query = select(NoticeTarget).where(
            col(NoticeTarget.notice_id) == notice_id,
            col(NoticeTarget.state) == TargetState.SENT,
            col(NoticeTarget.recalled_at).is_(None),
        )
        return await self._all(query.order_by(col(NoticeTarget.id)).limit(most))

    async def list_silent_targets(self, notice_id: int, is_task: bool, most: int) -> Sequence[NoticeTarget]:
        """Groups that got a notice, have not answered (a task: not reported it done) and were not asked again."""
        answered = col(NoticeTarget.done_at if is_task else NoticeTarget.received_at)
        query = select(NoticeTarget).where(
            col(NoticeTarget.notice_id) == notice_id,
            col(NoticeTarget.state) == TargetState.SENT,
            col(NoticeTarget.target).startswith("group:"),
            answered.is_(None),
            col(NoticeTarget.reminded_at).is_(None),
        )
        return await self._all(query.order_by(col(NoticeTarget.id)).limit(most))

    async def find_successor(self, notice_id: int) -> Notice | None:
        """The notice that took this one's place and went out."""
        query = select(Notice).where(col(Notice.supersedes_id) == notice_id, col(Notice.sent_at).is_not(None))
        found: Notice | None = await self._first(query.order_by(col(Notice.id).desc()))
        return found

    async def list_stale_drafts(self, before: datetime, most: int = 50) -> Sequence[Notice]:
        """Drafts that were begun before `before` and never submitted."""
        query = select(Notice).where(col(Notice.state) == NoticeState.DRAFT, col(Notice.made_at) <= before)
        return await self._all(query.order_by(col(Notice.made_at)).limit(most))

    async def list_with_arrivals(self, since: datetime, most: int = 200) -> list[Notice]:
        """Notices with pictures on their way (field `media`): those that nobody has got yet, and those cancelled that were made since."""
        states = (NoticeState.DRAFT, NoticeState.WAITING, NoticeState.SCHEDULED)
        dropped = and_(col(Notice.state) == NoticeState.CANCELLED, col(Notice.made_at) >= since)
        query = select(Notice).where(or_(col(Notice.state).in_(states), dropped)).order_by(col(Notice.id).desc())
        return [notice for notice in await self._all(query.limit(most)) if notice.fields.get("media")]

    async def list_pictures(self, notice_id: int) -> Sequence[NoticePicture]:
        """Pictures of a notice that are still kept, in order."""
        query = select(NoticePicture).where(
            col(NoticePicture.notice_id) == notice_id, col(NoticePicture.erased_at).is_(None)
        )
        return await self._all(query.order_by(col(NoticePicture.position), col(NoticePicture.id)))

    async def list_of_areas(self, areas: Sequence[str], made_by: int, most: int = 15) -> Sequence[Notice]:
        """The newest notices for what lies in these areas, and those that this worker made."""
        mine = [col(Notice.made_by) == made_by, *_inside(areas)]
        query = select(Notice).outerjoin(Area, col(Area.code) == col(Notice.area_code)).where(or_(*mine))
        return await self._all(query.order_by(col(Notice.id).desc()).limit(most))

    async def count_readers(self, areas: Sequence[str], kinds: Sequence[AreaKind] = ()) -> tuple[int, int]:
        """Residents bound to places in these subtrees: all of them, and those who follow still."""
        query = _readers(sa_select(func.count(), func.count().filter(col(Resident.follows))), areas, kinds)
        async with self._archive.reads() as session:
            found = (await session.execute(query)).one()
        return found[0], found[1]

    async def list_readers(self, areas: Sequence[str], kinds: Sequence[AreaKind] = ()) -> list[tuple[str, str, bool]]:
        """The same one by one: openid, area, whether he follows."""
        columns = (col(Resident.openid), col(Resident.area_code), col(Resident.follows))
        query = _readers(sa_select(*columns), areas, kinds).order_by(col(Resident.id))
        async with self._archive.reads() as session:
            return [(row[0], row[1], row[2]) for row in await session.execute(query)]

    async def list_templates(self, codes: Sequence[str]) -> list[tuple[str, str]]:
        """Saved templates of these areas: name and JSON."""
        found: dict[str, str] = {}
        async with self._archive.reads() as session:
            for some in chunks(codes):
                places = [col(Setting.name).startswith(f"{TEMPLATE_PREFIX}{code}:", autoescape=True) for code in some]
                query = sa_select(col(Setting.name), col(Setting.value)).where(or_(*places))
                rows = await session.execute(query.order_by(col(Setting.name)))
                found.update({row[0].split(":", 2)[2]: row[1] for row in rows})
        return sorted(found.items())

    async def _all(self, query: Any) -> Sequence[Any]:
        async with self._archive.reads() as session:
            return (await session.execute(query)).scalars().all()

    async def _first(self, query: Any) -> Any:
        async with self._archive.reads() as session:
            return (await session.execute(query.limit(1))).scalars().first()


def _inside(areas: Sequence[str]) -> list[Any]:
    # A code stands between slashes in its own path and in every path below it.
    return [col(Area.path).contains(f"/{code}/", autoescape=True) for code in areas]


def _readers(query: Any, areas: Sequence[str], kinds: Sequence[AreaKind]) -> Any:
    query = query.select_from(Resident).join(Area, col(Area.code) == col(Resident.area_code))
    query = query.where(or_(*_inside(areas)))
    return query.where(col(Area.kind).in_(list(kinds))) if kinds else query
