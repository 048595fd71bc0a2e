"""What a refusal means for the message at hand, read from the one table of refusals."""

from bot.ports import Refused
from bot.refusals import Next, Wire, find_refusal

_SECONDS = {Next.RETRY_SOON: 5.0, Next.RETRY_NEXT_MINUTE: 60.0}
# Seen from group robots under load; not in the platform's public list.
_WEBHOOK_BUSY = 130101


def make_refusal(errcode: int, errmsg: str, wire: Wire) -> Refused:
    """The refusal as an exception, with a hint in seconds where another try makes sense."""
    if wire is Wire.WEBHOOK and errcode == _WEBHOOK_BUSY:
        return Refused(errcode, errmsg, _SECONDS[Next.RETRY_NEXT_MINUTE])
    return Refused(errcode, errmsg, _SECONDS.get(find_refusal(errcode, wire).next))


def is_content_fault(fault: Refused, wire: Wire) -> bool:
    """Whether it is this content that the platform will never take, rather than the moment, the chat or the configuration."""
    return fault.retry_seconds is None and find_refusal(fault.errcode, wire).next is Next.BUG
