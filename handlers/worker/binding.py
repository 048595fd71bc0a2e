"""绑定 CODE: a chat becomes a work group's, once, by a code that ran out of nobody's hands but the issuer's."""

import re

from handlers.reply import Said
from handlers.talk import WorkerTalk, city_moved
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.commands import Command
from storage.plan import Change, Plan
from storage.tables import WorkGroup

_FORM = re.compile(r"[0-9A-Z]{4,32}")


async def hear_bind(talk: WorkerTalk, command: Command) -> Said:
    """绑定 CODE, said in the group that is to be bound."""
    chat, code = talk.update.chat, parse_code(command.rest)
    if chat is None:
        return refuse(f"绑定要在工作群里说：请在群里回复“@{talk.desk.house.bot_name} 绑定 绑定码”。")
    if talk.group is not None or await talk.books.find_group_by_chat(chat) is not None:
        name = f"“{talk.group.name}”" if talk.group else "一个工作群"
        return refuse(f"本群已绑定为{name}，不用再绑；成员请回复{how_to(talk, '登记 姓名 手机号')}。")
    if code is None:
        return refuse(f"请写上绑定码，例如：{how_to(talk, '绑定 AB12CD34')}；绑定码由街道指挥中心发放。")
    group = await talk.books.find_group_by_code(code)
    if group is None or group.bind_expires_at is None or group.bind_expires_at <= talk.desk.now:
        # One sentence for all three: nobody learns by trying which codes there once were.
        return refuse("绑定码不对、已用过或已过期。请核对后重发，或向街道指挥中心要一个新的。")
    return tell(_bound_line(talk, group), "bound", _plan(talk, group, chat))


def parse_code(text: str) -> str | None:
    """The code in capitals without blanks and dashes; None where it cannot be one."""
    code = re.sub(r"[\s\-_.，。,]+", "", text).upper()
    return code if _FORM.fullmatch(code) else None


def _plan(talk: WorkerTalk, group: WorkGroup, chat: str) -> Plan:
    now = talk.desk.now
    values = {
        "chatid": chat,
        "bound_at": now,
        "bound_by": talk.update.person,
        "bind_code": None,
        "bind_expires_at": None,
    }
    return Plan(changes=[Change(WorkGroup, group.id, group.version, values), city_moved(now)])


def _bound_line(talk: WorkerTalk, group: WorkGroup) -> str:
    city = talk.desk.city
    area = city.area_name(group.area_code) if group.area_code in city.areas else ""
    join = how_to(talk, "登记 姓名 手机号")
    return f"绑定成功：本群是“{group.name}”（{area}）。请各位成员回复{join}，由网格长或您回复“同意 姓名”后即可接单。"
