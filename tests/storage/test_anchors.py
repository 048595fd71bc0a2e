"""Anchors: what they seal, who seals, and what they give away."""

import asyncio

import pytest

from storage import anchors, chain
from storage.archive import Archive, open_archive
from storage.audit import AnchorsBroken, make_anchor, verify
from storage.tables import Anchor, AnchorHead
from tests.clock import FakeClock
from tests.storage.builders import count_rows, get_row, list_links, list_rows
from tests.storage.tampering import Tampering, change, cut, fill, move, tamper


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
