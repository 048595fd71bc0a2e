"""The audit names what was tampered with, on both engines."""

import asyncio
from dataclasses import dataclass

import pytest

from storage import anchors, audit, chain
from storage.archive import Archive, open_archive
from storage.audit import AnchorsBroken, Verdict, make_anchor, verify
from storage.columns import MediaState
from storage.plan import Plan
from storage.rows import fresh
from storage.tables import Anchor, AnchorHead, Media
from tests.clock import FakeClock
from tests.storage.builders import count_rows, get_row, list_links, list_rows, make_event, make_inbound, open_case


async def tamper(archive: Archive, *statements: str) -> None:
    """Change the database as somebody with a database console would."""
    async with archive.engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def fill(archive: Archive, cases: int = 5, events: int = 4) -> None:
    """Cases 1 to `cases`, each with so many links."""
    for n in range(1, cases + 1):
        await archive.committer.commit(open_case(n, events=events))


async def move(archive: Archive, *case_ids: int) -> None:
    for case_id in case_ids:
        await archive.committer.commit(Plan(events=[make_event(case_id)]))


def cut(seq: int) -> str:
    return f"DELETE FROM case_event WHERE case_id = 3 AND seq = {seq}"


def change(assignment: str, seq: int = 2) -> str:
    return f"UPDATE case_event SET {assignment} WHERE case_id = 3 AND seq = {seq}"


async def test_an_untouched_archive_holds(archive: Archive) -> None:
    await fill(archive)
    assert await verify(archive.engine) == Verdict(ok=True, chains=5, links=20, broken=None)


async def test_an_empty_archive_holds(archive: Archive) -> None:
    assert await verify(archive.engine) == Verdict(ok=True, chains=0, links=0, broken=None)


async def test_the_pages_do_not_tear_chains(archive: Archive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "PAGE", 3)
    await fill(archive, cases=7, events=5)
    assert await verify(archive.engine) == Verdict(ok=True, chains=7, links=35, broken=None)
    await tamper(archive, change("actor = 'x'", seq=5))
    verdict = await verify(archive.engine)
    assert (verdict.chains, verdict.links) == (3, 15)
    assert verdict.broken is not None
    assert verdict.broken.seq == 5


async def test_an_erased_payload_is_no_break(archive: Archive) -> None:
    await fill(archive)
    await tamper(archive, "UPDATE case_event SET payload = NULL, salt = NULL WHERE case_id = 3")
    assert (await verify(archive.engine)).ok
    await move(archive, 3)
    assert (await verify(archive.engine)).ok


@dataclass(frozen=True)
class Tampering:
    """What somebody does, and what the audit must say of it."""

    name: str
    statements: tuple[str, ...]
    seq: int
    kind: str
    what: str


