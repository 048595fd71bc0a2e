"""From approved to being sent: who gets it as rows, the state, and the next one of a series. The fan-out does the rest."""

import calendar
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from grid.city import City
from grid.desk import SYSTEM, Actor, Desk
from grid.notices.approval import count_wanted
from grid.notices.checks import find_fault
from grid.notices.fields import read_moment
from grid.notices.kinds import FORMS, FieldType
from grid.notices.moves import NoticeMove, find_move_refusal
from grid.notices.scope import list_groups, parse_scope
from grid.notices.steps import Ids, Moved, event, move
from grid.notices.wording import REPLACED
from grid.workflow import Refusal
from storage.notice_columns import NoticeKind, NoticeState, TargetState
from storage.notice_tables import Notice, NoticeTarget
from storage.plan import Change, Plan
from storage.rows import fresh, with_changes

CHUNK = 2000
"""Rows in one plan: a city's residents must not hold the archive for seconds."""
REPEATS = {"daily": "每天", "weekly": "每周", "monthly": "每月"}
_MOST_SKIPPED = 5000


@dataclass(frozen=True, slots=True)
class Reader:
    """A resident in a notice's scope."""

    openid: str
    area: str
    follows: bool


def make_targets(city: City, notice: Notice, readers: Iterable[Reader], ids: Ids) -> list[NoticeTarget]:
    """Whom the notice is for, as rows: what cannot be told at all is there too, as `LEFT` with the reason."""
    scope = parse_scope(notice.scope)
    found = [
        _target(notice, f"group:{group.id}", group.area, "" if group.can_be_told else "群还没有绑定", ids)
        for group in list_groups(city, scope)
    ]
    if scope.residents:
        found += [
            _target(notice, f"oa:{one.openid}", one.area, "" if one.follows else "已取消关注", ids) for one in readers
        ]
    return found


def _target(notice: Notice, key: str, area: str, why_left: str, ids: Ids) -> NoticeTarget:
    state = TargetState.LEFT if why_left else TargetState.WAITING
    return fresh(
        NoticeTarget, id=next(ids), notice_id=notice.id, target=key, area_code=area, state=state, reason=why_left
    )


def begin_sending(
    desk: Desk,
    notice: Notice,
    targets: Sequence[NoticeTarget],
    ids: Ids,
    superseded: Notice | None = None,
) -> list[Plan] | Refusal:
    """The plans that begin the sending, to be written in order: targets in chunks, the state SENDING with the last one.

    `targets`: those that are not in the archive yet. A crash between two plans leaves a scheduled notice with some of its targets,
    which nobody sends to; it is begun again with the rest. `superseded`: the notice that this one takes the place of.
    """
    refusal = find_move_refusal(NoticeMove.BEGIN, notice.state) or find_fault(notice, desk.now)
    if refusal is not None:
        return refusal
    chunks = [targets[start : start + CHUNK] for start in range(0, len(targets), CHUNK)] or [()]
    plans = [Plan(rows=list(chunk)) for chunk in chunks]
    remind = desk.house.notices.remind_after(notice.kind)
    values = {"sent_at": desk.now, "remind_at": _remind_at(notice, desk.now, remind)}
    groups = sum(target.target.startswith("group:") for target in targets)
    moved = move(
        desk, notice, NoticeMove.BEGIN, SYSTEM, ids, NoticeState.SENDING, values, groups=groups, targets=len(targets)
    )
    assert not isinstance(moved, Refusal)
    plans[-1] = plans[-1].merge(moved[1])
    if superseded is not None:
        plans[-1] = plans[-1].merge(_supersede(desk, superseded, notice, ids))
    return plans


def _remind_at(notice: Notice, now: datetime, after: timedelta | None) -> datetime | None:
    if after is None:
        return None
    due = read_moment(notice.fields.get("due")) if notice.kind is NoticeKind.TASK else None
    # A task is asked about a while before it is due, at the earliest after half of its time.
    return max(due - after, now + (due - now) / 2) if due is not None else now + after


def _supersede(desk: Desk, old: Notice, new: Notice, ids: Ids) -> Plan:
    values = {"recall_reason": f"{REPLACED}{new.number}接替", "ends_at": desk.now, "remind_at": None}
    moved = move(desk, old, NoticeMove.END, SYSTEM, ids, NoticeState.ENDED, values, superseded_by=new.number)
    return Plan() if isinstance(moved, Refusal) else moved[1]


