"""What happens to a message that was not taken: the table of refusals, read for one try. Pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import assert_never
from zoneinfo import ZoneInfo

from bot.delivery.waiting import Waiting
from bot.ports import BadAnswer, Paced, Refused, Unreachable
from bot.refusals import Next, Refusal, Told, Wire, find_refusal
from bot.settings import DeliverySettings

# The platforms' days are China's, whatever the city's own zone is.
_PLATFORM_ZONE = ZoneInfo("Asia/Shanghai")
_NEXT_MINUTE_SECONDS = 60.0
_AFTER_MIDNIGHT_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Retry:
    """Another try at `due_at`; `is_failure` counts it among the bounded tries."""

    due_at: datetime
    reason: str
    told: Told = Told.NOBODY
    is_failure: bool = True


@dataclass(frozen=True, slots=True)
class Park:
    """It waits until the person, or somebody in the group, writes."""

    reason: str
    told: Told = Told.NOBODY


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further try. `is_gone`: the person left this channel; `is_content`: it is this content that was refused."""

    reason: str
    told: Told = Told.DUTY_GROUP
    is_gone: bool = False
    is_content: bool = False


Verdict = Retry | Park | GiveUp


class Judge:
    """Reads failures by the table and the configured patience; `draw` gives [0, 1) for jitter."""

    def __init__(self, settings: DeliverySettings, draw: Callable[[], float]) -> None:
        self._settings, self._draw = settings, draw

    def judge(self, failure: Exception, wire: Wire, waiting: Waiting, now: datetime) -> Verdict:
        """What happens next to `waiting` after this failed try."""
        if isinstance(failure, Paced):
            entry = find_refusal(failure.errcode, wire)
            return self._wait("等待上传限额", entry, waiting, now, failure.retry_seconds or _NEXT_MINUTE_SECONDS)
        if isinstance(failure, Refused):
            return self._judge_refused(failure, wire, waiting, now)
        return self._back_off(_name_failure(failure), waiting, now)

    def _judge_refused(self, refused: Refused, wire: Wire, waiting: Waiting, now: datetime) -> Verdict:
        entry = find_refusal(refused.errcode, wire)
        reason = f"{refused.errcode} {entry.meaning}"
        match entry.next:
            case Next.RETRY_SOON:
                return self._back_off(reason, waiting, now, refused.retry_seconds or 0.0)
            case Next.RETRY_NEXT_MINUTE:
                return self._back_off(reason, waiting, now, refused.retry_seconds or _NEXT_MINUTE_SECONDS)
            case Next.STOP_TODAY:
                return self._wait(reason, entry, waiting, now, self._seconds_to_midnight(now))
            case Next.PARK:
                return Park(reason, entry.told)
            case Next.DROP_PERSON:
                return GiveUp(reason, entry.told, is_gone=True)
            case Next.CONFIG_FAULT:
                return self._judge_config_fault(reason, entry, wire, waiting, now)
            case Next.BUG:
                return GiveUp(reason, is_content=True)
            case _:
                assert_never(entry.next)

    def _judge_config_fault(self, reason: str, entry: Refusal, wire: Wire, waiting: Waiting, now: datetime) -> Verdict:
        if wire is not Wire.OFFICIAL_ACCOUNT and entry.told is Told.DUTY_GROUP:
            # It is this group's own fault (robot removed, group gone): its cases must not wait behind it unheard.
            return GiveUp(reason)
        return self._wait(reason, entry, waiting, now, self._settings.longest_retry_seconds)

    def _back_off(self, reason: str, waiting: Waiting, now: datetime, least_seconds: float = 0.0) -> Verdict:
        if waiting.tries + 1 >= self._settings.max_tries:
            return GiveUp(f"{reason}（已尝试 {waiting.tries + 1} 次）")
        # The exponent is bounded: 2**1024 would not fit a float.
        span = self._settings.first_retry_seconds * 2 ** min(waiting.tries, 30)
        span = min(span, self._settings.longest_retry_seconds)
        return Retry(now + timedelta(seconds=max(least_seconds, 0.0) + self._jittered(span)), reason)

    def _wait(self, reason: str, entry: Refusal, waiting: Waiting, now: datetime, seconds: float) -> Verdict:
        if now - waiting.created_at >= timedelta(hours=self._settings.longest_wait_hours):
            return GiveUp(f"{reason}（已等待 {self._settings.longest_wait_hours:g} 小时）")
        due_at = now + timedelta(seconds=self._jittered(seconds, 0.9))
        return Retry(due_at, reason, entry.told, is_failure=False)

    def _jittered(self, seconds: float, fixed: float = 0.5) -> float:
        return seconds * (fixed + (1 - fixed) * self._draw())

    def _seconds_to_midnight(self, now: datetime) -> float:
        local = now.astimezone(_PLATFORM_ZONE)
        midnight = (local + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
        # `_jittered` may take a tenth off: what is asked for is over midnight even then.
        return ((midnight - local).total_seconds() + _AFTER_MIDNIGHT_SECONDS) / 0.9


def _name_failure(failure: Exception) -> str:
    match failure:
        case Unreachable():
            return "网络不通：平台没有应答"
        case BadAnswer():
            return "平台的应答无法识别"
        case _:
            return f"发送时出错（{type(failure).__name__}）"
