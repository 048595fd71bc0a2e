"""The street-size city with every group bound, and a suspect's notice on its way through it."""

import base64
import io
import re
from dataclasses import dataclass, field
from pathlib import Path

import aiohttp
from PIL import Image
from sqlmodel import col, select

from bot.case_pages import CASE_PAGE_KEY
from console.notice_links import NoticeLinks, NoticeTicket
from lab.city import make_city
from storage.columns import Channel
from storage.notice_tables import Notice, NoticePicture, NoticeTarget
from tests.ears import Group, Row, Worker
from tests.house import House
from tests.loop.notices import wait_for
from tests.pictures import make_photo

DISTRICT = "230803"
STATION, POLICE = "department-230803-police", "w00008"
CITY_CHIEF, DISTRICT_CHIEF = "w00001", "w00002"
_GROUPS = make_city("street", 1).groups
BOUND = [group.key for group in _GROUPS if group.send_via is Channel.AIBOT or group.send_via == "aibot"]
WORK = [group.key for group in _GROUPS if group.kind == "work"]
WEBHOOKS = [group.key for group in _GROUPS if group.key not in BOUND]
_NUMBER = re.compile(r"通\d{4}-\d{2,}")
_SAME = 24


def suspect_words(scope: str, until: str, text: str) -> str:
    """What the police's seat types, with everything that the form asks for."""
    return (
        f"通知 协查 {scope}\n发布单位：向阳区公安局\n文号：佳公协查〔2026〕12号\n批准人：张某某\n"
        f"截止：{until}\n年龄：40\n人脸照片：是\n正文：{text}"
    )


@dataclass(slots=True)
class County:
    """The house, and an ear in every work group of the district."""

    house: House
    station: Group
    groups: dict[str, Group] = field(default_factory=dict)

    async def relay(self, scope: str, until: str, text: str) -> str:
        """Made with a photo in the station's group, agreed to by two others; its number."""
        photo = base64.b64encode(make_photo()).decode()
        words = suspect_words(scope, until, text)
        number = number_of(await self.station.hears_from(POLICE, words, "预览", text, images=[photo]))
        await self._photo_is_sealed(number)
        await self.station.hears_from(POLICE, "提交", "还须2人同意")
        for userid, answer in ((DISTRICT_CHIEF, "还须1人同意"), (CITY_CHIEF, "马上开始发送")):
            worker = await self.house.worker(userid)
            await worker.says(f"同意 {number}")
            await worker.hears(number, answer)
        return number

    async def _photo_is_sealed(self, number: str) -> None:
        async def look() -> bool | None:
            return "media" not in (await self.notice(number)).fields or None

        await wait_for(look)

    async def listen_anew(self) -> None:
        """From now on only."""
        for group in (self.station, *self.groups.values()):
            await group.begin()

    async def notice(self, number: str) -> Notice:
        """The notice as it stands."""
        found = await self.house.service.books.notices.find(number)
        assert found is not None
        return found

    async def page_of(self, number: str, chatid: str) -> str:
        """The address of the notice's page for one group."""
        notice = await self.notice(number)
        group = self.house.service.hall.city.by_chat[chatid]
        (target,) = await self.house.service.books.notices.find_targets(notice.id, [f"group:{group.id}"])
        assert isinstance(target, NoticeTarget)
        secret = await self.house.service.books.find_setting(CASE_PAGE_KEY)
        return NoticeLinks(bytes.fromhex(secret or ""), self.house.url).make(NoticeTicket(notice.id, target.id))

    async def sealed_files(self, number: str) -> list[Path]:
        """Where our copies of its pictures lie, or lay."""
        notice = await self.notice(number)
        query = select(NoticePicture).where(col(NoticePicture.notice_id) == notice.id)
        async with self.house.service.archive.reads() as session:
            digests = [row.sha256 for row in (await session.execute(query)).scalars()]
        files = list((self.house.folder / "media").rglob("*"))
        return [path for path in files if path.is_file() and any(path.name.startswith(one) for one in digests)]

    async def erased(self, number: str) -> None:
        """Until the job of the end date has been there."""

        async def look() -> bool | None:
            await self.house.service.notices.pictures.erase_due()
            return not await self.sealed_files(number) or None

        await wait_for(look)


def number_of(row: Row) -> str:
    """The notice's number in a message."""
    found = _NUMBER.search(row["text"])
    assert found, row["text"]
    return found[0]


async def photo_after(group: Group, words: str) -> bytes:
    """The picture that a group shows behind the message with `words`."""
    since = Group(group.driver, group.path, int((await group.hears(words))["seq"]) - 1, group.chatid)
    row = await since.finds(lambda one: bool(one["media"]), f"the photo of {words} in {group.chatid}")
    async with aiohttp.request("GET", row["media"][0]["url"]) as response:
        assert response.status == 200
        return await response.read()


def is_watermarked(content: bytes) -> bool:
    """Whether something stands on a photo that was of one colour."""
    with Image.open(io.BytesIO(content)) as picture:
        return any(high - low > _SAME for low, high in picture.convert("RGB").getextrema())


async def open_county(house: House) -> County:
    """Everybody who must be told something alone has spoken to the bot once."""
    for userid in (POLICE, CITY_CHIEF, DISTRICT_CHIEF):
        await house.driver.worker_say(userid, "帮助")
        await Worker(house.driver, f"/sandbox/workers/{userid}/inbox", 0, userid).hears("")
    groups = {key: Group(house.driver, f"/sandbox/groups/{key}/messages", 0, key) for key in WORK}
    county = County(house, await house.group(STATION), groups)
    await county.listen_anew()
    return county
