"""Files of boundaries as survey offices send them: all faults by feature, nothing guessed, the ground on WeChat's map."""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grid.boundary_file import BoundaryFile, read_boundaries
from grid.coordinates import Crs, distance_metres, from_gcj02, wgs84_to_gcj02
from grid.ground import Plot
from storage.imports.faults import ImportRefused

AREAS = {code: Plot(code) for code in ("g1", "g2", "12")}
SQUARE = [[130.30, 46.80], [130.304, 46.80], [130.304, 46.803], [130.30, 46.803], [130.30, 46.80]]
BOW_TIE = [[130.30, 46.80], [130.304, 46.803], [130.304, 46.80], [130.30, 46.803], [130.30, 46.80]]
CRS84: dict[str, Any] = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
Json = dict[str, Any]


def make_feature(code: object = "g1", rings: object = None, kind: str = "Polygon", **properties: object) -> Json:
    return {
        "type": "Feature",
        "properties": {"code": code, **properties},
        "geometry": {"type": kind, "coordinates": [SQUARE] if rings is None else rings},
    }


def make_file(*features: object, crs: object = CRS84) -> bytes:
    whole = {"type": "FeatureCollection", "features": list(features)}
    return json.dumps({**whole, "crs": crs} if crs is not None else whole).encode()


def read(content: bytes, stated: Crs | None = None) -> BoundaryFile:
    return read_boundaries(content, AREAS, stated=stated, source="a.geojson")


def refuse(content: bytes, stated: Crs | None = None) -> list[str]:
    with pytest.raises(ImportRefused) as caught:
        read(content, stated)
    return str(caught.value).split("\n")


def corners_of(file: BoundaryFile) -> list[tuple[float, float]]:
    (ring,) = json.loads(file.records[0].geometry)["coordinates"]
    return [(latitude, longitude) for longitude, latitude in ring]


def test_a_sound_file_lands_on_wechats_map() -> None:
    file = read(make_file(make_feature(启用日期="2026年1月1日", source="市自然资源局")))
    (record,) = file.records
    assert (record.area_code, record.crs, record.source) == ("g1", "WGS-84", "市自然资源局")
    assert (str(record.effective_from), record.effective_to) == ("2026-01-01", None)
    wanted = {tuple(round(one, 7) for one in wgs84_to_gcj02(latitude, longitude)) for longitude, latitude in SQUARE}
    assert set(corners_of(file)) == wanted
    assert file.warnings == ()


@pytest.mark.parametrize("crs", Crs)
def test_one_ground_in_every_system(crs: Crs) -> None:
    ring = [[*reversed(from_gcj02(crs, latitude, longitude))] for longitude, latitude in SQUARE]
    for found in corners_of(read(make_file(make_feature(rings=[ring]), crs=None), crs)):
        assert min(distance_metres(found, (latitude, longitude)) for longitude, latitude in SQUARE) < 0.02


def test_equal_ground_is_equal_text_wherever_the_ring_begins() -> None:
    turned = [*SQUARE[2:], *SQUARE[1:3]]
    texts = {read(make_file(make_feature(rings=[ring]))).records[0].geometry for ring in (SQUARE, turned, SQUARE[::-1])}
    assert len(texts) == 1


@pytest.mark.parametrize("name", ["code", "area_code", "编码", "网格编码"])
def test_the_code_has_many_names(name: str) -> None:
    feature = make_feature()
    feature["properties"] = {name: " g2 "}
    assert read(make_file(feature)).records[0].area_code == "g2"


def test_a_code_may_be_a_number_and_a_corner_may_have_a_height() -> None:
    rings = [[[*corner, 81.5] for corner in SQUARE]]
    assert read(make_file(make_feature(12, rings))).records[0].area_code == "12"


def test_several_parts_and_holes() -> None:
    hole = [[130.301, 46.801], [130.302, 46.801], [130.302, 46.802], [130.301, 46.801]]
    other = [[longitude + 0.01, latitude] for longitude, latitude in SQUARE]
    file = read(make_file(make_feature(rings=[[SQUARE, hole], [other]], kind="MultiPolygon")))
    assert [len(polygon) for polygon in json.loads(file.records[0].geometry)["coordinates"]] in ([1, 2], [2, 1])


def test_a_ring_that_crosses_itself_is_mended_and_named() -> None:
    file = read(make_file(make_feature(), make_feature("g2", [BOW_TIE])))
    (warning,) = file.warnings
    assert warning.startswith("第2个要素“g2”：边界自相交（约在经度 130.3")
    assert json.loads(file.records[1].geometry)["type"] == "MultiPolygon"


def test_a_wrong_system_shows_by_the_centre() -> None:
    areas = {"g1": Plot("g1", centre=(46.8015, 130.302))}
    assert read_boundaries(make_file(make_feature(), crs=None), areas, stated=Crs.GCJ02).warnings == ()
    (warning,) = read_boundaries(make_file(make_feature(), crs=None), areas, stated=Crs.BD09).warnings
    assert "请核对编码和坐标系" in warning


