"""Cases that go elsewhere: 退回, 转派, 提级, 指派, 改类别, and the list 待研判 that 指派 works on."""

from grid.actions.learning import noted
from grid.actions.moving import (
    assign,
    escalate,
    reclassify,
    return_case,
    transfer_area,
    transfer_category,
    transfer_person,
)
from grid.actions.routing import Sent
from grid.actions.steps import Decision
from grid.city import AreaNode
from grid.wording import category_name, moment, preview
from grid.workflow import Move
from handlers.learning import draw_correction
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, is_coordinator, refuse, sent_line, tell
from handlers.worker.commands import Command
from handlers.worker.doing import carry_out, carry_out_on
from handlers.worker.naming import CATEGORY_LIST, Named, full_name, list_similar, take_area, take_category
from handlers.worker.persons import FoundPeople, render_namesakes, take_person
from handlers.worker.selection import Chosen, case_line, choose, find_actor
from storage.columns import GroupKind
from storage.tables import Case

_LISTED = 15


def _sent(talk: WorkerTalk, made: Decision | Sent, word: str) -> str:
    assert isinstance(made, Sent), "these moves send a case"
    return f"{word}{sent_line(talk.desk, made)}"


async def hear_return(talk: WorkerTalk, command: Command) -> Said:
    """退回 [number] reason."""
    return await carry_out(
        talk,
        command,
        Move.RETURN,
        lambda chosen, _: return_case(talk.desk, chosen.case, chosen.actor, command.rest),
        lambda _, made: _sent(talk, made, "已退回。"),
    )


async def hear_escalate(talk: WorkerTalk, command: Command) -> Said:
    """提级 [number] [reason]; also 上报 number."""
    return await carry_out(
        talk,
        command,
        Move.ESCALATE,
        lambda chosen, _: escalate(talk.desk, chosen.case, chosen.actor, command.rest),
        lambda _, made: _sent(talk, made, "已提级。"),
    )


async def hear_transfer(talk: WorkerTalk, command: Command) -> Said:
    """转派 category or grid, [reason]."""
    chosen = await choose(talk, command, Move.TRANSFER)
    if isinstance(chosen, Said):
        return chosen
    category, reason = take_category(command.rest)
    if category is not None:
        code = category.value
        correction = await draw_correction(talk, chosen.case, chosen.actor, code)
        return await carry_out_on(
            talk,
            chosen,
            reason,
            Move.TRANSFER,
            lambda one, _: noted(transfer_category(talk.desk, one.case, one.actor, code, reason), correction),
            lambda _, made: _sent(talk, made, "已转派。"),
        )
    return await _transfer_area(talk, command, chosen)


async def _transfer_area(talk: WorkerTalk, command: Command, chosen: Chosen) -> Said:
    named = take_area(talk.desk.city, command.rest, chosen.case.area_code)
    if named.area is None and not named.choices:
        found = take_person(talk.desk.city, command.rest, chosen.case.area_code)
        if found.people:
            return await _transfer_person(talk, chosen, found)
    if named.area is None:
        example = how_to(talk, f"转派 {chosen.case.number} 综合执法 属违规排污")
        hint = f"请写明转给哪一类（{CATEGORY_LIST}）、哪个网格或谁，例如：{example}。"
        return refuse(_which_area(talk, named, command.rest, f"转派 {chosen.case.number}", hint), chosen.case.id)
    area: AreaNode = named.area
    return await carry_out_on(
        talk,
        chosen,
        named.rest,
        Move.TRANSFER,
        lambda one, _: transfer_area(talk.desk, one.case, one.actor, area.code, named.rest),
        lambda _, made: _sent(talk, made, "已转派。"),
    )


async def _transfer_person(talk: WorkerTalk, chosen: Chosen, found: FoundPeople) -> Said:
    if len(found.people) > 1:
        return refuse(render_namesakes(talk, found, f"转派 {chosen.case.number}"), chosen.case.id)
    person = found.people[0]
    return await carry_out_on(
        talk,
        chosen,
        found.rest,
        Move.TRANSFER,
        lambda one, _: transfer_person(talk.desk, one.case, one.actor, person, found.rest),
        lambda _, made: _sent(talk, made, f"已转派给{person.name}。"),
    )


