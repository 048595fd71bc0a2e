"""Which of his cases somebody means. Nobody ever reaches a case that is not his own."""

import re
import unicodedata
from collections.abc import Awaitable, Callable

from grid.workflow import Status
from handlers.reply import Said
from handlers.resident.phrases import find_number
from handlers.resident.progress import answered
from handlers.talk import ResidentTalk
from storage.tables import Case

_DIGITS = re.compile(r"\d{6,10}", re.ASCII)
CommandHandler = Callable[[ResidentTalk, str], Awaitable[Said | None]]
DONE = frozenset({Status.RESOLVED, Status.RATED, Status.ARCHIVED})


async def find_named(talk: ResidentTalk) -> Case | Said | None:
    """The case whose number he typed: his own, however old, or the answer that there is none. None: no number."""
    number = find_number(talk.update.text)
    if number is None:
        # 112301: the dash is hard to find on a phone.
        digits = set(_DIGITS.findall(unicodedata.normalize("NFKC", talk.update.text)))
        return next((case for case in talk.cases if case.number.replace("-", "") in digits), None)
    case = next((case for case in talk.cases if case.number == number), None)
    if case is None:
        old = await talk.books.find_by_number(number)
        case = old if old is not None and old.resident_id == talk.resident.id and not talk.is_new else None
    return case or answered(f"没有查到您的工单 {number}。请看看号码对不对，或回复“进度”查看您的全部工单。")


def pick(talk: ResidentTalk, cases: list[Case]) -> Case | None:
    """Of several: the one being talked about, else the first."""
    about = talk.find_case(talk.conversation.last_case)
    if about is not None and about in cases:
        return about
    return cases[0] if cases else None


def list_done(talk: ResidentTalk) -> list[Case]:
    """His cases that were resolved, the last first."""
    done = [case for case in talk.cases if case.status in DONE]
    return sorted(done, key=lambda case: case.resolved_at or case.opened_at, reverse=True)
