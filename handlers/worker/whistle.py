"""吹哨 departments [reason]; 报到 and 完成: what the called people answer when they are there, and when their part is done."""

import re
from collections.abc import Sequence

from grid.actions.steps import Decision
from grid.actions.whistle import arrive, finish_call, whistle
from grid.departments import Department, find_departments, list_department_names, neighbour
from grid.desk import Actor, worker_on
from grid.wording import long_moment, tag
from grid.workflow import Refusal
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.commands import Command
from handlers.worker.naming import take_area
from handlers.worker.selection import Chosen, choose
from storage.columns import GroupKind, PostRole
from storage.loop_tables import WhistleCall
from storage.plan import Plan
from storage.tables import Case

_MOST_AT_ONCE = 6
_NAME_ENDS = re.compile(r"[\s、,，和及+＋;；]+")


async def hear_whistle(talk: WorkerTalk, command: Command) -> Said:
    """吹哨 [number] department[、department …] [reason]; a neighbouring grid can be called by its name."""
    if not command.rest:
        return refuse(f"请写明部门和原因，例如：{how_to(talk, '吹哨 住建局 需关闭总阀')}。")
    chosen = await choose(talk, command, None)
    if isinstance(chosen, Said):
        return chosen
    found = take_departments(talk, command.rest, chosen.case)
    if isinstance(found, str):
        return refuse(found, chosen.case.id)
    return await _blow(talk, chosen, *found)


def take_departments(talk: WorkerTalk, text: str, case: Case) -> tuple[list[Department], str] | str:
    """The departments and grids that `text` begins with, and what follows; or the sentence that asks which ones are meant."""
    city, area = talk.desk.city, case.area_code
    taken: list[Department] = []
    rest = text
    while rest and len(taken) < _MOST_AT_ONCE:
        named = take_area(city, rest, area)
        called = neighbour(city, named.area.code) if named.area is not None else None
        if called is not None:
            taken.append(called)
            rest = named.rest
            continue
        name, after = _first_word(rest)
        found = find_departments(city, area, name) if len(name) > 1 else []
        if len(found) != 1:
            return (taken, rest) if taken else _which_department(talk, found, area, name)
        taken.append(found[0])
        rest = after
    return list({one.name: one for one in taken}.values()), rest


def _first_word(text: str) -> tuple[str, str]:
    parts = _NAME_ENDS.split(text.strip(), maxsplit=1)
    return parts[0], parts[1] if len(parts) > 1 else ""


async def _blow(talk: WorkerTalk, chosen: Chosen, departments: Sequence[Department], reason: str) -> Said:
    case = chosen.case
    calls = await talk.books.followups.list_calls(case.id)
    plan, done, refused = Plan(), [], []
    for department in departments:
        call_id = await talk.numbers.take_id()
        made = whistle(talk.desk, case, chosen.actor, department, reason.strip(), calls, call_id)
        if isinstance(made, Refusal):
            refused.append(made.sentence)
        else:
            done.append(department.name)
            plan = plan.merge(made)
    if not done:
        return refuse("\n".join(dict.fromkeys(refused)), case.id)
    due = next(row.arrive_due_at for row in plan.rows if isinstance(row, WhistleCall))
    until = f"（限{long_moment(due, talk.desk.zone)}前报到）" if due is not None else ""
    text = f"{tag(case)}已向{'、'.join(f'“{name}”' for name in done)}吹哨{until}，对方报到后会告诉本群。"
    return tell("\n".join([text, *refused]), "whistle", plan, case.id)


def _which_department(talk: WorkerTalk, found: Sequence[Department], area: str | None, name: str) -> str:
    if found:
        names = "、".join(one.name for one in found)
        return (
            f"“{name}”对应{len(found)}个部门：{names}。请写全名，例如：{how_to(talk, f'吹哨 {found[0].name} 原因')}。"
        )
    names = "、".join(list_department_names(talk.desk.city, area))
    if not names:
        return f"上级还没有可以吹哨的部门席位群；可以回复{how_to(talk, '提级 原因')}请上级协调。"
    return f"没有找到“{name}”。可以吹哨的部门：{names}；也可以写相邻网格的名字。"


