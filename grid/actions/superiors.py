"""The level above: which group hears what needs a superior's eye or word, and the worker who took a matter first (首问负责)."""

from grid.actions.steps import say
from grid.city import GroupNode
from grid.desk import Actor, Desk
from grid.message import Message
from grid.routing import find_route
from grid.wording import tag
from storage.plan import OutboxDraft
from storage.tables import Case


def find_group_above(desk: Desk, case: Case) -> GroupNode | None:
    """The nearest group above whoever has the case; the duty group where nobody is above."""
    city = desk.city
    own = city.groups.get(case.group_id) if case.group_id else None
    # A department's group lies beside the grids: what is above the case's own grid's is meant there too.
    area = own.area if own is not None else case.area_code
    route = find_route(city, case.area_code, case.category, above=area)
    return route.group or city.find_duty_group()


def tell_above(desk: Desk, case: Case, message: Message) -> list[OutboxDraft]:
    """The message for the group above; nothing about a complaint on somebody's conduct, which no group reads."""
    group = None if case.conduct else find_group_above(desk, case)
    return [say(f"group:{group.id}", message, case, desk.now)] if group is not None else []


def tell_parent(desk: Desk, case: Case, what: str, parent: Case | None = None) -> list[OutboxDraft]:
    """What becomes of a child is news for the group that has its parent (`parent`: as it is now; None: as it was then)."""
    group = parent.group_id if parent is not None else case.routing.get("parent_group")
    if case.parent_id is None or group is None:
        return []
    return [say(f"group:{group}", Message("child_done", f"{tag(case)}子单{what}"), case, desk.now)]


def tell_first_handler(desk: Desk, case: Case, actor: Actor, what: str) -> list[OutboxDraft]:
    """Whoever took the matter first stays answerable for it: he hears what becomes of it when others have it (首问负责)."""
    first = desk.city.people.get(case.first_handler_id) if case.first_handler_id else None
    if first is None or not first.userid or case.conduct or first.id in (case.handler_id, actor.id):
        return []
    text = f"{tag(case)}您首接的工单{what}。首问负责，请继续关注。"
    return [say(f"worker:{first.userid}", Message("first", text), case, desk.now)]
