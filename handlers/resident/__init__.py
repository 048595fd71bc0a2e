"""What a resident can say: the handlers in order, the first that has an answer wins.

The order is the law: what is said of notices by name (a clue is for the police, never for a work group), then danger,
then set words and open questions, then small talk, then the matter itself.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from handlers.reply import Reply, Said
from handlers.resident.alike import look_for_twin
from handlers.resident.answers import answer
from handlers.resident.commands import command
from handlers.resident.events import event
from handlers.resident.location import location
from handlers.resident.media import media
from handlers.resident.notices import notices
from handlers.resident.phones import phone
from handlers.resident.phrases import PRIVACY
from handlers.resident.rating import rating_too_early
from handlers.resident.report import open_matter, report
from handlers.resident.smalltalk import fallback, fragment, place_alone, smalltalk
from handlers.resident.voice import hear_voice, tell_in_words, voice_alone
from handlers.talk import ResidentTalk
from handlers.update import UpdateKind

Handler = Callable[[ResidentTalk], Awaitable[Said | None]]


async def emergency(talk: ResidentTalk) -> Said | None:
    """Danger now: no question, no set word comes before the number to call."""
    if talk.update.kind is not UpdateKind.TEXT or talk.read().emergency is None:
        return None
    return await report(talk)


async def words(talk: ResidentTalk) -> Said | None:
    """Everything that is said in words, in the order of the law."""
    for handler in _IN_WORDS if talk.update.kind is UpdateKind.TEXT else ():
        said = await handler(talk)
        if said is not None:
            return said
    return None


_IN_WORDS: tuple[Handler, ...] = (
    emergency,
    command,
    tell_in_words,
    answer,
    phone,
    smalltalk,
    place_alone,
    rating_too_early,
    report,
    fragment,
)
HANDLERS: tuple[Handler, ...] = (event, notices, voice_alone, media, location, words)
# What these moves take from a text goes to the case's own group, so a complaint about conduct in it is told apart.
_READ_BY_THE_GROUP = frozenset({"rated", "reopened"})


async def hear_resident(talk: ResidentTalk) -> Said:
    """Decide what to answer, and what to write, on one update of a resident."""
    if talk.update.spoken is not None:
        return await hear_voice(talk, talk.update.spoken, _hear_and_look)
    return _greet_with_notice(talk, await _hear_and_look(talk))


def _greet_with_notice(talk: ResidentTalk, said: Said) -> Said:
    """On a first contact one short privacy notice; not to somebody in danger, who reads one thing only."""
    is_calm = talk.reading is None or talk.reading.emergency is None
    if talk.is_new and said.reply.text and is_calm:
        # On the line before: a seventh line is more than an old eye reads.
        mark = "" if said.reply.text.endswith("。") else "\n"
        said.reply = replace(said.reply, text=f"{said.reply.text}{mark}{PRIVACY}")
    return said


async def _hear_and_look(talk: ResidentTalk) -> Said:
    return await look_for_twin(talk, await _hear(talk))


async def _hear(talk: ResidentTalk) -> Said:
    for handler in HANDLERS:
        said = await handler(talk)
        if said is not None:
            return await _tell_conduct_apart(talk, said)
    return await fallback(talk)


async def _tell_conduct_apart(talk: ResidentTalk, said: Said) -> Said:
    """不满意，网格员骂人: the rating goes its way without these words, and they become a complaint of their own."""
    near = talk.find_case(said.case_id)
    if said.outcome not in _READ_BY_THE_GROUP or not talk.read().conduct or near is None or near.conduct:
        return said
    complaint = await open_matter(talk, talk.update.text, talk.read(), near)
    reply = Reply(f"{said.reply.text}\n{complaint.reply.text}")
    return Said(reply, said.outcome, said.plan.merge(complaint.plan), said.case_id)
