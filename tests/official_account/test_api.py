"""The API client: what it sends, what it makes of answers, what it repeats and what it never does."""

from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from bot.official_account.api import MAX_MEDIA_BYTES, CallbackCheck, Follower, OfficialAccountApi
from bot.official_account.connect import open_api
from bot.ports import BadAnswer, Refused, Unreachable
from grid.message import Choice
from tests.clock import FakeClock
from tests.official_account.conftest import SECRET, Pauses
from tests.official_account.platform import OK, Platform

SEND = "message/custom/send"
PNG = b"\x89PNG\r\n\x1a\n" + b"picture" * 100
Ask = Callable[[OfficialAccountApi], Awaitable[object]]


@pytest.mark.parametrize(
    ("ask", "payload"),
    [
        (lambda api: api.send_text("o1", "已受理"), {"touser": "o1", "msgtype": "text", "text": {"content": "已受理"}}),
        (
            lambda api: api.send_menu("o1", "满意吗？", [Choice("1", "满意"), Choice("2", "不满意")], "谢谢"),
            {
                "touser": "o1",
                "msgtype": "msgmenu",
                "msgmenu": {
                    "head_content": "满意吗？",
                    "list": [{"id": "1", "content": "满意"}, {"id": "2", "content": "不满意"}],
                    "tail_content": "谢谢",
                },
            },
        ),
        (lambda api: api.send_image("o1", "m1"), {"touser": "o1", "msgtype": "image", "image": {"media_id": "m1"}}),
    ],
)
async def test_customer_service_messages(
    platform: Platform, api: OfficialAccountApi, ask: Ask, payload: dict[str, object]
) -> None:
    await ask(api)
    (call,) = platform.heard(SEND)
    assert call.json == payload
    assert (call.token, call.content_type) == ("T1", "application/json")
    assert b"\\u" not in call.body


async def test_a_template(platform: Platform, api: OfficialAccountApi) -> None:
    platform.says("message/template/send", OK | {"msgid": 200_228_332})
    assert await api.send_template("o1", "t1", {"thing1": "疏通"}, "key-1", "http://example.com") == "200228332"
    assert platform.heard("message/template/send")[0].json == {
        "touser": "o1",
        "template_id": "t1",
        "url": "http://example.com",
        "client_msg_id": "key-1",
        "data": {"thing1": {"value": "疏通"}},
    }


async def test_a_subscription_notice(platform: Platform, api: OfficialAccountApi) -> None:
    await api.send_subscription("o1", "t1", {"thing1": "疏通"}, "http://example.com")
    payload = {"touser": "o1", "template_id": "t1", "page": "http://example.com", "data": {"thing1": {"value": "疏通"}}}
    assert platform.heard("message/subscribe/bizsend")[0].json == payload
    await api.send_subscription("o1", "t1", {})
    assert "page" not in platform.heard("message/subscribe/bizsend")[1].json


@pytest.mark.parametrize(
    ("name", "mime", "filename"),
    [
        ("协查照片.jpg", "image/jpeg", "media.jpg"),
        ("site-1.PNG", "image/png", "site-1.png"),
        ('a"\r\nX: y.png', "image/png", "aXy.png"),
        ("", "image/gif", "media.gif"),
        ("录音", "audio/amr", "media.amr"),
    ],
)
async def test_uploads_have_ascii_names(
    platform: Platform, api: OfficialAccountApi, name: str, mime: str, filename: str
) -> None:
    platform.says("media/upload", {"type": "image", "media_id": "m1", "created_at": 1})
    assert await api.upload_image(name, PNG, mime) == "m1"
    (call,) = platform.heard("media/upload")
    assert call.query["type"] == ("voice" if mime.startswith("audio") else "image")
    assert f'name="media"; filename="{filename}"'.encode() in call.body
    assert b"filename*" not in call.body
    assert PNG in call.body


async def test_an_upload_that_is_repeated_is_not_empty(platform: Platform, api: OfficialAccountApi) -> None:
    platform.says("media/upload", -1, "hang up", {"media_id": "m1"})
    assert await api.upload_image("a.png", PNG, "image/png") == "m1"
    assert all(PNG in call.body for call in platform.heard("media/upload"))
    platform.says("media/upload", 40001, {"media_id": "m2"})
    platform.token = "T2"
    assert await api.upload_image("a.png", PNG, "image/png") == "m2"
    assert PNG in platform.heard("media/upload")[-1].body


