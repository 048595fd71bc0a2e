"""What the fan-out of notices asks of the archive. `take_…` and `stop_…` run inside one transaction and lock what they read.

Locks are taken in the committer's order: the notice, its targets, then the outbox.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, case, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.columns import MessageState
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import MassCount, MassSend, Notice, NoticePicture, NoticeTarget
from storage.rows import chunks, columns_of, from_line
from storage.tables import Outbox

_NOTICE: Any = Notice.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_TARGET: Any = NoticeTarget.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_OUTBOX: Any = Outbox.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_SEND: Any = MassSend.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_COUNT: Any = MassCount.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_PICTURE: Any = NoticePicture.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_N, _T, _O, _S = _NOTICE.c, _TARGET.c, _OUTBOX.c, _SEND.c
_OPEN = (TargetState.WAITING, TargetState.QUEUED)
_OVER = (NoticeState.RECALLED, NoticeState.ENDED, NoticeState.CANCELLED)
_RESIDENT = "oa:"


@dataclass(frozen=True, slots=True)
class Line:
    """One target of a notice as the fan-out needs it."""

    id: int
    target: str
    area_code: str | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a notice has come: targets by state."""

    number: str
    state: NoticeState
    counts: dict[TargetState, int]

    @property
    def total(self) -> int:
        """All targets."""
        return sum(self.counts.values())

    @property
    def open(self) -> int:
        """Targets whose end is not known yet."""
        return sum(self.counts.get(state, 0) for state in _OPEN)


async def list_sending(engine: AsyncEngine, urgent: Collection[NoticeKind]) -> list[Notice]:
    """Notices that are being sent: the urgent kinds first, then by age."""
    query = select(*columns_of(Notice)).where(_N.state == NoticeState.SENDING)
    query = query.order_by(case((_N.kind.in_(list(urgent)), 0), else_=1), _N.id)
    async with engine.connect() as connection:
        return [from_line(Notice, line) for line in await connection.execute(query)]


async def list_over(engine: AsyncEngine, since: datetime) -> list[int]:
    """Notices that do not stand any more and still have open targets; those sent before `since` are not looked at again."""
    has_open = select(_T.id).where(_T.notice_id == _N.id, _T.state.in_(_OPEN)).exists()
    async with engine.connect() as connection:
        query = select(_N.id).where(_N.state.in_(_OVER), _sent_since(since), has_open)
        return list((await connection.execute(query)).scalars())


def _sent_since(since: datetime) -> ColumnElement[bool]:
    # Each second somebody looks: what ended years ago must cost nothing.
    return or_(_N.sent_at.is_(None), _N.sent_at >= since)


async def list_unrecalled(engine: AsyncEngine, since: datetime) -> list[Notice]:
    """Recalled notices (sent after `since`) with targets that had it and were not told of the recall."""
    untold = select(_T.id).where(_T.notice_id == _N.id, _T.state == TargetState.SENT, _T.recalled_at.is_(None)).exists()
    query = select(*columns_of(Notice)).where(_N.state == NoticeState.RECALLED, _sent_since(since), untold)
    async with engine.connect() as connection:
        return [from_line(Notice, line) for line in await connection.execute(query)]


async def list_pictures(engine: AsyncEngine, notice_id: int) -> list[int]:
    """A notice's pictures that are still kept, in order."""
    query = select(_PICTURE.c.id).where(_PICTURE.c.notice_id == notice_id, _PICTURE.c.erased_at.is_(None))
    async with engine.connect() as connection:
        return list((await connection.execute(query.order_by(_PICTURE.c.position, _PICTURE.c.id))).scalars())


async def find_progress(engine: AsyncEngine, number: str) -> Progress | None:
    """How far the notice `number` (`通1123-01`) has come; None when there is none."""
    async with engine.connect() as connection:
        row = (await connection.execute(select(_N.id, _N.state).where(_N.number == number))).first()
    return Progress(number, row.state, await count_targets(engine, [row.id])) if row else None


async def count_targets(engine: AsyncEngine, notice_ids: Iterable[int]) -> dict[TargetState, int]:
    """Targets of these notices by state."""
    query = select(_T.state, func.count()).where(_T.notice_id.in_(list(notice_ids))).group_by(_T.state)
    async with engine.connect() as connection:
        return {row[0]: row[1] for row in await connection.execute(query)}


async def list_reasons(
    engine: AsyncEngine, notice_id: int, state: TargetState, limit: int
) -> list[tuple[str, int, str]]:
    """Why targets are in this state: reason, how many, one of them; the most frequent first."""
    number = func.count().label("number")
    query = select(_T.reason, number, func.min(_T.target)).where(_T.notice_id == notice_id, _T.state == state)
    async with engine.connect() as connection:
        rows = await connection.execute(query.group_by(_T.reason).order_by(number.desc()).limit(limit))
        return [(row[0], row[1], row[2]) for row in rows]


