"""A case that goes elsewhere: 退回, 转派, 提级, 指派, and what makes routing look again (a place, a category)."""

from grid.actions.routing import Sent, send_on
from grid.actions.steps import tell_resident
from grid.desk import Actor, Desk
from grid.message import Message
from grid.routing import find_route
from grid.wording import category_name
from grid.workflow import Move, Refusal
from storage.columns import AreaLevel, PostRole
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
    more = actor.quote(more)
    text = f"{case.text}\n{more}"[: desk.house.most_characters] if more else case.text
    values = {"area_code": area or case.area_code, "place": place or case.place, "text": text}
    why = {"place_why": place_why} if place_why else {}
    return send_on(desk, case, Move.RECLASSIFY, actor, values=values, place=place, area=area, text=more, **why)


def restate(desk: Desk, case: Case, actor: Actor, text: str, category: str) -> Sent | Refusal:
    """Later words say what the first did not: the case gets its category, and whoever answers for that gets the case."""
    text = actor.quote(text)
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