async def test_a_file_that_the_platform_does_not_take(platform: Platform, api: OfficialAccountApi) -> None:
    with pytest.raises(ValueError, match="svg"):
        await api.upload_image("a.svg", b"<svg/>", "image/svg+xml")
    assert platform.calls == []


async def test_media_come_as_bytes(platform: Platform, api: OfficialAccountApi) -> None:
    platform.says("media/get", (PNG, "image/png"))
    assert await api.fetch_media("m1") == (PNG, "image/png")
    assert platform.heard("media/get")[0].query == {"access_token": "T1", "media_id": "m1"}
    platform.says("media/get", (b"#!AMR\nxx", "audio/amr"))
    assert await api.fetch_media("m2") == (b"#!AMR\nxx", "audio/amr")


@pytest.mark.parametrize("mime", ["text/plain", "application/json", "image/jpeg"])
async def test_an_error_in_place_of_media(platform: Platform, api: OfficialAccountApi, mime: str) -> None:
    platform.says("media/get", (b'{"errcode":40007,"errmsg":"invalid media_id"}', mime))
    with pytest.raises(Refused) as caught:
        await api.fetch_media("m1")
    assert caught.value.errcode == 40007


async def test_a_video_comes_by_its_address(platform: Platform, api: OfficialAccountApi) -> None:
    platform.says("media/get", {"video_url": f"{platform.base}/cgi-bin/video"})
    platform.says("video", (b"\0\0\0 ftypmp42", "video/mp4"))
    assert await api.fetch_media("m1") == (b"\0\0\0 ftypmp42", "video/mp4")
    assert platform.heard("video")[0].query == {}


@pytest.mark.parametrize("answer", [(b"", "image/png"), (b"<html></html>", "text/html"), {"other": 1}])
async def test_no_media_at_all(platform: Platform, api: OfficialAccountApi, answer: object) -> None:
    platform.says("media/get", answer)
    with pytest.raises(BadAnswer):
        await api.fetch_media("m1")


async def test_media_without_end(platform: Platform, api: OfficialAccountApi) -> None:
    platform.says("media/get", (b"a" * (MAX_MEDIA_BYTES + 1), "image/png"))
    with pytest.raises(BadAnswer, match="bytes"):
        await api.fetch_media("m1")


async def test_the_menu(platform: Platform, api: OfficialAccountApi) -> None:
    menu = {"button": [{"type": "click", "name": "我要上报", "key": "report"}]}
    await api.create_menu(menu)
    assert platform.heard("menu/create")[0].json == menu
    platform.says("menu/get", {"menu": menu})
    assert await api.get_menu() == menu
    platform.says("menu/get", 46003)
    with pytest.raises(Refused):
        await api.get_menu()


async def test_scene_codes(platform: Platform, api: OfficialAccountApi) -> None:
    platform.says("qrcode/create", {"ticket": "gQ", "url": "http://weixin.qq.com/q/1"})
    assert await api.create_scene_qr("grid-0417") == ("gQ", "http://weixin.qq.com/q/1")
    scene = {"scene": {"scene_str": "grid-0417"}}
    assert platform.heard("qrcode/create")[0].json == {"action_name": "QR_LIMIT_STR_SCENE", "action_info": scene}
    await api.create_scene_qr("grid-0417", permanent=False)
    assert platform.heard("qrcode/create")[1].json == {
        "action_name": "QR_STR_SCENE",
        "action_info": scene,
        "expire_seconds": 2_592_000,
    }


@pytest.mark.parametrize(
    ("answer", "follower"),
    [
        ({"openid": "o1", "subscribe": 0}, Follower("o1", False)),
        ({"openid": "o1", "subscribe": 1, "qr_scene": 7, "qr_scene_str": ""}, Follower("o1", True, "7")),
        ({"openid": "o1", "subscribe": 1, "qr_scene": 0, "qr_scene_str": "grid-1"}, Follower("o1", True, "grid-1")),
    ],
)
async def test_followers(
    platform: Platform, api: OfficialAccountApi, answer: dict[str, object], follower: Follower
) -> None:
    platform.says("user/info", answer)
    assert await api.get_user("o1") == follower
    assert platform.heard("user/info")[0].query["openid"] == "o1"


