"""Which case is meant: by the number typed or quoted, else the only one that the move can be about. Several: they are listed."""

from collections.abc import Sequence
from dataclasses import dataclass

from grid.desk import Actor, worker_on
from grid.reach import may_know_conduct
from grid.wording import place_line, preview, status_name
from grid.workflow import Move, Status, find_refusal
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse
from handlers.worker.commands import Command
from handlers.worker.verbs import Verb
from storage.columns import GroupKind
from storage.counters import render_number
from storage.tables import Case

_LISTED = 10


@dataclass(frozen=True, slots=True)
class Chosen:
    """A case and what the speaker is to it."""

    case: Case
    actor: Actor


def find_actor(talk: WorkerTalk, case: Case) -> Actor | None:
    """What the speaker is to a case; None when the case is none of his business, here or at all."""
    group_id = talk.group.id if talk.group else None
    actor = worker_on(talk.desk.city, case, talk.update.person, group_id)
    if actor is None:
        return None
    if case.conduct:
        # Never in a group, whoever asks there.
        return actor if talk.update.chat is None and may_know_conduct(talk.desk.city, case, actor) else None
    known = actor.parts or case.reporter_id == actor.id or _is_in_duty_area(talk, case)
    return actor if known else None


def _is_in_duty_area(talk: WorkerTalk, case: Case) -> bool:
    group = talk.group
    if group is None or group.kind is not GroupKind.DUTY:
        return False
    return case.area_code is None or talk.desk.city.is_inside(case.area_code, group.area)


async def choose(talk: WorkerTalk, command: Command, move: Move | None) -> Chosen | Said:
    """The case that a command is about, or the answer that asks which one. `move`: only cases that allow it count as meant."""
    if command.number is None:
        return _the_only(talk, command, move, await list_near(talk, command.verb))
    if command.number.startswith("#"):
        return await _by_serial(talk, command, move, int(command.number[1:]))
    return await _by_number(talk, command.number)


async def _by_number(talk: WorkerTalk, number: str) -> Chosen | Said:
    case = await talk.books.find_by_number(number)
    actor = find_actor(talk, case) if case is not None else None
    if case is not None and actor is not None:
        return Chosen(case, actor)
    if case is None or case.conduct:
        return refuse(f"没有工单 {number}，请核对工单号；回复{how_to(talk, '待办')}可以看到现有的工单。")
    where = "本群" if talk.update.chat else "您"
    return refuse(f"工单 {number} 不归{where}办理，不能查看或操作；回复{how_to(talk, '待办')}可以看到现有的工单。")


async def _by_serial(talk: WorkerTalk, command: Command, move: Move | None, serial: int) -> Chosen | Said:
    near = [chosen for chosen in await list_near(talk, command.verb) if chosen.case.serial == serial]
    of_today = [chosen for chosen in near if chosen.case.opened_on == talk.desk.today]
    found = of_today or near
    if found:
        return _the_only(talk, command, move, found)
    return await _by_number(talk, render_number(talk.desk.today, serial))


_ALSO_CLOSED = frozenset({Verb.ATTACH, Verb.PROGRESS, Verb.WHY, Verb.REOPEN})


async def list_near(talk: WorkerTalk, verb: Verb) -> list[Chosen]:
    """The open cases that a command without a number can be about: the group's; in single chat the one last named, else his own."""
    if talk.group is not None:
        cases: Sequence[Case] = await talk.books.list_open_in_group(talk.group.id, most=200)
        return [Chosen(case, actor) for case in cases if (actor := find_actor(talk, case)) is not None]
    last = await talk.books.find(Case, talk.worker.last_case_id if talk.worker else None)
    if last is not None and (last.is_open or verb in _ALSO_CLOSED) and (actor := find_actor(talk, last)) is not None:
        return [Chosen(last, actor)]
    cases = await talk.books.list_open_of_worker(talk.worker.id) if talk.worker else ()
    return [Chosen(case, actor) for case in cases if (actor := find_actor(talk, case)) is not None]


def _the_only(talk: WorkerTalk, command: Command, move: Move | None, near: Sequence[Chosen]) -> Chosen | Said:
    if not near:
        where = "本群" if talk.update.chat else "您手上"
        return refuse(f"{where}现在没有未办结的工单；请写明工单号，例如：{how_to(talk, f'{command.verb} 1123-08')}。")
    if len(near) == 1:
        return near[0]
    fitting = [chosen for chosen in near if move is not None and is_possible(move, chosen)]
    if len(fitting) == 1:
        return fitting[0]
    return refuse(_ask_which(talk, command, fitting or near))


def is_possible(move: Move, chosen: Chosen) -> bool:
    """Whether the law lets the speaker make this move now."""
    return find_refusal(move, Status(chosen.case.status), chosen.actor.parts) is None


def _ask_which(talk: WorkerTalk, command: Command, near: Sequence[Chosen]) -> str:
    lines = [case_line(talk, chosen.case) for chosen in near[:_LISTED]]
    if len(near) > _LISTED:
        lines.append(f"还有{len(near) - _LISTED}件，回复{how_to(talk, '待办')}查看。")
    example = f"{command.verb} {near[0].case.number} {preview(command.rest, 30)}".rstrip()
    head = f"有{len(near)}件工单，请写明是哪一件（也可以引用那条工单），例如：{how_to(talk, example)}"
    return "\n".join([head, *lines])


def case_line(talk: WorkerTalk, case: Case) -> str:
    """A case in one line of a list; nothing in it that a group may not read."""
    text = "作风类投诉" if case.conduct else place_line(case, talk.desk.city)
    return f"{case.number} {status_name(case.status)} {preview(text, 30)}"
