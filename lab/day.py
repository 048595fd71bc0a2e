"""One scripted day in the demo: residents write, workers answer, everybody hears back. Prints what each side says."""

import asyncio
import io
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw

from lab.demo import Demo
from lab.driver import Driver

Tell = Callable[[str], None]
_GRID = "230803007001-03"
_PATIENCE_SECONDS = 15.0
_REPORTED = re.compile(r"已上报(\d+)件")
_NUMBER = re.compile(r"\d{4}-\d{2,}")


@dataclass(slots=True)
class DayOutcome:
    """What the day came to; good when at least one case was archived with a rating and every saying was answered."""

    said: int = 0
    answered: int = 0
    cases: int = 0
    archived: int = 0
    rated: int = 0

    @property
    def is_good(self) -> bool:
        """Whether the loop closed."""
        return self.archived >= 1 and self.rated >= 1 and self.answered == self.said

    def facts(self) -> dict[str, int]:
        """The figures by the contract's names."""
        return {
            "said": self.said,
            "answered": self.answered,
            "cases": self.cases,
            "archived": self.archived,
            "rated": self.rated,
        }


class DayFailed(Exception):
    """Something that should have been said was not."""


async def play_day(demo: Demo, tell: Tell) -> DayOutcome:
    """Play the whole day; a silence where words were due ends it."""
    stage = Stage(demo.driver, tell)
    try:
        for scene in (_blocked_sewer, _no_place, _danger, _kind_words, _patrol, _not_fixed):
            await scene(stage)
    except DayFailed as failed:
        tell(f"× {failed}")
    return stage.outcome


