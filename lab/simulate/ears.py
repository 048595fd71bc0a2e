"""Ears in place of delivery: they take what is due out of the outbox, mark it as sent at this moment, and say who heard what.

They ask the file itself, in plain SQL: they ask after every deed of anybody's, and would cost more than the service otherwise.
"""

import json
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from lab.simulate.town import Heard

VIA = "simulation"
_WAITING = (
    "SELECT id, target, kind, body, case_id FROM outbox "
    "INDEXED BY ix_outbox_state WHERE state = 'queued' AND due_at <= ? ORDER BY id"
)
_SENT = "UPDATE outbox SET state = 'sent', sent_at = ?, sent_via = ? WHERE id = ?"
_DUE = (
    "SELECT min(due_at) FROM outbox INDEXED BY ix_outbox_state WHERE state = 'queued' AND due_at > ?",
    'SELECT min(next_step_at) FROM "case" WHERE next_step_at > ?',
    "SELECT min(arrive_due_at) FROM whistle_call WHERE arrive_due_at > ?",
    "SELECT min(due_at) FROM callback WHERE due_at > ?",
)


class Ears:
    """Reads and marks over a connection of its own; the service is never at work meanwhile. `file`: the service's database."""

    def __init__(self, file: Path) -> None:
        self._connection = sqlite3.connect(file, isolation_level=None)
        self._groups: dict[str, str] = {}

    def load_groups(self) -> None:
        """Learn the groups' names."""
        rows = self._connection.execute("SELECT id, key FROM work_group")
        self._groups = {f"group:{row_id}": f"group:{key}" for row_id, key in rows}

    def take(self, now: datetime) -> list[Heard]:
        """What is due by `now`, in the order of writing; marked as sent."""
        rows = self._connection.execute(_WAITING, (_render(now),)).fetchall()
        if not rows:
            return []
        self._connection.execute("BEGIN IMMEDIATE")
        self._connection.executemany(_SENT, [(_render(now), VIA, row[0]) for row in rows])
        self._connection.execute("COMMIT")
        return [self._hear(*row[1:]) for row in rows]

    def _hear(self, target: str, kind: str, body: str, case_id: int | None) -> Heard:
        message = json.loads(body)
        return Heard(self._groups.get(target, target), kind, message["text"], case_id, bool(message["urgent"]))

    def find_due(self, after: datetime) -> datetime | None:
        """The next moment behind `after` at which something in the archive wants to be done; None when nothing does.

        What was due before and stays due, however often the service looks, must not hold up the clock.
        """
        found = [self._connection.execute(query, (_render(after),)).fetchone()[0] for query in _DUE]
        return min((_parse(moment) for moment in found if moment is not None), default=None)

    def close(self) -> None:
        """Let go of the connection."""
        self._connection.close()


def _render(moment: datetime) -> str:
    """As the archive keeps a moment on SQLite: UTC without its zone."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(" ", "microseconds")


def _parse(stored: str) -> datetime:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC)