@pytest.mark.parametrize(
    ("content", "stated", "words"),
    [
        (b"", None, "不是 GeoJSON"),
        (b"\xff\xfe", None, "不是 GeoJSON"),
        (b"code,name\n1,2\n", None, "不是 GeoJSON"),
        (b"[]", None, "不是 FeatureCollection"),
        (b'{"type":"Feature"}', None, "不是 FeatureCollection"),
        (b'{"type":"FeatureCollection","features":{}}', None, "不是 FeatureCollection"),
        (make_file(), None, "没有要素"),
        (make_file(make_feature(), crs=None), None, "坐标系不能猜"),
        (make_file(make_feature(), crs={"type": "name", "properties": {"name": "EPSG:4525"}}), None, "投影坐标"),
        (make_file(make_feature(), crs={"type": "link"}), Crs.WGS84, "不认识"),
        (make_file(make_feature(), crs="EPSG:4490"), Crs.WGS84, "不认识"),
        (make_file(make_feature()), Crs.GCJ02, "文件写明坐标系是 WGS-84，命令写明是 GCJ-02"),
    ],
)
def test_faults_of_the_file(content: bytes, stated: Crs | None, words: str) -> None:
    (line,) = refuse(content, stated)
    assert line.startswith("文件：")
    assert words in line


@pytest.mark.parametrize(
    ("feature", "words"),
    [
        (None, "不是 Feature"),
        ({"type": "Polygon"}, "不是 Feature"),
        (make_feature(""), "缺少编码"),
        (make_feature(["g1"]), "应为文字"),
        (make_feature(True), "应为文字"),
        (make_feature("g9"), "没有编码为“g9”的区域"),
        (make_feature(effective_from="someday"), "不是日期"),
        (make_feature(effective_from="2026-02-01", effective_to="2026-01-01"), "早于启用日期"),
        ({"type": "Feature", "properties": {"code": "g1"}, "geometry": None}, "须为 Polygon 或 MultiPolygon"),
        (make_feature(kind="Point", rings=[130.3, 46.8]), "须为 Polygon 或 MultiPolygon"),
        (make_feature(kind="LineString", rings=SQUARE), "须为 Polygon 或 MultiPolygon"),
        (make_feature(rings=[]), "没有环"),
        (make_feature(kind="MultiPolygon", rings=[]), "不为空"),
        (make_feature(kind="MultiPolygon", rings=[[]]), "没有环"),
        (make_feature(rings=[[]]), "第1个环没有坐标"),
        (make_feature(rings=[SQUARE[:2]]), "第1个环不足 4 个点"),
        (make_feature(rings=[SQUARE[:4]]), "没有闭合"),
        (make_feature(rings=[SQUARE, SQUARE[:2]]), "第2个环不足 4 个点"),
        (make_feature(rings=[[*SQUARE[:2], [130.3, "46.8"], SQUARE[0]]]), "不是数字"),
        (make_feature(rings=[[*SQUARE[:2], [130.3], SQUARE[0]]]), "不是数字"),
        (make_feature(rings=[[*SQUARE[:2], [True, 46.8], SQUARE[0]]]), "不是数字"),
        (make_feature(rings=[[corner[::-1] for corner in SQUARE]]), "写反了"),
        (make_feature(rings=[[[x * 1000, y * 100_000] for x, y in SQUARE]]), "不在境内"),
        (make_feature(rings=[[[-0.1, 51.5], [0.1, 51.5], [0.1, 51.6], [-0.1, 51.5]]]), "不在境内"),
        (make_feature(rings=[[[130.3, 46.8], [130.301, 46.8], [130.302, 46.8], [130.3, 46.8]]]), "面积不到"),
        (make_feature(rings=[[[130.3, 46.8]] * 4]), "没有可用的面积"),
        (make_feature(rings=[[[130.3, 46.8], [130.30001, 46.8], [130.30001, 46.80001], [130.3, 46.8]]]), "面积不到"),
    ],
)
def test_faults_of_a_feature(feature: object, words: str) -> None:
    lines = refuse(make_file(make_feature("g2"), feature))
    assert any(words in line for line in lines), lines
    assert all(line.startswith("第2个要素") for line in lines)


def test_all_faults_are_listed_by_feature() -> None:
    lines = refuse(make_file(make_feature("g9"), make_feature(), make_feature("", [SQUARE[:4]]), make_feature()))
    assert [line.partition("：")[0] for line in lines] == [
        "第1个要素“g9”",
        "第3个要素",
        "第3个要素",
        "第4个要素“g1”",
    ]
    assert "与第2个要素的编码相同" in lines[-1]


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5) | st.sampled_from((130.3, 46.8)),
    lambda inner: (
        st.lists(inner, max_size=5) | st.dictionaries(st.sampled_from(("type", "coordinates", "code")), inner)
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(("Polygon", "MultiPolygon")))
def test_whatever_a_feature_holds_it_is_read_or_refused(junk: object, kind: str) -> None:
    read_or_refuse(lambda: read(make_file(make_feature(rings=junk, kind=kind))))
    read_or_refuse(lambda: read(make_file(make_feature(junk))))
    read_or_refuse(lambda: read(make_file(junk)))
    read_or_refuse(lambda: read(make_file(make_feature(), crs=junk)))


def read_or_refuse(act: Callable[[], BoundaryFile]) -> None:
    with suppress(ImportRefused):
        assert act().records
