"""Addresses of a case's page, as messages carry them. Who may do what with each, and how they are made: `console.links`."""

from datetime import datetime
from typing import Protocol


class Links(Protocol):
    """What message makers need of the case page: an address for each kind of reader, empty where there is no page."""

    def for_group(self, case_id: int, now: datetime) -> str:
        """An address that anybody may read: masked, and nothing can be done with it."""
        ...

    def for_resident(self, case_id: int, resident_id: int, now: datetime) -> str:
        """An address for one of the people who reported the case."""
        ...

    def for_worker(self, case_id: int, worker_id: int, now: datetime) -> str:
        """An address with which this worker may act; it belongs in his single chat and nowhere else."""
        ...

    def for_export(self, resident_id: int, now: datetime) -> str:
        """An address at which a resident reads all that is kept of him; good for a day."""
        ...


class NoLinks:
    """A house without a public address: no message carries a link."""

    def for_group(self, case_id: int, now: datetime) -> str:
        """No address."""
        return ""

    def for_resident(self, case_id: int, resident_id: int, now: datetime) -> str:
        """No address."""
        return ""

    def for_worker(self, case_id: int, worker_id: int, now: datetime) -> str:
        """No address."""
        return ""

    def for_export(self, resident_id: int, now: datetime) -> str:
        """No address."""
        return ""


NO_LINKS: Links = NoLinks()
