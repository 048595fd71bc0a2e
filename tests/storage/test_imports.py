"""Files into the archive: read as people write them, refused whole with every fault named, the same on both engines."""

import codecs
import io
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from openpyxl import Workbook
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from storage.engine import WRITES, make_engine
from storage.imports import COLUMNS, Imported, ImportRefused, import_file
from storage.imports.sheet import read_sheet

CATEGORIES = {"urban_property": "城建物业", "dispute": "矛盾调处"}
NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)

AREAS = """code,parent_code,level,kind,name,scope,households
1,,city,,佳木斯市,,
11,1,district,,向阳区,,
111,11,street,,西林街道,,
1111,111,community,,文采社区,,
1111-01,1111,grid,urban,第一网格,枫林1-12号楼,210
1111-02,1111,grid,exclusive,第二小学专属网格,,
"""
PEOPLE = """userid,name,phone,area_code,role,category,level,status
wf,王芳,13800000012,1111-01,lead,,1,active
li,李强,13800000013,1111-01,specialist,城建物业,,
li,李强,,1111-02,specialist,dispute,,
,赵敏,13800000014,1111,conduct,,,
"""
GROUPS = """key,name,area_code,kind,categories,send_via,receive_via,webhook_key,chatid
grid-1,第一网格群,1111-01,work,,aibot,aibot,,
grid-2,第二网格群,1111-02,work,矛盾调处、城建物业,webhook,aibot,https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=0a1b2c3d-4e5f,
duty,值班群,1,duty,,aibot,aibot,,wrkSFfCgAA
"""
PLACES = """area_code,kind,name,aliases,from_number,to_number,parity,building_from,building_to,exclusive
1111-01,estate,枫林,枫林小区|枫林花园,,,,1,12,
1111-01,road,长安路,,1,99,odd,,,
1111-02,landmark,第二小学,,,,,,,是
"""
CALENDAR = "on,works,name,note\n2026-10-01,0,国庆节,通知\n2026-10-10,1,国庆节调休,通知\n"


