"""Chaos on a fan-out: the service is killed with SIGKILL again and again on the way, and the groups are counted afterwards.

What may be repeated is what was in flight when the process died: a group that had received something and was not yet booked as sent.
"""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import select

from lab.bench_fanout import AT_ONCE, count_received
from lab.fanout_scene import NOTICE_ID, FanoutScene, KeepPicture, open_fanout_scene
from lab.replay_service import ServiceFailed
from storage.notice_columns import TargetState
from storage.notice_tables import NoticeTarget
from storage.tables import WorkGroup

_LONGEST_SECONDS = 3600.0
_LOOK_SECONDS = 0.05
_TARGET: Any = NoticeTarget.__table__  # type: ignore[attr-defined]  # SQLModel adds it
_GROUP: Any = WorkGroup.__table__  # type: ignore[attr-defined]  # SQLModel adds it
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class KillFigures:
    """`in_flight`: for each kill the groups that had received something and were not booked; `repeated_groups`: those who got it again.

    `in_flight_bound`: what may be repeated at most, by what was seen; never more than `at_once` for each kill.
    """

    groups: int
    kills: int
    lost: int
    repeated: int
    in_flight_bound: int
    booked: int
    refused: int
    busiest_minute: int
    seconds: float
    in_flight: tuple[int, ...]
    repeated_groups: tuple[str, ...]
    at_once: int = AT_ONCE

    @property
    def is_good(self) -> bool:
        """Nobody went without, nobody was repeated who was not in flight, and every group is booked as sent."""
        within = self.repeated <= self.in_flight_bound <= self.kills * self.at_once
        return self.lost == 0 and within and self.booked == self.groups and self.busiest_minute <= 20

    def facts(self) -> dict[str, Any]:
        """The figures by the contract's names, and what belongs to them."""
        names = (
            "groups",
            "kills",
            "lost",
            "repeated",
            "in_flight_bound",
            "booked",
            "refused",
            "busiest_minute",
            "seconds",
        )
        return {name: getattr(self, name) for name in names} | {"in_flight": list(self.in_flight)}


async def kill_fanout(
    groups: int,
    kills: int,
    seed: int,
    picture: bytes,
    keep: KeepPicture,
    on_step: Step = lambda _: None,
    *,
    at_once: int = AT_ONCE,
    hold_seconds: float = 15.0,
) -> KillFigures:
    """Send a notice with its photo, marked for each group; kill the service `kills` times at random. Raises `ServiceFailed`."""
    rng = Random(seed)
    delivery = {"at_once": at_once, "hold_seconds": hold_seconds}
    async with open_fanout_scene(groups, picture, keep, delivery=delivery) as scene:
        await scene.begin()
        in_flight: list[set[str]] = []
        for number, share in enumerate(sorted(rng.uniform(0.02, 0.95) for _ in range(kills)), 1):
            await _wait_sent(scene, int(groups * share))
            await scene.service.kill()
            in_flight.append(await _find_in_flight(scene))
            on_step(f"第 {number} 次终止：已送达 {share:.0%}，途中 {len(in_flight[-1])} 个群")
            await scene.service.wait_ready()
        seconds = await scene.wait_settled(_LONGEST_SECONDS, 0.5)
        received, books, counts = await count_received(scene), await scene.books(), await scene.count()
    unexpected = set(received.repeated) - set().union(*in_flight)
    if unexpected:
        raise ServiceFailed(f"{len(unexpected)} groups got it again that were not in flight")
    return KillFigures(
        groups=groups,
        kills=kills,
        lost=len(received.lost),
        repeated=len(received.repeated),
        in_flight_bound=sum(map(len, in_flight)),
        booked=counts.get(TargetState.SENT, 0),
        refused=sum(sum(codes.values()) for codes in books["refusals"].values()),
        busiest_minute=max(books["busiest_minute"]["webhook"].values()),
        seconds=round(seconds, 1),
        in_flight=tuple(map(len, in_flight)),
        repeated_groups=tuple(sorted(received.repeated)),
        at_once=at_once,
    )


async def _wait_sent(scene: FanoutScene, number: int) -> None:
    """Until so many groups are booked as sent, or all are done."""
    began = time.perf_counter()
    while True:
        counts = await scene.count()
        is_open = counts.get(TargetState.WAITING, 0) + counts.get(TargetState.QUEUED, 0) > 0
        if counts.get(TargetState.SENT, 0) >= number or not is_open:
            return
        if time.perf_counter() - began > _LONGEST_SECONDS:
            raise ServiceFailed(f"fan-out stands still: {counts}")
        await asyncio.sleep(_LOOK_SECONDS)


async def _find_in_flight(scene: FanoutScene) -> set[str]:
    """Groups that have received something and are not booked. The dead process's holds keep the new one off them for now."""
    delivered = (await scene.books())["deliveries"]["groups"]
    query = select(_GROUP.c.webhook_key).join(_TARGET, _TARGET.c.target == "group:" + _text(_GROUP.c.id))
    query = query.where(_TARGET.c.state != TargetState.SENT, _TARGET.c.notice_id == NOTICE_ID)
    async with scene.engine.connect() as connection:
        unbooked = (await connection.execute(query)).scalars()
        return {key for key in unbooked if delivered.get(f"webhook-{key}", 0) > 0}


def _text(column: Any) -> Any:
    return column.cast(_TARGET.c.target.type)
