"""The fan-out against the archive alone, on both engines: chunks, several processes, kills, stops, mass messages and their books."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from prometheus_client import CollectorRegistry
from sqlmodel import SQLModel, select

from bot.cityhall import CityHall
from bot.delivery.notices import find_ref
from bot.notices_fanout import FanOut, ResidentDoor
from bot.notices_mass import MassSender
from bot.notices_report import render_ends, render_progress
from bot.notices_results import NoticeResults
from bot.notices_words import NoticeWords
from bot.ports import Refused, Unreachable
from bot.settings_notices import FanOutSettings
from grid.city import City
from grid.deadlines import Deadlines
from grid.desk import House
from handlers.update import Door, Event, Update, UpdateKind
from storage.archive import Archive
from storage.columns import MessageState
from storage.fanout import find_progress, take_mass
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import MassCount, MassSend, Notice, NoticeTarget
from storage.plan import Change, Plan
from storage.queries import Books
from storage.rows import fresh
from storage.tables import Outbox, Resident
from storage.writing import writing
from tests.clock import START, FakeClock

ZONE = ZoneInfo("Asia/Shanghai")
MONTH = date(2026, 11, 1)


class FakeMass:
    """The platform's mass API; `troubles` are raised first."""

    def __init__(self) -> None:
        self.sent: list[tuple[tuple[str, ...], str]] = []
        self.troubles: list[Exception] = []
        self.state = "SENDING"

    async def send_mass(self, openids: list[str], text: str, client_msg_id: str) -> str:
        if self.troubles:
            raise self.troubles.pop(0)
        self.sent.append((tuple(openids), client_msg_id))
        return str(1000 + len(self.sent))

    async def get_mass_state(self, msg_id: str) -> str:
        return self.state


class Bench:
    """One archive, as many fan-outs as a test wants."""

    def __init__(self, archive: Archive, clock: FakeClock) -> None:
        self.archive, self.clock, self.api = archive, clock, FakeMass()
        self.hall = CityHall(Books(archive), Deadlines(), ZONE, House(), clock)
        self.words = NoticeWords(self.hall, 300)
        self.mass = MassSender(archive, self.api, self.words, clock)
        self.results = NoticeResults(archive, clock)

    def fanout(self, *, can_mass: bool = True, has_template: bool = False, **settings: Any) -> FanOut:
        door = ResidentDoor(can_mass, has_template)
        return FanOut(self.archive, self.hall, self.words, FanOutSettings(**settings), door, CollectorRegistry())

    async def notice(self, notice_id: int, targets: Sequence[str], **values: Any) -> None:
        given = {"kind": NoticeKind.ANNOUNCEMENT, "state": NoticeState.SENDING, "text": "请注意", **values}
        rows: list[SQLModel] = [
            fresh(Notice, id=notice_id, number=f"通1123-{notice_id:02d}", made_at=START, **given),
        ]
        rows += [
            fresh(
                NoticeTarget,
                id=notice_id * 10_000 + number,
                notice_id=notice_id,
                target=target,
                state=TargetState.WAITING,
            )
            for number, target in enumerate(targets)
        ]
        await self.archive.committer.commit(Plan(rows=rows))

    async def residents(self, *openids: str) -> None:
        rows = [fresh(Resident, id=500 + number, openid=one, first_seen_at=START) for number, one in enumerate(openids)]
        await self.archive.committer.commit(Plan(rows=list(rows)))

    async def move(self, notice_id: int, state: NoticeState) -> None:
        await self.archive.committer.commit(Plan(changes=[Change(Notice, notice_id, None, {"state": state})]))

    async def rows(self, table: type[Any], **fields: Any) -> list[Any]:
        async with self.archive.reads() as session:
            query = select(table).filter_by(**fields)
            return list((await session.execute(query)).scalars())

    async def states(self, notice_id: int) -> dict[TargetState, int]:
        progress = await find_progress(self.archive.engine, f"通1123-{notice_id:02d}")
        assert progress is not None
        return progress.counts

    async def event(self, name: str, **details: str) -> str | None:
        update = Update(
            Door.OFFICIAL_ACCOUNT,
            UpdateKind.EVENT,
            name,
            details.pop("person", "o-system"),
            "gh",
            START,
            event=Event(name, "", details),
        )
        said = await self.results.read(update)
        if said is not None:
            await self.archive.committer.commit(said.plan)
        return said.outcome if said else None