@pytest.fixture
async def engine(engine_url: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(engine_url)
    yield made
    await made.dispose()


class Town:
    """An archive to import into."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self.codes = iter(f"CODE{number:04d}" for number in range(10_000))

    async def gets(self, kind: str, content: str | bytes, name: str = "a.csv", **options: Any) -> Imported:
        options = {"categories": CATEGORIES, "now": NOW, "draw_code": lambda: next(self.codes)} | options
        body = content.encode() if isinstance(content, str) else content
        async with self._engine.execution_options(**WRITES).begin() as connection:
            return await import_file(connection, kind, name, body, **options)

    async def refuses(self, kind: str, content: str | bytes, name: str = "a.csv") -> list[str]:
        with pytest.raises(ImportRefused) as caught:
            await self.gets(kind, content, name)
        return str(caught.value).split("\n")

    async def rows(self, query: str) -> list[tuple[Any, ...]]:
        async with self._engine.connect() as connection:
            return [tuple(row) for row in await connection.execute(text(query))]


@pytest.fixture
async def town(engine: AsyncEngine) -> Town:
    made = Town(engine)
    await made.gets("areas", AREAS)
    return made


def counts(imported: Imported) -> tuple[int, int, int]:
    return imported.created, imported.updated, imported.unchanged


def workbook(rows: Sequence[Sequence[object]]) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for row in rows:
        sheet.append(list(row))
    book.save(buffer)
    return buffer.getvalue()


async def test_a_town_and_the_same_again(engine: AsyncEngine) -> None:
    town = Town(engine)
    files = {"areas": AREAS, "people": PEOPLE, "groups": GROUPS, "places": PLACES, "calendar": CALENDAR}
    expected = {"areas": 6, "people": 3, "groups": 3, "places": 3, "calendar": 2}
    assert {kind: counts(await town.gets(kind, content)) for kind, content in files.items()} == {
        kind: (number, 0, 0) for kind, number in expected.items()
    }
    assert {kind: counts(await town.gets(kind, content)) for kind, content in files.items()} == {
        kind: (0, 0, number) for kind, number in expected.items()
    }
    assert await town.rows("SELECT path FROM area WHERE code = '1111-01'") == [("/1/11/111/1111/1111-01/",)]
    posts = "SELECT w.name, p.area_code, p.role, p.category FROM post p JOIN worker w ON w.id = p.worker_id"
    assert set(await town.rows(posts)) == {
        ("李强", "1111-01", "specialist", "urban_property"),
        ("李强", "1111-02", "specialist", "dispute"),
        ("王芳", "1111-01", "lead", ""),
        ("赵敏", "1111", "conduct", ""),
    }
    assert await town.rows("SELECT aliases, building_from, building_to FROM place_rule WHERE kind = 'estate'") == [
        ("枫林小区|枫林花园", 1, 12)
    ]


async def test_ids_come_from_the_counter_and_none_twice(town: Town) -> None:
    await town.gets("people", PEOPLE)
    await town.gets("places", PLACES)
    ids = [
        row[0]
        for row in await town.rows(
            "SELECT id FROM worker UNION ALL SELECT id FROM post UNION ALL SELECT id FROM place_rule"
        )
    ]
    assert sorted(ids) == list(range(1, 11))
    assert await town.rows("SELECT next FROM counter WHERE name = 'id'") == [(11,)]


@pytest.mark.parametrize(
    "encode", [str.encode, lambda text: codecs.BOM_UTF8 + text.encode(), lambda text: text.encode("gb18030")]
)
@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
async def test_csv_as_spreadsheets_write_it(engine: AsyncEngine, encode: Any, delimiter: str) -> None:
    town = Town(engine)
    body = (
        "\r\n" + "编码,上级编码,层级,名称,类型,户数\r\n 1 ,,市,佳木斯市,,\r\n,,,,,\r\n11,1,区县,向阳区,城市,２１０\r\n"
    )
    assert counts(await town.gets("areas", encode(body.replace(",", delimiter)))) == (2, 0, 0)
    assert await town.rows("SELECT name, level, households FROM area WHERE code = '11'") == [
        ("向阳区", "district", 210)
    ]


async def test_a_workbook_with_numbers_and_dates(town: Town) -> None:
    days = workbook([["日期", "是否上班", "名称"], [datetime(2027, 2, 6), False, "春节"], ["2027/2/20", 1, "调休"]])  # noqa: DTZ001 -- a cell has no zone
    assert counts(await town.gets("calendar", days, "a.xlsx")) == (2, 0, 0)
    rows = await town.rows('SELECT "on", works FROM calendar_day ORDER BY 1')
    assert [(str(on), bool(works)) for on, works in rows] == [("2027-02-06", False), ("2027-02-20", True)]
    people = workbook(
        [["姓名", "手机", "网格编码", "岗位"], ["王芳", 13800000012.0, "1111-01", "网格长"], [None, None, None, None]]
    )
    assert counts(await town.gets("people", people, "a.xlsx")) == (1, 0, 0)
    assert await town.rows("SELECT phone, userid FROM worker") == [("13800000012", None)]


def test_a_workbook_formatted_down_to_its_last_row() -> None:
    book, buffer = Workbook(), io.BytesIO()
    sheet = book.worksheets[0]
    for column, (header, value) in enumerate({"on": "2027-01-01", "works": "0"}.items(), start=1):
        sheet.cell(1, column, header)
        sheet.cell(4, column, value)
    sheet.cell(400_000, 2).number_format = "0.00"
    book.save(buffer)
    lines = read_sheet("a.xlsx", buffer.getvalue(), COLUMNS["calendar"]).lines
    assert [(line.row, dict(line.cells)) for line in lines] == [(4, {"on": "2027-01-01", "works": "0"})]


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "文件是空的"),
        ("a.csv", b"\xff\xff\xfe\x81", "认不出文字编码"),
        ("a.csv", b"code\0,name\n", "不是文本文件"),
        ("a.csv", b'on,works\n"2026-01-01,1\n', "引号不成对"),
        ("a.xls", b"\xd0\xcf\x11\xe0", "另存为 .xlsx"),
        ("a.xlsx", b"on,works\n", "不是 .xlsx 工作簿"),
        ("a.xlsx", b"PK\x03\x04 but nothing behind", "打不开这个工作簿"),
        ("a.csv", b"on,works,nmae\n", "是不是“name”"),
        ("a.csv", "on,works,日期\n".encode(), "出现了两次"),
        ("a.csv", b"on,name\n", "缺少这一列"),
        ("a.csv", b"on,works\n2026-01-01,1,x\n", "单元格比表头多"),
    ],
)
async def test_what_is_no_table(town: Town, name: str, content: bytes, sentence: str) -> None:
    assert sentence in (await town.refuses("calendar", content, name))[0]


async def test_every_fault_of_the_areas(town: Town) -> None:
    body = """编码,上级编码,层级,名称,户数,值班电话,纬度,经度,启用日期,停用日期
a/b,1111,grid,一,,,,,,
g1,nowhere,grid,二,,,,,,
g2,1111,village,三,-5,12345678901,91,,2026-02-30,
g3,1111,street,四,,,,,,
g4,1111,grid,,,,46.8,,2026-05-01,2026-04-01
g3,1111,grid,五,,,,,,
r2,,city,第二个市,,,,,,
c1,c2,grid,六,,,,,,
c2,c1,community,七,,,,,,
"""
    lines = await town.refuses("areas", body)
    assert lines == [
        "第2行“编码”：只能用字母、数字、点和短横，最多 32 位。",
        "第3行“上级编码”：没有编码为“nowhere”的区域。",
        "第4行“层级”：“village”不是可用的值，可用："
        "city、district、street、community、grid、市、区、县、区县、县市区、街道、乡镇、街镇、乡、镇、社区、村、社区村、网格。",
        "第4行“户数”：“-5”应为 0 到 1000000 的整数。",
        "第4行“值班电话”：不是 11 位手机号，也不是带区号的座机号。",
        "第4行“纬度”：“91”应为 -90 到 90 的数。",
        "第4行“启用日期”：“2026-02-30”不是日期，请写成 2026-01-01。",
        "第5行“层级”：“g3”是街道级，上级“1111”须比它高。",
        "第6行“名称”：不能为空。",
        "第6行“经度”：经度和纬度须同时填写。",
        "第6行“停用日期”：早于启用日期。",
        "第7行“编码”：与第5行重复。",
        "第8行“上级编码”：最上级区域只能有一个；其余区域须写上级编码。",
        "第9行“上级编码”：上下级绕成了圈。",
        "第10行“上级编码”：上下级绕成了圈。",
        "第10行“层级”：“c2”是社区级，上级“c1”须比它高。",
    ]
    assert len(await town.rows("SELECT code FROM area")) == 6


async def test_a_stored_tree_is_part_of_the_check(town: Town) -> None:
    lines = await town.refuses(
        "areas", "code,parent_code,level,name\n1111,11,grid,文采\n2,,city,另一市\n1,1111,city,佳木斯市\n"
    )
    assert [line.partition("：")[0] for line in lines] == [
        "第2行“parent_code”",
        "第2行“level”",
        "第2行“level”",
        "第4行“parent_code”",
        "第4行“level”",
    ]


async def test_a_moved_community_takes_its_grids_along(town: Town) -> None:
    moved = await town.gets(
        "areas", "code,parent_code,level,name\n112,11,street,建设街道\n1111,112,community,文采社区\n"
    )
    assert counts(moved) == (1, 1, 0)
    assert await town.rows("SELECT path, households FROM area WHERE code = '1111-01'") == [
        ("/1/11/112/1111/1111-01/", 210)
    ]


async def test_an_absent_column_leaves_what_is_stored(town: Town) -> None:
    assert counts(await town.gets("areas", "code,parent_code,level,name\n1111-01,1111,grid,枫林网格\n")) == (0, 1, 0)
    assert await town.rows("SELECT name, scope, households, kind FROM area WHERE code = '1111-01'") == [
        ("枫林网格", "枫林1-12号楼", 210, "urban")
    ]
    await town.gets("areas", "code,parent_code,level,name,scope\n1111-01,1111,grid,枫林网格,\n")
    assert await town.rows("SELECT scope, households FROM area WHERE code = '1111-01'") == [("", 210)]


async def test_every_fault_of_the_people(town: Town) -> None:
    body = """userid,name,phone,area_code,role,category,level,status
_bad,王一,13800000021,1111-01,lead,,,
,王二,,1111-01,part_timer,,,
,王三,1380000002,1111-01,part_timer,,,
w4,王四,13800000024,9999,boss,,7,asleep
w5,王五,13800000025,1111-01,specialist,,,
w6,王六,13800000026,1111-01,specialist,园林,,
w7,王七,13800000027,1111-01,coordinator,dispute,,
w8,王八,13800000028,1111-01,conduct,,,
w9,,13800000029,1111-01,part_timer,,,
wa,王甲,13800000030,1111-01,lead,,1,
wa,王甲,13800000031,1111-01,lead,,2,away
wb,王乙,13800000030,1111-01,lead,,,
"""
    lines = await town.refuses("people", body)
    assert [line.partition("：")[0] for line in lines] == [
        "第2行“userid”",
        "第3行“userid”",
        "第4行“phone”",
        "第5行“area_code”",
        "第5行“role”",
        "第5行“level”",
        "第5行“status”",
        "第6行“category”",
        "第7行“category”",
        "第8行“category”",
        "第9行“area_code”",
        "第10行“name”",
        "第11行“role”",
        "第12行“phone”",
        "第12行“role”",
        "第12行“level”",
        "第12行“status”",
        "第13行“role”",
    ]
    assert not any("138" in line for line in lines)
    assert await town.rows("SELECT id FROM worker") == []


async def test_a_person_keeps_identity_and_gets_exactly_the_posts_of_the_file(town: Town) -> None:
    await town.gets("people", PEOPLE)
    before = await town.rows("SELECT id FROM worker WHERE name = '王芳'")
    # Found by name and phone, without a userid; moved to another grid.
    again = "name,phone,area_code,role\n王芳,138 0000 0012,1111-02,lead\n"
    assert counts(await town.gets("people", again)) == (0, 1, 0)
    assert await town.rows("SELECT id, userid, area_code, version FROM worker WHERE name = '王芳'") == [
        (before[0][0], "wf", "1111-02", 1)
    ]
    assert await town.rows(f"SELECT area_code, role FROM post WHERE worker_id = {before[0][0]}") == [
        ("1111-02", "lead")
    ]
    # By userid, with a new name; the others stay as they are.
    assert counts(
        await town.gets("people", "userid,name,phone,area_code,role\nwf,王芳芳,13800000012,1111-02,lead\n")
    ) == (0, 1, 0)
    assert counts(
        await town.gets("people", "userid,name,phone,area_code,role\nzm,赵敏,13800000014,1111,conduct\n")
    ) == (0, 1, 0)
    assert await town.rows("SELECT name FROM worker WHERE userid = 'zm'") == [("赵敏",)]
    assert await town.rows("SELECT count(*) FROM worker") == [(3,)]


async def test_a_person_who_seems_to_be_somebody_else_is_refused(town: Town) -> None:
    await town.gets("people", PEOPLE)
    lines = await town.refuses("people", "userid,name,phone,area_code,role\nother,王芳,13800000012,1111-01,lead\n")
    assert lines == ["第2行“userid”：姓名和手机与另一名已登记人员相同，但账号不同。"]
    body = "userid,name,phone,area_code,role\nzm,赵敏,13800000014,1111,conduct\nli,赵敏,13800000014,1111,conduct\n"
    assert "第3行“userid”：与同一人的第2行不一致。" in await town.refuses("people", body)


async def test_every_fault_of_the_groups(town: Town) -> None:
    await town.gets("groups", GROUPS)
    body = """key,name,area_code,kind,categories,send_via,receive_via,webhook_key,chatid
,a,1111-01,,,aibot,aibot,,
g g,b,1111-01,,,aibot,aibot,,
g1,c,9999,party,园林|dispute,mail,webhook,,
g2,d,1111-01,,,webhook,aibot,,
g3,,1111-01,,,aibot,aibot,短,
g4,e,1111-01,,,aibot,aibot,abcdef123456,wrkSFfCgAA
g4,f,1111-01,,,aibot,aibot,abcdef123456,
"""
    lines = await town.refuses("groups", body)
    assert [line.partition("：")[0] for line in lines] == [
        "第2行“key”",
        "第3行“key”",
        "第4行“area_code”",
        "第4行“kind”",
        "第4行“categories”",
        "第4行“send_via”",
        "第4行“receive_via”",
        "第5行“webhook_key”",
        "第6行“name”",
        "第6行“webhook_key”",
        "第7行“chatid”",
        "第8行“key”",
        "第8行“webhook_key”",
    ]
    assert not any("abcdef" in line for line in lines)


async def test_bind_codes_are_issued_kept_and_renewed(town: Town) -> None:
    first = await town.gets("groups", GROUPS)
    assert {one.key: one.code for one in first.bind_codes} == {"grid-1": "CODE0000", "grid-2": "CODE0001"}
    assert await town.rows("SELECT webhook_key, categories FROM work_group WHERE key = 'grid-2'") == [
        ("0a1b2c3d-4e5f", "urban_property,dispute")
    ]
    again = await town.gets("groups", GROUPS, now=NOW + timedelta(days=13))
    assert (counts(again), again.bind_codes) == ((0, 0, 3), first.bind_codes)
    late = await town.gets("groups", GROUPS, now=NOW + timedelta(days=15))
    assert counts(late) == (0, 2, 1)
    assert [one.code for one in late.bind_codes] == ["CODE0002", "CODE0003"]


async def test_a_binding_made_in_the_chat_survives_the_next_import(engine: AsyncEngine, town: Town) -> None:
    await town.gets("groups", GROUPS)
    async with engine.execution_options(**WRITES).begin() as connection:
        await connection.execute(text("UPDATE work_group SET chatid = 'chat-1', bind_code = NULL WHERE key = 'grid-1'"))
    again = await town.gets("groups", GROUPS.replace("第一网格群", "第一网格工作群"))
    assert (counts(again), [one.key for one in again.bind_codes]) == ((0, 1, 2), ["grid-2"])
    assert await town.rows("SELECT name, chatid FROM work_group WHERE key = 'grid-1'") == [("第一网格工作群", "chat-1")]
    stolen = "key,name,area_code,chatid\ngrid-9,第九网格群,1111-02,chat-1\n"
    assert await town.refuses("groups", stolen) == ["第2行“chatid”：这个会话已绑定另一个群。"]


async def test_every_fault_of_the_places(town: Town) -> None:
    body = """area_code,kind,name,aliases,from_number,to_number,parity,building_from,building_to,exclusive
9999,park,,,,,,,,maybe
1111-01,estate,枫林,,1,9,,1,12,
1111-01,road,长安路,,99,1,left,1,2,
1111-01,road,保卫路,,1,,,,,
1111-01,road,学府路,,1,100,,,,
1111-02,road,学府路,,50,60,even,,,
1111-02,road,学府路,,101,160,even,,,
1111-01,estate,松江,,,,,1,30,
1111-02,estate,松江,,,,,3,4,
1111-02,estate,松江,,,,,31,40,
1111-01,estate,松江,,,,,1,30,
1111-02,estate,松江,,,,,5,6,1
"""
    lines = await town.refuses("places", body)
    assert [line.partition("：")[0] for line in lines] == [
        "第2行“area_code”",
        "第2行“kind”",
        "第2行“name”",
        "第2行“exclusive”",
        "第3行“from_number”",
        "第4行“to_number”",
        "第4行“parity”",
        "第4行“building_from”",
        "第5行“to_number”",
        "第7行“from_number”",
        "第10行“building_from”",
        "第12行“name”",
    ]


async def test_an_area_has_exactly_the_rules_of_the_file(town: Town) -> None:
    await town.gets("places", PLACES)
    again = await town.gets(
        "places", "area_code,kind,name,building_from,building_to\n1111-01,estate,枫林,1,12\n1111-01,estate,松江,1,3\n"
    )
    assert again == Imported(created=1, updated=0, unchanged=1, removed=1)
    assert set(await town.rows("SELECT area_code, name, aliases FROM place_rule")) == {
        ("1111-01", "枫林", "枫林小区|枫林花园"),
        ("1111-01", "松江", ""),
        ("1111-02", "第二小学", ""),
    }


async def test_every_fault_of_a_notice(town: Town) -> None:
    lines = await town.refuses(
        "calendar",
        "on,works\n2026-10-01,休\n2026-10-01,放假\n10月2日,0\n,1\n2026-10-03,\n2026-10-04,也许\n1999-10-04,1\n",
    )
    assert [line.partition("：")[0] for line in lines] == [
        "第3行“on”",
        "第4行“on”",
        "第5行“on”",
        "第6行“works”",
        "第7行“works”",
        "第8行“on”",
    ]


async def test_a_dry_run_counts_the_same_and_writes_nothing(engine: AsyncEngine) -> None:
    town = Town(engine)
    assert counts(await town.gets("areas", AREAS, dry_run=True)) == (6, 0, 0)
    assert await town.rows("SELECT code FROM area") == []
    await town.gets("areas", AREAS)
    for kind, content, number in (
        ("people", PEOPLE, 3),
        ("groups", GROUPS, 3),
        ("places", PLACES, 3),
        ("calendar", CALENDAR, 2),
    ):
        assert counts(await town.gets(kind, content, dry_run=True)) == (number, 0, 0)
    for table in ("worker", "post", "work_group", "place_rule", "calendar_day", "counter"):
        assert await town.rows(f"SELECT * FROM {table}") == []


async def test_two_hundred_faults_are_shown_and_the_rest_counted(town: Town) -> None:
    body = "on,works\n" + "someday,1\n" * 250
    lines = await town.refuses("calendar", body)
    assert len(lines) == 201
    assert lines[-1] == "另有 50 处错误未列出，请先改正以上各处。"


async def test_nothing_is_written_beside_a_fault(town: Town) -> None:
    await town.refuses("calendar", "on,works\n2026-10-01,0\nsomeday,1\n")
    assert await town.rows('SELECT "on" FROM calendar_day') == []
