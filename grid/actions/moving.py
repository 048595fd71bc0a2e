"""A case that goes elsewhere: 退回, 转派, 提级, 指派, and what makes routing look again (a place, a category)."""

from typing import Any

from grid.actions.routing import Sent, send_on
from grid.actions.steps import say, tell_resident
from grid.city import GroupNode, Person
from grid.desk import Actor, Desk
from grid.message import Message
from grid.routing import Route, find_route
from grid.secrecy import kept_words
from grid.wording import category_name, place_line, tag
from grid.workflow import Move, Refusal
from storage.columns import AreaLevel, GroupKind, PostRole
from storage.tables import Case, Resident


def return_case(desk: Desk, case: Case, actor: Actor, reason: str) -> Sent | Refusal:
    """退回: not ours, or not possible here; it goes one level up, and the reason stays in the history."""
    if not reason:
        return Refusal("请写明退回原因，例如：退回 不属本网格。")
    lead_in = f"（下级退回：{reason}）"
    return send_on(desk, case, Move.RETURN, actor, above=_own_area(desk, case), lead_in=lead_in, reason=reason)


def escalate(desk: Desk, case: Case, actor: Actor, reason: str) -> Sent | Refusal:
    """提级: the case goes one level up; at the top there is nobody above."""
    area = _own_area(desk, case)
    if area is not None and desk.city.areas[area].parent is None:
        return Refusal("已在最高一级，不能再提级。")
    lead_in = f"（下级提级：{reason}）" if reason else "（下级提级）"
    return send_on(desk, case, Move.ESCALATE, actor, above=area, lead_in=lead_in, reason=reason)


def transfer_category(desk: Desk, case: Case, actor: Actor, category: str, reason: str) -> Sent | Refusal:
    """转派 to another category: routed anew from the grid, so that the specialist for it is asked first."""
    if category == case.category:
        return Refusal(f"这件工单已经是{category_name(category)}。")
    values = {"category": category, "category_by": actor.key}
    lead_in = f"（由{category_name(case.category)}转来{f'：{reason}' if reason else ''}）"
    return send_on(desk, case, Move.TRANSFER, actor, values=values, lead_in=lead_in, category=category, reason=reason)


def transfer_area(desk: Desk, case: Case, actor: Actor, area: str, reason: str) -> Sent | Refusal:
    """转派 to another grid."""
    if area == case.area_code and _has_it_already(desk, case, area):
        return Refusal(f"这件工单已经在{desk.city.area_name(area)}。")
    lead_in = f"（转派{f'：{reason}' if reason else ''}）"
    return send_on(
        desk, case, Move.TRANSFER, actor, values={"area_code": area}, lead_in=lead_in, area=area, reason=reason
    )


def transfer_person(desk: Desk, case: Case, actor: Actor, person: Person, reason: str) -> Sent | Refusal:
    """转派 to somebody by name: his group gets the case with him as the one who answers for it; without a group he himself does."""
    if person.id == case.handler_id:
        return Refusal(f"这件工单已经由{person.name}办理。")
    if not person.is_at_work or not person.userid:
        return Refusal(f"{person.name}现在不能接单（未在岗或未登记），请转给别人。")
    group = _group_of(desk, person)
    why = (f"由{actor.name}转派给{person.name}",)
    route = Route(group, person, None if group is not None else person, why)
    lead_in = f"（转派给{person.name}{f'：{reason}' if reason else ''}）"
    sent = send_on(
        desk,
        case,
        Move.TRANSFER,
        actor,
        lead_in=lead_in,
        route=route,
        person=person.id,
        whom=person.name,
        reason=reason,
    )
    if isinstance(sent, Sent) and group is not None:
        text = f"{tag(case)}已转派给您，请接单：{place_line(sent.case, desk.city)}。"
        sent.plan.outbox.append(say(f"worker:{person.userid}", Message("named", text), sent.case, desk.now))
    return sent


