"""The audit names what was tampered with, on both engines."""

import asyncio

import pytest

from storage import audit
from storage.archive import Archive, open_archive
from storage.audit import Verdict, make_anchor, verify
from storage.columns import MediaState
from storage.plan import Plan
from storage.rows import fresh
from storage.tables import Media
from tests.clock import FakeClock
from tests.storage.builders import make_event, make_inbound, open_case
from tests.storage.tampering import Tampering, change, cut, fill, move, tamper


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
