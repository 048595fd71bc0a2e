"""The supervisor on a made town: what falls due happens once, whoever looks, however late, whatever dies in between."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col

from bot.digests import Digests
from bot.importing import import_path
from bot.supervision import Supervisor
from grid.stages import Stage, StageClocks
from storage.archive import open_archive
from storage.loop_tables import Digest, Sheet
from storage.plan import Change, Committed, Outcome, Plan
from storage.tables import Case
from tests.clock import FakeClock
from tests.grid.test_due_table import local
from tests.handlers.resident.talk import Town
from tests.handlers.worker.city import CHAT3, CHAT_COMMUNITY, CHAT_STREET, LI, SUN, WANG, ZHAO, ZHOU

ZONE = ZoneInfo("Asia/Shanghai")
GRID, COMMUNITY, STREET, DUTY = "group:31", "group:32", "group:33", "group:34"
COLOURS = ["blue", "yellow", "orange", "red"]


@pytest.fixture
async def town(sqlite_database: str, clock: FakeClock) -> AsyncIterator[Town]:
    async with open_archive(sqlite_database) as archive:
        built = Town(archive, clock)
        await built.build()
        yield built


@pytest.fixture
def supervisor(town: Town) -> Supervisor:
    return make_supervisor(town)


def make_supervisor(town: Town) -> Supervisor:
    return Supervisor(town.archive, town.books, town.hall)


async def report(town: Town, who: str = "oLi", text: str = "阳光水岸3号楼楼道堆物") -> str:
    """A resident's case; its number."""
    known = {case.number for case in await town.cases()}
    await town.resident(who).says(text)
    (number,) = {case.number for case in await town.cases()} - known
    return number


async def sheets(town: Town, **fields: object) -> list[Any]:
    """All sheets with these values, oldest first."""
    rows = await town.rows(Sheet, *(col(getattr(Sheet, name)) == value for name, value in fields.items()))
    return sorted(rows, key=lambda row: row.id)  # type: ignore[attr-defined]  # sheets have one


async def until(town: Town, moment: str, supervisor: Supervisor) -> None:
    """Minute by minute as far as something is due, to a local moment of 2026."""
    end = local(moment)
    while True:
        due = [case.next_step_at for case in await town.cases() if case.next_step_at is not None]
        at = max(min(due, default=end), town.clock())
        town.clock.set(min(at, end))
        await supervisor.tick()
        if at >= end:
            return


async def payloads(town: Town, number: str, kind: str) -> list[dict[str, Any]]:
    return [json.loads(row.payload or "{}") for row in await town.event_rows(number) if row.kind == kind]


