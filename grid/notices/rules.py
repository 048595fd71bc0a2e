"""What an operator may change of the law of notices. Imports no other part of it: the desk itself carries these rules."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from storage.notice_columns import NoticeKind

SUSPECT_APPROVALS = 2
"""A suspect's notice is never sent on the word of fewer, whatever is configured."""

APPROVALS: Mapping[NoticeKind, int] = {
    NoticeKind.ANNOUNCEMENT: 1,
    NoticeKind.OUTAGE: 0,
    NoticeKind.ACTIVITY: 1,
    NoticeKind.TASK: 0,
    NoticeKind.WARNING: 1,
    NoticeKind.MISSING: 1,
    NoticeKind.SUSPECT: SUSPECT_APPROVALS,
    NoticeKind.FRAUD: 1,
}

REMIND_HOURS: Mapping[NoticeKind, float] = {
    NoticeKind.ANNOUNCEMENT: 24,
    NoticeKind.OUTAGE: 4,
    NoticeKind.ACTIVITY: 24,
    NoticeKind.TASK: 24,
    NoticeKind.WARNING: 1,
    NoticeKind.MISSING: 2,
    NoticeKind.SUSPECT: 1,
    NoticeKind.FRAUD: 24,
}


@dataclass(frozen=True, slots=True)
class NoticeRules:
    """`approvals`: how many persons other than the maker must agree; `remind_hours`: when the silent are asked again, 0 for never.

    `draft_for`: how long a draft waits for the next answer of its maker.
    """

    approvals: Mapping[NoticeKind, int] = field(default_factory=lambda: dict(APPROVALS))
    remind_hours: Mapping[NoticeKind, float] = field(default_factory=lambda: dict(REMIND_HOURS))
    draft_for: timedelta = timedelta(minutes=30)

    def count_approvals(self, kind: NoticeKind) -> int:
        """How many persons other than the maker must agree before a notice of this kind goes out."""
        wanted = self.approvals.get(kind, APPROVALS[kind])
        return max(wanted, SUSPECT_APPROVALS) if kind is NoticeKind.SUSPECT else wanted

    def remind_after(self, kind: NoticeKind) -> timedelta | None:
        """How long after the sending the silent are asked again; None: never."""
        hours = self.remind_hours.get(kind, REMIND_HOURS[kind])
        return timedelta(hours=hours) if hours else None
