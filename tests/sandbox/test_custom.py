"""Customer-service messages: the windows of 5 in 48 hours and 3 in a minute, and every wrong body."""

import pytest

from tests.sandbox.conftest import Play, Service, png


async def test_five_messages_within_48_hours(account: Play) -> None:
    await account.say("o1", "在吗")
    assert [await account.custom("o1") for _ in range(6)] == [0] * 5 + [45047]
    await account.say("o1", "在吗")
    assert await account.custom("o1") == 0
    await account.later(48 * 3600 + 1)
    await account.fetch_token()
    assert await account.custom("o1") == 45015
    assert [row["via"] for row in await account.inbox("o1")] == ["custom"] * 6


@pytest.mark.parametrize("event", ["subscribe", "SCAN", "CLICK", "scancode_push", "scancode_waitmsg"])
async def test_three_messages_within_a_minute(account: Play, event: str) -> None:
    await account.post("/residents/o1/say", {"event": {"Event": event, "EventKey": "k"}})
    assert [await account.custom("o1") for _ in range(4)] == [0, 0, 0, 45047]
    await account.post("/residents/o1/say", {"event": {"Event": event, "EventKey": "k"}})
    assert await account.custom("o1") == 0
    await account.later(61)
    assert await account.custom("o1") == 45015


@pytest.mark.parametrize("event", ["VIEW", "LOCATION", "pic_weixin"])
async def test_other_events_open_nothing(account: Play, event: str) -> None:
    await account.post("/residents/o1/say", {"event": {"Event": event}})
    assert await account.custom("o1") == 45015


async def test_a_click_does_not_renew_the_five(account: Play) -> None:
    await account.say("o1", "在吗")
    for _ in range(5):
        await account.custom("o1")
    await account.post("/residents/o1/say", {"event": {"Event": "CLICK", "EventKey": "k"}})
    assert [await account.custom("o1") for _ in range(4)] == [0, 0, 0, 45047]


async def test_who_left_cannot_be_reached(account: Play) -> None:
    await account.say("o1", "在吗")
    await account.post("/residents/o1/say", {"event": {"Event": "unsubscribe"}})
    assert await account.custom("o1") == 45015
    assert (await account.oa("user/info", method="GET", openid="o1"))["subscribe"] == 0


async def test_windows_can_be_set(account: Play) -> None:
    assert (await account.put("/residents/o1", {"window_open": True}))["pushes_left"] == 5
    assert await account.custom("o1") == 0
    await account.put("/residents/o1", {"window_open": False})
    assert await account.custom("o1") == 45015


async def test_unknown_people(account: Play) -> None:
    assert await account.custom("nobody") == 40003


async def test_people_are_made_until_an_account_is_set_up(play: Play) -> None:
    assert await play.custom("somebody") == 45015
    assert await play.custom("") == 40003


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "text", "text": {"content": "长" * 683}}, 45002),
        ({"msgtype": "text", "text": "hello"}, 45162),
        ({"msgtype": "shout", "shout": {}}, 40008),
        ({"msgtype": "image", "image": {"media_id": "nowhere"}}, 40007),
        ({"msgtype": "news", "news": {"articles": {"title": "x"}}}, 45162),
        ({"msgtype": "news", "news": {"articles": [{"title": "x"}, {"title": "y"}]}}, 45008),
        ({"msgtype": "msgmenu", "msgmenu": {"list": []}}, 45162),
        ({"msgtype": "mpnews", "mpnews": {}}, 40007),
        ({"msgtype": "wxcard", "wxcard": {}}, 45162),
        ({"msgtype": "music", "music": {"thumb_media_id": "nowhere"}}, 40007),
        ({"msgtype": "miniprogrampage", "miniprogrampage": {"thumb_media_id": "nowhere"}}, 40007),
    ],
)
async def test_wrong_bodies(account: Play, body: dict[str, object], errcode: int) -> None:
    await account.put("/residents/o1", {"window_open": True})
    assert (await account.oa("message/custom/send", {"touser": "o1", **body}))["errcode"] == errcode
    assert await account.inbox("o1") == []
    assert (await account.books())["refusals"]["/oa/cgi-bin/message/custom/send"] == {str(errcode): 1}


@pytest.mark.parametrize(
    ("raw", "errcode"),
    [
        (b"", 44002),
        (b"not json", 47001),
        (b"[]", 47001),
        (b'{"touser":"o1","msgtype":"text","text":{"content":"\\u697c\\u9053"}}', 40033),
    ],
)
async def test_wrong_json(account: Play, raw: bytes, errcode: int) -> None:
    await account.put("/residents/o1", {"window_open": True})
    assert (await account.oa("message/custom/send", raw))["errcode"] == errcode


async def test_escaped_line_breaks_and_backslashes_are_fine(account: Play) -> None:
    await account.put("/residents/o1", {"window_open": True})
    raw = rb'{"touser":"o1","msgtype":"text","text":{"content":"a\n\\u697c \u0009"}}'
    assert (await account.oa("message/custom/send", raw))["errcode"] == 0
    (row,) = await account.inbox("o1")
    assert row["text"] == "a\n\\u697c \t"


async def test_a_picture(account: Play) -> None:
    await account.put("/residents/o1", {"window_open": True})
    media_id = (await account.upload("/oa/cgi-bin/media/upload", png(), type="image"))["media_id"]
    body = {"touser": "o1", "msgtype": "image", "image": {"media_id": media_id}}
    assert (await account.oa("message/custom/send", body))["errcode"] == 0
    (row,) = await account.inbox("o1")
    async with account.client.session.get(row["media"][0]["url"]) as response:
        assert await response.read() == png()
    wrong = {"touser": "o1", "msgtype": "voice", "voice": {"media_id": media_id}}
    assert (await account.oa("message/custom/send", wrong))["errcode"] == 45162


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (
            {
                "msgtype": "msgmenu",
                "msgmenu": {
                    "head_content": "满意吗",
                    "list": [{"id": "1", "content": "满意"}, {"id": "2", "content": "不满意"}],
                    "tail_content": "谢谢",
                },
            },
            "满意吗\n满意\n不满意\n谢谢",
        ),
        (
            {"msgtype": "news", "news": {"articles": [{"title": "甲", "url": "http://x.invalid"}]}},
            "甲\nhttp://x.invalid",
        ),
    ],
)
async def test_other_kinds_arrive(account: Play, body: dict[str, object], text: str) -> None:
    await account.put("/residents/o1", {"window_open": True})
    assert (await account.oa("message/custom/send", {"touser": "o1", **body}))["errcode"] == 0
    assert [row["text"] for row in await account.inbox("o1")] == [text]


async def test_typing(account: Play, service: Service) -> None:
    body = {"touser": "o1", "command": "Typing"}
    await account.put("/residents/o1", {"window_open": False})
    assert (await account.oa("message/custom/typing", body))["errcode"] == 45080
    await account.say("o1", "在吗")
    assert (await account.oa("message/custom/typing", body))["errcode"] == 0
    assert (await account.oa("message/custom/typing", body | {"command": "Dance"}))["errcode"] == 45072
