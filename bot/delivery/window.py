"""A resident's reply window: how many customer-service messages the platform still takes (wechat.md §2.2).

Five within 48 hours of what he wrote; three within one minute of a menu click, a follow or a scanned code.
https://developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage.html
"""

from datetime import datetime, timedelta

from storage.tables import Resident

_LONG, _SHORT = timedelta(hours=48), timedelta(minutes=1)
_SHORT_LIMIT = 3


def count_left(resident: Resident | None, now: datetime) -> int:
    """How many messages the open window still takes; 0 when it is closed, used up, or the resident is unknown."""
    if resident is None or resident.window_opened_at is None:
        return 0
    life = _SHORT if resident.window_limit <= _SHORT_LIMIT else _LONG
    if now >= resident.window_opened_at + life:
        return 0
    return max(0, resident.window_limit - resident.window_used)


def count_free(left: int, *, may_use_last: bool) -> int:
    """How many of `left` an ordinary message may use: the last one is kept for a result or an answer that he waits for."""
    return left if may_use_last else max(0, left - 1)
