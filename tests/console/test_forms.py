"""Forms that are late, doubled, forged, hostile or too big: one kind sentence, and nothing changes."""

import asyncio
import io
import random
import re
from collections.abc import AsyncIterator, Mapping

import aiohttp
import pytest
from PIL import Image

from console.guard import HEADERS
from grid.workflow import Status
from storage.columns import MediaState
from storage.tables import Media
from tests.console.page import Office
from tests.house import ESTATE, House
from tests.pictures import make_photo

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

SCRIPT = "<script>alert(1)</script><img src=x onerror=alert(2)>"


async def test_a_form_of_an_old_page_says_what_is_now_and_changes_nothing(office: Office, house: House) -> None:
    case = await office.report("stale")
    url = office.link(case, "worker")
    old = await office.open(url)
    await office.act(url, "accept")
    before = await house.case(case.number)
    page = await office.send(url, old.form(action="return", text="不属本网格"))
    assert page.status == 409
    assert "已接单" in page.notice
    assert "没有执行" in page.notice
    # What was typed is not lost.
    assert "不属本网格" in page.html
    assert (await house.case(case.number)).version == before.version


async def test_the_same_form_twice_is_done_once(office: Office, house: House) -> None:
    case = await office.report("double")
    url = office.link(case, "resident")
    fields = (await office.open(url)).form(action="supplement", text="污水已经流到楼道了")
    first, second = await asyncio.gather(office.send(url, fields), office.send(url, fields))
    third = await office.send(url, fields)
    assert {first.notice, second.notice, third.notice} == {"已补充，办理人会看到。"}
    assert [event.kind for event in await office.events(case)].count("supplement") == 1
    assert (await house.case(case.number)).text.count("污水已经流到楼道了") == 1


async def test_an_old_form_with_new_words_is_no_repeat(office: Office) -> None:
    case = await office.report("refilled")
    url = office.link(case, "resident")
    old = await office.open(url)
    assert "已补充" in (await office.send(url, old.form(action="supplement", text="第一句"))).notice
    page = await office.send(url, old.form(action="supplement", text="第二句"))
    assert (page.status, "没有执行" in page.notice, "第二句" in page.html) == (409, True, True)


async def test_a_form_without_the_page_s_own_key_is_refused(office: Office, house: House) -> None:
    case, other = await office.report("csrf"), await office.report("csrf2", f"{ESTATE}9号楼路灯不亮")
    url = office.link(case, "worker")
    page = await office.open(url)
    foreign = await office.open(office.link(other, "worker"))
    for wrong in ({"key": ""}, {"key": "0" * 32}, {"key": foreign.form()["key"]}, {"once": "x"}, {"once": ""}):
        answer = await office.send(url, {**page.form(action="accept"), **wrong}, [make_photo()])
        assert answer.status == 403, wrong
    assert (await office.send(url, page.form(action="accept"), **{"Sec-Fetch-Site": "cross-site"})).status == 403
    assert (await house.case(case.number)).status == Status.DISPATCHED


@pytest.mark.parametrize(
    "body", [b"", b"a=b", b"--x\r\n", b"--x\r\nContent-Disposition: form-data\r\n\r\n1\r\n--x--\r\n"]
)
async def test_what_is_no_form_of_ours_is_refused(office: Office, body: bytes) -> None:
    case = await office.report(f"broken{len(body)}")
    url = office.link(case, "worker")
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "multipart/form-data"):
        async with office.session.post(url, data=body, headers={"Content-Type": kind}) as response:
            assert response.status in (400, 403), kind
            assert "页面" in await response.text()


async def test_every_answer_keeps_the_link_to_itself(office: Office) -> None:
    case = await office.report("headers")
    url = office.link(case, "worker")
    pages = [
        await office.open(url),
        await office.open(url + "x"),
        await office.open(f"{office.house.url}/c/static/none"),
    ]
    pages.append(await office.send(url, {}))
    pages.append(await office.send(url, (await office.open(url)).form(action="accept"), follow=False))
    assert [page.status for page in pages] == [200, 404, 404, 403, 303]
    for page in pages:
        assert {name: page.headers.get(name) for name in HEADERS} == HEADERS
    assert "unsafe" not in HEADERS["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]* src=)|\son\w+=|style=", pages[0].html)


