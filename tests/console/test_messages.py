"""What is done on the page is heard in group and phone, and messages lead to the page with the right link."""

import pytest

from grid.workflow import Status
from storage.tables import Outbox
from tests.console.page import Office
from tests.house import ESTATE, GRID, WANG, House
from tests.pictures import has_place, has_traces, make_photo

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


async def test_what_is_done_on_the_page_reaches_group_and_resident(office: Office, house: House) -> None:
    case = await office.report("loop")
    grid, resident = await house.group(GRID), await house.resident("loop")
    worker, mine = office.link(case, "worker"), office.link(case, "resident")
    assert "已接单" in (await office.act(worker, "accept")).notice
    await grid.hears(f"【工单 {case.number}】", "王芳", "接单")
    await resident.hears("已由网格员王芳接单")
    assert "网格员王芳已接单" in (await office.open(mine)).text
    page = await office.act(worker, "resolve", outcome="solved", text="已疏通，更换一段管道")
    assert "已办结" in page.notice
    await resident.hears(case.number, "已疏通，更换一段管道")
    page = await office.act(mine, "rate", rating="good")
    assert "谢谢" in page.notice
    await grid.hears(f"【工单 {case.number}】居民评价：满意")
    after = await house.case(case.number)
    assert (after.status, after.rating) == (Status.ARCHIVED, "good")
    # The chat no longer asks for what has been answered here.
    assert "谢谢您的评价" not in await resident.says("1")


async def test_the_messages_carry_the_right_links(office: Office, house: House) -> None:
    resident, grid = await house.resident("links"), await house.group(GRID)
    reply = await resident.says(f"{ESTATE}3号楼1单元水管爆了")
    receipt = reply[reply.index("详情：") + 3 :].split()[0]
    assert "催办" in (await office.open(receipt)).text
    case = await house.service.books.find_by_number(reply[reply.index("工单 ") + 3 :].split("。")[0])
    assert case is not None
    told = await grid.hears(f"【工单 {case.number}】", "详情：", "接单请回复")
    shared = told["text"][told["text"].index("详情：") + 3 :].split()[0]
    assert (await office.open(shared)).actions == set()
    wang = await house.worker(WANG)
    await wang.says(f"进度 {case.number}")
    own = (await wang.hears(case.number, "详情："))["text"]
    assert "accept" in (await office.open(own[own.index("详情：") + 3 :].split()[0])).actions
    # What a group reads never lets anybody act.
    for row in await house.all_rows(Outbox):
        if row.target.startswith("group:") and "详情：" in row.body["text"]:
            address = row.body["text"].partition("详情：")[2].split()[0]
            assert (await office.open(address)).actions == set(), address


async def test_pictures_lose_where_they_were_taken_and_reach_the_other_side(office: Office, house: House) -> None:
    case = await office.report("photos")
    worker, mine, read = (office.link(case, scope) for scope in ("worker", "resident", "read"))
    grid, resident = await house.group(GRID), await house.resident("photos")
    photo = make_photo(33)
    assert has_place(photo)
    page = await office.act(mine, "supplement", [photo, make_photo(34)], text="见照片")
    assert "照片2张" in page.notice
    await grid.hears(f"【工单 {case.number}】", "居民发来照片")
    await grid.finds(lambda row: bool(row["media"]), "the photos")
    await office.act(worker, "accept")
    await office.act(worker, "resolve", [make_photo(35)], outcome="solved", text="已疏通")
    await resident.finds(lambda row: bool(row["media"]), "the photo afterwards")
    ids = [row.id for row in await house.service.books.list_media(case.id)]
    assert len(ids) == 3
    for url in (worker, mine, read):
        assert "处置后" in (await office.open(url)).text
        for row_id in ids:
            status, content, headers = await office.fetch(f"{url}/media/{row_id}")
            assert (status, headers["Content-Type"], headers["X-Content-Type-Options"]) == (
                200,
                "image/jpeg",
                "nosniff",
            )
            assert not has_traces(content)


def address_in(text: str) -> str:
    """The address that a message leads to."""
    return text.partition("详情：")[2].split()[0]


async def test_the_worker_s_list_and_the_resident_s_result_lead_to_their_pages(office: Office, house: House) -> None:
    case = await office.report("listed", f"{ESTATE}14号楼下水道堵了")
    wang, resident = await house.worker(WANG), await house.resident("listed")
    await wang.says(f"接单 {case.number}")
    accepted = await wang.hears(case.number, "已接单", "详情：")
    assert "resolve" in (await office.open(address_in(accepted["text"]))).actions
    await wang.says("待办")
    listed = await wang.hears("待办", case.number, "详情：")
    assert "resolve" in (await office.open(address_in(listed["text"]))).actions
    await wang.says(f"办结 {case.number} 已疏通")
    result = await resident.hears(case.number, "已疏通", "详情：")
    assert "rate" in (await office.open(address_in(result["text"]))).actions
    asked = await resident.says(f"进度 {case.number}")
    assert (await office.open(address_in(asked))).status == 200


async def test_in_the_group_nobody_gets_a_link_to_act_with(office: Office, house: House) -> None:
    case = await office.report("grouped", f"{ESTATE}13号楼路灯不亮")
    grid = await house.group(GRID)
    shown = await grid.hears_from(WANG, f"进度 {case.number}", case.number, "现在可以")
    assert "/c/" not in shown["text"]
    shown = await grid.hears_from(WANG, "待办", "待办")
    assert "/c/" not in shown["text"]
