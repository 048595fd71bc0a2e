"""The line of a message that leads to the case's page. Every message is true and whole without it."""

import re
from collections.abc import Sequence

from grid.desk import Desk
from storage.tables import Case

LINK_WORD = "详情："
"""How such a line begins; it ends with the address, so that no client takes a mark for a part of it."""
_LINK_LINE = re.compile(rf"{LINK_WORD}https?://\S+/c/[0-9A-Za-z]+")


def _line(address: str) -> str:
    return f"{LINK_WORD}{address}" if address else ""


def group_link(desk: Desk, case: Case) -> str:
    """`详情：…` for whoever is told of a case: a group reads along, so it is the reading link.

    A complaint about conduct goes to its contact's single chat, and no address of it is good for anybody else. Empty for none.
    """
    if not case.conduct:
        return _line(desk.links.for_group(case.id, desk.now))
    return worker_link(desk, case, case.handler_id) if case.handler_id is not None else ""


def resident_link(desk: Desk, case: Case, resident_id: int | None) -> str:
    """`详情：…` for one of the people who reported the case; empty for none."""
    return _line(desk.links.for_resident(case.id, resident_id, desk.now)) if resident_id is not None else ""


def worker_link(desk: Desk, case: Case, worker_id: int | None) -> str:
    """`详情：…` with which this worker may act: for his single chat only. Empty for none."""
    return _line(desk.links.for_worker(case.id, worker_id, desk.now)) if worker_id is not None else ""


def without_links(lines: Sequence[str]) -> list[str]:
    """The lines for somebody else than the one whom the links were made for."""
    return [line for line in lines if not _LINK_LINE.fullmatch(line)]
