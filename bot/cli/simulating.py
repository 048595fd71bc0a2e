"""`simulate`: the service without a wire, driven by the lab on a virtual clock."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.app import make_house, prepare_archive
from bot.cityhall import CityHall
from bot.cli.city import Size
from bot.cli.common import JsonFlag, console, errors, finish, run_async
from bot.clock import Clock
from bot.digests import Digests
from bot.dispatcher import Dispatcher
from bot.importing import import_city, import_path
from bot.jobs import Jobs
from bot.settings import Settings
from bot.supervision import Supervisor
from bot.supervision_calls import CallsSupervisor
from grid.deadlines import STAGES
from handlers.update import Update
from lab.checker_finding import Figure
from lab.checker_rules import Rules
from lab.simulate.inline import run_inline
from lab.simulate.play import Span
from lab.simulate.run import START, Outcome, make_habits
from lab.simulate.run import simulate as run_simulation
from nlp.reading import Urgency
from storage.archive import Archive, open_archive
from storage.queries import Books

_TRIED_EACH_DAYS = 5
_GARBAGE_AFTER = 50_000


class SimulatedService:
    """A service as `lab.simulate` drives it: dispatcher, jobs and imports are the real ones."""

    def __init__(self, archive: Archive, settings: Settings, clock: Clock) -> None:
        self._archive, self._clock = archive, clock
        books = Books(archive)
        zone = ZoneInfo(settings.server.timezone)
        self._hall = CityHall(books, settings.deadlines, zone, make_house(settings), clock)
        self._dispatcher = Dispatcher(archive, books, self._hall)
        self._jobs = Jobs(archive, books, self._hall, self._dispatcher)
        # Two of each, as two processes would have them: exactly one of them may act. They act at once on each beat, and the
        # digests on each fifth day: being refused costs as much as acting.
        self._supervisors = [Supervisor(archive, books, self._hall) for _ in range(2)]
        self._calls = CallsSupervisor(archive, books, self._hall)
        self._digests = [Digests(archive, books, self._hall) for _ in range(2)]

    @property
    def engine(self) -> AsyncEngine:
        """Its database."""
        return self._archive.engine

    @property
    def file(self) -> Path:
        """That database's file."""
        return Path(self._archive.engine.url.database or "")

    async def import_city(self, folder: Path) -> None:
        """Import a folder as `wangge city` writes it."""
        await import_city(self._archive, folder, self._clock())
        await self._hall.load()
        # The city stays for good: looking for garbage in it, over and over, is a tenth of the time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_GARBAGE_AFTER, 20, 20)

    async def import_file(self, kind: str, file: Path) -> None:
        """Import one file more, as an operator would."""
        await import_path(self._archive, kind, file, self._clock())
        await self._hall.load()

    async def feed(self, update: Update) -> str:
        """What is answered to an update; empty when nothing is."""
        return (await self._dispatcher.begin(update).task).text

    async def work(self, *, is_beat: bool) -> bool:
        """Do what is to be done unasked at this moment; whether there is more of it in a minute."""
        await asyncio.gather(*(supervisor.tick() for supervisor in self._supervisors[: 2 if is_beat else 1]))
        await self._calls.tick()
        if is_beat:
            await self._hall.follow()
            await self._jobs.take_up_orphans()
        is_tried = self._clock().day % _TRIED_EACH_DAYS == 0
        given = await asyncio.gather(*(digests.tick() for digests in self._digests[: 2 if is_tried else 1]))
        return any(given)


MakeService = Callable[[Archive, Settings, Clock], SimulatedService]


@asynccontextmanager
async def open_simulated(
    folder: Path, clock: Clock, make_service: MakeService = SimulatedService
) -> AsyncIterator[SimulatedService]:
    """A service on a database of its own in `folder`, with the settings that a new installation has.

    `make_service` is where tests put a service with a fault.
    """
    settings = Settings.read({"storage": {"url": f"sqlite+aiosqlite:///{folder / 'simulation.db'}"}})
    await prepare_archive(settings)
    async with open_archive(settings.storage.url) as archive:
        run_inline(archive.engine)
        yield make_service(archive, settings, clock)


