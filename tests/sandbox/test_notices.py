"""Template messages, subscription notices and mass messages."""

import pytest
from wechatpy import parse_message

from tests.sandbox.conftest import Play, Service, png

FIELDS = {"thing1": {"value": "下水道堵已办结"}, "time2": {"value": "2026-11-26 17:00"}}


def notice(**more: object) -> dict[str, object]:
    return {"touser": "o1", "template_id": "t1", "data": FIELDS, **more}


async def events(account: Play, service: Service) -> list[object]:
    await account.post("/settle", {})
    return [parse_message(item.body) for item in service.pushed]


async def test_template_long_after_the_window(account: Play, service: Service) -> None:
    await account.put("/residents/o1", {"follows": True})
    answer = await account.oa("message/template/send", notice())
    assert answer["errcode"] == 0
    (row,) = await account.inbox("o1")
    assert (row["via"], row["text"]) == ("template", "thing1：下水道堵已办结\ntime2：2026-11-26 17:00")
    (event,) = await events(account, service)
    assert (event.event, event.status, event.id) == ("templatesendjobfinish", "success", answer["msgid"])
    assert f"<MsgID>{answer['msgid']}</MsgID>" in service.pushed[0].body.decode()


async def test_template_to_who_blocks_it(account: Play, service: Service) -> None:
    await account.put("/residents/o1", {"templates_accepted": False})
    assert (await account.oa("message/template/send", notice()))["errcode"] == 0
    (event,) = await events(account, service)
    assert event.status == "failed:user block"
    assert await account.inbox("o1") == []


async def test_template_is_not_repeated_for_ten_minutes(account: Play) -> None:
    await account.put("/residents/o1", {})
    first = await account.oa("message/template/send", notice(client_msg_id="c1"))
    second = await account.oa("message/template/send", notice(client_msg_id="c1"))
    assert second == first
    await account.oa("message/template/send", notice(client_msg_id="c2"))
    assert len(await account.inbox("o1")) == 2
    await account.later(601)
    await account.oa("message/template/send", notice(client_msg_id="c1"))
    assert len(await account.inbox("o1")) == 3


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (notice(touser="nobody"), 40003),
        (notice(template_id=""), 40037),
        (notice(template_id="t9"), 40037),
        (notice(data={}), 47003),
        (notice(data={"thing1": "bare"}), 47003),
        (notice(data={"thing1": {"value": "长" * 21}}), 47003),
        (notice(data={"thing1": {"value": ""}}), 47003),
    ],
)
@pytest.mark.parametrize("path", ["message/template/send", "message/subscribe/bizsend"])
async def test_wrong_notices(account: Play, body: dict[str, object], errcode: int, path: str) -> None:
    await account.put("/templates", {"ids": ["t1"]})
    await account.put("/residents/o1", {"templates_accepted": True})
    assert (await account.oa(path, body))["errcode"] == errcode


async def test_template_needs_a_follower(account: Play) -> None:
    await account.put("/residents/o1", {"follows": False})
    assert (await account.oa("message/template/send", notice()))["errcode"] == 43004


@pytest.mark.parametrize(
    ("accepted", "errcode"), [(None, 43101), (False, 43101), (True, 0), (["t1"], 0), (["t2"], 43101)]
)
async def test_subscription_needs_consent(account: Play, service: Service, accepted: object, errcode: int) -> None:
    await account.put("/residents/o1", {"templates_accepted": accepted})
    assert (await account.oa("message/subscribe/bizsend", notice()))["errcode"] == errcode
    assert len(await account.inbox("o1")) == (0 if errcode else 1)
    sent = await events(account, service)
    assert [item._data["Event"] for item in sent] == ([] if errcode else ["subscribe_msg_sent_event"])


async def test_subscription_page_must_be_a_url(account: Play) -> None:
    await account.put("/residents/o1", {"templates_accepted": True})
    assert (await account.oa("message/subscribe/bizsend", notice(page="pages/index")))["errcode"] == 41030


async def test_one_time_subscription(account: Play) -> None:
    body = notice(title="办结", scene="1", data={"content": {"value": "已办结"}})
    await account.put("/residents/o1", {})
    assert (await account.oa("message/template/subscribe", body))["errcode"] == 43101
    await account.put("/residents/o1", {"templates_accepted": True})
    assert (await account.oa("message/template/subscribe", body))["errcode"] == 0
    assert (await account.oa("message/template/subscribe", body | {"title": "长" * 16}))["errcode"] == 47003


def mass(text: str, **more: object) -> dict[str, object]:
    return {"touser": ["o1", "o2"], "msgtype": "text", "text": {"content": text}, **more}


@pytest.fixture
async def two(account: Play) -> Play:
    for openid in ("o1", "o2"):
        await account.put(f"/residents/{openid}", {"follows": True})
    return account


