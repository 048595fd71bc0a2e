"""Anchors (封存): a seal over the ends of all chains that moved since the seal before, each on top of the last."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, exists, func, insert, inspect, select
from sqlmodel import SQLModel

from storage import chain
from storage.archive import Archive
from storage.columns import UNREADABLE, parse_moment, raw_moment
from storage.counters import DRAW
from storage.rows import fresh, row_values
from storage.tables import Anchor, AnchorHead, Case, CaseEvent, Counter
from storage.verdict import Broken
from storage.writing import writing

# Where the next anchor's serial stands: it is also the lock between processes, and shows when the last anchors were removed.
COUNTER = "anchor"
# One anchor seals no more than this, so that neither memory nor the time of a write lock grows with the city.
MOST_HEADS = 50_000
_PAGE = 5000
_Head = tuple[int, int, str]


class AnchorsBroken(Exception):
    """The anchors do not hold together; sealing on top of them would hide it. `audit verify` says where."""


class _Lost(Exception):
    """Another process sealed meanwhile."""


async def make_anchor(archive: Archive, now: datetime) -> Anchor:
    """Seal what moved since the last anchor and return the newest one; when nothing moved, that is the last one.

    Many moved chains (the first seal of a large city) make several anchors. Of two processes one seals, the other returns what it
    made. Raises `AnchorsBroken`.
    """
    after = 0
    while True:
        async with archive.engine.connect() as connection:
            last, moved = await connection.run_sync(_look, after)
        if last is not None and not moved:
            return last
        try:
            async with writing(archive.engine) as connection:
                made = await connection.run_sync(_seal, last, moved, now)
        except _Lost:
            after = 0
            continue
        if len(moved) < MOST_HEADS:
            return made
        after = moved[-1][0]


def _columns(table: type[SQLModel]) -> Any:
    return inspect(table).columns


def _look(connection: Connection, after: int) -> tuple[Anchor | None, list[_Head]]:
    row = connection.execute(select(*_columns(Anchor)).order_by(_columns(Anchor)["serial"].desc()).limit(1)).first()
    last = fresh(Anchor, **row._mapping) if row is not None else None
    case, sealed = _columns(Case), _columns(AnchorHead)
    is_sealed = exists().where(sealed["case_id"] == case["id"], sealed["seq"] >= case["head_seq"])
    query = select(case["id"], case["head_seq"], case["head_hash"])
    query = query.where(case["id"] > after, case["head_seq"] > 0, ~is_sealed).order_by(case["id"]).limit(MOST_HEADS)
    return last, [(row[0], row[1], row[2]) for row in connection.execute(query)]


def _seal(connection: Connection, last: Anchor | None, moved: list[_Head], now: datetime) -> Anchor:
    serial = connection.execute(DRAW, {"name": COUNTER, "count": 1}).scalar_one() - 1
    present = connection.execute(select(func.max(_columns(Anchor)["serial"]))).scalar() or 0
    if present != serial - 1:
        raise AnchorsBroken(f"anchor {serial - 1} expected, {present} found")
    if present != (last.serial if last is not None else 0):
        raise _Lost
    previous = last.hash if last is not None else ""
    seal = chain.anchor_hash(previous, serial, now, moved)
    anchor = fresh(Anchor, serial=serial, made_at=now.astimezone(UTC), heads=len(moved), hash=seal)
    connection.execute(insert(Anchor), row_values(anchor))
    for start in range(0, len(moved), _PAGE):
        rows = [{"serial": serial, "case_id": c, "seq": s, "hash": h} for c, s, h in moved[start : start + _PAGE]]
        connection.execute(insert(AnchorHead), rows)
    return anchor


def check_anchors(connection: Connection) -> Broken | None:
    """The first anchor that does not hold: changed, removed, its heads changed, or a chain rewritten beneath it."""
    previous, expected = "", 1
    for anchor in connection.execute(_select_anchors(connection)).all():
        if anchor.serial != expected:
            return _broken(expected, f"第 {expected} 次封存已被删除")
        broken = _check_anchor(connection, previous, anchor)
        if broken is not None:
            return broken
        previous, expected = anchor.hash, expected + 1
    return _check_last(connection, expected)


def _select_anchors(connection: Connection) -> Any:
    column = _columns(Anchor)
    moment = raw_moment(connection, column["made_at"])
    return select(column["serial"], column["heads"], column["hash"], moment).order_by(column["serial"])


def _check_last(connection: Connection, expected: int) -> Broken | None:
    serial = _columns(AnchorHead)["serial"]
    stray = connection.execute(select(func.max(serial)).where(serial >= expected)).scalar()
    counter = _columns(Counter)
    following = connection.execute(select(counter["next"]).where(counter["name"] == COUNTER)).scalar()
    if stray is not None or (following or 1) != expected:
        return _broken(expected, f"第 {expected} 次封存已被删除")
    return None


def _broken(serial: int, what: str) -> Broken:
    return Broken("", serial, "anchor", what)


def _check_anchor(connection: Connection, previous: str, anchor: Row[Any]) -> Broken | None:
    name = f"第 {anchor.serial} 次封存"
    sealed = _columns(AnchorHead)["serial"]
    count = connection.execute(select(func.count()).where(sealed == anchor.serial)).scalar_one()
    if count != anchor.heads:
        return _broken(anchor.serial, f"{name}记有 {anchor.heads} 个链尾,现有 {count} 个")
    heads = _list_heads(connection, anchor.serial)
    if _seal_again(previous, anchor, heads) != anchor.hash:
        return _broken(anchor.serial, f"{name}对不上:时间、链尾或上一次封存被改动")
    for head in heads:
        if head.link != head.hash:
            return _render_rewritten(connection, head, name)
    return None


def _list_heads(connection: Connection, serial: int) -> Sequence[Row[Any]]:
    head, event = _columns(AnchorHead), _columns(CaseEvent)
    same = and_(event["case_id"] == head["case_id"], event["seq"] == head["seq"])
    query = select(head["case_id"], head["seq"], head["hash"], event["hash"].label("link"))
    query = query.select_from(inspect(AnchorHead).local_table.outerjoin(inspect(CaseEvent).local_table, same))
    return connection.execute(query.where(head["serial"] == serial).order_by(head["case_id"])).all()


def _seal_again(previous: str, anchor: Row[Any], heads: Sequence[Row[Any]]) -> str:
    try:
        ends = ((head.case_id, head.seq, head.hash) for head in heads)
        return chain.anchor_hash(previous, anchor.serial, parse_moment(anchor.moment), ends)
    except UNREADABLE:
        return ""


def _render_rewritten(connection: Connection, head: Row[Any], name: str) -> Broken:
    case = _columns(Case)
    number = connection.execute(select(case["number"]).where(case["id"] == head.case_id)).scalar() or ""
    what = "已不在" if head.link is None else "已被改写"
    return Broken(number, head.seq, "", f"第 {head.seq} 环{what}:与{name}所记不符", head.case_id)
