"""Workers and their posts from a file: several rows with the same userid, or the same name and phone, are one worker."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from storage.columns import AreaLevel, PostRole, WorkerStatus
from storage.imports.areas import KnownArea
from storage.imports.cells import Cells, spell
from storage.imports.faults import Fault
from storage.imports.sheet import Column, Line, Sheet
from storage.imports.writing import Parsed

PEOPLE_COLUMNS = (
    Column("userid", ("企业微信账号", "账号", "成员账号")),
    Column("name", ("姓名",), required=True),
    Column("phone", ("手机", "手机号", "电话", "联系电话")),
    Column("area_code", ("区域编码", "网格编码"), required=True),
    Column("role", ("岗位", "角色"), required=True),
    Column("category", ("类别", "专职类别")),
    Column("level", ("等级", "网格员等级")),
    Column("status", ("状态",)),
)

# WeCom: 1–64 bytes, begins with a digit or letter. https://developer.work.weixin.qq.com/document/path/90195
_USERID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.@-]{0,63}")
_ROLES = spell(
    PostRole,
    {role: role.label for role in PostRole},
    {
        PostRole.LEAD: "长",
        PostRole.SPECIALIST: "专职",
        PostRole.PART_TIMER: "兼职",
        PostRole.DEPARTMENT: "席位",
        PostRole.CONDUCT: "作风",
    },
)
_STATUSES = spell(
    WorkerStatus,
    {
        WorkerStatus.PENDING: "待审核",
        WorkerStatus.ACTIVE: "在岗|在职",
        WorkerStatus.AWAY: "请假|离岗",
        WorkerStatus.LEFT: "离职|退出",
    },
)
_WITH_CATEGORY = (PostRole.SPECIALIST, PostRole.PART_TIMER, PostRole.DEPARTMENT)


@dataclass(frozen=True, slots=True)
class PostRecord:
    """One post; `category` is a code, or empty."""

    area_code: str
    role: PostRole
    category: str


@dataclass(frozen=True, slots=True)
class PersonRecord:
    """One worker with all posts that the file gives him; `row` is his first. `id`: of the stored worker that he is, if any."""

    row: int
    userid: str | None
    name: str
    phone: str
    level: int
    status: WorkerStatus
    posts: tuple[PostRecord, ...]
    id: int | None = None

    @property
    def area_code(self) -> str:
        """Where he belongs: the area of his lead's post, else of his first."""
        return next((post.area_code for post in self.posts if post.role is PostRole.LEAD), self.posts[0].area_code)


@dataclass(frozen=True, slots=True)
class KnownWorker:
    """What matching needs of a stored worker."""

    id: int
    userid: str | None
    name: str
    phone: str


def parse_people(
    sheet: Sheet,
    areas: Mapping[str, KnownArea],
    categories: Mapping[str, str],
    stored: Iterable[KnownWorker] = (),
) -> Parsed[PersonRecord]:
    """Read and check the workers. `categories`: code → Chinese name. Each worker is matched with a stored one, if there is one."""
    names = {word: code for code, label in categories.items() for word in (code, label)}
    people, faults = _join(sheet.lines, areas, names)
    faults += _check_leads(people)
    matched, more = _match(people, list(stored))
    return Parsed(tuple(matched), sheet.columns, sheet.in_its_words([*faults, *more]))


def _join(
    lines: tuple[Line, ...], areas: Mapping[str, KnownArea], names: Mapping[str, str]
) -> tuple[list[PersonRecord], list[Fault]]:
    """Rows to workers, in the file's order."""
    faults: list[Fault] = []
    people: list[PersonRecord] = []
    by_userid: dict[str, int] = {}
    by_phone: dict[tuple[str, str], int] = {}
    for line in lines:
        cells = Cells(line)
        one = _read(cells, areas, names)
        index = by_userid.get(one.userid or "", by_phone.get((one.name, one.phone)))
        if index is None:
            index = len(people)
            people.append(one)
        else:
            people[index] = _add(cells, people[index], one)
        if one.userid:
            by_userid.setdefault(one.userid, index)
        if one.phone:
            by_phone.setdefault((one.name, one.phone), index)
        faults += cells.faults
    return people, faults


