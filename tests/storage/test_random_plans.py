"""Any plans, from two processes, in any order: the chains hold, heads and versions are right, nothing is lost or written twice."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from sqlmodel import SQLModel

from storage.archive import Archive, open_archive
from storage.audit import verify
from storage.committer import StorageFailed
from storage.plan import Committed, Conflict, Plan, Repeated
from storage.rows import row_values
from storage.tables import Case, CaseEvent, Inbound, Outbox, Target
from tests.storage.builders import change_case, list_rows, make_event, make_inbound, make_message, open_case

CASES = 3
Pair = tuple[Archive, Archive]


@dataclass(frozen=True)
class Step:
    """One plan, before it has ids: which process hands it in, and what it asks for."""

    process: int
    opens: bool
    events: list[int]
    guard: tuple[int, bool] | None
    key: int | None
    targets: list[int]
    is_bad: bool


steps = st.builds(
    Step,
    process=st.integers(0, 1),
    opens=st.booleans(),
    events=st.lists(st.integers(0, CASES - 1), max_size=3),
    guard=st.none() | st.tuples(st.integers(0, CASES - 1), st.sampled_from([False, False, False, True])),
    key=st.none() | st.integers(0, 3),
    targets=st.lists(st.integers(0, 2), max_size=3),
    is_bad=st.sampled_from([False] * 9 + [True]),
)
rounds = st.lists(st.lists(steps, min_size=3, max_size=10), min_size=1, max_size=4)


@dataclass
class Story:
    """One example: its own cases, keys and targets in a database that all examples share."""

    pair: Pair
    base: int
    versions: list[int] = field(default_factory=lambda: [0] * CASES)
    written: list[tuple[Step, Plan]] = field(default_factory=list)
    outcomes: Counter[str] = field(default_factory=Counter)

    def case(self, index: int) -> int:
        return self.base + index

    def target(self, index: int) -> str:
        return f"t{self.base}:{index}"

    async def make_plan(self, step: Step) -> Plan:
        row_id = await self.pair[step.process].numbers.take_id()
        plan = open_case(row_id) if step.opens else Plan()
        plan.events = plan.events + [make_event(self.case(index), by=row_id) for index in step.events]
        if step.guard is not None:
            index, is_stale = step.guard
            plan.changes.append(change_case(self.case(index), self.versions[index] - is_stale, result=str(row_id)))
        if step.key is not None:
            plan.inbound = make_inbound(row_id, f"k{self.base}:{step.key}", {"by": row_id})
        plan.outbox = [make_message(self.target(index), by=row_id) for index in step.targets]
        if step.is_bad:
            plan.rows = [*plan.rows, *open_case(self.base).rows]
        return plan

    async def play(self, round_: list[Step]) -> None:
        """Hand in the plans of one round together and note what became of each."""
        plans = [await self.make_plan(step) for step in round_]
        commits = [self.pair[step.process].committer.commit(plan) for step, plan in zip(round_, plans, strict=True)]
        outcomes = await asyncio.gather(*commits, return_exceptions=True)
        for step, plan, outcome in zip(round_, plans, outcomes, strict=True):
            assert isinstance(outcome, Committed | Conflict | Repeated | StorageFailed), repr(outcome)
            self.outcomes[type(outcome).__name__] += 1
            if isinstance(outcome, Committed):
                assert not step.is_bad
                self.written.append((step, plan))
                if step.guard is not None:
                    self.versions[step.guard[0]] += 1
            if isinstance(outcome, Conflict):
                assert step.guard is not None

    async def list_mine(self, table: type[SQLModel], column: str, mine: set[Any]) -> list[Any]:
        rows = await list_rows(self.pair[0].engine, table)
        return [row for row in rows if getattr(row, column) in mine]


async def check_cases(story: Story) -> None:
    opened = {row_values(row)["id"] for _, plan in story.written for row in plan.rows}
    mine = opened | {story.case(index) for index in range(CASES)}
    cases = await story.list_mine(Case, "id", mine)
    events = await story.list_mine(CaseEvent, "case_id", mine)
    assert {case.id for case in cases} == mine
    expected = Counter(draft.case_id for _, plan in story.written for draft in plan.events)
    expected.update(story.case(index) for index in range(CASES))
    assert Counter(event.case_id for event in events) == expected
    for index in range(CASES):
        case = next(case for case in cases if case.id == story.case(index))
        assert (case.version, case.head_seq) == (story.versions[index], expected[case.id])


async def check_messages(story: Story) -> None:
    mine = {story.target(index) for index in range(3)}
    messages = await story.list_mine(Outbox, "target", mine)
    expected = Counter((draft.target, draft.body["by"]) for _, plan in story.written for draft in plan.outbox)
    assert Counter((message.target, message.body["by"]) for message in messages) == expected
    ends = {target.key: target.last_seq for target in await story.list_mine(Target, "key", mine)}
    for target in mine:
        seqs = sorted(message.seq for message in messages if message.target == target)
        assert seqs == list(range(1, ends.get(target, 0) + 1))


async def check_inbound(story: Story) -> None:
    keys = [plan.inbound.key for _, plan in story.written if plan.inbound is not None]
    assert len(set(keys)) == len(keys)
    mine = {f"k{story.base}:{number}" for number in range(4)}
    assert sorted(row.key for row in await story.list_mine(Inbound, "key", mine)) == sorted(keys)


@pytest.fixture
async def pair(engine_url: str) -> AsyncIterator[Pair]:
    """Two processes on one database."""
    async with open_archive(engine_url) as one, open_archive(engine_url) as two:
        yield one, two


# Examples share one database, which a shrinking run would fill for minutes: a failure is shown as it was found.
@settings(max_examples=25, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rounds=rounds)
async def test_whatever_is_planned_the_archive_holds(pair: Pair, rounds: list[list[Step]]) -> None:
    story = Story(pair, (await pair[0].numbers.take(CASES)).start)
    for index in range(CASES):
        await pair[0].committer.commit(open_case(story.case(index)))
    for round_ in rounds:
        await story.play(round_)
    verdict = await verify(pair[0].engine)
    assert verdict.broken is None
    await check_cases(story)
    await check_messages(story)
    await check_inbound(story)
    assert sum(story.outcomes.values()) == sum(len(round_) for round_ in rounds)