@pytest.fixture
def bench(archive: Archive, clock: FakeClock) -> Bench:
    return Bench(archive, clock)


async def run_out(*fanouts: FanOut) -> None:
    """Until none of them finds anything more."""
    while sum(await asyncio.gather(*(one.turn() for one in fanouts))):
        pass


async def test_each_target_is_queued_once_and_knows_its_message(bench: Bench) -> None:
    await bench.notice(1, [f"group:{number}" for number in range(25)])
    await run_out(bench.fanout(chunk=10))
    rows = await bench.rows(NoticeTarget)
    outbox = {row.id: row for row in await bench.rows(Outbox)}
    assert len(outbox) == 25
    for row in rows:
        assert row.state is TargetState.QUEUED
        assert outbox[row.outbox_id].target == row.target
        ref = find_ref(outbox[row.outbox_id].body)
        assert ref is not None
        assert (ref.notice_id, ref.target_id) == (1, row.id)


async def test_several_processes_share_the_work_and_repeat_nothing(bench: Bench) -> None:
    await bench.notice(1, [f"group:{number}" for number in range(60)])
    await run_out(*(bench.fanout(chunk=7) for _ in range(3)))
    targets = [row.target for row in await bench.rows(Outbox)]
    assert (len(targets), len(set(targets))) == (60, 60)


async def test_whoever_dies_over_a_chunk_leaves_nothing_of_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    await bench.notice(1, [f"group:{number}" for number in range(5)])
    said = 0
    render = bench.words.group

    def fall_over(*args: Any, **more: Any) -> Any:
        nonlocal said
        said += 1
        if said == 3:
            raise RuntimeError("killed")
        return render(*args, **more)

    monkeypatch.setattr(bench.words, "group", fall_over)
    with pytest.raises(RuntimeError):
        await bench.fanout().turn()
    assert await bench.rows(Outbox) == []
    assert await bench.states(1) == {TargetState.WAITING: 5}
    await run_out(bench.fanout())
    assert await bench.states(1) == {TargetState.QUEUED: 5}


async def test_urgent_notices_go_first_whatever_was_begun_before(bench: Bench) -> None:
    await bench.notice(1, [f"group:{number}" for number in range(20)])
    await bench.notice(2, [f"group:{number}" for number in range(20, 25)], kind=NoticeKind.SUSPECT)
    fanout = bench.fanout(chunk=5)
    await fanout.turn()
    assert await bench.states(2) == {TargetState.QUEUED: 5}
    assert await bench.states(1) == {TargetState.WAITING: 20}
    assert all(row.body["urgent"] for row in await bench.rows(Outbox))


@pytest.mark.parametrize("state", [state for state in NoticeState if state is not NoticeState.SENDING])
async def test_nothing_is_queued_of_a_notice_that_is_not_being_sent(bench: Bench, state: NoticeState) -> None:
    await bench.notice(1, ["group:1"], state=state)
    await run_out(bench.fanout())
    assert await bench.rows(Outbox) == []


@pytest.mark.parametrize("state", [NoticeState.RECALLED, NoticeState.ENDED, NoticeState.CANCELLED])
async def test_what_is_queued_is_stopped_when_it_is_over(bench: Bench, state: NoticeState) -> None:
    await bench.notice(1, [f"group:{number}" for number in range(6)])
    fanout = bench.fanout(chunk=4)
    await fanout.turn()
    await bench.move(1, state)
    await run_out(fanout)
    assert await bench.states(1) == {TargetState.STOPPED: 6}
    assert {row.state for row in await bench.rows(Outbox)} == {MessageState.DEAD}


async def test_a_recall_is_told_to_those_who_had_it_once_and_in_chunks(bench: Bench) -> None:
    await bench.notice(1, [f"group:{number}" for number in range(6)])
    changes = [Change(NoticeTarget, 10_000 + number, None, {"state": TargetState.SENT}) for number in range(4)]
    await bench.archive.committer.commit(Plan(changes=changes))
    await bench.move(1, NoticeState.RECALLED)
    await run_out(bench.fanout(chunk=3), bench.fanout(chunk=3))
    told = [row.target for row in await bench.rows(Outbox, kind="notice_recall")]
    assert sorted(told) == [f"group:{number}" for number in range(4)]
    # A lane had the fifth in its hands when the recall came; it is told as soon as that is known.
    late = Change(NoticeTarget, 10_004, None, {"state": TargetState.SENT})
    await bench.archive.committer.commit(Plan(changes=[late]))
    await run_out(bench.fanout())
    assert len(await bench.rows(Outbox, kind="notice_recall")) == 5


