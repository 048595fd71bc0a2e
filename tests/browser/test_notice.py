"""A suspect's notice in a real browser: made in a group, agreed to by two, seen everywhere, a clue, the capture, the recall."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from lab.demo import open_demo
from tests.browser.test_whole_loop import start_in_the_morning
from tests.house import find_free_ports
from tests.loop.county import CITY_CHIEF, DISTRICT_CHIEF, POLICE, STATION, WORK, is_watermarked
from tests.pictures import has_traces, make_photo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

GRID, LEAD = "grid-230803007001-03", "w00012"
RESIDENT = "居民孙大姐"
_DIGEST = 64
PLACE = "南门市场东侧的台球室"
WORDS = (
    "通知 协查 向阳区 发布单位：向阳区公安局 文号：佳公协查〔2026〕12号 批准人：张某某 "
    "截止：11月30日 年龄：40 人脸照片：是 正文：某男，四十岁，身高一米七，操外地口音"
)


@dataclass(slots=True)
class Scene:
    """The demo with its page open."""

    page: Page
    folder: Path

    def group(self, chatid: str) -> Locator:
        """A group's window."""
        return self.page.get_by_test_id(f"group-{chatid}")

    @property
    def phone(self) -> Locator:
        """The resident's phone."""
        return self.page.get_by_test_id(f"phone-{RESIDENT}")

    async def open_group(self, chatid: str, speaker: str = "") -> Locator:
        """Finds a group's window and says who speaks there."""
        if await self.group(chatid).count() == 0:
            await self.page.get_by_test_id("group-search").fill(chatid)
            await self.page.get_by_test_id(f"group-row-{chatid}").click()
        await expect(self.group(chatid)).to_be_visible()
        if speaker:
            await self.group(chatid).get_by_test_id("group-speaker").select_option(speaker)
        return self.group(chatid)

    async def open_worker(self, userid: str) -> Locator:
        """Finds somebody's single chat with the bot."""
        single = self.page.get_by_test_id(f"worker-{userid}")
        if await single.count() == 0:
            await self.page.get_by_test_id("worker-search").fill(userid)
            await self.page.get_by_test_id(f"worker-row-{userid}").click()
        await expect(single).to_be_visible()
        return single

    async def type(self, window: Locator, kind: str, text: str) -> None:
        """Types and presses Enter."""
        await window.get_by_test_id(f"{kind}-input").fill(text)
        await window.get_by_test_id(f"{kind}-input").press("Enter")

    async def attach(self, window: Locator, shade: int) -> None:
        """Chooses a picture for the next message."""
        async with self.page.expect_file_chooser() as chooser:
            await window.get_by_test_id("room-picture").click()
        await (await chooser.value).set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": make_photo(shade)})
        await expect(window.get_by_test_id("tray-thumb")).to_be_visible()

    async def picture_of(self, shown: Locator) -> bytes:
        """The bytes that an image on the page shows."""
        await expect(shown).to_be_visible()
        await expect(shown).not_to_have_js_property("naturalWidth", 0)
        async with aiohttp.request("GET", str(await shown.evaluate("image => image.src"))) as response:
            assert response.status == 200
            return await response.read()

    async def keep_look(self, name: str) -> None:
        """A screenshot for whoever wants to see it."""
        await self.page.screenshot(path=self.folder / f"{name}.png")

    def bot_says(self, window: Locator, *words: str) -> Locator:
        """The bot's messages with all these words."""
        found = window.locator("[data-via=bot], [data-via=webhook], [data-via=reply], [data-via=stream]")
        for word in words:
            found = found.filter(has_text=word)
        return found


@pytest_asyncio.fixture(loop_scope="module")
async def scene(browser: Browser, tmp_path: Path) -> AsyncIterator[Scene]:
    """Everything embedded, as `wangge demo` starts it, at half past eight in the morning."""
    async with open_demo(start_in_the_morning, find_free_ports(), tmp_path / "demo", lambda _: None) as demo:
        context = await browser.new_context(viewport={"width": 1600, "height": 900}, locale="zh-CN")
        page = await context.new_page()
        await page.goto(demo.page_url)
        await expect(page.get_by_test_id("phones").get_by_role("article").first).to_be_visible()
        yield Scene(page, tmp_path)
        await context.close()


async def test_from_the_station_to_the_capture(scene: Scene) -> None:
    number = await _make(scene)
    await _approve(scene, number)
    assert _list_kept(scene.folder)
    await _look_everywhere(scene, number)
    await _receive(scene, number)
    clue = await _give_clue(scene, number)
    await _close(scene, number, clue)