def lock_notice(connection: Connection, notice_id: int) -> NoticeState | None:
    """The notice's state, which stays so until the transaction ends; None when there is none."""
    query = select(_N.state).where(_N.id == notice_id).with_for_update()
    return connection.execute(query).scalar_one_or_none()


def take_waiting(connection: Connection, notice_id: int, limit: int, *, residents: bool) -> list[Line]:
    """Up to `limit` targets that wait, ours until the transaction ends; another process's are passed over."""
    kind = _T.target.startswith(_RESIDENT, autoescape=True)
    query = select(_T.id, _T.target, _T.area_code).where(_T.notice_id == notice_id, _T.state == TargetState.WAITING)
    query = query.where(kind if residents else ~kind).order_by(_T.id).limit(limit)
    return [Line(*row) for row in connection.execute(query.with_for_update(skip_locked=True))]


def take_unrecalled(connection: Connection, notice_id: int, limit: int) -> list[Line]:
    """Up to `limit` targets that had the notice and were not told of its recall."""
    query = select(_T.id, _T.target, _T.area_code).where(_T.notice_id == notice_id, _T.state == TargetState.SENT)
    query = query.where(_T.recalled_at.is_(None)).order_by(_T.id).limit(limit)
    return [Line(*row) for row in connection.execute(query.with_for_update(skip_locked=True))]


def stop_open(connection: Connection, notice_id: int, reason: str) -> int:
    """Nothing more of this notice goes out: what waits and what is queued is stopped; how many targets.

    What a lane has in its hands this very moment may still be sent; then the lane writes that it was.
    """
    mine = select(_T.outbox_id).where(_T.notice_id == notice_id, _T.outbox_id.is_not(None))
    mine = mine.where(_T.state.in_((TargetState.QUEUED, TargetState.LEFT)))
    queued = and_(_O.id.in_(mine), _O.state.in_((MessageState.QUEUED, MessageState.PARKED)))
    connection.execute(update(_OUTBOX).where(queued).values(state=MessageState.DEAD, refusal=reason))
    for send in _take_unsent(connection, notice_id):
        connection.execute(update(_SEND).where(_S.id == send.id).values(state="stopped", version=_S.version + 1))
        settle_mass(connection, send, TargetState.STOPPED, reason, None)
    # What a mass send has carried away already is settled by the platform's own word on it.
    open_targets = and_(_T.notice_id == notice_id, _T.state.in_(_OPEN), _T.via != "mass")
    stopped = update(_TARGET).where(open_targets).values(state=TargetState.STOPPED, reason=reason)
    return int(connection.execute(stopped).rowcount)


def _take_unsent(connection: Connection, notice_id: int) -> list[MassSend]:
    query = select(*columns_of(MassSend)).where(_S.notice_id == notice_id, _S.state == "waiting").order_by(_S.id)
    return [from_line(MassSend, line) for line in connection.execute(query.with_for_update())]


def take_mass(connection: Connection, resident_ids: Sequence[int], month: date, most: int) -> set[int]:
    """Count one mass message of `month` for each; those that had fewer than `most` so far, and only they were counted."""
    insert = sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert
    taken: set[int] = set()
    for chunk in chunks(sorted(resident_ids)):
        statement = insert(_COUNT).values([{"resident_id": one, "month": month, "used": 1} for one in chunk])
        statement = statement.on_conflict_do_update(
            index_elements=["resident_id", "month"], set_={"used": _COUNT.c.used + 1}, where=_COUNT.c.used < most
        )
        taken |= set(connection.execute(statement.returning(_COUNT.c.resident_id)).scalars())
    return taken


def give_mass_back(connection: Connection, resident_ids: Sequence[int], month: date) -> None:
    """The platform took nothing for these: the count is as before."""
    for chunk in chunks(sorted(resident_ids)):
        mine = and_(_COUNT.c.resident_id.in_(chunk), _COUNT.c.month == month, _COUNT.c.used > 0)
        connection.execute(update(_COUNT).where(mine).values(used=_COUNT.c.used - 1))


def has_refused_mass(connection: Connection, notice_id: int) -> bool:
    """Whether the platform has refused a mass send of this notice for good."""
    return (
        connection.execute(select(_S.id).where(_S.notice_id == notice_id, _S.state == "refused").limit(1)).first()
        is not None
    )


def settle_mass(connection: Connection, send: MassSend, state: TargetState, reason: str, at: datetime | None) -> None:
    """All who were addressed by one mass send, in one stroke; `WAITING` lets the fan-out look for another way."""
    values: dict[str, Any] = {"state": state, "reason": reason}
    values |= {"sent_at": at} if at else {}
    values |= {"via": ""} if state is TargetState.WAITING else {}
    for chunk in chunks([_RESIDENT + openid for openid in send.openids]):
        mine = and_(
            _T.notice_id == send.notice_id, _T.target.in_(chunk), _T.via == "mass", _T.state == TargetState.QUEUED
        )
        connection.execute(update(_TARGET).where(mine).values(**values))
