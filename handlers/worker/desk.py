"""The one entrance: what a worker said, in a group or in single chat, becomes one decision.

Handlers are listed, not found: `HANDLERS` in order, the fallback last.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from handlers.reply import SILENCE, Said
from handlers.talk import WorkerTalk
from handlers.update import Event
from handlers.worker.answers import refuse
from handlers.worker.approval import hear_approve, hear_reject
from handlers.worker.binding import hear_bind
from handlers.worker.cards import hear_click
from handlers.worker.children import hear_child
from handlers.worker.clues import concerns_clues, hear_clues, hear_quoted, quotes_notice
from handlers.worker.commands import Command, parse_command
from handlers.worker.ending import hear_callback, hear_check, hear_reopen, hear_resolve, hear_void
from handlers.worker.heat import hear_heat
from handlers.worker.helping import hear_help, hear_unknown, render_stranger_help, welcome
from handlers.worker.lists import hear_agenda
from handlers.worker.merging import hear_merge, hear_split
from handlers.worker.moves import hear_accept, hear_ask, hear_handle, hear_resume
from handlers.worker.notices import concerns_notices, hear_notice_click, hear_notices
from handlers.worker.patrol import hear_report, hear_try
from handlers.worker.people import hear_register
from handlers.worker.pictures import attach_pictures, hear_attach, list_media
from handlers.worker.requests import hear_extend, hear_suspend
from handlers.worker.sending import (
    hear_assign,
    hear_escalate,
    hear_reclassify,
    hear_return,
    hear_transfer,
    hear_triage,
)
from handlers.worker.sheets import hear_acknowledge, hear_answer, hear_write_off
from handlers.worker.sources import hear_hotline, hear_letter, hear_on_behalf
from handlers.worker.verbs import Verb
from handlers.worker.views import hear_progress, hear_why
from handlers.worker.whistle import hear_arrive, hear_whistle
from storage.columns import WorkerStatus
from storage.plan import Change
from storage.tables import Worker


@dataclass(frozen=True, slots=True)
class Handler:
    """Who hears a verb; `for_strangers`: also from people who are not registered, and in chats that are not bound."""

    verb: Verb
    hear: Callable[[WorkerTalk, Command], Awaitable[Said]]
    for_strangers: bool = False


HANDLERS: tuple[Handler, ...] = (
    Handler(Verb.BIND, hear_bind, for_strangers=True),
    Handler(Verb.REGISTER, hear_register, for_strangers=True),
    # Whoever bound a group may approve before he is anybody himself.
    Handler(Verb.APPROVE, hear_approve, for_strangers=True),
    Handler(Verb.REJECT, hear_reject, for_strangers=True),
    Handler(Verb.HELP, hear_help, for_strangers=True),
    Handler(Verb.ACCEPT, hear_accept),
    Handler(Verb.HANDLE, hear_handle),
    Handler(Verb.RESOLVE, hear_resolve),
    Handler(Verb.RETURN, hear_return),
    Handler(Verb.TRANSFER, hear_transfer),
    Handler(Verb.EXTEND, hear_extend),
    Handler(Verb.ESCALATE, hear_escalate),
    Handler(Verb.ASK, hear_ask),
    Handler(Verb.WHISTLE, hear_whistle),
    Handler(Verb.ARRIVE, hear_arrive),
    Handler(Verb.PROGRESS, hear_progress),
    Handler(Verb.AGENDA, hear_agenda),
    Handler(Verb.WHY, hear_why),
    Handler(Verb.TRY, hear_try),
    Handler(Verb.REPORT, hear_report),
    Handler(Verb.HOTLINE, hear_hotline),
    Handler(Verb.ATTACH, hear_attach),
    Handler(Verb.TRIAGE, hear_triage),
    Handler(Verb.HEAT, hear_heat),
    Handler(Verb.ASSIGN, hear_assign),
    Handler(Verb.SUSPEND, hear_suspend),
    Handler(Verb.RESUME, hear_resume),
    Handler(Verb.VOID, hear_void),
    Handler(Verb.MERGE, hear_merge),
    Handler(Verb.SPLIT, hear_split),
    Handler(Verb.CHECK, hear_check),
    Handler(Verb.RECLASSIFY, hear_reclassify),
    Handler(Verb.REOPEN, hear_reopen),
    Handler(Verb.CALL_BACK, hear_callback),
    Handler(Verb.CHILD, hear_child),
    Handler(Verb.LETTER, hear_letter),
    Handler(Verb.ON_BEHALF, hear_on_behalf),
    Handler(Verb.SIGN, hear_acknowledge),
    Handler(Verb.REPLY_SHEET, hear_answer),
    Handler(Verb.WRITE_OFF, hear_write_off),
)
_BY_VERB = {handler.verb: handler for handler in HANDLERS}


async def hear_worker(talk: WorkerTalk) -> Said:
    """Decide on one update of the work groups' bot. Reads through the books, writes nothing; never raises for what was said."""
    if talk.update.event is not None:
        return _remember(talk, await _hear_event(talk, talk.update.event))
    about_notice = await _hear_about_notice(talk)
    if about_notice is not None:
        return about_notice
    command = _parse(talk)
    handler = _BY_VERB[command.verb] if command is not None else None
    if handler is None or not handler.for_strangers:
        refusal = _find_stranger_refusal(talk)
        if refusal is not None:
            return refusal
    if handler is None or command is None:
        return await hear_unknown(talk, command)
    said = await handler.hear(talk, command)
    return _remember(talk, await attach_pictures(talk, command.verb, said))


