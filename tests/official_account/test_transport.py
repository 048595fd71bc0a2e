"""Neutral messages on their way to a resident."""

import pytest

from bot.official_account.api import OfficialAccountApi
from bot.official_account.texts import MAX_TEXT_BYTES
from bot.official_account.transport import OfficialAccountTransport, TemplateConfig, TemplateKind, render_fields
from bot.ports import Address, Picture, Refused, ResidentTransport, Sent, Unreachable
from grid.message import Choice, Message, Template
from tests.clock import FakeClock
from tests.official_account.platform import OK, Platform

SEND = "message/custom/send"
TO = Address("oa:o1", "o1")
PICTURE = Picture("照片.jpg", "image/jpeg", b"\xff\xd8\xff picture")
TEMPLATES = {
    "resolved": TemplateConfig(
        "t-resolved", TemplateKind.TEMPLATE, {"number": "character_string1", "result": "thing2"}
    ),
    "notice": TemplateConfig("t-notice", TemplateKind.SUBSCRIPTION, {"title": "thing1"}),
}
RESOLVED = Template("resolved", {"number": "1123-08", "result": "已疏通"})


@pytest.fixture
def transport(api: OfficialAccountApi, clock: FakeClock) -> ResidentTransport:
    return OfficialAccountTransport(api, TEMPLATES, clock)


def said(platform: Platform) -> list[object]:
    """What reached the person, in order."""
    return [call.json[call.json["msgtype"]] for call in platform.heard(SEND)]


async def test_a_text(platform: Platform, transport: ResidentTransport) -> None:
    assert await transport.send(TO, Message("accepted", "已受理"), (), "k") == Sent("custom")
    assert said(platform) == [{"content": "已受理"}]
    assert platform.heard(SEND)[0].json["touser"] == "o1"


async def test_a_long_text_comes_in_pieces(platform: Platform, transport: ResidentTransport) -> None:
    text = "\n".join(f"第{number}条：楼道堆物已清理" for number in range(200))
    await transport.send(TO, Message("notice", text), (), "k")
    pieces = [piece["content"] for piece in said(platform)]
    assert len(pieces) > 1
    assert all(len(piece.encode()) <= MAX_TEXT_BYTES for piece in pieces)
    assert "\n".join(pieces) == text


async def test_choices_can_be_tapped(platform: Platform, transport: ResidentTransport) -> None:
    message = Message("rating", "您满意吗？", choices=(Choice("1", "满意"), Choice("2", "不满意")))
    await transport.send(TO, message, (), "k")
    lines = [{"id": "1", "content": "满意"}, {"id": "2", "content": "不满意"}]
    assert said(platform) == [{"head_content": "您满意吗？", "list": lines, "tail_content": ""}]


async def test_pictures_follow_the_text(platform: Platform, transport: ResidentTransport) -> None:
    platform.says("media/upload", {"media_id": "m1"})
    await transport.send(TO, Message("resolved", "已办结"), (PICTURE,), "k")
    assert said(platform) == [{"content": "已办结"}, {"media_id": "m1"}]


async def test_a_picture_is_uploaded_once_while_the_platform_keeps_it(
    platform: Platform, transport: ResidentTransport, clock: FakeClock
) -> None:
    platform.says("media/upload", {"media_id": "m1"})
    for number in range(3):
        await transport.send(TO, Message("notice", "通知"), (PICTURE,), f"k{number}")
    assert len(platform.heard("media/upload")) == 1
    clock.advance(days=2.6)
    await transport.send(TO, Message("notice", "通知"), (PICTURE,), "k3")
    assert len(platform.heard("media/upload")) == 2


async def test_a_picture_that_the_platform_lost_is_uploaded_again(
    platform: Platform, transport: ResidentTransport
) -> None:
    platform.says("media/upload", {"media_id": "m1"}, {"media_id": "m2"})
    platform.says(SEND, OK, 40007, OK)
    await transport.send(TO, Message("notice", "通知"), (PICTURE,), "k")
    assert said(platform)[-1] == {"media_id": "m2"}


async def test_nothing_is_said_when_the_upload_fails(platform: Platform, transport: ResidentTransport) -> None:
    platform.says("media/upload", 45009)
    with pytest.raises(Refused):
        await transport.send(TO, Message("notice", "通知"), (PICTURE,), "k")
    assert said(platform) == []