async def test_the_month_s_count_is_kept_by_several_processes_at_once(bench: Bench) -> None:
    async def take() -> int:
        async with writing(bench.archive.engine) as connection:
            return len(await connection.run_sync(take_mass, [7], MONTH, 4))

    assert sum(await asyncio.gather(*(take() for _ in range(12)))) == 4
    assert [row.used for row in await bench.rows(MassCount)] == [4]


async def test_a_mass_send_waits_for_the_platform_s_last_word(bench: Bench) -> None:
    await bench.residents("a", "b")
    await bench.notice(1, ["oa:a", "oa:b"])
    await run_out(bench.fanout())
    assert await bench.mass.turn() == 1
    assert await bench.mass.turn() == 0
    assert bench.api.sent[0][0] == ("a", "b")
    assert await bench.states(1) == {TargetState.QUEUED: 2}
    figures = {"MsgID": "1001", "Status": "send success", "TotalCount": "2", "SentCount": "1", "ErrorCount": "1"}
    assert await bench.event("MASSSENDJOBFINISH", **figures) == "mass_done"
    assert await bench.states(1) == {TargetState.SENT: 2}
    assert {row.reason for row in await bench.rows(NoticeTarget)} == {"这批群发有 1 人未收到，平台不说明是谁"}
    [send] = await bench.rows(MassSend)
    assert (send.state, send.finished_at, send.figures["sent"]) == ("finished", START, 1)


async def test_a_mass_send_that_the_platform_failed_is_booked_so(bench: Bench) -> None:
    await bench.residents("a", "b")
    await bench.notice(1, ["oa:a", "oa:b"])
    await run_out(bench.fanout())
    await bench.mass.turn()
    await bench.event("MASSSENDJOBFINISH", MsgID="1001", Status="err(20004)")
    assert await bench.states(1) == {TargetState.FAILED: 2}
    assert "err(20004)" in (await bench.rows(NoticeTarget))[0].reason


async def test_a_send_that_was_cut_off_is_made_again_under_its_key(bench: Bench) -> None:
    await bench.residents("a", "b")
    await bench.notice(1, ["oa:a", "oa:b"])
    await run_out(bench.fanout())
    bench.api.troubles = [Unreachable(), Refused(45065, platform_id="777")]
    await bench.mass.turn()
    assert [row.state for row in await bench.rows(MassSend)] == ["waiting"]
    assert await bench.mass.turn() == 0
    bench.clock.advance(seconds=71)
    await bench.mass.turn()
    assert [(row.state, row.msg_id) for row in await bench.rows(MassSend)] == [("sent", "777")]


async def test_a_process_that_died_in_the_call_is_followed_by_another(bench: Bench) -> None:
    await bench.residents("a", "b")
    await bench.notice(1, ["oa:a", "oa:b"])
    await run_out(bench.fanout())
    [send] = await bench.rows(MassSend)
    died = Change(MassSend, send.id, send.version, {"state": "sending", "sent_at": START})
    await bench.archive.committer.commit(Plan(changes=[died]))
    assert await bench.mass.turn() == 0
    bench.clock.advance(seconds=121)
    assert await bench.mass.turn() == 1
    assert bench.api.sent[0][1] == send.client_msg_id


@pytest.mark.parametrize(
    ("errcode", "has_template", "states"),
    [
        (45028, False, {TargetState.LEFT: 2}),
        (48001, False, {TargetState.LEFT: 2}),
        (48001, True, {TargetState.QUEUED: 2}),
    ],
)
async def test_a_refused_mass_send_costs_nothing_and_another_way_is_looked_for(
    bench: Bench, errcode: int, has_template: bool, states: dict[TargetState, int]
) -> None:
    await bench.residents("a", "b")
    await bench.notice(1, ["oa:a", "oa:b"])
    fanout = bench.fanout(has_template=has_template)
    await run_out(fanout)
    bench.api.troubles = [Refused(errcode)]
    await bench.mass.turn()
    await run_out(fanout)
    assert await bench.states(1) == states
    assert {row.used for row in await bench.rows(MassCount)} == {0}
    assert len(await bench.rows(Outbox)) == (2 if has_template else 0)


