"""Phones and chats of the sandbox as tests listen to them: what was said, waited for by the sandbox's own `?wait=`, never by sleeping."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from lab.driver import Driver

_PATIENCE_SECONDS = 12.0
_LOOK_SECONDS = 0.25
_NUMBER = re.compile(r"\d{4}-\d{2,}")
Row = dict[str, Any]
Until = Callable[[], Awaitable[bool]]


def number_in(text: str) -> str:
    """The case number in a text."""
    found = _NUMBER.search(text)
    assert found, f"no case number in: {text}"
    return found[0]


@dataclass(slots=True)
class Ear:
    """One phone or chat in the sandbox; `after` is where listening begins."""

    driver: Driver
    path: str
    after: int = 0

    async def rows(self, after: int, wait_seconds: float = 0) -> list[Row]:
        """What came behind `after`; with `wait_seconds` as soon as there is something."""
        return list(await call(self.driver, "GET", f"{self.path}?after={after}&wait={wait_seconds}"))

    async def hears(self, *words: str, seconds: float = _PATIENCE_SECONDS, **fields: object) -> Row:
        """The first message with all these words (and these values of its fields) that comes within `seconds`."""
        return await self.finds(
            lambda row: (
                all(word in (row["text"] or "") for word in words)
                and all(row.get(name) == value for name, value in fields.items())
            ),
            f"{words} {fields or ''}",
            seconds,
        )

    async def finds(self, wanted: Callable[[Row], bool], what: str, seconds: float = _PATIENCE_SECONDS) -> Row:
        """The first message that is `wanted`; fails with what was there instead."""
        end = asyncio.get_running_loop().time() + seconds
        while True:
            rows = await self.rows(self.after)
            for row in rows:
                if wanted(row):
                    return row
            assert asyncio.get_running_loop().time() < end, f"never heard {what}; heard {[row['text'] for row in rows]}"
            await self.rows(rows[-1]["seq"] if rows else self.after, _LOOK_SECONDS)

    async def begin(self) -> "Ear":
        """Listen from now on only."""
        rows = await self.rows(self.after)
        self.after = rows[-1]["seq"] if rows else self.after
        return self

    async def texts(self) -> list[str]:
        """What was said since listening began, the resident's or workers' own words left out."""
        return [row["text"] or "" for row in await self.rows(self.after) if row["via"] not in ("me", "say")]


@dataclass(slots=True)
class Resident(Ear):
    """A resident's phone."""

    openid: str = ""

    async def says(self, text: str, **more: Any) -> str:
        """What he reads in reply, inside the five seconds; empty when there is nothing."""
        return _reply(await self.driver.say(self.openid, text, **more))

    async def shows(self, image: bytes) -> str:
        """He sends a picture."""
        return _reply(await self.driver.show(self.openid, image))

    async def pushed(self) -> list[Row]:
        """What was sent to him without his asking in the same breath."""
        return [row for row in await self.rows(0) if row["via"] not in ("passive", "system")]


def _reply(answer: Mapping[str, Any]) -> str:
    return str(answer["reply"]["text"]) if answer.get("reply") else ""


@dataclass(slots=True)
class Group(Ear):
    """A work group."""

    chatid: str = ""

    async def hears_from(self, userid: str, text: str, *words: str, **more: Any) -> Row:
        """A worker writes to the bot here; the answer that holds `words`."""
        said = await self.driver.group_say(self.chatid, userid, text, **more)
        since = Group(self.driver, self.path, int(said["seq"]), self.chatid)
        return await since.finds(
            lambda row: row["via"] == "bot" and all(word in row["text"] for word in words), str(words)
        )

    async def card_of(self, number: str) -> Row:
        """The newest card of a case."""
        await self.finds(lambda row: _is_card(row, number), f"card of {number}")
        return [row for row in await self.rows(self.after) if _is_card(row, number)][-1]


def _is_card(row: Row, number: str) -> bool:
    return bool(row.get("card") and row["card"]["buttons"] and f"【工单 {number}】" in row["text"])


@dataclass(slots=True)
class Worker(Ear):
    """A worker's single chat with the bot."""

    userid: str = ""

    async def says(self, text: str, **more: Any) -> None:
        """He writes to the bot alone."""
        await self.driver.worker_say(self.userid, text, **more)


async def call(driver: Driver, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
    """Any call of the sandbox's control."""
    async with aiohttp.request(method, driver.base_url + path, json=body) as response:
        assert response.status == 200, await response.text()
        return await response.json()


async def until(driver: Driver, true: Until, what: str, seconds: float = _PATIENCE_SECONDS) -> None:
    """Wait for something that only the archive shows; the pause is the sandbox's, on a phone that nobody uses."""
    nobody = Ear(driver, "/sandbox/residents/nobody/inbox")
    end = asyncio.get_running_loop().time() + seconds
    while not await true():
        assert asyncio.get_running_loop().time() < end, f"never: {what}"
        await nobody.rows(0, 0.1)
