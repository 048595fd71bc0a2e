"""The sandbox with its page, and hands on both sides of it."""

import asyncio
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from xml.sax.saxutils import escape

import aiohttp
from aiohttp import web
from playwright.async_api import Browser, Locator, Page, expect

from sandbox.app import make_app
from sandbox.clock import SandboxClock
from tests.clock import START
from tests.sandbox.conftest import as_body

RESIDENTS = ("居民李先生", "居民张阿姨")
GROUP, OTHER_GROUP = "grid-01", "grid-02"
WANG, ZHAO = "w1", "w2"
BOT_ID, BOT_SECRET = "b1", "bot-secret"


@dataclass(slots=True)
class Account:
    """The service behind the official account: keeps what was pushed, answers with `text`, or with `status` when that is not 200."""

    text: str = "已受理，工单 1123-08。"
    status: int = 200
    pushed: list[dict[str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """One push."""
        fields = {child.tag: child.text or "" for child in ElementTree.fromstring(await request.read())}
        self.pushed.append(fields)
        return web.Response(text=_reply(fields, self.text) if self.status == 200 else "", status=self.status)

    def heard(self, **wanted: str) -> bool:
        """Whether something was pushed that has all these fields."""
        return any(wanted.items() <= fields.items() for fields in self.pushed)


def _reply(fields: Mapping[str, str], text: str) -> str:
    return (
        f"<xml><ToUserName>{fields['FromUserName']}</ToUserName><FromUserName>{fields['ToUserName']}</FromUserName>"
        f"<CreateTime>{int(time.time())}</CreateTime><MsgType>text</MsgType><Content>{escape(text)}</Content></xml>"
    )


@dataclass(slots=True)
class Bot:
    """The bot's end of the long connection: frames are read all the time, callbacks wait in `heard`."""

    socket: aiohttp.ClientWebSocketResponse
    heard: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)
    acks: asyncio.Queue[dict[str, Any]] = field(default_factory=asyncio.Queue)

    async def read(self) -> None:
        """Sorts frames until cancelled."""
        while True:
            frame = await self.socket.receive_json()
            await (self.heard if "cmd" in frame else self.acks).put(frame)

    async def says(self, chat: str, body: Mapping[str, Any]) -> None:
        """Writes into a chat where somebody has spoken to it."""
        await self.ask("aibot_send_msg", f"send_{time.monotonic_ns()}", {"chatid": chat, **body})

    async def answers(self, frame: Mapping[str, Any], cmd: str, body: Mapping[str, Any]) -> None:
        """Answers a callback."""
        await self.ask(cmd, frame["headers"]["req_id"], body)

    async def ask(self, cmd: str, req_id: str, body: Mapping[str, Any]) -> None:
        """Sends a frame, which the platform must take."""
        await self.socket.send_json({"cmd": cmd, "headers": {"req_id": req_id}, "body": body})
        ack = await asyncio.wait_for(self.acks.get(), 10)
        assert ack["errcode"] == 0, ack

    async def hears(self) -> dict[str, Any]:
        """The next callback's frame."""
        return await asyncio.wait_for(self.heard.get(), 10)


@dataclass(slots=True)
class Desk:
    """The open page; what it shows is found by the names that a test knows."""

    page: Page
    url: str
    session: aiohttp.ClientSession
    account: Account
    bot: Bot
    platform: "Platform"
    errors: list[str] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    token: str = ""

    def phone(self, openid: str = RESIDENTS[0]) -> Locator:
        """A resident's phone."""
        return self.page.get_by_test_id(f"phone-{openid}")

    def group(self, chatid: str = GROUP) -> Locator:
        """A work group's window."""
        return self.page.get_by_test_id(f"group-{chatid}")

    def worker(self, userid: str = WANG) -> Locator:
        """A single chat's window."""
        return self.page.get_by_test_id(f"worker-{userid}")

    async def says(self, window: Locator, kind: str, text: str) -> None:
        """Types into a window and presses Enter; `kind` is phone, group or worker."""
        field = window.get_by_test_id(f"{kind}-input")
        await field.fill(text)
        await field.press("Enter")

    async def control(self, method: str, path: str, body: object = None) -> Any:
        """A call of the sandbox's control, as somebody else makes it."""
        async with self.session.request(method, f"{self.url}/sandbox{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def api(self, path: str, body: object) -> None:
        """A call of the account's API; refusals fail the test."""
        if not self.token:
            query = {"grant_type": "client_credential", "appid": "wx1", "secret": "s"}
            async with self.session.get(f"{self.url}/oa/cgi-bin/token", params=query) as response:
                self.token = (await response.json())["access_token"]
        params = {"access_token": self.token}
        async with self.session.post(f"{self.url}/oa/cgi-bin/{path}", params=params, data=as_body(body)) as response:
            answer = await response.json()
        assert not answer.get("errcode"), answer

    async def wake_bot(self, chat: str = GROUP, userid: str = WANG) -> dict[str, Any]:
        """Somebody speaks to the bot, so that it may speak; the callback it got."""
        if chat == userid:
            await self.control("POST", f"/workers/{userid}/say", {"text": "待办"})
        else:
            await self.control("POST", f"/groups/{chat}/say", {"userid": userid, "text": "待办", "mention": True})
        return await self.bot.hears()

    async def shows_live(self) -> None:
        """Waits until the page follows the sandbox."""
        await expect(self.page.get_by_test_id("live-state")).to_have_attribute("data-state", "open")

    def check_conduct(self) -> None:
        """The page threw nothing, and asked nothing of another host."""
        assert not self.errors, self.errors
        outside = [address for address in self.asked if not address.startswith((self.url, "data:", "blob:"))]
        assert not outside, outside


class Platform:
    """The sandbox's server on one port, which can go away and come back with its world."""

    def __init__(self, account: Account) -> None:
        self.port = 0
        self.account = account
        self.clock = SandboxClock(START.timestamp())
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        """Serves a fresh world, on a free port the first time and on the same one ever after."""
        app = make_app(clock=self.clock, retry_gap_seconds=0.01)
        app.router.add_post("/callback", self.account.answer)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()
        self.port = int(self._runner.addresses[0][1])

    async def stop(self) -> None:
        """Hangs up on everybody."""
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None


@asynccontextmanager
async def open_desk(browser: Browser, session: aiohttp.ClientSession) -> AsyncIterator[Desk]:
    """Everything on a free port, the page open and following."""
    account = Account()
    platform = Platform(account)
    await platform.start()
    url = f"http://127.0.0.1:{platform.port}"
    context = await browser.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
    bot = Bot(await session.ws_connect(f"{url}/aibot"))
    reader = asyncio.create_task(bot.read())
    desk = Desk(await context.new_page(), url, session, account, bot, platform)
    try:
        await furnish(desk)
        await bot.ask("aibot_subscribe", "subscribe", {"bot_id": BOT_ID, "secret": BOT_SECRET})
        _watch(desk)
        await desk.page.goto(url)
        await desk.shows_live()
        await expect(desk.group()).to_be_visible()
        yield desk
    finally:
        reader.cancel()
        await context.close()
        await bot.socket.close()
        await platform.stop()


async def furnish(desk: Desk) -> None:
    """Account, bot, residents and groups."""
    put = {"app_id": "wx1", "app_secret": "s", "token": "t", "mode": "plain", "callback_url": f"{desk.url}/callback"}
    await desk.control("PUT", "/official_account", put)
    await desk.control("PUT", f"/bots/{BOT_ID}", {"secret": BOT_SECRET, "name": "网格助手", "mode": "ws"})
    for openid in RESIDENTS:
        await desk.control("PUT", f"/residents/{openid}", {"follows": True})
    members = [{"userid": WANG, "name": "王芳"}, {"userid": ZHAO, "name": "赵强"}]
    for chatid, name in ((GROUP, "第一网格工作群"), (OTHER_GROUP, "第二网格工作群")):
        await desk.control("PUT", f"/groups/{chatid}", {"name": name, "members": members})


def _watch(desk: Desk) -> None:
    # What the page's own content policy forbids is told on the console only.
    desk.page.on("console", lambda line: desk.errors.append(line.text) if "Content Security" in line.text else None)
    desk.page.on("pageerror", lambda error: desk.errors.append(str(error)))
    desk.page.on("request", lambda request: desk.asked.append(request.url))
    desk.page.on("dialog", lambda dialog: desk.errors.append(f"dialog {dialog.message}"))
