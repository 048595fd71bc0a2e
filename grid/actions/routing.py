"""Sending a case where it belongs: the first time, and whenever that changes."""

from dataclasses import dataclass
from typing import Any

from grid.actions.steps import dispatch_message, say, step
from grid.actions.superiors import tell_first_handler
from grid.desk import Actor, Desk
from grid.link_lines import group_link
from grid.message import Message
from grid.routing import Route, find_route
from grid.wording import preview, tag
from grid.workflow import Move, Refusal, Status
from storage.plan import OutboxDraft, Plan
from storage.rows import with_changes
from storage.tables import Case

# What a case keeps when it goes elsewhere: how often it came back, and whose child it is.
_CARRIED = ("returns", "parent_group")


@dataclass(frozen=True, slots=True)
class Sent:
    """A case on its way: as it will be, the plan, and the route with its reasons."""

    case: Case
    plan: Plan
    route: Route


def route_values(desk: Desk, case: Case, route: Route) -> dict[str, Any]:
    """What a route changes in a case: who has it, since when, until when."""
    promise = desk.clocks.promise(case.category, case.urgency, desk.now, case.area_code)
    waits = desk.now if case.urgency != "normal" else desk.now + desk.house.triage_after
    return {
        "status": (Status.DISPATCHED if route.is_found else Status.TRIAGE).value,
        "group_id": route.group.id if route.group else None,
        "handler_id": route.contact.id if route.contact else None,
        "routing": {"why": list(route.why), "person": route.person.id if route.person else None},
        "accept_due_at": promise.accept if route.is_found else waits,
        # The promise to the resident is made once; a case that wanders does not win time by it.
        "resolve_due_at": case.resolve_due_at or promise.resolve,
        "due_provisional": case.due_provisional or promise.provisional,
    }


def route_messages(desk: Desk, case: Case, route: Route, lead_in: str = "") -> list[OutboxDraft]:
    """Who is told of a new place: the group or the contact; the duty group of what found nobody, and of every emergency."""
    name = route.person.name if route.person else ""
    drafts = []
    if route.group is not None:
        drafts.append(say(f"group:{route.group.id}", dispatch_message(desk, case, name, lead_in), case, desk.now))
    elif route.contact is not None and route.contact.userid:
        drafts.append(
            say(f"worker:{route.contact.userid}", dispatch_message(desk, case, name, lead_in), case, desk.now)
        )
    elif case.area_code is not None or case.urgency != "normal":
        drafts += duty_alert(desk, case, f"无法派单：{route.why[-1]}")
        return drafts
    if case.emergency:
        drafts += duty_alert(desk, case, "特急，已同时派单")
    return drafts


def duty_alert(desk: Desk, case: Case, why: str) -> list[OutboxDraft]:
    """The duty group hears of a case; nothing when the city has none that can be told."""
    duty = desk.city.find_duty_group()
    if duty is None:
        return []
    how = f"指派请回复“@{desk.house.bot_name} 指派 {case.number} 网格名”。"
    if case.conduct:
        how = f"请指挥员私聊{desk.house.bot_name}回复“指派 {case.number} 网格名”。"
    # A complaint about somebody's conduct is not spread: its text stays with the contact.
    whole = dispatch_message(desk, case, "", link=False).text
    said = "作风类投诉，内容见指挥员单聊" if case.conduct else preview(whole, 800)
    text = f"{tag(case)}{why}\n{said}"
    parts = (text, how if case.status == Status.TRIAGE else "", "" if case.conduct else group_link(desk, case))
    message = Message("alert", "\n".join(part for part in parts if part), urgent=case.urgency != "normal")
    return [say(f"group:{duty.id}", message, case, desk.now)]


def send_on(
    desk: Desk,
    case: Case,
    move: Move,
    actor: Actor,
    *,
    values: dict[str, Any] | None = None,
    above: str | None = None,
    lead_in: str = "",
    route: Route | None = None,
    **payload: Any,
) -> Sent | Refusal:
    """Make `move` and route the case anew with `values` (a new area, category …) already in force.

    `above`: start above there; `route`: not by the rules but to whom somebody named.
    """
    from_group = case.group_id
    draft = with_changes(case, values or {})
    route = route or find_route(desk.city, draft.area_code, draft.category, conduct=draft.conduct, above=above)
    changes = {**(values or {}), **route_values(desk, draft, route)}
    changes["routing"] |= _carried(case, move)
    if move is Move.RETURN:
        payload["returns"] = changes["routing"]["returns"]
    to = Status(changes.pop("status"))
    why = {"why": list(route.why), "group": changes["group_id"], "from_group": from_group}
    made = step(desk, case, move, actor, to, changes, **why, **payload)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    if from_group is not None and from_group != after.group_id:
        plan.outbox.append(say(f"group:{from_group}", _gone(after, actor, move), after, desk.now))
    plan.outbox += route_messages(desk, after, route, lead_in)
    where = f"，现由“{route.group.name}”办理" if route.group is not None else ""
    plan.outbox += tell_first_handler(desk, after, actor, f"已{move.label}{where}")
    return Sent(after, plan, route)


def _carried(case: Case, move: Move) -> dict[str, Any]:
    kept = {name: case.routing[name] for name in _CARRIED if name in case.routing}
    return {**kept, "returns": int(kept.get("returns", 0)) + 1} if move is Move.RETURN else kept


def _gone(case: Case, actor: Actor, move: Move) -> Message:
    return Message("moved", f"{tag(case)}已由{actor.name}{move.label}，本群无需再处理。")
