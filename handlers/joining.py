"""Bringing two cases together, or apart again: what must be looked up before the law can decide."""

from collections.abc import Sequence

from grid.actions.joint import Joining
from grid.desk import Desk
from storage.counters import Numbers
from storage.queries import Books
from storage.rows import fresh
from storage.tables import Case, CaseReporter


async def gather_joining(books: Books, numbers: Numbers, desk: Desk, case: Case, into: Case) -> Joining:
    """The rows by which everybody who reported `case` will be a reporter of `into` too, and `into`'s first one with them."""
    known = [row.resident_id for row in await books.likeness.list_members(into.id)]
    coming = [resident.id for resident in await books.likeness.list_reporters(case)]
    first = [into.resident_id] if into.resident_id is not None else []
    rows = [
        _row(await numbers.take_id(), desk, into, resident_id, None if resident_id in first else case.id)
        for resident_id in dict.fromkeys([*first, *coming])
        if resident_id not in known
    ]
    count = len({*known, *first, *coming})
    # Who tells his own matter a second time needs no row: he is its only reporter still.
    return Joining(rows if count > 1 else (), count)


def _row(row_id: int, desk: Desk, into: Case, resident_id: int, via: int | None) -> CaseReporter:
    at = desk.now if via is not None else into.opened_at
    return fresh(CaseReporter, id=row_id, case_id=into.id, resident_id=resident_id, via_case_id=via, joined_at=at)


async def list_leaving(books: Books, case: Case, into: Case) -> Sequence[CaseReporter]:
    """The rows by which people came to `into` with `case`."""
    return [row for row in await books.likeness.list_members(into.id) if row.via_case_id == case.id]
