"""The city as routing sees it: areas, posts and groups in memory, read-only. A change of the archive makes a new one."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from storage.columns import AreaKind, AreaLevel, Channel, GroupKind, PostRole, WorkerStatus
from storage.tables import Area, Post, Worker, WorkGroup


@dataclass(frozen=True, slots=True)
class AreaNode:
    """An area; `chain` are the codes from itself up to the root."""

    code: str
    name: str
    level: AreaLevel
    parent: str | None
    chain: tuple[str, ...]
    scope: str
    duty_phone: str
    service_hours: str
    latitude: float | None
    longitude: float | None
    kind: AreaKind = AreaKind.URBAN


@dataclass(frozen=True, slots=True)
class Person:
    """A worker as others see him."""

    id: int
    userid: str | None
    name: str
    phone: str
    is_at_work: bool


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's post in an area."""

    person: Person
    area: str
    role: PostRole
    category: str


@dataclass(frozen=True, slots=True)
class GroupNode:
    """A group; `categories` empty means all."""

    id: int
    name: str
    area: str
    kind: GroupKind
    categories: frozenset[str]
    chatid: str | None
    can_be_told: bool
    can_answer: bool


class City:
    """One version of the city."""

    def __init__(
        self, areas: Iterable[Area], workers: Iterable[Worker], posts: Iterable[Post], groups: Iterable[WorkGroup]
    ) -> None:
        self.areas = {area.code: _area_node(area) for area in areas}
        people = {worker.id: _person(worker) for worker in workers if worker.status is not WorkerStatus.LEFT}
        self.people = people
        self.by_userid = {person.userid: person for person in people.values() if person.userid}
        self.seats: dict[str, list[Seat]] = defaultdict(list)
        self.posts_of: dict[int, list[Seat]] = defaultdict(list)
        for post in posts:
            if post.worker_id in people:
                seat = Seat(people[post.worker_id], post.area_code, post.role, post.category)
                self.seats[post.area_code].append(seat)
                self.posts_of[post.worker_id].append(seat)
        self.groups = {group.id: _group_node(group) for group in groups}
        self.by_chat = {group.chatid: group for group in self.groups.values() if group.chatid}
        self.groups_in: dict[str, list[GroupNode]] = defaultdict(list)
        for group in self.groups.values():
            self.groups_in[group.area].append(group)

    def area_name(self, code: str) -> str:
        """`文采社区第三网格`: a grid with its community; any other area by its own name."""
        node = self.areas[code]
        if node.level is AreaLevel.GRID and node.parent:
            return self.areas[node.parent].name + node.name
        return node.name

    def list_chain(self, code: str) -> Iterator[AreaNode]:
        """The area itself and what lies above it, up to the root."""
        return (self.areas[above] for above in self.areas[code].chain if above in self.areas)

    def is_inside(self, code: str, outer: str) -> bool:
        """Whether the area `code` is `outer` or lies in it."""
        node = self.areas.get(code)
        return node is not None and outer in node.chain

    def find_duty_group(self) -> GroupNode | None:
        """The duty group nearest to the root that can be told something."""
        duty = [group for group in self.groups.values() if group.kind is GroupKind.DUTY]
        duty.sort(key=lambda group: (not group.can_be_told, len(self.areas[group.area].chain), group.id))
        return duty[0] if duty else None

    def find_lead(self, code: str) -> Person | None:
        """Whoever answers for the area: its lead, else its coordinator, else anybody at work there."""
        seats = [seat for seat in self.seats.get(code, ()) if seat.person.is_at_work]
        order = (PostRole.LEAD, PostRole.COORDINATOR, PostRole.SPECIALIST, PostRole.PART_TIMER)
        for role in order:
            for seat in seats:
                if seat.role is role:
                    return seat.person
        return None

    def list_grids(self) -> list[AreaNode]:
        """All grids, by code."""
        return sorted(
            (node for node in self.areas.values() if node.level is AreaLevel.GRID), key=lambda node: node.code
        )

    def find_area_by_name(self, name: str, near: str | None = None) -> list[AreaNode]:
        """Areas called `name` (with or without its community's name); those that share most with `near` first."""
        wanted = name.replace(" ", "")
        found = [node for node in self.areas.values() if wanted in (node.name, self.area_name(node.code), node.code)]
        chain = set(self.areas[near].chain) if near in self.areas and near is not None else set()
        return sorted(found, key=lambda node: (-len(chain & set(node.chain)), node.code))


def _area_node(area: Area) -> AreaNode:
    return AreaNode(
        code=area.code,
        name=area.name,
        level=area.level,
        parent=area.parent_code,
        chain=tuple(reversed([code for code in area.path.split("/") if code])),
        scope=area.scope,
        duty_phone=area.duty_phone,
        service_hours=area.service_hours,
        latitude=area.latitude,
        longitude=area.longitude,
        kind=area.kind,
    )


def _person(worker: Worker) -> Person:
    return Person(worker.id, worker.userid, worker.name, worker.phone, worker.status is WorkerStatus.ACTIVE)


def _group_node(group: WorkGroup) -> GroupNode:
    by_bot = group.send_via is Channel.AIBOT and bool(group.chatid)
    by_webhook = group.send_via is Channel.WEBHOOK and bool(group.webhook_key)
    return GroupNode(
        id=group.id,
        name=group.name,
        area=group.area_code,
        kind=group.kind,
        categories=frozenset(code for code in group.categories.split(",") if code),
        chatid=group.chatid,
        can_be_told=by_bot or by_webhook,
        can_answer=group.receive_via is Channel.AIBOT and bool(group.chatid),
    )
