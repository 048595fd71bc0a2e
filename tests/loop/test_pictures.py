"""Pictures on their way: a resident's to the group, a worker's to the resident; never with where they were taken."""

import aiohttp
import pytest

from tests.ears import Row, number_in
from tests.house import ESTATE, GRID, WANG, House
from tests.pictures import has_place, has_traces, make_photo

pytestmark = [pytest.mark.asyncio(loop_scope="module")]


async def _download(row: Row) -> bytes:
    async with aiohttp.request("GET", row["media"][0]["url"]) as response:
        assert response.status == 200
        return await response.read()


async def test_a_resident_s_photo_reaches_the_group_without_its_place(house: House) -> None:
    grid, li, photo = await house.group(GRID), await house.resident("li"), make_photo()
    assert has_place(photo)
    assert has_traces(photo)
    number = number_in(await li.says(f"{ESTATE}12号楼下水道堵了"))
    assert f"已附到工单 {number}（共1张）" in await li.shows(photo)
    shown = await grid.finds(lambda row: bool(row["media"]), "the photo")
    assert not has_traces(await _download(shown))
    await grid.hears(f"【工单 {number}】", "照片")


async def test_a_photo_before_the_words_belongs_to_them(house: House) -> None:
    zhao = await house.resident("zhao")
    assert "请再用一句话说明" in await zhao.shows(make_photo(20))
    reply = await zhao.says(f"{ESTATE}9号楼门口堆了很多建筑垃圾")
    assert "照片" in reply
    case = await house.case(number_in(reply))
    assert len(await house.service.books.list_media(case.id)) == 1
    grid = await house.group(GRID)
    grid.after = 0
    await grid.hears(f"【工单 {case.number}】", "照片")


async def test_a_worker_s_photo_reaches_the_resident_without_its_place(house: House) -> None:
    sun, wang = await house.resident("sun"), await house.worker(WANG)
    number = number_in(await sun.says(f"{ESTATE}15号楼水管漏水"))
    grid = await house.group(GRID)
    await grid.hears_from(WANG, f"接单 {number}", "已接单")
    await house.driver.worker_show(WANG, make_photo(200))
    await wang.hears(f"已附到 {number}")
    shown = await sun.finds(lambda row: row["via"] == "custom" and bool(row["media"]), "the photo")
    assert not has_traces(await _download(shown))
