"""Address rules from a file. A file states all rules of each area that it names: a rule no longer listed there is removed."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.imports.areas import KnownArea
from storage.imports.cells import Cells, spell
from storage.imports.faults import Fault
from storage.imports.sheet import Column, Sheet
from storage.imports.writing import Desk, Ids, Imported, Parsed, Stored, Values, differs, pick

PLACE_COLUMNS = (
    Column("area_code", ("区域编码", "网格编码"), required=True),
    Column("kind", ("类型", "地点类型"), required=True),
    Column("name", ("名称", "地点名称"), required=True),
    Column("aliases", ("别名", "俗称")),
    Column("from_number", ("起始门牌", "起始号")),
    Column("to_number", ("截止门牌", "截止号")),
    Column("parity", ("单双号",)),
    Column("building_from", ("起始楼号", "起始楼栋")),
    Column("building_to", ("截止楼号", "截止楼栋")),
    Column("exclusive", ("专属", "专属网格")),
)


class PlaceKind(StrEnum):
    """What an address rule names."""

    ESTATE = "estate"
    ROAD = "road"
    VILLAGE = "village"
    LANDMARK = "landmark"
    COMMUNITY = "community"


class Parity(StrEnum):
    """Which side of a road."""

    BOTH = ""
    ODD = "odd"
    EVEN = "even"


_KINDS = spell(
    PlaceKind,
    {
        PlaceKind.ESTATE: "小区|楼盘",
        PlaceKind.ROAD: "道路|街路",
        PlaceKind.VILLAGE: "村屯|屯|村",
        PlaceKind.LANDMARK: "地标|单位",
        PlaceKind.COMMUNITY: "社区",
    },
)
_PARITIES = spell(Parity, {Parity.BOTH: "全部|单双", Parity.ODD: "单|单号", Parity.EVEN: "双|双号"})
_KEY = ("area_code", "kind", "name", "from_number", "to_number", "parity", "building_from", "building_to")


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """One address rule as the file has it; the fields are the table's. `aliases` are joined by `|`."""

    area_code: str
    kind: PlaceKind
    name: str
    aliases: str
    from_number: int | None
    to_number: int | None
    parity: str
    building_from: int | None
    building_to: int | None
    exclusive: bool


# First and last number, the row, and the rule that claims them.
_Claim = tuple[int, int, int, PlaceRecord]


def parse_places(sheet: Sheet, areas: Mapping[str, KnownArea]) -> Parsed[PlaceRecord]:
    """Read and check the rules; two ordinary grids of one community may not claim the same building or door."""
    faults: list[Fault] = []
    records: dict[tuple[object, ...], tuple[int, PlaceRecord]] = {}
    for line in sheet.lines:
        cells = Cells(line)
        record = _read(cells, areas)
        key = _key_of(asdict(record))
        if key in records:
            cells.fault("name", f"与第{records[key][0]}行重复。")
        else:
            records[key] = (line.row, record)
        faults += cells.faults
    faults += _check_overlaps(list(records.values()), areas)
    return Parsed(tuple(record for _, record in records.values()), sheet.columns, sheet.in_its_words(faults))


def _read(cells: Cells, areas: Mapping[str, KnownArea]) -> PlaceRecord:
    area_code = cells.required("area_code", 32)
    if area_code and area_code not in areas:
        cells.fault("area_code", f"没有编码为“{area_code}”的区域。")
    if not cells.line.cells["kind"]:
        cells.fault("kind", "不能为空。")
    kind = cells.choice("kind", _KINDS, PlaceKind.LANDMARK)
    name = cells.required("name", 60)
    numbers = _read_range(cells, "from_number", "to_number")
    buildings = _read_range(cells, "building_from", "building_to")
    parity = cells.choice("parity", _PARITIES, Parity.BOTH)
    if kind is not PlaceKind.ROAD and (numbers != (None, None) or parity):
        cells.fault("from_number", "只有道路才填门牌号和单双号。")
    if kind is not PlaceKind.ESTATE and buildings != (None, None):
        cells.fault("building_from", "只有小区才填楼号。")
    aliases = "|".join(word for word in cells.words("aliases") if word != name)
    return PlaceRecord(area_code, kind, name, aliases, *numbers, parity.value, *buildings, cells.yes_no("exclusive"))


