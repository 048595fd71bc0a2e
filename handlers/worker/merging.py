"""合并 and 拆分: one matter under two numbers, and what only looked like one."""

from grid.actions.joint import join_cases, split_case
from grid.wording import tag
from grid.workflow import Move, Part, Refusal
from handlers.joining import gather_joining, list_leaving
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, sent_line, tell
from handlers.worker.commands import Command, find_numbers
from handlers.worker.selection import Chosen, choose, find_actor
from storage.tables import Case


async def hear_merge(talk: WorkerTalk, command: Command) -> Said:
    """合并 number 并入 number: by a coordinator of both."""
    others = find_numbers(command.rest)
    if command.number is None or len(others) != 1:
        return refuse(f"请写明哪一件并入哪一件，例如：{how_to(talk, '合并 1123-09 并入 1123-08')}。")
    into = await choose(talk, Command(command.verb, others[0], ""), None)
    if isinstance(into, Said):
        return into
    if Part.COORDINATOR not in into.actor.parts or into.case.conduct:
        return refuse(f"工单 {into.case.number} 不由您指挥，不能并入；合并须由两件工单共同的上级指挥员操作。")
    chosen = await choose(talk, command, Move.MERGE)
    if isinstance(chosen, Said):
        return chosen
    if chosen.case.conduct:
        return refuse("作风类投诉不与其他工单合并。", chosen.case.id)
    running = [child.number for child in await talk.books.followups.list_children(chosen.case.id) if child.is_open]
    if running:
        numbers = "、".join(running)
        return refuse(
            f"工单 {chosen.case.number} 还有子单未办结（{numbers}），子单办结或作废后才能合并。", chosen.case.id
        )
    return await _merge(talk, chosen, into.case)


async def _merge(talk: WorkerTalk, chosen: Chosen, into: Case) -> Said:
    case = chosen.case
    joining = await gather_joining(talk.books, talk.numbers, talk.desk, case, into)
    reporters = await talk.books.likeness.list_reporters(case)
    made = join_cases(talk.desk, case, into, chosen.actor, reporters, joining)
    if isinstance(made, Refusal):
        return refuse(made, case.id)
    undo = how_to(talk, f"拆分 {case.number}")
    text = f"{tag(case)}已并入工单 {into.number}，现有{joining.count}位反映人。合错了请回复{undo}。"
    return tell(text, Move.MERGE.value, made, case.id)


async def hear_split(talk: WorkerTalk, command: Command) -> Said:
    """拆分 number: what was merged by mistake is a case of its own again."""
    if command.number is None:
        return refuse(f"请写明要拆分出来的工单号，例如：{how_to(talk, '拆分 1123-09')}。")
    chosen = await choose(talk, command, Move.SPLIT)
    if isinstance(chosen, Said):
        return chosen
    case = chosen.case
    into = await talk.books.find(Case, case.merged_into_id)
    if into is None:
        return refuse(f"工单 {case.number} 没有并入其他工单，无需拆分。", case.id)
    actor = find_actor(talk, into)
    if actor is None or Part.COORDINATOR not in actor.parts:
        return refuse("拆分须由两件工单共同的上级指挥员操作。", case.id)
    return await _split(talk, chosen, into)


async def _split(talk: WorkerTalk, chosen: Chosen, into: Case) -> Said:
    case = chosen.case
    leaving = await list_leaving(talk.books, case, into)
    reporters = await talk.books.likeness.list_reporters(case)
    sent = split_case(talk.desk, case, into, chosen.actor, reporters, leaving)
    if isinstance(sent, Refusal):
        return refuse(sent, case.id)
    return tell(f"已从工单 {into.number} 拆分。{sent_line(talk.desk, sent)}", Move.SPLIT.value, sent.plan, case.id)
