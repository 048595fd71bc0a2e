"""子单: a part of a matter that others do beside its lead. At most ten, no grandchildren; the parent ends after them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from grid.actions.opening import Matter, Opened, open_case
from grid.actions.steps import step, tell_group
from grid.departments import Department
from grid.desk import SYSTEM, Actor, Desk
from grid.message import Message
from grid.routing import Route, find_route
from grid.wording import masked, tag
from grid.workflow import Move, Refusal, Status
from storage.plan import Plan
from storage.tables import Case

MOST_CHILDREN = 10


@dataclass(frozen=True, slots=True)
class Part:
    """What a child is to do, and where it goes: a department, or an area."""

    text: str
    department: Department | None = None
    area: str | None = None


def open_child(
    desk: Desk, parent: Case, actor: Actor, part: Part, siblings: Sequence[Case], case_id: int, serial: int
) -> Opened | Refusal:
    """子单: a case of its own for one part of the matter; due no later than its parent. `siblings`: the parent's children so far."""
    fault = _find_fault(parent, part, siblings)
    if fault is not None:
        return fault
    route = _route(desk, parent, part)
    if route is None or route.group is None:
        return Refusal("对方没有可以派单的工作群；可以先吹哨，或回复“提级”请上级协调。")
    if route.group.id == parent.group_id:
        return Refusal(f"“{route.group.name}”正办理主单，子单请派给别的部门或网格。")
    opened = open_case(desk, _matter(desk, parent, actor, part), actor, case_id, serial, route)
    made = step(desk, parent, Move.CHILD, actor, number=opened.case.number, group=route.group.id, text=part.text)
    if isinstance(made, Refusal):
        return made
    # The row is new, nobody has read it yet.
    opened.case.__dict__["routing"] = {**opened.case.routing, "parent_group": parent.group_id}
    text = f"{tag(parent)}已派子单 {opened.case.number} 给“{route.group.name}”：{masked(part.text)}"
    made[1].outbox += tell_group(desk, parent, Message("child", text))
    return Opened(opened.case, made[1].merge(opened.plan), route)


def _find_fault(parent: Case, part: Part, siblings: Sequence[Case]) -> Refusal | None:
    if parent.conduct:
        return Refusal("作风类投诉不派子单；需要协调请提级。")
    if parent.parent_id is not None:
        return Refusal("子单下面不能再派子单，请由主单的办理人派。")
    if len(siblings) >= MOST_CHILDREN:
        return Refusal(f"一件工单最多派{MOST_CHILDREN}件子单，已经派满。")
    if not part.text:
        return Refusal(f"请写明子单内容，例如：子单 {parent.number} 住建局 挖开路面。")
    return None


def _route(desk: Desk, parent: Case, part: Part) -> Route | None:
    if part.department is None:
        return find_route(desk.city, part.area, parent.category)
    group = desk.city.groups.get(part.department.group_id) if part.department.group_id else None
    if group is None or not group.can_be_told:
        return None
    return Route(group, None, None, (f"工单 {parent.number} 的子单，派至“{group.name}”",))


def _matter(desk: Desk, parent: Case, actor: Actor, part: Part) -> Matter:
    due = parent.resolve_due_at
    return Matter(
        text=f"（工单 {parent.number} 的子单）{part.text}",
        category=parent.category,
        urgency=parent.urgency,
        area=part.area or parent.area_code,
        place=parent.place,
        source=parent.source,
        reporter_id=actor.id,
        parent_id=parent.id,
        # The part is promised within the whole, unless the whole is late already.
        resolve_due_at=due if due is not None and due > desk.now else None,
    )


def void_children(desk: Desk, children: Iterable[Case], why: str) -> Plan:
    """What was a part of a matter that is no more: each open child ends with it, and its group hears why."""
    plan = Plan()
    for child in children:
        made = step(desk, child, Move.VOID, SYSTEM, Status.VOID, reason=why)
        if not isinstance(made, Refusal):
            plan = plan.merge(made[1])
            plan.outbox += tell_group(desk, child, Message("void", f"{tag(child)}已作废：{why}，无需再处理。"))
    return plan
