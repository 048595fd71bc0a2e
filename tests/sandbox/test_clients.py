"""Other people's clients against the sandbox: wechatpy's, WeRoBot's and the official SDK of the AI bot."""

import asyncio
import io

import aibot.ws
import pytest
from aibot import WSClient, WSClientOptions
from wechatpy import WeChatClient, WeChatClientException
from werobot.client import Client, ClientException

from tests.sandbox.conftest import APP_ID, SECRET, Play, b64, png


class SandboxWeChatClient(WeChatClient):
    """wechatpy's client with the sandbox's address."""

    def __init__(self, base: str, secret: str = SECRET) -> None:
        self.API_BASE_URL = f"{base}/oa/cgi-bin/"
        super().__init__(APP_ID, secret, timeout=5)

    def fetch_access_token(self) -> object:
        query = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        return self._fetch_access_token(url=f"{self.API_BASE_URL}token", params=query)


class SandboxRobotClient(Client):
    """WeRoBot's client with the sandbox's address."""

    def __init__(self, base: str) -> None:
        self.base = base
        super().__init__({"APP_ID": APP_ID, "APP_SECRET": SECRET})

    def request(self, method: str, url: str, **kwargs: object) -> object:
        return super().request(method, url.replace("https://api.weixin.qq.com", f"{self.base}/oa"), **kwargs)


def use_wechatpy(base: str) -> tuple[str, int]:
    client = SandboxWeChatClient(base)
    client.message.send_text("o1", "您好")
    uploaded = client.media.upload("image", ("photo.png", io.BytesIO(png())))
    client.message.send_image("o1", uploaded["media_id"])
    assert client.media.download(uploaded["media_id"]).content == png()
    client.menu.create({"button": [{"type": "click", "name": "我的网格员", "key": "mine"}]})
    assert client.menu.get()["menu"]["button"][0]["key"] == "mine"
    made = client.qrcode.create(
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "grid-1"}}}
    )
    client.message.send_template("o1", "t1", {"thing1": {"value": "办结"}})
    tag_id = client.tag.create("一格")["id"]
    client.tag.tag_user(tag_id, "o1")
    assert client.user.get("o1")["tagid_list"] == [tag_id]
    assert list(client.user.iter_followers()) == ["o1"]
    with pytest.raises(WeChatClientException) as refused:
        client.message.send_text("nobody", "您好")
    client._http.close()
    return made["ticket"], refused.value.errcode


async def test_wechatpy(account: Play) -> None:
    await account.put("/residents/o1", {"window_open": True})
    ticket, errcode = await asyncio.to_thread(use_wechatpy, account.base)
    assert errcode == 40003
    assert [code["ticket"] for code in await account.get("/qrcodes")] == [ticket]
    assert [row["via"] for row in await account.inbox("o1")] == ["custom", "custom", "template"]


def wrong_secret(base: str) -> int:
    client = SandboxWeChatClient(base, "wrong")
    with pytest.raises(WeChatClientException) as refused:
        client.message.send_text("o1", "您好")
    client._http.close()
    return int(refused.value.errcode)


async def test_wechatpy_with_a_wrong_secret(account: Play) -> None:
    assert await asyncio.to_thread(wrong_secret, account.base) == 40125


def use_werobot(base: str) -> str:
    client = SandboxRobotClient(base)
    client.send_text_message("o1", "您好")
    client.create_menu({"button": [{"type": "click", "name": "我的网格员", "key": "mine"}]})
    assert client.get_menu()["menu"]["button"][0]["name"] == "我的网格员"
    assert client.get_user_info("o1")["subscribe"] == 1
    with pytest.raises(ClientException) as refused:
        client.send_text_message("nobody", "您好")
    return str(refused.value)


async def test_werobot(account: Play) -> None:
    await account.put("/residents/o1", {"window_open": True})
    assert (await asyncio.to_thread(use_werobot, account.base)).startswith("40003")
    assert [row["text"] for row in await account.inbox("o1")] == ["您好"]


class Quiet:
    """A logger for the SDK that keeps what went wrong."""

    def __init__(self) -> None:
        self.errors: list[str] = []

    def debug(self, message: str, *args: object) -> None: ...
    def info(self, message: str, *args: object) -> None: ...

    def warn(self, message: str, *args: object) -> None:
        self.errors.append(message)

    error = warn


