"""The life of a notice as one table: which move is possible in which state, and where it leads."""

from enum import StrEnum

from grid.workflow import Refusal
from storage.notice_columns import NoticeState as S


class NoticeMove(StrEnum):
    """What can happen to a notice; the value is what its history keeps."""

    EDIT = "edit"
    SUBMIT = "submit"
    APPROVE = "approve"
    REFUSE = "refuse"
    CONFIRM = "confirm_residents"
    SCHEDULE = "schedule"
    CANCEL = "cancel"
    BEGIN = "begin"
    FINISH = "finish"
    RECALL = "recall"
    END = "end"
    RECEIVE = "receive"
    COMPLETE = "complete"

    @property
    def label(self) -> str:
        """The move's Chinese name."""
        return _LABELS[self]


_LABELS = {
    NoticeMove.EDIT: "修改",
    NoticeMove.SUBMIT: "提交",
    NoticeMove.APPROVE: "同意",
    NoticeMove.REFUSE: "不同意",
    NoticeMove.CONFIRM: "确认发给居民",
    NoticeMove.SCHEDULE: "定时",
    NoticeMove.CANCEL: "取消",
    NoticeMove.BEGIN: "发送",
    NoticeMove.FINISH: "发完",
    NoticeMove.RECALL: "撤回",
    NoticeMove.END: "结束",
    NoticeMove.RECEIVE: "回执",
    NoticeMove.COMPLETE: "完成",
}

OUT = frozenset({S.SENDING, S.SENT})
"""It is with people."""
OVER = frozenset({S.RECALLED, S.ENDED, S.REFUSED, S.CANCELLED})
"""Nothing happens to it any more."""
NOT_OUT = frozenset({S.DRAFT, S.WAITING, S.SCHEDULED})
"""Nobody but its makers knows of it yet."""

TABLE: dict[NoticeMove, tuple[frozenset[S], frozenset[S]]] = {
    # Whatever is changed must be agreed to again: it is a draft once more.
    NoticeMove.EDIT: (NOT_OUT, frozenset({S.DRAFT})),
    NoticeMove.SUBMIT: (frozenset({S.DRAFT}), frozenset({S.WAITING, S.SCHEDULED})),
    NoticeMove.APPROVE: (frozenset({S.WAITING}), frozenset({S.WAITING, S.SCHEDULED})),
    NoticeMove.REFUSE: (frozenset({S.WAITING}), frozenset({S.REFUSED})),
    NoticeMove.CONFIRM: (frozenset({S.WAITING}), frozenset({S.WAITING, S.SCHEDULED})),
    NoticeMove.SCHEDULE: (NOT_OUT, NOT_OUT),
    NoticeMove.CANCEL: (NOT_OUT, frozenset({S.CANCELLED})),
    NoticeMove.BEGIN: (frozenset({S.SCHEDULED}), frozenset({S.SENDING})),
    NoticeMove.FINISH: (frozenset({S.SENDING}), frozenset({S.SENT})),
    NoticeMove.RECALL: (OUT, frozenset({S.RECALLED})),
    NoticeMove.END: (OUT, frozenset({S.ENDED})),
    NoticeMove.RECEIVE: (OUT, OUT),
    NoticeMove.COMPLETE: (OUT, OUT),
}
"""Each move: the states it is possible in, and those it may lead to."""


def find_move_refusal(move: NoticeMove, state: S) -> Refusal | None:
    """Why `move` is not possible in `state`; None when it is."""
    if state in TABLE[move][0]:
        return None
    if move is NoticeMove.RECALL and state in NOT_OUT:
        return Refusal(f"这件通知现在是“{state.label}”，还没有发出，请用“取消”。")
    if move in (NoticeMove.EDIT, NoticeMove.SCHEDULE, NoticeMove.CANCEL) and state in OUT:
        return Refusal(f"这件通知现在是“{state.label}”，不能再{move.label}；需要收回请用“撤回通知”。")
    return Refusal(f"这件通知现在是“{state.label}”，不能{move.label}。")
