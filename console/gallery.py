"""A case's pictures and recordings as a visitor may have them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from console.tickets import Scope
from console.timeline import parse_payload
from console.visitors import Visitor
from grid.city import City
from grid.desk import Desk
from grid.wording import moment
from storage.columns import MediaState
from storage.tables import CaseEvent, Media

IMAGE, VOICE, VIDEO = "image", "voice", "video"
_KINDS = {"image": IMAGE, "voice": VOICE, "video": VIDEO, "shortvideo": VIDEO}
# What a browser shows or plays, and nothing that could run in it.
SERVED = frozenset({"image/jpeg", "image/png", "audio/mpeg", "audio/mp4", "audio/wav", "video/mp4"})
_STAGES = {"before": "处置前", "after": "处置后"}
_NOT_HERE = {MediaState.WANTED: "正在接收", MediaState.LOST: "未能保存"}


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One picture or recording. `id` is None for one that cannot be shown; then the caption says why."""

    id: int | None
    kind: str
    caption: str
    at: str


def may_have(visitor: Visitor, media: Media) -> bool:
    """Whether the visitor may have a medium of his case. A voice cannot be masked, so no reading link has it."""
    if media.case_id != visitor.case.id:
        return False
    if visitor.scope is Scope.READ:
        return media.kind == IMAGE
    if visitor.scope is Scope.RESIDENT and media.by.startswith("resident:"):
        return visitor.actor is not None and media.by == visitor.actor.key
    return True


def list_exhibits(desk: Desk, visitor: Visitor, media: Iterable[Media], events: Iterable[CaseEvent]) -> list[Exhibit]:
    """What there is to see and to hear, in order of arrival."""
    stages = _stages(events)
    shown = [row for row in media if row.kind in _KINDS and may_have(visitor, row)]
    return [_exhibit(desk, visitor, row, stages) for row in shown]


def _stages(events: Iterable[CaseEvent]) -> Mapping[int, str]:
    """Which picture was taken before the work, which after it: as whoever sent it said."""
    stages: dict[int, str] = {}
    for event in events:
        payload = parse_payload(event) if event.kind == "attach" else {}
        stage, ids = payload.get("stage"), payload.get("media")
        if isinstance(stage, str) and isinstance(ids, Sequence):
            stages.update({int(row_id): stage for row_id in ids})
    return stages


def _exhibit(desk: Desk, visitor: Visitor, row: Media, stages: Mapping[int, str]) -> Exhibit:
    is_here = row.state is MediaState.KEPT and row.mime in SERVED
    why_not = "" if is_here else f"（{_NOT_HERE.get(row.state, '格式无法播放')}）"
    stage = _STAGES.get(stages.get(row.id, ""), "")
    caption = f"{stage or _by(desk.city, visitor, row)}{why_not}"
    return Exhibit(row.id if is_here else None, _KINDS[row.kind], caption, moment(row.created_at, desk.zone))


def _by(city: City, visitor: Visitor, row: Media) -> str:
    kind, _, number = row.by.partition(":")
    if kind == "resident":
        return "您提供" if visitor.scope is Scope.RESIDENT else "居民提供"
    is_open = not (visitor.case.conduct and visitor.scope is Scope.RESIDENT)
    person = city.people.get(int(number)) if number.isdigit() and is_open else None
    return f"{person.name}现场" if person is not None else "现场"
