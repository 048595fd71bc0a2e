"""What a resident can do on the page of his case: 评价, 没修好, 催办, 补充, 回答, 撤销."""

from dataclasses import replace
from datetime import timedelta

from console.offers import ANSWER, Bench, Deed, Field, Offer, Option, photos, says, words
from console.visitors import Visitor
from grid.actions.closing import is_too_late, rate, reopen, withdraw
from grid.actions.joint import leave
from grid.actions.opening import open_again
from grid.actions.reporter import answer_worker, hurry, supplement
from grid.actions.routing import Sent, duty_alert
from grid.actions.steps import Decision
from grid.checks import Poor
from grid.desk import Desk
from grid.questions import Ask, Conversation, parse_conversation, remember
from grid.wording import masked
from grid.workflow import Move, Refusal, Status, find_refusal
from storage.plan import Plan
from storage.rows import with_changes
from storage.tables import Case

_RATINGS = (Option("good", "满意"), Option("fair", "基本满意"), Option("poor", "不满意"))
# Nobody works faster for being told twice in ten minutes; the group's messages are counted by the platform.
_URGED_AGAIN_AFTER = timedelta(minutes=10)
_IN_DANGER = "如遇危险，请立即拨打110、119或120！"
_ABOUT_A_WORKER = (
    "这段话说的是工作人员，不会发给他所在的工作群，所以没有提交。"
    "请直接发到公众号对话里，会转给上一级专门的联系人；这里请只写事情本身。"
)


def _find_fault(bench: Bench, text: str) -> Refusal | None:
    """What the case's own group reads must not be a complaint about one of its people."""
    is_complaint = bool(text) and not bench.visitor.case.conduct and bench.reader.read(text).conduct
    return Refusal(_ABOUT_A_WORKER) if is_complaint else None


def _conversation(bench: Bench) -> Conversation:
    resident = bench.visitor.resident
    assert resident is not None, "only residents' links reach these deeds"
    return parse_conversation(resident.conversation, bench.desk.now)


def _go_on(bench: Bench, plan: Plan, conversation: Conversation) -> Plan:
    """With what the chat no longer needs to ask."""
    resident = bench.visitor.resident
    if resident is not None and conversation != _conversation(bench):
        plan.changes.append(remember(resident, conversation))
    return plan


async def _rate(bench: Bench) -> Decision:
    rating, reason = bench.form.text("rating"), bench.form.text("reason")
    if not bench.visitor.is_first:
        return Refusal("评价由最先反映这件事的居民作出；没有解决好，您可以要求重新办理。")
    if rating not in ("good", "fair", "poor"):
        return Refusal("请选择满意、基本满意或不满意。")
    if rating == "poor" and not reason:
        return Refusal("请写一下哪里没有办好，我们好改进。")
    fault = _find_fault(bench, reason)
    if fault is not None:
        return fault
    callback_id = await bench.numbers.take_id() if rating == "poor" else None
    said = reason if rating == "poor" else ""
    made = rate(bench.desk, bench.visitor.case, bench.actor, rating, said, callback_id)
    case_id = bench.visitor.case.id
    return (
        made if isinstance(made, Refusal) else _go_on(bench, made, _conversation(bench).drop_kind(Ask.RATING, case_id))
    )


def _rate_told(bench: Bench, made: Decision | Sent) -> str:
    if bench.form.text("rating") == "poor":
        again = bench.desk.house.checks.poor is Poor.REOPEN
        return f"很抱歉没让您满意，原因已记下，{'已重新派单。' if again else '会安排人回访您。'}"
    return "谢谢您的评价。"


async def _reopen(bench: Bench) -> Decision | Sent:
    reason = bench.form.text("text")
    fault = _find_fault(bench, reason)
    if fault is not None:
        return fault
    refusal = find_refusal(Move.REOPEN, Status(bench.visitor.case.status), bench.actor.parts)
    if refusal is not None:
        return refusal
    case, talk = bench.visitor.case, _conversation(bench).drop_case(bench.visitor.case.id)
    if is_too_late(bench.desk, case):
        case_id, serial = await bench.numbers.take_id(), await bench.numbers.take_serial(bench.desk.today)
        opened = open_again(bench.desk, _as_his_own(bench), bench.actor, reason, case_id, serial)
        return _go_on(bench, opened.plan, talk)
    made = reopen(bench.desk, case, bench.actor, reason)
    if isinstance(made, Sent):
        _go_on(bench, made.plan, talk)
    return made


def _as_his_own(bench: Bench) -> Case:
    """The old case as this resident may tell it again: of what somebody else reported first, nothing that is his alone."""
    resident = bench.visitor.resident
    if resident is None or bench.visitor.is_first:
        return bench.visitor.case
    return with_changes(bench.visitor.seen, {"resident_id": resident.id, "reporter_id": None, "phone": resident.phone})


def _reopen_told(bench: Bench, made: Decision | Sent) -> str:
    opened = [row.number for row in made.rows if isinstance(row, Case)] if isinstance(made, Plan) else []
    if opened:
        return (
            f"很抱歉没解决好。办结已超过{bench.desk.house.reopen_for.days}天，已为您新开工单 {opened[0]}，与这件关联。"
        )
    return "很抱歉没解决好，已重新派单，我们会盯紧办理。"


