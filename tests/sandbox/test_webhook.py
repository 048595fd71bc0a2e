"""The send-only group robot: limits of every type, 20 a minute, wrong keys."""

import hashlib

import pytest

from tests.sandbox.conftest import Play, b64, png

KEY = "key-1"
NOTICE = {
    "card_type": "text_notice",
    "main_title": {"title": "停水通知"},
    "card_action": {"type": 1, "url": "http://x.invalid/"},
}


@pytest.fixture
async def group(play: Play) -> Play:
    await play.put(
        "/groups/g1", {"name": "文采一格", "members": [{"userid": "w1", "name": "王芳"}], "webhook_key": KEY}
    )
    return play


def image(data: bytes, **more: str) -> dict[str, object]:
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": b64(data), "md5": md5} | more}


async def test_text_with_mentions(group: Play) -> None:
    body = {"msgtype": "text", "text": {"content": "请接单", "mentioned_list": ["w1", "@all"]}}
    assert (await group.webhook(KEY, body))["errcode"] == 0
    (row,) = await group.get("/groups/g1/messages?after=0")
    assert (row["via"], row["text"]) == ("webhook", "请接单")
    assert row["raw"]["text"]["mentioned_list"] == ["w1", "@all"]


async def test_escaped_json_is_fine_here(group: Play) -> None:
    assert (await group.webhook(KEY, b'{"msgtype":"text","text":{"content":"\\u697c"}}'))["errcode"] == 0


async def test_twenty_a_minute(group: Play) -> None:
    body = {"msgtype": "markdown", "markdown": {"content": "**通知**"}}
    codes = [(await group.webhook(KEY, body))["errcode"] for _ in range(21)]
    assert codes == [0] * 20 + [45009]
    await group.later(61)
    assert (await group.webhook(KEY, body))["errcode"] == 0
    books = await group.books()
    assert books["busiest_minute"]["webhook"][KEY] == 20
    assert books["deliveries"]["groups"]["g1"] == 21


async def test_the_minute_slides(group: Play) -> None:
    body = {"msgtype": "text", "text": {"content": "x"}}
    for _ in range(10):
        await group.webhook(KEY, body)
    await group.later(40)
    for _ in range(10):
        await group.webhook(KEY, body)
    await group.later(30)
    codes = [(await group.webhook(KEY, body))["errcode"] for _ in range(11)]
    assert codes == [0] * 10 + [45009]


async def test_wrong_key(group: Play) -> None:
    assert (await group.webhook("other", {"msgtype": "text", "text": {"content": "x"}}))["errcode"] == 93000


async def test_any_key_works_until_a_group_is_set_up(play: Play) -> None:
    assert (await play.webhook("free", {"msgtype": "text", "text": {"content": "x"}}))["errcode"] == 0
    assert (await play.webhook("", {"msgtype": "text", "text": {"content": "x"}}))["errcode"] == 93000


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({"msgtype": "text", "text": {"content": "长" * 682}}, 0),
        ({"msgtype": "text", "text": {"content": "长" * 683}}, 40058),
        ({"msgtype": "text", "text": {"content": ""}}, 44004),
        ({"msgtype": "markdown", "markdown": {"content": "x" * 4096}}, 0),
        ({"msgtype": "markdown", "markdown": {"content": "x" * 4097}}, 40058),
        ({"msgtype": "markdown_v2", "markdown_v2": {"content": "| 表 |"}}, 0),
        ({"msgtype": "shout"}, 40008),
        (image(png()), 0),
        (image(png(), md5="0" * 32), 40058),
        (image(b"not a picture"), 40005),
        (image(b"\x89PNG\r\n\x1a\nbroken"), 40005),
        (image(b"GIF89a"), 40005),
        (image(png(), base64="***"), 40058),
        (image(b"\x00" * ((2 << 20) + 1)), 40009),
        ({"msgtype": "news", "news": {"articles": [{"title": "标题", "url": "http://x.invalid"}]}}, 0),
        ({"msgtype": "news", "news": {"articles": []}}, 45008),
        ({"msgtype": "news", "news": {"articles": [{"title": "标题"}]}}, 40058),
        ({"msgtype": "file", "file": {"media_id": "nowhere"}}, 40007),
        ({"msgtype": "template_card", "template_card": NOTICE}, 0),
        ({"msgtype": "template_card", "template_card": NOTICE | {"card_type": "button_interaction"}}, 40058),
        ({"msgtype": "template_card", "template_card": NOTICE | {"card_action": {}}}, 40058),
    ],
)
async def test_limits_of_each_type(group: Play, body: dict[str, object], errcode: int) -> None:
    assert (await group.webhook(KEY, body))["errcode"] == errcode
    assert len(await group.get("/groups/g1/messages?after=0")) == (0 if errcode else 1)


async def upload(play: Play, data: bytes, kind: str = "file", key: str = KEY) -> dict[str, object]:
    return await play.upload("/wecom/cgi-bin/webhook/upload_media", data, "协查通报.pdf", key=key, type=kind)


async def test_a_file_is_for_the_robot_that_uploaded_it(group: Play) -> None:
    await group.put("/groups/g2", {"name": "二格", "members": [], "webhook_key": "key-2"})
    media_id = (await upload(group, b"%PDF-1.7 ..."))["media_id"]
    body = {"msgtype": "file", "file": {"media_id": media_id}}
    assert (await group.webhook("key-2", body))["errcode"] == 40007
    assert (await group.webhook(KEY, body))["errcode"] == 0
    (row,) = await group.get("/groups/g1/messages?after=0")
    assert row["text"] == "协查通报.pdf"
    await group.later(3 * 86400 + 1)
    assert (await group.webhook(KEY, body))["errcode"] == 40007


async def test_upload_limits(group: Play) -> None:
    assert (await upload(group, b"12345"))["errcode"] == 40006
    assert (await upload(group, b"x" * ((20 << 20) + 1)))["errcode"] == 45001
    assert (await upload(group, b"ID3 an mp3", kind="voice"))["errcode"] == 40005
    assert (await upload(group, b"#!AMR\nsound", kind="voice"))["errcode"] == 0
    assert (await upload(group, b"whatever", kind="image"))["errcode"] == 40004
    assert (await upload(group, b"whatever", key="other"))["errcode"] == 93000
