"""A sandbox on loopback, a service that answers its pushes, and short words for both."""

import base64
import io
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import WSMsgType, web
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from sandbox.app import make_app
from sandbox.world import WORLD, World

APP_ID, SECRET, TOKEN = "wx00000000000000aa", "s" * 32, "callback-token"
AES_KEY = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"

Answer = Callable[[web.Request, bytes], Awaitable[web.StreamResponse]]


@dataclass
class Pushed:
    """One request that the service received."""

    method: str
    query: dict[str, str]
    body: bytes


@dataclass
class Service:
    """The other side: keeps what came and answers as told."""

    answer: Answer
    url: str = ""
    pushed: list[Pushed] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        self.pushed.append(Pushed(request.method, dict(request.query), body))
        return await self.answer(request, body)

    def answers(self, text: str, status: int = 200) -> None:
        async def answer(request: web.Request, body: bytes) -> web.StreamResponse:
            return web.Response(text=text, status=status)

        self.answer = answer


class Play:
    """The sandbox as a test drives it."""

    def __init__(self, client: TestClient[web.Request, web.Application], world: World) -> None:
        self.client = client
        self.world = world
        self.token = ""

    @property
    def base(self) -> str:
        return str(self.client.make_url("")).rstrip("/")

    async def control(self, method: str, path: str, body: object = None) -> object:
        async with self.client.request(method, f"/sandbox{path}", json=body) as response:
            assert response.status == 200, await response.text()
            return await response.json()

    async def put(self, path: str, body: object) -> dict[str, object]:
        return await self.control("PUT", path, body)

    async def post(self, path: str, body: object) -> dict[str, object]:
        return await self.control("POST", path, body)

    async def get(self, path: str) -> list[dict[str, object]]:
        return await self.control("GET", path)

    async def say(self, openid: str, text: str, **more: object) -> dict[str, object]:
        return await self.post(f"/residents/{openid}/say", {"text": text, **more})

    async def inbox(self, openid: str) -> list[dict[str, object]]:
        return await self.get(f"/residents/{openid}/inbox?after=0")

    async def fetch_token(self) -> str:
        query = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}
        async with self.client.get("/oa/cgi-bin/token", params=query) as response:
            self.token = (await response.json())["access_token"]
        return self.token

    async def oa(self, path: str, body: object = None, method: str = "POST", **query: str) -> dict[str, object]:
        if not self.token:
            await self.fetch_token()
        params = {"access_token": self.token, **query}
        async with self.client.request(method, f"/oa/cgi-bin/{path}", params=params, data=as_body(body)) as response:
            assert response.status == 200
            return await response.json()

    async def custom(self, openid: str, text: str = "您好") -> int:
        body = {"touser": openid, "msgtype": "text", "text": {"content": text}}
        return (await self.oa("message/custom/send", body))["errcode"]

    async def upload(self, path: str, data: bytes, filename: str = "a.png", **query: str) -> dict[str, object]:
        if not self.token:
            await self.fetch_token()
        head = f'Content-Disposition: form-data; name="media"; filename="{filename}"\r\n\r\n'
        body = b"--edge\r\n" + head.encode() + data + b"\r\n--edge--\r\n"
        params = {"access_token": self.token, **query}
        headers = {"Content-Type": "multipart/form-data; boundary=edge"}
        async with self.client.post(path, params=params, data=io.BytesIO(body), headers=headers) as response:
            assert response.status == 200
            return await response.json()

    async def webhook(self, key: str, body: object) -> dict[str, object]:
        async with self.client.post(f"/wecom/cgi-bin/webhook/send?key={key}", data=as_body(body)) as response:
            assert response.status == 200
            return await response.json()

    async def later(self, seconds: float) -> None:
        await self.post("/clock", {"advance_seconds": seconds})

    async def books(self) -> dict[str, object]:
        return await self.control("GET", "/books")


def as_body(body: object) -> io.BytesIO | None:
    """JSON in UTF-8, bytes as they are; as a stream, since aiohttp warns of large bytes."""
    if body is None:
        return None
    return io.BytesIO(body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode())


class BotSide:
    """A bot's long connection, driven frame by frame."""

    def __init__(self, socket: object) -> None:
        self.socket = socket
        self.count = 0

    async def ask(self, cmd: str, body: object = None, req_id: str = "") -> dict[str, object]:
        """Sends a frame and returns its ack; callbacks must have been read before."""
        self.count += 1
        req_id = req_id or f"{cmd}_{self.count}"
        await self.socket.send_json({"cmd": cmd, "headers": {"req_id": req_id}, "body": body or {}})
        while True:
            frame = await self.next()
            if "cmd" not in frame:
                assert frame["headers"]["req_id"] == req_id
                return frame

    async def next(self) -> dict[str, object]:
        return await self.socket.receive_json(timeout=20)

    async def closes(self) -> bool:
        message = await self.socket.receive(timeout=20)
        return message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED)


@pytest.fixture
async def play(aiohttp_client) -> Play:
    """A fresh sandbox that tries again at once; its clock is its own."""
    client = await aiohttp_client(make_app(retry_gap_seconds=0.01))
    return Play(client, client.app[WORLD])


@pytest.fixture
async def service(aiohttp_server) -> Service:
    """A callback that answers `success` until told otherwise."""

    async def success(request: web.Request, body: bytes) -> web.StreamResponse:
        return web.Response(text="success")

    found = Service(success)
    app = web.Application()
    app.router.add_route("*", "/callback", found.handle)
    server: TestServer = await aiohttp_server(app)
    found.url = str(server.make_url("/callback"))
    return found


@pytest.fixture
async def account(play: Play, service: Service) -> Play:
    """A sandbox with an account in plain mode."""
    await set_account(play, service, "plain")
    return play


async def set_account(play: Play, service: Service, mode: str) -> None:
    await play.put(
        "/official_account",
        {
            "app_id": APP_ID,
            "app_secret": SECRET,
            "token": TOKEN,
            "encoding_aes_key": AES_KEY,
            "mode": mode,
            "callback_url": service.url,
        },
    )


@pytest.fixture
async def bot(play: Play) -> BotSide:
    """The bot `b1`, set up and subscribed."""
    await play.put("/bots/b1", {"secret": "bs", "name": "网格助手", "mode": "ws"})
    return await connect(play)


async def connect(play: Play, bot_id: str = "b1", secret: str = "bs") -> BotSide:
    side = BotSide(await play.client.ws_connect("/aibot"))
    ack = await side.ask("aibot_subscribe", {"bot_id": bot_id, "secret": secret})
    assert ack["errcode"] == 0, ack
    return side


def png(side: int = 8, colour: str = "red") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), colour).save(file, "PNG")
    return file.getvalue()


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()
