"""A notice on its way out: photos, limits, revoked keys, recalls, residents; judged by what the pretend platforms received."""

import io
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import aiohttp
import pytest
import pytest_asyncio
from PIL import Image

from bot.case_pages import CASE_PAGE_KEY
from bot.ports import Refused
from console.notice_links import NoticeLinks, NoticeTicket
from storage.fanout import find_progress
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import MassCount, MassSend, Notice, NoticeEvent, NoticeTarget
from storage.tables import Resident
from tests.ears import Row
from tests.house import GRID, WANG, House, open_house
from tests.loop.notices import Sender
from tests.pictures import has_place, has_traces, make_photo

pytestmark = [pytest.mark.asyncio(loop_scope="module")]
AREA = "230803007001"
ROOT = "2308"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    """The whole service; a mass message may use three of the four."""
    folder = tmp_path_factory.mktemp("house")
    async with open_house(folder, fanout={"poll_seconds": 0.1}) as opened:
        yield opened


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def sender(house: House) -> Sender:
    """Two groups on webhooks beside the bot's."""
    made = Sender(house)
    await made.webhook_group("east", AREA)
    await made.webhook_group("west", AREA)
    return made


@dataclass(frozen=True, slots=True)
class Page:
    """What a browser got."""

    status: int
    content: bytes
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        return self.content.decode()


async def fetch(url: str) -> Page:
    async with aiohttp.request("GET", url) as response:
        return Page(response.status, await response.read(), dict(response.headers))


async def _link_of(house: House, notice: Notice, target: NoticeTarget) -> str:
    """The page's address as the fan-out would write it."""
    secret = await house.service.books.find_setting(CASE_PAGE_KEY)
    return NoticeLinks(bytes.fromhex(secret or ""), house.url).make(NoticeTicket(notice.id, target.id))


async def _download(row: Row) -> bytes:
    async with aiohttp.request("GET", row["media"][0]["url"]) as response:
        assert response.status == 200
        return await response.read()


async def _photo_in(sender: Sender, chatid: str, after: str) -> bytes:
    """The first picture that a group shows behind the text with `after`."""
    group = await sender.group(chatid)
    group.after = (await group.hears(after))["seq"]
    return await _download(await group.finds(lambda row: bool(row["media"]), "the photo"))


def _group(house: House, chatid: str) -> str:
    return f"group:{house.service.hall.city.by_chat[chatid].id}"


async def test_a_photo_reaches_every_group_without_its_place_and_marked_for_each(house: House, sender: Sender) -> None:
    photo = make_photo()
    assert has_place(photo)
    targets = [_group(house, GRID), *(f"group:{one}" for one in sender.webhooks.values())]
    notice = await sender.send(
        targets, photo=photo, kind=NoticeKind.SUSPECT, fields={"station": "城关派出所"}, area_code=AREA
    )
    found = await sender.settled(notice)
    assert {row.state for row in found.values()} == {TargetState.SENT}
    assert sorted(row.via for row in found.values()) == ["aibot", "webhook", "webhook"]
    seen = [await _photo_in(sender, chatid, notice.number) for chatid in (GRID, "east", "west")]
    for content in seen:
        assert not has_place(content)
        assert not has_traces(content)
        assert Image.open(io.BytesIO(content)).size == (320, 240)
    assert len(set(seen)) == 3


async def test_its_end_is_written_and_can_be_asked_for(house: House, sender: Sender) -> None:
    notice = await sender.send([_group(house, GRID)], text="开会")
    await sender.settled(notice)
    await sender.finished(notice)
    progress = await find_progress(house.service.archive.engine, notice.number)
    assert progress is not None
    assert (progress.state, progress.total, progress.open) == (NoticeState.SENT, 1, 0)
    assert await find_progress(house.service.archive.engine, "通0101-99") is None


