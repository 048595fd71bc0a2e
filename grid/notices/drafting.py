"""Drafts of notices as rows: made, changed, cancelled, and the one that will take another's place. Nobody has got them yet."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from grid.city import City
from grid.desk import Actor, Desk
from grid.notices.fields import read_moment
from grid.notices.kinds import FORMS
from grid.notices.moves import OUT, NoticeMove
from grid.notices.reading import Content, content_of
from grid.notices.scope import find_common_area, render_scope
from grid.notices.steps import Ids, Moved, event, move
from grid.workflow import Refusal
from storage.columns import Colour
from storage.notice_columns import NoticeKind, NoticeState
from storage.notice_tables import Notice
from storage.plan import Plan
from storage.rows import fresh


def _columns(city: City, content: Content) -> dict[str, Any]:
    return {
        "title": content.title,
        "text": content.text,
        "colour": content.colour,
        "fields": dict(content.fields),
        "scope": render_scope(content.scope),
        "area_code": find_common_area(city, content.scope.areas),
        "ends_at": _end_of(content),
    }


def _end_of(content: Content) -> datetime | None:
    form = FORMS[content.kind]
    end = read_moment(content.fields.get(form.ends_by)) if form.ends_by else None
    if content.kind is NoticeKind.TASK:
        due = read_moment(content.fields.get("due"))
        return (due + form.default_end).astimezone(due.tzinfo) if due else None
    return end


def make_draft(
    desk: Desk, content: Content, actor: Actor, group_id: int | None, notice_id: int, number: str, ids: Ids
) -> Moved:
    """A new draft. `group_id`: where it was made."""
    row = fresh(
        Notice,
        id=notice_id,
        number=number,
        kind=content.kind,
        state=NoticeState.DRAFT,
        made_by=actor.id,
        made_in=group_id,
        made_at=desk.now,
        **_utc(_columns(desk.city, content), desk),
    )
    return row, Plan(rows=[row, event(desk, row, "draft", actor, ids, kind=content.kind.value)])


def edit(desk: Desk, notice: Notice, content: Content, actor: Actor, ids: Ids, key: str) -> Moved | Refusal:
    """The notice with what it says changed: a draft again, whoever had agreed. `key`: what was changed."""
    if content.refusal is not None:
        return content.refusal
    # Whoever changes it makes it: nobody agrees to his own words.
    values = {**_utc(_columns(desk.city, content), desk), "made_by": actor.id or notice.made_by}
    return move(desk, notice, NoticeMove.EDIT, actor, ids, NoticeState.DRAFT, values, changed=key)


def _utc(columns: dict[str, Any], desk: Desk) -> dict[str, Any]:
    ends = columns["ends_at"]
    return {**columns, "ends_at": ends.astimezone(desk.now.tzinfo) if ends else None}


def cancel(desk: Desk, notice: Notice, actor: Actor, ids: Ids, reason: str = "") -> Moved | Refusal:
    """Nothing of it goes out; of a repeated notice the whole series ends."""
    return move(
        desk, notice, NoticeMove.CANCEL, actor, ids, NoticeState.CANCELLED, {"recall_reason": reason}, reason=reason
    )


def find_level_refusal(old: Notice, colour: Colour) -> Refusal | None:
    """Why a notice's level cannot become `colour`."""
    if old.kind is not NoticeKind.WARNING:
        return Refusal("只有预警可以调整级别。")
    if old.state not in OUT:
        return Refusal(f"这件预警现在是“{old.state.label}”，不能调整级别；还没发出的请用“修改”。")
    return Refusal(f"现在就是{colour.label}色预警，不用调整。") if old.colour is colour else None


def make_successor(
    desk: Desk, old: Notice, colour: Colour, reason: str, actor: Actor, notice_id: int, number: str, ids: Ids
) -> Moved:
    """A warning's level changes: a draft with the new colour that will take the place of the old one when it goes out."""
    text = "\n".join(part for part in (reason, old.text) if part)
    content = replace(content_of(old), colour=colour, text=text, title="")
    row, plan = make_draft(desk, content, actor, None, notice_id, number, ids)
    row.supersedes_id = old.id
    return row, plan
