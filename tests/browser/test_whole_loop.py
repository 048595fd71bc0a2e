"""The whole loop in a real browser: a resident's words, the group's card, the work, the result, the rating, the archive."""

import asyncio
import json
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, expect

from bot.cli.service import DemoService, start_service
from lab.demo import demo_config, open_demo
from lab.replay_service import write_config
from tests.house import find_free_ports
from tests.pictures import make_photo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

GRID, LEAD = "grid-230803007001-03", "w00012"
RESIDENT = "居民孙大姐"
MATTER = "阳光水岸12号楼3单元下水道堵了,污水都冒出来了"
_CHINA_SECONDS, _DAY_SECONDS, _MORNING_SECONDS = 8 * 3600, 86400, 8.5 * 3600


@dataclass(slots=True)
class Scene:
    """The demo with its page open."""

    page: Page
    folder: Path
    port: int

    @property
    def phone(self) -> Locator:
        """The resident's phone."""
        return self.page.get_by_test_id(f"phone-{RESIDENT}")

    @property
    def group(self) -> Locator:
        """The grid's work group."""
        return self.page.get_by_test_id(f"group-{GRID}")

    async def follow(self) -> None:
        """A new phone scans the grid's code."""
        await self.page.get_by_test_id("add-resident").click()
        await self.page.get_by_test_id("person-name").fill(RESIDENT)
        await self.page.get_by_test_id("person-add").click()
        await self.phone.get_by_test_id("scan").click()
        await self.page.get_by_test_id(f"scene-{GRID}").click()
        await expect(self.phone.locator("[data-via=passive]")).to_contain_text("文采社区第三网格")

    async def open_group(self) -> None:
        """Finds the grid's group and speaks as its lead."""
        await self.page.get_by_test_id("group-search").fill("文采社区第三网格")
        await self.page.get_by_test_id(f"group-row-{GRID}").click()
        await self.group.get_by_test_id("group-speaker").select_option(LEAD)

    async def report(self) -> str:
        """The resident writes; the number of the case."""
        await self.type(self.phone, "phone", MATTER)
        reply = self.phone.locator("[data-via=passive]").last
        await expect(reply).to_contain_text("已受理，工单 ")
        found = re.search(r"\d{4}-\d{2,}", await reply.inner_text())
        assert found
        return found[0]

    async def accept(self, number: str) -> None:
        """The lead presses 接单 on the case's card; the resident hears of it."""
        card = self.group.get_by_test_id("card").filter(has_text=number)
        await card.get_by_role("button", name="接单").click()
        await expect(card).to_contain_text("已接单（王芳）")
        await expect(self.phone.get_by_text("已由网格员王芳接单")).to_be_visible()

    async def photograph(self, number: str) -> None:
        """The lead sends a picture in single chat."""
        await self.group.get_by_test_id("open-single").click()
        single = self.page.get_by_test_id(f"worker-{LEAD}")
        async with self.page.expect_file_chooser() as chooser:
            await single.get_by_test_id("room-picture").click()
        await (await chooser.value).set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": make_photo()})
        await expect(single.get_by_test_id("tray-thumb")).to_be_visible()
        await single.get_by_test_id("room-send").click()
        await expect(single.locator("[data-via=bot]").last).to_contain_text(number)

    async def type(self, window: Locator, kind: str, text: str) -> None:
        """Types and presses Enter."""
        await window.get_by_test_id(f"{kind}-input").fill(text)
        await window.get_by_test_id(f"{kind}-input").press("Enter")

    async def archived(self, number: str) -> dict[str, Any]:
        """What `wangge cases` tells of the case."""
        path = self.folder / "config.toml"
        write_config(path, demo_config(self.port, self.folder))
        words = ("-m", "bot.cli", "cases", "--number", number, "--json", "--config", str(path))
        child = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
        output, _ = await child.communicate()
        assert child.returncode == 0
        return dict(json.loads(output.decode().splitlines()[-1]))


@asynccontextmanager
async def start_in_the_morning(config: Mapping[str, Any]) -> AsyncIterator[DemoService]:
    """Starts the service once everybody's clock shows half past eight, whatever the hour in which tests run."""
    async with aiohttp.ClientSession() as session:
        async with session.get(config["server"]["clock_url"]) as response:
            now = float((await response.json())["now"])
        wait_seconds = (_MORNING_SECONDS - now - _CHINA_SECONDS) % _DAY_SECONDS
        async with session.post(config["server"]["clock_url"], json={"advance_seconds": wait_seconds}) as response:
            assert response.status == 200
    async with start_service(config) as service:
        yield service


@pytest_asyncio.fixture(loop_scope="module")
async def scene(browser: Browser, tmp_path: Path) -> AsyncIterator[Scene]:
    """Everything embedded, as `wangge demo` starts it, at half past eight in the morning."""
    port, folder = find_free_ports(), tmp_path / "demo"
    async with open_demo(start_in_the_morning, port, folder, lambda _: None) as demo:
        context = await browser.new_context(viewport={"width": 1600, "height": 900}, locale="zh-CN")
        page = await context.new_page()
        await page.goto(demo.page_url)
        await expect(page.get_by_test_id("phones").get_by_role("article").first).to_be_visible()
        await expect(page.get_by_test_id("clock")).to_contain_text(" 08:3")
        yield Scene(page, folder, port)
        await context.close()


async def test_from_the_residents_words_to_the_archive(scene: Scene) -> None:
    await scene.follow()
    await scene.open_group()
    number = await scene.report()
    await expect(scene.group.get_by_text(f"【工单 {number}】").first).to_be_visible()
    await scene.accept(number)
    await scene.photograph(number)
    await scene.type(scene.group, "group", "办结 已疏通,更换一段管道")
    result = scene.phone.locator("[data-via=custom]").filter(has_text=f"工单 {number} 已办结")
    await expect(result).to_contain_text("已疏通,更换一段管道")
    await expect(scene.phone.get_by_alt_text("图片")).to_have_js_property("naturalWidth", 320)
    await expect(result.get_by_test_id("choice")).to_have_text(["满意", "基本满意", "不满意"])
    await result.get_by_test_id("choice").first.click()
    await expect(scene.phone.locator("[data-via=passive]").last).to_contain_text(f"谢谢您对工单 {number} 的评价")
    await expect(scene.group.get_by_text(f"【工单 {number}】居民评价：满意")).to_be_visible()
    case = await scene.archived(number)
    assert (case["status_name"], case["rating"], case["group"]) == ("已归档", "good", GRID)
