"""Making the addresses that messages carry: `grid.links.Links` with a key and a public address."""

from datetime import datetime

from console.tickets import Scope, Ticket, TicketKey, last_day

PATH = "/c/"
MINE = "my/"
EXPORT_DAYS = 1
"""All that somebody ever told is behind this one: whoever asked reads it today."""
WORKER_DAYS = 7
"""A worker's link can act, so it lives a week at most; each answer in his single chat brings a fresh one."""


class PageLinks:
    """Links of one house; `days`: how long a link that cannot act for a worker is good."""

    def __init__(self, key: TicketKey, public_url: str, days: int) -> None:
        self._key, self._base, self._days = key, public_url.rstrip("/") + PATH, days

    def for_group(self, case_id: int, now: datetime) -> str:
        """An address that anybody may read."""
        return self._make(Scope.READ, case_id, 0, now, self._days)

    def for_resident(self, case_id: int, resident_id: int, now: datetime) -> str:
        """An address for one of the people who reported the case."""
        return self._make(Scope.RESIDENT, case_id, resident_id, now, self._days)

    def for_worker(self, case_id: int, worker_id: int, now: datetime) -> str:
        """An address with which this worker may act."""
        return self._make(Scope.WORKER, case_id, worker_id, now, min(self._days, WORKER_DAYS))

    def for_export(self, resident_id: int, now: datetime) -> str:
        """An address at which a resident reads all that is kept of him; it names no case."""
        ticket = Ticket(Scope.EXPORT, 0, resident_id, last_day(now, EXPORT_DAYS))
        return f"{self._base}{MINE}{self._key.seal(ticket)}"

    def _make(self, scope: Scope, case_id: int, subject: int, now: datetime, days: int) -> str:
        return self._base + self._key.seal(Ticket(scope, case_id, subject, last_day(now, days)))
