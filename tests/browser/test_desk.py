"""The page as a whole: the clock, the feed, what it remembers, many groups."""

import pytest
from playwright.async_api import expect

from tests.browser.desk import GROUP, OTHER_GROUP, RESIDENTS, WANG, Desk, furnish

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]


async def now(desk: Desk) -> float:
    """The sandbox's clock, epoch seconds."""
    return float((await desk.control("GET", "/clock"))["now"])


@pytest.mark.parametrize(("button", "seconds"), [("10m", 600), ("1h", 3600), ("1d", 86400)])
async def test_the_clocks_buttons_move_it_for_everybody(desk: Desk, button: str, seconds: int) -> None:
    before = await now(desk)
    await desk.page.get_by_test_id(f"clock-{button}").click()
    await expect(desk.page.get_by_test_id(f"clock-{button}")).to_be_enabled()
    assert seconds <= await now(desk) - before < seconds + 30


async def test_the_next_morning_is_half_past_eight(desk: Desk) -> None:
    await expect(desk.page.get_by_test_id("clock")).to_contain_text("2026年11月23日 星期一 09:00")
    await desk.page.get_by_test_id("clock-morning").click()
    await expect(desk.page.get_by_test_id("clock")).to_contain_text("2026年11月24日 星期二 08:30")


async def test_a_clock_that_somebody_else_moves_is_followed(desk: Desk) -> None:
    await desk.control("POST", "/clock", {"advance_seconds": 7200})
    await expect(desk.page.get_by_test_id("clock")).to_contain_text("11:00")


async def test_the_open_windows_are_remembered(desk: Desk) -> None:
    await desk.phone(RESIDENTS[0]).get_by_test_id("window-close").click()
    await desk.group(OTHER_GROUP).get_by_test_id("window-close").click()
    await desk.page.get_by_test_id("worker-search").fill("王芳")
    await desk.page.get_by_test_id("worker-search").press("Enter")
    await expect(desk.worker(WANG)).to_be_visible()
    await desk.page.reload()
    await expect(desk.worker(WANG)).to_be_visible()
    await expect(desk.phone(RESIDENTS[1])).to_be_visible()
    await expect(desk.phone(RESIDENTS[0])).to_have_count(0)
    await expect(desk.group(OTHER_GROUP)).to_have_count(0)


async def test_the_fourth_phone_takes_the_place_of_the_first(desk: Desk) -> None:
    for openid in ("o-3", "o-4"):
        await desk.control("PUT", f"/residents/{openid}", {"follows": True})
        await desk.page.get_by_test_id("resident-search").fill(openid)
        await desk.page.get_by_test_id(f"resident-row-{openid}").click()
        await expect(desk.phone(openid)).to_be_visible()
    await expect(desk.phone(RESIDENTS[0])).to_have_count(0)
    await expect(desk.page.get_by_test_id("phones").get_by_role("article")).to_have_count(3)


async def test_one_of_thousands_of_groups_is_found(desk: Desk) -> None:
    for number in range(300):
        await desk.control("PUT", f"/groups/g-{number}", {"name": f"江畔社区第{number}网格工作群", "members": []})
    await desk.page.get_by_test_id("group-search").fill("江畔 第287")
    await expect(desk.page.get_by_test_id("group-list").get_by_role("button")).to_have_count(1)
    await desk.page.get_by_test_id("group-search").press("Enter")
    await expect(desk.group("g-287")).to_be_visible()


async def test_a_feed_that_broke_is_shown_and_catches_up(desk: Desk) -> None:
    live = desk.page.get_by_test_id("live-state")
    await desk.platform.stop()
    await expect(live).to_have_attribute("data-state", "closed")
    await desk.platform.start()
    await furnish(desk)
    await desk.control("POST", f"/groups/{GROUP}/say", {"userid": WANG, "text": "刚才断了", "mention": False})
    await expect(live).to_have_attribute("data-state", "open")
    await expect(desk.group().get_by_text("刚才断了")).to_be_visible()


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (1920, 1080)])
async def test_two_phones_and_two_groups_stand_side_by_side(desk: Desk, width: int, height: int) -> None:
    await desk.page.set_viewport_size({"width": width, "height": height})
    for window in (desk.phone(RESIDENTS[0]), desk.phone(RESIDENTS[1]), desk.group(), desk.group(OTHER_GROUP)):
        box = await window.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert box["y"] + box["height"] <= height
        assert box["width"] >= 270
    assert await desk.page.evaluate("document.documentElement.scrollWidth") <= width
