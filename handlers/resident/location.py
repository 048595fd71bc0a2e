"""A location: it answers the open question for the place, or waits for the words that go with it. Doubt becomes a short choice."""

from dataclasses import replace

from grid.ground import Found
from grid.questions import Ask
from handlers.reply import Reply, Said
from handlers.resident.places import LONGEST_PLACE, Place, take_place
from handlers.resident.progress import list_recent
from handlers.resident.smalltalk import kept_place
from handlers.talk import ResidentTalk
from handlers.update import Point, UpdateKind
from storage.plan import Plan
from storage.tables import Case

_ON_THE_MAP = "地图位置"
# Below this the resident reads that his grid was worked out, so that he can object.
_SURE = 0.7


async def location(talk: ResidentTalk) -> Said | None:
    """A location message. (The position that a phone reports by itself is an event, and settles nothing.)"""
    if talk.update.kind is not UpdateKind.LOCATION or talk.update.point is None:
        return None
    point = talk.update.point
    found = _find(talk, point)
    place = _place_of(found, point)
    case = _find_waiting(talk)
    if case is None:
        return _keep(talk, found, place)
    if place.area is None and not point.label and not _was_asked(talk, case):
        # Nothing that anybody could find: he is asked, once.
        place = replace(place, is_named=False)
    said = take_place(talk, case, place, "")
    return replace(said, reply=replace(said.reply, text=_with_lead(talk, found, said.reply.text)))


def _find(talk: ResidentTalk, point: Point) -> Found:
    """Whose ground it is. Of several, the one that the map's own words name; his bound grid stands first among the rest."""
    found = talk.desk.ground.find(point.latitude, point.longitude)
    if not found.candidates:
        return found
    said = talk.reader.read(point.label).place if point.label else None
    if said is not None and not said.ask and said.area in found.candidates:
        return replace(found, area=said.area, candidates=(), confidence=_SURE, why=f"{found.why}，地址文字指明了网格")
    home = talk.resident.area_code
    return replace(found, candidates=tuple(sorted(found.candidates, key=lambda code: code != home)))


def _place_of(found: Found, point: Point) -> Place:
    why = f"{found.why}（把握{found.confidence:.0%}）"
    words = " ".join(point.label.split())[:LONGEST_PLACE] or _ON_THE_MAP
    if found.area is None and not point.label:
        # The only thing by which the duty group can find it.
        words = f"{_ON_THE_MAP}（北纬{point.latitude:.5f}，东经{point.longitude:.5f}）"
    return Place(found.area, words, found.candidates, why=why)


def _was_asked(talk: ResidentTalk, case: Case) -> bool:
    question = talk.conversation.find(Ask.PLACE, Ask.PLACE_CHOICE)
    return question is not None and question.case_id == case.id


def _keep(talk: ResidentTalk, found: Found, place: Place) -> Said:
    """No case waits for a place: it waits for its matter."""
    until = talk.desk.now + talk.desk.house.join_for * 3
    talk.conversation = talk.conversation.keep_place(place.area or "", place.words, until, place.candidates, place.why)
    where = _with_lead(talk, found, kept_place(talk, place.area, place.words))
    return Said(Reply(f"{where}请说一下是什么问题，也可以发照片。"), "kept", Plan())


def _with_lead(talk: ResidentTalk, found: Found, text: str) -> str:
    """The answer, with what the resident should know of how his position was understood."""
    if found.area is not None:
        return f"{text}（按位置推定；不对请回复“改地点”）" if found.confidence < _SURE else text
    if len(found.candidates) == 1:
        name = talk.desk.city.area_name(found.candidates[0])
        return f"离您最近的是{name}（约{found.metres:.0f}米）。{text}"
    return f"您的位置在几个网格交界处。{text}" if found.candidates else text


def _find_waiting(talk: ResidentTalk) -> Case | None:
    """The open case that lacks a place: the one asked about, else any; else the one just told of whose place was a guess."""
    question = talk.conversation.find(Ask.PLACE, Ask.PLACE_CHOICE)
    asked = talk.find_case(question.case_id) if question else None
    if asked is not None and asked.is_open:
        return asked
    waiting = [case for case in talk.list_open() if case.area_code is None]
    guessed = [case for case in list_recent(talk) if not case.place]
    return next(iter([*waiting, *guessed]), None)
