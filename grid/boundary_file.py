"""A GeoJSON file of boundaries: read, checked feature by feature, and brought onto WeChat's map (docs/imports.md).

The system of the file must be stated, by its own `crs` member or by whoever imports it: a guess would put every grid some
five hundred metres off. (RFC 7946 took `crs` out and means WGS-84; files of the survey offices follow the edition of 2008.)
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import orjson

from grid.coordinates import Crs, Pair, parse_crs, to_gcj02
from grid.ground import Plot
from grid.shapes import (
    Ring,
    Shape,
    ShapeIndex,
    find_flaw,
    make_shape,
    measure_square_metres,
    mend,
    render_shape,
)
from storage.imports.boundaries import BoundaryRecord
from storage.imports.cells import Cells
from storage.imports.faults import Fault, ImportRefused
from storage.imports.sheet import Line

_LARGEST_BYTES = 200_000_000
_UNIT = "个要素"
# China, generously: a pair outside is of another system, or the wrong way round.
_LATITUDES, _LONGITUDES = (3.0, 54.0), (73.0, 136.0)
_LEAST_CORNERS = 4
# No grid is smaller than a building.
_LEAST_SQUARE_METRES = 100.0
# A known centre further than this outside its own boundary: the wrong system was stated, or the wrong code.
_CENTRE_OFF_METRES = 300.0
_PROPERTIES = {
    "code": ("code", "area_code", "编码", "区域编码", "网格编码"),
    "effective_from": ("effective_from", "启用日期", "生效日期"),
    "effective_to": ("effective_to", "停用日期", "失效日期"),
    "source": ("source", "来源"),
}


@dataclass(frozen=True, slots=True)
class BoundaryFile:
    """What a sound file holds; `warnings`: Chinese sentences on what was taken all the same."""

    crs: Crs
    records: tuple[BoundaryRecord, ...]
    warnings: tuple[str, ...]


@dataclass(slots=True)
class _Reading:
    """One feature on its way: what is wrong with it, and what was mended."""

    number: int
    crs: Crs
    code: str = ""
    faults: list[Fault] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def fault(self, message: str) -> None:
        self.faults.append(Fault(self.number, self.code, message, _UNIT))

    def warn(self, message: str) -> None:
        self.warnings.append(str(Fault(self.number, self.code, message, _UNIT)))


def read_boundaries(
    content: bytes, areas: Mapping[str, Plot], *, stated: Crs | None = None, source: str = ""
) -> BoundaryFile:
    """Read a FeatureCollection. `areas`: what is known, by code; `stated`: the system as the importer says; `source`: the file's name.

    Raises `ImportRefused` with all faults, by feature in the order of the file (the first is 1).
    """
    features, crs = _open(content, stated)
    faults: list[Fault] = []
    warnings: list[str] = []
    records: dict[str, BoundaryRecord] = {}
    numbers: dict[str, int] = {}
    for number, feature in enumerate(features, start=1):
        reading = _Reading(number, crs)
        record = _read_feature(reading, feature, areas, source)
        if reading.code and reading.code in numbers:
            reading.fault(f"与第{numbers[reading.code]}个要素的编码相同，请合为一个 MultiPolygon。")
        numbers.setdefault(reading.code, number)
        faults += reading.faults
        warnings += reading.warnings
        if record is not None:
            records[record.area_code] = record
    if faults:
        raise ImportRefused(faults)
    return BoundaryFile(crs, tuple(records.values()), tuple(warnings))


def _open(content: bytes, stated: Crs | None) -> tuple[list[object], Crs]:
    if len(content) > _LARGEST_BYTES:
        raise _refused(f"文件超过 {_LARGEST_BYTES // 1_000_000} MB。")
    try:
        whole = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError:
        raise _refused("不是 GeoJSON（UTF-8 的 JSON）。") from None
    features = whole.get("features") if isinstance(whole, dict) else None
    if not isinstance(features, list) or whole.get("type") != "FeatureCollection":
        raise _refused("不是 FeatureCollection。")
    if not features:
        raise _refused("没有要素。")
    return features, _settle_crs(whole.get("crs"), stated)


def _settle_crs(member: object, stated: Crs | None) -> Crs:
    """The system that file and importer agree on."""
    if member is None:
        if stated is None:
            raise _refused("没有写明坐标系，请用 --crs 写明（CGCS2000、WGS-84、GCJ-02 或 BD-09）；坐标系不能猜。")
        return stated
    properties = member.get("properties") if isinstance(member, dict) else None
    name = properties.get("name") if isinstance(properties, dict) else None
    written = parse_crs(name) if isinstance(name, str) else None
    if written is None:
        shown = f"“{name[:60]}”" if isinstance(name, str) else ""
        raise _refused(f"不认识文件写明的坐标系{shown}；投影坐标请先转换为经纬度（如 EPSG:4490）。")
    if stated is not None and stated is not written:
        raise _refused(f"文件写明坐标系是 {written.value}，命令写明是 {stated.value}，请核对。")
    return written


def _refused(message: str) -> ImportRefused:
    return ImportRefused([Fault(0, "", message)])


def _read_feature(reading: _Reading, feature: object, areas: Mapping[str, Plot], source: str) -> BoundaryRecord | None:
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        reading.fault("不是 Feature。")
        return None
    cells = _read_properties(reading, feature.get("properties"))
    reading.code = cells.text("code", 32)
    if not reading.code:
        reading.fault("缺少编码（属性 code、area_code 或 编码）。")
    elif reading.code not in areas:
        reading.fault(f"没有编码为“{reading.code}”的区域。")
    first, last = cells.day("effective_from"), cells.day("effective_to")
    if first and last and last < first:
        reading.fault("停用日期早于启用日期。")
    for fault in cells.faults:
        reading.fault(f"{fault.column}：{fault.message}")
    shape = _read_shape(reading, feature.get("geometry"))
    if shape is None or reading.faults:
        return None
    _check_centre(reading, shape, areas[reading.code].centre)
    return BoundaryRecord(
        reading.code, reading.crs.value, render_shape(shape), first, last, cells.text("source") or source
    )


def _read_properties(reading: _Reading, properties: object) -> Cells:
    given = properties if isinstance(properties, dict) else {}
    found = {}
    for code, names in _PROPERTIES.items():
        value = next((given[name] for name in names if given.get(name) not in (None, "")), "")
        # Spreadsheet programs turn codes into numbers; anything else is no cell.
        is_cell = isinstance(value, str | int) and not isinstance(value, bool)
        found[code] = str(value).strip() if is_cell else ""
        if not is_cell:
            reading.fault(f"属性 {code} 应为文字。")
    return Cells(Line(reading.number, found))


def _read_shape(reading: _Reading, geometry: object) -> Shape | None:
    """The ground on WeChat's map; None when something is wrong with it, which is then noted."""
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    given = geometry.get("coordinates") if isinstance(geometry, dict) else None
    polygons = [given] if kind == "Polygon" else given
    if kind not in ("Polygon", "MultiPolygon") or not isinstance(polygons, list) or not polygons:
        reading.fault("几何须为 Polygon 或 MultiPolygon，且不为空。")
        return None
    rings = [_read_polygon(reading, polygon) for polygon in polygons]
    if reading.faults and any(one is None for one in rings):
        return None
    shape = _mend(reading, make_shape([one for one in rings if one is not None]))
    if shape is not None and measure_square_metres(shape) < _LEAST_SQUARE_METRES:
        reading.fault(f"面积不到 {_LEAST_SQUARE_METRES:.0f} 平方米。")
        return None
    return shape


