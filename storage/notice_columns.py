"""Stored enums of notices."""

from enum import StrEnum


class NoticeKind(StrEnum):
    """What a notice is; each kind has its own form, rules and look."""

    ANNOUNCEMENT = "announcement"
    OUTAGE = "outage"
    ACTIVITY = "activity"
    TASK = "task"
    WARNING = "warning"
    MISSING = "missing"
    SUSPECT = "suspect"
    FRAUD = "fraud"

    @property
    def label(self) -> str:
        return _KIND_LABELS[self]


_KIND_LABELS = {
    NoticeKind.ANNOUNCEMENT: "通知公告",
    NoticeKind.OUTAGE: "停水停电停暖",
    NoticeKind.ACTIVITY: "活动报名",
    NoticeKind.TASK: "任务",
    NoticeKind.WARNING: "预警",
    NoticeKind.MISSING: "寻人",
    NoticeKind.SUSPECT: "协查通报",
    NoticeKind.FRAUD: "防诈提醒",
}


class NoticeState(StrEnum):
    """The life of a notice. Waiting: for approvals. Scheduled: approved, its time has not come. Ended: by its own end date."""

    DRAFT = "draft"
    WAITING = "waiting"
    SCHEDULED = "scheduled"
    SENDING = "sending"
    SENT = "sent"
    RECALLED = "recalled"
    ENDED = "ended"
    REFUSED = "refused"
    CANCELLED = "cancelled"

    @property
    def label(self) -> str:
        return _STATE_LABELS[self]


_STATE_LABELS = {
    NoticeState.DRAFT: "草稿",
    NoticeState.WAITING: "待审批",
    NoticeState.SCHEDULED: "待发送",
    NoticeState.SENDING: "发送中",
    NoticeState.SENT: "已发送",
    NoticeState.RECALLED: "已撤回",
    NoticeState.ENDED: "已到期",
    NoticeState.REFUSED: "未批准",
    NoticeState.CANCELLED: "已取消",
}


class TargetState(StrEnum):
    """How a notice stands with one group or resident.

    Left: there is no way to reach him now, `reason` says why. Stopped: recalled before it was sent.
    """

    WAITING = "waiting"
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    LEFT = "left"
    STOPPED = "stopped"


class SignupState(StrEnum):
    """Where somebody stands who signed up for an activity."""

    IN = "in"
    WAITING = "waiting"
    OUT = "out"
