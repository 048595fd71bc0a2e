"""What whoever has a case says of it: 接单, 处置, 办结, 问, 延期, 核查, 挂起, 恢复, 作废, 重开."""

import re

from grid.actions.closing import reopen, resume, suspend, void
from grid.actions.handling import accept, ask_resident, extend, fail_check, note_progress, pass_check, resolve
from grid.actions.routing import Sent
from grid.actions.steps import Decision
from grid.wording import long_moment, phone_line, place_line, tag
from grid.workflow import Move, Status
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, sent_line
from handlers.worker.commands import Command, find_numbers
from handlers.worker.doing import carry_out
from handlers.worker.spans import parse_span
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
    """The number that a resident may call: the grid's duty phone, else the worker's own."""
    area = talk.desk.city.areas.get(case.area_code) if case.area_code else None
    own = talk.person.phone if talk.person else ""
    return (area.duty_phone if area else "") or own


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
    )
    return "\n".join(lines)


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


async def hear_resolve(talk: WorkerTalk, command: Command) -> Said:
    """办结 [number] result."""
    return await carry_out(
        talk,
        command,
        Move.RESOLVE,
        lambda chosen, resident: resolve(talk.desk, chosen.case, chosen.actor, resident, command.rest),
        lambda after, _: _resolved_line(after),
    )


def _resolved_line(case: Case) -> str:
    if case.status == Status.CHECKING:
        return f"{tag(case)}已报办结，等待核查；核查通过后告知居民。"
    told = "，已告知居民并请其评价。" if case.resident_id is not None else "。"
    return f"{tag(case)}已办结{told}"


async def hear_ask(talk: WorkerTalk, command: Command) -> Said:
    """问 [number] question."""
    return await carry_out(
        talk,
        command,
        Move.ASK,
        lambda chosen, resident: ask_resident(talk.desk, chosen.case, chosen.actor, resident, command.rest),
        lambda after, _: f"{tag(after)}已转问居民，对方回复后会发到{'本群' if talk.update.chat else '工作群'}。",
    )


async def hear_extend(talk: WorkerTalk, command: Command) -> Said:
    """延期 2天|3工作日 reason."""
    span, reason = parse_span(command.rest)
    if span is None:
        return refuse(
            f"请写明延长多久和原因，例如：{how_to(talk, '延期 2天 等配件')}或{how_to(talk, '延期 3工作日 等配件')}。"
        )
    return await carry_out(
        talk,
        command,
        Move.EXTEND,
        lambda chosen, resident: extend(talk.desk, chosen.case, chosen.actor, resident, span, reason),
        lambda after, _: _extended_line(talk, after),
    )


def _extended_line(talk: WorkerTalk, case: Case) -> str:
    assert case.resolve_due_at is not None, "an extended case has its date"
    return f"{tag(case)}已延期，{long_moment(case.resolve_due_at, talk.desk.zone)}前办结。"


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
    return await carry_out(
        talk,
        command,
        Move.PASS_CHECK,
        lambda chosen, resident: pass_check(talk.desk, chosen.case, chosen.actor, resident),
        lambda after, _: f"{tag(after)}核查通过，已办结并告知居民。",
    )


def _handler_name(talk: WorkerTalk, case: Case) -> str:
    person = talk.desk.city.people.get(case.handler_id) if case.handler_id else None
    return person.name if person else "接单人"


async def hear_suspend(talk: WorkerTalk, command: Command) -> Said:
    """挂起 [number] reason."""
    return await carry_out(
        talk,
        command,
        Move.SUSPEND,
        lambda chosen, resident: suspend(talk.desk, chosen.case, chosen.actor, resident, command.rest),
        lambda after, _: f"{tag(after)}已挂起；恢复时请回复{how_to(talk, f'恢复 {after.number}')}。",
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


async def hear_void(talk: WorkerTalk, command: Command) -> Said:
    """作废 number reason."""
    return await carry_out(
        talk,
        command,
        Move.VOID,
        lambda chosen, resident: void(talk.desk, chosen.case, chosen.actor, resident, command.rest),
        lambda after, _: f"{tag(after)}已作废。",
    )


async def hear_reopen(talk: WorkerTalk, command: Command) -> Said:
    """重开 number reason: a coordinator finds that a matter was not solved."""
    return await carry_out(
        talk,
        command,
        Move.REOPEN,
        lambda chosen, _: reopen(talk.desk, chosen.case, chosen.actor, command.rest),
        lambda _, made: _reopened_line(talk, made),
    )


def _reopened_line(talk: WorkerTalk, made: Decision | Sent) -> str:
    assert isinstance(made, Sent), "a case that is opened again is sent"
    return f"已重开。{sent_line(talk.desk, made)}"