async def test_nobody_takes_a_case(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    await until(town, "11-23T14:00", supervisor)
    issued = await payloads(town, number, "sheet_issued")
    assert [one["colour"] for one in issued if one["stage"] == "accept"] == COLOURS
    times = [sheet.issued_at.astimezone(ZONE).strftime("%H:%M") for sheet in await sheets(town, stage="accept")]
    assert times == ["10:36", "11:00", "12:00", "14:00"]
    # 向阳区 has no group of its own in this town: the next one up is the duty group.
    assert [one["target"] for one in issued] == [GRID, COMMUNITY, STREET, DUTY]
    texts = {target: message.text for target, message in await town.told_everybody() if message.kind == "sheet"}
    assert "责任人：王芳" in texts[COMMUNITY]
    assert "回复督办 督1123-02" in texts[COMMUNITY]
    assert f"【工单 {number}】" in texts[STREET]


async def test_what_is_done_in_time_is_not_supervised(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    await town.resolves(number)
    await until(town, "11-28T12:00", supervisor)
    assert await sheets(town) == []
    assert (await town.case(number)).status == "resolved"
    await until(town, "12-01T12:00", supervisor)
    assert (await town.case(number)).status == "archived"
    assert (await town.case(number)).next_step_at is None


async def test_a_sheet_is_signed_answered_and_written_off(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    await until(town, "11-23T11:00", supervisor)
    assert "已签收 督1123-02" in await town.works("签收", ZHOU, CHAT_COMMUNITY)
    town.clock.advance(seconds=60)
    assert "还没有回复" in await town.works("销号 督1123-02", ZHOU, CHAT_COMMUNITY)
    assert "已回复 督1123-02" in await town.works("回复督办 督1123-02 已联系网格员", ZHOU, CHAT_COMMUNITY)
    assert "不归本群" in await town.works("销号 督1123-02", LI, CHAT3)
    assert "销号须由" in await town.works("销号 督1123-02", WANG, CHAT3)
    assert "已销号" in await town.works("销号 督1123-02", ZHOU, CHAT_COMMUNITY)
    kinds = await town.events(number)
    assert [kind for kind in kinds if kind.startswith("sheet_")][-3:] == [
        "sheet_acknowledged",
        "sheet_answered",
        "sheet_written_off",
    ]


async def test_an_answered_sheet_waits_for_twice_the_limit(town: Town, supervisor: Supervisor) -> None:
    await report(town)
    await until(town, "11-23T11:00", supervisor)
    await town.works("回复督办 督1123-02 已联系网格员", ZHOU, CHAT_COMMUNITY)
    await until(town, "11-23T13:59", supervisor)
    assert [sheet.colour for sheet in await sheets(town)] == ["blue", "yellow"]
    await until(town, "11-23T14:00", supervisor)
    assert [sheet.colour for sheet in await sheets(town)] == ["blue", "yellow", "red"]


async def test_a_sheet_by_its_quote(town: Town, supervisor: Supervisor) -> None:
    await report(town)
    await until(town, "11-23T11:00", supervisor)
    (sheet,) = [message for message in await town.told(COMMUNITY) if message.kind == "sheet"]
    assert "督1123-02" in sheet.text
    assert "已签收 督1123-02" in await town.works("签收", ZHOU, CHAT_COMMUNITY)


async def test_accepting_ends_the_accept_ladder(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    await until(town, "11-23T11:00", supervisor)
    await town.works("回复督办 督1123-02 马上", ZHOU, CHAT_COMMUNITY)
    assert "已接单" in await town.works(f"接单 {number}")
    await supervisor.tick()
    assert {sheet.state.value for sheet in await sheets(town, stage="accept")} == {"reissued", "written_off"}
    assert (await payloads(town, number, "sheet_written_off"))[0]["by"] == "rule"


async def test_what_nobody_answered_is_offered_once_it_is_done(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    await until(town, "11-23T11:00", supervisor)
    assert "已接单" in await town.works(f"接单 {number}")
    for _ in range(3):
        await supervisor.tick()
    offers = [message.text for message in await town.told(COMMUNITY) if message.kind == "sheet_over"]
    assert len(offers) == 1
    assert "销号 督1123-02" in offers[0]
    assert "已销号" in await town.works("销号 督1123-02", ZHAO, CHAT_STREET)


async def test_two_returns_are_seen_by_the_street(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    await town.works(f"退回 {number} 不属本网格")
    await town.works(f"指派 {number} 文采社区第三网格", ZHAO, CHAT_STREET)
    await town.works(f"转派 {number} 文采社区第三网格", ZHOU, CHAT_COMMUNITY)
    await town.works(f"退回 {number} 还是不属本网格")
    await supervisor.tick()
    assert [sheet.colour.value for sheet in await sheets(town, stage="resolve")] == ["orange"]


async def test_a_jump_of_the_clock_issues_the_present_colour_once(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    town.clock.set(local("11-25T10:00"))
    for _ in range(3):
        await supervisor.tick()
    assert [sheet.colour.value for sheet in await sheets(town, stage="accept")] == ["red"]
    assert await payloads(town, number, "steps_skipped") == [
        {"stage": "accept", "colours": ["blue", "yellow", "orange"]}
    ]


async def test_a_red_sheet_comes_again(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    await until(town, "11-30T17:00", supervisor)
    issued = [one for one in await payloads(town, number, "sheet_issued") if one["stage"] == "accept"]
    assert [one["colour"] for one in issued] == [*COLOURS, "red", "red"]
    assert [one.get("again", False) for one in issued[3:]] == [False, True, True]
    states = [sheet.state.value for sheet in await sheets(town, stage="accept", colour="red")]
    assert states == ["reissued", "reissued", "issued"]


async def test_quiet_hours_hold_ordinary_steps_only(town: Town, supervisor: Supervisor) -> None:
    await report(town)
    town.clock.set(local("11-23T21:00"))
    await supervisor.tick()
    assert await sheets(town) == []
    waiting = [case.next_step_at for case in await town.cases()]
    assert waiting == [local("11-24T08:00")]
    urgent = await report(town, "oHe", "学府花园2号楼停水了，紧急")
    case = await town.case(urgent)
    assert case.urgency != "normal"
    town.clock.advance(hours=3)
    await supervisor.tick()
    assert {sheet.case_id for sheet in await sheets(town)} == {case.id}


async def test_a_day_off_holds_ordinary_steps(town: Town, supervisor: Supervisor) -> None:
    await report(town)
    town.clock.set(local("11-28T10:00"))
    await supervisor.tick()
    assert await sheets(town) == []
    assert [case.next_step_at for case in await town.cases()] == [local("11-30T08:00")]


async def test_blue_reminders_of_a_moment_are_one_message(town: Town, supervisor: Supervisor) -> None:
    for name in ("oA", "oB", "oC"):
        await report(town, name, f"阳光水岸{ord(name[1]) - 60}号楼路灯不亮")
    town.clock.set(local("11-23T10:36"))
    await supervisor.tick()
    reminders = [message.text for message in await town.told(GRID) if message.kind == "reminder"]
    assert len(reminders) == 1
    assert all(f"督1123-0{serial}" in reminders[0] for serial in (1, 2, 3))
    assert len(await sheets(town, colour="blue")) == 3


async def test_ordinary_blue_times_meet_on_the_half_hour(town: Town) -> None:
    number = await report(town)
    await town.works(f"接单 {number}")
    # To Thursday 17:00 are 29.5 working hours; 80 % of them, 23.6, are over on Thursday at 10:06.
    assert (await town.case(number)).next_step_at == local("11-26T10:30")


async def test_two_supervisors_do_each_step_once(engine_url: str, clock: FakeClock) -> None:
    async with open_archive(engine_url) as archive, open_archive(engine_url) as other_archive:
        town, other = Town(archive, clock), Town(other_archive, clock)
        await town.build()
        await other.hall.load()
        number = await report(town)
        pair = (make_supervisor(town), make_supervisor(other))
        for moment in ("11-23T10:36", "11-23T11:00", "11-23T12:00", "11-23T14:00"):
            town.clock.set(local(moment))
            # Both look before either writes.
            seen = await asyncio.gather(*(one._round() for one in pair))
            assert sum(written for _, written in seen) == 1
            assert (await asyncio.gather(*(one.tick() for one in pair))) == [0, 0]
        issued = await payloads(town, number, "sheet_issued")
        assert [one["colour"] for one in issued] == COLOURS


class Dying:
    """A committer in front of the real one whose process dies between deciding and committing, or right after."""

    def __init__(self, town: Town, *, is_late: bool = False, lives: int = 0) -> None:
        self._committer, self.is_late, self.lives = town.archive.committer, is_late, lives

    async def commit(self, plan: Plan) -> Outcome:
        self.lives -= 1
        if self.lives >= 0:
            return await self._committer.commit(plan)
        if self.is_late:
            assert await self._committer.commit(plan) == Committed()
        raise ProcessKilled


class ProcessKilled(BaseException):
    """What a kill looks like from inside."""


@pytest.mark.parametrize("is_late", [False, True], ids=["before the commit", "after the commit"])
async def test_a_kill_neither_loses_nor_repeats_a_step(town: Town, is_late: bool) -> None:
    number = await report(town)
    town.clock.set(local("11-23T11:00"))
    whole = town.archive.committer
    town.archive.committer = Dying(town, is_late=is_late)  # type: ignore[assignment]  # stands in front of it
    with pytest.raises(ProcessKilled):
        await make_supervisor(town).tick()
    town.archive.committer = whole
    await make_supervisor(town).tick()
    issued = await payloads(town, number, "sheet_issued")
    assert [one["colour"] for one in issued] == ["yellow"]
    assert len([message for message in await town.told(COMMUNITY) if message.kind == "sheet"]) == 1


async def test_a_case_from_before_gets_its_clocks(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    case = await town.case(number)
    bare = {"clocks": {}, "next_step_at": case.opened_at}
    assert await town.archive.committer.commit(Plan(changes=[Change(Case, case.id, case.version, bare)])) == Committed()
    await supervisor.tick()
    after = await town.case(number)
    assert set(after.clocks) == {"accept", "answer", "resolve", "reply"}
    assert await sheets(town) == []
    assert after.next_step_at == local("11-23T10:36")


async def test_a_conduct_complaint_reaches_no_group_of_grid_or_community(town: Town, supervisor: Supervisor) -> None:
    number = await report(town, text="投诉阳光水岸3号楼的网格员态度恶劣，骂人")
    assert (await town.case(number)).conduct
    await until(town, "11-25T17:00", supervisor)
    told = [
        (target, message) for target, message in await town.told_everybody() if message.kind in ("sheet", "reminder")
    ]
    assert told
    assert not {target for target, _ in told} & {GRID, COMMUNITY, STREET}
    assert all("态度恶劣" not in message.text for target, message in told if target.startswith("group:"))


async def test_the_duty_group_hears_again_of_what_nobody_has(town: Town, supervisor: Supervisor) -> None:
    number = await report(town, text="楼道堆物没人管")
    assert (await town.case(number)).status == "triage"
    await supervisor.tick()
    assert await town.told(DUTY) == []
    town.clock.advance(seconds=600)
    await supervisor.tick()
    await supervisor.tick()
    assert len(await town.told(DUTY)) == 1
    await until(town, "11-23T14:10", supervisor)
    assert [message.kind for message in await town.told(DUTY)] == ["alert", "alert"]


async def test_each_group_has_a_digest_once_a_day(town: Town) -> None:
    await report(town)
    town.clock.set(datetime(2026, 11, 24, 0, 30, tzinfo=UTC))
    digests = Digests(town.archive, town.books, town.hall)
    assert [await digests.tick(), await digests.tick()] == [1, 0]
    (todo,) = [message.text for message in await town.told(GRID) if message.kind == "digest"]
    assert "【待办】11月24日，本群未办结1件，其中超时1件" in todo
    town.clock.set(local("11-24T16:30"))
    assert await digests.tick() == 1
    town.clock.set(local("11-28T08:30"))
    assert await digests.tick() == 0
    assert len(await town.rows(Digest)) == 2


async def test_a_second_process_gives_no_second_digest(town: Town) -> None:
    await report(town)
    town.clock.set(local("11-24T08:30"))
    one, other = (Digests(town.archive, town.books, town.hall) for _ in range(2))
    desk = town.hall.desk()
    assert [await one._give(desk, "todo", 31), await other._give(desk, "todo", 31)] == [1, 0]
    assert len([message for message in await town.told(GRID) if message.kind == "digest"]) == 1


async def import_notice(town: Town, folder: Path, *days: str) -> None:
    """A made holiday notice for the first days of 2027, as an operator imports it."""
    file = folder / "calendar.csv"
    rows = [f"{day},0,元旦,测试通知" for day in days]
    file.write_text("\n".join(["on,works,name,note", *rows]), encoding="utf-8")
    await import_path(town.archive, "calendar", file, town.clock())


async def test_a_holiday_notice_moves_promises_later_and_says_so(
    town: Town, supervisor: Supervisor, tmp_path: Path
) -> None:
    town.clock.set(local("12-30T09:00"))
    number = await report(town)
    await town.works(f"接单 {number}")
    before = await town.case(number)
    assert before.due_provisional
    assert before.resolve_due_at == datetime(2027, 1, 5, 9, 0, tzinfo=UTC)
    await import_notice(town, tmp_path, *(f"2027-01-0{day}" for day in range(1, 6)))
    await supervisor.tick()
    after = await town.case(number)
    assert after.resolve_due_at == datetime(2027, 1, 7, 9, 0, tzinfo=UTC)
    assert not after.due_provisional
    moved = {one["stage"]: one for one in await payloads(town, number, "replanned")}
    assert (moved["resolve"]["was"], moved["resolve"]["due"]) == (
        "2027-01-05T09:00:00+00:00",
        "2027-01-07T09:00:00+00:00",
    )
    assert moved["resolve"]["note"]
    assert "顺延" in await town.resident("oLi").says(f"进度 {number}")
    steps = len(await town.events(number))
    await supervisor.tick()
    assert len(await town.events(number)) == steps


async def test_a_notice_with_fewer_days_off_shortens_no_promise(
    town: Town, supervisor: Supervisor, tmp_path: Path
) -> None:
    town.clock.set(local("12-30T09:00"))
    number = await report(town)
    await town.works(f"接单 {number}")
    # Only New Year's Day, as the law has it, and Saturday worked: by that table it would be due a day sooner.
    file = tmp_path / "calendar.csv"
    file.write_text("on,works,name,note\n2027-01-01,0,元旦,通知\n2027-01-02,1,元旦调休,通知\n", encoding="utf-8")
    await import_path(town.archive, "calendar", file, town.clock())
    await supervisor.tick()
    after = await town.case(number)
    assert after.resolve_due_at == datetime(2027, 1, 5, 9, 0, tzinfo=UTC)
    assert not after.due_provisional
    assert await payloads(town, number, "replanned") == []


async def test_a_granted_extension_and_a_rest_are_counted_again_too(
    town: Town, supervisor: Supervisor, tmp_path: Path
) -> None:
    town.clock.set(local("12-29T09:00"))
    number = await report(town)
    await town.works(f"接单 {number}")
    case = await town.case(number)
    clocks = StageClocks.parse(case.clocks)
    promise = clocks.find(Stage.RESOLVE)
    assert promise is not None
    # 12-30, 12-31, 1-4; two days more: 1-6. With the notice 12-30, 12-31, 1-6; two days more: 1-8.
    longer = replace(promise, due=datetime(2027, 1, 6, 9, 0, tzinfo=UTC), more=("2wd",))
    values = {"clocks": clocks.with_clock(Stage.RESOLVE, longer).render(), "resolve_due_at": longer.due}
    assert (
        await town.archive.committer.commit(Plan(changes=[Change(Case, case.id, case.version, values)])) == Committed()
    )
    await import_notice(town, tmp_path, *(f"2027-01-0{day}" for day in range(1, 6)))
    await supervisor.tick()
    assert (await town.case(number)).resolve_due_at == datetime(2027, 1, 8, 9, 0, tzinfo=UTC)


async def test_counting_again_goes_on_where_a_kill_left_it(town: Town, tmp_path: Path) -> None:
    town.clock.set(local("12-30T09:00"))
    first = await report(town, "oA")
    second = await report(town, "oB", "学府花园2号楼楼道堆物")
    await import_notice(town, tmp_path, *(f"2027-01-0{day}" for day in range(1, 6)))
    whole = town.archive.committer
    town.archive.committer = Dying(town, lives=1)  # type: ignore[assignment]  # stands in front of it
    with pytest.raises(ProcessKilled):
        await make_supervisor(town).tick()
    town.archive.committer = whole
    await make_supervisor(town).tick()
    for number in (first, second):
        assert (await town.case(number)).resolve_due_at == datetime(2027, 1, 7, 9, 0, tzinfo=UTC)
        assert [one["stage"] for one in await payloads(town, number, "replanned")].count("resolve") == 1


async def test_a_group_that_only_has_sheets_has_its_digest_too(town: Town, supervisor: Supervisor) -> None:
    await report(town)
    await until(town, "11-23T11:00", supervisor)
    town.clock.set(local("11-23T16:30"))
    assert await Digests(town.archive, town.books, town.hall).tick() == 2
    (digest,) = [message.text for message in await town.told(COMMUNITY) if message.kind == "digest"]
    assert "督办单 督1123-02（黄）等待签收" in digest


async def test_a_rest_ends_by_itself_and_the_reporter_hears(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    await town.works(f"接单 {number}")
    assert "已挂起" in await town.works(f"挂起 {number} 7天 等配件", ZHAO, CHAT_STREET)
    assert (await town.case(number)).next_step_at == local("11-30T17:00")
    await until(town, "11-30T17:00", supervisor)
    assert (await town.case(number)).status == "handling"
    # He had all but the first moments of 29.5 hours left.
    assert (await town.case(number)).resolve_due_at == local("12-04T16:30")
    assert any("已恢复办理" in message.text for message in await town.told("oa:oLi"))


async def test_whose_case_nobody_takes_hears_at_least_that_and_once(town: Town, supervisor: Supervisor) -> None:
    number = await report(town, text="阳光水岸3号楼水管爆裂，一直往外冒水")
    assert (await town.case(number)).urgency == "urgent"
    await until(town, "11-24T16:00", supervisor)
    waiting = [message.text for message in await town.told("oa:oLi") if message.kind == "waiting"]
    assert len(waiting) == 1
    assert number in waiting[0]
    assert "已向上级督办" in waiting[0]


async def test_who_was_answered_in_time_hears_of_no_waiting(town: Town, supervisor: Supervisor) -> None:
    number = await report(town, text="阳光水岸3号楼水管爆裂，一直往外冒水")
    await town.works(f"接单 {number}")
    await until(town, "11-24T16:00", supervisor)
    assert "waiting" not in {message.kind for message in await town.told("oa:oLi")}


async def test_a_sheet_from_before_an_extension_ends_with_its_clock(town: Town, supervisor: Supervisor) -> None:
    number = await report(town)
    await town.works(f"接单 {number}")
    await until(town, "11-26T14:00", supervisor)
    (blue,) = await sheets(town, stage="resolve")
    assert blue.state == "issued"
    assert "已延期" in await town.works(f"延期 {number} 2天 等配件", ZHOU, CHAT_COMMUNITY)
    await town.works(f"办结 {number} 已清走")
    await until(town, "11-26T15:00", supervisor)
    (blue,) = await sheets(town, stage="resolve")
    assert blue.state == "written_off"


async def test_a_sheet_in_somebodys_single_chat_is_written_off_when_its_clock_is_over(
    town: Town, supervisor: Supervisor
) -> None:
    number = await report(town, text="投诉阳光水岸3号楼的网格员态度恶劣，骂人")
    await until(town, "11-23T14:30", supervisor)
    alone = [sheet for sheet in await sheets(town) if sheet.group_id is None]
    assert alone, "a complaint about conduct is supervised in single chats"
    await town.works(f"接单 {number}", SUN, None)
    await town.works(f"办结 {number} 已批评教育", SUN, None)
    assert not (await town.case(number)).is_open
    await until(town, "11-23T15:30", supervisor)
    left = [sheet.number for sheet in await sheets(town) if sheet.group_id is None and sheet.state == "issued"]
    assert left == []
