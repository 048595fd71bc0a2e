"""Clues (线索): taken in from anybody, passed to the issuing station only, answered privately, thanked for once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from grid.actions.steps import say
from grid.city import City, GroupNode, Person
from grid.desk import Actor, Desk
from grid.notices.clue_wording import ack_text, feedback_message, over_words, station_message, thanks_message
from grid.notices.moves import NOT_OUT, OUT, NoticeMove
from grid.notices.rights import find_recall_refusal, is_police_of
from grid.notices.scope import parse_scope
from grid.notices.steps import Ids, event, move
from grid.workflow import Refusal
from nlp.reading import Category
from storage.columns import GroupKind, PostRole
from storage.notice_columns import NoticeKind, NoticeState
from storage.notice_tables import Clue, Notice, NoticeApproval
from storage.plan import Change, Plan
from storage.rows import fresh

COLLECTING = frozenset({NoticeKind.SUSPECT, NoticeKind.MISSING, NoticeKind.FRAUD})
"""Kinds that ask for clues; to the others people answer otherwise."""
FEEDBACK_CHARACTERS = 300
_POLICE = Category.PUBLIC_SECURITY.value
_SAYS_POLICE = re.compile(r"公安|派出所|警")
_CHAT_WORDS = re.compile(r"(?:工作|席位|值班|指挥调度|联络)?群$")
_SHORTEST_NAME = 3


@dataclass(frozen=True, slots=True)
class Station:
    """Where clues go: `target` of the outbox, `name` for the giver, and whether it is the police (who may know the giver)."""

    target: str
    name: str
    is_police: bool = True


@dataclass(frozen=True, slots=True)
class Giver:
    """Who gives a clue. `person`: `resident:7`, `worker:12`; `known`: what the station may know of him; `group_id`: where he said it."""

    person: str
    known: str
    group_id: int | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A clue that was taken in: its row, the answer for the giver, the plan."""

    clue: Clue
    text: str
    plan: Plan


def find_station(city: City, notice: Notice, away_from: int | None = None) -> Station | None:
    """Where clues to a notice go: the station that it names, else the police of where it was made, else the duty group.

    `away_from`: the group in which the clue was given; it is never told, even if it is the station's own.
    """
    named = next((str(notice.fields[key]) for key in ("station", "issuer") if notice.fields.get(key)), "")
    found = _find_named(city, notice, named, away_from) or _find_maker(city, notice, named)
    found = found or _find_police_above(city, notice, named, away_from)
    return found or _find_duty(city, away_from)


def _find_named(city: City, notice: Notice, named: str, away_from: int | None) -> Station | None:
    if len(named) < _SHORTEST_NAME:
        return None
    groups = [one for one in _list_seat_groups(city, away_from) if _is_called(one, named)]
    near = [one for one in groups if notice.area_code and city.is_inside(notice.area_code, one.area)]
    # Two stations of one name, neither of them here: nobody guesses with whom the clue belongs.
    only = near or groups
    return Station(f"group:{only[0].id}", named) if len(only) == 1 else None


def _list_seat_groups(city: City, away_from: int | None) -> list[GroupNode]:
    # A work group is never a station, whatever it is called.
    seats = (one for one in city.groups.values() if one.kind is GroupKind.DEPARTMENT and one.can_be_told)
    return [one for one in seats if one.id != away_from]


def _is_called(group: GroupNode, named: str) -> bool:
    name = _CHAT_WORDS.sub("", group.name)
    return len(name) >= _SHORTEST_NAME and (name.endswith(named) or named.endswith(name))


def _find_maker(city: City, notice: Notice, named: str) -> Station | None:
    maker = city.people.get(notice.made_by) if notice.made_by is not None else None
    if maker is None or not maker.userid or not maker.is_at_work:
        return None
    is_police = is_police_of(city, maker.id, _areas_of(notice))
    return Station(f"worker:{maker.userid}", named or "派出所") if is_police else None


def _find_police_above(city: City, notice: Notice, named: str, away_from: int | None) -> Station | None:
    made_in = city.groups.get(notice.made_in) if notice.made_in is not None else None
    start = made_in.area if made_in is not None else notice.area_code
    groups = [one for one in _list_seat_groups(city, away_from) if _POLICE in one.categories]
    # Fire brigades answer for the same category: only a name tells them apart.
    groups = [one for one in groups if _SAYS_POLICE.search(one.name)]
    for node in city.list_chain(start) if start in city.areas and start is not None else ():
        for group in groups:
            if group.area == node.code:
                return Station(f"group:{group.id}", named or _CHAT_WORDS.sub("", group.name))
        for seat in city.seats.get(node.code, ()):
            is_seat = seat.role is PostRole.DEPARTMENT and seat.category == _POLICE
            if is_seat and seat.person.is_at_work and seat.person.userid:
                return Station(f"worker:{seat.person.userid}", named or "派出所")
    return None


def _find_duty(city: City, away_from: int | None) -> Station | None:
    group = city.find_duty_group()
    if group is None or not group.can_be_told or group.id == away_from:
        return None
    return Station(f"group:{group.id}", "值班人员联系派出所", is_police=False)


def _areas_of(notice: Notice) -> tuple[str, ...]:
    return parse_scope(notice.scope).areas or ((notice.area_code,) if notice.area_code else ())


def find_collecting_refusal(notice: Notice) -> Refusal | None:
    """Why no clue can be given to this notice; one that is over still takes them."""
    if notice.state in NOT_OUT or notice.sent_at is None:
        return Refusal(f"没有找到通知 {notice.number}，请核对编号。")
    if notice.kind not in COLLECTING:
        return Refusal(f"{notice.kind.label}{notice.number}不收集线索；有情况请直接说明地点和问题。")
    return None


