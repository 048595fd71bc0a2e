"""请示: what a handler may not do alone — to suspend a matter, to promise it later — he asks of a level above.

The superior's group gets the question with its number; whoever steers there says 同意 or 不同意. A request lapses when its case has
moved on meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from grid.actions.closing import suspend
from grid.actions.handling import put_off
from grid.actions.steps import Decision, say, step, task_id, tell_group
from grid.actions.superiors import find_group_above
from grid.desk import Actor, Desk
from grid.message import Button, Card, Message
from grid.wording import long_moment, masked, place_line, tag
from grid.workflow import Move, Refusal, Status
from storage.columns import RequestKind, RequestState
from storage.loop_tables import Request
from storage.plan import Change
from storage.rows import fresh
from storage.tables import Case, Resident

APPROVE_KEY, DECLINE_KEY = "approve-", "decline-"
_NAMES = {RequestKind.EXTEND: "延期", RequestKind.SUSPEND: "挂账"}
_AT_WORK = frozenset({Status.ACCEPTED, Status.HANDLING})


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody asks for: `limit` as in `grid.limits`, how much later, or how long to wait."""

    kind: RequestKind
    limit: str
    reason: str


def request_name(kind: RequestKind) -> str:
    """`延期`, `挂账`."""
    return _NAMES[kind]


def ask_superior(
    desk: Desk, case: Case, actor: Actor, wish: Wish, request_id: int, pending: Sequence[Request] = ()
) -> Decision:
    """请示 by the handler. `pending`: what waits on this case already; the same thing is not asked twice."""
    name = _NAMES[wish.kind]
    fault = _find_fault(desk, case, wish, pending)
    if fault is not None:
        return fault
    above = find_group_above(desk, case)
    if above is None:
        return Refusal(f"上级没有可以批复的工作群，请联系指挥员直接办理{name}。")
    made = step(
        desk, case, Move.REQUEST, actor, kind=wish.kind.value, limit=wish.limit, reason=wish.reason, group=above.id
    )
    if isinstance(made, Refusal):
        return made
    after, plan = made
    request = _row(desk, case, actor, wish, request_id, above.id)
    plan.rows.append(request)
    plan.outbox.append(say(f"group:{above.id}", _question(desk, after, actor, request), after, desk.now))
    return plan


def _find_fault(desk: Desk, case: Case, wish: Wish, pending: Sequence[Request]) -> Refusal | None:
    name = _NAMES[wish.kind]
    if not wish.reason:
        return Refusal(f"请写明{name}原因，例如：{name} 2天 等配件。")
    if any(one.kind is wish.kind for one in pending):
        return Refusal(f"工单 {case.number} 的{name}申请正等待批复，不用重复申请。")
    if wish.kind is RequestKind.EXTEND and (case.resolve_due_at is None or case.resolve_due_at <= desk.now):
        return Refusal("已过办结时限，不能再延期；请尽快办结，或回复“提级”请上级协调。")
    try:
        desk.clocks.extend(desk.now, wish.limit)
    except ValueError as fault:
        return Refusal(f"{fault}例如：{name} 2天 等配件。")
    return None


def _row(desk: Desk, case: Case, actor: Actor, wish: Wish, request_id: int, group_id: int) -> Request:
    return fresh(
        Request,
        id=request_id,
        case_id=case.id,
        kind=wish.kind,
        state=RequestState.PENDING,
        asked_by=actor.id,
        asked_at=desk.now,
        limit=wish.limit,
        reason=wish.reason,
        group_id=group_id,
    )


def _question(desk: Desk, case: Case, actor: Actor, request: Request) -> Message:
    name, until = _NAMES[request.kind], long_moment(wanted_until(desk, case, request), desk.zone)
    what = f"延期至{until}办结" if request.kind is RequestKind.EXTEND else f"挂账至{until}"
    yes, no = f"同意 {name} {case.number}", f"不同意 {name} {case.number} 原因"
    bot = desk.house.bot_name
    text = (
        f"{tag(case)}{actor.name}申请{what}，原因：{masked(request.reason, 120)}。\n地点：{place_line(case, desk.city)}\n"
        f"同意请回复“@{bot} {yes}”，不同意请回复“@{bot} {no}”。"
    )
    buttons = (Button(f"{APPROVE_KEY}{request.id}", "同意", 1), Button(f"{DECLINE_KEY}{request.id}", "不同意", 2))
    lines = (("申请", f"{actor.name} {what}"), ("原因", masked(request.reason, 80)))
    card = Card(task_id(case, desk.now), f"{tag(case)}{name}申请", lines, buttons)
    return Message("request", text, card=card, urgent=case.urgency != "normal")