@pytest.mark.parametrize("token", ["x", "1", "A" * 28, "3RHiGE7U9rg2tKvQKDdrsNGJ", "%00", "a" * 300, "..%2f..%2fetc"])
async def test_a_link_that_nobody_made_leads_to_one_kind_page(office: Office, token: str) -> None:
    page = await office.open(f"{office.house.url}/c/{token}")
    assert page.status == 404
    assert "进度" in page.text
    assert "110" in page.text


async def test_markup_in_what_people_write_is_only_text(office: Office) -> None:
    case = await office.report("xss", f"{ESTATE}7号楼下水道堵了{SCRIPT}")
    worker, mine = office.link(case, "worker"), office.link(case, "resident")
    await office.act(worker, "accept")
    await office.act(worker, "resolve", outcome="solved", text=f"已疏通{SCRIPT}")
    refused = await office.act(mine, "rate", rating="poor", reason="")
    tried = await office.act(worker, "return", text=f'"><b>{SCRIPT}')
    for page in (await office.open(mine), await office.open(worker), refused, tried):
        assert "<script>alert" not in page.html
        assert "<img src=x" not in page.html
        assert '"><b>' not in page.html


async def test_media_of_another_case_stay_shut(office: Office, house: House) -> None:
    case, other = await office.report("shut"), await office.report("shut2", f"{ESTATE}9号楼路灯不亮")
    await office.act(office.link(other, "resident"), "supplement", [make_photo(40)])
    row = (await house.service.books.list_media(other.id))[0]
    for scope in ("read", "resident", "worker"):
        for name in (str(row.id), "0", "-1", "9" * 18, "9" * 40, "x"):
            status, _, _ = await office.fetch(f"{office.link(case, scope)}/media/{name}")
            assert status == 404, name


async def test_a_player_may_ask_for_a_part(office: Office, house: House) -> None:
    case = await office.report("range")
    await office.act(office.link(case, "resident"), "supplement", [make_photo(41)])
    row = (await house.service.books.list_media(case.id))[0]
    url = f"{office.link(case, 'resident')}/media/{row.id}"
    _, whole, headers = await office.fetch(url)
    assert headers["Accept-Ranges"] == "bytes"
    cases = {"bytes=0-9": whole[:10], "bytes=10-": whole[10:], "bytes=-5": whole[-5:], "bytes=0-999999999": whole}
    for asked, part in cases.items():
        status, content, headers = await office.fetch(url, Range=asked)
        assert (status, content) == (206, part), asked
    assert (await office.fetch(url, Range="bytes=999999999-"))[0] == 416
    assert (await office.fetch(url, Range="bytes=-"))[1] == whole


@pytest.mark.parametrize(
    "content", [b"MZ\x90\x00 no picture", b"<svg onload=alert(1)>", b"\xff\xd8\xff broken", b"%PDF-1.4"]
)
async def test_what_is_no_picture_is_refused_in_one_sentence(office: Office, house: House, content: bytes) -> None:
    case = await office.report(f"nopicture{len(content)}")
    url = office.link(case, "worker")
    await office.act(url, "accept")
    before = await house.case(case.number)
    page = await office.act(url, "resolve", [make_photo(50), content], outcome="solved", text="已疏通")
    assert page.status == 422
    assert "不是照片" in page.notice
    assert "已疏通" in page.html
    after = await house.case(case.number)
    assert (after.status, after.version) == (before.status, before.version)
    assert await house.all_rows(Media, case_id=case.id) == []


async def test_too_much_at_once_is_refused(office: Office, house: House) -> None:
    case = await office.report("toomuch")
    url = office.link(case, "worker")
    page = await office.act(url, "photo", [make_photo(n) for n in range(10)], stage="after")
    assert (page.status, "最多9张" in page.text) == (413, True)
    page = await office.act(url, "photo", text="长" * 6000)
    assert page.status == 413
    assert await house.all_rows(Media, case_id=case.id) == []


async def test_a_phone_s_own_photo_of_several_megabytes_is_taken(office: Office, house: House) -> None:
    case = await office.report("large")
    url = office.link(case, "worker")
    content = make_large_photo()
    assert 2 << 20 < len(content) < 20 << 20
    page = await office.act(url, "photo", [content, content], stage="before")
    assert page.notice == "照片已附上。"
    rows = await house.all_rows(Media, case_id=case.id)
    assert [(row.mime, row.bytes < 2 << 20) for row in rows] == [("image/jpeg", True)] * 2


