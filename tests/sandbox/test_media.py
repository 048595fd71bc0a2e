"""Media and speech: types, sizes, names, three days."""

import pytest

from sandbox.oa_voice import mp3_form
from tests.sandbox.conftest import Play, png

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
