"""Who may make, approve, change and take back a notice. Everything follows from posts: coordinators at or above the scope."""

from collections.abc import Iterable, Sequence

from grid.city import City, Person
from grid.notices.scope import parse_scope
from grid.workflow import Refusal
from nlp.reading import Category
from storage.columns import PostRole
from storage.notice_columns import NoticeKind
from storage.notice_tables import Notice, NoticeApproval

_POLICE = Category.PUBLIC_SECURITY.value


def is_coordinator_of(city: City, person_id: int, codes: Iterable[str]) -> bool:
    """Whether somebody coordinates areas at or above every one of these."""
    own = [seat.area for seat in city.posts_of.get(person_id, ()) if seat.role is PostRole.COORDINATOR]
    codes = tuple(codes)
    return bool(codes) and all(any(city.is_inside(code, outer) for outer in own) for code in codes)


def is_police_of(city: City, person_id: int, codes: Iterable[str]) -> bool:
    """Whether somebody sits on a department's seat for 社会治安 at or above every one of these areas."""
    seats = city.posts_of.get(person_id, ())
    own = [seat.area for seat in seats if seat.role is PostRole.DEPARTMENT and seat.category == _POLICE]
    codes = tuple(codes)
    return bool(codes) and all(any(city.is_inside(code, outer) for outer in own) for code in codes)


def may_make_any(city: City, person: Person) -> bool:
    """Whether somebody may make notices at all, of whatever kind."""
    seats = city.posts_of.get(person.id, ()) if person.is_at_work else ()
    return any(
        seat.role is PostRole.COORDINATOR or (seat.role is PostRole.DEPARTMENT and seat.category == _POLICE)
        for seat in seats
    )


def find_kind_refusal(city: City, person: Person, kind: NoticeKind) -> Refusal | None:
    """Why this person may not make notices of this kind anywhere; whom a notice is for may not be known yet."""
    is_coordinator = any(seat.role is PostRole.COORDINATOR for seat in city.posts_of.get(person.id, ()))
    if is_coordinator or kind is NoticeKind.SUSPECT:
        return None
    return Refusal(f"公安席位只发布协查通报；{kind.label}由该区域或上级的指挥员发布。")


def find_make_refusal(city: City, person: Person, kind: NoticeKind, codes: Sequence[str]) -> Refusal | None:
    """Why this person may not make a notice of this kind for these areas; None when he may."""
    if not person.is_at_work:
        return Refusal("您现在不在岗，不能发布通知。")
    if is_coordinator_of(city, person.id, codes):
        return None
    if kind is NoticeKind.SUSPECT and is_police_of(city, person.id, codes):
        return None
    if kind is NoticeKind.SUSPECT:
        return Refusal("协查通报由该区域或上级的指挥员、公安席位发布；您的岗位不包括这个范围。")
    return Refusal(f"{kind.label}由该区域或上级的指挥员发布；您的岗位不包括这个范围。")


def find_approve_refusal(city: City, notice: Notice, person: Person) -> Refusal | None:
    """Why this person's word does not count for this notice; None when it does."""
    if notice.made_by == person.id:
        return Refusal("自己拟的通知不能自己审批，请其他指挥员审批。")
    if not person.is_at_work:
        return Refusal("您现在不在岗，不能审批通知。")
    if not is_coordinator_of(city, person.id, _areas_of(notice)):
        return Refusal("审批须由发送范围所在区域或上级的指挥员操作。")
    return None


def list_approvers(city: City, notice: Notice) -> list[Person]:
    """Everybody whose word counts for this notice, the nearest first."""
    if notice.area_code not in city.areas or notice.area_code is None:
        return []
    found: dict[int, Person] = {}
    for node in city.list_chain(notice.area_code):
        for seat in city.seats.get(node.code, ()):
            if find_approve_refusal(city, notice, seat.person) is None:
                found.setdefault(seat.person.id, seat.person)
    return list(found.values())


def find_change_refusal(city: City, notice: Notice, person: Person) -> Refusal | None:
    """Why this person may not change, schedule or cancel this notice; its maker and coordinators above may."""
    if person.is_at_work and (notice.made_by == person.id or is_coordinator_of(city, person.id, _areas_of(notice))):
        return None
    return Refusal("只有拟稿人，或发送范围所在区域或上级的指挥员可以操作。")


def find_recall_refusal(
    city: City, notice: Notice, approvals: Iterable[NoticeApproval], person: Person
) -> Refusal | None:
    """Why this person may not take this notice back: its maker, those who approved it and coordinators above may."""
    agreed = any(approval.worker_id == person.id and approval.agrees for approval in approvals)
    if person.is_at_work and agreed:
        return None
    return find_change_refusal(city, notice, person)


def _areas_of(notice: Notice) -> tuple[str, ...]:
    areas = parse_scope(notice.scope).areas
    return areas or ((notice.area_code,) if notice.area_code else ())