def _read(cells: Cells, areas: Mapping[str, KnownArea], names: Mapping[str, str]) -> PersonRecord:
    userid = cells.matching("userid", _USERID, "不是企业微信账号：字母或数字开头，最多 64 位。") or None
    name, phone = cells.required("name", 30), cells.phone("phone")
    if not cells.line.cells.get("userid") and not cells.line.cells.get("phone"):
        cells.fault("userid", "账号和手机至少填一项。")
    return PersonRecord(
        row=cells.line.row,
        userid=userid,
        name=name,
        phone=phone,
        level=cells.integer("level", 1, 4) or 1,
        status=cells.choice("status", _STATUSES, WorkerStatus.ACTIVE),
        posts=(_read_post(cells, areas, names),),
    )


def _read_post(cells: Cells, areas: Mapping[str, KnownArea], names: Mapping[str, str]) -> PostRecord:
    area_code = cells.required("area_code", 32)
    if area_code and area_code not in areas:
        cells.fault("area_code", f"没有编码为“{area_code}”的区域。")
    if not cells.line.cells["role"]:
        cells.fault("role", "不能为空。")
    role = cells.choice("role", _ROLES, PostRole.PART_TIMER)
    if role is PostRole.CONDUCT and area_code in areas and areas[area_code].level is AreaLevel.GRID:
        cells.fault("area_code", "作风投诉联系人须在社区或以上，不能设在网格。")
    return PostRecord(area_code, role, _read_category(cells, role, names))


def _read_category(cells: Cells, role: PostRole, names: Mapping[str, str]) -> str:
    word = cells.text("category", 30)
    if word and word not in names:
        cells.fault("category", f"没有类别“{word}”，可用：{'、'.join(names)}。")
    elif word and role not in _WITH_CATEGORY:
        cells.fault("category", f"{role.label}不分类别，请留空。")
    elif not word and role is PostRole.SPECIALIST:
        cells.fault("category", "专职网格员须填类别。")
    return names.get(word, "")


def _add(cells: Cells, person: PersonRecord, one: PersonRecord) -> PersonRecord:
    """One more post of a worker; what describes the worker himself must agree with his first row."""
    for code in ("userid", "name", "phone", "level", "status"):
        first, again = getattr(person, code), getattr(one, code)
        if cells.line.cells.get(code) and first and first != again:
            cells.fault(code, f"与同一人的第{person.row}行不一致。")
    if one.posts[0] in person.posts:
        cells.fault("role", f"与第{person.row}行起的同一人岗位重复。")
        return person
    return replace(
        person,
        userid=person.userid or one.userid,
        phone=person.phone or one.phone,
        posts=(*person.posts, one.posts[0]),
    )


def _check_leads(people: list[PersonRecord]) -> list[Fault]:
    """1+6+N: one lead at work per grid."""
    first: dict[str, int] = {}
    faults = []
    for person in people:
        for post in person.posts:
            if post.role is not PostRole.LEAD or person.status is not WorkerStatus.ACTIVE:
                continue
            if first.setdefault(post.area_code, person.row) != person.row:
                faults.append(
                    Fault(person.row, "role", f"“{post.area_code}”已有网格长（第{first[post.area_code]}行）。")
                )
    return faults


def _match(people: list[PersonRecord], stored: list[KnownWorker]) -> tuple[list[PersonRecord], list[Fault]]:
    by_userid = {one.userid: one for one in stored if one.userid}
    by_phone = {(one.name, one.phone): one for one in stored if one.phone}
    matched: list[PersonRecord] = []
    faults: list[Fault] = []
    taken: dict[int, int] = {}
    for person in people:
        same_phone = by_phone.get((person.name, person.phone))
        found = by_userid.get(person.userid or "") or same_phone
        if same_phone and found and (same_phone.id != found.id or _contradicts(person, found)):
            faults.append(Fault(person.row, "userid", "姓名和手机与另一名已登记人员相同，但账号不同。"))
        elif found and taken.setdefault(found.id, person.row) != person.row:
            faults.append(Fault(person.row, "userid", f"与第{taken[found.id]}行是同一名已登记人员。"))
        matched.append(replace(person, id=found.id if found else None))
    return matched, faults


def _contradicts(person: PersonRecord, found: KnownWorker) -> bool:
    return bool(person.userid and found.userid and person.userid != found.userid)