def make_large_photo() -> bytes:
    """Noise, which no encoder makes small."""
    size = (1600, 1200)
    content = io.BytesIO()
    Image.frombytes("RGB", size, random.Random(1).randbytes(size[0] * size[1] * 3)).save(content, "JPEG", quality=98)
    return content.getvalue()


async def test_a_flood_of_bytes_is_not_read_to_its_end(office: Office) -> None:
    case = await office.report("flood")
    url = office.link(case, "worker")
    form = _Flood((await office.open(url)).form(action="photo"))
    headers = {"Content-Type": "multipart/form-data; boundary=flood"}
    try:
        async with office.session.post(url, data=form.pour(), headers=headers) as response:
            assert response.status == 413
    except aiohttp.ClientError:
        # The service hung up while the rest was still being sent.
        pass
    assert form.poured < 64


class _Flood:
    """A form whose picture has no end (a gigabyte, should nobody stop it)."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields
        self.poured = 0

    async def pour(self) -> AsyncIterator[bytes]:
        for name, value in self._fields.items():
            yield f'--flood\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
        yield b'--flood\r\nContent-Disposition: form-data; name="photos"; filename="a.jpg"\r\n\r\n'
        while self.poured < 1024:
            self.poured += 1
            yield bytes(1 << 20)


async def test_evidence_may_come_from_an_old_page(office: Office, house: House) -> None:
    case = await office.report("latephoto")
    url = office.link(case, "worker")
    old = await office.open(url)
    await office.act(url, "accept")
    page = await office.send(url, old.form(action="photo", stage="before"), [make_photo(60)])
    assert page.notice == "照片已附上。"
    rows = await house.all_rows(Media, case_id=case.id)
    assert [row.state for row in rows] == [MediaState.KEPT]
    assert "处置前" in page.text


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("rate", {}, "请选择满意"),
        ("rate", {"rating": "poor"}, "哪里没有办好"),
        ("supplement", {}, "请写几句话"),
        ("supplement", {"text": "网格员王芳态度太差，还骂人"}, "说的是工作人员"),
    ],
)
async def test_a_resident_s_form_that_says_too_little_or_too_much(
    office: Office, house: House, action: str, fields: dict[str, str], words: str
) -> None:
    case = await office.report(f"resident-{action}-{len(words)}")
    worker, mine = office.link(case, "worker"), office.link(case, "resident")
    if action == "rate":
        await office.act(worker, "accept")
        await office.act(worker, "resolve", outcome="solved", text="已疏通")
    before = (await house.case(case.number)).version
    page = await office.act(mine, action, **fields)
    assert page.status == 409
    assert words in page.notice
    assert (await house.case(case.number)).version == before


@pytest.mark.parametrize(
    ("action", "fields", "words"),
    [
        ("return", {}, "退回原因"),
        ("transfer", {"to": "area:nowhere"}, "请选择转给"),
        ("transfer", {"to": "category:urban_property"}, "已经是"),
        ("whistle", {"department": "没有这个局"}, "请选择要吹哨的部门"),
        ("ask", {}, "要问居民的内容"),
        ("resolve", {"outcome": "solved", "text": "x"}, "现在不能办结"),
    ],
)
async def test_a_worker_s_form_that_says_too_little(
    office: Office, action: str, fields: dict[str, str], words: str
) -> None:
    case = await office.report(f"worker-{action}-{len(fields)}")
    page = await office.act(office.link(case, "worker"), action, **fields)
    assert (page.status, words in page.notice) == (409, True), page.notice


async def test_an_expired_link_is_over(office: Office, house: House) -> None:
    case = await office.report("expiry")
    worker, mine = office.link(case, "worker"), office.link(case, "resident")
    await house.advance(9 * 86400)
    assert (await office.open(worker)).status == 410
    assert (await office.send(worker, {})).status == 410
    assert (await office.open(mine)).status == 200
    await house.advance(23 * 86400)
    assert (await office.open(mine)).status == 410


async def test_no_link_stands_in_the_log(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    case = await office.report("logged")
    url = office.link(case, "worker")
    caplog.set_level("DEBUG")
    await office.act(url, "accept")
    token = url.rpartition("/")[2]
    assert token not in caplog.text
    assert "page scope=worker action=accept outcome=done" in caplog.text


async def test_who_hammers_a_link_waits(office: Office) -> None:
    case = await office.report("hammer")
    url = office.link(case, "worker")
    statuses = [(await office.send(url, {})).status for _ in range(25)]
    assert statuses[0] == 403
    assert statuses[-1] == 429
    assert (await office.open(url)).status == 200
