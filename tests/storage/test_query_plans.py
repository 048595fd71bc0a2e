"""What is asked again and again finds its rows by an index: a tick must cost nothing in a house of 330,000 cases."""

from collections.abc import AsyncIterator, Awaitable
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import event

from bot.notices_mass import MassSender
from bot.notices_results import NoticeResults
from storage import fanout
from storage.archive import Archive, open_archive
from storage.erasure import list_wanted
from storage.export import list_kept
from storage.notice_columns import NoticeKind, NoticeState
from storage.notice_tables import Notice
from storage.notice_tables import NoticeTarget as Line
from storage.plan import Plan
from storage.queries import Books
from storage.rows import fresh
from storage.settings import move_fact, set_facts
from storage.tables import Resident
from storage.writing import writing

NOW = datetime(2026, 11, 23, 2, tzinfo=UTC)
TARGET = "group:31"


@pytest.fixture
async def archive(sqlite_database: str) -> AsyncIterator[Archive]:
    async with open_archive(sqlite_database) as opened:
        yield opened


def list_questions(archive: Archive) -> dict[str, Awaitable[object]]:
    """Every question of a tick, and those that answer a message."""
    books, kinds = Books(archive), list(NoticeKind)
    loop, follow, notices, engine = books.loop, books.followups, books.notices, archive.engine
    mass: Any = MassSender(archive, None, None, lambda: NOW)  # type: ignore[arg-type]  # nothing is sent
    return {
        "due": loop.list_due(NOW, 200),
        "sheets": loop.list_sheets([1, 2]),
        "undigested": loop.list_undigested(NOW.date(), "todo", 100),
        "open of group": loop.list_open_of_group(1, 300),
        "counted again": loop.list_open_after(5, 500),
        "late calls": follow.list_late_calls(NOW),
        "urgent calls": follow.list_late_calls(NOW, urgent=True),
        "late call-backs": follow.list_late_callbacks(NOW),
        "stale requests": follow.list_stale_requests(),
        "wishes": list_wanted(archive),
        "export": list_kept(archive, 1),
        "notices due": notices.list_due(NOW),
        "ending": notices.list_ending(NOW),
        "untold": notices.list_untold_ends(NOW, kinds),
        "to remind": notices.list_to_remind(NOW),
        "drafts": notices.list_stale_drafts(NOW),
        "in group": notices.list_in_group(TARGET),
        "sending": fanout.list_sending(engine, kinds),
        "over": fanout.list_over(engine, NOW),
        "unrecalled": fanout.list_unrecalled(engine, NOW),
        "mass waiting": mass._list_waiting(),
        "mass silent": mass._list_silent(),
        "template": NoticeResults(archive, lambda: NOW)._find_template("oLi", "1"),
    }


async def test_no_tick_reads_a_whole_table(archive: Archive) -> None:
    await archive.committer.commit(Plan(rows=[fresh(Resident, id=1, openid="oLi", first_seen_at=NOW)]))
    asked: list[tuple[str, str, Any]] = []
    name = ""

    def keep(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            asked.append((name, statement, values))

    event.listen(archive.engine.sync_engine, "before_cursor_execute", keep)
    for name, question in list_questions(archive).items():  # noqa: B007  # `keep` reads it
        await question
    event.remove(archive.engine.sync_engine, "before_cursor_execute", keep)
    walked = []
    async with archive.engine.connect() as connection:
        for what, statement, values in asked:
            plan = await connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            # A list of values is a table of its own to SQLite; groups with open cases are read from their index alone.
            steps = [line[3] for line in plan if line[3].startswith("SCAN") and "COVERING INDEX" not in line[3]]
            walked += [(what, step) for step in steps if "subquery" not in step and "CONSTANT ROW" not in step]
    assert {"due", "undigested", "in group", "mass waiting", "template"} <= {what for what, *_ in asked}
    assert walked == []


async def test_a_group_finds_its_notice_however_many_others_got_since(archive: Archive) -> None:
    books = Books(archive).notices
    rows: list[Any] = []
    for one in range(80):
        at = datetime(2026, 11, 1, 1, one % 60, one // 60, tzinfo=UTC)
        kind, number = NoticeKind.ANNOUNCEMENT, f"通1101-{one:02}"
        rows.append(
            fresh(Notice, id=1000 + one, number=number, kind=kind, state=NoticeState.SENT, made_at=at, sent_at=at)
        )
        target = TARGET if one == 0 else "group:32"
        rows.append(fresh(Line, id=5000 + one, notice_id=1000 + one, target=target, state="sent"))
    await archive.committer.commit(Plan(rows=rows))
    assert [notice.number for notice, _ in await books.list_in_group(TARGET)] == ["通1101-00"]
    assert len(await books.list_in_group("group:32")) == 50


async def test_a_fact_is_moved_only_from_what_was_read(archive: Archive) -> None:
    books = Books(archive)
    async with writing(archive.engine) as connection:
        await set_facts(connection, {"replan": "v1|0"})
    async with writing(archive.engine) as connection:
        await set_facts(connection, {"replan": "v2|0"})
        assert not await move_fact(connection, "replan", "v1|0", "v1|500")
    assert await books.find_setting("replan") == "v2|0", "the newer notice is gone through from its first case"
    async with writing(archive.engine) as connection:
        assert await move_fact(connection, "replan", "v2|0", "v2|500")
    assert await books.find_setting("replan") == "v2|500"
