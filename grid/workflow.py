"""The law of a case's way: one table that says which move leads from where to where, and who may make it.

发现上报 → 受理 → 派单 → 接单 → 处置 → 核查 → 办结 → 评价 → 归档, and the side ways 退回, 转派, 请示 (for 挂起 and 延期), 提级, 子单,
作废, 合并, 拆分, 重开, 回访.
Everything that the table does not allow is refused; `tests/grid/test_workflow.py` walks both the table and its complement.
"""

from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """How far a case is."""

    TRIAGE = "triage"
    DISPATCHED = "dispatched"
    ACCEPTED = "accepted"
    HANDLING = "handling"
    SUSPENDED = "suspended"
    CHECKING = "checking"
    RESOLVED = "resolved"
    RATED = "rated"
    ARCHIVED = "archived"
    VOID = "void"
    MERGED = "merged"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        """The word that people read."""
        return _STATUS_LABELS[self]


_STATUS_LABELS = {
    Status.TRIAGE: "待研判",
    Status.DISPATCHED: "待接单",
    Status.ACCEPTED: "已接单",
    Status.HANDLING: "处置中",
    Status.SUSPENDED: "已挂起",
    Status.CHECKING: "待核查",
    Status.RESOLVED: "已办结",
    Status.RATED: "已评价",
    Status.ARCHIVED: "已归档",
    Status.VOID: "已作废",
    Status.MERGED: "已合并",
    Status.WITHDRAWN: "已撤销",
}


class Move(StrEnum):
    """What can be done with a case."""

    RECEIVE = "receive"
    DISPATCH = "dispatch"
    ACCEPT = "accept"
    HANDLE = "handle"
    RESOLVE = "resolve"
    PASS_CHECK = "pass_check"
    FAIL_CHECK = "fail_check"
    RATE = "rate"
    ARCHIVE = "archive"
    RETURN = "return"
    TRANSFER = "transfer"
    SUSPEND = "suspend"
    RESUME = "resume"
    EXTEND = "extend"
    ESCALATE = "escalate"
    VOID = "void"
    MERGE = "merge"
    SPLIT = "split"
    REOPEN = "reopen"
    WITHDRAW = "withdraw"
    HURRY = "hurry"
    SUPPLEMENT = "supplement"
    RECLASSIFY = "reclassify"
    ASK = "ask"
    ANSWER = "answer"
    REQUEST = "request"
    DECLINE = "decline"
    CHILD = "child"
    CALL_BACK = "call_back"

    @property
    def label(self) -> str:
        """The word that people use for it."""
        return _MOVE_LABELS[self]


_MOVE_LABELS = {
    Move.RECEIVE: "受理",
    Move.DISPATCH: "派单",
    Move.ACCEPT: "接单",
    Move.HANDLE: "处置",
    Move.RESOLVE: "办结",
    Move.PASS_CHECK: "核查通过",
    Move.FAIL_CHECK: "核查不通过",
    Move.RATE: "评价",
    Move.ARCHIVE: "归档",
    Move.RETURN: "退回",
    Move.TRANSFER: "转派",
    Move.SUSPEND: "挂起",
    Move.RESUME: "恢复",
    Move.EXTEND: "延期",
    Move.ESCALATE: "提级",
    Move.VOID: "作废",
    Move.MERGE: "合并",
    Move.SPLIT: "拆分",
    Move.REOPEN: "重开",
    Move.WITHDRAW: "撤销",
    Move.HURRY: "催办",
    Move.SUPPLEMENT: "补充",
    Move.RECLASSIFY: "改类别",
    Move.ASK: "问",
    Move.ANSWER: "回答",
    Move.REQUEST: "请示",
    Move.DECLINE: "不同意请示",
    Move.CHILD: "子单",
    Move.CALL_BACK: "回访",
}


class Part(StrEnum):
    """What somebody is to a case: one person may be several of these."""

    REPORTER = "reporter"
    MEMBER = "member"
    HANDLER = "handler"
    COORDINATOR = "coordinator"
    SYSTEM = "system"

    @property
    def label(self) -> str:
        """The word that people read in a refusal."""
        return _PART_LABELS[self]