async def test_a_revoked_key_is_told_to_the_maker_once_and_the_rest_goes_on(house: House, sender: Sender) -> None:
    maker = house.service.hall.city.by_userid[WANG]
    # The bot may write only to those who have spoken to it.
    await house.driver.worker_say(WANG, "帮助")
    wang = await house.worker(WANG)
    lost = await sender.webhook_group("gone", AREA, key="revoked")
    targets = [f"group:{lost}", f"group:{sender.webhooks['east']}"]
    notice = await sender.send(targets, text="停水通知", made_by=maker.id)
    found = await sender.settled(notice)
    assert found[f"group:{lost}"].state is TargetState.FAILED
    assert "93000" in found[f"group:{lost}"].reason
    assert found[targets[1]].state is TargetState.SENT
    told = await wang.hears(notice.number, "已发送完毕", "送达 1", "失败 1", "gone工作群", "93000")
    await house.service.notices.fanout.turn()
    assert [text for text in await wang.texts() if notice.number in text] == [told["text"]]


async def test_a_webhook_never_takes_more_than_twenty_in_any_minute(house: House, sender: Sender) -> None:
    await sender.webhook_group("busy", AREA)
    target = f"group:{sender.webhooks['busy']}"
    notices = [await sender.send([target], text=f"第{number}件", photo=make_photo()) for number in range(12)]
    await sender.settled(notices[8])
    # The ninth has its photo; twenty posts would be ten notices, and the eleventh waits.
    assert (await sender.targets(notices[11]))[target].state in (TargetState.WAITING, TargetState.QUEUED)
    await house.advance(61)
    await sender.settled(notices[11])
    books = await house.driver.books()
    assert books["busiest_minute"]["webhook"]["key-busy"] <= 20
    assert "45009" not in books["refusals"].get("/wecom/cgi-bin/webhook/send", {})
    busy = await sender.group("busy")
    numbers = [row["text"].split("】")[0] for row in await busy.rows(0) if row["msgtype"] == "text"]
    assert numbers == sorted(numbers)


async def test_a_recall_goes_to_exactly_those_who_had_it_and_stops_the_rest(house: House, sender: Sender) -> None:
    await sender.webhook_group("full", AREA)
    full, east = f"group:{sender.webhooks['full']}", f"group:{sender.webhooks['east']}"
    # Its minute is used up first, so that the notice waits there.
    for number in range(10):
        await sender.settled(await sender.send([full], text=f"占用{number}", photo=make_photo()))
    await house.advance(1)
    notice = await sender.send([full, east], text="时间有误的通知", photo=make_photo())
    await sender.reached(notice, east)
    await sender.change(notice, state=NoticeState.RECALLED, recalled_at=house.service.clock(), recall_reason="时间有误")
    found = await sender.settled(notice)
    assert (found[full].state, found[east].state) == (TargetState.STOPPED, TargetState.SENT)
    group = await sender.group("east")
    assert "时间有误" in (await group.hears("撤回", notice.number))["text"]
    await house.advance(120)
    await sender.settled(await sender.send([full], text="其后的通知"))
    heard = "\n".join(await (await sender.group("full")).texts())
    assert "其后的通知" in heard
    assert notice.number not in heard


async def test_residents_hear_by_the_way_that_is_open_to_them(house: House, sender: Sender) -> None:
    await sender.resident("wrote", window=True)
    await sender.resident("quiet-1")
    await sender.resident("quiet-2")
    await sender.resident("gone", follows=False)
    people = ["wrote", "quiet-1", "quiet-2", "gone", "stranger"]
    notice = await sender.send([f"oa:{one}" for one in people], text="小区停水")
    found = await sender.settled(notice)
    states = {one: (found[f"oa:{one}"].state, found[f"oa:{one}"].via) for one in people}
    assert states == {
        "wrote": (TargetState.SENT, "custom"),
        "quiet-1": (TargetState.SENT, "mass"),
        "quiet-2": (TargetState.SENT, "mass"),
        "gone": (TargetState.LEFT, ""),
        "stranger": (TargetState.LEFT, ""),
    }
    assert found["oa:gone"].reason == "已取消关注公众号"
    assert found["oa:stranger"].reason == "查无此居民"
    for one, via in (("wrote", "custom"), ("quiet-1", "mass"), ("quiet-2", "mass")):
        rows = [row for row in await house.driver.inbox(one) if notice.number in (row["text"] or "")]
        assert [row["via"] for row in rows] == [via]
    sends = await house.all_rows(MassSend, notice_id=notice.id)
    assert [(send.state, send.figures["sent"], send.figures["status"]) for send in sends] == [
        ("finished", 2, "send success")
    ]
    # The same call once more, as after a kill, reaches nobody and names the first.
    assert house.service.account is not None
    with pytest.raises(Refused) as again:
        await house.service.account.api.send_mass(sends[0].openids, "小区停水", sends[0].client_msg_id)
    assert (again.value.errcode, again.value.platform_id) == (45065, sends[0].msg_id)
    # The platform's own voice is no resident.
    assert await house.all_rows(Resident, openid="o-mass-send-result") == []


