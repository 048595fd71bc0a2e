"""报名: places of an activity, the waiting list, and who moves up. Every change is guarded by the notice: never more than there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from grid.actions.steps import say
from grid.desk import Actor, Desk
from grid.message import Message
from grid.notices.fields import read_moment, show_moment
from grid.notices.moves import OUT
from grid.notices.steps import Ids, event
from grid.notices.wording import tag, title_of
from grid.wording import moment, preview
from grid.workflow import Refusal
from storage.notice_columns import NoticeKind, NoticeState, SignupState
from storage.notice_tables import Notice, NoticeSignup
from storage.plan import Change, Plan
from storage.rows import fresh, with_changes

SIGNUP_KIND = "notice_signup"
MOST_PER_RESIDENT = 10
_NAME_CHARACTERS = 30


@dataclass(frozen=True, slots=True)
class Entry:
    """Who signs up: `person` (`resident:7`, `worker:12`), under which name, how many come with him, himself included."""

    person: str
    name: str = ""
    people: int = 1


@dataclass(frozen=True, slots=True)
class SignedUp:
    """What became of it; `place`: on the waiting list, counted from one; `left`: places that are still free."""

    plan: Plan
    state: SignupState
    place: int = 0
    left: int = 0


def quota_of(notice: Notice) -> int:
    """How many may come."""
    quota = notice.fields.get("quota")
    return quota if isinstance(quota, int) and not isinstance(quota, bool) else 0


def count_left(notice: Notice, signups: Sequence[NoticeSignup]) -> int:
    """Places that are still free."""
    return quota_of(notice) - sum(one.people for one in signups if one.state is SignupState.IN)


def find_signup_refusal(desk: Desk, notice: Notice) -> Refusal | None:
    """Why nobody can sign up now."""
    if notice.kind is not NoticeKind.ACTIVITY or notice.sent_at is None:
        return Refusal(f"没有找到可以报名的活动 {notice.number}，请核对编号。")
    if notice.state is NoticeState.RECALLED:
        return Refusal(f"{tag(notice)}活动已撤回，不用报名了，请留意新的通知。")
    if notice.state not in OUT:
        return Refusal(f"{tag(notice)}活动报名已结束，谢谢您的关注，欢迎参加下一次。")
    cutoff = read_moment(notice.fields.get("cutoff"))
    if cutoff is not None and cutoff <= desk.now:
        contact = notice.fields.get("contact")
        how = f"，如仍想参加请联系{contact}" if contact else "，欢迎参加下一次"
        until = show_moment(cutoff.astimezone(desk.zone))
        return Refusal(f"{tag(notice)}报名已于{until}截止{how}。")
    return None


def sign_up(
    desk: Desk,
    notice: Notice,
    signups: Sequence[NoticeSignup],
    entry: Entry,
    targets: Mapping[str, str],
    actor: Actor,
    ids: Ids,
) -> SignedUp | Refusal:
    """报名: a place if there are enough for all who come together, else the waiting list. Said again, the number is changed.

    `targets`: of those who wait, by person: fewer of a party may make room for the next.
    """
    refusal = find_signup_refusal(desk, notice) or _find_entry_refusal(notice, signups, entry)
    if refusal is not None:
        return refusal
    old = next((one for one in signups if (one.person, one.name) == (entry.person, entry.name)), None)
    others = [one for one in signups if one is not old]
    fits = count_left(notice, others) >= entry.people
    if old is not None and old.state is SignupState.IN and not fits:
        return Refusal(
            f"{tag(notice)}只剩{count_left(notice, signups)}个名额，不能改为{entry.people}人；原来的报名不变。"
        )
    state = SignupState.IN if fits else SignupState.WAITING
    # Who had withdrawn, or asks for more, does not keep his place in the queue.
    keeps = old is not None and old.state is state and entry.people <= old.people
    values = {"people": entry.people, "state": state, "at": old.at if keeps and old is not None else desk.now}
    plan = _guarded(desk, notice, actor, ids, "sign_up", people=entry.people, state=state.value)
    if old is not None:
        plan.changes.append(Change(NoticeSignup, old.id, None, values))
        row = with_changes(old, values)
    else:
        row = fresh(NoticeSignup, id=next(ids), notice_id=notice.id, person=entry.person, name=entry.name, **values)
        plan.rows.append(row)
    after = [*others, row]
    _move_up(desk, notice, others if state is SignupState.WAITING else after, targets, plan)
    return SignedUp(plan, state, _place_of(after, row), count_left(notice, after))


def _find_entry_refusal(notice: Notice, signups: Sequence[NoticeSignup], entry: Entry) -> Refusal | None:
    if entry.people < 1:
        return Refusal("报名人数至少1人。")
    if entry.people > quota_of(notice):
        return Refusal(f"{tag(notice)}一共只有{quota_of(notice)}个名额，请减少人数再报。")
    if len(entry.name) > _NAME_CHARACTERS:
        return Refusal(f"姓名最多{_NAME_CHARACTERS}字。")
    same = [one for one in signups if one.person == entry.person and one.state is not SignupState.OUT]
    if any(one.name == entry.name and one.people == entry.people for one in same):
        return Refusal(f"{tag(notice)}已经报过名了，不用重复报名；取消请回复“取消报名 {notice.number}”。")
    total = entry.people + sum(one.people for one in same if one.name != entry.name)
    if entry.person.startswith("resident:") and total > MOST_PER_RESIDENT:
        return Refusal(f"每位居民最多为{MOST_PER_RESIDENT}人报名。")
    return None


def _guarded(desk: Desk, notice: Notice, actor: Actor, ids: Ids, kind: str, **payload: object) -> Plan:
    row = event(desk, notice, kind, actor, ids, **payload)
    return Plan(rows=[row], changes=[Change(Notice, notice.id, notice.version, {})])


def list_waiting(signups: Sequence[NoticeSignup]) -> list[NoticeSignup]:
    """The waiting list, in order."""
    waiting = [one for one in signups if one.state is SignupState.WAITING]
    return sorted(waiting, key=lambda one: (one.at, one.id))


def _place_of(signups: Sequence[NoticeSignup], row: NoticeSignup) -> int:
    return list_waiting(signups).index(row) + 1 if row.state is SignupState.WAITING else 0


def list_moving_up(notice: Notice, signups: Sequence[NoticeSignup]) -> list[NoticeSignup]:
    """Who gets a place now: in order, each for whom there are enough; a party too large for what is free lets the next one pass."""
    left, moving = count_left(notice, signups), []
    for one in list_waiting(signups):
        if one.people <= left:
            left -= one.people
            moving.append(one)
    return moving


def cancel_signup(
    desk: Desk,
    notice: Notice,
    signups: Sequence[NoticeSignup],
    leaving: NoticeSignup,
    targets: Mapping[str, str],
    actor: Actor,
    ids: Ids,
) -> Plan | Refusal:
    """取消报名: his places go to the waiting list, whose next ones are told. `targets`: of those who wait, by person."""
    if notice.state not in OUT:
        return Refusal(f"{tag(notice)}活动已结束，不用取消。")
    plan = _guarded(desk, notice, actor, ids, "sign_off", people=leaving.people)
    plan.changes.append(Change(NoticeSignup, leaving.id, None, {"state": SignupState.OUT}))
    _move_up(desk, notice, [one for one in signups if one is not leaving], targets, plan)
    return plan


def _move_up(
    desk: Desk, notice: Notice, signups: Sequence[NoticeSignup], targets: Mapping[str, str], plan: Plan
) -> None:
    for one in list_moving_up(notice, signups):
        plan.changes.append(Change(NoticeSignup, one.id, None, {"state": SignupState.IN}))
        if targets.get(one.person):
            plan.outbox.append(say(targets[one.person], _moved_up_message(notice, one), None, desk.now))


def _moved_up_message(notice: Notice, row: NoticeSignup) -> Message:
    who = f"“{row.name}”" if row.name else "您"
    text = f"{tag(notice)}{preview(title_of(notice), 30)}：有人取消，{who}（{row.people}人）已由候补转为报名成功。"
    return Message(SIGNUP_KIND, f"{text}不能参加请回复“取消报名 {notice.number}”。", reserve=True)


def render_signed_up(notice: Notice, entry: Entry, made: SignedUp) -> str:
    """The answer to 报名."""
    who = f"“{entry.name}”" if entry.name else ""
    if made.state is SignupState.WAITING:
        return f"{tag(notice)}名额已满，{who}{entry.people}人已排入候补第{made.place}位，有名额会通知您。"
    begins = read_moment(notice.fields.get("starts"))
    when = f"{show_moment(begins)}，" if begins else ""
    place = notice.fields.get("place")
    where = f"{place}。" if place else ""
    return f"{tag(notice)}{who}{entry.people}人报名成功。{when}{where}不能参加请回复“取消报名 {notice.number}”。"


def render_signups(notice: Notice, signups: Sequence[NoticeSignup], zone: ZoneInfo) -> str:
    """`通知 名单` of an activity, for its maker: who comes, who waits."""
    coming = sorted((one for one in signups if one.state is SignupState.IN), key=lambda one: (one.at, one.id))
    waiting = list_waiting(signups)
    total = sum(one.people for one in coming)
    lines = [f"{tag(notice)}{preview(title_of(notice), 30)} 已报{total}/{quota_of(notice)}人"]
    lines += [f"{number}. {_row_text(one, zone)}" for number, one in enumerate(coming, 1)]
    if waiting:
        lines.append(f"候补{sum(one.people for one in waiting)}人：")
        lines += [f"{number}. {_row_text(one, zone)}" for number, one in enumerate(waiting, 1)]
    return "\n".join(lines) if coming or waiting else f"{lines[0]}，还没有人报名。"


def _row_text(one: NoticeSignup, zone: ZoneInfo) -> str:
    who = one.name or ("居民" if one.person.startswith("resident:") else "网格员")
    return f"{who} {one.people}人（{moment(one.at, zone)}）"
