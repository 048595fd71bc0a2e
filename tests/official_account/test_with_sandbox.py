"""Door, API and transport against the pretend platform, which was written from the specification alone."""

import base64
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.official_account.api import OfficialAccountApi
from bot.official_account.connect import AccountSecret, open_api
from bot.official_account.door import AccountDoor, AccountKeys, Mode
from bot.official_account.transport import OfficialAccountTransport, TemplateConfig, TemplateKind
from bot.ports import Address, Picture, Refused, Sent
from grid.message import Choice, Message, Template
from handlers.update import Update, UpdateKind
from sandbox.app import make_app
from tests.official_account.conftest import Pauses
from tests.official_account.pushes import AES_KEY, APP_ID, TOKEN

SECRET = AccountSecret(APP_ID, "s" * 32)


@dataclass
class Service:
    """A callback that keeps what the door made of each push, and says `answer`."""

    door: AccountDoor
    url: str = ""
    answer: str = ""
    updates: list[Update] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        if request.method == "GET":
            return web.Response(text=self.door.check_echo(request.query))
        now = datetime.now(UTC)
        update = self.door.open_update(request.query, await request.read(), now)
        self.updates.append(update)
        sealed = self.door.is_sealed(request.query)
        return web.Response(body=self.door.seal_reply(self.answer, update, request.query["nonce"], now, sealed))


@dataclass
class Town:
    """The sandbox, the service beside it, and the residents' phones."""

    client: TestClient[web.Request, web.Application]
    service: Service

    @property
    def base(self) -> str:
        return str(self.client.make_url("/oa"))

    async def control(self, method: str, path: str, body: object = None) -> object:
        async with self.client.request(method, f"/sandbox{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def say(self, **said: object) -> Update:
        await self.control("POST", "/residents/o1/say", said)
        return self.service.updates[-1]

    async def inbox(self, via: str) -> list[dict[str, object]]:
        rows = await self.control("GET", "/residents/o1/inbox?after=0")
        assert isinstance(rows, list)
        return [row for row in rows if row["via"] == via]


@asynccontextmanager
async def open_town(mode: Mode) -> AsyncIterator[Town]:
    """A town whose account pushes in that mode, with one resident who follows and just wrote."""
    service = Service(AccountDoor(AccountKeys(APP_ID, TOKEN, AES_KEY, mode)))
    app = web.Application()
    app.router.add_route("*", "/wechat/oa", service.handle)
    sandbox = make_app(push_timeout_seconds=1, retry_gap_seconds=0.01)
    async with TestServer(app) as server, TestClient(TestServer(sandbox)) as client:
        service.url = str(server.make_url("/wechat/oa"))
        town = Town(client, service)
        settings = {"app_id": APP_ID, "app_secret": SECRET.app_secret, "token": TOKEN, "encoding_aes_key": AES_KEY}
        settings |= {"mode": mode.value, "callback_url": service.url}
        await town.control("PUT", "/official_account", settings)
        await town.control("PUT", "/residents/o1", {"follows": True, "window_open": True, "templates_accepted": True})
        yield town


@pytest.fixture(params=list(Mode))
async def town(request: pytest.FixtureRequest) -> AsyncIterator[Town]:
    async with open_town(request.param) as opened:
        yield opened


@pytest.fixture
async def safe_town() -> AsyncIterator[Town]:
    async with open_town(Mode.SAFE) as opened:
        yield opened


def png() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, "PNG")
    return file.getvalue()


async def test_words_come_in_and_the_answer_is_read(town: Town) -> None:
    town.service.answer = "已受理 ]]> <b>"
    update = await town.say(text="楼道堆物")
    assert (update.kind, update.text, update.person) == (UpdateKind.TEXT, "楼道堆物", "o1")
    assert [row["text"] for row in await town.inbox("passive")] == ["已受理 ]]> <b>"]


async def test_silence_is_taken_as_silence(town: Town) -> None:
    await town.say(text="你好")
    assert await town.inbox("passive") == []
    assert await town.inbox("system") == []


async def test_every_kind_comes_in(town: Town) -> None:
    assert (await town.say(image=base64.b64encode(png()).decode())).kind is UpdateKind.IMAGE
    assert (await town.say(voice=base64.b64encode(b"#!AMR\nxx").decode())).kind is UpdateKind.VOICE
    place = (await town.say(location={"lat": 46.8, "lon": 130.36, "label": "长安路"})).point
    assert place is not None
    assert (place.latitude, place.longitude, place.label) == (46.8, 130.36, "长安路")
    event = (await town.say(event={"Event": "CLICK", "EventKey": "progress"})).event
    assert event is not None
    assert (event.name, event.key) == ("CLICK", "progress")
    assert len({update.key for update in town.service.updates}) == 4


