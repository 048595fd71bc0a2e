"""登记 姓名 手机: somebody asks to be a worker, or to be the one who was imported under that name."""

import re

from grid.city import GroupNode
from handlers.reply import Said
from handlers.talk import WorkerTalk, city_moved
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.commands import Command
from nlp.mask import find_phone, mask_phone
from storage.columns import WorkerStatus
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Worker

CLAIM = "claim"
"""In a worker's `conversation`: who says that he is this worker, and in which group. It changes nothing until it is granted."""

_NAME = re.compile(r"[\u4e00-\u9fff]{2,6}(?:·[\u4e00-\u9fff]{1,8})?")
_LABELS = re.compile(r"姓名|名字|手机号码|手机号|手机|电话|我叫|我是|网格员|网格长")
_PHONE = re.compile(r"(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}")


async def hear_register(talk: WorkerTalk, command: Command) -> Said:
    """登记 name phone, in a bound group."""
    if talk.update.chat is None or talk.group is None:
        return refuse(f"登记要在您的工作群里说：请在群里回复“@{talk.desk.house.bot_name} 登记 姓名 手机号”。")
    name, phone = parse_identity(command.rest)
    if name is None or phone is None:
        return refuse(f"请写明姓名和11位手机号，例如：{how_to(talk, '登记 张三 13800000000')}。")
    if talk.worker is not None:
        return await _register_again(talk, talk.worker, talk.group, name, phone)
    imported = await talk.books.find_unclaimed_worker(name, phone)
    if imported is not None and imported.status is not WorkerStatus.LEFT:
        return await _claim(talk, talk.group, imported)
    row = fresh(
        Worker,
        id=await talk.numbers.take_id(),
        userid=talk.update.person,
        name=name,
        phone=phone,
        area_code=talk.group.area,
        status=WorkerStatus.PENDING,
        conversation=_claim_of(talk, talk.group),
    )
    return await _ask_approval(talk, talk.group, name, phone, Plan(rows=[row], changes=[city_moved(talk.desk.now)]))


def parse_identity(text: str) -> tuple[str | None, str | None]:
    """A Chinese name and an eleven-digit mobile number, in either order."""
    words = _LABELS.sub(" ", _PHONE.sub(" ", text))
    names = _NAME.findall(words)
    return (names[0] if len(names) == 1 else None), find_phone(text)


async def _register_again(talk: WorkerTalk, worker: Worker, group: GroupNode, name: str, phone: str) -> Said:
    if worker.status is WorkerStatus.PENDING:
        return refuse(
            f"您已登记为{worker.name}，正等待同意；请{await approver_line(talk, group)}回复{how_to(talk, f'同意 {worker.name}')}。"
        )
    if worker.status is not WorkerStatus.LEFT:
        return refuse(f"您已登记为{worker.name}，不用再登记；回复{how_to(talk, '帮助')}看看可以做什么。")
    if await talk.books.list_posts(worker.id):
        # Whoever held a post and left comes back through the command centre: his old posts would come back with him.
        return refuse("您的账号已停用，请联系街道指挥中心恢复。")
    values: dict[str, object] = {"name": name, "phone": phone, "area_code": group.area, "status": WorkerStatus.PENDING}
    values["conversation"] = {**worker.conversation, **_claim_of(talk, group)}
    plan = Plan(changes=[Change(Worker, worker.id, worker.version, values), city_moved(talk.desk.now)])
    return await _ask_approval(talk, group, name, phone, plan)


async def _claim(talk: WorkerTalk, group: GroupNode, imported: Worker) -> Said:
    city = talk.desk.city
    areas = [post.area_code for post in await talk.books.list_posts(imported.id)] or [imported.area_code or ""]
    if not all(city.is_inside(area, group.area) for area in areas):
        return refuse("您的岗位不在本群的区域里，请到您所属的工作群里登记。")
    claim = imported.conversation.get(CLAIM)
    if claim and claim.get("userid") != talk.update.person:
        return refuse(
            f"{imported.name}已有人登记，正等待同意；如果不是本人，请网格长回复{how_to(talk, f'拒绝 {imported.name}')}后再登记。"
        )
    kept = {**imported.conversation, **_claim_of(talk, group)}
    plan = Plan(changes=[Change(Worker, imported.id, imported.version, {"conversation": kept})])
    return await _ask_approval(talk, group, imported.name, imported.phone, plan)


def _claim_of(talk: WorkerTalk, group: GroupNode) -> dict[str, object]:
    return {CLAIM: {"userid": talk.update.person, "group": group.id}}


async def _ask_approval(talk: WorkerTalk, group: GroupNode, name: str, phone: str, plan: Plan) -> Said:
    who = await approver_line(talk, group)
    yes, no = how_to(talk, f"同意 {name}"), how_to(talk, f"拒绝 {name}")
    return tell(
        f"{name}（{mask_phone(phone)}）申请登记。请{who}核实是本人后回复{yes}，不认识请回复{no}。", "registered", plan
    )


async def approver_line(talk: WorkerTalk, group: GroupNode) -> str:
    """Who may say 同意 here, by name where there is a lead."""
    lead = talk.desk.city.find_lead(group.area)
    return f"负责人{lead.name}（或绑定本群的人）" if lead and lead.userid else "绑定本群的人或上级指挥员"
