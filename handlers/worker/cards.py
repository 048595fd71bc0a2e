"""Clicks on cards. A click on a card that is no longer how things stand shows how they stand, and changes nothing."""

from dataclasses import replace

from grid.actions.handling import accept
from grid.actions.joint import share_news
from grid.actions.steps import case_card, case_of_task, moment_of_task
from grid.wording import status_name, tag
from grid.workflow import Move, Refusal, Status
from handlers.reply import Reply, Said
from handlers.talk import WorkerTalk
from handlers.update import Event
from handlers.worker.answers import after_plan, how_to, refuse
from handlers.worker.moves import accepted_line, duty_phone
from handlers.worker.requests import hear_request_click
from handlers.worker.selection import Chosen, find_actor
from handlers.worker.verbs import Verb
from handlers.worker.views import describe
from storage.plan import Plan
from storage.tables import Case

# After any other move a card shows what is no longer so; a supplement or a picture changes nothing of it.
_CHANGES_NOTHING = frozenset(
    {
        *(Move.SUPPLEMENT, Move.HURRY, Move.ASK, Move.ANSWER, Move.EXTEND, Move.RECEIVE, Move.HANDLE),
        *(Move.REQUEST, Move.DECLINE, Move.CHILD, Move.CALL_BACK),
    }
)
_TURNS = frozenset(move.value for move in Move if move not in _CHANGES_NOTHING)


async def hear_click(talk: WorkerTalk, event: Event) -> Said:
    """A button of a case's card: 接单, 退回, 进度."""
    task = event.details.get("task_id", "")
    case = await talk.books.find(Case, case_of_task(task))
    actor = find_actor(talk, case) if case is not None else None
    if case is None or actor is None:
        return refuse(f"这张卡片的工单已不归本群办理；回复{how_to(talk, '待办')}可以看到现有的工单。")
    chosen = Chosen(case, actor)
    decided = await hear_request_click(talk, event.key)
    if decided is not None:
        return _show(talk, after_plan(case, decided.plan), task, decided.reply.text, decided.outcome, decided.plan)
    if event.key in ("accept", "return") and await _is_stale(talk, case, task):
        word = f"{tag(case)}这张卡片已过时，工单现在是{status_name(case.status)}{_holder(talk, case)}，没有改动。"
        return _show(talk, case, task, word, "stale")
    if event.key == "accept":
        return await _accept(talk, chosen, task)
    if event.key == "return":
        example = how_to(talk, f"{Verb.RETURN} {case.number} 不属本网格")
        return _show(talk, case, task, f"{tag(case)}退回要写原因，请回复：{example}。", "asked")
    text, plan = await describe(talk, chosen)
    return _show(talk, case, task, text, "viewed", plan)


async def _is_stale(talk: WorkerTalk, case: Case, task: str) -> bool:
    if case.status != Status.DISPATCHED or (talk.group is not None and case.group_id != talk.group.id):
        return True
    made_ms = moment_of_task(task)
    events = await talk.books.list_events(case.id)
    return made_ms is None or any(
        event.kind in _TURNS and int(event.at.timestamp() * 1000) > made_ms for event in events
    )


def _holder(talk: WorkerTalk, case: Case) -> str:
    person = talk.desk.city.people.get(case.handler_id) if case.handler_id else None
    return f"（{person.name}）" if person else ""


async def _accept(talk: WorkerTalk, chosen: Chosen, task: str) -> Said:
    case = chosen.case
    reporters = await talk.books.likeness.list_reporters(case)
    resident = reporters[0] if reporters else None
    decision = accept(talk.desk, case, chosen.actor, resident, duty_phone(talk, case))
    if isinstance(decision, Refusal):
        return _show(talk, case, task, decision.sentence, "refused")
    share_news(decision, case, reporters)
    after = after_plan(case, decision)
    return _show(talk, after, task, accepted_line(talk, after), Move.ACCEPT.value, decision)


def _show(talk: WorkerTalk, case: Case, task: str, text: str, outcome: str, plan: Plan | None = None) -> Said:
    # The platform wants the clicked card's own name back.
    card = replace(case_card(talk.desk, case), task_id=task)
    state = ("状态", f"{status_name(case.status)}{_holder(talk, case)}")
    return Said(Reply(text, replace(card, lines=(state, *card.lines))), outcome, plan or Plan(), case.id)
