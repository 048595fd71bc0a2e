"""The one wrapper around APScheduler. Its defaults lose a daily job when the loop is busy for a second, and use the host's zone."""

from collections.abc import Awaitable, Callable
from zoneinfo import ZoneInfo

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

Job = Callable[[], Awaitable[object]]
_GRACE_SECONDS = 3600


class Schedule:
    """Ticks and daily jobs. What is due is always asked of the database: a tick that is missed or doubled does no harm."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._scheduler = AsyncIOScheduler(
            timezone=zone,
            job_defaults={"misfire_grace_time": _GRACE_SECONDS, "coalesce": True, "max_instances": 1},
        )

    def every(self, seconds: float, job: Job, name: str) -> None:
        """Run `job` each `seconds` seconds; never twice at once."""
        self._scheduler.add_job(job, IntervalTrigger(seconds=seconds, timezone=self._zone), id=name, name=name)

    def daily(self, hour: int, minute: int, job: Job, name: str) -> None:
        """Run `job` each day at this local time."""
        self._scheduler.add_job(job, CronTrigger(hour=hour, minute=minute, timezone=self._zone), id=name, name=name)

    def start(self) -> None:
        """Begin to tick."""
        self._scheduler.start()

    def stop(self) -> None:
        """No more ticks; what runs is left to end by itself."""
        self._scheduler.shutdown(wait=False)
