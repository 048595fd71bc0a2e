"""导出我的信息: a page for the resident himself, and for nobody else."""

from datetime import timedelta

import pytest

from tests.console.page import Office
from tests.house import ESTATE, WANG

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


async def _export_link(office: Office, resident_id: int) -> str:
    return office.links.for_export(resident_id, office.house.service.clock())


async def test_he_reads_all_that_is_kept_of_him(office: Office) -> None:
    case = await office.report("oExport", f"{ESTATE}12号楼3单元下水道堵了，我电话13912340000<b>")
    resident = await office.house.resident("oExport")
    said = await resident.says("导出我的信息")
    assert "/c/my/" in said
    page = await office.open(said[said.index("http") :].split()[0])
    assert page.status == 200
    assert f"工单 {case.number}" in page.text
    assert "13912340000" in page.text
    assert "导出我的信息" in page.text
    assert "<b>" not in page.html.replace("<b>您</b>", "").replace("<b>公众号</b>", ""), "what he typed stays text"
    assert page.headers["Cache-Control"] == "no-store"


async def test_nothing_of_others_is_on_it(office: Office) -> None:
    one = await office.report("oOne", f"{ESTATE}3号楼路灯坏了")
    other = await office.report("oTwo", f"{ESTATE}5号楼电梯坏了")
    assert one.resident_id
    page = await office.open(await _export_link(office, one.resident_id))
    assert one.number in page.text
    assert other.number not in page.text


async def test_other_links_do_not_open_it_and_it_opens_no_case(office: Office) -> None:
    case = await office.report("oThree", f"{ESTATE}7号楼单元门坏了")
    assert case.resident_id
    export = await _export_link(office, case.resident_id)
    for scope in ("read", "resident", "worker"):
        link = office.link(case, scope, worker=WANG)
        assert (await office.open(link.replace("/c/", "/c/my/"))).status == 404
    assert (await office.open(export.replace("/c/my/", "/c/"))).status == 410


async def test_it_is_good_for_a_day(office: Office) -> None:
    case = await office.report("oFour", f"{ESTATE}8号楼楼道灯坏了")
    assert case.resident_id
    old = office.links.for_export(case.resident_id, office.house.service.clock() - timedelta(days=3))
    assert (await office.open(old)).status == 410
    assert (await office.open(old[:-2] + "zz")).status == 404
    assert (await office.open(office.links.for_export(987_654_321, office.house.service.clock()))).status == 410