def give_clue(
    desk: Desk, notice: Notice, giver: Giver, text: str, media: Sequence[int], clue_id: int, number: str, ids: Ids
) -> Given | Refusal:
    """Take a clue in and pass it on. `media`: ids of what came along, which follows once it has been made safe."""
    refusal = find_collecting_refusal(notice)
    if refusal is not None:
        return refusal
    if len(text) > desk.house.most_characters:
        return Refusal(f"线索最多{desk.house.most_characters}字，请分几次发。")
    station = find_station(desk.city, notice, giver.group_id)
    clue: Clue = fresh(
        Clue,
        id=clue_id,
        number=number,
        notice_id=notice.id,
        person=giver.person,
        group_id=giver.group_id,
        text=text,
        pictures=list(media),
        at=desk.now,
        passed_to=station.target if station else "",
    )
    actor = Actor(giver.person, "")
    plan = Plan(rows=[clue, event(desk, notice, "clue", actor, ids, clue=number, passed_to=clue.passed_to)])
    if station is not None:
        known = giver.known if station.is_police else "身份仅告知公安机关"
        message = station_message(notice, clue, known, desk.house.bot_name, desk.zone, station.is_police)
        plan.outbox.append(say(station.target, message, None, desk.now))
    return Given(clue, ack_text(notice, clue, station.name if station else "", bool(media)), plan)


def find_answer_refusal(city: City, notice: Notice, clue: Clue, person: Person, group_id: int | None) -> Refusal | None:
    """Why somebody may not answer a clue, or see it; those may to whom it was passed, and the police of the area."""
    is_there = clue.passed_to in (f"worker:{person.userid}", f"group:{group_id}")
    if person.is_at_work and (is_there or is_police_of(city, person.id, _areas_of(notice))):
        return None
    # Whoever may not know of it does not learn that it exists.
    return Refusal(f"没有找到您可以处理的线索 {clue.number}。")


def answer_clue(
    desk: Desk, notice: Notice, clue: Clue, giver_target: str, actor: Actor, text: str, ids: Ids
) -> Plan | Refusal:
    """反馈: the station's word, privately to the giver. `giver_target`: of the outbox, empty when he is gone."""
    if not text:
        return Refusal(f"请写明反馈内容，例如：反馈 {clue.number} 已核实，正在布控。")
    if len(text) > FEEDBACK_CHARACTERS:
        return Refusal(f"反馈最多{FEEDBACK_CHARACTERS}字。")
    values = {"feedback": text, "feedback_by": actor.key, "feedback_at": desk.now}
    plan = Plan(
        rows=[event(desk, notice, "clue_feedback", actor, ids, clue=clue.number)],
        changes=[Change(Clue, clue.id, None, values)],
    )
    if giver_target:
        plan.outbox.append(say(giver_target, feedback_message(clue, notice, text), None, desk.now))
    return plan


def find_close_refusal(
    city: City, notice: Notice, approvals: Iterable[NoticeApproval], person: Person, group_id: int | None
) -> Refusal | None:
    """Why somebody may not say that it is over (抓获, 找到): the station may, and whoever may take the notice back."""
    station = find_station(city, notice)
    is_station = station is not None and station.is_police
    is_there = is_station and station is not None and station.target in (f"worker:{person.userid}", f"group:{group_id}")
    if person.is_at_work and (is_there or is_police_of(city, person.id, _areas_of(notice))):
        return None
    return find_recall_refusal(city, notice, approvals, person)


def close_matter(
    desk: Desk,
    notice: Notice,
    clues: Sequence[Clue],
    givers: Mapping[str, str],
    actor: Actor,
    reason: str,
    ids: Ids,
) -> Plan | Refusal:
    """抓获, 结案, 找到: the notice is taken back everywhere, and whoever helped is thanked, once. `givers`: their targets by person.

    Guarded by the notice: of two who say so at once, one thanks.
    """
    if notice.kind not in COLLECTING or notice.state in NOT_OUT:
        return Refusal(f"没有找到可以结案的通报 {notice.number}。")
    helped = [clue for clue in clues if clue.thanked_at is None]
    if notice.state in OUT:
        values = {
            "recalled_at": desk.now,
            "recalled_by": actor.key,
            "recall_reason": reason,
            "remind_at": None,
            "repeat": "",
        }
        moved = move(desk, notice, NoticeMove.RECALL, actor, ids, NoticeState.RECALLED, values, reason=reason)
        if isinstance(moved, Refusal):
            return moved
        plan = moved[1]
    elif not helped:
        return Refusal(f"{over_words(notice) or '这件通报已结束'}，没有需要致谢的线索。")
    else:
        row = event(desk, notice, "closed", actor, ids, reason=reason)
        plan = Plan(rows=[row], changes=[Change(Notice, notice.id, notice.version, {})])
    return plan.merge(_thank(desk, notice, helped, givers, reason))


def _thank(desk: Desk, notice: Notice, helped: Sequence[Clue], givers: Mapping[str, str], reason: str) -> Plan:
    plan = Plan(changes=[Change(Clue, clue.id, None, {"thanked_at": desk.now}) for clue in helped])
    for person in dict.fromkeys(clue.person for clue in helped):
        numbers = [clue.number for clue in helped if clue.person == person]
        if givers.get(person):
            plan.outbox.append(say(givers[person], thanks_message(notice, numbers, reason), None, desk.now))
    return plan