def finish_sending(desk: Desk, notice: Notice, ids: Ids, **figures: int) -> Moved | Refusal:
    """Nothing waits any more: SENT. `figures`: what became of the targets, by their state."""
    return move(desk, notice, NoticeMove.FINISH, SYSTEM, ids, NoticeState.SENT, figures=figures)


def give_up(desk: Desk, notice: Notice, why: str, ids: Ids) -> Moved | Refusal:
    """A scheduled notice that must not go out any more (its end has passed while nobody was there): cancelled."""
    return move(desk, notice, NoticeMove.CANCEL, SYSTEM, ids, NoticeState.CANCELLED, {"recall_reason": why}, reason=why)


def schedule(desk: Desk, notice: Notice, actor: Actor, at: datetime, repeat: str, ids: Ids) -> Moved | Refusal:
    """When it goes out, and whether again. The words stay as they were agreed to, so no approval is lost."""
    if at <= desk.now - timedelta(minutes=1):
        return Refusal("定时发送的时间已经过去，请核对。")
    if repeat and repeat not in REPEATS:
        return Refusal("只能每天、每周或每月重复。")
    if notice.ends_at is not None and notice.ends_at <= at:
        return Refusal("发送时间晚于通知的结束时间，请核对。")
    if repeat and notice.kind is NoticeKind.SUSPECT:
        return Refusal("协查通报不能重复发送。")
    if repeat != notice.repeat and notice.state is not NoticeState.DRAFT and count_wanted(desk, notice):
        return Refusal("已提交审批的通知不能改变重复方式，请先修改内容再重新提交。")
    values = {"send_at": at, "repeat": repeat}
    return move(desk, notice, NoticeMove.SCHEDULE, actor, ids, notice.state, values, at=at.isoformat(), repeat=repeat)


def next_of_series(desk: Desk, notice: Notice, notice_id: int, number: str, ids: Ids) -> Plan | None:
    """The next notice of a repeated one, scheduled, with its dates moved on; None when it does not repeat.

    Occurrences that were missed while nobody was there are left out, not made up for.
    """
    at = find_next(notice.send_at, notice.repeat, desk.now, desk.zone) if notice.send_at else None
    if at is None or notice.send_at is None:
        return None
    shift = at - notice.send_at
    row = with_changes(
        notice,
        {
            "id": notice_id,
            "number": number,
            "state": NoticeState.SCHEDULED,
            "fields": _shift_fields(notice, shift, desk.zone),
            "made_at": desk.now,
            "send_at": at,
            "series_id": notice.series_id or notice.id,
            "sent_at": None,
            "ends_at": notice.ends_at + shift if notice.ends_at else None,
            "remind_at": None,
            "supersedes_id": None,
            "version": 0,
        },
    )
    return Plan(rows=[row, event(desk, row, "repeat", SYSTEM, ids, after=notice.number)])


def find_next(send_at: datetime, repeat: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The first moment of the series after `now`, at the same local time of day; None when nothing repeats."""
    local = send_at.astimezone(zone)
    for count in range(1, _MOST_SKIPPED):
        match repeat:
            case "daily":
                at = local + timedelta(days=count)
            case "weekly":
                at = local + timedelta(weeks=count)
            case "monthly":
                at = _add_months(local, count)
            case _:
                return None
        if at > now:
            return at.astimezone(send_at.tzinfo)
    return None


def _add_months(at: datetime, count: int) -> datetime:
    year, month = divmod(at.year * 12 + at.month - 1 + count, 12)
    # The 31st becomes the last day of a shorter month.
    return at.replace(year=year, month=month + 1, day=min(at.day, calendar.monthrange(year, month + 1)[1]))


def _shift_fields(notice: Notice, shift: timedelta, zone: ZoneInfo) -> dict[str, object]:
    fields = dict(notice.fields)
    for field in FORMS[notice.kind].fields:
        at = read_moment(fields.get(field.key)) if field.type is FieldType.MOMENT else None
        if at is not None:
            fields[field.key] = (at + shift).astimezone(zone).isoformat(timespec="minutes")
    return fields


def change_of_target(target: NoticeTarget, **values: object) -> Change:
    """A guarded change of one target: two people who answer at once do not overwrite each other."""
    return Change(NoticeTarget, target.id, target.version, values)
