"""吹哨 and 报到: a worker calls a department to the spot; how long it takes to come is in the history."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from grid.actions.steps import Decision, case_text, say, tell_group
from grid.city import City, GroupNode, Seat
from grid.desk import Actor, Desk
from grid.message import Message
from grid.wording import tag
from grid.workflow import Part, Refusal, Status
from nlp.reading import Category
from storage.columns import GroupKind, PostRole
from storage.plan import EventDraft, Plan
from storage.tables import Case, CaseEvent

WHISTLE = "whistle"
ARRIVE = "arrive"

_CALLERS = frozenset({Part.MEMBER, Part.HANDLER, Part.COORDINATOR})
_RUNNING = frozenset({Status.DISPATCHED, Status.ACCEPTED, Status.HANDLING})


@dataclass(frozen=True, slots=True)
class Department:
    """Whom a whistle reaches: a department's group, or the people on its seats where the group cannot be told."""

    name: str
    group_id: int | None
    worker_ids: tuple[int, ...]
    targets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A whistle that was blown, as the history has it; `at` aware UTC."""

    department: str
    group_id: int | None
    worker_ids: tuple[int, ...]
    at: datetime
    is_answered: bool = False


def find_departments(city: City, area: str | None, name: str) -> list[Department]:
    """The departments called `name` (part of a group's name, or a category) that are nearest above `area`; [] for none.

    Without an area those of the whole city are looked through.
    """
    for level in _levels(city, area):
        groups = [group for group in _departments_in(city, level) if _is_called(group, name)]
        exact = [group for group in groups if name in (group.name, _short_name(city, group))]
        found = [one for one in (_department(city, group) for group in exact or groups) if one is not None]
        if found:
            return found
        seats = _seats(city, level, _codes_of(name))
        if seats:
            return [_of_seats(name, seats)]
    return []


def list_department_names(city: City, area: str | None) -> list[str]:
    """The departments that can be called from `area`, nearest first."""
    groups = [group for level in _levels(city, area) for group in _departments_in(city, level)]
    return list(dict.fromkeys(_short_name(city, group) for group in groups if _department(city, group) is not None))


def _levels(city: City, area: str | None) -> list[list[str]]:
    if area is None or area not in city.areas:
        return [list(city.areas)]
    return [[node.code] for node in city.list_chain(area)]


def _departments_in(city: City, codes: Iterable[str]) -> list[GroupNode]:
    return [group for code in codes for group in city.groups_in.get(code, ()) if group.kind is GroupKind.DEPARTMENT]


def _is_called(group: GroupNode, name: str) -> bool:
    return name in group.name or any(code in group.categories for code in _codes_of(name))


def _codes_of(name: str) -> list[str]:
    return [category.value for category in Category if len(name) > 1 and name in category.label]


def _short_name(city: City, group: GroupNode) -> str:
    """`向阳区住建局席位群` in 向阳区 → `住建局`."""
    name = group.name.removeprefix(city.areas[group.area].name)
    return name.removesuffix("群").removesuffix("席位") or group.name


def _department(city: City, group: GroupNode) -> Department | None:
    name = _short_name(city, group)
    if group.can_be_told:
        return Department(name, group.id, (), (f"group:{group.id}",))
    seats = _seats(city, [group.area], sorted(group.categories))
    return _of_seats(name, seats, group.id) if seats else None


def _seats(city: City, codes: Iterable[str], categories: Sequence[str]) -> list[Seat]:
    seats = [seat for code in codes for seat in city.seats.get(code, ()) if seat.role is PostRole.DEPARTMENT]
    return [seat for seat in seats if seat.category in categories and seat.person.is_at_work and seat.person.userid]


def _of_seats(name: str, seats: Sequence[Seat], group_id: int | None = None) -> Department:
    people = {seat.person.id: seat.person for seat in seats}
    return Department(name, group_id, tuple(people), tuple(f"worker:{one.userid}" for one in people.values()))


def list_calls(events: Iterable[CaseEvent]) -> list[Call]:
    """The whistles in a case's history, oldest first, each with whether the department has come since."""
    calls: list[Call] = []
    for event in events:
        payload = json.loads(event.payload) if event.payload and event.kind in (WHISTLE, ARRIVE) else None
        if payload is None:
            continue
        if event.kind == WHISTLE:
            workers = tuple(payload.get("workers", ()))
            calls.append(Call(payload["department"], payload.get("group"), workers, event.at))
        else:
            calls = [_answered(call) if call.department == payload.get("department") else call for call in calls]
    return calls


def _answered(call: Call) -> Call:
    return Call(call.department, call.group_id, call.worker_ids, call.at, True)


def whistle(
    desk: Desk, case: Case, actor: Actor, department: Department, reason: str, events: Iterable[CaseEvent]
) -> Decision:
    """吹哨: the department hears of the case, masked. `events`: the case's history, so that nobody is called twice at once."""
    if case.conduct:
        return Refusal("作风类投诉不向部门吹哨；需要协调请提级。")
    status = Status(case.status)
    if status not in _RUNNING:
        return Refusal(f"工单{status.label}，现在不能吹哨。")
    if not _CALLERS & actor.parts:
        return Refusal("吹哨须由本群网格员、接单人或上级指挥员操作。")
    if any(call.department == department.name and not call.is_answered for call in list_calls(events)):
        return Refusal(f"已向{department.name}吹哨，正等待报到；急需时可回复“提级”请上级协调。")
    payload = {
        "status": case.status,
        "department": department.name,
        "group": department.group_id,
        "workers": list(department.worker_ids),
        "reason": reason,
    }
    message = _call_message(desk, case, actor, reason)
    outbox = [say(target, message, case, desk.now) for target in department.targets]
    return Plan(events=[EventDraft(case.id, WHISTLE, desk.now, actor.key, payload)], outbox=outbox)


def _call_message(desk: Desk, case: Case, actor: Actor, reason: str) -> Message:
    group = desk.city.groups.get(case.group_id) if case.group_id else None
    who = f"“{group.name}”{actor.name}" if group else actor.name
    head = f"{who}吹哨，请到场协助{f'：{reason}' if reason else ''}。"
    how = f"到场请回复“@{desk.house.bot_name} 报到 {case.number}”。"
    return Message("whistle", f"{head}\n{case_text(desk, case)}\n{how}", urgent=True)


def arrive(desk: Desk, case: Case, actor: Actor, call: Call) -> Plan:
    """报到: the case's group hears that the department is there, and after how many minutes."""
    minutes = max(0, int((desk.now - call.at).total_seconds() // 60))
    payload = {"status": case.status, "department": call.department, "minutes": minutes}
    text = f"{tag(case)}{call.department}{actor.name}已报到，吹哨后{minutes}分钟。"
    return Plan(
        events=[EventDraft(case.id, ARRIVE, desk.now, actor.key, payload)],
        outbox=tell_group(desk, case, Message("arrive", text)),
    )