async def hear_arrive(talk: WorkerTalk, command: Command) -> Said:
    """报到 number: by somebody of the department that was called."""
    number = command.number or await _the_only_call(talk)
    if number is None or number.startswith("#"):
        return refuse(f"请写明工单号，例如：{how_to(talk, '报到 1123-08')}。")
    case = await talk.books.find_by_number(number)
    found = await find_call(talk, case) if case is not None else None
    if case is None or found is None:
        return refuse(f"工单 {number} 没有向您的部门吹哨；请核对工单号，例如：{how_to(talk, '报到 1123-08')}。")
    actor, call = found
    made = arrive(talk.desk, case, actor, call)
    return _answer(made, case, f"{tag(case)}已报到，已告知办理群。", "arrive")


async def _the_only_call(talk: WorkerTalk) -> str | None:
    """The number of the only case that this group is called to and nobody has come to yet."""
    calls = await talk.books.followups.list_open_calls(talk.group.id) if talk.group is not None else ()
    waiting = {call.case_id for call in calls if call.arrived_at is None}
    case = await talk.books.find(Case, waiting.pop()) if len(waiting) == 1 else None
    return case.number if case is not None else None


async def hear_call_done(talk: WorkerTalk, command: Command) -> Said | None:
    """完成 [number] what was done: by a called department; None where nobody called the speaker, so that it means 办结."""
    case = await _find_called(talk, command.number)
    found = await find_call(talk, case) if case is not None else None
    if case is None or found is None:
        return None
    actor, call = found
    if case.handler_id is not None and case.handler_id == actor.id:
        return None
    made = finish_call(talk.desk, case, actor, call, command.rest)
    return _answer(
        made, case, f"{tag(case)}{call.department}的任务已完成，已告知办理群；工单由办理人办结。", "call_done"
    )


def _answer(made: Decision, case: Case, text: str, outcome: str) -> Said:
    return refuse(made, case.id) if isinstance(made, Refusal) else tell(text, outcome, made, case.id)


async def _find_called(talk: WorkerTalk, number: str | None) -> Case | None:
    """The case of that number; without one, in a department's group, the only case that it was called to."""
    if number is not None and not number.startswith("#"):
        return await talk.books.find_by_number(number)
    if number is not None or talk.group is None or talk.group.kind is not GroupKind.DEPARTMENT:
        return None
    if await talk.books.list_open_in_group(talk.group.id, most=1):
        return None
    cases = {call.case_id for call in await talk.books.followups.list_open_calls(talk.group.id)}
    return await talk.books.find(Case, cases.pop()) if len(cases) == 1 else None


async def find_call(talk: WorkerTalk, case: Case) -> tuple[Actor, WhistleCall] | None:
    """The call to `case` that the speaker may answer, an unanswered one first, and what he is to the case."""
    actor = worker_on(talk.desk.city, case, talk.update.person, None)
    if case.conduct or actor is None:
        return None
    calls = [call for call in await talk.books.followups.list_calls(case.id) if _is_called(talk, call)]
    # One that still waits, else one that is at work, else the last.
    calls.sort(key=lambda call: (call.done_at is not None, call.arrived_at is not None, -call.id))
    return (actor, calls[0]) if calls else None


def _is_called(talk: WorkerTalk, call: WhistleCall) -> bool:
    """Spoken in the called group, or by one of the called people, or by somebody with a seat where that group is."""
    if talk.group is not None and talk.group.id == call.group_id:
        return True
    person = talk.person
    if person is None:
        return False
    if person.id in call.worker_ids:
        return True
    group = talk.desk.city.groups.get(call.group_id) if call.group_id else None
    seats = talk.desk.city.posts_of.get(person.id, ())
    if group is None:
        return False
    if group.kind is not GroupKind.DEPARTMENT:
        return any(seat.area == group.area for seat in seats)
    return any(
        seat.role is PostRole.DEPARTMENT and seat.area == group.area and _fits(seat.category, group.categories)
        for seat in seats
    )


def _fits(category: str, categories: frozenset[str]) -> bool:
    return not categories or category in categories
