"""New matters told by workers: 上报 (one message, several matters); 试派, which writes nothing."""

import re
from dataclasses import replace

from grid.actions.opening import Opened, open_case
from grid.desk import Actor
from grid.routing import Route, find_route
from grid.wording import category_name, place_line, preview, urgency_name
from grid.workflow import Part
from handlers.matters import Told, find_area, read_matter
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.commands import Command
from handlers.worker.sending import hear_escalate
from nlp.parts import split_parts
from storage.columns import AreaLevel, Source
from storage.plan import Plan

_SHORTEST = 3
# （1）…（2）… glued together: what a list of a worker is, while a resident's sentence may hold a bracket by chance.
_BRACKETED = re.compile(r"\s*[（(](\d{1,2})[)）]\s*")


async def hear_report(talk: WorkerTalk, command: Command) -> Said:
    """上报 matters: one case for each; 上报 number: that case goes one level up."""
    if command.number is not None:
        return await hear_escalate(talk, command)
    if len(command.rest) < _SHORTEST:
        one, several = how_to(talk, "上报 5号楼水表井低"), how_to(talk, "上报 1.5号楼水表井低 2.3号楼门前建筑垃圾")
        return refuse(
            f"请写明地点和情况，例如：{one}；几件一起报：{several}；要把工单提级请写工单号：{how_to(talk, '上报 1123-08')}。"
        )
    home = home_grid(talk)
    parts = split_parts(command.rest) or split_parts(_BRACKETED.sub(r" \1.", command.rest)) or (command.rest,)
    opened = [await open_told(talk, Told(part, home, Source.PATROL)) for part in parts]
    return answer_opened(talk, opened, "已上报")


async def open_told(talk: WorkerTalk, told: Told) -> Opened:
    """A case for what the speaker tells; he is its reporter."""
    assert talk.person is not None, "only registered workers report"
    matter = read_matter(talk.desk.city, talk.reader, replace(told, reporter_id=talk.person.id))
    case_id, serial = await talk.numbers.take_id(), await talk.numbers.take_serial(talk.desk.today)
    actor = Actor(f"worker:{talk.person.id}", talk.person.name, talk.person.id, frozenset({Part.REPORTER}))
    return open_case(talk.desk, matter, actor, case_id, serial)


def home_grid(talk: WorkerTalk) -> str | None:
    """The grid that a worker speaks from: his group's, in single chat his own."""
    city = talk.desk.city
    area = talk.group.area if talk.group else talk.worker.area_code if talk.worker else None
    node = city.areas.get(area) if area else None
    return node.code if node is not None and node.level is AreaLevel.GRID else None


def answer_opened(talk: WorkerTalk, opened: list[Opened], word: str) -> Said:
    """The cases that were opened, a line each; `word`: what was done (`已上报`)."""
    plan = Plan()
    for one in opened:
        plan = plan.merge(one.plan)
    lines = [_line(talk, one) for one in opened]
    warning = "有人身危险请先拨打110／119／120。" if any(one.case.emergency for one in opened) else ""
    text = "\n".join(part for part in (f"{word}{len(opened)}件：", *lines, warning) if part)
    return tell(text, "opened", plan, opened[0].case.id)


def _line(talk: WorkerTalk, opened: Opened) -> str:
    case = opened.case
    if case.conduct:
        # Whom it went to and what it says stays between the commander and the contact.
        return f"{case.number} 已受理"
    where = place_line(case, talk.desk.city)
    urgent = f" {urgency_name(case.urgency)}" if case.urgency != "normal" else ""
    return f"{case.number} {category_name(case.category)}{urgent} {preview(where, 30)} {_goes_to(opened.route)}"


def _goes_to(route: Route) -> str:
    return f"派至“{route.group.name}”" if route.group else "待研判" if route.contact is None else "已受理"


async def hear_try(talk: WorkerTalk, command: Command) -> Said:
    """试派 text: where a message would go and why; nothing is written."""
    if len(command.rest) < _SHORTEST:
        return refuse(f"请写一段内容试试，例如：{how_to(talk, '试派 阳光小区3号楼下水道堵了')}。")
    home = home_grid(talk)
    reading = talk.reader.read(command.rest, home=home)
    area = find_area(talk.desk.city, reading.place, home)
    category = reading.category.value if reading.category else ""
    route = find_route(talk.desk.city, area, category, conduct=reading.conduct)
    words = "、".join(dict.fromkeys(evidence.word for evidence in reading.evidence))
    lines = [
        f"试派（不立案）：{category_name(category)}{f'（{words}）' if words else ''} · {reading.urgency.label}",
        f"地点：{talk.desk.city.area_name(area) if area else '不明'}{f'，{reading.place.why}' if reading.place else ''}",
        "为何派到这里：",
        *route.why,
    ]
    if route.person is not None and route.contact is None:
        lines.append(f"责任人：{route.person.name}")
    return tell("\n".join(lines), "tried")
