"""`wangge bench intake`: the whole intake against two echoes that do none of the work, on the same core, in the same run.

Encrypted text messages from distinct residents, each verified, classified, routed, committed with its history and outbox, and
answered. The groups' messages are written and stay in the outbox: the bot's line is another process's, as it is wherever several
run. One server at a time has the core.
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from statistics import median, quantiles

from sqlalchemy import text as sql
from sqlalchemy import update

from lab.bench_intake_load import Push, arrive, check_answers, make_pushes, press
from lab.bench_intake_start import serving_peer
from lab.bench_texts import make_text
from lab.replay_scene import Scene, open_scene
from sandbox.account import Account
from storage.tables import Lease
from storage.writing import writing

_AT_ONCE = 128
_WARM_UP = 400
_STEADY_PER_SECOND = 300
_STEADY_SECONDS = 8

_CASE = re.compile(r"工单 \d{4}-\d+")

Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class IntakeFigures:
    """What the benchmark found; medians over the rounds. `durability`: how SQLite was told to write."""

    per_second: float
    ratio_bare_echo: float
    ratio_werobot_echo: float
    bare_echo_per_second: float
    werobot_echo_per_second: float
    p99_ms_at_300: float
    durability: str
    processes: int
    rounds: int
    messages: int

    def facts(self) -> dict[str, float | str]:
        """The figures by the contract's names."""
        return asdict(self)


@dataclass(slots=True)
class Bench:
    """A standing scene; `serial` keeps the residents of all runs apart."""

    scene: Scene
    account: Account
    core: int | None
    messages: int
    rng: Random = field(default_factory=lambda: Random("bench intake"))
    serial: "count[int]" = field(default_factory=count)

    def draw(self, number: int) -> list[Push]:
        """`number` pushes of new residents, each with a matter and an address of the made city."""
        texts = [make_text(self.scene.city, self.rng) for _ in range(number)]
        return make_pushes(self.account, texts, f"b{os.getpid()}x{next(self.serial)}")

    async def measure(self, port: int, is_right: Callable[[Push, str], bool]) -> float:
        """Messages a second of whoever listens on `port`, after a warm-up."""
        await press(port, self.draw(_WARM_UP), _AT_ONCE)
        pushes = self.draw(self.messages)
        pressed = await press(port, pushes, _AT_ONCE)
        await asyncio.to_thread(check_answers, self.account, pushes, pressed.answers, is_right)
        return pressed.per_second

    @asynccontextmanager
    async def serving(self, name: str) -> AsyncIterator[int]:
        """The server of that name alone on the core; the port it listens on."""
        if name == "service":
            await self.scene.service.start()
            await self.scene.service.wait_ready()
            try:
                yield int(self.scene.config["server"]["port"])
            finally:
                await self.scene.service.stop()
        else:
            async with serving_peer(name, self.account, self.core) as port:
                yield port


def is_taken_in(_push: Push, answer: str) -> bool:
    """The service's answer to a matter, also where it begins with the number to call: it names the case."""
    return _CASE.search(answer) is not None


def is_echo(push: Push, answer: str) -> bool:
    """An echo's answer."""
    return answer == push.text


async def bench_intake(rounds: int, messages: int, on_step: Step = lambda _: None) -> IntakeFigures:
    """Measure in rounds of service, WeRoBot, bare echo. Raises `WrongAnswer`, `ServiceFailed`."""
    on_step("布置场景")
    # A district: at this pace the one street of the demo would soon hear nothing but the same again.
    async with open_scene(None, size="district") as scene:
        durability = await _read_durability(scene)
        await scene.service.stop()
        await _give_line_away(scene)
        with own_core() as core:
            scene.service.core = core
            bench = Bench(scene, _account_of(scene), core, messages)
            found = await _measure_rounds(bench, rounds, on_step)
            on_step(f"每秒 {_STEADY_PER_SECOND} 条的延迟")
            p99 = await _measure_steady(bench)
    service, werobot, bare = (median(found[name]) for name in ("service", "werobot", "bare"))
    return IntakeFigures(
        per_second=round(service, 1),
        ratio_bare_echo=round(service / bare, 3),
        ratio_werobot_echo=round(service / werobot, 3),
        bare_echo_per_second=round(bare, 1),
        werobot_echo_per_second=round(werobot, 1),
        p99_ms_at_300=round(p99, 1),
        durability=durability,
        processes=1,
        rounds=rounds,
        messages=messages,
    )


async def _measure_rounds(bench: Bench, rounds: int, on_step: Step) -> dict[str, list[float]]:
    found: dict[str, list[float]] = {"service": [], "werobot": [], "bare": []}
    for number in range(1, rounds + 1):
        for name, speeds in found.items():
            async with bench.serving(name) as port:
                speeds.append(await bench.measure(port, is_taken_in if name == "service" else is_echo))
            on_step(f"第 {number} 轮 {name}：每秒 {speeds[-1]:.0f} 条")
    return found


async def _measure_steady(bench: Bench) -> float:
    async with bench.serving("service") as port:
        await press(port, bench.draw(_WARM_UP), _AT_ONCE)
        pushes = bench.draw(_STEADY_PER_SECOND * _STEADY_SECONDS)
        waits, answers = await arrive(port, pushes, _STEADY_PER_SECOND)
        await asyncio.to_thread(check_answers, bench.account, pushes, answers, is_taken_in)
    return quantiles(waits, n=100)[98]


def _account_of(scene: Scene) -> Account:
    account = scene.config["official_account"]
    names = ("app_id", "app_secret", "token", "encoding_aes_key", "mode")
    return Account(**{name: account[name] for name in names})


async def _give_line_away(scene: Scene) -> None:
    """Another holder of the bot's line, for longer than any run: what is measured is intake, not delivery."""
    values = {"holder": "bench", "until": datetime.now(UTC) + timedelta(days=1)}
    async with writing(scene.engine) as connection:
        await connection.execute(update(Lease).values(**values))


async def _read_durability(scene: Scene) -> str:
    async with scene.engine.connect() as connection:
        level = (await connection.execute(sql("PRAGMA synchronous"))).scalar_one()
    return f"synchronous={('OFF', 'NORMAL', 'FULL', 'EXTRA')[level]}"


@contextmanager
def own_core() -> Iterator[int | None]:
    """The number of a core that this process leaves to whom it measures; None where there is only one, or no way to say so."""
    if not hasattr(os, "sched_setaffinity"):
        yield None
        return
    before = os.sched_getaffinity(0)
    core = max(before)
    if len(before) == 1:
        yield core
        return
    os.sched_setaffinity(0, before - {core})
    try:
        yield core
    finally:
        os.sched_setaffinity(0, before)