async def _make(scene: Scene) -> str:
    for userid in (CITY_CHIEF, DISTRICT_CHIEF):
        # The bot may write only to those who have spoken to it.
        await scene.type(await scene.open_worker(userid), "worker", "帮助")
    station = await scene.open_group(STATION, POLICE)
    if "手机端" in (await station.get_by_test_id("device-toggle").get_attribute("aria-label") or ""):
        # Words with a picture come from a computer only.
        await station.get_by_test_id("device-toggle").click()
    await scene.attach(station, 120)
    await scene.type(station, "group", WORDS)
    preview = scene.bot_says(station, "预览（协查通报", "操外地口音").last
    await expect(preview).to_be_visible()
    await scene.keep_look("1-preview")
    found = re.search(r"通\d{4}-\d{2,}", await preview.inner_text())
    assert found
    await _submit(scene, station)
    return found[0]


async def _submit(scene: Scene, station: Locator) -> None:
    answer = scene.bot_says(station, "还须2人同意")
    busy = scene.bot_says(station, "图片还在处理")
    for tries in range(1, 80):
        await scene.type(station, "group", "提交")
        # Either all is ready, or the picture is still being sealed and he is asked to wait.
        await expect(answer.or_(busy.nth(tries - 1)).first).to_be_visible()
        if await answer.count():
            return
    raise AssertionError("the picture is never ready")


async def _approve(scene: Scene, number: str) -> None:
    for userid, words in ((DISTRICT_CHIEF, "还须1人同意"), (CITY_CHIEF, "马上开始发送")):
        single = await scene.open_worker(userid)
        await expect(single.get_by_text(number).first).to_be_visible()
        await scene.type(single, "worker", f"同意 {number}")
        await expect(scene.bot_says(single, number, words).last).to_be_visible()
    await scene.keep_look("2-approved")


async def _look_everywhere(scene: Scene, number: str) -> None:
    assert len(WORK) > 40
    for chatid in WORK:
        group = await scene.open_group(chatid)
        await expect(group.get_by_text(f"【协查通报 {number}】").first).to_be_visible()
        content = await scene.picture_of(group.get_by_test_id("picture").locator("img").last)
        assert is_watermarked(content), chatid
        assert not has_traces(content), chatid
    await scene.keep_look("3-seen")


async def _receive(scene: Scene, number: str) -> None:
    group = await scene.open_group(GRID, LEAD)
    card = group.get_by_test_id("card").filter(has_text=number)
    await card.get_by_role("button", name="收到").click()
    await expect(card).to_contain_text("已收到（王芳）")


async def _give_clue(scene: Scene, number: str) -> str:
    await scene.page.get_by_test_id("add-resident").click()
    await scene.page.get_by_test_id("person-name").fill(RESIDENT)
    await scene.page.get_by_test_id("person-add").click()
    await scene.phone.get_by_test_id("scan").click()
    await scene.page.get_by_test_id(f"scene-{GRID}").click()
    await expect(scene.phone.locator("[data-via=passive]")).to_contain_text("文采社区第三网格")
    await scene.type(scene.phone, "phone", f"线索 {number} 昨晚在{PLACE}见过他")
    reply = scene.phone.locator("[data-via=passive]").last
    await expect(reply).to_contain_text("已转向阳区公安局，请勿外传")
    found = re.search(r"线\d{4}-\d{2,}", await reply.inner_text())
    assert found
    group = await scene.open_group(GRID)
    station = await scene.open_group(STATION, POLICE)
    await expect(scene.bot_says(station, f"【线索 {found[0]}】", PLACE)).to_be_visible()
    await expect(group.get_by_text(PLACE)).to_have_count(0)
    await scene.keep_look("4-clue")
    return found[0]


async def _close(scene: Scene, number: str, clue: str) -> None:
    station = await scene.open_group(STATION, POLICE)
    await scene.type(station, "group", f"反馈 {clue} 已核实，正在布控")
    await expect(scene.phone.get_by_text("已核实，正在布控")).to_be_visible()
    await scene.type(station, "group", f"抓获 {number}")
    await expect(scene.bot_says(station, "正在各处撤回", "1人致谢")).to_be_visible()
    await expect(scene.phone.get_by_text("感谢您提供线索")).to_be_visible()
    for chatid in WORK:
        group = await scene.open_group(chatid)
        await expect(group.get_by_text("【撤回通知】").last).to_contain_text(number)
    await scene.keep_look("5-recalled")
    await _is_emptied(scene)


async def _is_emptied(scene: Scene) -> None:
    """The erasing job looks every half minute; only the platforms' own copies are left then."""
    for _ in range(60):
        if not _list_kept(scene.folder):
            return
        await scene.page.wait_for_timeout(1000)
    raise AssertionError("our copies are still there a minute after the recall")


def _list_kept(folder: Path) -> list[Path]:
    return [path for path in (folder / "demo" / "media").rglob("*") if path.is_file() and len(path.name) == _DIGEST]
