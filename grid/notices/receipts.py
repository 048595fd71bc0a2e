"""Who has got a notice and said so: 收到, 完成, the silent, and the table of all."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from grid.actions.steps import say
from grid.city import City
from grid.desk import Actor, Desk
from grid.notices.moves import NoticeMove, find_move_refusal
from grid.notices.scope import find_common_area
from grid.notices.sending import change_of_target
from grid.notices.steps import Ids, event
from grid.notices.wording import remind_message
from grid.workflow import Refusal
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import Notice, NoticeTarget
from storage.plan import Change, Plan

NOTE_CHARACTERS = 200
_THERE = frozenset({TargetState.SENT, TargetState.QUEUED})
"""A group may answer before we have written down that it was told."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The plan of an answer; `is_new`: nobody of this group had answered before."""

    plan: Plan
    is_new: bool


def receive(desk: Desk, notice: Notice, target: NoticeTarget, actor: Actor, ids: Ids) -> Receipt | Refusal:
    """收到: the first word of a group counts; again it changes nothing."""
    refusal = _find_refusal(NoticeMove.RECEIVE, notice, target)
    if refusal is not None:
        return refusal
    if target.received_at is not None:
        return Receipt(Plan(), False)
    change = change_of_target(target, received_at=desk.now, received_by=actor.key)
    return Receipt(_plan(desk, notice, target, NoticeMove.RECEIVE, actor, change, ids), True)


def complete(desk: Desk, notice: Notice, target: NoticeTarget, actor: Actor, note: str, ids: Ids) -> Receipt | Refusal:
    """完成: a task is done in this group's area; said again it replaces what was said. It counts as 收到, too."""
    if notice.kind is not NoticeKind.TASK:
        return Refusal("只有任务需要回复完成；这件通知请回复“收到”。")
    refusal = _find_refusal(NoticeMove.COMPLETE, notice, target)
    if refusal is not None:
        return refusal
    if len(note) > NOTE_CHARACTERS:
        return Refusal(f"完成情况最多{NOTE_CHARACTERS}字。")
    values: dict[str, object] = {"done_at": desk.now, "done_by": actor.key, "note": note or target.note}
    if target.received_at is None:
        values |= {"received_at": desk.now, "received_by": actor.key}
    change = change_of_target(target, **values)
    plan = _plan(desk, notice, target, NoticeMove.COMPLETE, actor, change, ids)
    return Receipt(plan, target.done_at is None)


def _find_refusal(what: NoticeMove, notice: Notice, target: NoticeTarget) -> Refusal | None:
    if notice.state is NoticeState.RECALLED:
        return Refusal("这件通知已经撤回，不用回复，请勿再传。")
    if notice.state is NoticeState.ENDED:
        return Refusal("这件通知已经结束，不用再回复。")
    refusal = find_move_refusal(what, notice.state)
    if refusal is None and target.state not in _THERE:
        return Refusal("这件通知没有发到这里。")
    return refusal


def _plan(
    desk: Desk, notice: Notice, target: NoticeTarget, what: NoticeMove, actor: Actor, change: Change, ids: Ids
) -> Plan:
    row = event(desk, notice, what.value, actor, ids, target=target.target)
    return Plan(rows=[row], changes=[change])


def is_silent(notice: Notice, target: NoticeTarget) -> bool:
    """Whether a group has the notice and has not answered what was asked."""
    if target.state is not TargetState.SENT or not target.target.startswith("group:"):
        return False
    return target.done_at is None if notice.kind is NoticeKind.TASK else target.received_at is None


def remind(desk: Desk, notice: Notice, targets: Sequence[NoticeTarget], *, is_last: bool) -> Plan:
    """The silent among these targets are asked once more, in one plan guarded by the notice; `is_last`: then it is over with that."""
    silent = [one for one in targets if is_silent(notice, one) and one.reminded_at is None]
    message = remind_message(notice, desk.house.bot_name)
    values = {"remind_at": None} if is_last else {}
    plan = Plan(changes=[Change(Notice, notice.id, notice.version, values)])
    plan.changes += [Change(NoticeTarget, one.id, None, {"reminded_at": desk.now}) for one in silent]
    plan.outbox += [say(one.target, message, None, desk.now) for one in silent]
    return plan


@dataclass(slots=True)
class Figures:
    """What became of a notice in an area (or in all): numbers of groups, and of residents."""

    groups: int = 0
    sent: int = 0
    failed: int = 0
    left: int = 0
    stopped: int = 0
    waiting: int = 0
    received: int = 0
    done: int = 0
    residents: int = 0
    residents_sent: int = 0

    def add(self, target: NoticeTarget) -> None:
        """Count one target."""
        if not target.target.startswith("group:"):
            self.residents += 1
            self.residents_sent += target.state is TargetState.SENT
            return
        self.groups += 1
        self.sent += target.state is TargetState.SENT
        self.failed += target.state is TargetState.FAILED
        self.left += target.state is TargetState.LEFT
        self.stopped += target.state is TargetState.STOPPED
        self.waiting += target.state in (TargetState.WAITING, TargetState.QUEUED)
        self.received += target.received_at is not None
        self.done += target.done_at is not None

    @property
    def silent(self) -> int:
        """Groups that have it and have not said 收到."""
        return max(self.sent - self.received, 0)


@dataclass(slots=True)
class Table:
    """A notice's receipts: all of them, by area (one level below its own), and the groups that are a matter of concern."""

    total: Figures = field(default_factory=Figures)
    by_area: dict[str, Figures] = field(default_factory=lambda: defaultdict(Figures))
    trouble: list[NoticeTarget] = field(default_factory=list)
    silent: list[NoticeTarget] = field(default_factory=list)
    done: list[NoticeTarget] = field(default_factory=list)


def count_receipts(city: City, notice: Notice, targets: Iterable[NoticeTarget]) -> Table:
    """The table of a notice."""
    table, targets = Table(), list(targets)
    # What all of them share: a notice for a city whose groups are all in one district is shown by its streets.
    outer = find_common_area(city, {one.area_code for one in targets if one.area_code}) or notice.area_code
    for target in targets:
        table.total.add(target)
        table.by_area[_row_of(city, outer, target.area_code)].add(target)
        if not target.target.startswith("group:"):
            continue
        if target.state in (TargetState.FAILED, TargetState.LEFT):
            table.trouble.append(target)
        if is_silent(notice, target):
            table.silent.append(target)
        if target.done_at is not None:
            table.done.append(target)
    return table


def _row_of(city: City, outer: str | None, code: str | None) -> str:
    """The area just below `outer` that holds `code`; `outer` itself for what belongs to it directly."""
    node = city.areas.get(code) if code else None
    if node is None:
        return ""
    if outer not in node.chain:
        return node.code
    place = node.chain.index(outer)
    return node.chain[max(place - 1, 0)]