SWAP = (
    "UPDATE case_event SET seq = 99 WHERE case_id = 3 AND seq = 2",
    "UPDATE case_event SET seq = 2 WHERE case_id = 3 AND seq = 3",
    "UPDATE case_event SET seq = 3 WHERE case_id = 3 AND seq = 99",
)
COPY = (
    "INSERT INTO case_event (case_id, seq, kind, at, actor, payload, salt, digest, hash) "
    "SELECT case_id, {seq}, kind, at, actor, payload, salt, digest, hash FROM case_event WHERE case_id = 3 AND seq = 2"
)
IN_CHAIN = [
    Tampering("payload", (change("""payload = '{"step":9}'"""),), 2, "noted", "内容、盐或摘要被改动"),
    Tampering(
        "salt", (change("salt = (SELECT salt FROM case_event WHERE case_id = 2 AND seq = 2)"),), 2, "noted", "盐"
    ),
    Tampering(
        "digest",
        (change("digest = (SELECT digest FROM case_event WHERE case_id = 2 AND seq = 2)"),),
        2,
        "noted",
        "摘要",
    ),
    Tampering("actor", (change("actor = 'worker:w2'"),), 2, "noted", "经办人"),
    Tampering("kind", (change("kind = 'resolved'"),), 2, "resolved", "类型"),
    Tampering("time", (change("at = '2026-11-22 01:00:00.000000'"),), 2, "noted", "时间"),
    Tampering("hash", (change("hash = 'f00'"),), 2, "noted", "对不上"),
    Tampering("payload alone removed", (change("payload = NULL"),), 2, "noted", "只剩其一"),
    Tampering("salt alone removed", (change("salt = NULL"),), 2, "noted", "只剩其一"),
    Tampering("first row deleted", (cut(1),), 1, "", "第 1 环已被删除"),
    Tampering("row deleted", (cut(2),), 2, "", "第 2 环已被删除"),
    Tampering(
        "row deleted, the rest moved up",
        (cut(2), change("seq = 2", seq=3), change("seq = 3", seq=4), 'UPDATE "case" SET head_seq = 3 WHERE id = 3'),
        2,
        "noted",
        "删除",
    ),
    Tampering("row inserted at the end", (COPY.format(seq=5),), 5, "noted", "插入"),
    Tampering("row inserted before the first", (COPY.format(seq=0),), 0, "noted", "之前多出一环"),
    Tampering("rows swapped", SWAP, 2, "noted", "次序"),
    Tampering("last row cut", (cut(4),), 3, "", "末尾被截断"),
    Tampering("all rows cut", ("DELETE FROM case_event WHERE case_id = 3",), 1, "", "全部历史已被删除"),
    Tampering("head hash", ("""UPDATE "case" SET head_hash = 'f00' WHERE id = 3""",), 4, "", "链尾与历史不符"),
    Tampering("head seq", ('UPDATE "case" SET head_seq = 3 WHERE id = 3',), 4, "", "链尾被改动"),
    Tampering(
        "history and head removed",
        ("DELETE FROM case_event WHERE case_id = 3", """UPDATE "case" SET head_seq = 0, head_hash = '' WHERE id = 3"""),
        1,
        "",
        "没有任何历史",
    ),
]


@pytest.mark.parametrize("tampering", IN_CHAIN, ids=lambda tampering: tampering.name)
async def test_tampering_with_a_chain_is_named(archive: Archive, tampering: Tampering) -> None:
    await fill(archive)
    await tamper(archive, *tampering.statements)
    verdict = await verify(archive.engine)
    assert verdict.ok is False
    assert verdict.broken is not None
    assert (verdict.broken.number, verdict.broken.case_id) == ("1123-03", 3)
    assert (verdict.broken.seq, verdict.broken.kind) == (tampering.seq, tampering.kind)
    assert tampering.what in verdict.broken.what


@pytest.mark.parametrize(
    "assignment", ["at = 'gestern'", "at = 5", "payload = 5", "salt = 'x'", "actor = X'00'", "digest = 7"]
)
async def test_nonsense_in_a_column_is_a_break_and_no_crash(sqlite_database: str, assignment: str) -> None:
    async with open_archive(sqlite_database) as archive:
        await fill(archive)
        await tamper(archive, change(assignment))
        verdict = await verify(archive.engine)
    assert verdict.broken is not None
    assert (verdict.broken.number, verdict.broken.seq) == ("1123-03", 2)


@pytest.mark.parametrize("number", [1, 3, 5])
async def test_a_case_removed_without_its_history(archive: Archive, number: int) -> None:
    await fill(archive)
    await tamper(archive, f'DELETE FROM "case" WHERE id = {number}')
    broken = (await verify(archive.engine)).broken
    assert broken is not None
    assert (broken.case_id, "工单记录已被删除" in broken.what) == (number, True)


GONE = ("DELETE FROM case_event WHERE case_id = 3", 'DELETE FROM "case" WHERE id = 3')


@pytest.mark.parametrize("left", ["来件", "消息", "附件", "封存"])
async def test_a_case_removed_whole_is_found_by_what_still_speaks_of_it(
    archive: Archive, clock: FakeClock, left: str
) -> None:
    await fill(archive, cases=2)
    plan = open_case(3, target="group:1" if left == "消息" else None)
    if left == "来件":
        plan.inbound = make_inbound(8, "k", case_id=3)
    if left == "附件":
        plan.rows.append(fresh(Media, id=9, case_id=3, kind="image", state=MediaState.KEPT, created_at=clock.now()))
    await archive.committer.commit(plan)
    if left == "封存":
        await make_anchor(archive, clock.now())
    assert (await verify(archive.engine)).ok
    await tamper(archive, *GONE)
    broken = (await verify(archive.engine)).broken
    assert broken is not None
    assert broken.case_id == 3
    assert broken.what.startswith(f"整个工单已被删除:{left}")


