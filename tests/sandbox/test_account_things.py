"""Media, speech, menu, QR codes, followers, tags, web authorization."""

import pytest
from PIL import Image

from sandbox.oa_voice import mp3_form
from tests.sandbox.conftest import APP_ID, SECRET, Play, png

UPLOAD = "/oa/cgi-bin/media/upload"
MP3 = b"\xff\xf3\x48\xc4" + b"\0" * 100
"""One frame header: MPEG 2, layer III, 16 kHz, mono."""


@pytest.mark.parametrize(
    ("data", "kind", "filename", "errcode"),
    [
        (png(), "shout", "a.png", 40004),
        (b"not a picture", "image", "a.png", 40005),
        (b"\x89PNG\r\n\x1a\nbroken", "image", "a.png", 40005),
        (b"x" * ((10 << 20) + 1), "image", "a.png", 40009),
        (b"#!AMR" + b"x" * (2 << 20), "voice", "a.amr", 40010),
        (b"x" * ((10 << 20) + 1), "video", "a.mp4", 40011),
        (b"x" * ((64 << 10) + 1), "thumb", "a.jpg", 40012),
        (png(), "thumb", "a.png", 40005),
        (png(), "image", "photo", 41005),
        (b"", "image", "a.png", 44001),
    ],
)
async def test_wrong_uploads(account: Play, data: bytes, kind: str, filename: str, errcode: int) -> None:
    assert (await account.upload(UPLOAD, data, filename, type=kind))["errcode"] == errcode


async def test_a_percent_star_name_is_missing_data(account: Play) -> None:
    name = "a.png\"; filename*=UTF-8''%E5%8D%8F.png; x=\""
    assert (await account.upload(UPLOAD, png(), name, type="image"))["errcode"] == 41005


async def test_no_form_is_missing_data(account: Play) -> None:
    assert (await account.oa("media/upload", b"bytes", type="image"))["errcode"] == 41005


async def test_temporary_media_age(account: Play) -> None:
    made = await account.upload(UPLOAD, png(), type="image")
    assert made["type"] == "image"
    query = {"access_token": account.token, "media_id": made["media_id"]}
    async with account.client.get("/oa/cgi-bin/media/get", params=query) as response:
        assert await response.read() == png()
        assert "attachment" in response.headers["Content-Disposition"]
    await account.later(3 * 86400)
    await account.fetch_token()
    assert (await account.oa("media/get", method="GET", media_id=made["media_id"]))["errcode"] == 40007


async def test_video_comes_as_json(account: Play) -> None:
    made = await account.upload(UPLOAD, b"....ftypmp42", "a.mp4", type="video")
    assert "video_url" in await account.oa("media/get", method="GET", media_id=made["media_id"])


async def test_permanent_material(account: Play) -> None:
    made = await account.upload("/oa/cgi-bin/material/add_material", png(), type="image")
    assert made["url"].startswith("http")
    await account.later(30 * 86400)
    await account.fetch_token()
    await account.put("/residents/o1", {"window_open": True})
    body = {"touser": "o1", "msgtype": "image", "image": {"media_id": made["media_id"]}}
    assert (await account.oa("message/custom/send", body))["errcode"] == 0
    assert (await account.oa("material/del_material", {"media_id": made["media_id"]}))["errcode"] == 0
    assert (await account.oa("material/del_material", {"media_id": made["media_id"]}))["errcode"] == 40007
    assert (await account.oa("material/get_material", {"media_id": made["media_id"]}))["errcode"] == 40007
    video = await account.upload("/oa/cgi-bin/material/add_material", b"....ftypmp42", "a.mp4", type="video")
    assert video["errcode"] == 40058


async def test_page_pictures(account: Play) -> None:
    assert "url" in await account.upload("/oa/cgi-bin/media/uploadimg", png())
    assert (await account.upload("/oa/cgi-bin/media/uploadimg", b"x" * ((1 << 20) + 1)))["errcode"] == 40009
    assert (await account.upload("/oa/cgi-bin/media/uploadimg", b"GIF89a"))["errcode"] == 40005


RECOGNISE = "/oa/cgi-bin/media/voice/addvoicetorecofortext"