async def _hear_about_notice(talk: WorkerTalk) -> Said | None:
    """Notices have words, numbers and a dialogue of their own; what is none of theirs goes on to the commands about cases."""
    for concerns, hear in _ABOUT_NOTICES:
        said = (_find_stranger_refusal(talk) or await hear(talk)) if concerns(talk) else None
        if said is not None:
            return said
    return None


# Free words that quote a notice are a clue only when no command wants them.
_ABOUT_NOTICES: tuple[tuple[Callable[[WorkerTalk], bool], Callable[[WorkerTalk], Awaitable[Said | None]]], ...] = (
    (concerns_clues, hear_clues),
    (concerns_notices, hear_notices),
    (quotes_notice, hear_quoted),
)


def _parse(talk: WorkerTalk) -> Command | None:
    update = talk.update
    quote = update.quote.text if update.quote else ""
    command = parse_command(update.text, quote)
    has_media = bool(list_media(talk))
    if command is None and not update.text.strip() and not has_media:
        # Somebody called the bot by its name only, or sent what the platform does not pass on.
        return Command(Verb.HELP, None, "")
    if has_media and (command is None or (command.verb is Verb.PROGRESS and not command.rest)):
        # A picture with a bare number, or with words that are no command, is a picture of that case.
        number = command.number if command else _number_of(quote)
        return Command(Verb.ATTACH, number, update.text)
    return command


def _number_of(quote: str) -> str | None:
    quoted = parse_command(str(Verb.PROGRESS), quote)
    return quoted.number if quoted else None


async def _hear_event(talk: WorkerTalk, event: Event) -> Said:
    if event.name == "ENTER_CHAT":
        return welcome(talk)
    if event.name == "TEMPLATE_CARD_EVENT":
        stranger = _find_stranger_refusal(talk)
        return stranger or await hear_notice_click(talk, event) or await hear_click(talk, event)
    return Said(SILENCE, "ignored")


def _find_stranger_refusal(talk: WorkerTalk) -> Said | None:
    """Why somebody may not act at all: he is nobody yet, away, or in a chat that belongs to no group. One sentence how to mend it."""
    if talk.update.chat is not None and talk.group is None:
        return refuse(render_stranger_help(talk))
    if talk.worker is not None and talk.worker.status is WorkerStatus.PENDING:
        return refuse(f"您的登记正等待同意；请网格长在群里回复“@{talk.desk.house.bot_name} 同意 {talk.worker.name}”。")
    if talk.worker is not None and talk.worker.status is WorkerStatus.AWAY:
        return refuse("您现在是离岗状态，不能操作工单；请联系街道指挥中心改为在岗。")
    if talk.person is None or not talk.person.is_at_work:
        return refuse(render_stranger_help(talk))
    return None


def _remember(talk: WorkerTalk, said: Said) -> Said:
    """In single chat the case just talked about is what the next picture or short command is about."""
    worker = talk.worker
    if talk.update.chat is None and worker is not None and said.case_id not in (None, worker.last_case_id):
        said.plan.changes.append(Change(Worker, worker.id, worker.version, {"last_case_id": said.case_id}))
    return said
