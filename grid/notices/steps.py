"""What every decision on a notice is made of: one guarded move with its event in the notice's history."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from grid.actions.steps import say
from grid.desk import Actor, Desk
from grid.message import Message
from grid.notices.moves import TABLE, NoticeMove, find_move_refusal
from grid.workflow import Refusal
from storage.notice_columns import NoticeState
from storage.notice_tables import Notice, NoticeEvent
from storage.plan import Change, OutboxDraft, Plan
from storage.rows import fresh, with_changes

Ids = Iterator[int]
"""Row ids that were drawn beforehand: a decision takes those that it needs."""

Moved = tuple[Notice, Plan]
"""The notice as it will be, and the plan that makes it so."""


def event(desk: Desk, notice: Notice, kind: str, actor: Actor, ids: Ids, /, **payload: Any) -> NoticeEvent:
    """A step of the notice's history."""
    return fresh(
        NoticeEvent, id=next(ids), notice_id=notice.id, at=desk.now, kind=kind, actor=actor.key, payload=payload
    )


def move(
    desk: Desk,
    notice: Notice,
    what: NoticeMove,
    actor: Actor,
    ids: Ids,
    to: NoticeState | None = None,
    values: Mapping[str, Any] | None = None,
    **payload: Any,
) -> Moved | Refusal:
    """Make a move: guarded by the notice's version, with its event. Refused when the table does not allow it."""
    refusal = find_move_refusal(what, notice.state)
    if refusal is not None:
        return refusal
    state = to or notice.state
    assert state in TABLE[what][1], f"{what} does not lead to {state}"
    changes = {"state": state, **(values or {})}
    plan = Plan(
        rows=[event(desk, notice, what.value, actor, ids, state=state.value, **payload)],
        changes=[Change(Notice, notice.id, notice.version, changes)],
    )
    return with_changes(notice, {**changes, "version": notice.version + 1}), plan


def tell_workers(desk: Desk, worker_ids: Sequence[int | None], message: Message) -> list[OutboxDraft]:
    """The message for these people, each once, in single chat; those whom the bot has never met are left out."""
    people = [desk.city.people.get(one) for one in dict.fromkeys(worker_ids) if one is not None]
    return [
        say(f"worker:{person.userid}", message, None, desk.now)
        for person in people
        if person is not None and person.userid
    ]