async def recognised(account: Play, voice_id: str = "v1") -> dict[str, object]:
    return await account.oa("media/voice/queryrecoresultfortext", {}, voice_id=voice_id, lang="zh_CN")


async def test_speech(account: Play) -> None:
    await account.put("/voices", {"default": "三号楼没有水"})
    query = {"format": "mp3", "voice_id": "v1", "lang": "zh_CN"}
    assert (await account.upload(RECOGNISE, MP3, "v.mp3", **query))["errcode"] == 0
    assert await recognised(account) == {"result": "三号楼没有水"}
    await account.later(11)
    assert (await recognised(account))["errcode"] == 40058
    assert (await recognised(account, "v2"))["errcode"] == 40058


@pytest.mark.parametrize(
    ("data", "more", "errcode"),
    [
        (b"#!AMR\n", {}, 40005),
        (b"\xff\xfb\x90\x64" + b"\0" * 100, {}, 40005),
        (MP3 + b"\0" * (1 << 20), {}, 40010),
        (MP3, {"format": "amr"}, 40005),
        (MP3, {"voice_id": ""}, 40058),
        (MP3, {"lang": "xx"}, 40058),
    ],
)
async def test_wrong_speech(account: Play, data: bytes, more: dict[str, str], errcode: int) -> None:
    query = {"format": "mp3", "voice_id": "v1", "lang": "zh_CN"} | more
    assert (await account.upload(RECOGNISE, data, "v.mp3", **query))["errcode"] == errcode


def test_mp3_headers() -> None:
    assert mp3_form(MP3) == (16000, 1)
    assert mp3_form(b"\xff\xfb\x90\x64" + b"\0" * 9) == (44100, 2)
    assert mp3_form(b"ID3\x04\0\0\0\0\0\x02xx" + MP3) == (16000, 1)
    assert mp3_form(b"nothing") == (0, 0)


def button(**more: object) -> dict[str, object]:
    return {"type": "click", "name": "我的", "key": "mine"} | more


@pytest.mark.parametrize(
    ("buttons", "errcode"),
    [
        ([button()], 0),
        ([], 40016),
        ([button()] * 4, 40016),
        ([button(type="shout")], 40017),
        ([button(name="一二三四五六")], 40018),
        ([button(name="")], 40018),
        ([button(key="k" * 129)], 40019),
        ([button(type="view", url="http://x.invalid/" + "u" * 1024)], 40020),
        ([button(type="view", url="pages/index")], 40055),
        ([button(type="media_id")], 40007),
        ([{"name": "更多", "sub_button": [button()] * 6}], 40023),
        ([{"name": "更多", "sub_button": [button(type="shout")]}], 40024),
        ([{"name": "更多", "sub_button": [button(name="长" * 21)]}], 40025),
        ([{"name": "更多", "sub_button": [button(key="")]}], 40026),
        ([{"name": "更多", "sub_button": [button(type="view", url="")]}], 40027),
        ([{"name": "更多", "sub_button": [button(sub_button=[button()])]}], 40023),
        ([{"name": "更多", "sub_button": [button(), button(type="view", url="https://x.invalid/")]}], 0),
    ],
)
async def test_menu_limits(account: Play, buttons: list[object], errcode: int) -> None:
    assert (await account.oa("menu/create", {"button": buttons}))["errcode"] == errcode
    shown = await account.oa("menu/get", method="GET")
    assert shown.get("errcode", 0) == (46003 if errcode else 0)


async def test_menu_comes_and_goes(account: Play) -> None:
    await account.oa("menu/create", {"button": [button()]})
    assert (await account.oa("menu/get", method="GET"))["menu"]["button"][0]["key"] == "mine"
    assert (await account.oa("get_current_selfmenu_info", method="GET"))["is_menu_open"] == 1
    await account.oa("menu/delete", method="GET")
    assert (await account.oa("menu/get", method="GET"))["errcode"] == 46003
    escaped = b'{"button":[{"type":"click","name":"\\u6211","key":"k"}]}'
    assert (await account.oa("menu/create", escaped))["errcode"] == 40033


