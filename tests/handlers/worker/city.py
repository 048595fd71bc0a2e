"""A small made town: one district, one street, two communities, four grids, their people and groups."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import SQLModel

from grid.calendar import WorkCalendar
from grid.clocks import WorkClocks
from grid.deadlines import Deadlines
from grid.desk import Promise
from grid.holidays import built_in_days
from grid.limits import LimitError, LimitUnit, parse_limit
from nlp.gazetteer import Gazetteer
from nlp.reader import Reader
from nlp.reading import PlaceRule
from storage.columns import AreaKind, AreaLevel, Channel, GroupKind, PostRole, WorkerStatus
from storage.rows import fresh
from storage.tables import Area, Post, Setting, Worker, WorkGroup
from tests.clock import START

ROOT, DISTRICT, STREET, COMMUNITY, OTHER = "23", "2308", "230807", "23080705", "23080706"
GRID1, GRID3, OTHER1, OTHER3 = f"{COMMUNITY}01", f"{COMMUNITY}03", f"{OTHER}01", f"{OTHER}03"

WANG, LI, ZHAO, SUN, ZHOU, QIAN, WU, HE = "u-wang", "u-li", "u-zhao", "u-sun", "u-zhou", "u-qian", "u-wu", "u-he"
CHAT3, CHAT_COMMUNITY, CHAT_STREET, CHAT_DUTY, CHAT_HOUSING, CHAT_OTHER = "c3", "cc", "cs", "cd", "ch", "co"
NEW_CHAT, BIND_CODE = "c-new", "AB12CD34"

_AREAS = (
    (ROOT, None, AreaLevel.CITY, "佳木斯市"),
    (DISTRICT, ROOT, AreaLevel.DISTRICT, "向阳区"),
    (STREET, DISTRICT, AreaLevel.STREET, "建设街道"),
    (COMMUNITY, STREET, AreaLevel.COMMUNITY, "文采社区"),
    (OTHER, STREET, AreaLevel.COMMUNITY, "学苑社区"),
    (GRID1, COMMUNITY, AreaLevel.GRID, "第一网格"),
    (GRID3, COMMUNITY, AreaLevel.GRID, "第三网格"),
    (OTHER1, OTHER, AreaLevel.GRID, "第一网格"),
    (OTHER3, OTHER, AreaLevel.GRID, "第三网格"),
)
# id, userid, name, area, role, category
_PEOPLE = (
    (11, WANG, "王芳", GRID3, PostRole.LEAD, ""),
    (12, LI, "李强", GRID3, PostRole.PART_TIMER, ""),
    (13, ZHAO, "赵敏", STREET, PostRole.COORDINATOR, ""),
    (14, SUN, "孙丽", STREET, PostRole.CONDUCT, ""),
    (15, ZHOU, "周杰", COMMUNITY, PostRole.COORDINATOR, ""),
    (16, QIAN, "钱华", DISTRICT, PostRole.DEPARTMENT, "urban_property"),
    (17, WU, "吴刚", ROOT, PostRole.COORDINATOR, ""),
    (18, HE, "何静", OTHER1, PostRole.LEAD, ""),
    (19, None, "郑伟", GRID1, PostRole.LEAD, ""),
    (20, "u-feng", "冯亮", DISTRICT, PostRole.DEPARTMENT, "public_security"),
    (21, None, "高远", DISTRICT, PostRole.COORDINATOR, ""),
)
# id, name, area, kind, chat
_GROUPS = (
    (31, "文采社区第三网格工作群", GRID3, GroupKind.WORK, CHAT3),
    (32, "文采社区网格工作群", COMMUNITY, GroupKind.WORK, CHAT_COMMUNITY),
    (33, "建设街道指挥调度群", STREET, GroupKind.WORK, CHAT_STREET),
    (34, "佳木斯市值班群", ROOT, GroupKind.DUTY, CHAT_DUTY),
    (35, "向阳区住建局席位群", DISTRICT, GroupKind.DEPARTMENT, CHAT_HOUSING),
    (36, "文采社区第一网格工作群", GRID1, GroupKind.WORK, None),
    (37, "学苑社区第一网格工作群", OTHER1, GroupKind.WORK, CHAT_OTHER),
    (38, "向阳区公安局席位群", DISTRICT, GroupKind.DEPARTMENT, None),
)
_SEATS = {35: "urban_property", 38: "public_security"}


def phone_of(worker_id: int) -> str:
    """A made number of the reserved-looking pattern."""
    return f"138000000{worker_id}"


def town_rows() -> list[SQLModel]:
    """Everything that stands before anybody speaks."""
    rows: list[SQLModel] = [_area(*row) for row in _AREAS]
    for worker_id, userid, name, area, role, category in _PEOPLE:
        rows.append(make_worker(worker_id, userid, name, area))
        rows.append(fresh(Post, id=worker_id + 100, worker_id=worker_id, area_code=area, role=role, category=category))
    rows += [_group(*row) for row in _GROUPS]
    rows.append(fresh(Setting, name="city_version", value="0"))
    return rows


def _area(code: str, parent: str | None, level: AreaLevel, name: str) -> Area:
    paths = {one: _path(one) for one, *_ in _AREAS}
    return fresh(
        Area, code=code, parent_code=parent, level=level, kind=AreaKind.URBAN, name=name, path=f"/{paths[code]}/"
    )


def _path(code: str) -> str:
    parents = {one: parent for one, parent, *_ in _AREAS}
    above = parents[code]
    return f"{_path(above)}/{code}" if above else code


def make_worker(
    worker_id: int, userid: str | None, name: str, area: str, status: WorkerStatus = WorkerStatus.ACTIVE
) -> Worker:
    """A worker as an import leaves him."""
    return fresh(
        Worker, id=worker_id, userid=userid, name=name, phone=phone_of(worker_id), area_code=area, status=status
    )


def _group(group_id: int, name: str, area: str, kind: GroupKind, chat: str | None) -> WorkGroup:
    is_open = group_id == 36
    return fresh(
        WorkGroup,
        id=group_id,
        key=f"g{group_id}",
        name=name,
        area_code=area,
        kind=kind,
        categories=_SEATS.get(group_id, ""),
        chatid=chat,
        send_via=Channel.AIBOT,
        receive_via=Channel.AIBOT,
        bind_code=BIND_CODE if is_open else None,
        bind_expires_at=START + timedelta(days=7) if is_open else None,
    )


def make_reader() -> Reader:
    """A reader that knows three estates."""
    return Reader(
        Gazetteer(
            [
                PlaceRule(GRID3, "estate", "阳光水岸"),
                PlaceRule(GRID1, "estate", "长安小区"),
                PlaceRule(OTHER1, "estate", "学府花园"),
            ]
        )
    )


class PlainClocks(WorkClocks):
    """Two hours to accept, three days to resolve, no weekends; all else as in the city."""

    def __init__(self) -> None:
        super().__init__(Deadlines(), WorkCalendar(built_in_days(), ZoneInfo("Asia/Shanghai")))

    def promise(self, category: str, urgency: str, at: datetime, area: str | None = None) -> Promise:
        return Promise(at + timedelta(hours=2), at + timedelta(days=3), False)

    def extend(self, due: datetime, limit: str, area: str | None = None) -> datetime:
        read = parse_limit(limit)
        if read.unit is LimitUnit.MONTH:
            raise LimitError("延期不能按月。")
        spans = {LimitUnit.DAY: timedelta(days=1), LimitUnit.WORKING_DAY: timedelta(days=1)}
        spans[LimitUnit.MINUTE] = timedelta(minutes=1)
        return due + read.amount * spans.get(read.unit, timedelta(hours=1))