async def test_an_anchor_seals_what_moved(archive: Archive, clock: FakeClock) -> None:
    await fill(archive)
    first = await make_anchor(archive, clock.now())
    await move(archive, 2, 4)
    second = await make_anchor(archive, clock.advance(days=1))
    assert (first.serial, first.heads, second.serial, second.heads) == (1, 5, 2, 2)
    heads = await list_rows(archive.engine, AnchorHead)
    assert [(head.serial, head.case_id, head.seq) for head in heads] == [
        (1, 1, 4),
        (1, 2, 4),
        (1, 3, 4),
        (1, 4, 4),
        (1, 5, 4),
        (2, 2, 5),
        (2, 4, 5),
    ]
    ends = [(head.case_id, head.seq, head.hash) for head in heads if head.serial == 2]
    assert second.hash == chain.anchor_hash(first.hash, 2, clock.now(), ends)
    stored = await get_row(archive.engine, Anchor, 2)
    assert (stored.hash, stored.made_at) == (second.hash, clock.now())
    assert (await verify(archive.engine)).ok


async def test_nothing_moved_nothing_sealed(archive: Archive, clock: FakeClock) -> None:
    await fill(archive)
    first = await make_anchor(archive, clock.now())
    again = await make_anchor(archive, clock.advance(days=1))
    assert (again.serial, again.hash) == (first.serial, first.hash)
    assert await count_rows(archive.engine, Anchor) == 1


async def test_an_empty_archive_may_be_sealed_too(archive: Archive, clock: FakeClock) -> None:
    anchor = await make_anchor(archive, clock.now())
    assert (anchor.serial, anchor.heads) == (1, 0)
    assert (await make_anchor(archive, clock.advance(days=1))).serial == 1
    assert (await verify(archive.engine)).ok


