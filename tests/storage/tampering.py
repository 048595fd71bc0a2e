"""What somebody with a database console would do to the archive."""

from dataclasses import dataclass

from storage.archive import Archive
from storage.plan import Plan
from tests.storage.builders import make_event, open_case


async def tamper(archive: Archive, *statements: str) -> None:
    """Change the database as somebody with a database console would."""
    async with archive.engine.begin() as connection:
        for statement in statements:
            await connection.exec_driver_sql(statement)


async def fill(archive: Archive, cases: int = 5, events: int = 4) -> None:
    """Cases 1 to `cases`, each with so many links."""
    for n in range(1, cases + 1):
        await archive.committer.commit(open_case(n, events=events))


async def move(archive: Archive, *case_ids: int) -> None:
    for case_id in case_ids:
        await archive.committer.commit(Plan(events=[make_event(case_id)]))


def cut(seq: int) -> str:
    return f"DELETE FROM case_event WHERE case_id = 3 AND seq = {seq}"


def change(assignment: str, seq: int = 2) -> str:
    return f"UPDATE case_event SET {assignment} WHERE case_id = 3 AND seq = {seq}"


@dataclass(frozen=True)
class Tampering:
    """What somebody does, and what the audit must say of it."""

    name: str
    statements: tuple[str, ...]
    seq: int
    kind: str
    what: str
