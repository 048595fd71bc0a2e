"""Notices from a line in a group to receipts, clues, recall and end, through the doors of a running service."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
import pytest_asyncio

from storage.notice_tables import Clue
from tests.house import (
    COMMUNITY,
    GRID,
    NEXT_GRID,
    NEXT_LEAD,
    STREET,
    STREET_CHIEF,
    WANG,
    House,
    open_house,
)
from tests.loop.county import (
    BOUND,
    POLICE,
    WEBHOOKS,
    WORK,
    County,
    is_watermarked,
    open_county,
    photo_after,
)
from tests.loop.notices import wait_for
from tests.pictures import has_traces, make_photo

pytestmark = [pytest.mark.asyncio(loop_scope="module")]
PLACE = "南门市场东侧的台球室"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def county(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[County]:
    """A house of its own with every group of the street-size city bound."""
    folder = tmp_path_factory.mktemp("county")
    async with open_house(folder, BOUND, fanout={"poll_seconds": 0.1}) as house:
        yield await open_county(house)


async def fetch_status(url: str) -> int:
    async with aiohttp.request("GET", url) as response:
        return response.status


async def test_a_suspect_from_the_station_s_group_to_the_capture(county: County) -> None:
    number = await county.relay("向阳区", "11月30日", "某男，四十岁，身高一米七")
    photos = {key: await photo_after(group, number) for key, group in county.groups.items()}
    assert set(photos) == set(WORK)
    for content in photos.values():
        assert is_watermarked(content)
        assert not has_traces(content)
    assert len({photos[key] for key in WEBHOOKS}) == len(WEBHOOKS) > 1
    await county.groups[GRID].hears_from(WANG, "收到", "已登记收到")
    await county.station.hears_from(POLICE, f"通知 回执 {number}", "收到1")
    assert await fetch_status(await county.page_of(number, GRID)) == 200
    assert len(await county.sealed_files(number)) == 1
    await _give_clues(county, number)
    await county.station.hears_from(POLICE, f"抓获 {number}", "正在各处撤回", "2人致谢")
    for group in county.groups.values():
        await group.hears("【撤回通知】", number, "当事人已抓获", "删除")
    li = await county.house.resident("li")
    await li.hears("感谢您提供线索", via="custom")
    assert await fetch_status(await county.page_of(number, GRID)) == 410
    await county.erased(number)
    assert await county.sealed_files(number) == []


async def _give_clues(county: County, number: str) -> None:
    """One by a resident, privately; one with a photo by a worker in single chat; both answered privately."""
    li, wang = await county.house.resident("li"), await county.house.worker(WANG)
    said = await li.says(f"线索 {number} 昨晚在{PLACE}见过他")
    assert "已转向阳区公安局，请勿外传" in said
    passed = await county.station.hears("【线索 线", PLACE)
    clue = passed["text"].split("【线索 ")[1].split("】")[0]
    await wang.says(f"线索 {number}")
    await wang.hears("只转给派出所")
    await county.house.driver.worker_show(WANG, make_photo(200))
    await wang.hears("线索和照片已收到", "请勿外传")
    shown = await county.station.finds(lambda row: bool(row["media"]) and row["via"] == "bot", "the clue's photo")
    async with aiohttp.request("GET", shown["media"][0]["url"]) as response:
        assert not has_traces(await response.read())
    await county.station.hears_from(POLICE, f"反馈 {clue} 已核实，正在布控", "已私下转给提供人")
    await li.hears(clue, "已核实，正在布控", via="custom")
    for key, group in county.groups.items():
        heard = "\n".join(row["text"] or "" for row in await group.rows(group.after))
        assert PLACE not in heard, key
        assert "【线索" not in heard, key
    assert len(await county.house.all_rows(Clue)) == 2


async def test_after_the_end_date_nothing_of_it_is_left_with_us(county: County) -> None:
    await county.listen_anew()
    number = await county.relay("文采社区", "11月25日", "另一名男子，戴眼镜")
    assert is_watermarked(await photo_after(county.groups[GRID], number))
    page = await county.page_of(number, GRID)
    assert await fetch_status(page) == 200
    assert len(await county.sealed_files(number)) == 1
    await county.house.advance(3 * 86400)
    for key in (GRID, NEXT_GRID, COMMUNITY):
        await county.groups[key].hears(number, "已到期，请删除")
    assert await fetch_status(page) == 410
    assert await fetch_status(f"{page}/0") == 410
    await county.erased(number)

    async def look() -> bool | None:
        events = await county.house.service.books.notices.list_events((await county.notice(number)).id)
        return any(event.kind == "picture_erased" for event in events) or None

    assert await wait_for(look)


async def test_a_clue_after_the_end_is_kindly_taken(county: County) -> None:
    zhao = await county.house.resident("zhao")
    (number,) = {one.number for one in [await county.notice("通1123-02")]}
    said = await zhao.says(f"线索 {number} 前几天在北门见过")
    assert said.startswith("这件通报已结束，仍谢谢您。")
    await county.station.hears("【线索 线", "北门", "已结束")


async def test_from_a_line_to_the_receipt_and_the_recall(house: House) -> None:
    street = await house.group(STREET)
    grid, other = await house.group(GRID), await house.group(NEXT_GRID)
    preview = await street.hears_from(STREET_CHIEF, "通知 任务 下周五17点 全街道 请逐户排查燃气隐患", "预览")
    assert "请逐户排查燃气隐患" in preview["text"]
    await street.hears_from(STREET_CHIEF, "发送", "马上开始发送")
    first = await grid.hears("请逐户排查燃气隐患", "收到请回复")
    await other.hears("请逐户排查燃气隐患", "收到请回复")
    number = first["text"].split("【任务 ")[1].split("】")[0]
    await grid.hears_from(WANG, "收到", "已登记收到")
    await other.hears_from(NEXT_LEAD, f"完成 {number} 已排查12户", "已登记完成")
    roll = await street.hears_from(STREET_CHIEF, f"通知 名单 {number}", "已排查12户")
    assert "未完成" in roll["text"]
    table = await street.hears_from(STREET_CHIEF, f"通知 回执 {number}", "收到2")
    assert "没送到" in table["text"] or "送不到" in table["text"]
    await street.hears_from(STREET_CHIEF, f"撤回通知 {number} 时间有误", "已撤回")
    await grid.hears("【撤回通知】", number, "时间有误")
    await other.hears("【撤回通知】", number, "删除")


async def test_a_card_is_pressed(house: House) -> None:
    community = await house.group(COMMUNITY)
    grid = await house.group(GRID)
    await community.hears_from(STREET_CHIEF, "通知 停电 明天8点到17点 第三网格 线路检修", "预览")
    await community.hears_from(STREET_CHIEF, "发送", "马上开始发送")
    row = await grid.finds(lambda one: bool(one["card"]) and "停电通知" in str(one), "the notice's card")
    await house.driver.click(GRID, WANG, row["card"]["task_id"], "receive")
    await grid.hears("已登记收到")
