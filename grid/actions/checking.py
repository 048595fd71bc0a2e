"""核查 and what follows: a second person looks, the reporter hears the honest result, and no leg of the loop is left out."""

from grid.actions.callbacks import UNREACHABLE, UNSOLVABLE, open_callback
from grid.actions.steps import Decision, say, step, tell_group, tell_resident
from grid.actions.superiors import find_group_above, tell_first_handler, tell_parent
from grid.desk import Actor, Desk
from grid.link_lines import resident_link
from grid.message import Choice, Message, Template
from grid.outcomes import Outcome, outcome_line
from grid.questions import Ask, Question, parse_conversation, remember
from grid.wording import category_name, masked, moment, place_line, preview, tag
from grid.workflow import Move, Refusal, Status
from storage.plan import Change, Plan
from storage.tables import Case, Resident

RATING_CHOICES = (Choice("1", "满意"), Choice("2", "基本满意"), Choice("3", "不满意"))
RATING_CODES = ("good", "fair", "poor")
WANTED, PASSED = "wanted", "passed"
"""In `Case.routing["check"]`: whether a second person is to look, or has."""


def _find_fault(case: Case, actor: Actor) -> Refusal | None:
    if actor.id is not None and actor.id in (case.handler_id, case.routing.get("resolved_by")):
        return Refusal("核查须由办理人以外的人进行。")
    return None


def pass_check(
    desk: Desk, case: Case, actor: Actor, resident: Resident | None, callback_id: int | None = None
) -> Decision:
    """核查通过: somebody other than the handler has looked; now the reporter hears the result, and his time to rate begins."""
    fault = _find_fault(case, actor)
    if fault is not None:
        return fault
    values = {"checker_id": actor.id, "resolved_at": desk.now, "routing": {**case.routing, "check": PASSED}}
    made = step(desk, case, Move.PASS_CHECK, actor, Status.RESOLVED, values)
    if isinstance(made, Refusal):
        return made
    made[1].outbox += tell_group(desk, made[0], Message("check_passed", f"{tag(case)}核查通过，已办结。"))
    made[1].outbox += tell_parent(desk, case, "核查通过，已办结")
    return tell_result(desk, made[0], actor, resident, made[1], callback_id)


def fail_check(desk: Desk, case: Case, actor: Actor, reason: str) -> Decision:
    """核查不通过: back to the handler, with what is missing."""
    if not reason:
        return Refusal("请写明不通过的原因，例如：核查 不通过 现场仍有积水。")
    fault = _find_fault(case, actor)
    if fault is not None:
        return fault
    values = {"resolved_at": None, "outcome": ""}
    made = step(desk, case, Move.FAIL_CHECK, actor, Status.HANDLING, values, reason=reason)
    if isinstance(made, Refusal):
        return made
    after, plan = made
    plan.outbox += tell_group(
        desk, after, Message("check_failed", f"{tag(case)}核查未通过：{masked(reason)}。请继续处置。")
    )
    return plan


def ask_for_check(desk: Desk, case: Case, plan: Plan) -> Plan:
    """The group above is asked to send somebody; what it can answer stands in the message."""
    group = find_group_above(desk, case)
    if group is not None:
        how = f"请核查后回复“@{desk.house.bot_name} 核查 通过 {case.number}”或“核查 不通过 {case.number} 原因”。"
        head = f"{tag(case)}已报办结（{_outcome(case).label}），待核查。"
        lines = (head, f"地点：{place_line(case, desk.city)}", f"处理情况：{masked(case.result, 120)}", how)
        text = "\n".join(lines)
        plan.outbox.append(say(f"group:{group.id}", Message("check", text), case, desk.now))
    return plan


def _outcome(case: Case) -> Outcome:
    return Outcome(case.outcome) if case.outcome else Outcome.SOLVED


def tell_result(
    desk: Desk, case: Case, actor: Actor, resident: Resident | None, plan: Plan, callback_id: int | None
) -> Plan:
    """The reporter hears how it came out and rates it; whom nobody can ask, or help, somebody calls (`callback_id`: that row's)."""
    plan.outbox += tell_first_handler(desk, case, actor, f"已办结（{_outcome(case).label}）")
    why = UNSOLVABLE if _outcome(case) is Outcome.UNSOLVABLE else UNREACHABLE if _is_unreachable(case) else None
    if why is not None and callback_id is not None:
        opened = open_callback(desk, case, why, callback_id)
        plan.rows += opened.rows
        plan.outbox += opened.outbox
    if resident is not None:
        plan.changes.append(_ask_rating(desk, case, resident))
        plan.outbox += tell_resident(desk, case, resident, _result_message(desk, case, resident))
    return plan


def _is_unreachable(case: Case) -> bool:
    """A reporter stands behind it who has left his phone and is on no account (a hotline's caller)."""
    return case.resident_id is None and bool(case.phone) and case.parent_id is None


def _ask_rating(desk: Desk, case: Case, resident: Resident) -> Change:
    until = desk.now + desk.house.rating_for
    question = Question(Ask.RATING, case.id, case.number, until, RATING_CODES)
    talk = parse_conversation(resident.conversation, desk.now).drop_case(case.id).ask(question)
    return remember(resident, talk)


def _result_message(desk: Desk, case: Case, resident: Resident) -> Message:
    outcome = _outcome(case)
    head = outcome_line(outcome, case.number, case.result, str(case.routing.get("whose", "")))
    more = "没解决好请回复“没修好”。" if outcome.is_fixed else "有不同意见请回复“没解决”并说明。"
    lines = (head, "请您评价（回复数字）：1 满意 2 基本满意 3 不满意", more, resident_link(desk, case, resident.id))
    text = "\n".join(line for line in lines if line)
    shown = case.result if outcome.is_fixed else f"{outcome.label}：{case.result}"
    fields = {
        "number": case.number,
        "category": category_name(case.category),
        "place": place_line(case, desk.city)[:20],
        "result": preview(shown, 20),
        "time": moment(desk.now, desk.zone),
    }
    template = Template("resolved", fields)
    return Message("resolved", text, choices=RATING_CHOICES, template=template, reserve=True)


def list_missing_legs(desk: Desk, case: Case) -> list[str]:
    """What keeps a resolved case from its archive (闭环): the check it needs, the reply, the rating or the end of its time."""
    if case.status not in (Status.RESOLVED, Status.RATED):
        return []
    until = case.resolved_at + desk.house.rating_for if case.resolved_at is not None else None
    is_rated = bool(case.rating) or (until is not None and desk.now >= until)
    legs = {
        "核查": case.routing.get("check") != WANTED or case.checker_id is not None,
        "答复": bool(case.result),
        "评价": is_rated,
    }
    return [name for name, is_there in legs.items() if not is_there]
