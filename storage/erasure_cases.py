"""What of a case goes with its reporter: his words, and whatever people wrote about him beside it.

A case that he only joined stays the first reporter's: of it only his own words go.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import SQLModel, col

from storage.erasure_letters import ERASED, empty
from storage.loop_tables import Callback, Request, Sheet, WhistleCall
from storage.tables import Case, CaseEvent, CaseReporter, CaseSketch, Inbound, Outbox

# Steps that carry free words: the reporter's own, those that repeat them, and what workers wrote about him and his home. (`resolve`
# is none: the result is what must be kept.)
_WORDED = (
    *("receive", "supplement", "answer", "reclassify", "rate", "reopen", "archive", "merge"),
    *(
        "ask",
        "handle",
        "return",
        "transfer",
        "escalate",
        "suspend",
        "extend",
        "request",
        "decline",
        "fail_check",
        "void",
    ),
    *("child", "whistle", "call_done", "call_back", "sheet_answered"),
)
_ENDED = ("archived", "void", "withdrawn", "merged")
_BESIDE: tuple[tuple[type[SQLModel], dict[str, str]], ...] = (
    (Sheet, {"answer": ""}),
    (Request, {"reason": "", "note": ""}),
    (WhistleCall, {"reason": "", "result": ""}),
    (Callback, {"note": ""}),
)


@dataclass(frozen=True, slots=True)
class Matters:
    """Somebody's cases by id: those that have ended, those that run."""

    ended: Sequence[int]
    running: Sequence[int]


async def list_own(connection: AsyncConnection, resident_id: int) -> Matters:
    """What he reported himself, also what others go on with since he left it; with the children of it, which bear his address."""
    began = select(col(CaseReporter.case_id)).where(
        col(CaseReporter.resident_id) == resident_id, col(CaseReporter.via_case_id).is_(None)
    )
    query = select(col(Case.id), col(Case.status)).where(
        or_(col(Case.resident_id) == resident_id, col(Case.id).in_(began))
    )
    own = await _sort(connection, query)
    parts = select(col(Case.id), col(Case.status)).where(col(Case.parent_id).in_(own.ended))
    children = await _sort(connection, parts) if own.ended else Matters((), ())
    return Matters([*own.ended, *children.ended], [*own.running, *children.running])


async def list_joined(connection: AsyncConnection, resident_id: int) -> Matters:
    """What somebody else reported before him."""
    joined = select(col(CaseReporter.case_id)).where(
        col(CaseReporter.resident_id) == resident_id, col(CaseReporter.via_case_id).is_not(None)
    )
    return await _sort(connection, select(col(Case.id), col(Case.status)).where(col(Case.id).in_(joined)))


async def _sort(connection: AsyncConnection, query: Any) -> Matters:
    lines = list(await connection.execute(query))
    return Matters(
        [line.id for line in lines if line.status in _ENDED], [line.id for line in lines if line.status not in _ENDED]
    )


async def erase_cases(connection: AsyncConnection, resident_id: int, ids: Sequence[int]) -> None:
    """All words of these ended cases."""
    opened = [line[0] for line in await connection.execute(select(col(Case.opened_at)).where(col(Case.id).in_(ids)))]
    gone: dict[str, Any] = {"text": ERASED, "place": "", "phone": "", "rating_reason": "", "evidence": []}
    # Not again and again while another of his cases runs: each time would be a new version of a case that rests.
    whole = (col(Case.id).in_(ids), col(Case.text) != ERASED)
    await connection.execute(update(Case).where(*whole).values(version=Case.version + 1, **gone))
    told = or_(col(CaseEvent.kind).in_(_WORDED), col(CaseEvent.actor) == f"resident:{resident_id}")
    events = update(CaseEvent).where(col(CaseEvent.case_id).in_(ids), told)
    await connection.execute(events.values(payload=None, salt=None))
    for table, words in _BESIDE:
        await connection.execute(update(table).where(_case_id(table).in_(ids)).values(**words))
    # Groups and workers read his words too: in what they were sent, and in what the bot answered them.
    await empty(connection, Outbox, col(Outbox.case_id).in_(ids))
    about = (col(Inbound.case_id).in_(ids), col(Inbound.state) != "pending")
    await connection.execute(update(Inbound).where(*about).values(reply=None))
    await empty(connection, Inbound, col(Inbound.case_id).in_(ids), col(Inbound.door) != "oa")
    # By the time, which has an index; `case_id` alone would walk the sketches of the whole city.
    sketches = (col(CaseSketch.opened_at).in_(opened), col(CaseSketch.case_id).in_(ids))
    await connection.execute(delete(CaseSketch).where(*sketches))


def _case_id(table: type[SQLModel]) -> Any:
    return table.__table__.c.case_id  # type: ignore[attr-defined]  # SQLModel adds it


async def erase_joined(connection: AsyncConnection, resident_id: int, case_id: int) -> None:
    """His own words out of an ended case that is somebody else's: his steps, his lines of its text, what groups read of it."""
    his = (col(CaseEvent.case_id) == case_id, col(CaseEvent.actor) == f"resident:{resident_id}")
    payloads = [line[0] for line in await connection.execute(select(col(CaseEvent.payload)).where(*his))]
    if any(payloads):
        await _strike_out(connection, case_id, [_words(payload) for payload in payloads if payload])
        await connection.execute(update(CaseEvent).where(*his).values(payload=None, salt=None))
    # What the other reporters were told is theirs.
    theirs = col(Outbox.target).startswith("oa:", autoescape=True)
    await empty(connection, Outbox, col(Outbox.case_id) == case_id, ~theirs)


def _words(payload: str) -> str:
    found = json.loads(payload)
    return str(found.get("text", "")) if isinstance(found, dict) else ""


async def _strike_out(connection: AsyncConnection, case_id: int, words: Sequence[str]) -> None:
    text = before = (await connection.execute(select(col(Case.text)).where(col(Case.id) == case_id))).scalar_one()
    for told in filter(None, words):
        text = text.replace(told, ERASED)
    if text != before:
        row = update(Case).where(col(Case.id) == case_id)
        await connection.execute(row.values(text=text, version=Case.version + 1))
