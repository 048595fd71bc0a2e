"""Findings on dates that moved: a new calendar moves them later only, and says so."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from lab.checker_finding import Figure, Finding
from lab.checker_issued import Issued, list_issued
from lab.checker_rows import CaseRow, EventRow


def find_moved_earlier(case: CaseRow, events: Sequence[EventRow]) -> Iterator[Finding]:
    """A new calendar moves a date later only, and says so."""
    for event in events:
        if event.kind != "replanned":
            continue
        was, due = (datetime.fromisoformat(event.payload[key]) for key in ("was", "due"))
        if due < was:
            yield Finding(Figure.MOVED_EARLIER, case.number, event.at, f"{event.payload.get('stage')}: {was} → {due}")
        if not event.payload.get("note"):
            yield Finding(Figure.MOVED_EARLIER, case.number, event.at, "moved without a note")
    yield from _find_shrunk(case, list_issued(events))


def _find_shrunk(case: CaseRow, sheets: Sequence[Issued]) -> Iterator[Finding]:
    last: Mapping[str, Issued] = {}
    for sheet in sheets:
        before = last.get(sheet.stage)
        if before is not None and sheet.height > before.height and sheet.due < before.due:
            yield Finding(Figure.MOVED_EARLIER, case.number, sheet.at, f"{sheet.stage}: {before.due} → {sheet.due}")
        last = {**last, sheet.stage: sheet}