async def test_the_callback_check(platform: Platform, api: OfficialAccountApi) -> None:
    ping = [{"ip": "127.0.0.1", "package_loss": "0%"}, {"ip": "127.0.0.2", "package_loss": "50%"}]
    platform.says("callback/check", {"dns": [{"ip": "127.0.0.1"}], "ping": ping})
    assert await api.check_callback() == CallbackCheck(("127.0.0.1",), ("127.0.0.2",))
    platform.says("callback/check", {"dns": "no"})
    with pytest.raises(BadAnswer):
        await api.check_callback()


# What is repeated, and what is not.


async def test_a_busy_platform_is_asked_three_times(
    platform: Platform, api: OfficialAccountApi, pauses: Pauses
) -> None:
    platform.says(SEND, -1)
    with pytest.raises(Refused) as caught:
        await api.send_text("o1", "好")
    assert (caught.value.errcode, len(platform.heard(SEND))) == (-1, 3)
    assert pauses.seconds == pytest.approx([0.3, 0.9])


@pytest.mark.parametrize("answer", ["hang up", (b"no json", "text/plain"), lambda: web.Response(status=502)])
async def test_a_message_that_may_have_arrived_is_not_said_twice(
    platform: Platform, api: OfficialAccountApi, answer: object
) -> None:
    platform.says(SEND, answer)
    with pytest.raises((Unreachable, BadAnswer)):
        await api.send_text("o1", "好")
    assert len(platform.heard(SEND)) == 1


async def test_what_the_platform_can_tell_apart_is_repeated(platform: Platform, api: OfficialAccountApi) -> None:
    platform.says("message/template/send", "hang up", lambda: web.Response(status=502), OK | {"msgid": 1})
    assert await api.send_template("o1", "t1", {}, "key-1") == "1"
    assert {call.json["client_msg_id"] for call in platform.heard("message/template/send")} == {"key-1"}


@pytest.mark.parametrize("errcode", [45015, 45047, 48001, 43004, 45009, 45011])
async def test_a_refusal_is_final(platform: Platform, api: OfficialAccountApi, errcode: int) -> None:
    platform.says(SEND, errcode)
    with pytest.raises(Refused) as caught:
        await api.send_text("o1", "好")
    assert (caught.value.errcode, caught.value.errmsg) == (errcode, "rid: 1a-2b-3c")
    assert caught.value.retry_seconds == (60.0 if errcode == 45011 else None)
    assert len(platform.heard(SEND)) == 1


async def test_nobody_listens(
    platform: Platform, engine: object, clock: FakeClock, pauses: Pauses, unused_tcp_port: int
) -> None:
    async with open_api(f"http://127.0.0.1:{unused_tcp_port}", SECRET, engine, clock, pauses.waits) as api:
        with pytest.raises(Unreachable):
            await api.send_text("o1", "好")
    assert len(pauses.seconds) == 2


async def test_a_redirect_is_not_followed(platform: Platform, api: OfficialAccountApi) -> None:
    platform.says(SEND, lambda: web.Response(status=302, headers={"Location": "/cgi-bin/elsewhere"}))
    with pytest.raises(BadAnswer, match="302"):
        await api.send_text("o1", "好")
    assert platform.heard("elsewhere") == []


@pytest.mark.parametrize("answer", [(b"[]", "application/json"), (b"", "text/plain"), {"errcode": "no"}])
async def test_an_answer_in_another_form(platform: Platform, api: OfficialAccountApi, answer: object) -> None:
    platform.says("menu/create", answer)
    with pytest.raises(BadAnswer):
        await api.create_menu({})


async def test_the_session_is_closed_with_the_api(
    platform: Platform, engine: object, clock: FakeClock, pauses: Pauses
) -> None:
    async with open_api(platform.base, SECRET, engine, clock, pauses.waits) as api:
        session: aiohttp.ClientSession = api._http._session
    assert session.closed
