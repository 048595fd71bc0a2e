"""What the archive keeps of a try: plans, nothing else. The texts of messages never stand in them."""

from collections.abc import Sequence
from datetime import datetime

from bot.delivery.notices import STOPPED, book_missed, book_sent
from bot.delivery.verdict import Retry
from bot.delivery.waiting import Waiting
from storage.columns import MessageState
from storage.notice_columns import TargetState
from storage.plan import Change, EventDraft, Plan
from storage.tables import Outbox

TOLD = "told"
ACTOR = "system"


def plan_sent(messages: Sequence[Waiting], via: str, at: datetime, note: str = "", platform_id: str = "") -> Plan:
    """They were taken; each case's history says who was told. `note` says what was left out, if anything."""
    values = {"state": MessageState.SENT, "sent_at": at, "sent_via": via, "refusal": note}
    notices = [message.notice for message in messages if message.notice is not None]
    booked = [book_sent(notice, via, at, note, platform_id) for notice in notices]
    return Plan(
        changes=[Change(Outbox, message.id, None, values) for message in messages] + booked,
        events=[_told(message, message.case_id, via, at) for message in messages if message.case_id is not None],
    )


def plan_retry(messages: Sequence[Waiting], retry: Retry) -> Plan:
    """They wait for another try."""
    return Plan(
        changes=[
            Change(
                Outbox,
                message.id,
                None,
                {"due_at": retry.due_at, "tries": message.tries + retry.is_failure, "refusal": retry.reason},
            )
            for message in messages
        ]
    )


def plan_parked(messages: Sequence[Waiting], reason: str) -> Plan:
    """They wait until the person writes."""
    return _plan_state(messages, MessageState.PARKED, TargetState.LEFT, reason)


def plan_dead(messages: Sequence[Waiting], reason: str, *, is_gone: bool = False) -> Plan:
    """They are given up; `is_gone`: the person left this channel."""
    return _plan_state(messages, MessageState.DEAD, TargetState.LEFT if is_gone else TargetState.FAILED, reason)


def plan_stopped(messages: Sequence[Waiting]) -> Plan:
    """Their notice does not stand any more: they do not go."""
    return _plan_state(messages, MessageState.DEAD, TargetState.STOPPED, STOPPED)


def _plan_state(messages: Sequence[Waiting], state: MessageState, booked: TargetState, reason: str) -> Plan:
    told = [Change(Outbox, message.id, None, {"state": state, "refusal": reason}) for message in messages]
    return Plan(changes=told + [book_missed(one.notice, booked, reason) for one in messages if one.notice is not None])


def _told(message: Waiting, case_id: int, via: str, at: datetime) -> EventDraft:
    return EventDraft(case_id, TOLD, at, ACTOR, {"kind": message.kind, "target": message.target, "via": via})
