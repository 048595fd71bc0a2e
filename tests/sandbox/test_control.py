"""Faults, clock, books, live feed, city files, waiting for rows."""

import asyncio
import json

import aiohttp
import pytest

from sandbox.app import make_app, serve
from sandbox.clock import SandboxClock
from sandbox.limits import BusiestMinute, SlidingWindow
from sandbox.talk import Talk
from sandbox.world import WORLD
from tests.sandbox.conftest import BotSide, Play

SEND = "/oa/cgi-bin/message/custom/send"


@pytest.fixture
async def reachable(account: Play) -> Play:
    await account.put("/residents/o1", {"window_open": True})
    await account.fetch_token()
    return account


async def test_an_errcode_so_many_times(reachable: Play) -> None:
    await reachable.post("/faults", {"path": SEND, "errcode": 45009, "count": 2})
    assert [await reachable.custom("o1") for _ in range(3)] == [45009, 45009, 0]
    assert len(await reachable.inbox("o1")) == 1


async def test_a_path_without_its_door(reachable: Play) -> None:
    await reachable.post("/faults", {"path": "/cgi-bin/message", "errcode": -1})
    assert [await reachable.custom("o1") for _ in range(2)] == [-1, 0]


async def test_status_and_cleared_faults(reachable: Play) -> None:
    await reachable.post("/faults", {"path": "/oa", "status": 502, "count": 0})
    for _ in range(2):
        async with reachable.client.post(SEND, params={"access_token": reachable.token}) as response:
            assert response.status == 502
    assert len(await reachable.get("/faults")) == 1
    await reachable.control("DELETE", "/faults")
    assert await reachable.custom("o1") == 0


async def test_a_cut_line(reachable: Play) -> None:
    await reachable.post("/faults", {"path": SEND, "disconnect": True})
    with pytest.raises(aiohttp.ClientError):
        await reachable.custom("o1")
    assert await reachable.inbox("o1") == []


async def test_a_lost_answer(reachable: Play) -> None:
    await reachable.post("/faults", {"path": SEND, "disconnect": True, "perform": True})
    with pytest.raises(aiohttp.ClientError):
        await reachable.custom("o1")
    assert len(await reachable.inbox("o1")) == 1


async def test_latency_only_delays(reachable: Play) -> None:
    await reachable.post("/faults", {"path": SEND, "latency_ms": 30})
    started = asyncio.get_running_loop().time()
    assert await reachable.custom("o1") == 0
    assert asyncio.get_running_loop().time() - started >= 0.03


async def test_a_fault_needs_a_path(play: Play) -> None:
    async with play.client.post("/sandbox/faults", json={"errcode": 1}) as response:
        assert response.status == 400


async def test_faults_on_the_long_connection(play: Play, bot: BotSide) -> None:
    await play.post("/faults", {"path": "/aibot", "errcode": -1})
    assert (await bot.ask("ping"))["errcode"] == -1
    await play.post("/faults", {"path": "/aibot/aibot_send_msg", "latency_ms": 10})
    assert (await bot.ask("ping"))["errcode"] == 0
    assert (await bot.ask("aibot_send_msg", {"chatid": "g1"}))["errcode"] == 93006
    await play.post("/faults", {"path": "/aibot", "disconnect": True})
    assert await bot.closes()
    assert await play.get("/faults") == []


async def test_a_cut_waits_for_the_next_frame_of_one_command(play: Play, bot: BotSide) -> None:
    await play.post("/faults", {"path": "/aibot/ping", "disconnect": True})
    assert (await bot.ask("aibot_send_msg", {"chatid": "g1"}))["errcode"] == 93006
    await bot.socket.send_json({"cmd": "ping", "headers": {"req_id": "p"}})
    assert await bot.closes()


async def test_a_lost_ack_on_the_long_connection(play: Play, bot: BotSide) -> None:
    await play.post("/groups/g1/say", {"userid": "w1", "text": "在吗", "mention": True})
    await bot.next()
    await play.post("/faults", {"path": "/aibot/aibot_send_msg", "disconnect": True, "perform": True})
    body = {"chatid": "g1", "msgtype": "markdown", "markdown": {"content": "在"}}
    await bot.socket.send_json({"cmd": "aibot_send_msg", "headers": {"req_id": "s"}, "body": body})
    assert await bot.closes()
    assert [row["text"] for row in await play.get("/groups/g1/messages?after=1")] == ["在"]


async def test_a_fault_at_the_door_of_the_long_connection(play: Play) -> None:
    await play.post("/faults", {"path": "/aibot", "status": 503})
    with pytest.raises(aiohttp.WSServerHandshakeError):
        await play.client.ws_connect("/aibot")


async def test_clock_only_runs_forward(play: Play) -> None:
    before = (await play.control("GET", "/clock"))["now"]
    assert (await play.post("/clock", {"advance_seconds": 3600}))["now"] >= before + 3600
    async with play.client.post("/sandbox/clock", json={"advance_seconds": -1}) as response:
        assert response.status == 400


