"""By which way a resident hears of a notice today: his open reply window, a mass message, a subscribed notice, or none. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.delivery.window import count_free, count_left
from storage.fanout import Line
from storage.tables import Resident

UNKNOWN, UNFOLLOWED = "查无此居民", "已取消关注公众号"
NO_WAY = "回复窗口已关闭，也没有配置订阅通知"
MASS_USED = "本月群发次数已用完，回复窗口已关闭"
MASS_ALONE = "只有一人，不能群发（群发至少两人）"
# wechat.md §2.4: a service account's follower takes four a month; a call addresses two people at least.
MASS_PER_MONTH, MASS_LEAST = 4, 2


@dataclass(slots=True)
class Ways:
    """Who of a chunk goes which way. `outbox`: a message of his own (window or template); `left`: with the reason."""

    outbox: list[Line] = field(default_factory=list)
    mass: list[tuple[Line, Resident]] = field(default_factory=list)
    left: list[tuple[Line, str]] = field(default_factory=list)


def sort_out(
    lines: Sequence[Line], residents: dict[str, Resident], now: datetime, *, can_mass: bool, has_template: bool
) -> Ways:
    """The first way that is open to each.

    The window first: it is free, and he has just written. Then mass messages, then subscribed notices, of which each costs him a
    consent.
    """
    ways = Ways()
    for line in lines:
        resident = residents.get(line.target.removeprefix("oa:"))
        if resident is None or not resident.follows:
            ways.left.append((line, UNFOLLOWED if resident else UNKNOWN))
        elif count_free(count_left(resident, now), may_use_last=False) > 0:
            ways.outbox.append(line)
        elif can_mass:
            ways.mass.append((line, resident))
        else:
            _send_alone(ways, line, NO_WAY, has_template)
    return ways


def drop_mass(ways: Ways, counted: set[int], *, has_template: bool) -> None:
    """Those whose month is used up, or who are too few for a mass message, go the next way."""
    refused = [line for line, resident in ways.mass if resident.id not in counted]
    ways.mass = [(line, resident) for line, resident in ways.mass if resident.id in counted]
    for line in refused:
        _send_alone(ways, line, MASS_USED, has_template)


def dissolve_mass(ways: Ways, reason: str, *, has_template: bool) -> None:
    """No mass message after all."""
    for line, _ in ways.mass:
        _send_alone(ways, line, reason, has_template)
    ways.mass = []


def _send_alone(ways: Ways, line: Line, reason: str, has_template: bool) -> None:
    if has_template:
        ways.outbox.append(line)
    else:
        ways.left.append((line, reason))
