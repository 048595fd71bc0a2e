"""Random lives of cases, through the actions alone; after every step the law's promises hold.

History chain whole and legal; one handler at most, and one exactly while a case is at work; no clock runs in an end; whoever must
be told is told, by exactly the messages of that step.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from grid.actions import checking, children, closing, handling, joint, moving, reporter, requests
from grid.actions.handling import Ending
from grid.actions.opening import Matter, Opened, open_case
from grid.actions.routing import Sent
from grid.checks import Checks, Poor
from grid.desk import SYSTEM, Actor, Desk, House
from grid.outcomes import Outcome
from grid.workflow import OPEN, RULES, Move, Part, Refusal, Status
from storage.chain import digest_of, genesis, link_hash, new_salt, render_payload
from storage.columns import RequestKind, RequestState
from storage.loop_tables import Callback, Request
from storage.plan import Change, EventDraft, OutboxDraft, Plan
from storage.rows import with_changes
from storage.tables import Case
from tests.clock import START
from tests.grid.town import make_desk, make_resident
from tests.handlers.worker.city import GRID3, OTHER1

_WHO = make_resident()
_REPORTER = Actor("resident:5", "居民", 5, frozenset({Part.REPORTER}))
_AT_WORK = (Status.ACCEPTED, Status.HANDLING, Status.SUSPENDED, Status.CHECKING)
_WAITING = (Status.TRIAGE, Status.DISPATCHED)
_ENDS = (Status.ARCHIVED, Status.VOID, Status.MERGED, Status.WITHDRAWN)


@dataclass
class Ledger:
    """What the archive would hold: rows by id, chains by case, messages in order. A plan goes in whole or not at all."""

    cases: dict[int, Case] = field(default_factory=dict)
    requests: dict[int, Request] = field(default_factory=dict)
    callbacks: dict[int, Callback] = field(default_factory=dict)
    chains: dict[int, list[tuple[EventDraft, str, str]]] = field(default_factory=lambda: defaultdict(list))
    last: list[OutboxDraft] = field(default_factory=list)
    ids: int = 100

    def draw(self) -> int:
        self.ids += 1
        return self.ids

    def apply(self, plan: Plan) -> None:
        shelves: dict[type, dict[int, Any]] = {Case: self.cases, Request: self.requests, Callback: self.callbacks}
        for row in plan.rows:
            if type(row) in shelves:
                shelves[type(row)][row.id] = row  # type: ignore[attr-defined]  # these have ids
        versions = {(change.table, change.key): self._version(shelves, change) for change in plan.changes}
        for change in plan.changes:
            shelf = shelves.get(change.table)
            if shelf is None:
                continue
            # Guarded: a plan made on an older state would be refused.
            assert change.version == versions[change.table, change.key]
            values = {**change.values, "version": (change.version or 0) + 1}
            shelf[int(change.key)] = with_changes(shelf[int(change.key)], values)
        for event in plan.events:
            self._link(event)
        self.last = list(plan.outbox)

    @staticmethod
    def _version(shelves: dict[type, dict[int, Any]], change: Change) -> int | None:
        shelf = shelves.get(change.table)
        return shelf[int(change.key)].version if shelf is not None else change.version

    def _link(self, event: EventDraft) -> None:
        chain = self.chains[event.case_id]
        previous = chain[-1][2] if chain else genesis(event.case_id)
        digest = digest_of(new_salt(), render_payload(dict(event.payload)))
        seq = len(chain) + 1
        link = link_hash(previous, event.case_id, seq, event.kind, event.at, event.actor, digest)
        chain.append((event, digest, link))


Do = Callable[[Desk, Ledger, Case, Actor], Any]


def _resolve(outcome: Outcome, whose: str = "") -> Do:
    def do(desk: Desk, book: Ledger, case: Case, actor: Actor) -> Any:
        own = [child for child in book.cases.values() if child.parent_id == case.id]
        ending = Ending(outcome, whose, own, (), book.cases.get(case.parent_id or 0), book.draw())
        return handling.resolve(desk, case, actor, _resident(case), "已看过", ending)

    return do


def _resident(case: Case) -> Any:
    return _WHO if case.resident_id is not None else None


def _ask(kind: RequestKind) -> Do:
    def do(desk: Desk, book: Ledger, case: Case, actor: Actor) -> Any:
        pending = _pending(book, case)
        wish = requests.Wish(kind, "2d", "等配件")
        return requests.ask_superior(desk, case, actor, wish, book.draw(), pending)

    return do


def _pending(book: Ledger, case: Case) -> list[Request]:
    mine = (one for one in book.requests.values() if one.case_id == case.id)
    return [one for one in mine if one.state is RequestState.PENDING]


def _decide(is_yes: bool) -> Do:
    def do(desk: Desk, book: Ledger, case: Case, actor: Actor) -> Any:
        pending = _pending(book, case)
        if not pending:
            return Refusal("没有申请。")
        if is_yes:
            return requests.grant(desk, case, pending[0], actor, _resident(case))
        return requests.decline(desk, case, pending[0], actor, "先办")

    return do


def _child(desk: Desk, book: Ledger, case: Case, actor: Actor) -> Any:
    own = [one for one in book.cases.values() if one.parent_id == case.id]
    part = children.Part("清理那边", area=OTHER1)
    return children.open_child(desk, case, actor, part, own, book.draw(), len(book.cases) + 1)


def _withdraw(desk: Desk, book: Ledger, case: Case, actor: Actor) -> Any:
    own = [one for one in book.cases.values() if one.parent_id == case.id]
    return closing.withdraw(desk, case, actor, own)


def _void(desk: Desk, book: Ledger, case: Case, actor: Actor) -> Any:
    own = [one for one in book.cases.values() if one.parent_id == case.id]
    return closing.void(desk, case, actor, _resident(case), "重复", own)


def _rate(rating: str, reason: str = "") -> Do:
    return lambda desk, book, case, actor: closing.rate(desk, case, actor, rating, reason, book.draw())


def _merge(desk: Desk, book: Ledger, case: Case, actor: Actor) -> Any:
    into = next((one for one in book.cases.values() if one.id != case.id and one.is_open), None)
    return closing.merge(desk, case, into, actor, _resident(case)) if into is not None else Refusal("没有另一件。")


def _split(desk: Desk, book: Ledger, case: Case, actor: Actor) -> Any:
    into = book.cases.get(case.merged_into_id or 0)
    return joint.split_case(desk, case, into, actor, [], []) if into is not None else Refusal("没有合并。")


COMMANDS: dict[str, Do] = {
    "accept": lambda d, b, c, a: handling.accept(d, c, a, _resident(c), ""),
    "handle": lambda d, b, c, a: handling.note_progress(d, c, a, "到现场"),
    "resolve": _resolve(Outcome.SOLVED),
    "not ours": _resolve(Outcome.NOT_OURS, "城管局"),
    "unsolvable": _resolve(Outcome.UNSOLVABLE),
    "pass": lambda d, b, c, a: checking.pass_check(d, c, a, _resident(c), b.draw()),
    "fail": lambda d, b, c, a: checking.fail_check(d, c, a, "积水"),
    "good": _rate("good"),
    "poor": _rate("poor"),
    "poor because": _rate("poor", "还是堵"),
    "archive": lambda d, b, c, a: closing.archive(d, c),
    "return": lambda d, b, c, a: moving.return_case(d, c, a, "不属"),
    "transfer": lambda d, b, c, a: moving.transfer_area(d, c, a, OTHER1, "那边"),
    "to somebody": lambda d, b, c, a: moving.transfer_person(d, c, a, d.city.people[18], "她熟"),
    "escalate": lambda d, b, c, a: moving.escalate(d, c, a, "协调"),
    "assign": lambda d, b, c, a: moving.assign(d, c, a, GRID3),
    "suspend": lambda d, b, c, a: closing.suspend(d, c, a, _resident(c), "冬天", "10d"),
    "resume": lambda d, b, c, a: closing.resume(d, c, a, _resident(c)),
    "extend": lambda d, b, c, a: handling.extend(d, c, a, _resident(c), "1d", "配件"),
    "ask extension": _ask(RequestKind.EXTEND),
    "ask suspension": _ask(RequestKind.SUSPEND),
    "agree": _decide(True),
    "disagree": _decide(False),
    "child": _child,
    "withdraw": _withdraw,
    "void": _void,
    "merge": _merge,
    "split": _split,
    "reopen": lambda d, b, c, a: closing.reopen(d, c, a, "没修好"),
    "hurry": lambda d, b, c, a: reporter.hurry(d, c, a),
    "supplement": lambda d, b, c, a: reporter.supplement(d, c, a, "还有"),
}
_PARTS = ("handler", "reporter", "coordinator", "member", "system")
# The way that leads on is tried more often than what ends a life early, so that the far statuses are reached as well.
_WEIGHTS = dict.fromkeys(COMMANDS, 2) | {"accept": 12, "handle": 4, "resolve": 5, "pass": 6, "resume": 4, "agree": 5}
_WEIGHTS |= dict.fromkeys(("withdraw", "void", "merge", "return", "escalate", "transfer", "hurry", "supplement"), 1)
_STEPS = 100
HOUSES = st.sampled_from(
    [
        House(),
        House(checks=Checks(shares={"all": 100}, extension_without_approval="2d")),
        House(checks=Checks(shares={"all": 50}, poor=Poor.REOPEN)),
    ]
)


def _actor(part: str, case: Case) -> Actor:
    handler = case.handler_id or 11
    everybody = frozenset({Part.MEMBER, Part.HANDLER} if case.handler_id == handler else {Part.MEMBER})
    return {
        "reporter": _REPORTER,
        "member": Actor("worker:12", "李强", 12, frozenset({Part.MEMBER})),
        "handler": Actor(f"worker:{handler}", "王芳", handler, everybody),
        "coordinator": Actor("worker:13", "赵敏", 13, frozenset({Part.COORDINATOR})),
        "system": SYSTEM,
    }[part]


def _try(desk: Desk, book: Ledger, case: Case, chance: Random) -> tuple[Any, Actor]:
    """A command by whoever may make it first; one time in five by anybody at all, who is mostly refused."""
    (name,) = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
    parts = _PARTS if chance.random() < 0.8 else (chance.choice(_PARTS),)
    for part in parts:
        actor = _actor(part, case)
        made = COMMANDS[name](desk, book, case, actor)
        if not isinstance(made, Refusal):
            break
    return made, actor


# A life is drawn from its seed: there is nothing to shrink, and the seed brings it back.
@settings(max_examples=60, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
@given(seed=st.integers(0, 2**32), house=HOUSES)
def test_whatever_is_done_in_whatever_order_the_promises_hold(seed: int, house: House) -> None:
    chance = Random(seed)
    book, now, start = Ledger(), START, make_desk(house=house)
    for serial in (1, 2):
        matter = Matter("下水道堵了", "urban_property", "normal", area=GRID3, phone="13900000001", resident_id=5)
        opened = open_case(start, matter, _REPORTER, serial, serial)
        book.apply(opened.plan)
        _check_all(book, now)
    for _ in range(_STEPS):
        now += timedelta(hours=chance.choice((0, 1, 3, 20)))
        desk = replace(start, now=now)
        case = chance.choice(list(book.cases.values()))
        before = render_all(book)
        made, actor = _try(desk, book, case, chance)
        if isinstance(made, Refusal):
            assert made.sentence.endswith(("。", "？"))
            assert render_all(book) == before
            continue
        plan = made.plan if isinstance(made, Sent | Opened) else made
        _lapse(desk, book, case, plan)
        book.apply(plan)
        _check_all(book, now)
        _check_told(case, book.cases[case.id], actor, book.last)


def render_all(book: Ledger) -> list[tuple[int, str, int]]:
    return [(case.id, case.status, case.version) for case in book.cases.values()]


def _lapse(desk: Desk, book: Ledger, case: Case, plan: Plan) -> None:
    """As every handler does after a move."""
    changes = [change for change in plan.changes if change.table is Case and change.key == case.id]
    after = with_changes(case, dict(changes[0].values)) if changes else case
    decided = {change.key for change in plan.changes if change.table is Request}
    if requests.moves_on(case, after):
        plan.changes += requests.lapse(desk, [one for one in _pending(book, case) if one.id not in decided])


def _check_all(book: Ledger, now: datetime) -> None:
    for case in book.cases.values():
        status = Status(case.status)
        assert case.is_open == (status in OPEN)
        assert (case.handler_id is not None) or status not in _AT_WORK
        assert case.handler_id is None or status not in _WAITING
        assert case.group_id is not None or status not in _AT_WORK
        _check_clocks(case, status)
        _check_history(book, case)
        assert bool(case.outcome) == (status in (Status.CHECKING, Status.RESOLVED, Status.RATED)) or status in _ENDS
        for request in _pending(book, case):
            assert status in (Status.ACCEPTED, Status.HANDLING)
            assert case.handler_id == request.asked_by
        if case.parent_id is not None:
            parent = book.cases[case.parent_id]
            assert parent.parent_id is None
            ended = (Status.CHECKING, Status.RESOLVED, Status.RATED)
            assert not case.is_open or Status(parent.status) not in ended or case.reopened


def _check_clocks(case: Case, status: Status) -> None:
    states = {name: clock["state"] for name, clock in case.clocks.items()}
    if status in _ENDS:
        assert set(states.values()) <= {"stopped"}
        # After an extension somebody looks once more: a sheet from before it may still lie there.
        assert case.next_step_at is None or any(clock.get("more") for clock in case.clocks.values())
    else:
        # Nothing that is not over is forgotten: some clock has a next moment.
        assert "running" in states.values(), (status, case.clocks)
        assert case.next_step_at is not None


def _check_history(book: Ledger, case: Case) -> None:
    previous, status = genesis(case.id), None
    for seq, (event, digest, link) in enumerate(book.chains[case.id], 1):
        assert link == link_hash(previous, case.id, seq, event.kind, event.at, event.actor, digest)
        previous = link
        if event.kind not in set(Move):
            continue
        rule, reached = RULES[Move(event.kind)], Status(event.payload["status"])
        if status is not None:
            assert status in rule.before, (status, event.kind)
            assert reached in rule.after if rule.after else reached is status
        status = reached
    assert status == case.status


def _check_told(before: Case, after: Case, actor: Actor, sent: list[OutboxDraft]) -> None:
    """Who must hear of this step hears of it; nobody else's telephone stands in it."""
    targets = [draft.target for draft in sent]
    own_group, new_group = f"group:{before.group_id}", f"group:{after.group_id}"
    if before.group_id != after.group_id and after.group_id is not None:
        assert new_group in targets
        assert own_group in targets or before.group_id is None
    if after.status != before.status and after.resident_id is not None and actor is not _REPORTER:
        result = [draft for draft in sent if draft.target == "oa:o5" and draft.kind == "resolved"]
        assert len(result) == (after.status == Status.RESOLVED)
        if after.status in (Status.SUSPENDED, Status.VOID, Status.MERGED) or (
            before.status == Status.SUSPENDED and after.status == Status.HANDLING
        ):
            assert "oa:o5" in targets
    if after.status == Status.WITHDRAWN and before.group_id is not None:
        assert own_group in targets
    if before.status == Status.CHECKING and after.status == Status.HANDLING:
        assert own_group in targets
    assert not any("13900000001" in str(draft.body) for draft in sent if draft.target.startswith("group:"))