def code(action: str, **scene: object) -> dict[str, object]:
    return {"action_name": action, "action_info": {"scene": scene}}


@pytest.mark.parametrize(
    "body",
    [
        code("QR_SHOUT", scene_str="x"),
        code("QR_LIMIT_STR_SCENE", scene_str=""),
        code("QR_LIMIT_STR_SCENE", scene_str="x" * 65),
        code("QR_LIMIT_SCENE", scene_id=100_001),
        code("QR_LIMIT_SCENE", scene_id=0),
        code("QR_SCENE", scene_id=2**32),
    ],
)
async def test_wrong_codes(account: Play, body: dict[str, object]) -> None:
    assert (await account.oa("qrcode/create", body))["errcode"] == 40053


async def test_codes(account: Play, tmp_path) -> None:
    permanent = await account.oa("qrcode/create", code("QR_LIMIT_STR_SCENE", scene_str="g1"))
    assert await account.oa("qrcode/create", code("QR_LIMIT_STR_SCENE", scene_str="g1")) == permanent
    assert "expire_seconds" not in permanent
    brief = await account.oa("qrcode/create", code("QR_STR_SCENE", scene_str="g2") | {"expire_seconds": 10**9})
    assert brief["expire_seconds"] == 2_592_000
    async with account.client.get("/oa/cgi-bin/showqrcode", params={"ticket": permanent["ticket"]}) as response:
        picture = tmp_path / "code.png"
        picture.write_bytes(await response.read())
    with Image.open(picture) as image:
        assert image.size == (200, 200)
    await account.later(2_592_001)
    async with account.client.get("/oa/cgi-bin/showqrcode", params={"ticket": brief["ticket"]}) as response:
        assert response.status == 404


async def test_followers(account: Play) -> None:
    for openid in ("o1", "o2", "o3"):
        await account.put(f"/residents/{openid}", {"follows": openid != "o2"})
    listed = await account.oa("user/get", method="GET")
    assert (listed["total"], listed["data"]["openid"], listed["next_openid"]) == (2, ["o1", "o3"], "o3")
    assert (await account.oa("user/get", method="GET", next_openid="o1"))["data"]["openid"] == ["o3"]
    info = await account.oa("user/info", method="GET", openid="o1")
    assert "nickname" not in info
    assert (await account.oa("user/info", method="GET", openid="nobody"))["errcode"] == 40003
    batch = await account.oa("user/info/batchget", {"user_list": [{"openid": "o1"}, {"openid": "o2"}]})
    assert [item["subscribe"] for item in batch["user_info_list"]] == [1, 0]
    assert (await account.oa("user/info/batchget", {"user_list": [{"openid": "o1"}] * 101}))["errcode"] == 40032
    assert (await account.oa("user/info/updateremark", {"openid": "o1", "remark": "长" * 30}))["errcode"] == 45002
    assert (await account.oa("user/info/updateremark", {"openid": "o1", "remark": "三格"}))["errcode"] == 0


async def test_tags(account: Play) -> None:
    await account.put("/residents/o1", {})
    made = await account.oa("tags/create", {"tag": {"name": "一格"}})
    tag_id = made["tag"]["id"]
    assert (await account.oa("tags/create", {"tag": {"name": "一格"}}))["errcode"] == 45157
    assert (await account.oa("tags/create", {"tag": {"name": ""}}))["errcode"] == 45157
    assert (await account.oa("tags/create", {"tag": {"name": "长" * 31}}))["errcode"] == 45158
    assert (await account.oa("tags/update", {"tag": {"id": 2, "name": "x"}}))["errcode"] == 45058
    assert (await account.oa("tags/update", {"tag": {"id": tag_id, "name": "二格"}}))["errcode"] == 0
    put = {"tagid": tag_id, "openid_list": ["o1"]}
    assert (await account.oa("tags/members/batchtagging", put))["errcode"] == 0
    assert (await account.oa("tags/members/batchtagging", put | {"openid_list": ["nobody"]}))["errcode"] == 40003
    assert (await account.oa("tags/members/batchtagging", put | {"openid_list": ["o1"] * 51}))["errcode"] == 40032
    assert (await account.oa("tags/members/batchtagging", put | {"openid_list": []}))["errcode"] == 40031
    assert (await account.oa("tags/members/batchtagging", put | {"tagid": 999}))["errcode"] == 45159
    assert (await account.oa("tags/getidlist", {"openid": "o1"}))["tagid_list"] == [tag_id]
    assert (await account.oa("user/tag/get", {"tagid": tag_id}))["data"]["openid"] == ["o1"]
    assert (await account.oa("tags/get", method="GET"))["tags"] == [{"id": tag_id, "name": "二格", "count": 1}]
    assert (await account.oa("tags/delete", {"tag": {"id": tag_id}}))["errcode"] == 0
    assert (await account.oa("tags/getidlist", {"openid": "o1"}))["tagid_list"] == []


