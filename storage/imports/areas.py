"""The area tree from a file: one row per area, parents in the file or already stored."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import date, datetime
from itertools import pairwise

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.columns import AreaKind, AreaLevel
from storage.imports.cells import Cells, spell
from storage.imports.faults import Fault
from storage.imports.sheet import Column, Sheet
from storage.imports.writing import Desk, Ids, Imported, Parsed, Values, differs, pick

AREA_COLUMNS = (
    Column("code", ("区域编码", "编码", "区域代码"), required=True),
    Column("parent_code", ("上级编码", "上级区域编码", "上级"), required=True),
    Column("level", ("层级", "级别"), required=True),
    Column("kind", ("类型", "网格类型")),
    Column("name", ("名称", "区域名称"), required=True),
    Column("scope", ("服务范围", "范围")),
    Column("households", ("户数",)),
    Column("service_hours", ("服务时间",)),
    Column("duty_phone", ("值班电话", "联系电话")),
    Column("latitude", ("纬度",)),
    Column("longitude", ("经度",)),
    Column("effective_from", ("启用日期", "生效日期")),
    Column("effective_to", ("停用日期", "失效日期")),
)

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,31}")
_LEVELS = spell(
    AreaLevel,
    {
        AreaLevel.CITY: "市",
        AreaLevel.DISTRICT: "区|县|区县|县市区",
        AreaLevel.STREET: "街道|乡镇|街镇|乡|镇",
        AreaLevel.COMMUNITY: "社区|村|社区村",
        AreaLevel.GRID: "网格",
    },
)
_KINDS = spell(
    AreaKind,
    {
        AreaKind.URBAN: "城市|城市网格",
        AreaKind.RURAL: "农村|农村网格",
        AreaKind.REMOTE: "边远|边远网格",
        AreaKind.EXCLUSIVE: "专属|专属网格",
    },
)
_HOURS = re.compile(r"\d{1,2}:[0-5]\d-\d{1,2}:[0-5]\d(,\d{1,2}:[0-5]\d-\d{1,2}:[0-5]\d){0,5}")
_EDGE = re.compile(r"(\d{1,2}):(\d\d)")
_DAY_MINUTES = 24 * 60
_DEPTH = {level: depth for depth, level in enumerate(AreaLevel)}


@dataclass(frozen=True, slots=True)
class AreaRecord:
    """One area as the file has it; the fields are the table's."""

    code: str
    parent_code: str | None
    level: AreaLevel
    kind: AreaKind
    name: str
    scope: str
    households: int
    service_hours: str
    duty_phone: str
    latitude: float | None
    longitude: float | None
    effective_from: date | None
    effective_to: date | None


@dataclass(frozen=True, slots=True)
class KnownArea:
    """What checks need of an area, stored or from the file; `row` is 0 for a stored one."""

    parent_code: str | None
    level: AreaLevel
    row: int = 0


def parse_areas(sheet: Sheet, stored: Mapping[str, KnownArea]) -> Parsed[AreaRecord]:
    """Read and check the whole tree as it would be with this file."""
    faults: list[Fault] = []
    records: dict[str, AreaRecord] = {}
    rows: dict[str, int] = {}
    doubtful: set[str] = set()
    for line in sheet.lines:
        cells = Cells(line)
        record = _read(cells)
        if record.code in records:
            cells.fault("code", f"与第{rows[record.code]}行重复。")
        elif record.code:
            records[record.code], rows[record.code] = record, line.row
        if any(fault.column == "level" for fault in cells.faults):
            doubtful.add(record.code)
        faults += cells.faults
    tree = {**stored, **{one.code: KnownArea(one.parent_code, one.level, rows[one.code]) for one in records.values()}}
    faults += _check_tree(tree, doubtful)
    return Parsed(tuple(records.values()), sheet.columns, sheet.in_its_words(faults))


def _read(cells: Cells) -> AreaRecord:
    code = cells.matching("code", _CODE, "只能用字母、数字、点和短横，最多 32 位。")
    if not cells.line.cells["code"]:
        cells.fault("code", "不能为空。")
    if not cells.line.cells["level"]:
        cells.fault("level", "不能为空。")
    record = AreaRecord(
        code=code,
        parent_code=cells.matching("parent_code", _CODE, "不是区域编码。") or None,
        level=cells.choice("level", _LEVELS, AreaLevel.GRID),
        kind=cells.choice("kind", _KINDS, AreaKind.URBAN),
        name=cells.required("name", 60),
        scope=cells.text("scope", 2000),
        households=cells.integer("households", 0, 1_000_000) or 0,
        service_hours=_read_hours(cells),
        duty_phone=cells.phone("duty_phone", short=True),
        latitude=cells.decimal("latitude", -90, 90),
        longitude=cells.decimal("longitude", -180, 180),
        effective_from=cells.day("effective_from"),
        effective_to=cells.day("effective_to"),
    )
    if (record.latitude is None) != (record.longitude is None):
        cells.fault("longitude", "经度和纬度须同时填写。")
    if record.effective_from and record.effective_to and record.effective_to < record.effective_from:
        cells.fault("effective_to", "早于启用日期。")
    return record


