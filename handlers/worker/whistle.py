"""吹哨 department [reason], and 报到: what the department's people answer when they are there."""

from grid.actions.whistle import Call, Department, arrive, find_departments, list_calls, list_department_names, whistle
from grid.desk import worker_on
from grid.wording import tag
from grid.workflow import Refusal
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.commands import Command
from handlers.worker.selection import choose
from storage.columns import PostRole


async def hear_whistle(talk: WorkerTalk, command: Command) -> Said:
    """吹哨 [number] department [reason]."""
    name, _, reason = command.rest.partition(" ")
    if not name:
        return refuse(f"请写明部门和原因，例如：{how_to(talk, '吹哨 住建局 需关闭总阀')}。")
    chosen = await choose(talk, command, None)
    if isinstance(chosen, Said):
        return chosen
    city, area = talk.desk.city, chosen.case.area_code
    found = find_departments(city, area, name)
    if len(found) != 1:
        return refuse(_which_department(talk, found, area, name), chosen.case.id)
    events = await talk.books.list_events(chosen.case.id)
    made = whistle(talk.desk, chosen.case, chosen.actor, found[0], reason.strip(), events)
    if isinstance(made, Refusal):
        return refuse(made, chosen.case.id)
    text = f"{tag(chosen.case)}已向“{found[0].name}”吹哨，对方报到后会告诉本群。"
    return tell(text, "whistle", made, chosen.case.id)


def _which_department(talk: WorkerTalk, found: list[Department], area: str | None, name: str) -> str:
    if found:
        names = "、".join(one.name for one in found)
        return (
            f"“{name}”对应{len(found)}个部门：{names}。请写全名，例如：{how_to(talk, f'吹哨 {found[0].name} 原因')}。"
        )
    names = "、".join(list_department_names(talk.desk.city, area))
    if not names:
        return f"上级还没有可以吹哨的部门席位群；可以回复{how_to(talk, '提级 原因')}请上级协调。"
    return f"没有找到“{name}”。可以吹哨的部门：{names}。"


async def hear_arrive(talk: WorkerTalk, command: Command) -> Said:
    """报到 number: by somebody of the department that was called."""
    if command.number is None or command.number.startswith("#"):
        return refuse(f"请写明工单号，例如：{how_to(talk, '报到 1123-08')}。")
    case = await talk.books.find_by_number(command.number)
    events = await talk.books.list_events(case.id) if case is not None and not case.conduct else ()
    calls = [call for call in list_calls(events) if _is_called(talk, call)]
    actor = worker_on(talk.desk.city, case, talk.update.person, None) if case is not None else None
    if case is None or actor is None or not calls:
        return refuse(f"工单 {command.number} 没有向您的部门吹哨；请核对工单号，例如：{how_to(talk, '报到 1123-08')}。")
    waiting = [call for call in calls if not call.is_answered]
    if not waiting:
        return refuse(f"{tag(case)}{calls[-1].department}已报到，不用重复。")
    plan = arrive(talk.desk, case, actor, waiting[-1])
    return tell(f"{tag(case)}已报到，已告知办理群。", "arrive", plan, case.id)


def _is_called(talk: WorkerTalk, call: Call) -> bool:
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
    return group is not None and any(
        seat.role is PostRole.DEPARTMENT and seat.area == group.area and _fits(seat.category, group.categories)
        for seat in seats
    )


def _fits(category: str, categories: frozenset[str]) -> bool:
    return not categories or category in categories
