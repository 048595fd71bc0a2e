"""Supervision sheets as a case's history tells them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from lab.checker_rows import CaseRow, EventRow, MessageRow
from lab.checker_rules import COLOURS


@dataclass(frozen=True, slots=True)
class Issued:
    """A sheet as the history tells it; `signed_at`: 签收; `spoken_at`: when it was answered or settled."""

    number: str
    stage: str
    colour: str
    level: str
    at: datetime
    due: datetime
    target: str
    signed_at: datetime | None
    spoken_at: datetime | None

    @property
    def height(self) -> int:
        """How grave: 0 is blue."""
        return COLOURS.index(self.colour)


_SHEET_NUMBER = re.compile(r"督\d{4}-\d+")


def find_said(messages: Sequence[MessageRow], *kinds: str) -> frozenset[str]:
    """The sheets that are named in messages of these kinds; one message may name several."""
    texts = (message.text for message in messages if message.kind in kinds)
    return frozenset(number for text in texts for number in _SHEET_NUMBER.findall(text))


def list_issued(events: Sequence[EventRow]) -> list[Issued]:
    """The sheets of a case, in the order of their issue."""
    return [_read(event, events) for event in events if event.kind == "sheet_issued"]


def _read(event: EventRow, events: Sequence[EventRow]) -> Issued:
    told = event.payload

    def first(*kinds: str) -> datetime | None:
        own = (one for one in events if one.kind in kinds and one.payload.get("number") == told["number"])
        return min((one.at for one in own), default=None)

    return Issued(
        number=str(told["number"]),
        stage=str(told["stage"]),
        colour=str(told["colour"]),
        level=str(told["level"]),
        at=event.at,
        due=datetime.fromisoformat(told["due"]),
        target=str(told.get("target", "")),
        signed_at=first("sheet_acknowledged"),
        spoken_at=first("sheet_answered", "sheet_written_off"),
    )


class Areas:
    """Where a case lay at a moment, as its history has it."""

    def __init__(self, case: CaseRow, events: Sequence[EventRow]) -> None:
        self._last = case.area
        self._steps = [(event.at, event.payload["area"]) for event in events if event.payload.get("area")]

    def at(self, moment: datetime) -> str | None:
        """The area's code; what the case ended with where the history names none."""
        known = [area for at, area in self._steps if at <= moment]
        return str(known[-1]) if known else self._last
