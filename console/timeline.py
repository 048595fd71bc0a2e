"""A case's history as sentences: in full for workers, and for residents what concerns them, with nobody else's words in it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.tickets import Scope
from console.visitors import Visitor
from grid.city import City
from grid.desk import Desk
from grid.outcomes import Outcome
from grid.wording import category_name, masked, moment, rating_name
from grid.workflow import Move, Status
from nlp.reading import Category
from storage.columns import Colour
from storage.tables import CaseEvent

_LONGEST_WORDS = 200
_REQUESTS = {"extend": "延期", "suspend": "挂账"}

# What a worker reads; `{who}` did it, `{to}` is who has the case from then on.
_FOR_WORKERS: dict[str, str] = {
    Move.RECEIVE: "受理",
    Move.DISPATCH: "派给{to}",
    Move.ACCEPT: "{who}接单",
    Move.HANDLE: "{who}处置",
    Move.RESOLVE: "{who}报办结{outcome}",
    Move.PASS_CHECK: "{who}核查通过",
    Move.FAIL_CHECK: "{who}核查不通过",
    Move.RATE: "居民评价：{rating}",
    Move.ARCHIVE: "归档",
    Move.RETURN: "{who}退回，转到{to}",
    Move.TRANSFER: "{who}转派到{to}",
    Move.SUSPEND: "{who}挂起",
    Move.RESUME: "{who}恢复办理",
    Move.EXTEND: "{who}延期",
    Move.ESCALATE: "{who}提级到{to}",
    Move.VOID: "{who}作废",
    Move.MERGE: "并入工单 {into}",
    Move.SPLIT: "从工单 {split_from} 拆分，转到{to}",
    Move.REOPEN: "{who}要求重新办理，转到{to}",
    Move.WITHDRAW: "居民撤销",
    Move.HURRY: "居民第{times}次催办",
    Move.SUPPLEMENT: "{who}补充",
    Move.RECLASSIFY: "{who}更正{what}，转到{to}",
    Move.ASK: "{who}问居民",
    Move.ANSWER: "居民回答",
    Move.REQUEST: "{who}申请{request}",
    Move.DECLINE: "{who}不同意{request}",
    Move.CHILD: "{who}开子单",
    Move.CALL_BACK: "{who}回访",
    "attach": "{who}附{media}",
    "whistle": "{who}向{department}吹哨",
    "arrive": "{department}报到",
    "joined": "工单 {from} 并入，现有{count}位反映人",
    "split_off": "工单 {number} 拆出",
    "left": "一位反映人撤回",
    "call_done": "{department}完成",
    "replanned": "办理时限顺延",
    "sheet_issued": "{colour}色督办单 {number}",
    "sheet_acknowledged": "{who}签收督办单 {number}",
    "sheet_answered": "{who}回复督办单 {number}",
    "sheet_written_off": "督办单 {number} 销号",
    "sheet_reissued": "督办单 {number} 升级",
}
# What a resident reads; a step that is not here is the house's own business.
_FOR_RESIDENTS: dict[str, str] = {
    Move.RECEIVE: "已受理",
    Move.DISPATCH: "已派给{to}",
    Move.ACCEPT: "{who}已接单",
    Move.HANDLE: "{who}正在处理",
    Move.RESOLVE: "{who}已处理{outcome}",
    Move.PASS_CHECK: "核查通过，已办结",
    Move.FAIL_CHECK: "核查未通过，继续处理",
    Move.RATE: "评价：{rating}",
    Move.ARCHIVE: "已归档",
    Move.RETURN: "转到{to}办理",
    Move.TRANSFER: "转到{to}办理",
    Move.SUSPEND: "暂时无法办理",
    Move.RESUME: "已恢复办理",
    Move.EXTEND: "延长办理时间",
    Move.ESCALATE: "已请上一级协调，转到{to}",
    Move.VOID: "不再办理",
    Move.MERGE: "与工单 {into} 合并办理",
    Move.SPLIT: "恢复单独办理，转到{to}",
    Move.REOPEN: "重新办理，转到{to}",
    Move.WITHDRAW: "已撤销",
    Move.HURRY: "第{times}次催办",
    Move.SUPPLEMENT: "{who}补充",
    Move.RECLASSIFY: "更正{what}，转到{to}",
    Move.ASK: "{who}问",
    Move.ANSWER: "{who}回答",
    "attach": "{who}附{media}",
    "whistle": "已请{department}到场协助",
    "arrive": "{department}已到场",
    "call_done": "{department}已完成协助",
    "replanned": "办理时限顺延",
    Move.CALL_BACK: "工作人员回访",
}
# Which of a step's words stand behind it. What a worker notes for himself is not for the resident.
_WORDS_FOR_WORKERS = ("text", "reason", "result", "note")
_WORDS_FOR_RESIDENTS: dict[str, tuple[str, ...]] = {
    Move.RESOLVE: ("result",),
    Move.SUSPEND: ("reason",),
    Move.EXTEND: ("reason",),
    Move.VOID: ("reason",),
    "replanned": ("note",),
    Move.ASK: ("text",),
}
_OWN_WORDS: dict[str, tuple[str, ...]] = {
    Move.SUPPLEMENT: ("text",),
    Move.ANSWER: ("text",),
    Move.REOPEN: ("reason",),
    Move.RATE: ("rating_reason", "reason"),
    Move.RECLASSIFY: ("text",),
}
# Between a worker and whoever told it first.
_FOR_THE_FIRST_ONLY = frozenset({Move.ASK, Move.ANSWER, Move.RATE})
# Supervision is between the house and those whom it supervises.
_FOR_WORKERS_ONLY = frozenset(kind for kind in _FOR_WORKERS if kind.startswith("sheet_"))
_MEDIA = {"image": "照片", "voice": "录音", "video": "视频", "shortvideo": "视频"}


@dataclass(frozen=True, slots=True)
class Step:
    """One line: when (local), what happened, and what was said with it."""

    at: str
    what: str
    words: str = ""


def parse_payload(event: CaseEvent) -> Mapping[str, object]:
    """What a step kept; empty where it was erased by law."""
    payload = json.loads(event.payload) if event.payload else {}
    return payload if isinstance(payload, dict) else {}


def list_steps(desk: Desk, visitor: Visitor, events: Iterable[CaseEvent]) -> list[Step]:
    """The history as the visitor may read it, newest first."""
    steps = [_step(desk, visitor, event) for event in events]
    return [step for step in reversed(steps) if step is not None]


def _step(desk: Desk, visitor: Visitor, event: CaseEvent) -> Step | None:
    for_resident = visitor.scope is Scope.RESIDENT
    sentences = _FOR_RESIDENTS if for_resident else _FOR_WORKERS
    sentence = sentences.get(event.kind)
    # What stands in no table is the house's own housekeeping (a delivery, a look at a phone).
    if sentence is None or (for_resident and not _concerns(visitor, event)):
        return None
    if visitor.scope is Scope.READ and event.kind in _FOR_WORKERS_ONLY:
        return None
    payload = parse_payload(event)
    what = _Values(desk.city, visitor, event, payload).fill(sentence)
    return Step(moment(event.at, desk.zone), what, _words(visitor, event, payload))


def _concerns(visitor: Visitor, event: CaseEvent) -> bool:
    """Whether a resident reads of this step: what other reporters do is theirs, and what is between worker and first reporter too."""
    by_another = event.actor.startswith("resident:") and not _is_own(visitor, event)
    if by_another:
        return event.kind in (Move.RECEIVE, Move.REOPEN)
    return visitor.is_first or event.kind not in _FOR_THE_FIRST_ONLY


def _is_own(visitor: Visitor, event: CaseEvent) -> bool:
    return visitor.actor is not None and event.actor == visitor.actor.key


def _words(visitor: Visitor, event: CaseEvent, payload: Mapping[str, object]) -> str:
    if visitor.scope is not Scope.RESIDENT:
        # What was told first stands above in full.
        told = [name for name in _WORDS_FOR_WORKERS if payload.get(name) and event.kind != Move.RECEIVE]
        return "，".join(dict.fromkeys(masked(str(payload[name]), _LONGEST_WORDS) for name in told))
    if event.kind == Move.RESOLVE and payload.get("status") == Status.CHECKING:
        return ""
    names = _OWN_WORDS.get(event.kind, ()) if _is_own(visitor, event) else _WORDS_FOR_RESIDENTS.get(event.kind, ())
    return "，".join(str(payload[name]) for name in names if payload.get(name))


@dataclass(frozen=True, slots=True)
class _Values:
    """What stands in a sentence's places."""

    city: City
    visitor: Visitor
    event: CaseEvent
    payload: Mapping[str, object]

    def fill(self, sentence: str) -> str:
        found = {name: str(value) for name, value in self.payload.items() if isinstance(value, str | int)}
        own = {
            "who": self._who(),
            "to": self._to(),
            "rating": _rating(self.payload.get("rating")),
            "outcome": _outcome(self.payload.get("outcome")),
            "request": _REQUESTS.get(str(self.payload.get("kind")), "请示"),
            "media": self._media(),
            "what": self._corrected(),
            "colour": _colour(self.payload.get("colour")),
        }
        return sentence.format_map({**dict.fromkeys(_PLACES, "…"), **found, **own})

    def _who(self) -> str:
        kind, _, number = self.event.actor.partition(":")
        if kind == "resident":
            return "您" if _is_own(self.visitor, self.event) else "居民"
        # Whoever looks into a complaint about somebody's conduct is not named to its reporter.
        is_open = not (self.visitor.case.conduct and self.visitor.scope is Scope.RESIDENT)
        person = self.city.people.get(int(number)) if kind == "worker" and number.isdigit() and is_open else None
        if person is None:
            return {"worker": "工作人员", "console": "指挥中心"}.get(kind, "系统")
        return f"网格员{person.name}" if self.visitor.scope is Scope.RESIDENT else person.name

    def _to(self) -> str:
        number = self.payload.get("group")
        group = self.city.groups.get(number) if isinstance(number, int) else None
        if group is not None:
            return f"“{group.name}”"
        return "专门的联系人" if self.visitor.case.conduct else "值班人员研判"

    def _corrected(self) -> str:
        category = self.payload.get("category")
        return f"类别为{category_name(category)}" if isinstance(category, str) and category in set(Category) else "地点"

    def _media(self) -> str:
        kinds = self.payload.get("kinds")
        names = [_MEDIA.get(str(kind), "文件") for kind in kinds] if isinstance(kinds, list) else []
        counted = "、".join(
            f"{name}{names.count(name)}{'张' if name == '照片' else '份'}" for name in dict.fromkeys(names)
        )
        stage = {"before": "处置前", "after": "处置后"}.get(str(self.payload.get("stage")), "")
        return f"{stage}{counted or '材料'}"


_PLACES = ("into", "from", "times", "count", "number", "split_from", "department")


def _outcome(code: object) -> str:
    return f"（{Outcome(str(code)).label}）" if code in set(Outcome) else ""


def _colour(code: object) -> str:
    return Colour(str(code)).label if code in set(Colour) else ""


def _rating(code: object) -> str:
    return rating_name(str(code)) if code in ("good", "fair", "poor") else "已评价"