async def test_a_hundred_tags_and_twenty_each(account: Play) -> None:
    await account.put("/residents/o1", {})
    ids = [(await account.oa("tags/create", {"tag": {"name": f"t{n}"}}))["tag"]["id"] for n in range(100)]
    assert (await account.oa("tags/create", {"tag": {"name": "more"}}))["errcode"] == 45056
    codes = [
        (await account.oa("tags/members/batchtagging", {"tagid": tag_id, "openid_list": ["o1"]}))["errcode"]
        for tag_id in ids[:21]
    ]
    assert codes == [0] * 20 + [45059]


async def authorize(play: Play, **more: str) -> tuple[int, str]:
    query = {
        "appid": APP_ID,
        "redirect_uri": "http://127.0.0.1/back?a=1",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s1",
    }
    params = query | more
    async with play.client.get("/oa/connect/oauth2/authorize", params=params, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


async def trade(play: Play, code: str, **more: str) -> dict[str, object]:
    query = {"appid": APP_ID, "secret": SECRET, "code": code, "grant_type": "authorization_code"} | more
    async with play.client.get("/oa/sns/oauth2/access_token", params=query) as response:
        return await response.json()


async def test_web_authorization(account: Play) -> None:
    assert await authorize(account) == (200, "")
    status, location = await authorize(account, openid="o1")
    assert status == 302
    assert location.startswith("http://127.0.0.1/back?a=1&code=")
    assert location.endswith("&state=s1")
    code = location.split("code=")[1].split("&")[0]
    token = await trade(account, code)
    assert token["openid"] == "o1"
    assert (await trade(account, code))["errcode"] == 40163
    assert (await trade(account, "nonsense"))["errcode"] == 40029
    assert (await trade(account, "x", secret="wrong"))["errcode"] == 40125
    query = {"access_token": token["access_token"], "openid": "o1"}
    async with account.client.get("/oa/sns/userinfo", params=query) as response:
        assert (await response.json())["errcode"] == 48001
    async with account.client.get(
        "/oa/sns/oauth2/refresh_token", params={"refresh_token": token["refresh_token"]}
    ) as response:
        assert (await response.json())["openid"] == "o1"
    async with account.client.get("/oa/sns/oauth2/refresh_token", params={"refresh_token": "x"}) as response:
        assert (await response.json())["errcode"] == 40030


async def test_a_code_lives_five_minutes(account: Play) -> None:
    _, location = await authorize(account, openid="o1")
    await account.later(301)
    assert (await trade(account, location.split("code=")[1].split("&")[0]))["errcode"] == 40029


async def test_wrong_authorization(account: Play) -> None:
    for wrong in ({"appid": "other"}, {"scope": "all"}, {"redirect_uri": "javascript:x"}):
        assert (await authorize(account, openid="o1", **wrong))[0] == 400


async def test_user_info_with_consent(account: Play) -> None:
    _, location = await authorize(account, openid="o1", scope="snsapi_userinfo")
    token = (await trade(account, location.split("code=")[1].split("&")[0]))["access_token"]
    for openid, errcode in (("o1", None), ("o2", 40003)):
        query = {"access_token": token, "openid": openid}
        async with account.client.get("/oa/sns/userinfo", params=query) as response:
            assert (await response.json()).get("errcode") == errcode
    assert "ticket" in await account.oa("ticket/getticket", method="GET", type="jsapi")