def _group_of(desk: Desk, person: Person) -> GroupNode | None:
    """The work group where somebody sits; of several the one deepest in the tree."""
    city = desk.city
    areas = sorted(
        (seat.area for seat in city.posts_of.get(person.id, ())), key=lambda code: -len(city.areas[code].chain)
    )
    groups = (group for code in areas for group in city.groups_in.get(code, ()))
    return next((group for group in groups if group.can_be_told and group.kind is not GroupKind.DUTY), None)


def _has_it_already(desk: Desk, case: Case, area: str) -> bool:
    """What was handed up may be handed down again to its own grid; what is there already may not."""
    route = find_route(desk.city, area, case.category, conduct=case.conduct)
    return route.group is None or route.group.id == case.group_id


def assign(desk: Desk, case: Case, actor: Actor, area: str) -> Sent | Refusal:
    """指派: the duty group says where a case belongs."""
    return send_on(desk, case, Move.DISPATCH, actor, values={"area_code": area}, lead_in="（值班指派）", area=area)


def place_case(
    desk: Desk, case: Case, actor: Actor, area: str | None, place: str, more: str = "", place_why: str = ""
) -> Sent | Refusal:
    """The reporter has said where it is: the case is routed for the first time, or anew.

    No area: only the words are kept. `more`: what else he said with it; `place_why`: how sure the area is and why.
    """
    more = kept_words(case, actor.quote(more))
    text = f"{case.text}\n{more}"[: desk.house.most_characters] if more else case.text
    values = {"area_code": area or case.area_code, "place": place or case.place, "text": text}
    why: dict[str, Any] = {"place_why": place_why} if place_why else {}
    return send_on(desk, case, Move.RECLASSIFY, actor, values=values, place=place, area=area, text=more, **why)


def restate(desk: Desk, case: Case, actor: Actor, text: str, category: str) -> Sent | Refusal:
    """Later words say what the first did not: the case gets its category, and whoever answers for that gets the case."""
    text = kept_words(case, actor.quote(text))
    values = {"category": category, "text": f"{case.text}\n{text}"[: desk.house.most_characters]}
    return send_on(desk, case, Move.RECLASSIFY, actor, values=values, category=category, text=text)


def reclassify(desk: Desk, case: Case, actor: Actor, category: str, resident: Resident | None = None) -> Sent | Refusal:
    """改类别: before anybody has accepted, the reporter or a coordinator may correct the category."""
    if category == case.category:
        return Refusal(f"这件工单已经是{category_name(category)}。")
    values = {"category": category, "category_by": actor.key}
    sent = send_on(desk, case, Move.RECLASSIFY, actor, values=values, lead_in="（类别已更正）", category=category)
    if isinstance(sent, Sent):
        text = f"工单 {case.number} 的类别已更正为{category_name(category)}。"
        sent.plan.outbox += tell_resident(desk, sent.case, resident, Message("reclassified", text))
    return sent


def _own_area(desk: Desk, case: Case) -> str | None:
    """The area of whoever has the case now: the next level is looked for above it."""
    group = desk.city.groups.get(case.group_id) if case.group_id else None
    if group is not None:
        return group.area
    if case.area_code is None or case.area_code not in desk.city.areas:
        return None
    if case.conduct and case.handler_id:
        return _contact_area(desk, case.area_code, case.handler_id)
    # Nobody has it yet: the level above its own grid is the first that is above anything.
    node = desk.city.areas[case.area_code]
    return node.code if node.level is AreaLevel.GRID else None


def _contact_area(desk: Desk, area: str, contact: int) -> str | None:
    """Where the contact of a conduct complaint has his post, so that giving it back does not bring it to him again."""
    own = {seat.area for seat in desk.city.posts_of.get(contact, ()) if seat.role is PostRole.CONDUCT}
    return next((node.code for node in desk.city.list_chain(area) if node.code in own), None)
