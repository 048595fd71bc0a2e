"""How a matter ends, and what comes after: 办结 with its outcome, 核查, 作废, 重开, 回访."""

import re

from grid.actions.callbacks import callback_why, record_callback
from grid.actions.checking import fail_check, pass_check
from grid.actions.closing import is_too_late, reopen, void
from grid.actions.handling import Ending, resolve
from grid.actions.opening import open_again
from grid.actions.routing import Sent
from grid.actions.steps import Decision
from grid.outcomes import Outcome
from grid.wording import moment, place_line, preview, rating_name, tag
from grid.workflow import Move, Status, find_refusal
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, is_coordinator, refuse, sent_line, tell
from handlers.worker.commands import Command
from handlers.worker.doing import carry_out, carry_out_on
from handlers.worker.outcomes import parse_outcome
from handlers.worker.selection import Chosen, choose, find_actor
from handlers.worker.whistle import hear_call_done
from storage.columns import GroupKind
from storage.tables import Case

_LISTED = 15


async def hear_resolve(talk: WorkerTalk, command: Command) -> Said:
    """办结 [number] [outcome] result; said by a department that was called, its part of the matter is done."""
    called = await hear_call_done(talk, command)
    if called is not None:
        return called
    chosen = await choose(talk, command, Move.RESOLVE)
    if isinstance(chosen, Said):
        return chosen
    said = parse_outcome(command.rest)
    ending = await _gather(talk, chosen.case, said.outcome, said.whose)
    return await carry_out_on(
        talk,
        chosen,
        command.rest,
        Move.RESOLVE,
        lambda one, resident: resolve(talk.desk, one.case, one.actor, resident, said.result, ending),
        lambda after, _: _resolved_line(after),
    )


async def _gather(talk: WorkerTalk, case: Case, outcome: Outcome, whose: str) -> Ending:
    follow = talk.books.followups
    return Ending(
        outcome=outcome,
        whose=whose,
        children=await follow.list_children(case.id),
        calls=await follow.list_calls(case.id),
        parent=await talk.books.find(Case, case.parent_id),
        callback_id=await talk.numbers.take_id(),
    )


def _resolved_line(case: Case) -> str:
    how = f"（{Outcome(case.outcome).label}）" if case.outcome != Outcome.SOLVED else ""
    if case.status == Status.CHECKING:
        return f"{tag(case)}已报办结{how}，等待核查；核查通过后告知居民。"
    told = "，已告知居民并请其评价。" if case.resident_id is not None else "。"
    later = "上级将安排回访。" if case.outcome == Outcome.UNSOLVABLE else ""
    return f"{tag(case)}已办结{how}{told}{later}"


_FAILS = re.compile(r"^(?:不通过|没通过|未通过|不合格|不行)")
_PASSES = re.compile(r"^(?:通过|合格|没问题|可以)")


async def hear_check(talk: WorkerTalk, command: Command) -> Said:
    """核查 通过|不通过 [number] [reason]."""
    fails = _FAILS.match(command.rest)
    if fails:
        reason = command.rest[fails.end() :].strip(" ,，。:：")
        return await carry_out(
            talk,
            command,
            Move.FAIL_CHECK,
            lambda chosen, _: fail_check(talk.desk, chosen.case, chosen.actor, reason),
            lambda after, _: f"{tag(after)}核查未通过，已退给{_handler_name(talk, after)}继续处置。",
        )
    if not _PASSES.match(command.rest):
        examples = f"{how_to(talk, '核查 通过 1123-08')}或{how_to(talk, '核查 不通过 1123-08 现场仍有积水')}"
        return refuse(f"请写明核查结果，例如：{examples}。")
    callback_id = await talk.numbers.take_id()
    return await carry_out(
        talk,
        command,
        Move.PASS_CHECK,
        lambda chosen, resident: pass_check(talk.desk, chosen.case, chosen.actor, resident, callback_id),
        lambda after, _: f"{tag(after)}核查通过，已办结{'并告知居民' if after.resident_id is not None else ''}。",
    )


def _handler_name(talk: WorkerTalk, case: Case) -> str:
    person = talk.desk.city.people.get(case.handler_id) if case.handler_id else None
    return person.name if person else "接单人"


async def hear_void(talk: WorkerTalk, command: Command) -> Said:
    """作废 number reason."""
    chosen = await choose(talk, command, Move.VOID)
    if isinstance(chosen, Said):
        return chosen
    children = await talk.books.followups.list_children(chosen.case.id)
    return await carry_out_on(
        talk,
        chosen,
        command.rest,
        Move.VOID,
        lambda one, resident: void(talk.desk, one.case, one.actor, resident, command.rest, children),
        lambda after, _: f"{tag(after)}已作废。",
    )


