"""What a worker can look at: 进度 (with the resident's phone in single chat, and a record of that view), 为何."""

from grid.link_lines import worker_link
from grid.wording import category_name, limits_line, masked, phone_line, place_line, status_name, tag, urgency_name
from grid.workflow import Part, list_moves
from grid.workflow import Status as CaseStatus
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import tell
from handlers.worker.commands import Command
from handlers.worker.selection import Chosen, choose
from handlers.worker.timeline import render_timeline
from handlers.worker.told import render_told
from storage.plan import EventDraft, Plan
from storage.tables import Case


async def hear_progress(talk: WorkerTalk, command: Command) -> Said:
    """进度 [number]."""
    chosen = await choose(talk, command, None)
    if isinstance(chosen, Said):
        return chosen
    text, plan = await describe(talk, chosen)
    return tell(text, "viewed", plan, chosen.case.id)


async def describe(talk: WorkerTalk, chosen: Chosen) -> tuple[str, Plan]:
    """A case in full with its timeline. The plan records that somebody saw what is masked elsewhere."""
    case, desk = chosen.case, talk.desk
    shows_all = may_see_phone(talk, chosen)
    head = f"{tag(case)}{status_name(case.status)}　{category_name(case.category)} · {urgency_name(case.urgency)}"
    person = desk.city.people.get(case.handler_id) if case.handler_id else None
    lines = [
        head,
        f"地点：{place_line(case, desk.city)}",
        f"内容：{case.text if shows_all else masked(case.text)}",
        f"反映人：{_contact(case) if shows_all else phone_line(case)}",
        f"办理人：{person.name}" if person else "",
        limits_line(case, desk.zone) if case.is_open else "",
        await _media_line(talk, case),
        *render_timeline(desk, await talk.books.list_events(case.id)),
        *render_told(desk, await talk.books.list_told(case.id)),
        _possible_line(chosen),
        worker_link(desk, case, chosen.actor.id) if talk.update.chat is None else "",
    ]
    plan = Plan(events=[_viewed(talk, chosen)] if shows_all else [])
    return "\n".join(line for line in lines if line), plan


def may_see_phone(talk: WorkerTalk, chosen: Chosen) -> bool:
    """Only whoever works on the case, only where nobody reads along, and only if there is anything to see."""
    works_on_it = bool({Part.HANDLER, Part.MEMBER} & chosen.actor.parts)
    case = chosen.case
    if case.anonymous:
        return False
    hidden = bool(case.phone) or masked(case.text, len(case.text) + 1) != masked_nothing(case.text)
    return talk.update.chat is None and works_on_it and hidden


def masked_nothing(text: str) -> str:
    """The text as `masked` would leave it if nothing in it were personal."""
    return " ".join(text.split())


def _contact(case: Case) -> str:
    return f"居民 {case.phone}" if case.phone else phone_line(case)


def _viewed(talk: WorkerTalk, chosen: Chosen) -> EventDraft:
    return EventDraft(chosen.case.id, "viewed", talk.desk.now, chosen.actor.key, {"what": "phone"})


async def _media_line(talk: WorkerTalk, case: Case) -> str:
    count = len(await talk.books.list_media(case.id))
    return f"照片和录音：{count}份" if count else ""


def _possible_line(chosen: Chosen) -> str:
    moves = list_moves(CaseStatus(chosen.case.status), chosen.actor.parts)
    return f"现在可以：{'、'.join(move.label for move in moves)}" if moves else ""


async def hear_why(talk: WorkerTalk, command: Command) -> Said:
    """为何 [number]: the reasons that routing gave when it sent the case here."""
    chosen = await choose(talk, command, None)
    if isinstance(chosen, Said):
        return chosen
    why = [str(line) for line in chosen.case.routing.get("why", ())]
    text = "\n".join([f"{tag(chosen.case)}为何派到这里：", *why]) if why else f"{tag(chosen.case)}没有留下派单理由。"
    return tell(text, "viewed", case_id=chosen.case.id)
