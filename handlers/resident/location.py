"""A location: it answers the open question for the place, or waits for the words that go with it."""

from math import cos, radians

from grid.city import AreaNode, City
from grid.questions import Ask
from handlers.reply import Reply, Said
from handlers.resident.report import Place, settle_place
from handlers.talk import ResidentTalk
from handlers.update import Point, UpdateKind
from storage.plan import Plan

_METRES_PER_DEGREE = 111_320.0
_FARTHEST_METRES = 1_500.0


async def location(talk: ResidentTalk) -> Said | None:
    """A location message."""
    if talk.update.kind is not UpdateKind.LOCATION or talk.update.point is None:
        return None
    point = talk.update.point
    node = find_nearest_grid(talk.desk.city, point)
    place = Place(node.code if node else None, point.label, (), False)
    waiting = [case for case in talk.list_open() if case.area_code is None]
    question = talk.conversation.find(Ask.PLACE, Ask.PLACE_CHOICE)
    case = talk.find_case(question.case_id) if question else (waiting[0] if waiting else None)
    if case is not None and case.is_open:
        return settle_place(talk, case, place, "")
    until = talk.desk.now + talk.desk.house.join_for * 3
    talk.conversation = talk.conversation.keep_place(place.area or "", point.label, until)
    where = talk.desk.city.area_name(node.code) if node else point.label
    return Said(Reply(f"位置已收到（{where}）。请说一下是什么问题，也可以发照片。"), "kept", Plan())


def find_nearest_grid(city: City, point: Point) -> AreaNode | None:
    """The grid whose centre is nearest, within 1,500 m; WeChat's points and stored centres are both GCJ-02."""
    near = [(distance_metres(point, node), node) for node in city.list_grids() if node.latitude is not None]
    near = [(metres, node) for metres, node in near if metres <= _FARTHEST_METRES]
    return min(near, key=lambda pair: (pair[0], pair[1].code))[1] if near else None


def distance_metres(point: Point, node: AreaNode) -> float:
    """Metres between a point and a grid's centre; flat-earth is exact enough within a city."""
    if node.latitude is None or node.longitude is None:
        return float("inf")
    north = (point.latitude - node.latitude) * _METRES_PER_DEGREE
    east = (point.longitude - node.longitude) * _METRES_PER_DEGREE * cos(radians(point.latitude))
    return float((north**2 + east**2) ** 0.5)
