"""What a resident can say: the handlers in order, the first that has an answer wins.

The order is the law: danger before everything, then set words and open questions, then small talk, then the matter itself.
"""

from collections.abc import Awaitable, Callable

from handlers.reply import Said
from handlers.resident.answers import answer
from handlers.resident.commands import command
from handlers.resident.events import event
from handlers.resident.location import location
from handlers.resident.media import media
from handlers.resident.report import report
from handlers.resident.smalltalk import fallback, fragment, smalltalk
from handlers.talk import ResidentTalk
from handlers.update import UpdateKind

Handler = Callable[[ResidentTalk], Awaitable[Said | None]]


async def emergency(talk: ResidentTalk) -> Said | None:
    """Danger now: no question, no set word comes before the number to call."""
    if talk.update.kind is not UpdateKind.TEXT or talk.read().emergency is None:
        return None
    return await report(talk)


HANDLERS: tuple[Handler, ...] = (event, media, location, emergency, command, answer, smalltalk, report, fragment)


async def hear_resident(talk: ResidentTalk) -> Said:
    """Decide what to answer, and what to write, on one update of a resident."""
    for handler in HANDLERS:
        said = await handler(talk)
        if said is not None:
            return said
    return await fallback(talk)
