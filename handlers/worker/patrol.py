"""New matters told by workers: 上报 (one message, several matters), 热线 (a hotline's matter with its outside number), 试派."""

import re

from grid.actions.opening import Matter, Opened, open_case
from grid.city import City
from grid.desk import Actor
from grid.routing import Route, find_route
from grid.wording import category_name, place_line, preview, urgency_name
from grid.workflow import Part
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, is_coordinator, refuse, tell
from handlers.worker.commands import Command
from handlers.worker.sending import hear_escalate
from nlp.parts import split_parts
from nlp.reading import PlaceReading, Reading
from storage.columns import AreaLevel, Source
from storage.plan import Plan

_SHORTEST = 3
_OUTSIDE = re.compile(r"^\s*([0-9A-Za-z][0-9A-Za-z/_-]{3,39})[\s,，:：]+(\S.*)$", re.DOTALL)


async def hear_report(talk: WorkerTalk, command: Command) -> Said:
    """上报 matters: one case for each; 上报 number: that case goes one level up."""
    if command.number is not None:
        return await hear_escalate(talk, command)
    if len(command.rest) < _SHORTEST:
        one, several = how_to(talk, "上报 5号楼水表井低"), how_to(talk, "上报 1.5号楼水表井低 2.3号楼门前建筑垃圾")
        return refuse(
            f"请写明地点和情况，例如：{one}；几件一起报：{several}；要把工单提级请写工单号：{how_to(talk, '上报 1123-08')}。"
        )
    home = _home_grid(talk)
    parts = split_parts(command.rest) or (command.rest,)
    opened = [await _open(talk, part, home, Source.PATROL) for part in parts]
    return _answer(talk, opened, "已上报")


async def hear_hotline(talk: WorkerTalk, command: Command) -> Said:
    """热线 outside-number text: in single chat, by coordinators."""
    if not is_coordinator(talk):
        return refuse(f"热线转办由指挥员登记；巡查发现的问题请回复{how_to(talk, '上报 地点和情况')}。")
    if talk.update.chat is not None:
        return refuse(f"热线内容含来电人信息，请私聊{talk.desk.house.bot_name}发送：热线 外部编号 内容。")
    found = _OUTSIDE.match(command.rest)
    if found is None:
        return refuse("请写明外部编号和内容，例如：热线 20261123-0001 阳光小区3号楼停水，来电13800000000。")
    outside, text = found[1], found[2].strip()
    known = await talk.books.find_by_outside_number(outside)
    if known is not None:
        return refuse(
            f"外部编号 {outside} 已登记为工单 {known.number}，没有重复立案；查看请回复“进度 {known.number}”。"
        )
    return _answer(talk, [await _open(talk, text, None, Source.HOTLINE, outside)], "已登记")


async def _open(talk: WorkerTalk, text: str, home: str | None, source: Source, outside: str | None = None) -> Opened:
    reading = talk.reader.read(text, home=home)
    matter = _matter(talk.desk.city, text, reading, home, source, outside, talk.person.id if talk.person else None)
    case_id, serial = await talk.numbers.take_id(), await talk.numbers.take_serial(talk.desk.today)
    return open_case(talk.desk, matter, _reporter(talk), case_id, serial)


def _reporter(talk: WorkerTalk) -> Actor:
    assert talk.person is not None, "only registered workers report"
    return Actor(f"worker:{talk.person.id}", talk.person.name, talk.person.id, frozenset({Part.REPORTER}))


def _matter(
    city: City, text: str, reading: Reading, home: str | None, source: Source, outside: str | None, person: int | None
) -> Matter:
    place = reading.place
    return Matter(
        text=text,
        category=reading.category.value if reading.category else "",
        urgency=reading.urgency.value,
        confidence=reading.confidence,
        evidence=tuple(evidence.word for evidence in reading.evidence),
        emergency=reading.emergency.kind if reading.emergency else "",
        conduct=reading.conduct,
        area=_area(city, place, home),
        place=_place_words(text, place),
        phone=reading.phone or "",
        source=source,
        outside_number=outside,
        reporter_id=person,
    )


def _area(city: City, place: PlaceReading | None, home: str | None) -> str | None:
    """The place that the text names if it is sure; a worker who names none is in his own grid."""
    if place is not None and place.area in city.areas and not place.ask:
        return place.area
    elsewhere = place is not None and len(place.candidates) > 1
    return None if elsewhere and home not in (place.candidates if place else ()) else home


def _place_words(text: str, place: PlaceReading | None) -> str:
    mention = place.mention if place else None
    return text[mention.start : mention.end].strip() if mention else ""


def _home_grid(talk: WorkerTalk) -> str | None:
    """The grid that a worker speaks from: his group's, in single chat his own."""
    city = talk.desk.city
    area = talk.group.area if talk.group else talk.worker.area_code if talk.worker else None
    node = city.areas.get(area) if area else None
    return node.code if node is not None and node.level is AreaLevel.GRID else None


def _answer(talk: WorkerTalk, opened: list[Opened], word: str) -> Said:
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
    home = _home_grid(talk)
    reading = talk.reader.read(command.rest, home=home)
    area = _area(talk.desk.city, reading.place, home)
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