async def hear_assign(talk: WorkerTalk, command: Command) -> Said:
    """指派 number grid: by the duty group or a coordinator."""
    if not _may_triage(talk):
        return refuse(f"指派由值班群或指挥员操作；本群的工单可以回复{how_to(talk, '转派 网格名 原因')}。")
    if command.number is None:
        return await _assign_what(talk, command)
    chosen = await choose(talk, command, Move.DISPATCH)
    if isinstance(chosen, Said):
        return chosen
    near = chosen.case.area_code or (talk.group.area if talk.group else None)
    named = take_area(talk.desk.city, command.rest, near)
    if named.area is None:
        hint = f"请写明网格，例如：{how_to(talk, f'指派 {chosen.case.number} 文采社区第三网格')}。"
        return refuse(_which_area(talk, named, command.rest, f"指派 {chosen.case.number}", hint), chosen.case.id)
    area: AreaNode = named.area
    return await carry_out_on(
        talk,
        chosen,
        named.rest,
        Move.DISPATCH,
        lambda one, _: assign(talk.desk, one.case, one.actor, area.code),
        lambda _, made: _sent(talk, made, f"已指派到{talk.desk.city.area_name(area.code)}。"),
    )


async def _assign_what(talk: WorkerTalk, command: Command) -> Said:
    waiting = await _list_triage(talk)
    if not waiting:
        return refuse("现在没有待研判的工单，无需指派。")
    if len(waiting) == 1:
        return await hear_assign(talk, Command(command.verb, waiting[0].number, command.rest))
    lines = [case_line(talk, case) for case in waiting[:_LISTED]]
    example = how_to(talk, f"指派 {waiting[0].number} 文采社区第三网格")
    return refuse("\n".join([f"请写明指派哪一件，例如：{example}", *lines]))


def _which_area(talk: WorkerTalk, named: Named, typed: str, start: str, hint: str) -> str:
    """What to write when an area's name says too little or nothing."""
    city = talk.desk.city
    if named.choices:
        names = [full_name(city, node) for node in named.choices[:8]]
        if len(set(names)) < len(names):
            names = [f"{full_name(city, node)}（编号{node.code}）" for node in named.choices[:8]]
        first = named.choices[0]
        lines = "\n".join(names)
        return f"有{len(named.choices)}个叫这个名字的区域，请写全名或编号，例如：{how_to(talk, f'{start} {first.code}')}\n{lines}"
    similar = list_similar(city, typed)
    if similar:
        return f"没有完全同名的区域，是不是：{'、'.join(similar)}？请写全名，例如：{how_to(talk, f'{start} {similar[0]}')}。"
    return f"没有找到“{preview(typed, 20)}”。{hint}" if typed else hint


def _may_triage(talk: WorkerTalk) -> bool:
    return is_coordinator(talk) or (talk.group is not None and talk.group.kind is GroupKind.DUTY)


async def _list_triage(talk: WorkerTalk) -> list[Case]:
    cases = await talk.books.list_triage(most=200)
    return [case for case in cases if find_actor(talk, case) is not None]


async def hear_triage(talk: WorkerTalk, command: Command) -> Said:
    """待研判: what waits for somebody to say where it belongs."""
    if not _may_triage(talk):
        return refuse(f"待研判清单由值班群或指挥员查看；本群的工单请回复{how_to(talk, '待办')}。")
    waiting = await _list_triage(talk)
    if not waiting:
        return tell("现在没有待研判的工单。", "listed")
    lines = [_triage_line(talk, case) for case in waiting[:_LISTED]]
    if len(waiting) > _LISTED:
        lines.append(f"还有{len(waiting) - _LISTED}件。")
    how = f"指派请回复{how_to(talk, f'指派 {waiting[0].number} 网格名')}。"
    return tell("\n".join([f"待研判{len(waiting)}件：", *lines, how]), "listed")


def _triage_line(talk: WorkerTalk, case: Case) -> str:
    since = moment(case.opened_at, talk.desk.zone)
    return f"{case_line(talk, case)} {category_name(case.category)} {since}起"


async def hear_reclassify(talk: WorkerTalk, command: Command) -> Said:
    """改类别 [number] category: by a coordinator, before anybody has accepted."""
    category, _ = take_category(command.rest)
    if category is None:
        return refuse(f"请写明类别：{CATEGORY_LIST}。例如：{how_to(talk, '改类别 1123-08 综合执法')}。")
    chosen = await choose(talk, command, Move.RECLASSIFY)
    if isinstance(chosen, Said):
        return chosen
    code = category.value
    correction = await draw_correction(talk, chosen.case, chosen.actor, code)
    return await carry_out_on(
        talk,
        chosen,
        command.rest,
        Move.RECLASSIFY,
        lambda one, resident: noted(reclassify(talk.desk, one.case, one.actor, code, resident), correction),
        lambda _, made: _sent(talk, made, f"类别已改为{category_name(code)}。"),
    )
