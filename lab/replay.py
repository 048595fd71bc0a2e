"""`wangge replay`: real messages through the whole house, with the service killed on the way; then the three witnesses are compared."""

import asyncio
import dataclasses
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import count as count_up
from random import Random
from typing import Any

from handlers.resident.phrases import ASK_NEARBY, ASK_PLACE
from lab.city import City
from lab.driver import Driver
from lab.mentions import make_mention
from lab.replay_archive import count_unfinished, explain_unrouted, read_cases, read_entries
from lab.replay_count import Figures, Spoken, Try, count, find_dispatched
from lab.replay_crowd import Visit, plan_visits
from lab.replay_scene import Scene, open_scene
from storage.columns import PostRole

_AT_ONCE = 24
# The platform gives up after three tries; a resident who really wants something does so, too.
_MOST_SAYINGS = 5
_DRAIN_SECONDS = 240.0
_LOOK_SECONDS = 0.5
# While the outbox drains, the shared clock runs ahead: the platforms' minutes and a dead process's holds pass sooner.
_AHEAD_SECONDS = 20.0
# Not so far that the duty group is reminded of what nobody has placed (ten minutes): that would fill the outbox anew.
_FURTHEST_SECONDS = 400.0
_PLACE_ASKED = (ASK_PLACE, ASK_NEARBY, "请问是哪里")
_SEND_AGAIN = "没能记下"

Progress = Callable[[int], None]


@dataclass(slots=True)
class Crowd:
    """Residents at their phones; `spoken` grows with each message that is through."""

    driver: Driver
    city: City
    rng: Random
    on_progress: Progress
    spoken: list[Spoken] = field(default_factory=list)
    msgids: "count_up[int]" = field(default_factory=lambda: count_up(10**15))
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def visit(self, visit: Visit) -> None:
        """One resident follows, says what he has to say, and perhaps tells where it is."""
        if visit.scene is not None:
            await self.driver.follow(visit.openid, visit.scene)
        for text in visit.texts:
            said = await self._insist(visit.openid, text)
            if said.is_asked_place and visit.scene is None:
                await self._push(visit.openid, make_mention(self.city, self.rng)[0])
            self.spoken.append(said)
            self.moved.set()
            self.on_progress(len(self.spoken))

    async def _insist(self, openid: str, text: str) -> Spoken:
        tries: list[Try] = []
        reply = ""
        while len(tries) < _MOST_SAYINGS:
            push, reply = await self._push(openid, text)
            tries.append(push)
            if push.is_answered and not push.is_put_off:
                break
        return Spoken(openid, text, tuple(tries), any(asked in reply for asked in _PLACE_ASKED))

    async def _push(self, openid: str, text: str) -> tuple[Try, str]:
        msgid = str(next(self.msgids))
        answer = await self.driver.say(openid, text, msgid=msgid)
        reply = str((answer.get("reply") or {}).get("text") or "")
        is_answered = any(one["status"] == 200 for one in answer["tries"]) and not answer.get("why")
        return Try(msgid, is_answered, _SEND_AGAIN in reply), reply


async def replay(
    texts: Sequence[str],
    *,
    kills: int = 0,
    seed: int = 1,
    url: str | None = None,
    retry_gap_seconds: float = 5.0,
    on_progress: Progress = lambda _: None,
) -> Figures:
    """Say `texts` to a service that is killed `kills` times, wait until it has done everything, and compare.

    `url`: the database, None for a SQLite file of its own. Raises `NotEmpty`, `ServiceFailed`.
    """
    rng, run = Random(f"replay:{seed}"), f"r{secrets.token_hex(4)}"
    async with open_scene(url, retry_gap_seconds=retry_gap_seconds) as scene:
        began = time.monotonic()
        scenes = [f"grid-{area.code}" for area in scene.city.areas if area.level == "grid"]
        visits = plan_visits(texts, scenes, rng, run)
        crowd = Crowd(scene.driver, scene.city, rng, on_progress)
        killing = asyncio.create_task(_kill(scene, crowd, plan_kills(len(texts), kills, rng)))
        try:
            await _visit_all(crowd, visits)
            await killing
        finally:
            killing.cancel()
            with suppress(asyncio.CancelledError):
                await killing
        undelivered = await _drain(scene)
        figures = count(
            crowd.spoken,
            await read_entries(scene.engine, run),
            await read_cases(scene.engine, run),
            await _read_chats(scene),
            undelivered=undelivered,
            kills=scene.service.kills,
            seconds=time.monotonic() - began,
        )
        reasons = [await explain_unrouted(scene.engine, number) for number in figures.unrouted_cases]
        return dataclasses.replace(figures, unrouted_cases=tuple(reasons))


def plan_kills(messages: int, kills: int, rng: Random) -> list[float]:
    """After how many messages the service is killed each time: a random moment in each of `kills` equal parts of the run."""
    return [(index + rng.random()) * messages / kills for index in range(kills)]


async def _visit_all(crowd: Crowd, visits: Sequence[Visit]) -> None:
    waiting = iter(visits)

    async def take_turns() -> None:
        for visit in waiting:
            await crowd.visit(visit)

    async with asyncio.TaskGroup() as group:
        for _ in range(_AT_ONCE):
            group.create_task(take_turns())


async def _kill(scene: Scene, crowd: Crowd, moments: Sequence[float]) -> None:
    """A moment that the run has passed while the service was down comes as soon as it is up again."""
    for moment in moments:
        while len(crowd.spoken) < moment:
            crowd.moved.clear()
            await crowd.moved.wait()
        # Not at the very end of an answer, where the service has just become idle.
        await asyncio.sleep(crowd.rng.random() * 0.05)
        await scene.service.kill()
        await scene.service.wait_ready()


async def _drain(scene: Scene) -> int:
    """Wait until nothing is pending or queued; how much still is when the patience ends."""
    deadline = time.monotonic() + _DRAIN_SECONDS
    left, ahead = await count_unfinished(scene.engine), 0.0
    while left and time.monotonic() < deadline:
        await asyncio.sleep(_LOOK_SECONDS)
        if ahead < _FURTHEST_SECONDS:
            ahead += _AHEAD_SECONDS * _LOOK_SECONDS
            await scene.driver.advance(_AHEAD_SECONDS * _LOOK_SECONDS)
        left = await count_unfinished(scene.engine)
    return left


async def _read_chats(scene: Scene) -> dict[str, set[str]]:
    """In which chats each case's first dispatch stands."""
    shown: dict[str, set[str]] = defaultdict(set)
    for group in await scene.driver.groups():
        _note(shown, group["chatid"], await scene.driver.messages(group["chatid"]))
    for userid in {one.userid for one in scene.city.people if one.role == PostRole.CONDUCT and one.userid}:
        _note(shown, userid, await scene.driver.worker_inbox(userid))
    return shown


def _note(shown: dict[str, set[str]], chat: str, rows: Sequence[dict[str, Any]]) -> None:
    for row in rows:
        number = find_dispatched(row["text"])
        if number is not None:
            shown[number].add(chat)