async def test_one_person_is_no_mass(bench: Bench) -> None:
    await bench.residents("a")
    await bench.notice(1, ["oa:a"])
    await run_out(bench.fanout())
    assert (await bench.rows(NoticeTarget))[0].reason == "只有一人，不能群发（群发至少两人）"
    assert {row.used for row in await bench.rows(MassCount)} == {0}


async def test_a_recall_stops_a_mass_send_that_was_not_made_yet(bench: Bench) -> None:
    await bench.residents("a", "b")
    await bench.notice(1, ["oa:a", "oa:b"])
    fanout = bench.fanout()
    await run_out(fanout)
    await bench.move(1, NoticeState.RECALLED)
    await run_out(fanout)
    assert await bench.mass.turn() == 0
    assert bench.api.sent == []
    assert await bench.states(1) == {TargetState.STOPPED: 2}


@pytest.mark.parametrize(
    ("state", "end"), [("SEND_SUCCESS", TargetState.SENT), ("SEND_FAIL", TargetState.FAILED), ("SENDING", None)]
)
async def test_a_lost_event_is_asked_for(bench: Bench, state: str, end: TargetState | None) -> None:
    await bench.residents("a", "b")
    await bench.notice(1, ["oa:a", "oa:b"])
    await run_out(bench.fanout())
    await bench.mass.turn()
    bench.api.state = state
    assert await bench.mass.turn() == 0
    bench.clock.advance(hours=1)
    assert await bench.mass.turn() == 1
    assert await bench.states(1) == {end or TargetState.QUEUED: 2}
    assert await bench.mass.turn() == 0


async def test_a_template_that_did_not_get_through_is_taken_back(bench: Bench) -> None:
    await bench.notice(1, ["oa:a", "oa:b"])
    for number in (0, 1):
        values = {"state": TargetState.SENT, "via": "template", "note": f"47{number}", "sent_at": START}
        await bench.archive.committer.commit(Plan(changes=[Change(NoticeTarget, 10_000 + number, None, values)]))
    await bench.event("TEMPLATESENDJOBFINISH", person="a", MsgID="470", Status="failed:user block")
    await bench.event("TEMPLATESENDJOBFINISH", person="b", MsgID="471", Status="success")
    found = {row.target: (row.state, row.reason) for row in await bench.rows(NoticeTarget)}
    assert found == {"oa:a": (TargetState.LEFT, "居民已拒收模板消息"), "oa:b": (TargetState.SENT, "")}


async def test_other_events_are_left_to_the_handlers(bench: Bench) -> None:
    assert await bench.event("SUBSCRIBE") is None


async def test_the_platform_s_month_is_china_s(bench: Bench) -> None:
    bench.clock.set(datetime(2026, 11, 30, 16, 30, tzinfo=UTC))
    await bench.residents("a", "b")
    await bench.notice(1, ["oa:a", "oa:b"])
    await run_out(bench.fanout())
    assert {row.month for row in await bench.rows(MassCount)} == {date(2026, 12, 1)}


async def test_an_open_window_costs_no_mass_message(bench: Bench) -> None:
    await bench.residents("a", "b", "c")
    window = {"window_opened_at": START - timedelta(hours=1), "window_limit": 5, "window_used": 0}
    last = {**window, "window_used": 4}
    for number, values in ((500, window), (501, last)):
        await bench.archive.committer.commit(Plan(changes=[Change(Resident, number, None, values)]))
    await bench.notice(1, ["oa:a", "oa:b", "oa:c"])
    await run_out(bench.fanout())
    assert [row.target for row in await bench.rows(Outbox)] == ["oa:a"]
    [send] = await bench.rows(MassSend)
    # The last of his window is kept for an answer that he waits for.
    assert send.openids == ["b", "c"]


def test_what_the_maker_reads() -> None:
    counts = {TargetState.SENT: 8, TargetState.FAILED: 2, TargetState.LEFT: 1}
    missed = {TargetState.FAILED: [("93000 无效", 2, "group:9")], TargetState.LEFT: [("", 1, "oa:secret")]}
    notice = fresh(Notice, id=1, number="通1123-01", kind=NoticeKind.TASK, state=NoticeState.SENT, made_at=START)
    text = render_ends(City((), (), (), ()), notice, counts, missed)
    assert text == (
        "通1123-01 已发送完毕：送达 8，失败 2，未能送达 1。\n· 工作群 等 2 个：93000 无效\n· 居民：原因不明"
    )
    assert render_progress("通1123-01", counts) == "通1123-01：共 11，已送达 8，失败 2，未能送达 1。"
