"""Every kind of message and event that a resident's phone makes."""

import pytest
from wechatpy import parse_message

from tests.sandbox.conftest import Play, Service, b64, png


async def test_picture_is_fetchable_and_ages(account: Play, service: Service) -> None:
    await account.post("/residents/o1/say", {"image": b64(png())})
    message = parse_message(service.pushed[0].body)
    async with account.client.session.get(message.image) as response:
        assert await response.read() == png()
    query = {"access_token": await account.fetch_token(), "media_id": message.media_id}
    async with account.client.get("/oa/cgi-bin/media/get", params=query) as response:
        assert response.content_type == "image/png"
        assert await response.read() == png()
    await account.later(3 * 86400 + 1)
    await account.fetch_token()
    answer = await account.oa("media/get", method="GET", media_id=message.media_id)
    assert answer["errcode"] == 40007


async def test_voice_has_two_media_and_no_text(account: Play, service: Service) -> None:
    await account.post("/residents/o1/say", {"voice": b64(b"#!AMR\nsound")})
    body = service.pushed[0].body.decode()
    assert "<MediaId16K>" in body
    assert "Recognition" not in body


async def test_location_names_latitude_first(account: Play, service: Service) -> None:
    await account.post("/residents/o1/say", {"location": {"lat": 46.8, "lon": 130.3, "label": "文采社区"}})
    message = parse_message(service.pushed[0].body)
    assert (message.location_x, message.location_y, message.label) == ("46.8", "130.3", "文采社区")


@pytest.mark.parametrize(
    ("body", "msgtype"),
    [
        ({"link": {"title": "标题", "description": "说明", "url": "http://x.invalid/"}}, "link"),
        ({"video": b64(b"....ftypmp42")}, "video"),
        ({"video": b64(b"....ftypmp42"), "msgtype": "shortvideo"}, "shortvideo"),
    ],
)
async def test_other_kinds(account: Play, service: Service, body: dict[str, object], msgtype: str) -> None:
    await account.post("/residents/o1/say", body)
    assert parse_message(service.pushed[0].body).type == msgtype


async def test_follow_by_a_code(account: Play, service: Service) -> None:
    await account.put("/residents/o1", {"follows": False})
    made = await account.oa(
        "qrcode/create",
        {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "grid-0417"}}},
    )
    assert await account.get("/qrcodes") == [{"scene": "grid-0417", "ticket": made["ticket"], "url": made["url"]}]
    await account.post("/residents/o1/scan", {"scene": "grid-0417"})
    message = parse_message(service.pushed[0].body)
    assert (message.event, message.scene_id, message.ticket) == ("subscribe_scan", "grid-0417", made["ticket"])
    assert "<MsgId>" not in service.pushed[0].body.decode()
    info = await account.oa("user/info", method="GET", openid="o1")
    assert (info["subscribe"], info["qr_scene_str"]) == (1, "grid-0417")
    await account.post("/residents/o1/scan", {"scene": "grid-0417"})
    assert parse_message(service.pushed[1].body).event == "scan"


async def test_plain_follow_has_an_empty_key(account: Play, service: Service) -> None:
    await account.post("/residents/o1/say", {"event": {"Event": "subscribe"}})
    assert "<EventKey><![CDATA[]]></EventKey>" in service.pushed[0].body.decode()


async def test_nested_event_fields_repeat(account: Play, service: Service) -> None:
    popup = {"List": [{"TemplateId": "t1", "SubscribeStatusString": "accept"}, {"TemplateId": "t2"}]}
    await account.post(
        "/residents/o1/say", {"event": {"Event": "subscribe_msg_popup_event", "SubscribeMsgPopupEvent": popup}}
    )
    assert service.pushed[0].body.decode().count("<List>") == 2


async def test_who_does_not_follow_cannot_write(account: Play, service: Service) -> None:
    await account.put("/residents/o1", {"follows": False})
    assert (await account.say("o1", "在吗"))["tries"] == []
    assert service.pushed == []


async def test_a_saying_of_no_kind_is_a_bad_request(account: Play) -> None:
    async with account.client.post("/sandbox/residents/o1/say", json={"shout": "x"}) as response:
        assert response.status == 400
