"""Finding open cases by their sketches, and who reported a case: the questions of likeness to the archive."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select
from sqlmodel import col

from storage.archive import Archive
from storage.engine import WRITES
from storage.loader import Loader
from storage.rows import columns_of, from_line
from storage.tables import Case, CaseReporter, CaseSketch, Resident

Keys = tuple[int, ...]
_MOST_FOUND = 24
"""Candidates of one message: the newest."""


class Likeness:
    """Looks for like cases and for joint reporters; look-ups of sketches that come while one runs share the next query."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._loader: Loader[Keys, list[int]] = Loader(self._read)

    async def list_alike(self, keys: Keys, since: datetime) -> list[Case]:
        """Open cases opened after `since` that share a key with `keys`, newest first."""
        ids = await self._loader.load(keys) if keys else None
        if not ids:
            return []
        query = select(*columns_of(Case)).where(col(Case.id).in_(ids), col(Case.is_open), col(Case.opened_at) > since)
        async with self._archive.reads() as session:
            lines = (await session.execute(query.order_by(col(Case.id).desc()))).all()
        return [from_line(Case, line) for line in lines]

    async def _read(self, asked: Sequence[Keys]) -> dict[Keys, list[int]]:
        wanted = {key for keys in asked for key in keys}
        # Ids grow with time. Where thousands tell the same, the newest are enough.
        query = select(col(CaseSketch.key), col(CaseSketch.case_id)).where(col(CaseSketch.key).in_(wanted))
        query = query.order_by(col(CaseSketch.case_id).desc()).limit(_MOST_FOUND * len(asked))
        found: dict[int, list[int]] = {}
        async with self._archive.reads() as session:
            for key, case_id in await session.execute(query):
                found.setdefault(key, []).append(case_id)
        return {keys: _newest(found, keys) for keys in asked} if found else {}

    async def list_members(self, case_id: int) -> list[CaseReporter]:
        """Who reported a case that several did, in the order in which they came; without those who left."""
        query = select(CaseReporter).where(col(CaseReporter.case_id) == case_id, col(CaseReporter.left_at).is_(None))
        async with self._archive.reads() as session:
            return list(
                (await session.execute(query.order_by(col(CaseReporter.joined_at), col(CaseReporter.id)))).scalars()
            )

    async def list_reporters(self, case: Case) -> list[Resident]:
        """Everybody who reported a case: whose case it is first, then whoever joined, in that order."""
        members = await self.list_members(case.id)
        ids = dict.fromkeys([*([case.resident_id] if case.resident_id else []), *(row.resident_id for row in members)])
        if not ids:
            return []
        async with self._archive.reads() as session:
            rows = (await session.execute(select(Resident).where(col(Resident.id).in_(ids)))).scalars()
            found = {row.id: row for row in rows}
        return [found[row_id] for row_id in ids if row_id in found]


def _newest(found: dict[int, list[int]], keys: Keys) -> list[int]:
    return sorted({case_id for key in keys for case_id in found.get(key, ())}, reverse=True)[:_MOST_FOUND]


def make_sketches(keys: Iterable[int], case: Case) -> list[CaseSketch]:
    """The rows by which later messages find the case."""
    # In the order of `columns_of`; a third of the time that `fresh` takes.
    return [from_line(CaseSketch, (case.id, key, case.opened_at)) for key in dict.fromkeys(keys)]


async def forget_sketches(archive: Archive, before: datetime) -> None:
    """Let go of the sketches of cases opened before `before`: nobody is asked about them any more."""
    statement = delete(CaseSketch).where(col(CaseSketch.opened_at) < before)
    async with archive.engine.execution_options(**WRITES).begin() as connection:
        await connection.execute(statement)
