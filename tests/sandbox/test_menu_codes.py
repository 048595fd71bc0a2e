"""The menu's limits and QR codes with scenes."""

import pytest
from PIL import Image

from tests.sandbox.conftest import Play


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
