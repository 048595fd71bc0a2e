"""延期 and 挂账: a coordinator does it, a handler asks for it; 同意 and 不同意 by whoever steers above him."""

import re
from collections.abc import Sequence

from grid.actions.closing import suspend
from grid.actions.handling import extend, may_extend_alone
from grid.actions.requests import (
    APPROVE_KEY,
    DECLINE_KEY,
    Wish,
    ask_superior,
    decline,
    find_obstacle,
    grant,
    request_name,
)
from grid.wording import long_moment, tag
from grid.workflow import Move, Part, Refusal, Status
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse
from handlers.worker.commands import Command, find_numbers
from handlers.worker.doing import carry_out_on
from handlers.worker.selection import Chosen, choose, find_actor
from handlers.worker.spans import parse_span
from storage.columns import RequestKind
from storage.loop_tables import Request
from storage.tables import Case

_KINDS = (
    (RequestKind.EXTEND, re.compile(r"延期|延长|延时|延后")),
    (RequestKind.SUSPEND, re.compile(r"挂账|挂起|暂缓")),
)
_ASKED = re.compile(r"申请(?:延期|挂账)至|(?:延期|挂账)申请")
_EDGES = " \t,，。、;；:：【】"


async def hear_extend(talk: WorkerTalk, command: Command) -> Said:
    """延期 2天|3工作日 reason: done at once by a coordinator, or as far as a handler may; else asked for."""
    span, reason = parse_span(command.rest)
    if span is None:
        return refuse(
            f"请写明延长多久和原因，例如：{how_to(talk, '延期 2天 等配件')}或{how_to(talk, '延期 3工作日 等配件')}。"
        )
    chosen = await choose(talk, command, Move.EXTEND)
    if isinstance(chosen, Said):
        return chosen
    if _must_ask(talk, chosen, span):
        return await _ask(talk, chosen, Wish(RequestKind.EXTEND, span, reason), command.rest)
    return await carry_out_on(
        talk,
        chosen,
        command.rest,
        Move.EXTEND,
        lambda one, resident: extend(talk.desk, one.case, one.actor, resident, span, reason),
        lambda after, _: f"{tag(after)}已延期，{_due(talk, after)}前办结。",
    )


def _due(talk: WorkerTalk, case: Case) -> str:
    assert case.resolve_due_at is not None, "an extended case has its date"
    return long_moment(case.resolve_due_at, talk.desk.zone)


def _must_ask(talk: WorkerTalk, chosen: Chosen, span: str) -> bool:
    parts, due = chosen.actor.parts, chosen.case.resolve_due_at
    if Part.HANDLER not in parts or Part.COORDINATOR in parts or due is None:
        return False
    try:
        return not may_extend_alone(talk.desk, due, talk.desk.clocks.extend(due, span))
    except ValueError:
        # The action says what is wrong with the span.
        return False


async def hear_suspend(talk: WorkerTalk, command: Command) -> Said:
    """挂账 [30天] reason: done at once by a coordinator, asked for by the handler."""
    chosen = await choose(talk, command, Move.SUSPEND)
    if isinstance(chosen, Said):
        return chosen
    span, reason = parse_span(command.rest)
    parts = chosen.actor.parts
    if Part.HANDLER in parts and Part.COORDINATOR not in parts:
        limit = span or talk.desk.house.ladder.look_again
        return await _ask(talk, chosen, Wish(RequestKind.SUSPEND, limit, reason), command.rest)
    return await carry_out_on(
        talk,
        chosen,
        command.rest,
        Move.SUSPEND,
        lambda one, resident: suspend(talk.desk, one.case, one.actor, resident, reason, span or ""),
        lambda after, _: f"{tag(after)}已挂起；到期自动恢复，提前恢复请回复{how_to(talk, f'恢复 {after.number}')}。",
    )


async def _ask(talk: WorkerTalk, chosen: Chosen, wish: Wish, rest: str) -> Said:
    pending = await talk.books.followups.list_pending_requests(chosen.case.id)
    request_id = await talk.numbers.take_id()
    name = request_name(wish.kind)
    return await carry_out_on(
        talk,
        chosen,
        rest,
        Move.REQUEST,
        lambda one, _: ask_superior(talk.desk, one.case, one.actor, wish, request_id, pending),
        lambda after, _: f"{tag(after)}{name}申请已报上级，批复前仍按原时限办理。",
    )


def is_about_request(talk: WorkerTalk, command: Command) -> bool:
    """Whether 同意 or 不同意 is said of a request: it names what was asked for or a case, or quotes the question."""
    if _kind(command.rest) is not None or find_numbers(command.rest):
        return True
    quote = talk.update.quote.text if talk.update.quote else ""
    return command.number is not None and _ASKED.search(quote) is not None


def _kind(text: str) -> RequestKind | None:
    return next((kind for kind, words in _KINDS if words.match(text.lstrip(_EDGES))), None)


async def hear_decide(talk: WorkerTalk, command: Command, is_yes: bool) -> Said:
    """同意|不同意 [延期|挂账] [number] [reason]."""
    numbers = find_numbers(command.rest)
    number = numbers[0] if numbers else command.number
    kind = _kind(command.rest)
    if number is None:
        return await _the_only(talk, command, kind, is_yes)
    chosen = await choose(talk, Command(command.verb, number, ""), None)
    if isinstance(chosen, Said):
        return await _not_his(talk, number) or chosen
    pending = await talk.books.followups.list_pending_requests(chosen.case.id)
    found = [one for one in pending if kind is None or one.kind is kind]
    if not found:
        return refuse(_nothing_waits(chosen.case, kind), chosen.case.id)
    if len(found) > 1:
        names = "、".join(request_name(one.kind) for one in found)
        example = how_to(talk, f"{command.verb} {request_name(found[0].kind)} {number}")
        return refuse(
            f"工单 {number} 有{len(found)}项申请（{names}），请写明是哪一项，例如：{example}。", chosen.case.id
        )
    return await decide(talk, chosen, found[0], is_yes, _reason(command.rest))