async def hear_reopen(talk: WorkerTalk, command: Command) -> Said:
    """重开 number reason: a coordinator finds that a matter was not solved; what ended long ago begins anew, linked."""
    chosen = await choose(talk, command, Move.REOPEN)
    if isinstance(chosen, Said):
        return chosen
    if _begins_anew(talk, chosen):
        return await _open_again(talk, chosen, command.rest)
    return await carry_out_on(
        talk,
        chosen,
        command.rest,
        Move.REOPEN,
        lambda one, _: reopen(talk.desk, one.case, one.actor, command.rest),
        lambda _, made: _reopened_line(talk, made),
    )


def _begins_anew(talk: WorkerTalk, chosen: Chosen) -> bool:
    case = chosen.case
    is_allowed = find_refusal(Move.REOPEN, Status(case.status), chosen.actor.parts) is None
    return is_allowed and is_too_late(talk.desk, case)


async def _open_again(talk: WorkerTalk, chosen: Chosen, words: str) -> Said:
    case = chosen.case
    case_id, serial = await talk.numbers.take_id(), await talk.numbers.take_serial(talk.desk.today)
    opened = open_again(talk.desk, case, chosen.actor, words, case_id, serial)
    days = talk.desk.house.reopen_for.days
    where = sent_line(talk.desk, Sent(opened.case, opened.plan, opened.route))
    return tell(f"工单 {case.number} 办结已超过{days}天，已新开关联工单。{where}", "opened", opened.plan, case_id)


def _reopened_line(talk: WorkerTalk, made: Decision | Sent) -> str:
    assert isinstance(made, Sent), "a case that is opened again is sent"
    return f"已重开。{sent_line(talk.desk, made)}"


_SATISFIED = (
    ("poor", re.compile(r"^(?:仍|还是|依然)?(?:不满意|不太满意|差|未解决|没解决)")),
    ("fair", re.compile(r"^(?:基本满意|比较满意|一般)")),
    ("good", re.compile(r"^(?:满意|很满意|非常满意|已解决)")),
)


async def hear_callback(talk: WorkerTalk, command: Command) -> Said:
    """回访: the queue; 回访 number 满意|基本满意|不满意 what he said: the call was made."""
    if not _may_call_back(talk):
        return refuse(f"回访由值班群或指挥员进行；本群的工单请回复{how_to(talk, '待办')}。")
    if command.number is None and not command.rest:
        return await _list_callbacks(talk)
    chosen = await choose(talk, command, Move.CALL_BACK)
    if isinstance(chosen, Said):
        return chosen
    callback = await talk.books.followups.find_callback(chosen.case.id)
    if callback is None:
        return refuse(f"工单 {chosen.case.number} 不在回访队列里；回复{how_to(talk, '回访')}查看队列。", chosen.case.id)
    found = next(
        ((code, pattern.match(command.rest)) for code, pattern in _SATISFIED if pattern.match(command.rest)), None
    )
    if found is None or found[1] is None:
        example = how_to(talk, f"回访 {chosen.case.number} 满意 居民表示已通水")
        return refuse(f"请写明满意、基本满意或不满意和回访情况，例如：{example}。", chosen.case.id)
    code, note = found[0], command.rest[found[1].end() :].strip(" ,，。:：")
    return await carry_out_on(
        talk,
        chosen,
        command.rest,
        Move.CALL_BACK,
        lambda one, _: record_callback(talk.desk, one.case, callback, one.actor, code, note),
        lambda after, _: _called_back_line(talk, after, code),
    )


def _called_back_line(talk: WorkerTalk, case: Case, code: str) -> str:
    more = f"要继续办理请回复{how_to(talk, f'重开 {case.number} 原因')}。" if code == "poor" else ""
    return f"{tag(case)}回访已记录：{rating_name(code)}。{more}"


def _may_call_back(talk: WorkerTalk) -> bool:
    return is_coordinator(talk) or (talk.group is not None and talk.group.kind is GroupKind.DUTY)


async def _list_callbacks(talk: WorkerTalk) -> Said:
    waiting = await talk.books.followups.list_callbacks()
    cases = await talk.books.followups.list_cases(one.case_id for one in waiting)
    mine = [
        one for one in waiting if (case := cases.get(one.case_id)) is not None and find_actor(talk, case) is not None
    ]
    if not mine:
        return tell("现在没有待回访的工单。", "listed")
    lines = []
    for one in mine[:_LISTED]:
        case = cases[one.case_id]
        late = "【超时】" if one.due_at is not None and one.due_at < talk.desk.now else ""
        until = f"限{moment(one.due_at, talk.desk.zone)}前" if one.due_at is not None else ""
        where = preview(place_line(case, talk.desk.city), 24)
        lines.append(f"{late}{case.number} {callback_why(one.why)} {where} {until}".rstrip())
    if len(mine) > _LISTED:
        lines.append(f"还有{len(mine) - _LISTED}件。")
    example = how_to(talk, f"回访 {cases[mine[0].case_id].number} 满意 情况")
    return tell("\n".join([f"待回访{len(mine)}件：", *lines, f"回访后请回复{example}。"]), "listed")
