"""Emptying letters: what was written and what was answered goes, that something was written stays."""

from typing import Any

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.columns import MessageState
from storage.tables import Inbound, Outbox

ERASED = "（已应本人要求删除）"
_UNSENT = (MessageState.QUEUED, MessageState.PARKED)
_EMPTY_BODY: dict[str, Any] = {
    "kind": "erased",
    "text": ERASED,
    "card": None,
    "choices": [],
    "pictures": [],
    "mention": [],
    "template": None,
    "urgent": False,
    "reserve": False,
}

Letters = type[Inbound] | type[Outbox]


def case_of(table: Letters) -> Any:
    """The column that says which case a letter belongs to."""
    return col(table.case_id)


async def empty(connection: AsyncConnection, table: Letters, *which: Any) -> None:
    """Empty these letters; an update that is still to be handled is left."""
    if table is Inbound:
        settled = col(Inbound.state) != "pending"
        await connection.execute(update(Inbound).where(settled, *which).values(body={}, reply=None))
        return
    # What still waits for him to write is not sent any more: its words are what he wants gone.
    unsent = col(Outbox.state).in_(_UNSENT)
    await connection.execute(update(Outbox).where(unsent, *which).values(state=MessageState.DEAD, refusal="erased"))
    await connection.execute(update(Outbox).where(*which).values(body=_EMPTY_BODY))
