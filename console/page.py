"""What stands on a case page, for each kind of visitor. Pure: rows in, a view out; the template only lays it out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from console.gallery import Exhibit, list_exhibits
from console.offers import ANSWER, Offer
from console.standing import Stage, find_next, list_stages, standing, tone
from console.tickets import Scope
from console.timeline import Step, list_steps, parse_payload
from console.visitors import Visitor
from grid.desk import Desk
from grid.likeness import describe
from grid.outcomes import Outcome
from grid.wording import (
    category_name,
    duty_number,
    long_moment,
    masked,
    phone_line,
    place_line,
    rating_name,
    urgency_name,
)
from grid.workflow import Move, Part, Status
from nlp.mask import mask_personal
from storage.tables import Case, CaseEvent, Media

_ENDED = frozenset({Status.RESOLVED, Status.RATED, Status.ARCHIVED})


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call: what he is, his name, a number (empty: none that may be shown)."""

    role: str
    name: str
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """What has just happened: `good`, `bad` (nothing was changed) or `calm`."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class Material:
    """Everything that was read for a page."""

    events: Sequence[CaseEvent] = ()
    media: Sequence[Media] = ()
    reporters: int = 0
    into: Case | None = None


@dataclass(frozen=True, slots=True)
class View:
    """One page. Texts are Chinese and complete; `form_key`, `version` and `once` go back with a form."""

    number: str
    who: str
    standing: str
    tone: str
    next: str
    promise: str
    stages: list[Stage]
    facts: list[tuple[str, str]]
    text: str
    result: str
    outcome: str
    rating: str
    contacts: list[Contact]
    joined: str
    merged: str
    exhibits: list[Exhibit]
    steps: list[Step]
    offers: list[Offer]
    can_reveal: bool
    base: str
    hint: str = ""
    form_key: str = ""
    version: int = 0
    once: str = ""
    notice: Notice | None = None
    tried: str = ""
    kept: Mapping[str, str] = field(default_factory=dict)


def make_view(
    desk: Desk, visitor: Visitor, material: Material, offers: list[Offer], base: str, *, reveals: bool = False
) -> View:
    """The page as this visitor sees it now. `reveals`: a worker has asked for what is masked, and that is on record."""
    case = visitor.seen
    result = _result(visitor)
    return View(
        number=case.number,
        who=_who(visitor),
        standing=standing(case, visitor.scope),
        tone=tone(case, desk.now),
        next=find_next(desk, case, visitor.scope),
        promise=_promise(desk, case),
        stages=list_stages(case),
        facts=_facts(desk, visitor, case),
        text=_text(visitor, reveals),
        result=result,
        outcome=Outcome(case.outcome).label if result and case.outcome in set(Outcome) else "",
        rating=_rating(visitor),
        contacts=_contacts(desk, visitor, reveals),
        joined=f"共有{material.reporters}位居民反映这件事" if material.reporters > 1 else "",
        merged=_merged(desk, visitor, material.into),
        exhibits=list_exhibits(desk, visitor, material.media, material.events),
        steps=list_steps(desk, visitor, material.events),
        offers=[_with_question(offer, material.events) for offer in offers],
        can_reveal=may_reveal(visitor) and not reveals,
        base=base,
        hint=_hint(desk, visitor),
    )


def _with_question(offer: Offer, events: Sequence[CaseEvent]) -> Offer:
    """Who is to answer reads what was asked beside the field."""
    asked = [event for event in events if event.kind == Move.ASK] if offer.action == ANSWER else []
    question = str(parse_payload(asked[-1]).get("text", "")) if asked else ""
    return replace(offer, note=question) if question else offer


def _who(visitor: Visitor) -> str:
    match visitor.scope:
        case Scope.READ:
            return "只读 · 个人信息已隐去"
        case Scope.RESIDENT:
            return "您反映的事" if visitor.is_first else "您参与反映的事"
        case Scope.WORKER:
            return f"{visitor.person.name} · 本人专用，请勿转发" if visitor.person else ""
        case Scope.EXPORT:
            raise AssertionError("an export link opens no case")


def _hint(desk: Desk, visitor: Visitor) -> str:
    """How whoever reads in a group comes to act."""
    if visitor.scope is not Scope.READ or not visitor.case.is_open:
        return ""
    return f"要办理这件工单，请私聊{desk.house.bot_name}回复“进度 {visitor.case.number}”，会收到本人专用的链接。"


def _promise(desk: Desk, case: Case) -> str:
    due = case.resolve_due_at
    if not case.is_open or due is None or case.status == Status.SUSPENDED:
        return ""
    note = "（暂定：当年放假安排公布后可能顺延）" if case.due_provisional else ""
    late = "，已超过" if due < desk.now else ""
    return f"{long_moment(due, desk.zone)}前办结{late}{note}"


def _facts(desk: Desk, visitor: Visitor, case: Case) -> list[tuple[str, str]]:
    place = place_line(case, desk.city)
    facts = [("类别", category_name(case.category)), ("地点", masked(place) if visitor.scope is Scope.READ else place)]
    if case.urgency != "normal" or visitor.scope is not Scope.RESIDENT:
        facts.append(("紧急程度", urgency_name(case.urgency)))
    facts.append(("反映时间", long_moment(case.opened_at, desk.zone)))
    if visitor.scope is Scope.WORKER:
        facts.append(("来源", f"{case.source.label}{f' {case.outside_number}' if case.outside_number else ''}"))
        if case.hurried:
            facts.append(("催办", f"{case.hurried}次"))
    return facts


def _text(visitor: Visitor, reveals: bool) -> str:
    case = visitor.seen
    if visitor.scope is Scope.RESIDENT or reveals:
        return case.text
    return mask_personal(case.text)


def may_reveal(visitor: Visitor) -> bool:
    """Whether a worker may ask for what is masked: only who works on the case, and only if there is anything to see."""
    case, actor = visitor.case, visitor.actor
    if (
        visitor.scope is not Scope.WORKER
        or case.anonymous
        or actor is None
        or not {Part.HANDLER, Part.MEMBER} & actor.parts
    ):
        return False
    return bool(case.phone) or mask_personal(case.text) != case.text


def _contacts(desk: Desk, visitor: Visitor, reveals: bool) -> list[Contact]:
    case = visitor.case
    holder = desk.city.people.get(case.handler_id) if case.handler_id else None
    if visitor.scope is Scope.RESIDENT:
        # Whoever looks into a complaint about somebody's conduct is not named before he speaks himself.
        named = holder is not None and case.accepted_at is not None and not case.conduct
        return [_duty(desk, case, holder.name, holder.phone)] if named and holder is not None else []
    found = [Contact("办理人", holder.name, holder.phone if visitor.scope is Scope.WORKER else "")] if holder else []
    if visitor.scope is Scope.WORKER:
        shown = case.phone if reveals and may_reveal(visitor) else ""
        found.append(Contact("反映人", "居民" if shown else phone_line(case), shown))
    return found


def _duty(desk: Desk, case: Case, name: str, own: str) -> Contact:
    return Contact("网格员", name, duty_number(desk.city, case, own))


def _result(visitor: Visitor) -> str:
    """What was done: for the reporter once it is certain, for workers as soon as it is told."""
    case = visitor.case
    told = case.status in _ENDED or (visitor.scope is not Scope.RESIDENT and case.status == Status.CHECKING)
    if not told:
        return ""
    return case.result if visitor.scope is not Scope.READ else masked(case.result)


def _rating(visitor: Visitor) -> str:
    case = visitor.case
    if not case.rating or (visitor.scope is Scope.RESIDENT and not visitor.is_first):
        return ""
    reason = case.rating_reason if visitor.scope is not Scope.READ else masked(case.rating_reason)
    return f"{rating_name(case.rating)}{f'：{reason}' if reason else ''}"


def _merged(desk: Desk, visitor: Visitor, into: Case | None) -> str:
    if into is None or visitor.case.status != Status.MERGED:
        return ""
    return f"已并入工单 {describe(into, desk.city)}，{standing(into, visitor.scope)}。"


def is_fresh(at: datetime, now: datetime) -> bool:
    """Whether what was done at `at` is still news on the page."""
    return timedelta() <= now - at < timedelta(minutes=30)