async def _hurry(bench: Bench) -> Decision:
    case = bench.visitor.case
    if case.hurried and bench.desk.now - case.touched_at < _URGED_AGAIN_AFTER:
        return Refusal("已经催过了，正在督促，请稍等。")
    return hurry(bench.desk, case, bench.actor)


async def _supplement(bench: Bench) -> Decision:
    text = bench.form.text("text")
    if not text and not bench.form.photos:
        return Refusal("请写几句话，或选几张照片。")
    refusal = find_refusal(Move.SUPPLEMENT, Status(bench.visitor.case.status), bench.actor.parts)
    fault = refusal or _find_fault(bench, text)
    if fault is not None:
        return fault
    made = supplement(bench.desk, bench.visitor.case, bench.actor, text) if text else Plan()
    return made if isinstance(made, Refusal) else _alarm(bench, made, text)


def _is_danger(bench: Bench, text: str) -> bool:
    return bool(text) and bench.reader.read(text).emergency is not None


def _alarm(bench: Bench, plan: Plan, text: str) -> Plan:
    """What sounds like danger goes out at once, day and night, and the duty group hears of it too."""
    if _is_danger(bench, text):
        told = plan.outbox + duty_alert(bench.desk, bench.visitor.case, f"居民补充，疑似紧急：{masked(text, 100)}")
        plan.outbox = [replace(draft, body={**draft.body, "urgent": True}) for draft in told]
    return plan


def _supplement_told(bench: Bench, made: Decision | Sent) -> str:
    count = len(bench.form.photos)
    danger = _IN_DANGER if _is_danger(bench, bench.form.text("text")) else ""
    return f"{danger}已补充，办理人会看到。{f'照片{count}张已附上。' if count else ''}"


async def _answer(bench: Bench) -> Decision:
    case = bench.visitor.case
    text = bench.form.text("text")
    if not text:
        return Refusal("请写下您的回答。")
    fault = _find_fault(bench, text)
    if fault is not None:
        return fault
    made = answer_worker(bench.desk, case, bench.actor, text)
    return (
        made if isinstance(made, Refusal) else _go_on(bench, made, _conversation(bench).drop_kind(Ask.WORKER, case.id))
    )


async def _withdraw(bench: Bench) -> Decision:
    case, member = bench.visitor.case, bench.visitor.member
    refusal = find_refusal(Move.WITHDRAW, Status(case.status), bench.actor.parts)
    if refusal is not None:
        return refusal
    # A matter that several people reported goes on for the others.
    if member is not None:
        made: Decision = leave(bench.desk, case, bench.actor, member.id)
    else:
        children = await bench.books.followups.list_children(case.id)
        made = withdraw(bench.desk, case, bench.actor, children)
    return made if isinstance(made, Refusal) else _go_on(bench, made, _conversation(bench).drop_case(case.id))


def _withdraw_told(bench: Bench, made: Decision | Sent) -> str:
    if bench.visitor.member is not None:
        return "好的，这件事的进展不再告诉您；其他居民也反映了，继续办理。"
    return "已撤销。以后有事随时告诉我们。"


def _offer_rating(desk: Desk, visitor: Visitor) -> Offer | None:
    if not visitor.is_first:
        return None
    reason = Field("reason", "text", "哪里没有办好（选“不满意”时请写）")
    return Offer(
        "rate",
        "办得怎么样？",
        (Field("rating", "choice", "", _RATINGS, required=True), reason),
        "main",
        button="提交评价",
    )


def _offer_reopening(desk: Desk, visitor: Visitor) -> Offer:
    fields = (words("现在是什么情况", required=False), photos())
    return Offer("reopen", "没有修好，要求重新办理", fields, button="重新办理")


def _offer_answer(desk: Desk, visitor: Visitor) -> Offer | None:
    resident = visitor.resident
    if resident is None:
        return None
    asked = parse_conversation(resident.conversation, desk.now).questions
    if not any(one.ask is Ask.WORKER and one.case_id == visitor.case.id for one in asked):
        return None
    return Offer(ANSWER, "网格员有问题问您", (words("您的回答"), photos()), "main", button="回答")


def _offer_withdraw(desk: Desk, visitor: Visitor) -> Offer:
    note = "撤销后不再办理。" if visitor.member is None else "撤销后不再告诉您进展，其他居民反映的继续办理。"
    return Offer("withdraw", "撤销", (), "grave", note, "确定撤销")


DEEDS: tuple[Deed, ...] = (
    Deed("rate", Move.RATE, _rate, _offer_rating, _rate_told),
    Deed(ANSWER, Move.ANSWER, _answer, _offer_answer, says("已转告网格员。")),
    Deed(
        "reopen",
        Move.REOPEN,
        _reopen,
        _offer_reopening,
        _reopen_told,
    ),
    Deed(
        "supplement",
        Move.SUPPLEMENT,
        _supplement,
        lambda desk, visitor: Offer(
            "supplement", "补充情况或照片", (words("补充说明", required=False), photos()), button="提交补充"
        ),
        _supplement_told,
    ),
    Deed(
        "hurry",
        Move.HURRY,
        _hurry,
        lambda desk, visitor: Offer(
            "hurry", "催办", (), note="提醒办理人尽快处理；再次催办会告诉上一级。", button="催一催"
        ),
        says("已替您催办，会尽快处理。"),
    ),
    Deed("withdraw", Move.WITHDRAW, _withdraw, _offer_withdraw, _withdraw_told),
)
