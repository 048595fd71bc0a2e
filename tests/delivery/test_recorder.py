"""Writing results: a fact is written again rather than sent again."""

import asyncio
from typing import Any, cast

import pytest
from prometheus_client import CollectorRegistry

from bot.delivery.recorder import NotRecorded, Recorder, WindowUse
from bot.delivery.residents import Residents
from storage.archive import Archive
from storage.committer import Committer, StorageFailed
from storage.plan import Committed, EventDraft, Outcome, Plan
from storage.tables import Outbox
from tests.clock import START
from tests.delivery.fakes import Desk
from tests.storage.builders import list_rows


class Moody:
    """A committer that fails so many times before it works."""

    def __init__(self, failures: int, committer: Committer | None = None) -> None:
        self.failures, self.plans = failures, list[Plan]()
        self._committer = committer
        self.written = asyncio.Event()

    async def commit(self, plan: Plan) -> Outcome:
        self.plans.append(plan)
        if len(self.plans) <= self.failures:
            raise StorageFailed("away")
        return await self._committer.commit(plan) if self._committer else Committed()


class MoodyArchive:
    """An archive whose committer is moody."""

    def __init__(self, archive: Archive, failures: int) -> None:
        self._archive = archive
        self.committer = Moody(failures, archive.committer)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)


def make_recorder(archive: Archive, committer: Moody, pauses: list[float]) -> Recorder:
    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    return Recorder(cast(Committer, committer), Residents(archive), pause)


async def test_it_writes_until_it_is_in(archive: Archive) -> None:
    committer, pauses = Moody(2), list[float]()
    plan = Plan(events=[EventDraft(7, "told", START, "system", {})])
    await make_recorder(archive, committer, pauses).write(plan)
    assert pauses == [0.5, 1.0]
    assert committer.plans[-1].events == plan.events


async def test_history_is_left_out_before_the_fact_is(archive: Archive) -> None:
    committer, pauses = Moody(3), list[float]()
    await make_recorder(archive, committer, pauses).write(Plan(events=[EventDraft(7, "told", START, "system", {})]))
    assert [len(plan.events) for plan in committer.plans] == [1, 1, 1, 0]


async def test_it_ends_at_last(archive: Archive) -> None:
    pauses: list[float] = []
    with pytest.raises(NotRecorded):
        await make_recorder(archive, Moody(99), pauses).write(Plan())
    assert len(pauses) == 8


async def test_an_unknown_resident_has_no_window_to_write(archive: Archive) -> None:
    committer = Moody(0)
    await make_recorder(archive, committer, []).write(Plan(), WindowUse("nobody", None, 1))
    assert committer.plans == [Plan()]


async def test_what_could_not_be_written_is_not_said_again_soon(desk: Desk) -> None:
    """The platform took it, the archive did not: only when the hold is over it may go once more."""
    await desk.put("worker:w1", "一")
    desk.archive = cast(Archive, MoodyArchive(desk.archive, 8))
    delivery = desk.make_delivery(CollectorRegistry())
    await delivery.deliver_due()
    await delivery.deliver_due()
    assert desk.aibot.texts == ["一"]
    desk.clock.advance(seconds=61)
    await delivery.deliver_due()
    assert desk.aibot.texts == ["一", "一"]
    assert [row.state for row in await list_rows(desk.archive.engine, Outbox)] == ["sent"]