def _read_range(cells: Cells, low: str, high: str) -> tuple[int | None, int | None]:
    first, last = cells.integer(low, 1, 99_999), cells.integer(high, 1, 99_999)
    written = [bool(cells.line.cells.get(code)) for code in (low, high)]
    if written[0] != written[1]:
        cells.fault(high, "起止须同时填写。")
    elif first is not None and last is not None and last < first:
        cells.fault(high, "小于起始号。")
    return first, last


def _check_overlaps(rules: list[tuple[int, PlaceRecord]], areas: Mapping[str, KnownArea]) -> Iterator[Fault]:
    rivals: dict[tuple[object, ...], list[_Claim]] = defaultdict(list)
    for row, one in rules:
        first, last = (
            (one.building_from, one.building_to) if one.kind is PlaceKind.ESTATE else (one.from_number, one.to_number)
        )
        if first is None or last is None or one.exclusive or one.area_code not in areas:
            continue
        for side in (one.parity,) if one.parity else (Parity.ODD, Parity.EVEN):
            rivals[one.kind, one.name, areas[one.area_code].parent_code, side].append((first, last, row, one))
    found: set[tuple[int, int, PlaceKind]] = set()
    for claims in rivals.values():
        found.update(_list_clashes(claims))
    for later, earlier, kind in sorted(found):
        column = "building_from" if kind is PlaceKind.ESTATE else "from_number"
        yield Fault(later, column, f"与第{earlier}行的范围重叠，但属于另一个网格。")


def _list_clashes(claims: list[_Claim]) -> Iterator[tuple[int, int, PlaceKind]]:
    """Rows (later, earlier) of two areas that claim the same number."""
    claims.sort(key=lambda claim: claim[:3])
    farthest = claims[0]
    for claim in claims[1:]:
        (_, last, row, one), (first, _, other_row, other) = farthest, claim
        if first <= last and one.area_code != other.area_code:
            yield max(row, other_row), min(row, other_row), one.kind
        farthest = max(farthest, claim, key=lambda either: either[1])


def _key_of(values: Stored) -> tuple[object, ...]:
    return tuple(values[name] for name in _KEY)


async def write_places(
    connection: AsyncConnection,
    records: tuple[PlaceRecord, ...],
    ids: Ids,
    now: datetime,
    *,
    only: Collection[str] | None = None,
    dry_run: bool = False,
) -> Imported:
    """Make the rules of the named areas what the records say."""
    desk = Desk(connection, dry_run)
    named = {one.area_code for one in records}
    stored = {_key_of(row): row for row in await desk.load("place_rule") if row["area_code"] in named}
    wanted: dict[tuple[object, ...], Values] = {_key_of(values): values for values in map(_values, records)}
    new = [values for key, values in wanted.items() if key not in stored]
    known = {key: pick(values, only, _KEY) for key, values in wanted.items() if key in stored}
    changed = [{"id": stored[key]["id"], **values} for key, values in known.items() if differs(stored[key], values)]
    gone = [row["id"] for key, row in stored.items() if key not in wanted]
    drawn = [] if dry_run or not new else await ids.take(len(new))
    await desk.insert("place_rule", [{"id": id_, **values} for id_, values in zip(drawn, new, strict=bool(drawn))])
    await desk.update("place_rule", "id", changed)
    await desk.delete("place_rule", gone)
    return Imported(len(new), len(changed), len(known) - len(changed), removed=len(gone))


def _values(record: PlaceRecord) -> Values:
    return {**asdict(record), "kind": record.kind.value}