async def test_books(reachable: Play) -> None:
    await reachable.custom("o1")
    await reachable.custom("nobody")
    books = await reachable.books()
    assert books["calls"][SEND] == 2
    assert books["refusals"][SEND] == {"40003": 1}
    assert books["deliveries"]["residents"] == {"o1": 1}


async def test_live_feed(play: Play) -> None:
    async with play.client.get("/sandbox/live") as response:
        assert (await response.content.readline()).startswith(b":")
        await play.say("o1", "楼道堆物")
        await play.post("/clock", {"advance_seconds": 1})
        seen = []
        while len(seen) < 3:
            line = (await response.content.readline()).decode()
            if line.startswith("data: "):
                seen.append(json.loads(line.removeprefix("data: ")))
    assert [(item["kind"], item["id"]) for item in seen] == [("roster", "o1"), ("resident", "o1"), ("clock", "")]
    assert (seen[1]["message"]["via"], seen[1]["message"]["text"]) == ("me", "楼道堆物")


async def test_waiting_for_a_row() -> None:
    talk = Talk(SandboxClock(0), lambda row: None)
    talk.add("say", "text", "在吗")
    waiting = asyncio.create_task(talk.wait_after(0, received_only=True, seconds=5))
    await asyncio.sleep(0)
    assert not waiting.done()
    talk.add("bot", "markdown", "在")
    assert [row.text for row in await waiting] == ["在"]
    assert await talk.wait_after(2, received_only=False, seconds=0.01) == []


async def test_waiting_over_http(play: Play) -> None:
    waiting = asyncio.create_task(play.get("/groups/g1/messages?after=0&wait=5"))
    await play.post("/groups/g1/say", {"userid": "w1", "text": "在"})
    assert [row["text"] for row in await waiting] == ["在"]


async def test_a_city(tmp_path, aiohttp_client) -> None:
    (tmp_path / "people.csv").write_text("userid,name,phone\nw1,王芳,13800000012\n,空,\n", encoding="utf-8-sig")
    (tmp_path / "groups.csv").write_text(
        "chatid,name,webhook_key,members\ng1,一格,k1,w1;w2\ng2,二格,,\n,无,,\n", encoding="utf-8"
    )
    client = await aiohttp_client(make_app(tmp_path))
    play = Play(client, client.app[WORLD])
    groups = await play.get("/groups")
    assert [group["chatid"] for group in groups] == ["g1", "g2"]
    assert groups[0]["members"] == [{"userid": "w1", "name": "王芳"}, {"userid": "w2", "name": "w2"}]
    assert await play.get("/workers") == [{"userid": "w1", "name": "王芳"}, {"userid": "w2", "name": "w2"}]
    assert (await play.webhook("k1", {"msgtype": "text", "text": {"content": "x"}}))["errcode"] == 0


async def test_the_page(play: Play, monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    monkeypatch.setattr("sandbox.app.PAGE", tmp_path)
    async with play.client.get("/") as response:
        assert response.status == 404
    (tmp_path / "index.html").write_text("<h1>沙盒</h1>", encoding="utf-8")
    async with play.client.get("/") as response:
        assert await response.text() == "<h1>沙盒</h1>"


async def test_serving_until_cancelled(unused_tcp_port: int) -> None:
    serving = asyncio.create_task(serve(unused_tcp_port))
    base = f"http://127.0.0.1:{unused_tcp_port}"
    async with aiohttp.ClientSession() as http:
        while True:
            try:
                async with http.get(f"{base}/sandbox/clock") as response:
                    assert (await response.json())["now"] > 0
                    break
            except aiohttp.ClientConnectorError:
                await asyncio.sleep(0)
        socket = await http.ws_connect(f"{base}/aibot")
        serving.cancel()
        with pytest.raises(asyncio.CancelledError):
            await serving
        assert (await socket.receive()).type is aiohttp.WSMsgType.CLOSE


async def test_an_empty_city(tmp_path) -> None:
    assert make_app(tmp_path)[WORLD].chats.groups == {}


async def test_lists(play: Play, bot: BotSide) -> None:
    await play.put("/residents/o1", {"follows": True})
    (resident,) = await play.get("/residents")
    assert (resident["openid"], resident["follows"]) == ("o1", True)
    await play.put("/groups/g1", {"name": "一格", "members": [{"userid": "w1", "name": "王芳"}], "bots": ["b1"]})
    (group,) = await play.get("/groups")
    assert group["bots"] == ["b1"]
    (shown,) = await play.get("/bots")
    assert shown["connected"] is True
    assert "secret" not in shown


def test_old_rows_fall_out() -> None:
    talk = Talk(SandboxClock(0), lambda row: None, keep=10)
    for number in range(25):
        talk.add("say", "text", str(number))
    assert talk.find(1) is None
    assert talk.find(25) is not None
    assert [row.seq for row in talk.after(23)] == [24, 25]


def test_windows() -> None:
    window = SlidingWindow(2, 60)
    assert [window.take(at) for at in (0, 30, 59, 60, 61, 90)] == [True, True, False, True, False, True]
    minute = BusiestMinute()
    for at in (0, 30, 59, 60, 200):
        minute.add(at)
    assert minute.most == 3