class Stage:
    """Who says what, and what they hear."""

    def __init__(self, driver: Driver, tell: Tell) -> None:
        self.driver, self._tell = driver, tell
        self.outcome = DayOutcome()
        self._seen: dict[str, int] = {}

    async def follows(self, who: str, scene: str) -> str:
        """A resident scans a grid's code."""
        self._tell(f"\n{who} 扫描网格二维码")
        return self._heard(who, await self.driver.follow(who, scene))

    async def says(self, who: str, text: str) -> str:
        """A resident says something and reads the reply."""
        self._tell(f"\n{who}  {text}")
        return self._heard(who, await self.driver.say(who, text))

    async def shows(self, who: str) -> str:
        """A resident sends a picture."""
        self._tell(f"\n{who}  [照片]")
        return self._heard(who, await self.driver.show(who, make_picture("居民照片")))

    def _heard(self, who: str, answer: dict[str, Any]) -> str:
        self.outcome.said += 1
        reply = answer.get("reply")
        text = str(reply["text"]) if reply else ""
        if text:
            self.outcome.answered += 1
            self._tell(_indent("公众号", text))
        self.outcome.cases += "已受理" in text
        return text

    async def worker_says(self, chatid: str, userid: str, text: str) -> str:
        """A worker writes in the group; what the bot answers there."""
        self._tell(f"\n{userid}  @网格助手 {text}")
        self.outcome.said += 1
        for row in await self.driver.messages(chatid, self._seen.get(f"group:{chatid}", 0)):
            self._seen[f"group:{chatid}"] = row["seq"]
        await self.driver.group_say(chatid, userid, text)
        answer = str((await self.group_shows(chatid, lambda row: row["via"] != "say" and bool(row["text"])))["text"])
        self.outcome.answered += 1
        reported = _REPORTED.search(answer)
        self.outcome.cases += int(reported[1]) if reported else 0
        return answer

    async def group_shows(self, chatid: str, wanted: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a message in the group."""
        found = await self._wait(f"group:{chatid}", lambda after: self.driver.messages(chatid, after), wanted)
        self._tell(_indent("工作群", str(found["text"] or "[卡片]" if not found.get("media") else "[照片]")))
        return found

    async def phone_shows(self, who: str, wanted: str) -> dict[str, Any]:
        """Wait for a message on a resident's phone."""

        def is_wanted(row: dict[str, Any]) -> bool:
            return wanted in (row["text"] or "") and row["via"] != "passive"

        found = await self._wait(f"oa:{who}", lambda after: self.driver.inbox(who, after), is_wanted)
        self._tell(_indent(who + "手机", str(found["text"])))
        return found

    async def clicks(self, chatid: str, userid: str, card: dict[str, Any], key: str) -> None:
        """A worker presses a button."""
        self._tell(f"\n{userid}  [按下 {key}]")
        self.outcome.said += 1
        await self.driver.click(chatid, userid, card["task_id"], key)
        self.outcome.answered += 1

    async def _wait(
        self,
        whom: str,
        read: Callable[[int], Awaitable[list[dict[str, Any]]]],
        wanted: Callable[[dict[str, Any]], bool],
    ) -> dict[str, Any]:
        deadline = asyncio.get_running_loop().time() + _PATIENCE_SECONDS
        while asyncio.get_running_loop().time() < deadline:
            for row in await read(self._seen.get(whom, 0)):
                self._seen[whom] = row["seq"]
                if wanted(row):
                    return row
            await asyncio.sleep(0.05)
        raise DayFailed(f"{whom.split(':')[0]} 一直没有等到应有的消息")


def _indent(who: str, text: str) -> str:
    first, *rest = text.splitlines() or [""]
    return "\n".join([f"    {who} → {first}", *(f"        {line}" for line in rest)])


def make_picture(text: str) -> bytes:
    """A small JPG."""
    image = Image.new("RGB", (320, 240), (96, 128, 160))
    ImageDraw.Draw(image).rectangle((40, 60, 280, 180), fill=(200, 190, 150))
    content = io.BytesIO()
    image.save(content, "JPEG")
    return content.getvalue()


def _has_card(row: dict[str, Any]) -> bool:
    return bool(row.get("card") and row["card"].get("buttons"))


def _number(text: str) -> str:
    found = _NUMBER.search(text)
    if found is None:
        raise DayFailed("回复里没有工单号")
    return found[0]


async def _blocked_sewer(stage: Stage) -> None:
    chat, worker = f"grid-{_GRID}", await _lead(stage)
    await stage.follows("居民甲", f"grid-{_GRID}")
    number = _number(await stage.says("居民甲", "阳光水岸12号楼3单元下水道堵了，污水都冒出来了"))
    await stage.says("居民甲", "13800009999")
    card = await stage.group_shows(chat, _has_card)
    await stage.clicks(chat, worker, card["card"], "accept")
    await stage.phone_shows("居民甲", "接单")
    await stage.shows("居民甲")
    await stage.group_shows(chat, lambda row: bool(row.get("media")))
    await stage.worker_says(chat, worker, f"问 几单元的管道堵了 {number}")
    await stage.phone_shows("居民甲", "几单元")
    await stage.says("居民甲", "3单元一楼的主管道")
    await stage.group_shows(chat, lambda row: "主管道" in (row["text"] or ""))
    await stage.worker_says(chat, worker, f"办结 {number} 已疏通，更换一段管道")
    await stage.phone_shows("居民甲", "已办结")
    stage.outcome.rated += "谢谢" in await stage.says("居民甲", "1")
    stage.outcome.archived += "归档" in await stage.says("居民甲", f"进度 {number}")


async def _lead(stage: Stage) -> str:
    for group in await stage.driver.groups():
        if group["chatid"] == f"grid-{_GRID}":
            return str(group["members"][0]["userid"])
    raise DayFailed("演示城市里没有第三网格的工作群")


async def _no_place(stage: Stage) -> None:
    await stage.says("居民乙", "噪音太大了")
    await stage.says("居民乙", "阳光水岸5号楼")


async def _danger(stage: Stage) -> None:
    text = await stage.says("居民丙", "楼上有人打架流血了")
    if not text.startswith("请立即拨打110"):
        raise DayFailed("遇险时首先要给出电话")


async def _kind_words(stage: Stage) -> None:
    await stage.says("居民丁", "你好")
    await stage.says("居民丁", "谢谢")


async def _patrol(stage: Stage) -> None:
    chat, worker = f"grid-{_GRID}", await _lead(stage)
    await stage.worker_says(chat, worker, "上报 1.5号楼水表井低 2.3号楼门前建筑垃圾 3.3号楼垃圾道堵塞")


async def _not_fixed(stage: Stage) -> None:
    chat, worker = f"grid-{_GRID}", await _lead(stage)
    number = _number(await stage.says("居民戊", "阳光水岸8号楼2单元楼道灯不亮"))
    await stage.worker_says(chat, worker, f"接单 {number}")
    await stage.worker_says(chat, worker, f"办结 {number} 已更换灯泡")
    await stage.phone_shows("居民戊", "已办结")
    await stage.says("居民戊", "没修好")
    await stage.group_shows(chat, lambda row: "重新派单" in (row["text"] or ""))
