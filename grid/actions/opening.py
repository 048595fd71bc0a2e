"""Opening a case: 受理 and 派单 in one decision, so that no matter is ever taken in and then left lying."""

from dataclasses import dataclass, replace
from datetime import datetime

from grid.actions.routing import route_messages, route_values, send_on
from grid.desk import Actor, Desk
from grid.routing import Route, find_route
from grid.running import begin_clocks
from grid.secrecy import hushed
from grid.workflow import OPEN, Move, Refusal, Status
from nlp.likeness import theme
from storage.columns import Source
from storage.counters import render_number
from storage.plan import EventDraft, Plan
from storage.rows import fresh, with_changes
from storage.tables import Case


@dataclass(frozen=True, slots=True)
class Matter:
    """What is known of a matter when it is taken in. `place_why`: how sure its area is and why, where a point told it.

    `resolve_due_at`: until when it is promised already (a child within its parent); None: as the deadlines say.
    """

    text: str
    category: str
    urgency: str
    confidence: float = 0.0
    evidence: tuple[str, ...] = ()
    emergency: str = ""
    conduct: bool = False
    area: str | None = None
    place: str = ""
    place_why: str = ""
    phone: str = ""
    anonymous: bool = False
    source: Source = Source.OFFICIAL_ACCOUNT
    outside_number: str | None = None
    resident_id: int | None = None
    reporter_id: int | None = None
    parent_id: int | None = None
    reopened_from_id: int | None = None
    on_behalf_of: str = ""
    told_at: str = ""
    resolve_due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """A case as it will be once the plan is written."""

    case: Case
    plan: Plan
    route: Route


def open_case(
    desk: Desk, matter: Matter, actor: Actor, case_id: int, serial: int, route: Route | None = None
) -> Opened:
    """Take in a matter as case `case_id`, the `serial`th of the local day, and send it to whoever answers for it.

    `route`: where it goes whatever the rules say (a child, to the department that was named).
    """
    text = actor.quote(matter.text)
    matter = replace(matter, text=hushed(text) if matter.anonymous else text)
    route = route or find_route(desk.city, matter.area, matter.category, conduct=matter.conduct)
    bare = _bare_case(desk, matter, case_id, serial)
    values = route_values(desk, bare, route)
    values["is_open"] = Status(values["status"]) in OPEN
    case = with_changes(bare, values)
    case.__dict__.update(begin_clocks(desk, case))
    events = [EventDraft(case_id, Move.RECEIVE.value, desk.now, actor.key, _received(matter))]
    if route.is_found:
        sent = {"status": case.status, "why": list(route.why), "group": case.group_id, "contact": case.handler_id}
        events.append(EventDraft(case_id, Move.DISPATCH.value, desk.now, "system", sent))
    plan = Plan(rows=[case], events=events, outbox=route_messages(desk, case, route))
    return Opened(case, plan, route)


def _bare_case(desk: Desk, matter: Matter, case_id: int, serial: int) -> Case:
    return fresh(
        Case,
        id=case_id,
        opened_on=desk.today,
        serial=serial,
        number=render_number(desk.today, serial),
        source=matter.source,
        outside_number=matter.outside_number,
        resident_id=matter.resident_id,
        reporter_id=matter.reporter_id,
        parent_id=matter.parent_id,
        reopened_from_id=matter.reopened_from_id,
        text=matter.text[: desk.house.most_characters],
        category=matter.category,
        theme=theme(matter.category, matter.evidence),
        confidence=matter.confidence,
        evidence=list(matter.evidence),
        urgency=matter.urgency,
        emergency=matter.emergency,
        conduct=matter.conduct,
        area_code=matter.area,
        place=matter.place,
        phone=matter.phone,
        anonymous=matter.anonymous,
        status=Status.TRIAGE.value,
        resolve_due_at=matter.resolve_due_at,
        opened_at=desk.now,
        touched_at=desk.now,
    )


def _received(matter: Matter) -> dict[str, object]:
    return {
        "status": Status.TRIAGE.value,
        "text": matter.text,
        "category": matter.category,
        "confidence": round(matter.confidence, 3),
        "evidence": list(matter.evidence),
        "urgency": matter.urgency,
        "area": matter.area,
        "place": matter.place,
        "source": matter.source.value,
        **({"place_why": matter.place_why} if matter.place_why else {}),
        **({"parent": matter.parent_id} if matter.parent_id is not None else {}),
        **({"reopened_from": matter.reopened_from_id} if matter.reopened_from_id is not None else {}),
        **({"on_behalf_of": matter.on_behalf_of} if matter.on_behalf_of else {}),
        **({"told_at": matter.told_at} if matter.told_at else {}),
    }


def state_matter(desk: Desk, case: Case, matter: Matter, actor: Actor) -> Opened:
    """Words for a case that was opened without any: it is routed as if it were told now, under its old number.

    The caller makes sure that the case may be reclassified; `ValueError` when it may not.
    """
    is_secret = case.anonymous or matter.anonymous
    text = actor.quote(matter.text)
    text = hushed(text) if is_secret else text
    values = {
        "text": f"{case.text}\n{text}"[: desk.house.most_characters],
        "category": matter.category,
        "theme": theme(matter.category, matter.evidence),
        "confidence": matter.confidence,
        "evidence": list(matter.evidence),
        "urgency": matter.urgency,
        "emergency": matter.emergency,
        "conduct": matter.conduct,
        "area_code": matter.area or case.area_code,
        "place": matter.place or case.place,
        "phone": "" if is_secret else matter.phone or case.phone,
        "anonymous": is_secret,
    }
    sent = send_on(desk, case, Move.RECLASSIFY, actor, values=values, category=matter.category, text=text)
    if isinstance(sent, Refusal):
        raise ValueError(sent.sentence)
    return Opened(sent.case, sent.plan, sent.route)


def open_again(desk: Desk, case: Case, actor: Actor, words: str, case_id: int, serial: int) -> Opened:
    """没修好 after the time to reopen has run out: a new case, linked to the old one, with what is known of it and the new words."""
    text = f"{words}\n" if words else ""
    matter = Matter(
        text=f"{text}（原工单 {case.number} 反映后仍未解决）{case.text}",
        category=case.category,
        urgency=case.urgency,
        confidence=case.confidence,
        evidence=tuple(case.evidence),
        conduct=case.conduct,
        area=case.area_code,
        place=case.place,
        phone=case.phone,
        anonymous=case.anonymous,
        source=case.source,
        outside_number=case.outside_number,
        resident_id=case.resident_id,
        reporter_id=case.reporter_id,
        reopened_from_id=case.id,
    )
    return open_case(desk, matter, actor, case_id, serial)