async def test_what_broke_off_goes_on_where_it_stopped(platform: Platform, transport: ResidentTransport) -> None:
    platform.says("media/upload", {"media_id": "m1"})
    platform.says(SEND, OK, "hang up", OK)
    with pytest.raises(Unreachable):
        await transport.send(TO, Message("resolved", "已办结"), (PICTURE,), "k")
    await transport.send(TO, Message("resolved", "已办结"), (PICTURE,), "k")
    assert said(platform) == [{"content": "已办结"}, {"media_id": "m1"}, {"media_id": "m1"}]
    await transport.send(TO, Message("resolved", "已办结"), (), "k")
    assert said(platform)[-1] == {"content": "已办结"}


async def test_a_template(platform: Platform, transport: ResidentTransport) -> None:
    platform.says("message/template/send", OK | {"msgid": 77})
    assert await transport.send_template(TO, RESOLVED, "outbox-12") == Sent("template", "77")
    (call,) = platform.heard("message/template/send")
    assert (call.json["touser"], call.json["template_id"]) == ("o1", "t-resolved")
    assert call.json["data"] == {"character_string1": {"value": "1123-08"}, "thing2": {"value": "已疏通"}}
    assert call.json["client_msg_id"] == "outbox-12"


async def test_a_key_that_the_platform_would_not_take_is_hashed(
    platform: Platform, transport: ResidentTransport
) -> None:
    for key in ("oa:o1/7", "oa:o1/7", "k" * 90):
        await transport.send_template(TO, RESOLVED, key)
    ids = [call.json["client_msg_id"] for call in platform.heard("message/template/send")]
    assert ids[0] == ids[1] != ids[2]
    assert all(len(client_id) == 32 and client_id.isalnum() for client_id in ids)


async def test_a_subscription_notice(platform: Platform, transport: ResidentTransport) -> None:
    template = Template("notice", {"title": "停水通知", "url": "http://example.com/n"})
    assert await transport.send_template(TO, template, "k") == Sent("subscribe")
    (call,) = platform.heard("message/subscribe/bizsend")
    assert (call.json["page"], call.json["data"]) == ("http://example.com/n", {"thing1": {"value": "停水通知"}})


async def test_a_template_that_nobody_configured(platform: Platform, transport: ResidentTransport) -> None:
    with pytest.raises(Refused) as caught:
        await transport.send_template(TO, Template("reminder", {}), "k")
    assert (caught.value.errcode, platform.calls) == (40037, [])


async def test_a_refused_template_is_told(platform: Platform, transport: ResidentTransport) -> None:
    platform.says("message/template/send", 43004)
    with pytest.raises(Refused) as caught:
        await transport.send_template(TO, RESOLVED, "k")
    assert caught.value.errcode == 43004


@pytest.mark.parametrize("errcode", [45015, 45047, 43004, 48001, 45009, 40003])
async def test_a_refusal_is_for_delivery_to_judge(
    platform: Platform, transport: ResidentTransport, errcode: int
) -> None:
    platform.says(SEND, errcode)
    with pytest.raises(Refused) as caught:
        await transport.send(TO, Message("resolved", "已办结", template=RESOLVED), (), "k")
    assert caught.value.errcode == errcode
    assert platform.heard("message/template/send") == []


async def test_a_window_that_closes_halfway_says_nothing_twice(
    platform: Platform, transport: ResidentTransport
) -> None:
    platform.says("media/upload", {"media_id": "m1"})
    platform.says(SEND, OK, 45047, 45047, OK)
    for _ in range(2):
        with pytest.raises(Refused):
            await transport.send(TO, Message("resolved", "已办结"), (PICTURE,), "k")
    await transport.send(TO, Message("resolved", "已办结"), (PICTURE,), "k")
    assert [piece for piece in said(platform) if "content" in piece] == [{"content": "已办结"}]


@pytest.mark.parametrize(
    ("keyword", "value", "sent"),
    [
        ("thing1", "很" * 30, "很" * 19 + "…"),
        ("short_thing3", "很" * 11, "很" * 9 + "…"),
        ("phrase4", "城建物业类", "城建物业类"),
        ("phrase4", "城建物业类别", "城建物业类"),
        ("keyword1", "很" * 60, "很" * 60),
        ("thing1", "两行\n  并作\t一行", "两行 并作 一行"),
        ("thing1", "", "无"),
    ],
)
def test_fields_fit_their_keyword(keyword: str, value: str, sent: str) -> None:
    config = TemplateConfig("t", TemplateKind.TEMPLATE, {"ours": keyword})
    assert render_fields(config, {"ours": value, "other": "x"}) == {keyword: sent}
    assert render_fields(config, {}) == {keyword: "无"}