async def test_many_moved_chains_make_several_anchors(
    archive: Archive, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(anchors, "MOST_HEADS", 2)
    await fill(archive)
    last = await make_anchor(archive, clock.now())
    assert (last.serial, last.heads) == (3, 1)
    assert sorted(head.case_id for head in await list_rows(archive.engine, AnchorHead)) == [1, 2, 3, 4, 5]
    assert (await verify(archive.engine)).ok


async def test_of_two_processes_one_seals(engine_url: str, clock: FakeClock) -> None:
    async with open_archive(engine_url) as one, open_archive(engine_url) as two:
        await fill(one)
        seals = await asyncio.gather(*(make_anchor(archive, clock.now()) for archive in (one, two) * 3))
        assert {(seal.serial, seal.hash) for seal in seals} == {(1, seals[0].hash)}
        assert await count_rows(one.engine, AnchorHead) == 5
        assert (await verify(one.engine)).ok


ON_ANCHORS = [
    Tampering("hash", ("UPDATE anchor SET hash = 'f00' WHERE serial = 2",), 2, "anchor", "对不上"),
    Tampering(
        "time", ("UPDATE anchor SET made_at = '2026-11-20 01:00:00.000000' WHERE serial = 2",), 2, "anchor", "时间"
    ),
    Tampering("count", ("UPDATE anchor SET heads = 9 WHERE serial = 2",), 2, "anchor", "记有 9 个"),
    Tampering("first removed", ("DELETE FROM anchor WHERE serial = 1",), 1, "anchor", "第 1 次封存已被删除"),
    Tampering("one removed", ("DELETE FROM anchor WHERE serial = 2",), 2, "anchor", "第 2 次封存已被删除"),
    Tampering("last removed", ("DELETE FROM anchor WHERE serial = 3",), 3, "anchor", "第 3 次封存已被删除"),
    Tampering(
        "last removed with its heads",
        ("DELETE FROM anchor WHERE serial = 3", "DELETE FROM anchor_head WHERE serial = 3"),
        3,
        "anchor",
        "第 3 次封存已被删除",
    ),
    Tampering(
        "all removed",
        ("DELETE FROM anchor", "DELETE FROM anchor_head"),
        1,
        "anchor",
        "第 1 次封存已被删除",
    ),
    Tampering("a head's hash", ("UPDATE anchor_head SET hash = 'f00' WHERE serial = 2",), 2, "anchor", "链尾"),
    Tampering("a head's seq", ("UPDATE anchor_head SET seq = 1 WHERE serial = 2",), 2, "anchor", "链尾"),
    Tampering("a head removed", ("DELETE FROM anchor_head WHERE serial = 2",), 2, "anchor", "现有 0 个"),
    Tampering(
        "a head added",
        ("INSERT INTO anchor_head (serial, case_id, seq, hash) VALUES (2, 1, 1, 'f00')",),
        2,
        "anchor",
        "现有 2 个",
    ),
]


async def fill_with_anchors(archive: Archive, clock: FakeClock) -> None:
    """Five cases and three anchors: all cases, case 3, case 4."""
    await fill(archive)
    await make_anchor(archive, clock.now())
    for case_id in (3, 4):
        await move(archive, case_id)
        await make_anchor(archive, clock.advance(days=1))
    assert (await verify(archive.engine)).ok


@pytest.mark.parametrize("tampering", ON_ANCHORS, ids=lambda tampering: tampering.name)
async def test_tampering_with_anchors_is_named(archive: Archive, clock: FakeClock, tampering: Tampering) -> None:
    await fill_with_anchors(archive, clock)
    await tamper(archive, *tampering.statements)
    broken = (await verify(archive.engine)).broken
    assert broken is not None
    assert (broken.number, broken.seq, broken.kind) == ("", tampering.seq, tampering.kind)
    assert tampering.what in broken.what


async def test_a_chain_rewritten_from_end_to_end_contradicts_its_anchor(archive: Archive, clock: FakeClock) -> None:
    """Somebody who knows how links are made rewrites case 3 so that it holds in itself."""
    await fill_with_anchors(archive, clock)
    previous = chain.genesis(3)
    for link in await list_links(archive.engine, 3):
        actor = "worker:other" if link.seq == 2 else link.actor
        previous = chain.link_hash(previous, 3, link.seq, link.kind, link.at, actor, link.digest)
        await tamper(archive, change(f"actor = '{actor}', hash = '{previous}'", link.seq))
    await tamper(archive, f"""UPDATE "case" SET head_hash = '{previous}' WHERE id = 3""")
    broken = (await verify(archive.engine)).broken
    assert broken is not None
    assert (broken.number, broken.seq) == ("1123-03", 4)
    assert broken.what == "第 4 环已被改写:与第 1 次封存所记不符"


async def test_a_chain_cut_back_with_its_head_contradicts_its_anchor(archive: Archive, clock: FakeClock) -> None:
    await fill_with_anchors(archive, clock)
    fourth = (await list_links(archive.engine, 3))[3].hash
    await tamper(archive, cut(5), f"""UPDATE "case" SET head_seq = 4, head_hash = '{fourth}' WHERE id = 3""")
    broken = (await verify(archive.engine)).broken
    assert broken is not None
    assert (broken.number, broken.seq) == ("1123-03", 5)
    assert broken.what == "第 5 环已不在:与第 2 次封存所记不符"


async def test_nothing_is_sealed_on_top_of_a_removed_anchor(archive: Archive, clock: FakeClock) -> None:
    await fill_with_anchors(archive, clock)
    await tamper(archive, "DELETE FROM anchor WHERE serial = 3", "DELETE FROM anchor_head WHERE serial = 3")
    with pytest.raises(AnchorsBroken):
        await make_anchor(archive, clock.now())


async def test_the_audit_runs_beside_the_service(archive: Archive, clock: FakeClock) -> None:
    """Cases go on moving while the audit walks; it sees one moment, in which everything agrees."""
    await fill(archive)
    done = asyncio.Event()

    async def work() -> None:
        while not done.is_set():
            await archive.committer.commit(Plan(events=[make_event(n) for n in (1, 3, 5)]))

    working = asyncio.create_task(work())
    for _ in range(10):
        verdict = await verify(archive.engine)
        assert verdict.broken is None
    done.set()
    await working
