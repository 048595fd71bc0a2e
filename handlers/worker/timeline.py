"""A case's history in words: when, what, who, and what was said."""

import json
from collections.abc import Mapping, Sequence

from grid.actions.reporter import PHASES
from grid.city import City
from grid.desk import Desk
from grid.outcomes import Outcome
from grid.wording import masked, moment, rating_name
from grid.workflow import Move
from storage.tables import CaseEvent

_MOST = 12
_OTHER_KINDS = {"attach": "附照片", "whistle": "吹哨", "arrive": "报到", "viewed": "查看联系方式"} | {
    "joined": "并入",
    "split_off": "拆出",
    "left": "一位反映人撤回",
    "call_done": "部门完成",
    "sheet_issued": "督办",
    "sheet_acknowledged": "签收督办",
    "sheet_answered": "回复督办",
    "sheet_written_off": "督办销号",
    "replanned": "时限顺延",
}
# Who was told (`told`) stands below the steps, with what is still on its way.
_HIDDEN = frozenset({"viewed", "sheet_reissued", "steps_skipped", "told"})
_TOLD = ("text", "reason", "result", "whose", "whom", "department", "into", "from", "number", "split_from")


def render_timeline(desk: Desk, events: Sequence[CaseEvent]) -> list[str]:
    """One line for each step, oldest first; of a long history the newest steps."""
    shown = [event for event in events if event.kind not in _HIDDEN]
    lines = [_render_event(desk, event) for event in shown[-_MOST:]]
    return [f"（更早还有{len(shown) - _MOST}步）", *lines] if len(shown) > _MOST else lines


def parse_payload(event: CaseEvent) -> Mapping[str, object]:
    """What a step kept; empty where it was erased by law."""
    payload = json.loads(event.payload) if event.payload else {}
    return payload if isinstance(payload, dict) else {}


def _render_event(desk: Desk, event: CaseEvent) -> str:
    # What the resident told at first stands above the timeline already.
    payload = {} if event.kind == Move.RECEIVE else parse_payload(event)
    words = [masked(str(payload[name]), 60) for name in _TOLD if payload.get(name)]
    if event.kind == Move.RATE and payload.get("rating"):
        words = [rating_name(str(payload["rating"]))]
    if event.kind == "attach" and payload.get("phase"):
        words = [PHASES[str(payload["phase"])]]
    if event.kind == Move.RESOLVE and payload.get("outcome") not in (None, "", Outcome.SOLVED):
        words.insert(0, Outcome(str(payload["outcome"])).label)
    said = f"：{'，'.join(words)}" if words else ""
    return f"{moment(event.at, desk.zone)} {kind_name(event.kind)}（{actor_name(desk.city, event.actor)}）{said}"


def kind_name(kind: str) -> str:
    """What a step is called."""
    return Move(kind).label if kind in set(Move) else _OTHER_KINDS.get(kind, "记录")


def actor_name(city: City, key: str) -> str:
    """Who did it: a worker by name, a resident never."""
    kind, _, number = key.partition(":")
    if kind == "resident":
        return "居民"
    person = city.people.get(int(number)) if kind == "worker" and number.isdigit() else None
    return person.name if person else {"worker": "网格员", "console": "指挥中心"}.get(kind, "系统")