_SHOWN = 20
_DONE = {
    "told": "居民反映",
    "patrols": "巡查上报",
    "said": "各方发言",
    "heard": "各方收到",
    "accepted": "接单",
    "resolved": "报办结",
    "returned": "退回",
    "transferred": "转派",
    "left_lying": "无人理会的派单",
    "urged": "催办",
    "withdrawn": "撤销",
    "rated": "评价",
    "not_fixed": "反映没修好",
    "whistles": "吹哨",
    "arrived": "报到",
    "called_done": "部门办完",
    "extensions": "申请延期",
    "suspensions": "申请挂账",
    "decided": "批复申请",
    "nudged": "督促后办理",
    "sheets_signed": "签收督办单",
    "sheets_answered": "回复督办单",
    "sheets_written_off": "销号",
    "sheets_ignored": "不理会督办单",
    "called_back": "回访",
    "assigned": "值班指派",
    "voided": "作废",
    "checked": "核查",
}


def simulate(
    days: Annotated[int, typer.Option("--days", min=1, max=400, help="模拟多少天")] = 75,
    size: Annotated[Size, typer.Option("--size", help="规模")] = Size.STREET,
    seed: Annotated[int, typer.Option("--seed", help="随机种子；相同种子结果相同")] = 1,
    start: Annotated[
        datetime | None, typer.Option("--start", formats=["%Y-%m-%d"], help=f"第一天（默认 {START}）")
    ] = None,
    a_day: Annotated[float | None, typer.Option("--a-day", min=0, help="平常日每天反映多少件（默认按规模）")] = None,
    as_json: JsonFlag = False,
) -> None:
    """模拟：虚拟时钟下的一座城，居民、网格员、指挥员各行其是，最后逐项核对有无遗忘、重复、漏答。"""
    # Where two act at once, one of them is refused; that is what is tried here, and no news.
    logging.getLogger("storage.committer").setLevel(logging.CRITICAL)
    span = Span(start.date() if start is not None else START, days)
    outcome = _simulate(size.value, seed, span, a_day)
    if not as_json:
        _print_outcome(outcome)
    finish(as_json, **outcome.verdict.facts())
    if not outcome.verdict.is_good:
        raise typer.Exit(1)


def _simulate(size: str, seed: int, span: Span, a_day: float | None) -> Outcome:
    columns = (TextColumn("模拟"), BarColumn(), MofNCompleteColumn(), TextColumn("天"), TimeElapsedColumn())
    with Progress(*columns, console=errors) as progress:
        task = progress.add_task("", total=span.days)
        work = run_simulation(
            open_simulated,
            size,
            seed,
            span,
            make_habits(size, a_day),
            make_rules(),
            on_progress=lambda done: progress.update(task, completed=done),
        )
        return run_async(work)


def make_rules() -> Rules:
    """What a new installation's settings promise, in the checker's plain words."""
    settings = Settings.read({})
    ladder, quiet = settings.ladder.make_ladder(), settings.ladder.make_ladder().quiet
    return Rules(
        limits={
            urgency.value: {stage: str(settings.deadlines.pace(None, urgency).limit(stage)) for stage in STAGES}
            for urgency in Urgency
        },
        blue_percent=ladder.blue_percent,
        red_times=ladder.red_times,
        ignored=ladder.ignored,
        urgent_ignored=ladder.urgent_ignored,
        ignored_share=ladder.ignored_share,
        again=ladder.again,
        urgent_again=ladder.urgent_again,
        orange_returns=ladder.orange_returns,
        red_returns=ladder.red_returns,
        levels={colour.value: level.value for colour, level in ladder.levels.items()},
        quiet=(quiet.begins, quiet.ends) if quiet is not None else None,
        round_minutes=ladder.round_minutes,
    )


def _print_outcome(outcome: Outcome) -> None:
    done = Table("发生了什么", "次数")
    for name, label in _DONE.items():
        if outcome.done.get(name):
            done.add_row(label, str(outcome.done[name]))
    console.print(done)
    figures = Table("核对", "处数")
    for figure in Figure:
        figures.add_row(figure.label, str(outcome.verdict.count(figure)))
    console.print(figures)
    for finding in outcome.verdict.findings[:_SHOWN]:
        at = finding.at.isoformat(timespec="minutes") if finding.at else ""
        console.print(f"{finding.figure} {finding.number} {at} {finding.what}", markup=False)
    console.print(f"用时 {outcome.seconds:.1f} 秒")
