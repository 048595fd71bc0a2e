"""查看联系方式: whoever works on a case sees what is masked elsewhere, and that he looked is in the history."""

from console.offers import Bench, Deed, says
from console.page import may_reveal
from grid.actions.steps import Decision
from grid.workflow import Refusal
from storage.plan import EventDraft, Plan

ACTION = "contact"


async def _reveal(bench: Bench) -> Decision:
    if not may_reveal(bench.visitor):
        return Refusal("只有办理这件工单的人可以查看联系方式。")
    viewed = EventDraft(bench.visitor.case.id, "viewed", bench.desk.now, bench.actor.key, {"what": "phone"})
    return Plan(events=[viewed])


DEED = Deed(
    ACTION, None, _reveal, lambda desk, visitor: None, says("联系方式已显示，查看记录已留存。"), versioned=False
)
