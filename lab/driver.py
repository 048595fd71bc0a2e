"""A hand on the sandbox: what residents and workers do there, by its control API."""

import base64
from collections.abc import Mapping
from typing import Any

import aiohttp

# The platform tries three times, five seconds each, with a pause between: the longest that a saying can take.
_LONGEST_SECONDS = 60.0


class DriverFailed(Exception):
    """The sandbox refused what the driver asked: the scene is wrong, not the service."""


class Driver:
    """Drives one sandbox at `base_url`."""

    def __init__(self, session: aiohttp.ClientSession, base_url: str) -> None:
        self._session, self.base_url = session, base_url.rstrip("/")

    async def put_account(self, **account: str) -> None:
        """Set the official account up."""
        await self._call("PUT", "/sandbox/official_account", account)

    async def put_bot(self, bot_id: str, **bot: str) -> None:
        """Set the AI bot up."""
        await self._call("PUT", f"/sandbox/bots/{bot_id}", bot)

    async def say(self, openid: str, text: str, **more: Any) -> dict[str, Any]:
        """A resident types; the push's tries and the passive reply."""
        return dict(await self._call("POST", f"/sandbox/residents/{openid}/say", {"text": text, **more}))

    async def show(self, openid: str, image: bytes) -> dict[str, Any]:
        """A resident sends a picture."""
        body = {"image": base64.b64encode(image).decode()}
        return dict(await self._call("POST", f"/sandbox/residents/{openid}/say", body))

    async def locate(self, openid: str, latitude: float, longitude: float, label: str) -> dict[str, Any]:
        """A resident sends a location."""
        body = {"location": {"lat": latitude, "lon": longitude, "label": label}}
        return dict(await self._call("POST", f"/sandbox/residents/{openid}/say", body))

    async def follow(self, openid: str, scene: str = "") -> dict[str, Any]:
        """A resident follows the account, by a scene QR if one is named."""
        event = {"Event": "subscribe", "EventKey": f"qrscene_{scene}" if scene else "", "Ticket": scene}
        return dict(await self._call("POST", f"/sandbox/residents/{openid}/say", {"event": event}))

    async def inbox(self, openid: str, after: int = 0) -> list[dict[str, Any]]:
        """What a resident's phone has received."""
        return list(await self._call("GET", f"/sandbox/residents/{openid}/inbox?after={after}"))

    async def group_say(self, chatid: str, userid: str, text: str, **more: Any) -> dict[str, Any]:
        """A worker writes to the bot in a group (with the @ unless `mention=False`)."""
        body = {"userid": userid, "text": text, "mention": True, **more}
        return dict(await self._call("POST", f"/sandbox/groups/{chatid}/say", body))

    async def click(self, chatid: str, userid: str, task_id: str, key: str) -> dict[str, Any]:
        """A worker presses a card's button."""
        body = {"userid": userid, "task_id": task_id, "key": key}
        return dict(await self._call("POST", f"/sandbox/groups/{chatid}/click", body))

    async def messages(self, chatid: str, after: int = 0, wait_seconds: float = 0) -> list[dict[str, Any]]:
        """What a group shows; with `wait_seconds` it answers as soon as there is something new."""
        return list(await self._call("GET", f"/sandbox/groups/{chatid}/messages?after={after}&wait={wait_seconds}"))

    async def worker_say(self, userid: str, text: str = "", **more: Any) -> dict[str, Any]:
        """A worker writes to the bot in single chat."""
        return dict(await self._call("POST", f"/sandbox/workers/{userid}/say", {"text": text, **more}))

    async def worker_show(self, userid: str, image: bytes) -> dict[str, Any]:
        """A worker sends the bot a picture in single chat."""
        body = {"image": base64.b64encode(image).decode()}
        return dict(await self._call("POST", f"/sandbox/workers/{userid}/say", body))

    async def worker_inbox(self, userid: str, after: int = 0) -> list[dict[str, Any]]:
        """What a worker's single chat with the bot has received."""
        return list(await self._call("GET", f"/sandbox/workers/{userid}/inbox?after={after}"))

    async def groups(self) -> list[dict[str, Any]]:
        """All groups."""
        return list(await self._call("GET", "/sandbox/groups"))

    async def advance(self, seconds: float) -> float:
        """Move the shared clock on; its new moment in epoch seconds."""
        return float((await self._call("POST", "/sandbox/clock", {"advance_seconds": seconds}))["now"])

    async def books(self) -> dict[str, Any]:
        """What the sandbox has counted."""
        return dict(await self._call("GET", "/sandbox/books"))

    async def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        timeout = aiohttp.ClientTimeout(total=_LONGEST_SECONDS)
        async with self._session.request(method, self.base_url + path, json=body, timeout=timeout) as response:
            if response.status != 200:
                raise DriverFailed(f"{method} {path}: {response.status}")
            return await response.json()
