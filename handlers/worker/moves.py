"""What whoever has a case says of it while it runs: 接单, 处置, 问, 恢复."""

from grid.actions.closing import resume
from grid.actions.handling import accept, ask_resident, note_progress
from grid.link_lines import worker_link
from grid.wording import duty_number, long_moment, phone_line, place_line, tag
from grid.workflow import Move
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to
from handlers.worker.commands import Command, find_numbers
from handlers.worker.doing import carry_out
from storage.tables import Case


async def hear_accept(talk: WorkerTalk, command: Command) -> Said:
    """接单 [number]."""
    return await carry_out(
        talk,
        command,
        Move.ACCEPT,
        lambda chosen, resident: accept(talk.desk, chosen.case, chosen.actor, resident, duty_phone(talk, chosen.case)),
        lambda after, _: accepted_line(talk, after) + _one_at_a_time(talk, command),
    )


def _one_at_a_time(talk: WorkerTalk, command: Command) -> str:
    others = find_numbers(command.rest)
    return f"\n一次接一件；另外的请再回复{how_to(talk, f'接单 {others[0]}')}。" if others else ""


def duty_phone(talk: WorkerTalk, case: Case) -> str:
    """The number that the case's resident may call once the speaker has it."""
    return duty_number(talk.desk.city, case, talk.person.phone if talk.person else "")


def accepted_line(talk: WorkerTalk, case: Case) -> str:
    """What a worker reads when he has accepted a case."""
    due = f"请于{long_moment(case.resolve_due_at, talk.desk.zone)}前办结，" if case.resolve_due_at else ""
    name = talk.person.name if talk.person else ""
    number = f"查看居民电话请回复“进度 {case.number}”。" if case.phone else "照片可以直接发给我。"
    more = number if talk.update.chat is None else "现场照片请引用后回复，或私聊发给我。"
    lines = (
        f"{tag(case)}{name}已接单。",
        f"地点：{place_line(case, talk.desk.city)}　反映人：{phone_line(case)}",
        f"{due}处理后回复{how_to(talk, f'办结 {case.number} 处理情况')}；{more}",
        worker_link(talk.desk, case, case.handler_id) if talk.update.chat is None else "",
    )
    return "\n".join(line for line in lines if line)


async def hear_handle(talk: WorkerTalk, command: Command) -> Said:
    """处置 [number] [how far it is]."""
    text = command.rest or "开始处置"
    return await carry_out(
        talk,
        command,
        Move.HANDLE,
        lambda chosen, _: note_progress(talk.desk, chosen.case, chosen.actor, text),
        lambda after, _: f"{tag(after)}已记录：{text}。办完请回复{how_to(talk, f'办结 {after.number} 处理情况')}。",
    )


async def hear_ask(talk: WorkerTalk, command: Command) -> Said:
    """问 [number] question."""
    return await carry_out(
        talk,
        command,
        Move.ASK,
        lambda chosen, resident: ask_resident(talk.desk, chosen.case, chosen.actor, resident, command.rest),
        lambda after, _: f"{tag(after)}已转问居民，对方回复后会发到{'本群' if talk.update.chat else '工作群'}。",
    )


async def hear_resume(talk: WorkerTalk, command: Command) -> Said:
    """恢复 [number]."""
    return await carry_out(
        talk,
        command,
        Move.RESUME,
        lambda chosen, resident: resume(talk.desk, chosen.case, chosen.actor, resident),
        lambda after, _: f"{tag(after)}已恢复办理。",
    )