async def test_nobody_gets_a_fifth_mass_message_in_a_month(house: House, sender: Sender) -> None:
    people = [f"oa:month-{number}" for number in range(3)]
    for one in people:
        await sender.resident(one.removeprefix("oa:"))
    ordinary = [await sender.send(people, text=f"公告{number}") for number in range(4)]
    found = [await sender.settled(notice) for notice in ordinary]
    # An ordinary notice leaves the fourth to what is urgent.
    assert [{row.state for row in one.values()} for one in found] == [{TargetState.SENT}] * 3 + [{TargetState.LEFT}]
    assert {row.reason for row in found[3].values()} == {"本月群发次数已用完，回复窗口已关闭"}
    urgent = [await sender.send(people, text=f"寻人{number}", kind=NoticeKind.MISSING) for number in range(2)]
    ends = [{row.state for row in (await sender.settled(notice)).values()} for notice in urgent]
    assert ends == [{TargetState.SENT}, {TargetState.LEFT}]
    for one in people:
        rows = [row for row in await house.driver.inbox(one.removeprefix("oa:")) if row["via"] == "mass"]
        assert len(rows) == 4
    counts = await house.all_rows(MassCount)
    assert max(count.used for count in counts) == 4
    books = await house.driver.books()
    assert (books["mass"]["over_quota"], books["mass"]["most_in_month"]) == (0, 4)


async def test_a_page_shows_the_picture_marked_for_each_look_until_the_end(house: House, sender: Sender) -> None:
    notice = await sender.send(
        [f"group:{one}" for one in list(sender.webhooks.values())[:2]], text="请辨认", photo=make_photo()
    )
    targets = list((await sender.settled(notice)).values())
    urls = [await _link_of(house, notice, target) for target in targets]
    page = await fetch(urls[0])
    assert page.status == 200
    assert "请辨认" in page.text
    assert "east工作群" in page.text
    assert page.headers["Cache-Control"] == "no-store"
    pictures = [(await fetch(f"{url}/0")).content for url in urls]
    assert pictures[0] != pictures[1]
    assert not has_traces(pictures[0])
    views = await house.all_rows(NoticeEvent, notice_id=notice.id, kind="viewed")
    assert sorted((view.payload["target"], "picture" in view.payload) for view in views) == sorted(
        [(targets[0].target, False), (targets[0].target, True), (targets[1].target, True)]
    )
    for wrong in (urls[0][:-1], urls[0] + "A", f"{house.url}/n/x", f"{urls[0]}/1", f"{urls[0]}/-1"):
        assert (await fetch(wrong)).status == 404
    await sender.change(notice, ends_at=house.service.clock())
    for url in (urls[0], f"{urls[0]}/0"):
        gone = await fetch(url)
        assert (gone.status, "已经结束" in gone.text, "请辨认" in gone.text) == (410, True, False)
    assert await house.service.notices.pictures.erase_due() >= 1
    assert len(await house.all_rows(NoticeEvent, notice_id=notice.id, kind="picture_erased")) == 1


async def test_more_streets_than_uploads_get_a_page_instead(
    house: House, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(house.service.notices.words, "_most_uploads", 0)
    targets = [_group(house, GRID), f"group:{sender.webhooks['east']}"]
    notice = await sender.send(
        targets, text="请看照片", photo=make_photo(), scope={"areas": [ROOT], "groups": ["work"]}
    )
    await sender.settled(notice)
    over_bot = await sender.group(GRID)
    said = await over_bot.hears(notice.number, "请勿外传", "/n/")
    assert (await fetch(said["text"].split("：")[-1].strip())).status == 200
    # A webhook takes the picture itself.
    east = await sender.group("east")
    east.after = (await east.hears(notice.number))["seq"]
    assert (await east.finds(lambda row: bool(row["media"]), "the photo"))["media"]
