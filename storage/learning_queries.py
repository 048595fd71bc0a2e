"""Corrections and lexicon versions: the questions to the archive, and the three writes that a version's life consists of."""

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from storage.archive import Archive
from storage.columns import VersionState
from storage.learning_tables import Correction, LexiconVersion
from storage.rows import columns_of, fresh, from_line, row_values
from storage.settings import set_facts
from storage.tables import Setting
from storage.writing import writing

LEXICON_VERSION = "lexicon_version"
"""The shared fact that moves whenever another version runs; every process looks at it."""


class LearningBooks:
    """What people corrected, and the versions made of it. At most one version is published; none means the shipped weights."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    async def list_corrections(self) -> list[Correction]:
        """All of them, oldest first."""
        query = select(*columns_of(Correction)).order_by(col(Correction.id))
        async with self._archive.reads() as session:
            return [from_line(Correction, line) for line in await session.execute(query)]

    async def list_versions(self) -> list[LexiconVersion]:
        """All versions, the newest first."""
        async with self._archive.reads() as session:
            lines = (await session.execute(_versions().order_by(col(LexiconVersion.number).desc()))).all()
        return [from_line(LexiconVersion, line) for line in lines]

    async def find_version(self, number: int) -> LexiconVersion | None:
        """The version with this number."""
        return next((one for one in await self.list_versions() if one.number == number), None)

    async def find_running(self) -> LexiconVersion | None:
        """The published version; None: the shipped weights run."""
        return next((one for one in await self.list_versions() if one.state is VersionState.PUBLISHED), None)

    async def find_fact(self) -> str:
        """What `LEXICON_VERSION` says now; empty when nothing was ever published."""
        async with self._archive.reads() as session:
            fact = await session.get(Setting, LEXICON_VERSION)
        return fact.value if fact is not None else ""

    async def add_draft(
        self, weights: Mapping[str, Any], figures: Mapping[str, Any], now: datetime, by: str, until: int | None
    ) -> LexiconVersion:
        """A new version, not used by anybody yet. `until`: the last correction that it has learned from."""
        async with writing(self._archive.engine) as connection:
            last = (await connection.execute(select(func.max(col(LexiconVersion.number))))).scalar()
            draft = fresh(
                LexiconVersion,
                number=(last or 0) + 1,
                state=VersionState.DRAFT,
                made_at=now,
                made_by=by,
                weights=dict(weights),
                figures=dict(figures),
                until_correction_id=until,
            )
            await connection.execute(insert(LexiconVersion), row_values(draft))
        return draft

    async def publish(self, number: int, now: datetime) -> bool:
        """Let this version run from now on, in all processes; whether there is such a version that does not run yet."""
        async with writing(self._archive.engine) as connection:
            await _move_fact(connection, now)
            found = (await connection.execute(_versions().where(col(LexiconVersion.number) == number))).first()
            if found is None or from_line(LexiconVersion, found).state is VersionState.PUBLISHED:
                return False
            await _set_state(connection, col(LexiconVersion.state) == VersionState.PUBLISHED, VersionState.RETIRED)
            await _set_state(connection, col(LexiconVersion.number) == number, VersionState.PUBLISHED, published_at=now)
        return True

    async def roll_back(self, now: datetime) -> tuple[int, int] | None:
        """Let the version before run again: (number taken back, number that runs now; 0 for the shipped weights). None: none ran.

        What was taken back keeps no time of publication, so that no later rollback ever returns to it.
        """
        async with writing(self._archive.engine) as connection:
            await _move_fact(connection, now)
            lines = (await connection.execute(_versions().where(col(LexiconVersion.published_at).is_not(None)))).all()
            published = [from_line(LexiconVersion, line) for line in lines]
            running = next((one for one in published if one.state is VersionState.PUBLISHED), None)
            if running is None:
                return None
            others = [one for one in published if one is not running]
            before = max(others, key=lambda one: (one.published_at, one.number), default=None)
            mine = col(LexiconVersion.number) == running.number
            await _set_state(connection, mine, VersionState.RETIRED, published_at=None)
            if before is not None:
                again = col(LexiconVersion.number) == before.number
                await _set_state(connection, again, VersionState.PUBLISHED)
        return running.number, before.number if before else 0


def _versions() -> Select[Any]:
    return select(*columns_of(LexiconVersion))


async def _move_fact(connection: AsyncConnection, now: datetime) -> None:
    """First of all: the fact's row is the lock between two who publish at the same moment."""
    await set_facts(connection, {LEXICON_VERSION: f"{now.isoformat()} {secrets.token_hex(6)}"})


async def _set_state(connection: AsyncConnection, which: Any, state: VersionState, **more: Any) -> None:
    await connection.execute(update(LexiconVersion).where(which).values(state=state, **more))
