"""What no notice may be, as one list of rules: looked at when it is submitted, approved and begun."""

from collections.abc import Callable
from datetime import datetime

from grid.notices.fields import UNKNOWN_AGE, read_moment
from grid.notices.kinds import FORMS, FormField
from grid.notices.scope import parse_scope
from grid.workflow import Refusal
from storage.columns import GroupKind
from storage.notice_columns import NoticeKind
from storage.notice_tables import Notice

ADULT_YEARS = 18
_Rule = Callable[[Notice, datetime], str | None]


def find_missing(notice: Notice) -> FormField | str | None:
    """What the form still asks for: a field, else `scope` or `text`; None when nothing is missing."""
    form = FORMS[notice.kind]
    for field in form.fields:
        if not _is_asked(notice, field):
            continue
        value = notice.colour if field.key == "colour" else notice.fields.get(field.key)
        if value is None or value == "":
            return field
    if not parse_scope(notice.scope).areas:
        return "scope"
    if form.needs_text and not notice.text.strip():
        return "text"
    return None


def _is_asked(notice: Notice, field: FormField) -> bool:
    return field.required or (field.key == "police_ref" and needs_second_confirmation(notice))


def needs_second_confirmation(notice: Notice) -> bool:
    """Whether a face would leave the work groups: then somebody confirms once more (`residents`)."""
    is_face = notice.kind is NoticeKind.SUSPECT and notice.fields.get("face") is not False
    return is_face and parse_scope(notice.scope).residents


def find_fault(notice: Notice, now: datetime) -> Refusal | None:
    """The first rule that the notice breaks, as a sentence; None when it may go its way. `now`: aware."""
    sentences = (rule(notice, now) for rule in _RULES)
    return next((Refusal(sentence) for sentence in sentences if sentence), None)


def _is_complete(notice: Notice, now: datetime) -> str | None:
    missing = find_missing(notice)
    if missing is None:
        return None
    name = missing.label if isinstance(missing, FormField) else {"scope": "发送范围", "text": "正文"}[missing]
    return f"还缺{name}，不能提交。"


def _is_no_minor(notice: Notice, now: datetime) -> str | None:
    if notice.kind is not NoticeKind.SUSPECT:
        return None
    age = notice.fields.get("age")
    is_young = isinstance(age, int) and not isinstance(age, bool) and age < ADULT_YEARS
    if notice.fields.get("minor") or is_young:
        return "当事人是未成年人，依法不得发布其照片和个人信息，请交由公安机关处理。"
    return None


def _has_known_age(notice: Notice, now: datetime) -> str | None:
    if notice.kind is not NoticeKind.SUSPECT:
        return None
    age = notice.fields.get("age")
    is_known = age == UNKNOWN_AGE or (isinstance(age, int) and not isinstance(age, bool))
    return None if is_known else "协查通报须写明当事人年龄；不清楚请写“不详”。"


def _keeps_faces_in_work_groups(notice: Notice, now: datetime) -> str | None:
    if notice.kind is not NoticeKind.SUSPECT or notice.fields.get("face") is False:
        return None
    scope = parse_scope(notice.scope)
    if any(kind is not GroupKind.WORK for kind in scope.groups):
        return "附人脸照片的协查通报只能发到网格工作群。"
    if scope.residents and not notice.fields.get("police_ref"):
        return "附人脸照片的协查通报只能发到工作群；确需发给居民的，须有公安机关的公开发布依据（编号）。"
    return None


def _keeps_tasks_inside(notice: Notice, now: datetime) -> str | None:
    is_outside = notice.kind is NoticeKind.TASK and parse_scope(notice.scope).residents
    return "任务只发到工作群，不发给居民。" if is_outside else None


def _has_sound_period(notice: Notice, now: datetime) -> str | None:
    begins = read_moment(notice.fields.get("starts"))
    ends, cutoff = read_moment(notice.fields.get("until")), read_moment(notice.fields.get("cutoff"))
    if begins and ends and ends <= begins:
        return "结束时间须晚于开始时间。"
    if begins and cutoff and cutoff > begins:
        return "报名截止须早于活动开始。"
    return None


def _is_not_over(notice: Notice, now: datetime) -> str | None:
    ends = [read_moment(notice.fields.get(key)) for key in ("until", "cutoff", "due")]
    if any(at is not None and at <= now for at in ends) or (notice.ends_at is not None and notice.ends_at <= now):
        return "通知的截止时间已经过去，请修改时间。"
    return None


def _has_colour(notice: Notice, now: datetime) -> str | None:
    return "只有预警分级别。" if notice.colour is not None and notice.kind is not NoticeKind.WARNING else None


_RULES: tuple[_Rule, ...] = (
    _is_no_minor,
    _is_complete,
    _has_known_age,
    _keeps_faces_in_work_groups,
    _keeps_tasks_inside,
    _has_sound_period,
    _is_not_over,
    _has_colour,
)