def _read_hours(cells: Cells) -> str:
    # Deadlines are counted in them, so they must be hours and not a phrase.
    text = cells.matching("service_hours", _HOURS, "应写成 8:30-12:00,13:00-17:00。")
    edges = [int(hour) * 60 + int(minute) for hour, minute in _EDGE.findall(text)]
    if any(a >= b for a, b in pairwise(edges)) or (edges and edges[-1] > _DAY_MINUTES):
        cells.fault("service_hours", "时段须按先后排列，且不能重叠。")
        return ""
    return text


def _check_tree(tree: Mapping[str, KnownArea], doubtful: set[str]) -> Iterator[Fault]:
    roots = [area.row for area in tree.values() if area.parent_code is None]
    in_file = [row for row in roots if row]
    for row in in_file if len(in_file) < len(roots) else in_file[1:]:
        yield Fault(row, "parent_code", "最上级区域只能有一个；其余区域须写上级编码。")
    for code, area in tree.items():
        parent = tree.get(area.parent_code) if area.parent_code else None
        row = area.row or (parent.row if parent else 0)
        if not row:
            continue  # neither it nor its parent is in the file
        if parent is None and area.parent_code:
            yield Fault(row, "parent_code", f"没有编码为“{area.parent_code}”的区域。")
        elif parent and not {code, area.parent_code} & doubtful and _DEPTH[parent.level] >= _DEPTH[area.level]:
            yield Fault(row, "level", f"“{code}”是{area.level.label}级，上级“{area.parent_code}”须比它高。")
    # A chain that comes back to itself would also break the order of levels somewhere; it is named all the same.
    yield from (
        Fault(tree[code].row, "parent_code", "上下级绕成了圈。") for code in _list_circling(tree) if tree[code].row
    )


def _list_circling(tree: Mapping[str, KnownArea]) -> list[str]:
    sound: set[str] = set()
    circling: list[str] = []
    for code in tree:
        trail: dict[str, None] = {}
        at: str | None = code
        while at is not None and at in tree and at not in sound and at not in trail:
            trail[at] = None
            at = tree[at].parent_code
        if at is not None and at in trail:
            walked = list(trail)
            circling += walked[walked.index(at) :]
        sound.update(trail)
    return circling


async def load_areas(connection: AsyncConnection) -> dict[str, KnownArea]:
    """Every stored area, for the checks of any import."""
    rows = await Desk(connection).load("area", "code", "parent_code", "level")
    return {row["code"]: KnownArea(row["parent_code"], row["level"]) for row in rows}


async def write_areas(
    connection: AsyncConnection,
    records: tuple[AreaRecord, ...],
    ids: Ids,
    now: datetime,
    *,
    only: Collection[str] | None = None,
    dry_run: bool = False,
) -> Imported:
    """Insert or change by code; paths of stored areas below a moved one follow. `only`: columns that may change."""
    desk = Desk(connection, dry_run)
    stored = {row["code"]: row for row in await desk.load("area")}
    parents = {code: row["parent_code"] for code, row in stored.items()} | {
        one.code: one.parent_code for one in records
    }
    paths = _list_paths(parents)
    wanted = {one.code: {**asdict(one), "path": paths[one.code]} for one in records}
    new = [values for code, values in wanted.items() if code not in stored]
    known = {code: pick(values, only, ("code", "path")) for code, values in wanted.items() if code in stored}
    changed = [values for code, values in known.items() if differs(stored[code], values)]
    moved: list[Values] = [
        {"code": code, "path": paths[code]}
        for code, row in stored.items()
        if code not in wanted and row["path"] != paths[code]
    ]
    # Parents first: a foreign key is checked row by row.
    await desk.insert("area", sorted(new, key=lambda values: values["path"].count("/")))
    await desk.update("area", "code", changed)
    await desk.update("area", "code", moved)
    return Imported(len(new), len(changed), len(known) - len(changed))


def _list_paths(parents: Mapping[str, str | None]) -> dict[str, str]:
    paths: dict[str, str] = {}

    def path_of(code: str) -> str:
        if code not in paths:
            parent = parents[code]
            paths[code] = (path_of(parent) if parent else "/") + code + "/"
        return paths[code]

    for code in parents:
        path_of(code)
    return paths