async def test_four_mass_messages_a_month(two: Play, service: Service) -> None:
    for number in range(5):
        assert (await two.oa("message/mass/send", mass(f"通知 {number}")))["errcode"] == 0
    finished = await events(two, service)
    assert [item._data["SentCount"] for item in finished] == ["2", "2", "2", "2", "0"]
    assert [item._data["ErrorCount"] for item in finished][-1] == "2"
    assert [row["via"] for row in await two.inbox("o1")] == ["mass"] * 4
    await two.later(32 * 86400)
    await two.fetch_token()
    await two.oa("message/mass/send", mass("下月"))
    await two.post("/settle", {})
    assert len(await two.inbox("o1")) == 5


async def test_the_same_clientmsgid_is_refused_with_the_first_id(two: Play) -> None:
    first = await two.oa("message/mass/send", mass("通知", clientmsgid="n1"))
    again = await two.oa("message/mass/send", mass("通知", clientmsgid="n1"))
    assert (again["errcode"], again["msg_id"]) == (45065, first["msg_id"])
    assert (await two.oa("message/mass/send", mass("通知", clientmsgid="n" * 65)))["errcode"] == 45067
    await two.later(86401)
    await two.fetch_token()
    assert (await two.oa("message/mass/send", mass("通知", clientmsgid="n1")))["errcode"] == 0


async def test_without_clientmsgid_the_content_counts(two: Play) -> None:
    await two.oa("message/mass/send", mass("通知"))
    assert (await two.oa("message/mass/send", mass("通知")))["errcode"] == 45065
    assert (await two.oa("message/mass/send", mass("别的")))["errcode"] == 0


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        (mass("x", touser=["o1"]), 40130),
        (mass("x", touser=[f"o{n}" for n in range(10001)]), 40032),
        (mass("x", touser=["n1", "n2"]), 40003),
        (mass(""), 44004),
        (mass("长" * 683), 45002),
        (mass("x", msgtype="shout"), 40008),
        (mass("x", msgtype="images"), 40008),
        ({"touser": ["o1", "o2"], "msgtype": "image", "image": {"media_id": "nowhere"}}, 40007),
        ({"touser": ["o1", "o2"], "msgtype": "mpnews", "mpnews": {}}, 40007),
    ],
)
async def test_wrong_mass_messages(two: Play, body: dict[str, object], errcode: int) -> None:
    assert (await two.oa("message/mass/send", body))["errcode"] == errcode


async def test_mass_calls_are_limited(two: Play) -> None:
    def body(number: int) -> dict[str, object]:
        return {"filter": {"is_to_all": True}, "msgtype": "text", "text": {"content": str(number)}}

    codes = [(await two.oa("message/mass/sendall", body(number)))["errcode"] for number in range(61)]
    assert codes == [0] * 60 + [45011]
    await two.later(61)
    codes = [(await two.oa("message/mass/sendall", body(number)))["errcode"] for number in range(60, 101)]
    assert codes == [0] * 40 + [45028]


async def test_mass_to_a_tag(two: Play) -> None:
    tag_id = (await two.oa("tags/create", {"tag": {"name": "三格"}}))["tag"]["id"]
    await two.oa("tags/members/batchtagging", {"tagid": tag_id, "openid_list": ["o2"]})
    body = {"filter": {"is_to_all": False, "tag_id": tag_id}, "msgtype": "text", "text": {"content": "停水"}}
    assert (await two.oa("message/mass/sendall", body))["errcode"] == 0
    await two.post("/settle", {})
    assert await two.inbox("o1") == []
    assert len(await two.inbox("o2")) == 1
    body["filter"] = {"is_to_all": False, "tag_id": 999}
    assert (await two.oa("message/mass/sendall", body))["errcode"] == 45159


async def test_mass_images(two: Play) -> None:
    media_id = (await two.upload("/oa/cgi-bin/media/upload", png(), type="image"))["media_id"]
    body = {"touser": ["o1", "o2"], "msgtype": "image", "images": {"media_ids": [media_id], "recommend": "协查"}}
    assert (await two.oa("message/mass/send", body))["errcode"] == 0
    await two.post("/settle", {})
    (row,) = await two.inbox("o1")
    assert (row["text"], len(row["media"])) == ("协查", 1)


async def test_the_admin_refuses(two: Play, service: Service) -> None:
    await two.put("/mass", {"status": "err(40001)"})
    msg_id = (await two.oa("message/mass/send", mass("通知")))["msg_id"]
    (event,) = await events(two, service)
    assert event._data["Status"] == "err(40001)"
    assert (await two.oa("message/mass/get", {"msg_id": msg_id}))["msg_status"] == "SEND_FAIL"
    assert await two.inbox("o1") == []


async def test_preview_get_and_delete(two: Play) -> None:
    preview = {"touser": "o1", "msgtype": "text", "text": {"content": "预览"}}
    codes = [(await two.oa("message/mass/preview", preview))["errcode"] for _ in range(101)]
    assert codes == [0] * 100 + [45009]
    msg_id = (await two.oa("message/mass/send", mass("通知")))["msg_id"]
    assert (await two.oa("message/mass/delete", {"msg_id": msg_id}))["errcode"] == 40059
    assert (await two.oa("message/mass/get", {"msg_id": 1}))["errcode"] == 40059