@pytest.fixture
async def sdk(play: Play, monkeypatch: pytest.MonkeyPatch):
    """The official SDK, subscribed; it always passes `ssl`, which a plain address does not take."""
    monkeypatch.setattr(aibot.ws, "_SSL_CONTEXT", None)
    await play.put("/bots/b1", {"secret": "bs", "name": "网格助手", "mode": "ws"})
    url = str(play.client.make_url("/aibot")).replace("http://", "ws://")
    client = WSClient(WSClientOptions(bot_id="b1", secret="bs", ws_url=url, logger=Quiet(), max_reconnect_attempts=0))
    ready = asyncio.Event()
    client.on("authenticated", lambda *_: ready.set())
    await client.connect()
    async with asyncio.timeout(5):
        await ready.wait()
    yield client
    manager = client._ws_manager
    manager._is_manual_close = True
    manager._stop_heartbeat()
    await manager._cleanup_ws()


async def next_of(client: WSClient, event: str) -> asyncio.Future:
    found: asyncio.Future = asyncio.get_running_loop().create_future()
    client.once(event, lambda frame: found.set_result(frame))
    return found


async def test_sdk_talks_in_a_group(play: Play, sdk: WSClient) -> None:
    heard = await next_of(sdk, "message.text")
    await play.post("/groups/g1/say", {"userid": "w1", "text": "待办", "mention": True})
    frame = await heard
    assert frame["body"]["text"]["content"] == "@网格助手 待办"
    await sdk.reply_stream(frame, "s1", "三件待办", finish=True)
    await sdk.send_message("g1", {"msgtype": "markdown", "markdown": {"content": "**新工单**"}})
    rows = await play.get("/groups/g1/messages?after=0")
    assert [(row["via"], row["text"]) for row in rows] == [
        ("say", "@网格助手 待办"),
        ("bot", "三件待办"),
        ("bot", "**新工单**"),
    ]


async def test_sdk_is_refused(play: Play, sdk: WSClient) -> None:
    with pytest.raises(RuntimeError, match="93006"):
        await sdk.send_message("g1", {"msgtype": "markdown", "markdown": {"content": "没人说过话"}})


async def test_sdk_updates_a_card(play: Play, sdk: WSClient) -> None:
    heard = await next_of(sdk, "message.text")
    await play.post("/groups/g1/say", {"userid": "w1", "text": "绑定", "mention": True})
    card = {
        "card_type": "button_interaction",
        "main_title": {"title": "【工单 1123-08】"},
        "button_list": [{"text": "接单", "key": "accept"}],
        "task_id": "t1",
    }
    await sdk.reply_template_card(await heard, card)
    clicked = await next_of(sdk, "event.template_card_event")
    await play.post("/groups/g1/click", {"userid": "w1", "task_id": "t1", "key": "accept"})
    await sdk.update_template_card(await clicked, card | {"main_title": {"title": "已由 王芳 接单"}})
    row = (await play.get("/groups/g1/messages?after=0"))[-1]
    assert row["card"]["updates"][0]["text"] == "已由 王芳 接单"


async def test_sdk_downloads_a_picture(play: Play, sdk: WSClient) -> None:
    heard = await next_of(sdk, "message.image")
    await play.post("/workers/w1/say", {"image": b64(png())})
    image = (await heard)["body"]["image"]
    async with play.client.session.get(image["url"]) as response:
        sealed = await response.read()
    from aibot.crypto_utils import decrypt_file

    assert decrypt_file(sealed, image["aeskey"]) == png()


async def test_sdk_welcomes(play: Play, sdk: WSClient) -> None:
    entered = await next_of(sdk, "event.enter_chat")
    await play.post("/workers/w1/say", {"event": "enter_chat"})
    await sdk.reply_welcome(await entered, {"msgtype": "text", "text": {"content": "您好"}})
    assert [row["text"] for row in await play.get("/workers/w1/inbox?after=0")] == ["您好"]


async def test_sdk_with_a_wrong_secret(play: Play, sdk: WSClient, monkeypatch: pytest.MonkeyPatch) -> None:
    log = Quiet()
    url = str(play.client.make_url("/aibot")).replace("http://", "ws://")
    client = WSClient(WSClientOptions(bot_id="b1", secret="no", ws_url=url, logger=log, max_reconnect_attempts=0))
    failed = await next_of(client, "error")
    await client.connect()
    assert "853000" in str(await failed)
    await client._ws_manager._cleanup_ws()
