"""`[notices]`: who must agree to which kind of notice, and when those who stay silent are asked again."""

from datetime import timedelta
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from grid.notices.rules import APPROVALS, REMIND_HOURS, SUSPECT_APPROVALS, NoticeRules
from storage.notice_columns import NoticeKind

_Approvals = Annotated[int, Field(ge=0, le=2)]
_Hours = Annotated[float, Field(ge=0, le=720, allow_inf_nan=False)]


class ApprovalSettings(BaseModel):
    """How many persons other than the maker must agree, by kind."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    announcement: _Approvals = APPROVALS[NoticeKind.ANNOUNCEMENT]
    outage: _Approvals = APPROVALS[NoticeKind.OUTAGE]
    activity: _Approvals = APPROVALS[NoticeKind.ACTIVITY]
    task: _Approvals = APPROVALS[NoticeKind.TASK]
    warning: _Approvals = APPROVALS[NoticeKind.WARNING]
    missing: _Approvals = APPROVALS[NoticeKind.MISSING]
    suspect: Annotated[int, Field(ge=SUSPECT_APPROVALS, le=2)] = SUSPECT_APPROVALS
    fraud: _Approvals = APPROVALS[NoticeKind.FRAUD]


class RemindSettings(BaseModel):
    """After how many hours the silent are asked again, by kind; 0: never. A task: so many hours before it is due."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    announcement: _Hours = REMIND_HOURS[NoticeKind.ANNOUNCEMENT]
    outage: _Hours = REMIND_HOURS[NoticeKind.OUTAGE]
    activity: _Hours = REMIND_HOURS[NoticeKind.ACTIVITY]
    task: _Hours = REMIND_HOURS[NoticeKind.TASK]
    warning: _Hours = REMIND_HOURS[NoticeKind.WARNING]
    missing: _Hours = REMIND_HOURS[NoticeKind.MISSING]
    suspect: _Hours = REMIND_HOURS[NoticeKind.SUSPECT]
    fraud: _Hours = REMIND_HOURS[NoticeKind.FRAUD]


class NoticeLawSettings(BaseModel):
    """The law of notices as far as an operator may change it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)

    draft_minutes: Annotated[float, Field(ge=1, le=1440)] = 30.0
    approvals: ApprovalSettings = ApprovalSettings()
    remind_hours: RemindSettings = RemindSettings()

    def make_rules(self) -> NoticeRules:
        """The rules that every decision carries."""
        return NoticeRules(
            approvals={NoticeKind(name): number for name, number in self.approvals.model_dump().items()},
            remind_hours={NoticeKind(name): hours for name, hours in self.remind_hours.model_dump().items()},
            draft_for=timedelta(minutes=self.draft_minutes),
        )