def wanted_until(desk: Desk, case: Case, request: Request) -> datetime:
    """The new date of an extension (from the old one), or the day until which a suspension lasts (from now)."""
    if request.kind is RequestKind.EXTEND and case.resolve_due_at is not None:
        return desk.clocks.extend(case.resolve_due_at, request.limit)
    return desk.clocks.extend(desk.now, request.limit)


def find_obstacle(case: Case, request: Request, actor: Actor) -> Refusal | None:
    """Why this request cannot be decided by this person now; None when it can."""
    name = _NAMES[request.kind]
    if request.state is not RequestState.PENDING:
        return Refusal(f"工单 {case.number} 的{name}申请已经批复过了，没有改动。")
    if case.status not in _AT_WORK or case.handler_id != request.asked_by:
        return Refusal(f"工单 {case.number} 现在是{Status(case.status).label}，这项{name}申请已失效，不用批复。")
    if actor.id == request.asked_by:
        return Refusal(f"自己的{name}申请须由上级指挥员批复。")
    return None


def grant(desk: Desk, case: Case, request: Request, actor: Actor, resident: Resident | None) -> Decision:
    """同意: what was asked for is done, by the superior; the resident hears the new date and why."""
    obstacle = find_obstacle(case, request, actor)
    if obstacle is not None:
        return obstacle
    until = wanted_until(desk, case, request)
    if request.kind is RequestKind.EXTEND:
        made = put_off(desk, case, actor, resident, until, request.limit, request.reason)
    else:
        made = suspend(desk, case, actor, resident, request.reason, request.limit)
    if isinstance(made, Refusal):
        return made
    name = _NAMES[request.kind]
    made.changes.append(_decided(desk, request, actor, RequestState.APPROVED, ""))
    # What was approved late is approved for good: the asker reads the date that holds.
    text = f"{tag(case)}{actor.name}同意{name}，至{long_moment(until, desk.zone)}。"
    made.outbox += tell_group(desk, case, Message("request_granted", text))
    return made


def decline(desk: Desk, case: Case, request: Request, actor: Actor, reason: str) -> Decision:
    """不同意, with the reason that the handler reads; the old date holds."""
    obstacle = find_obstacle(case, request, actor)
    if obstacle is not None:
        return obstacle
    name = _NAMES[request.kind]
    if not reason:
        return Refusal(f"请写明不同意的原因，例如：不同意 {name} {case.number} 请先临时处置。")
    made = step(desk, case, Move.DECLINE, actor, kind=request.kind.value, reason=reason)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    plan.changes.append(_decided(desk, request, actor, RequestState.REFUSED, reason))
    text = f"{tag(case)}{actor.name}不同意{name}，原因：{masked(reason)}。请按原时限办理。"
    plan.outbox += tell_group(desk, after, Message("request_refused", text))
    return plan


def _decided(desk: Desk, request: Request, actor: Actor, state: RequestState, note: str) -> Change:
    values = {"state": state, "decided_by": actor.id, "decided_at": desk.now, "note": note}
    return Change(Request, request.id, request.version, values)


def lapse(desk: Desk, requests: Iterable[Request]) -> list[Change]:
    """What waits on a case that has moved on waits no longer."""
    values = {"state": RequestState.LAPSED, "decided_at": desk.now}
    return [Change(Request, one.id, one.version, values) for one in requests]


def moves_on(before: Case, after: Case) -> bool:
    """Whether a step leaves behind what was asked on the case: it is no longer at work, or somebody else has it."""
    return after.status not in _AT_WORK or after.handler_id != before.handler_id