@pytest.fixture
async def api(safe_town: Town, engine: AsyncEngine, pauses: Pauses) -> AsyncIterator[OfficialAccountApi]:
    async with open_api(safe_town.base, SECRET, engine, lambda: datetime.now(UTC), pauses.waits) as opened:
        yield opened


async def test_messages_reach_the_phone(safe_town: Town, api: OfficialAccountApi) -> None:
    await safe_town.say(text="楼道堆物")
    transport = OfficialAccountTransport(api, {}, lambda: datetime.now(UTC))
    picture = Picture("现场.png", "image/png", png())
    message = Message("resolved", "已办结，您满意吗？", choices=(Choice("1", "满意"),))
    assert await transport.send(Address("oa:o1", "o1"), message, (picture,), "k") == Sent("custom")
    rows = await safe_town.inbox("custom")
    assert [row["msgtype"] for row in rows] == ["msgmenu", "image"]


async def test_past_the_window_the_template_reaches_the_phone(safe_town: Town, api: OfficialAccountApi) -> None:
    await safe_town.control("PUT", "/residents/o1", {"window_open": False})
    templates = {
        "resolved": TemplateConfig("t1", TemplateKind.TEMPLATE, {"result": "thing2"}),
        "notice": TemplateConfig("t2", TemplateKind.SUBSCRIPTION, {"result": "thing2"}),
    }
    transport = OfficialAccountTransport(api, templates, lambda: datetime.now(UTC))
    to = Address("oa:o1", "o1")
    with pytest.raises(Refused) as caught:
        await transport.send(to, Message("resolved", "已办结"), (), "k")
    assert caught.value.errcode == 45015
    for name, via in (("resolved", "template"), ("notice", "subscribe")):
        assert (await transport.send_template(to, Template(name, {"result": "疏通了" * 10}), f"k-{name}")).via == via
        assert len(await safe_town.inbox(via)) == 1
    await transport.send_template(to, Template("resolved", {"result": "疏通了" * 10}), "k-resolved")
    assert len(await safe_town.inbox("template")) == 1


async def test_the_window_s_messages_are_counted_by_the_platform(safe_town: Town, api: OfficialAccountApi) -> None:
    await safe_town.say(text="楼道堆物")
    for number in range(5):
        await api.send_text("o1", f"第{number}条")
    with pytest.raises(Refused) as caught:
        await api.send_text("o1", "第六条")
    assert caught.value.errcode == 45047


async def test_a_resident_s_voice_can_be_fetched(safe_town: Town, api: OfficialAccountApi) -> None:
    update = await safe_town.say(voice=base64.b64encode(b"#!AMR\nxx").decode())
    assert await api.fetch_media(update.media[0].media_id) == (b"#!AMR\nxx", "audio/amr")
    with pytest.raises(Refused) as caught:
        await api.fetch_media("nothing")
    assert caught.value.errcode == 40007


async def test_menu_scene_people_and_callback(safe_town: Town, api: OfficialAccountApi) -> None:
    menu = {"button": [{"type": "click", "name": "进度", "key": "progress"}]}
    await api.create_menu(menu)
    found = await api.get_menu()
    assert found["button"][0]["key"] == "progress"
    ticket, address = await api.create_scene_qr("grid-0417")
    assert ticket
    assert address.startswith("http")
    assert await api.create_scene_qr("grid-0417") == (ticket, address)
    assert (await api.get_user("o1")).follows
    assert (await api.check_callback()).lossy == ()


async def test_a_token_killed_by_somebody_else(safe_town: Town, api: OfficialAccountApi) -> None:
    await safe_town.say(text="楼道堆物")
    await api.send_text("o1", "一")
    await safe_town.control("POST", "/faults", {"path": "/cgi-bin/message/custom/send", "errcode": 42001, "count": 1})
    await api.send_text("o1", "二")
    assert [row["text"] for row in await safe_town.inbox("custom")] == ["一", "二"]


async def test_a_wrong_secret_is_said(safe_town: Town, engine: AsyncEngine, pauses: Pauses) -> None:
    async with open_api(
        safe_town.base, AccountSecret(APP_ID, "wrong"), engine, lambda: datetime.now(UTC), pauses.waits
    ) as wrong:
        with pytest.raises(Refused) as caught:
            await wrong.send_text("o1", "好")
    assert caught.value.errcode == 40125
