"""What of notices goes with a resident: his clues, his sign-ups, and what the station read of a clue."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.erasure_letters import ERASED, empty
from storage.notice_columns import NoticeState
from storage.notice_tables import Clue, Notice, NoticeSignup
from storage.tables import Outbox

_RUNNING = (NoticeState.SENDING, NoticeState.SENT)
# A clue's own messages name it by its number; they belong to no case.
_CLUE_KINDS = ("clue", "clue_feedback", "clue_thanks")


async def erase_notices(connection: AsyncConnection, resident_id: int) -> bool:
    """Erase what belongs to notices that are over; whether nothing is left for later (the organiser of what is still to come
    must know who comes, and the station may still ask)."""
    person = f"resident:{resident_id}"
    clues = await _list(connection, Clue, person)
    signups = await _list(connection, NoticeSignup, person)
    for clue in clues:
        if not clue.runs:
            await _erase_clue(connection, clue.id)
    over = [signup.id for signup in signups if not signup.runs]
    await connection.execute(update(NoticeSignup).where(col(NoticeSignup.id).in_(over)).values(name=ERASED))
    return not any(one.runs for one in (*clues, *signups))


async def _list(connection: AsyncConnection, table: type[Clue] | type[NoticeSignup], person: str) -> Sequence[Any]:
    runs = col(Notice.state).in_(_RUNNING).label("runs")
    query = select(col(table.id), runs).join(Notice, col(Notice.id) == col(table.notice_id))
    return list(await connection.execute(query.where(col(table.person) == person)))


async def _erase_clue(connection: AsyncConnection, clue_id: int) -> None:
    found = (
        await connection.execute(select(col(Clue.number), col(Clue.passed_to)).where(col(Clue.id) == clue_id))
    ).one()
    await connection.execute(update(Clue).where(col(Clue.id) == clue_id).values(text=ERASED, pictures=[], feedback=""))
    query = select(col(Outbox.id), col(Outbox.body)).where(
        col(Outbox.target) == found.passed_to, col(Outbox.kind).in_(_CLUE_KINDS)
    )
    named = [line.id for line in await connection.execute(query) if found.number in str(line.body.get("text", ""))]
    await empty(connection, Outbox, col(Outbox.id).in_(named))
