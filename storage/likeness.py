"""Finding open cases by their sketches, and who reported a case: the questions of likeness to the archive."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, select
from sqlmodel import col

from storage.archive import Archive
from storage.loader import Loader
from storage.rows import columns_of, from_line
from storage.tables import Case, CaseReporter, CaseSketch, Resident
from storage.writing import writing

Keys = tuple[int, ...]
_MOST_FOUND = 8
"""Candidates of one message: the newest."""
_LATE_WRITERS = timedelta(minutes=1)
"""A process may write a case this long after the moment that the case says."""


class Likeness:
    """Looks for like cases and for joint reporters; look-ups of sketches that come while one runs share the next query."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._loader: Loader[Keys, list[Case]] = Loader(self._read)
        # The keys that the index holds, once `follow` has been called: most messages are like nothing, and need no query then.
        self._known: set[int] | None = None
        self._followed_to: datetime | None = None

    async def follow(self) -> None:
        """Learn which keys the index holds; called again it reads what any process has added since."""
        query = select(col(CaseSketch.key), col(CaseSketch.opened_at))
        if self._known is not None and self._followed_to is not None:
            query = query.where(col(CaseSketch.opened_at) > self._followed_to - _LATE_WRITERS)
        async with self._archive.reads() as session:
            lines = (await session.execute(query)).all()
        self._known = self._known or set()
        self._known.update(key for key, _ in lines)
        self._followed_to = max((at for _, at in lines), default=self._followed_to)

    async def forget(self, before: datetime) -> None:
        """Let go of the sketches of cases opened before `before`: nobody is asked about them any more."""
        statement = delete(CaseSketch).where(col(CaseSketch.opened_at) < before)
        async with writing(self._archive.engine) as connection:
            await connection.execute(statement)
        self._known = self._followed_to = None
        await self.follow()

    def make_sketches(self, keys: Iterable[int], case: Case) -> list[CaseSketch]:
        """The rows by which later messages find the case."""
        keys = dict.fromkeys(keys)
        if self._known is not None:
            self._known.update(keys)
        # In the order of `columns_of`; a third of the time that `fresh` takes.
        return [from_line(CaseSketch, (case.id, key, case.opened_at)) for key in keys]

    async def list_alike(self, keys: Keys, since: datetime) -> list[Case]:
        """Open cases opened after `since` that share a key with `keys`, newest first."""
        if not keys or (self._known is not None and self._known.isdisjoint(keys)):
            return []
        found = await self._loader.load(keys)
        return [case for case in found or () if case.opened_at > since]

    async def _read(self, asked: Sequence[Keys]) -> dict[Keys, list[Case]]:
        return await self._archive.reading.run(_read_alike, asked)

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


def _read_alike(connection: Connection, asked: Sequence[Keys]) -> dict[Keys, list[Case]]:
    sharing = _read_sketches(connection, asked)
    ids = {keys: _newest(sharing, keys) for keys in asked} if sharing else {}
    wanted = {case_id for some in ids.values() for case_id in some}
    if not wanted:
        return {}
    query = select(*columns_of(Case)).where(col(Case.id).in_(wanted), col(Case.is_open))
    cases = {line.id: from_line(Case, line) for line in connection.execute(query)}
    return {keys: [cases[case_id] for case_id in some if case_id in cases] for keys, some in ids.items()}


def _read_sketches(connection: Connection, asked: Sequence[Keys]) -> dict[int, list[int]]:
    wanted = {key for keys in asked for key in keys}
    # Ids grow with time. Where thousands tell the same, the newest are enough.
    query = select(col(CaseSketch.key), col(CaseSketch.case_id)).where(col(CaseSketch.key).in_(wanted))
    query = query.order_by(col(CaseSketch.case_id).desc()).limit(_MOST_FOUND * len(asked))
    found: dict[int, list[int]] = {}
    for key, case_id in connection.execute(query):
        found.setdefault(key, []).append(case_id)
    return found


def _newest(found: dict[int, list[int]], keys: Keys) -> list[int]:
    return sorted({case_id for key in keys for case_id in found.get(key, ())}, reverse=True)[:_MOST_FOUND]
