"""子单 department|grid what to do: a part of the matter for others, as a case of its own."""

from grid.actions.children import Part, open_child
from grid.wording import tag
from grid.workflow import Move, Refusal
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.commands import Command
from handlers.worker.naming import take_area
from handlers.worker.selection import choose
from handlers.worker.whistle import take_departments
from storage.tables import Case


async def hear_child(talk: WorkerTalk, command: Command) -> Said:
    """子单 [number] department or grid, and what to do there."""
    if not command.rest:
        return refuse(f"请写明派给谁和要做什么，例如：{how_to(talk, '子单 住建局 挖开路面')}。")
    chosen = await choose(talk, command, Move.CHILD)
    if isinstance(chosen, Said):
        return chosen
    part = _parse_part(talk, command.rest, chosen.case)
    if isinstance(part, str):
        return refuse(part, chosen.case.id)
    parent = chosen.case
    siblings = await talk.books.followups.list_children(parent.id)
    case_id, serial = await talk.numbers.take_id(), await talk.numbers.take_serial(talk.desk.today)
    made = open_child(talk.desk, parent, chosen.actor, part, siblings, case_id, serial)
    if isinstance(made, Refusal):
        return refuse(made, parent.id)
    assert made.route.group is not None, "a child goes to a group"
    text = f"{tag(parent)}已派子单 {made.case.number} 给“{made.route.group.name}”；子单全部办结后再办结主单。"
    return tell(text, Move.CHILD.value, made.plan, parent.id)


def _parse_part(talk: WorkerTalk, text: str, parent: Case) -> Part | str:
    named = take_area(talk.desk.city, text, parent.area_code)
    if named.area is not None and named.rest:
        return Part(named.rest, area=named.area.code)
    found = take_departments(talk, text, parent)
    if isinstance(found, str):
        return found.replace("吹哨", "派子单")
    departments, rest = found
    if len(departments) > 1:
        return f"一件子单派给一个部门，例如：{how_to(talk, f'子单 {parent.number} {departments[0].name} 要做什么')}。"
    if not rest.strip():
        return f"请写明子单内容，例如：{how_to(talk, f'子单 {parent.number} {departments[0].name} 挖开路面')}。"
    return Part(rest.strip(), departments[0])
