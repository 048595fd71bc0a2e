"""How a matter came out, said honestly: closed is not always fixed."""

from enum import StrEnum


class Outcome(StrEnum):
    """The outcome code of a resolved case (`Case.outcome`)."""

    SOLVED = "solved"
    NOT_OURS = "not_ours"
    EXPLAINED = "explained"
    UNSOLVABLE = "unsolvable"

    @property
    def label(self) -> str:
        """The word that people read."""
        return _LABELS[self]

    @property
    def is_fixed(self) -> bool:
        """Whether what was reported is no longer so."""
        return self is Outcome.SOLVED


_LABELS = {
    Outcome.SOLVED: "已解决",
    Outcome.NOT_OURS: "不属我方",
    Outcome.EXPLAINED: "解释说明",
    Outcome.UNSOLVABLE: "无法解决",
}


def outcome_line(outcome: Outcome, number: str, result: str, whose: str) -> str:
    """The first line that the reporter reads when his case is closed: what became of it, and never more than that."""
    match outcome:
        case Outcome.SOLVED:
            return f"您反映的工单 {number} 已办结：{result}"
        case Outcome.NOT_OURS:
            return f"您反映的工单 {number} 经核实不属我方职责，应由{whose}办理，问题尚未解决：{result}"
        case Outcome.EXPLAINED:
            return f"您反映的工单 {number} 已答复（解释说明）：{result}"
        case Outcome.UNSOLVABLE:
            return f"很抱歉，您反映的工单 {number} 目前无法解决，原因：{result}\n我们会安排回访，听取您的意见。"
