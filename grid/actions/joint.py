"""One matter that several people reported: 合并, 拆分, leaving it, and news for all of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from grid.actions.closing import merge
from grid.actions.routing import Sent, send_on
from grid.actions.steps import Decision, tell_group, tell_resident
from grid.desk import Actor, Desk
from grid.link_lines import without_links
from grid.message import Message, parse_body, render_body
from grid.wording import masked, tag
from grid.workflow import Move, Refusal
from storage.plan import Change, EventDraft, OutboxDraft, Plan
from storage.rows import with_changes
from storage.tables import Case, CaseReporter, Resident

JOINED = "joined"
SPLIT_OFF = "split_off"
LEFT = "left"

# A worker's question is answered by one; the others would only wonder.
_FOR_THE_FIRST = frozenset({"question"})
_RATING_LINE = "请您评价"


@dataclass(frozen=True, slots=True)
class Joining:
    """Who comes to a case with another: the new rows, and how many reporters it has then."""

    rows: Sequence[CaseReporter]
    count: int


def join_cases(
    desk: Desk, case: Case, into: Case, actor: Actor, reporters: Sequence[Resident], joining: Joining
) -> Decision:
    """合并: `reporters` of `case` (empty: they read it in the reply) hear of `into` from now on; both histories say so."""
    made = merge(desk, case, into, actor, reporters[0] if reporters else None)
    if isinstance(made, Refusal):
        return made
    share_news(made, case, reporters)
    made.rows += joining.rows
    # Guarded: nothing is ever joined to a case that ends in the same moment.
    made.changes.append(Change(Case, into.id, into.version, {"touched_at": desk.now}))
    payload = {"status": into.status, "from": case.number, "count": joining.count}
    made.events.append(EventDraft(into.id, JOINED, desk.now, actor.key, payload))
    made.outbox += tell_group(desk, into, Message("joined", _joined_text(case, into, joining.count)))
    return made


def _joined_text(case: Case, into: Case, count: int) -> str:
    head = f"{tag(into)}又有居民反映同一件事（原工单 {case.number}），现有{count}位反映人。"
    # The same group has read it as a case of its own.
    return head if case.group_id == into.group_id else f"{head}\n{masked(case.text, 200)}"


def split_case(
    desk: Desk, case: Case, into: Case, actor: Actor, reporters: Sequence[Resident], leaving: Iterable[CaseReporter]
) -> Sent | Refusal:
    """拆分: the merged case is itself again, under its own number and routed anew; its reporters leave the other one."""
    if case.merged_into_id != into.id:
        return Refusal(f"工单 {case.number} 没有并入其他工单，无需拆分。")
    if not into.is_open:
        return Refusal(f"工单 {into.number} 已结束，不能再拆分；如未解决请重开 {into.number}。")
    # The old promise has run on meanwhile: whoever gets it anew gets a new one.
    draft = with_changes(case, {"resolve_due_at": None})
    lead_in = f"（已从工单 {into.number} 拆分，单独办理）"
    sent = send_on(
        desk, draft, Move.SPLIT, actor, values={"merged_into_id": None}, lead_in=lead_in, split_from=into.number
    )
    if isinstance(sent, Refusal):
        return sent
    plan = sent.plan
    plan.changes += [Change(CaseReporter, row.id, None, {"left_at": desk.now}) for row in leaving]
    plan.changes.append(Change(Case, into.id, into.version, {"touched_at": desk.now}))
    payload = {"status": into.status, "number": case.number}
    plan.events.append(EventDraft(into.id, SPLIT_OFF, desk.now, actor.key, payload))
    plan.outbox += tell_group(desk, into, Message("split", f"{tag(into)}工单 {case.number} 已拆分，单独办理。"))
    text = f"工单 {case.number} 与 {into.number} 不是同一件事，已恢复单独办理，有进展会告诉您。"
    for resident in reporters:
        plan.outbox += tell_resident(desk, sent.case, resident, Message("split", text))
    return sent


def leave(desk: Desk, case: Case, actor: Actor, row_id: int) -> Plan:
    """撤销 by one of several reporters: the matter goes on for the others, he hears no more of it."""
    plan = Plan(changes=[Change(CaseReporter, row_id, None, {"left_at": desk.now})])
    plan.events.append(EventDraft(case.id, LEFT, desk.now, actor.key, {"status": case.status}))
    if case.resident_id == actor.id:
        # His phone goes with him; whoever came next is the first now.
        plan.changes.append(Change(Case, case.id, case.version, {"resident_id": None, "phone": ""}))
    text = f"{tag(case)}一位反映人已撤回，仍有其他居民反映，请继续办理。"
    plan.outbox += tell_group(desk, case, Message("left", text))
    return plan


def share_news(plan: Plan, case: Case, reporters: Sequence[Resident]) -> None:
    """What the plan tells the first of a case's reporters, for all the others too; the rating is his alone."""
    if len(reporters) < 2:
        return
    first, *others = (f"oa:{resident.openid}" for resident in reporters)
    news = [draft for draft in plan.outbox if draft.target == first and draft.case_id == case.id]
    for draft in news:
        if draft.kind not in _FOR_THE_FIRST:
            plan.outbox += [_for_others(draft, target) for target in others]


def _for_others(draft: OutboxDraft, target: str) -> OutboxDraft:
    message = parse_body(draft.body)
    lines = [line for line in without_links(message.text.split("\n")) if not line.startswith(_RATING_LINE)]
    template = message.template
    if template is not None and "place" in template.fields:
        # The address in it is the first reporter's own.
        template = replace(template, fields={**template.fields, "place": "您参与反映的地点"})
    plain = replace(message, text="\n".join(lines), choices=(), template=template)
    return replace(draft, target=target, body=render_body(plain))


def mark_alike(plan: Plan, case: Case, twin: Case) -> None:
    """The group that has both is told with the new one that they may be one; nobody waits for the resident's answer."""
    if case.group_id is None or case.group_id != twin.group_id:
        return
    note = f"（可能与工单 {twin.number} 是同一件事，已请居民确认）"
    plan.outbox = [_with_note(draft, note) if draft.kind == "dispatch" else draft for draft in plan.outbox]


def _with_note(draft: OutboxDraft, note: str) -> OutboxDraft:
    return replace(draft, body={**draft.body, "text": f"{note}\n{draft.body['text']}"})
