"""The audit: walking every chain, and everything that still speaks of a case, in pages of bounded size.

It reads one snapshot, so it may run beside the service. What it cannot see: an attacker who rewrites a whole chain *and* every
anchor. That is why an anchor's hash should also be kept outside (it is short enough to print).
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Row, exists, inspect, select, tuple_
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import SQLModel

from storage import chain
from storage.anchors import AnchorsBroken, check_anchors, make_anchor
from storage.columns import UNREADABLE, parse_moment, raw_moment
from storage.engine import is_sqlite
from storage.tables import AnchorHead, Case, CaseEvent, Inbound, Media, Outbox
from storage.verdict import Broken, Verdict

__all__ = ["AnchorsBroken", "Broken", "Verdict", "make_anchor", "verify"]

PAGE = 2000
_REFERENCES: tuple[tuple[type[SQLModel], str], ...] = (
    (Inbound, "来件"),
    (Outbox, "消息"),
    (Media, "附件"),
    (AnchorHead, "封存"),
)
_Line = Row[Any]


@dataclass(slots=True)
class _Walk:
    connection: Connection
    chains: int = 0
    links: int = 0


async def verify(engine: AsyncEngine) -> Verdict:
    """Walk every chain, then the references to cases, then the anchors; stops at the first break."""
    async with engine.connect() as connection:
        if not is_sqlite(engine):
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        return await connection.run_sync(_verify)


def _verify(connection: Connection) -> Verdict:
    walk = _Walk(connection)
    broken = _check_chains(walk) or _check_references(connection) or check_anchors(connection)
    return Verdict(broken is None, walk.chains, walk.links, broken)


def _check_chains(walk: _Walk) -> Broken | None:
    histories = groupby(_iterate_links(walk.connection), key=lambda link: link.case_id)
    following = next(histories, None)
    for head in _iterate_heads(walk.connection):
        if following is not None and following[0] < head.id:
            break
        has_history = following is not None and following[0] == head.id
        broken = _check_chain(walk, head, following[1] if has_history and following else ())
        if broken is not None:
            return broken
        if has_history:
            following = next(histories, None)
    if following is None:
        return None
    return Broken("", 1, "", f"工单记录已被删除,历史尚存(内部号 {following[0]})", following[0])


def _iterate_links(connection: Connection) -> Iterator[_Line]:
    columns = inspect(CaseEvent).columns
    place = tuple_(columns["case_id"], columns["seq"])
    moment = raw_moment(connection, columns["at"])
    names = ("case_id", "seq", "kind", "actor", "payload", "salt", "digest", "hash")
    query = select(*(columns[name] for name in names), moment)
    query = query.order_by(columns["case_id"], columns["seq"]).limit(PAGE)
    page: Sequence[Any] = connection.execute(query).all()
    while page:
        yield from page
        last = page[-1]
        page = connection.execute(query.where(place > tuple_(last.case_id, last.seq))).all()


def _iterate_heads(connection: Connection) -> Iterator[_Line]:
    columns = inspect(Case).columns
    query = select(*(columns[name] for name in ("id", "number", "head_seq", "head_hash")))
    query = query.order_by(columns["id"]).limit(PAGE)
    page: Sequence[Any] = connection.execute(query).all()
    while page:
        yield from page
        page = connection.execute(query.where(columns["id"] > page[-1].id)).all()


def _check_chain(walk: _Walk, head: _Line, links: Iterable[_Line]) -> Broken | None:
    walk.chains += 1
    previous, seq = chain.genesis(head.id), 0
    for link in links:
        walk.links += 1
        if link.seq != seq + 1:
            return _render_gap(head, link, seq + 1)
        what = _find_fault(previous, link)
        if what:
            return Broken(head.number, link.seq, str(link.kind), what, head.id)
        previous, seq = link.hash, link.seq
    return _check_end(head, previous, seq)


def _render_gap(head: _Line, link: _Line, expected: int) -> Broken:
    if link.seq < expected:
        return Broken(head.number, link.seq, link.kind, "第 1 环之前多出一环", head.id)
    return Broken(head.number, expected, "", f"第 {expected} 环已被删除", head.id)


def _find_fault(previous: str, link: _Line) -> str:
    try:
        if (link.payload is None) != (link.salt is None):
            return "内容与盐只剩其一,不是依法删除"
        if link.payload is not None and chain.digest_of(link.salt, link.payload) != link.digest:
            return "内容、盐或摘要被改动"
        moment = parse_moment(link.moment)
        expected = chain.link_hash(previous, link.case_id, link.seq, link.kind, moment, link.actor, link.digest)
    except UNREADABLE:
        return "格式被破坏,无法读取"
    return "" if expected == link.hash else "与上一环对不上:类型、时间、经办人、摘要或次序被改动,或其间有环被删除、插入"


def _check_end(head: _Line, last_hash: str, last_seq: int) -> Broken | None:
    if last_seq == 0:
        what = "工单没有任何历史" if head.head_seq == 0 else "全部历史已被删除"
        return Broken(head.number, 1, "", what, head.id)
    if head.head_seq != last_seq:
        what = f"工单所记为第 {head.head_seq} 环止,历史却到第 {last_seq} 环:末尾被截断、多出一环,或工单的链尾被改动"
        return Broken(head.number, last_seq, "", what, head.id)
    if head.head_hash != last_hash:
        return Broken(head.number, last_seq, "", "工单所记的链尾与历史不符", head.id)
    return None


def _check_references(connection: Connection) -> Broken | None:
    for table, name in _REFERENCES:
        column = inspect(table).columns["case_id"]
        known = exists().where(inspect(Case).columns["id"] == column)
        query = select(column).where(column.is_not(None), ~known).order_by(column).limit(1)
        case_id = connection.execute(query).scalar()
        if case_id is not None:
            return Broken("", 1, "", f"整个工单已被删除:{name}仍指向它(内部号 {case_id})", case_id)
    return None
