"""同意 姓名 / 拒绝 姓名: by a lead or coordinator above the one who asked, or by whoever bound the group."""

import re
from dataclasses import dataclass

from handlers.reply import Said
from handlers.talk import WorkerTalk, city_moved
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.commands import Command
from handlers.worker.people import CLAIM
from handlers.worker.requests import hear_decide, is_about_request, is_bare_decision
from nlp.mask import mask_phone
from storage.columns import GroupKind, PostRole, WorkerStatus
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Post, Worker, WorkGroup

_LEADING = (PostRole.LEAD, PostRole.COORDINATOR)


@dataclass(frozen=True, slots=True)
class Asking:
    """Somebody who waits: the row that will be his, his userid, the group he asked in. `is_import`: the row was imported."""

    worker: Worker
    userid: str
    group_id: int | None
    is_import: bool


async def hear_approve(talk: WorkerTalk, command: Command) -> Said:
    """同意 name; 同意 延期 number."""
    if is_about_request(talk, command) or await is_bare_decision(talk, command):
        return await hear_decide(talk, command, is_yes=True)
    asking = await _find_asking(talk, command)
    return asking if isinstance(asking, Said) else await _grant(talk, asking)


async def hear_reject(talk: WorkerTalk, command: Command) -> Said:
    """拒绝 name; 不同意 延期 number reason."""
    if is_about_request(talk, command) or await is_bare_decision(talk, command):
        return await hear_decide(talk, command, is_yes=False)
    asking = await _find_asking(talk, command)
    if isinstance(asking, Said):
        return asking
    worker = asking.worker
    values: dict[str, object] = {"conversation": _without_claim(worker)}
    if not asking.is_import:
        values["status"] = WorkerStatus.LEFT
    plan = Plan(changes=[Change(Worker, worker.id, worker.version, values), city_moved(talk.desk.now)])
    return tell(
        f"已拒绝{worker.name}的登记；如需重来，请本人再回复{how_to(talk, '登记 姓名 手机号')}。", "rejected", plan
    )


async def _grant(talk: WorkerTalk, asking: Asking) -> Said:
    worker = asking.worker
    values: dict[str, object] = {"conversation": _without_claim(worker)}
    if worker.status is WorkerStatus.PENDING:
        values["status"] = WorkerStatus.ACTIVE
    if asking.is_import:
        values["userid"] = asking.userid
    plan = Plan(changes=[Change(Worker, worker.id, worker.version, values), city_moved(talk.desk.now)])
    if not asking.is_import:
        plan.rows += [await _post(talk, worker, role, category) for role, category in _list_roles(talk, asking)]
    return tell(f"{worker.name}已登记，可以接单了；回复{how_to(talk, '帮助')}看看怎么用。", "approved", plan)


def _list_roles(talk: WorkerTalk, asking: Asking) -> list[tuple[PostRole, str]]:
    """A newcomer is a part-timer; in a department's group he has its seats."""
    group = talk.desk.city.groups.get(asking.group_id) if asking.group_id is not None else None
    if group is not None and group.kind is GroupKind.DEPARTMENT:
        return [(PostRole.DEPARTMENT, category) for category in sorted(group.categories) or [""]]
    return [(PostRole.PART_TIMER, "")]


async def _post(talk: WorkerTalk, worker: Worker, role: PostRole, category: str) -> Post:
    row_id = await talk.numbers.take_id()
    return fresh(Post, id=row_id, worker_id=worker.id, area_code=worker.area_code, role=role, category=category)


def _without_claim(worker: Worker) -> dict[str, object]:
    return {name: value for name, value in worker.conversation.items() if name != CLAIM}


async def _find_asking(talk: WorkerTalk, command: Command) -> Asking | Said:
    said = re.match(r"\s*([\u4e00-\u9fff·]{2,15})\s*[（(]?\s*(\d{4,11})?", command.rest)
    if said is None:
        return refuse(f"请写明姓名，例如：{how_to(talk, f'{command.verb} 张三')}。{await _waiting_line(talk)}")
    name, digits = said[1], said[2] or ""
    named = await talk.books.list_workers_named(name)
    waiting = [one for one in map(_asking, named) if one and _is_here(talk, one) and one.worker.phone.endswith(digits)]
    if not waiting:
        return refuse(f"没有等待同意的{name}，请核对姓名。{await _waiting_line(talk)}")
    if len(waiting) > 1:
        phones = "、".join(mask_phone(one.worker.phone) for one in waiting)
        return refuse(
            f"有{len(waiting)}位{name}在等待（{phones}），请加上手机号后四位，例如：{how_to(talk, f'{command.verb} {name} 0001')}。"
        )
    refusal = await _find_refusal(talk, waiting[0])
    return refuse(refusal) if refusal else waiting[0]


def _asking(worker: Worker) -> Asking | None:
    claim = worker.conversation.get(CLAIM) or {}
    group_id = int(claim["group"]) if "group" in claim else None
    if worker.userid is None and claim:
        return Asking(worker, str(claim["userid"]), group_id, True)
    if worker.status is WorkerStatus.PENDING and worker.userid:
        return Asking(worker, worker.userid, group_id, False)
    return None


def _is_here(talk: WorkerTalk, asking: Asking) -> bool:
    group = talk.group
    if group is None:
        return True
    return asking.group_id == group.id or (asking.group_id is None and asking.worker.area_code == group.area)


async def _find_refusal(talk: WorkerTalk, asking: Asking) -> str | None:
    binder = await _has_bound(talk)
    if asking.userid == talk.update.person and not binder:
        return "自己的登记要由网格长、指挥员或绑定本群的人同意。"
    if binder or await _leads(talk, asking):
        return None
    return "同意登记须由本区域的网格长、上级指挥员或绑定本群的人操作。"


async def _has_bound(talk: WorkerTalk) -> bool:
    row = await talk.books.find(WorkGroup, talk.group.id) if talk.group else None
    return row is not None and row.bound_by == talk.update.person


async def _leads(talk: WorkerTalk, asking: Asking) -> bool:
    """Whether the speaker leads every area that the other would have a post in: nobody gives away more than he has."""
    city, person = talk.desk.city, talk.person
    if person is None or not person.is_at_work:
        return False
    posts = await talk.books.list_posts(asking.worker.id) if asking.is_import else ()
    areas = [post.area_code for post in posts] or [asking.worker.area_code or ""]
    own = [seat.area for seat in city.posts_of.get(person.id, ()) if seat.role in _LEADING]
    return all(any(city.is_inside(area, led) for led in own) for area in areas)


async def _waiting_line(talk: WorkerTalk) -> str:
    if talk.group is None:
        return ""
    waiting = await talk.books.list_pending_workers([talk.group.area])
    names = "、".join(worker.name for worker in waiting[:10])
    return f"正在等待的有：{names}。" if names else ""
