"""One chunk of a notice's targets into the outbox: claimed, planned and written in one transaction, so a kill leaves all or nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlmodel import SQLModel

from bot.delivery.notices import NoticeRef, put_ref
from bot.notices_ways import MASS_ALONE, MASS_LEAST, Ways, dissolve_mass, drop_mass, sort_out
from grid.message import Message, render_body
from storage.batch import write_batch
from storage.fanout import (
    Line,
    give_mass_back,
    has_refused_mass,
    lock_notice,
    take_mass,
    take_unrecalled,
    take_waiting,
)
from storage.notice_columns import NoticeState, TargetState
from storage.notice_tables import MassSend, Notice, NoticeTarget
from storage.plan import Change, OutboxDraft, Plan
from storage.rows import chunks, columns_of, fresh, from_line
from storage.tables import Resident

Render = Callable[[Line], Message]
VIA_MASS = "mass"
_RESIDENT: Any = Resident.__table__  # type: ignore[attr-defined]  # SQLModel adds it


@dataclass(frozen=True, slots=True)
class Chunk:
    """What a chunk needs: ids drawn beforehand (outbox rows, one mass send), how to say it, and the law of mass messages.

    `most_mass`: how many of the month's mass messages this notice may use; 0: none. `month`: its first day, as the platform counts.
    """

    notice: Notice
    limit: int
    first_id: int
    send_id: int
    render: Render
    now: datetime
    month: date
    most_mass: int = 0
    has_template: bool = False


def queue_groups(connection: Connection, chunk: Chunk) -> int:
    """Up to `limit` groups and workers that wait; how many were taken. 0 also when the notice does not stand any more."""
    if lock_notice(connection, chunk.notice.id) is not NoticeState.SENDING:
        return 0
    lines = take_waiting(connection, chunk.notice.id, chunk.limit, residents=False)
    _write(connection, chunk, lines, [], [])
    return len(lines)


def queue_residents(connection: Connection, chunk: Chunk) -> int:
    """Up to `limit` residents that wait, each by the way that is open to him; how many were taken."""
    if lock_notice(connection, chunk.notice.id) is not NoticeState.SENDING:
        return 0
    lines = take_waiting(connection, chunk.notice.id, chunk.limit, residents=True)
    if not lines:
        return 0
    ways = _find_ways(connection, chunk, lines)
    rows, changes = _plan_mass(chunk, ways)
    changes += [_change(line, state=TargetState.LEFT, reason=reason) for line, reason in ways.left]
    _write(connection, chunk, ways.outbox, rows, changes)
    return len(lines)


def queue_recall(connection: Connection, chunk: Chunk) -> int:
    """The recall to up to `limit` targets that had the notice; how many were taken."""
    lines = take_unrecalled(connection, chunk.notice.id, chunk.limit)
    drafts = [_draft(chunk, line, render_body(chunk.render(line))) for line in lines]
    told = [_change(line, recalled_at=chunk.now) for line in lines]
    write_batch(connection, [Plan(changes=told, outbox=drafts)], chunk.first_id)
    return len(lines)


def _find_ways(connection: Connection, chunk: Chunk, lines: Sequence[Line]) -> Ways:
    can_mass = chunk.most_mass > 0 and not has_refused_mass(connection, chunk.notice.id)
    residents = _read_residents(connection, [line.target.removeprefix("oa:") for line in lines])
    ways = sort_out(lines, residents, chunk.now, can_mass=can_mass, has_template=chunk.has_template)
    counted = take_mass(connection, [one.id for _, one in ways.mass], chunk.month, chunk.most_mass)
    drop_mass(ways, counted, has_template=chunk.has_template)
    if 0 < len(ways.mass) < MASS_LEAST:
        give_mass_back(connection, [one.id for _, one in ways.mass], chunk.month)
        dissolve_mass(ways, MASS_ALONE, has_template=chunk.has_template)
    return ways


def _read_residents(connection: Connection, openids: Sequence[str]) -> dict[str, Resident]:
    found: dict[str, Resident] = {}
    for some in chunks(openids):
        query = select(*columns_of(Resident)).where(_RESIDENT.c.openid.in_(some))
        rows = (from_line(Resident, line) for line in connection.execute(query))
        found.update((row.openid, row) for row in rows)
    return found


def _plan_mass(chunk: Chunk, ways: Ways) -> tuple[list[SQLModel], list[Change]]:
    if not ways.mass:
        return [], []
    row = fresh(
        MassSend,
        id=chunk.send_id,
        notice_id=chunk.notice.id,
        # The platform de-duplicates by it for a day: the same call after a kill reaches nobody twice.
        client_msg_id=f"wangge-{chunk.notice.id}-{chunk.send_id}",
        openids=[resident.openid for _, resident in ways.mass],
        made_at=chunk.now,
        figures={"month": chunk.month.isoformat(), "residents": [resident.id for _, resident in ways.mass]},
    )
    return [row], [_change(line, state=TargetState.QUEUED, via=VIA_MASS) for line, _ in ways.mass]


def _write(
    connection: Connection, chunk: Chunk, lines: Sequence[Line], rows: list[SQLModel], changes: list[Change]
) -> None:
    drafts = []
    for number, line in enumerate(lines):
        body = put_ref(render_body(chunk.render(line)), NoticeRef(chunk.notice.id, line.id))
        drafts.append(_draft(chunk, line, body))
        changes.append(_change(line, state=TargetState.QUEUED, outbox_id=chunk.first_id + number))
    write_batch(connection, [Plan(rows=rows, changes=changes, outbox=drafts)], chunk.first_id)


def _draft(chunk: Chunk, line: Line, body: dict[str, Any]) -> OutboxDraft:
    return OutboxDraft(line.target, str(body["kind"]), body, chunk.now)


def _change(line: Line, **values: Any) -> Change:
    return Change(NoticeTarget, line.id, None, values)
