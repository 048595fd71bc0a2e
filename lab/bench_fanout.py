"""`wangge bench fanout`: one notice, a text and a prepared picture, to thousands of groups, against a bare loop of the same requests.

Sandbox, service and loop are processes of their own, in one run on one machine. Half of the loop runs before the service and half
after it, so that a machine that grows busier or calmer weighs on both.
"""

import asyncio
import json
import os
import secrets
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import aiohttp

from lab.fanout_count import Received, Use, judge_group, list_unusual, read_use
from lab.fanout_scene import REHEARSAL_ID, FanoutScene, KeepPicture, open_fanout_scene
from lab.replay_service import ServiceFailed

GROUPS = 8541
AT_ONCE = 32
_LONGEST_SECONDS = 1200.0
_LOOK_SECONDS = 0.25
Step = Callable[[str], None]
TimeMarks = Callable[[bytes, int], float]
"""Draws so many watermarks on a picture; milliseconds for each."""


@dataclass(frozen=True, slots=True)
class FanoutFigures:
    """What the benchmark found. Seconds are wall time; `ratio_cpu`, `ratio_memory`: the service's to the loop's, sandbox left out."""

    groups: int
    ratio_bare_loop: float
    lost: int
    repeated: int
    in_flight_bound: int
    seconds: float
    bare_seconds: float
    requests_per_second: float
    bare_requests_per_second: float
    ratio_cpu: float
    ratio_memory: float
    refused: int
    busiest_minute: int
    picture_bytes: int
    watermark_ms: float

    def facts(self) -> dict[str, float]:
        """The figures by the contract's names."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Sent:
    seconds: float
    use: Use


async def bench_fanout(
    groups: int, picture: bytes, keep: KeepPicture, time_marks: TimeMarks, on_step: Step = lambda _: None
) -> FanoutFigures:
    """Measure: half of the loop, the service, the other half. Raises `ServiceFailed`."""
    on_step("测量水印")
    watermark_ms = time_marks(picture, 100)
    on_step("布置场景")
    fixed = {"watermark_per_group": False}
    async with open_fanout_scene(groups, picture, keep, fanout=fixed, delivery={"at_once": AT_ONCE}) as scene:
        # What the service will send, as it will send it, is what the loop sends: one group is asked first.
        text, jpeg = await _rehearse(scene)
        on_step("逐个直发（前半）")
        first = await _run_bare(scene, groups // 2, text, jpeg)
        on_step("服务群发")
        service = await _run_service(scene)
        on_step("逐个直发（后半）")
        second = await _run_bare(scene, groups - groups // 2, text, jpeg)
        received, books = await count_received(scene), await scene.books()
    bare = _Sent(
        first.seconds + second.seconds,
        Use(
            first.use.cpu_seconds + second.use.cpu_seconds,
            max(first.use.memory_mb, second.use.memory_mb),
        ),
    )
    return FanoutFigures(
        groups=groups,
        ratio_bare_loop=round(service.seconds / bare.seconds, 3),
        lost=len(received.lost),
        repeated=len(received.repeated),
        in_flight_bound=0,
        seconds=round(service.seconds, 2),
        bare_seconds=round(bare.seconds, 2),
        requests_per_second=round(2 * groups / service.seconds, 1),
        bare_requests_per_second=round(2 * groups / bare.seconds, 1),
        ratio_cpu=_ratio(service.use.cpu_seconds, bare.use.cpu_seconds),
        ratio_memory=_ratio(service.use.memory_mb, bare.use.memory_mb),
        refused=sum(sum(codes.values()) for codes in books["refusals"].values()),
        busiest_minute=max(books["busiest_minute"]["webhook"].values()),
        picture_bytes=len(jpeg),
        watermark_ms=round(watermark_ms, 2),
    )


def _ratio(ours: float, theirs: float) -> float:
    return round(ours / theirs, 2) if theirs else 0.0


async def _run_service(scene: FanoutScene) -> _Sent:
    before = read_use(scene.service.pid)
    await scene.begin()
    seconds = await scene.wait_settled(_LONGEST_SECONDS, _LOOK_SECONDS)
    after = read_use(scene.service.pid)
    return _Sent(seconds, Use(after.cpu_seconds - before.cpu_seconds, after.memory_mb))


async def _run_bare(scene: FanoutScene, groups: int, text: str, jpeg: bytes) -> _Sent:
    """The loop, with robots of its own: the real limits count by robot."""
    url = f"{scene.sandbox_url}/wecom/cgi-bin/webhook/send"
    keys = " ".join(secrets.token_hex(16) for _ in range(max(1, groups)))
    with TemporaryDirectory(prefix="wangge-bare-") as folder:
        path = Path(folder) / "picture.jpg"
        path.write_bytes(jpeg)
        command = (sys.executable, "-m", "lab.bench_fanout_bare", url, str(AT_ONCE), text, str(path))
        pipe = asyncio.subprocess.PIPE
        process = await asyncio.create_subprocess_exec(*command, stdin=pipe, stdout=pipe, env=dict(os.environ))
        output, _ = await process.communicate(keys.encode())
    if process.returncode:
        raise ServiceFailed(f"the bare loop ended with {process.returncode}")
    found = json.loads(output)
    if found["refused"]:
        raise ServiceFailed(f"the bare loop was refused {found['refused']} times")
    return _Sent(found["seconds"], Use(found["cpu_seconds"], found["memory_mb"]))


async def _rehearse(scene: FanoutScene) -> tuple[str, bytes]:
    """The very text and bytes that a group receives, by the notice that goes to one group only; the service is warm by that, too."""
    await scene.begin(REHEARSAL_ID)
    await scene.wait_settled(_LONGEST_SECONDS, notice_id=REHEARSAL_ID)
    rows = await scene.messages(scene.rehearsal_key)
    text = next(row["text"] for row in rows if row["msgtype"] == "text")
    url = next(row["media"][0]["url"] for row in rows if row["msgtype"] == "image")
    return text, await _download(scene.session, url)


async def _download(session: aiohttp.ClientSession, url: str) -> bytes:
    async with session.get(url) as response:
        return await response.read()


async def count_received(scene: FanoutScene) -> Received:
    """What the groups have, by the sandbox's books; whoever has not exactly a text and a photo is looked at closely."""
    lost: list[str] = []
    repeated: dict[str, int] = {}
    books: dict[str, Any] = await scene.books()
    for key in list_unusual(books, scene.keys):
        is_whole, times = judge_group(await scene.messages(key))
        if not is_whole:
            lost.append(key)
        if times > 1:
            repeated[key] = times
    return Received(tuple(lost), repeated)
