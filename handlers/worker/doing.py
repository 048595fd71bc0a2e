"""How every move of a worker is carried out: choose the case, decide, tell those who did not hear it."""

from collections.abc import Callable

from grid.actions.joint import share_news
from grid.actions.requests import lapse, moves_on
from grid.actions.routing import Sent
from grid.actions.steps import Decision, tell_group
from grid.message import Message
from grid.wording import masked, tag
from grid.workflow import Move, Refusal
from handlers.reply import Reply, Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import after_plan, refuse
from handlers.worker.commands import Command
from handlers.worker.selection import Chosen, choose
from storage.loop_tables import Request
from storage.plan import OutboxDraft, Plan
from storage.tables import Case, Resident

Decide = Callable[[Chosen, Resident | None], Decision | Sent]
Word = Callable[[Case, Decision | Sent], str]

# These tell the group that loses the case by themselves.
_TOLD_BY_ACTION = frozenset(
    {
        Move.RETURN,
        Move.TRANSFER,
        Move.ESCALATE,
        Move.DISPATCH,
        Move.VOID,
        Move.FAIL_CHECK,
        Move.REOPEN,
        Move.RECLASSIFY,
        Move.DECLINE,
        Move.PASS_CHECK,
        Move.CALL_BACK,
    }
)


async def carry_out(talk: WorkerTalk, command: Command, move: Move, decide: Decide, word: Word) -> Said:
    """Choose the case of `command`, make `move` by `decide`, answer with `word` (given the case as it will be)."""
    chosen = await choose(talk, command, move)
    if isinstance(chosen, Said):
        return chosen
    return await carry_out_on(talk, chosen, command.rest, move, decide, word)


async def carry_out_on(
    talk: WorkerTalk, chosen: Chosen, rest: str, move: Move, decide: Decide, word: Word, *, is_told: bool = False
) -> Said:
    """The same on a case that is chosen already. `is_told`: the decision tells the case's group by itself."""
    reporters = await talk.books.likeness.list_reporters(chosen.case)
    decision = decide(chosen, reporters[0] if reporters else None)
    if isinstance(decision, Refusal):
        return refuse(decision, chosen.case.id)
    plan = decision.plan if isinstance(decision, Sent) else decision
    share_news(plan, chosen.case, reporters)
    after = after_plan(chosen.case, plan)
    if moves_on(chosen.case, after):
        await _lapse_requests(talk, chosen.case, plan)
    plan.outbox += [] if is_told else _echo(talk, chosen, move, rest)
    return Said(Reply(word(after, decision)), move.value, plan, chosen.case.id)


async def _lapse_requests(talk: WorkerTalk, case: Case, plan: Plan) -> None:
    """What was asked on a case that moves on waits no longer; what this very plan decides is decided."""
    pending = await talk.books.followups.list_pending_requests(case.id)
    decided = {change.key for change in plan.changes if change.table is Request}
    plan.changes += lapse(talk.desk, [one for one in pending if one.id not in decided])


def _echo(talk: WorkerTalk, chosen: Chosen, move: Move, rest: str) -> list[OutboxDraft]:
    """What was said elsewhere (single chat, another group) is told in the case's own group, so that nobody does it twice."""
    here = talk.group.id if talk.group else None
    if chosen.case.group_id in (None, here) or move in _TOLD_BY_ACTION:
        return []
    said = f"：{masked(rest, 200)}" if rest else ""
    text = f"{tag(chosen.case)}{chosen.actor.name}已{move.label}{said}"
    return tell_group(talk.desk, chosen.case, Message("note", text))
