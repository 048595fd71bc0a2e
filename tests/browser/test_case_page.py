"""The case page in a real browser, as wide as a phone: a worker takes a case and closes it with photos, the resident rates it."""

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, expect

from grid.workflow import Status
from storage.tables import Case, Media
from tests.console.page import Office
from tests.house import ESTATE, House, open_house
from tests.pictures import has_traces, make_photo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHONE = {"width": 390, "height": 844}
RESULT = "已疏通，更换一段管道"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def office(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    """The whole service; a case page needs no more."""
    async with (
        open_house(tmp_path_factory.mktemp("house")) as house,
        aiohttp.ClientSession() as session,
    ):
        yield Office(house, session)


class Phone:
    """A browser of a phone's width; what went wrong in it is kept."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url = page, url
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("console", lambda line: self.faults.append(line.text) if line.type == "error" else None)
        page.on(
            "request", lambda asked: None if asked.url.startswith((url, "blob:")) else self.faults.append(asked.url)
        )

    async def check(self) -> None:
        """Nothing went wrong, nothing was asked of another host, and nothing is wider than the phone."""
        assert not self.faults, self.faults
        width = await self.page.evaluate("document.documentElement.scrollWidth")
        assert width <= PHONE["width"], width

    async def shoot(self, folder: Path, name: str) -> None:
        """A picture of the whole page, to be looked at."""
        await self.page.screenshot(path=folder / f"{name}.png", full_page=True)


@pytest_asyncio.fixture(loop_scope="module", params=[True, False], ids=["script", "no script"])
async def context(browser: Browser, request: pytest.FixtureRequest) -> AsyncIterator[BrowserContext]:
    """A phone with and without JavaScript: everything works on both."""
    opened = await browser.new_context(
        viewport={**PHONE}, device_scale_factor=2, has_touch=True, locale="zh-CN", java_script_enabled=request.param
    )
    yield opened
    await opened.close()


async def take_up(context: BrowserContext, office: Office, case: Case, scope: str) -> Phone:
    """A phone with the page open."""
    phone = Phone(await context.new_page(), office.house.url)
    await phone.page.goto(office.link(case, scope))
    return phone


def photo(shade: int) -> dict[str, object]:
    return {"name": "IMG_0001.jpg", "mimeType": "image/jpeg", "buffer": make_photo(shade)}


async def test_from_the_worker_s_camera_to_the_resident_s_rating(
    context: BrowserContext, office: Office, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    house = office.house
    case = await office.report(
        f"phone-{request.node.callspec.id[:2]}", f"{ESTATE}12号楼3单元下水道堵了，我电话13912340001"
    )
    worker = await take_up(context, office, case, "worker")
    await worker.page.get_by_role("button", name="接单").tap()
    await expect(worker.page.get_by_role("status")).to_contain_text("已接单")
    await _resolve(worker)
    await worker.shoot(tmp_path, "worker-filled")
    await worker.page.locator("#resolve").get_by_role("button", name="办结").tap()
    await expect(worker.page.get_by_role("status")).to_contain_text("已办结")
    await worker.shoot(tmp_path, "worker")
    await worker.check()
    resident = await take_up(context, office, case, "resident")
    await expect(resident.page.get_by_role("heading", name="已办结")).to_be_visible()
    await expect(resident.page.get_by_text(RESULT).first).to_be_visible()
    for picture in await resident.page.locator(".exhibit img").all():
        await picture.scroll_into_view_if_needed()
        await expect(picture).to_have_js_property("naturalWidth", 320)
    await resident.page.get_by_label("满意", exact=True).check()
    await resident.shoot(tmp_path, "resident")
    await resident.page.get_by_role("button", name="提交评价").tap()
    await expect(resident.page.get_by_role("status")).to_contain_text("谢谢")
    await resident.check()
    await _check_archived(house, case)


async def _resolve(worker: Phone) -> None:
    form = worker.page.locator("#resolve")
    await form.get_by_label("已解决").check()
    await form.get_by_label("处理情况").fill(RESULT)
    await form.locator("input[type=file]").first.set_input_files([photo(90), photo(150)])  # type: ignore[list-item]
    if await worker.page.locator("html.has-script").count():
        await expect(form.locator(".previews img")).to_have_count(2)


async def _check_archived(house: House, case: Case) -> None:
    after = await house.case(case.number)
    assert (after.status, after.rating, after.result) == (Status.ARCHIVED, "good", RESULT)
    rows = await house.all_rows(Media, case_id=case.id)
    assert len(rows) == 2
    for row in rows:
        content = (Path(house.config["storage"]["media_dir"]) / row.sha256[:2] / row.sha256).read_bytes()
        assert not has_traces(content)


async def test_the_resident_adds_a_photo_and_hurries(
    context: BrowserContext, office: Office, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    case = await office.report(f"more-{request.node.callspec.id[:2]}", f"{ESTATE}9号楼2单元路灯不亮")
    resident = await take_up(context, office, case, "resident")
    await resident.page.locator("#supplement summary").tap()
    form = resident.page.locator("#supplement")
    await form.get_by_label("补充说明").fill("晚上看不见路，老人摔了一跤")
    await form.locator("input[type=file]").nth(1).set_input_files([photo(60)])  # type: ignore[list-item]
    await form.get_by_role("button", name="提交补充").tap()
    await expect(resident.page.get_by_role("status")).to_contain_text("照片1张已附上")
    await resident.page.locator("#hurry summary").tap()
    await resident.page.get_by_role("button", name="催一催").tap()
    await expect(resident.page.get_by_role("status")).to_contain_text("已替您催办")
    await resident.shoot(tmp_path, "supplemented")
    await resident.check()
    after = await office.house.case(case.number)
    assert (after.hurried, "老人摔了一跤" in after.text) == (1, True)


async def test_what_cannot_be_opened_says_so(context: BrowserContext, office: Office, tmp_path: Path) -> None:
    case = await office.report("shut-page")
    phone = Phone(await context.new_page(), office.house.url)
    await phone.page.goto(office.link(case, "read") + "x")
    await expect(phone.page.get_by_role("heading", name="这个链接打不开了")).to_be_visible()
    await phone.shoot(tmp_path, "closed")
