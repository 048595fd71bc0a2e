"""What every decision is made of: one guarded step of a case with its event, and neutral messages to whom it concerns."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from grid.desk import Actor, Desk
from grid.link_lines import group_link
from grid.message import Button, Card, Message, render_body
from grid.running import follow_clocks
from grid.wording import category_name, due_lines, limits_line, masked, phone_line, place_line, tag, urgency_name
from grid.workflow import OPEN, Move, Refusal, Status, find_refusal
from nlp.mask import mask_personal
from storage.columns import GroupKind
from storage.plan import Change, EventDraft, OutboxDraft, Plan
from storage.rows import with_changes
from storage.tables import Case, Resident

Decision = Plan | Refusal


def step(
    desk: Desk,
    case: Case,
    move: Move,
    actor: Actor,
    to: Status | None = None,
    values: Mapping[str, Any] | None = None,
    **payload: Any,
) -> tuple[Case, Plan] | Refusal:
    """Make `move`: the case as it will be, and the plan that makes it so. Refused when the table does not allow it."""
    refusal = find_refusal(move, Status(case.status), actor.parts)
    if refusal is not None:
        return refusal
    status = to or Status(case.status)
    changes = {"status": status.value, "is_open": status in OPEN, "touched_at": desk.now, **(values or {})}
    changes |= follow_clocks(desk, case, with_changes(case, changes), move, str(payload.get("limit") or ""))
    plan = Plan(
        changes=[Change(Case, case.id, case.version, changes)],
        events=[EventDraft(case.id, move.value, desk.now, actor.key, {"status": status.value, **payload})],
    )
    return with_changes(case, {**changes, "version": case.version + 1}), plan


def say(target: str, message: Message, case: Case | None, at: datetime) -> OutboxDraft:
    """A neutral message on its way to `target`."""
    return OutboxDraft(target, message.kind, render_body(message), at, case.id if case else None)


def tell_group(desk: Desk, case: Case, message: Message, group_id: int | None = None) -> list[OutboxDraft]:
    """The message for the case's group (or the one given); without a group, for the contact who has the case; else nothing."""
    group = group_id or case.group_id
    if group:
        return [say(f"group:{group}", message, case, desk.now)]
    holder = desk.city.people.get(case.handler_id) if case.handler_id else None
    return [say(f"worker:{holder.userid}", message, case, desk.now)] if holder and holder.userid else []


def tell_resident(desk: Desk, case: Case, resident: Resident | None, message: Message) -> list[OutboxDraft]:
    """The message for the case's reporter; nothing when no resident stands behind it."""
    return [say(f"oa:{resident.openid}", message, case, desk.now)] if resident else []


def task_id(case: Case, at: datetime) -> str:
    """A card's name: unique per bot, since the platform refuses one that was used before (also by a database long gone)."""
    return f"c{case.id}-v{case.version}-{int(at.timestamp() * 1000):x}"


def case_of_task(task: str) -> int | None:
    """The case that a card belongs to; None for a card that is not ours."""
    head = task.split("-", 1)[0]
    return int(head[1:]) if head[:1] == "c" and head[1:].isascii() and head[1:].isdigit() else None


def moment_of_task(task: str) -> int | None:
    """When a card was made, in milliseconds since 1970; None for a card that is not ours."""
    try:
        return int(task.rsplit("-", 1)[1], 16) if case_of_task(task) is not None else None
    except (ValueError, IndexError):
        return None


_FIRST_BUTTONS = (Button("accept", "接单", 1), Button("return", "退回", 2))
_LATER_BUTTONS = (Button("progress", "进度", 3),)


def case_text(desk: Desk, case: Case, person: str = "") -> str:
    """A case in full for a group; works without any card."""
    lines = [
        f"{tag(case)}{category_name(case.category)} · {urgency_name(case.urgency)}",
        f"地点：{place_line(case, desk.city)}",
        f"内容：{masked(case.text)}",
        f"反映人：{phone_line(case)}",
    ]
    if person:
        lines.append(f"责任人：{person}")
    lines.append(limits_line(case, desk.zone))
    return "\n".join(line for line in lines if line)


def case_card(desk: Desk, case: Case) -> Card:
    """The case's card with what can be pressed in its present status."""
    buttons = _FIRST_BUTTONS if case.status == Status.DISPATCHED else _LATER_BUTTONS
    lines = (
        ("地点", place_line(case, desk.city)),
        ("内容", masked(case.text, 80)),
        *due_lines(case, desk.zone),
    )
    title = f"{tag(case)}{category_name(case.category)} · {urgency_name(case.urgency)}"
    return Card(task_id(case, desk.now), title, lines, buttons)


def _own(desk: Desk, case: Case) -> str:
    """What the group that has the case calls its own."""
    group = desk.city.groups.get(case.group_id) if case.group_id else None
    if group is None:
        return "网格"
    return "部门" if group.kind is GroupKind.DEPARTMENT else desk.city.areas[group.area].level.label


def dispatch_message(desk: Desk, case: Case, person: str, lead_in: str = "", link: bool = True) -> Message:
    """What a group gets when a case comes to it; without `link` for a text that will be cut."""
    how = f"接单请回复“@{desk.house.bot_name} 接单”；不属本{_own(desk, case)}请回复“退回 原因”。"
    address = group_link(desk, case) if link else ""
    text = "\n".join(part for part in (mask_personal(lead_in), case_text(desk, case, person), how, address) if part)
    return Message("dispatch", text, card=case_card(desk, case), urgent=case.urgency != "normal")
