"""Matters that came another way and are entered by staff: 热线 and 信访 with their outside numbers, 代办 for somebody."""

import re

from grid.actions.opening import Opened
from handlers.matters import Told
from handlers.reply import Reply, Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, is_coordinator, refuse
from handlers.worker.commands import Command
from handlers.worker.patrol import answer_opened, home_grid, open_told
from nlp.mask import find_phone
from storage.columns import GroupKind, Source

_OUTSIDE = re.compile(r"^\s*([0-9A-Za-z][0-9A-Za-z/_-]{3,39})[\s,，:：]+(\S.*)$", re.DOTALL)
_PERSON = re.compile(r"^\s*([\u4e00-\u9fff·]{2,8})[\s,，:：]+(.*)$", re.DOTALL)
_PHONE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}|0\d{2,3}-\d{7,8}")
_SHORTEST = 3
_NAMES = {Source.HOTLINE: "热线", Source.LETTER: "信访"}


async def hear_hotline(talk: WorkerTalk, command: Command) -> Said:
    """热线 outside-number text phone: by coordinators and the duty group."""
    return await _register(talk, command, Source.HOTLINE, "20261123-0001 阳光小区3号楼停水 13800000000")


async def hear_letter(talk: WorkerTalk, command: Command) -> Said:
    """信访 outside-number text phone: by coordinators and the duty group."""
    return await _register(talk, command, Source.LETTER, "XF-2026-001 阳光小区3号楼夜间扰民 13800000000")


async def _register(talk: WorkerTalk, command: Command, source: Source, example: str) -> Said:
    name = _NAMES[source]
    if not _is_staff(talk):
        return refuse(f"{name}转办由指挥员或值班群登记；巡查发现的问题请回复{how_to(talk, '上报 地点和情况')}。")
    found = _OUTSIDE.match(command.rest)
    if found is None:
        return refuse(f"请写明外部编号和内容，例如：{how_to(talk, f'{name} {example}')}。")
    outside, text = found[1], found[2].strip()
    known = await talk.books.find_by_outside_number(outside)
    if known is not None:
        return refuse(
            f"外部编号 {outside} 已登记为工单 {known.number}，没有重复立案；查看请回复“进度 {known.number}”。"
        )
    opened = await open_told(talk, Told(text, None, source, outside=outside))
    return _warned(talk, answer_opened(talk, [opened], "已登记"), opened)


def _is_staff(talk: WorkerTalk) -> bool:
    return is_coordinator(talk) or (talk.group is not None and talk.group.kind is GroupKind.DUTY)


def _warned(talk: WorkerTalk, said: Said, opened: Opened) -> Said:
    # Said in a group it has been read by all of it already; the next one need not be.
    if talk.update.chat is None or not opened.case.phone:
        return said
    said.reply = Reply(f"{said.reply.text}\n内容含来电人信息，以后请私聊{talk.desk.house.bot_name}登记。")
    return said


async def hear_on_behalf(talk: WorkerTalk, command: Command) -> Said:
    """代办 name phone text: a worker tells the matter of somebody who cannot."""
    found = _PERSON.match(command.rest)
    phone = find_phone(command.rest)
    text = _PHONE.sub(" ", found[2], count=1).strip(" ,，:：") if found else ""
    if found is None or phone is None or len(text) < _SHORTEST:
        example = how_to(talk, "代办 李奶奶 13800000000 阳光小区3号楼停水")
        return refuse(f"请写明姓名、电话和内容，例如：{example}。")
    name = found[1]
    told = Told(
        f"（代居民{name[0]}**反映）{text}", home_grid(talk), Source.ON_BEHALF, phone=phone, name=name, read=text
    )
    opened = await open_told(talk, told)
    return _warned(talk, answer_opened(talk, [opened], f"已代{name[0]}**反映"), opened)
