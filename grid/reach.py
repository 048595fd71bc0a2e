"""What a worker may know of a case in his single chat or on its page: the law that `worker_on` gives the parts for."""

from grid.city import City
from grid.desk import Actor, worker_on
from grid.workflow import Part
from storage.columns import AreaLevel, PostRole
from storage.tables import Case

_TOO_NEAR_FOR_CONDUCT = (AreaLevel.GRID, AreaLevel.COMMUNITY)


def reach(city: City, case: Case, userid: str) -> Actor | None:
    """What the worker with this userid is to a case where nobody reads along; None when it is none of his business (any more)."""
    actor = worker_on(city, case, userid, None)
    if actor is None:
        return None
    if case.conduct:
        return actor if may_know_conduct(city, case, actor) else None
    return actor if actor.parts or case.reporter_id == actor.id else None


def may_know_conduct(city: City, case: Case, actor: Actor) -> bool:
    """A complaint about somebody's conduct is its contact's alone; where nobody has it yet, a commander of a higher level sends it on."""
    if case.handler_id is not None:
        return Part.HANDLER in actor.parts
    return any(
        seat.role is PostRole.COORDINATOR
        and (case.area_code is None or city.is_inside(case.area_code, seat.area))
        and city.areas[seat.area].level not in _TOO_NEAR_FOR_CONDUCT
        for seat in city.posts_of.get(actor.id or 0, ())
    )