async def _not_his(talk: WorkerTalk, number: str) -> Said | None:
    """What somebody hears who reads a request in the asked group, but steers nothing; None where nothing was asked there."""
    case = await talk.books.find_by_number(number)
    asked = await _list_asked_here(talk)
    kind = next((one.kind for one in asked if case is not None and one.case_id == case.id), None)
    return refuse(f"{request_name(kind)}申请须由上级指挥员批复。") if kind is not None else None


async def _list_asked_here(talk: WorkerTalk) -> Sequence[Request]:
    return await talk.books.followups.list_pending_of_group(talk.group.id) if talk.group is not None else ()


async def is_bare_decision(talk: WorkerTalk, command: Command) -> bool:
    """Whether a bare 同意 or 不同意 can only mean a request: one waits for this group, and nobody waits to be registered in it."""
    if command.rest.strip(_EDGES) or talk.group is None or not await _list_asked_here(talk):
        return False
    return not await talk.books.list_pending_workers([talk.group.area])


def _nothing_waits(case: Case, kind: RequestKind | None) -> str:
    name = request_name(kind) if kind is not None else "延期、挂账"
    return f"工单 {case.number} 现在{Status(case.status).label}，没有待批复的{name}申请。"


async def _the_only(talk: WorkerTalk, command: Command, kind: RequestKind | None, is_yes: bool) -> Said:
    """Without a number: the only request that waits for this group."""
    waiting = [one for one in await _list_asked_here(talk) if kind is None or one.kind is kind]
    cases = await talk.books.followups.list_cases(one.case_id for one in waiting)
    if len(waiting) == 1 and waiting[0].case_id in cases:
        case = cases[waiting[0].case_id]
        again = Command(command.verb, case.number, command.rest)
        return await hear_decide(talk, again, is_yes)
    if not waiting:
        return refuse("现在没有待批复的申请。")
    listed = "、".join(
        f"{request_name(one.kind)} {cases[one.case_id].number}" for one in waiting if one.case_id in cases
    )
    first = next(one for one in waiting if one.case_id in cases)
    example = how_to(talk, f"{command.verb} {request_name(first.kind)} {cases[first.case_id].number}")
    return refuse(f"有{len(waiting)}项申请待批复（{listed}），请写明工单号，例如：{example}。")


def _reason(rest: str) -> str:
    text = rest.lstrip(_EDGES)
    for _, words in _KINDS:
        found = words.match(text)
        text = text[found.end() :] if found else text
    for number in find_numbers(text):
        text = re.sub(rf"(?:【?\s*工单\s*)?{re.escape(number)}\s*】?", " ", text, count=1)
    return re.sub(r"^申请", "", text.strip(_EDGES)).strip(_EDGES)


async def decide(talk: WorkerTalk, chosen: Chosen, request: Request, is_yes: bool, reason: str) -> Said:
    """Grant or decline `request`, by somebody who steers above the asker."""
    desk, name = talk.desk, request_name(request.kind)
    if is_yes:
        move = Move.EXTEND if request.kind is RequestKind.EXTEND else Move.SUSPEND
        return await carry_out_on(
            talk,
            chosen,
            "",
            move,
            lambda one, resident: _by_superior(one, name) or grant(desk, one.case, request, one.actor, resident),
            lambda after, _: f"{tag(after)}已同意{name}，已告知办理人和居民。",
            is_told=True,
        )
    return await carry_out_on(
        talk,
        chosen,
        reason,
        Move.DECLINE,
        lambda one, _: _by_superior(one, name) or decline(desk, one.case, request, one.actor, reason),
        lambda after, _: f"{tag(after)}已答复不同意{name}，按原时限办理。",
    )


def _by_superior(chosen: Chosen, name: str) -> Refusal | None:
    if Part.COORDINATOR in chosen.actor.parts:
        return None
    return Refusal(f"{name}申请须由上级指挥员批复。")


async def hear_request_click(talk: WorkerTalk, key: str) -> Said | None:
    """A press of 同意 or 不同意 on a request's card; None for any other button."""
    is_yes = key.startswith(APPROVE_KEY)
    digits = key.removeprefix(APPROVE_KEY if is_yes else DECLINE_KEY)
    if digits == key or not (digits.isascii() and digits.isdigit()):
        return None
    request = await talk.books.find(Request, int(digits))
    case = await talk.books.find(Case, request.case_id) if request is not None else None
    actor = find_actor(talk, case) if case is not None else None
    if request is None or case is None or actor is None:
        return refuse("这项申请不归您批复。")
    chosen, name = Chosen(case, actor), request_name(request.kind)
    obstacle = _by_superior(chosen, name) or find_obstacle(case, request, actor)
    if obstacle is not None:
        return refuse(obstacle, case.id)
    if is_yes:
        return await decide(talk, chosen, request, True, "")
    example = how_to(talk, f"不同意 {name} {case.number} 请先临时处置")
    return Said(refuse(f"{tag(case)}不同意要写原因，请回复{example}。", case.id).reply, "asked", case_id=case.id)