def _mend(reading: _Reading, shape: Shape) -> Shape | None:
    flaw = find_flaw(shape)
    if flaw is None:
        return shape
    said, spot = flaw
    where = f"（约在经度 {spot[1]:.5f}、纬度 {spot[0]:.5f}，GCJ-02）" if spot else ""
    what = "边界自相交" if "intersection" in said.lower() else "边界不合规范"
    mended = mend(shape)
    if mended is None:
        reading.fault(f"{what}{where}，没有可用的面积。")
        return None
    reading.warn(f"{what}{where}，已自动修复，请核对。")
    return mended


def _read_polygon(reading: _Reading, polygon: object) -> list[Ring] | None:
    if not isinstance(polygon, list) or not polygon:
        reading.fault("多边形没有环。")
        return None
    rings = [_read_ring(reading, ring, number) for number, ring in enumerate(polygon, start=1)]
    return [ring for ring in rings if ring is not None] if None not in rings else None


def _read_ring(reading: _Reading, ring: object, number: int) -> Ring | None:
    """A ring's corners on WeChat's map, longitude first."""
    corners = [_read_corner(corner) for corner in ring] if isinstance(ring, list) else []
    sound = [corner for corner in corners if corner is not None]
    message = _find_ring_fault(sound, len(corners))
    if message:
        reading.fault(f"第{number}个环{message}")
        return None
    return [(longitude, latitude) for latitude, longitude in (to_gcj02(reading.crs, *corner) for corner in sound)]


def _find_ring_fault(sound: Sequence[Pair], written: int) -> str:
    if len(sound) < written or not written:
        return "的坐标不是数字。" if written else "没有坐标。"
    if written < _LEAST_CORNERS:
        return f"不足 {_LEAST_CORNERS} 个点（首尾相同）。"
    if sound[0] != sound[-1]:
        return "没有闭合（首尾两点须相同）。"
    strange = next((corner for corner in sound if not _is_plausible(*corner)), None)
    if strange is None:
        return ""
    if _is_plausible(strange[1], strange[0]):
        return "的经纬度写反了，GeoJSON 须经度在前。"
    return f"有不在境内的点（{strange[1]:g}，{strange[0]:g}）；投影坐标请先转换为经纬度。"


def _read_corner(corner: object) -> Pair | None:
    """Latitude and longitude; a height is left out."""
    if not isinstance(corner, list) or len(corner) not in (2, 3):
        return None
    numbers = [float(one) for one in corner if isinstance(one, int | float) and not isinstance(one, bool)]
    if len(numbers) != len(corner) or not all(map(math.isfinite, numbers)):
        return None
    return numbers[1], numbers[0]


def _is_plausible(latitude: float, longitude: float) -> bool:
    return _LATITUDES[0] <= latitude <= _LATITUDES[1] and _LONGITUDES[0] <= longitude <= _LONGITUDES[1]


def _check_centre(reading: _Reading, shape: Shape, centre: Pair | None) -> None:
    """The area's centre, where one is stored, tells whether the stated system can be true."""
    if centre is None:
        return
    near = ShapeIndex([shape]).list_near(*centre, _CENTRE_OFF_METRES)
    if not near:
        reading.warn(f"区域的中心点在边界外 {_CENTRE_OFF_METRES:.0f} 米以上，请核对编码和坐标系。")