_PART_LABELS = {
    Part.REPORTER: "反映人",
    Part.MEMBER: "本群网格员",
    Part.HANDLER: "接单人",
    Part.COORDINATOR: "上级指挥员",
    Part.SYSTEM: "系统",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """From any of `before` to one of `after` (empty: the status stays), by any of `by`."""

    before: frozenset[Status]
    after: frozenset[Status]
    by: frozenset[Part]


def _rule(before: str, after: str, by: str) -> Rule:
    return Rule(
        frozenset(Status(word) for word in before.split()),
        frozenset(Status(word) for word in after.split()),
        frozenset(Part(word) for word in by.split()),
    )


_LIVE = "triage dispatched accepted handling suspended checking"
_AT_WORK = "accepted handling"

RULES: dict[Move, Rule] = {
    # RECEIVE opens a case, so it comes from nowhere; `check_move` treats it apart.
    Move.RECEIVE: _rule("", "triage dispatched", "reporter member handler coordinator system"),
    Move.DISPATCH: _rule("triage dispatched", "dispatched", "system coordinator"),
    Move.ACCEPT: _rule("dispatched", "accepted", "member handler"),
    Move.HANDLE: _rule(_AT_WORK, "handling", "handler"),
    Move.RESOLVE: _rule(_AT_WORK, "checking resolved", "handler coordinator"),
    Move.PASS_CHECK: _rule("checking", "resolved", "coordinator system"),
    Move.FAIL_CHECK: _rule("checking", "handling", "coordinator"),
    Move.RATE: _rule("resolved", "rated", "reporter"),
    Move.ARCHIVE: _rule("resolved rated void merged withdrawn", "archived", "system"),
    Move.RETURN: _rule("dispatched accepted handling", "dispatched triage", "member handler coordinator"),
    Move.TRANSFER: _rule("dispatched accepted handling", "dispatched triage", "member handler coordinator"),
    Move.SUSPEND: _rule(_AT_WORK, "suspended", "coordinator"),
    # The system resumes when the day comes until which a case was suspended.
    Move.RESUME: _rule("suspended", "handling", "handler coordinator system"),
    # A handler may extend by himself only as far as `Checks.extension_without_approval` says; more he asks for (请示).
    Move.EXTEND: _rule(_AT_WORK, "", "handler coordinator"),
    Move.ESCALATE: _rule(
        "triage dispatched accepted handling", "dispatched triage", "member handler coordinator system"
    ),
    # The system voids the open children of what its reporter took back.
    Move.VOID: _rule("triage dispatched accepted handling suspended", "void", "coordinator system"),
    # The reporter may say himself that somebody has reported the same before him.
    Move.MERGE: _rule("triage dispatched accepted handling", "merged", "reporter coordinator"),
    Move.SPLIT: _rule("merged", "dispatched triage", "coordinator"),
    Move.REOPEN: _rule("resolved rated archived", "dispatched triage", "reporter coordinator"),
    Move.WITHDRAW: _rule("triage dispatched accepted handling", "withdrawn", "reporter"),
    Move.HURRY: _rule(_LIVE, "", "reporter"),
    Move.SUPPLEMENT: _rule(_LIVE, "", "reporter member handler coordinator"),
    Move.RECLASSIFY: _rule("triage dispatched", "dispatched triage", "reporter coordinator"),
    Move.ASK: _rule("dispatched accepted handling", "", "member handler coordinator"),
    Move.ANSWER: _rule(_LIVE, "", "reporter"),
    Move.REQUEST: _rule(_AT_WORK, "", "handler"),
    Move.DECLINE: _rule(_AT_WORK, "", "coordinator"),
    Move.CHILD: _rule("dispatched accepted handling", "", "member handler coordinator"),
    Move.CALL_BACK: _rule("resolved rated archived", "", "coordinator"),
}

# In these the matter is with somebody; in all others it has come to its end (a RESOLVED case waits for its rating only).
OPEN = frozenset(Status(word) for word in _LIVE.split())


@dataclass(frozen=True, slots=True)
class Refusal:
    """A move that is not allowed, in one sentence for the person who tried it."""

    sentence: str


def find_refusal(move: Move, status: Status, parts: frozenset[Part]) -> Refusal | None:
    """Why somebody who is `parts` to a case in `status` may not make `move`; None when he may."""
    rule = RULES[move]
    if status not in rule.before:
        return Refusal(f"工单{status.label}，现在不能{move.label}。{_possible(status, parts)}")
    if not rule.by & parts:
        allowed = "、".join(part.label for part in Part if part in rule.by and part is not Part.SYSTEM) or "系统"
        return Refusal(f"{move.label}须由{allowed}操作。{_possible(status, parts)}")
    return None


def list_moves(status: Status, parts: frozenset[Part]) -> list[Move]:
    """What somebody who is `parts` to a case in `status` may do now, in the order of the table."""
    return [move for move, rule in RULES.items() if status in rule.before and rule.by & parts]


def _possible(status: Status, parts: frozenset[Part]) -> str:
    moves = "、".join(move.label for move in list_moves(status, parts) if move is not Move.ARCHIVE)
    return f"现在可以：{moves}。" if moves else "现在无需操作。"
