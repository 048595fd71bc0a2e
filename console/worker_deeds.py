"""What a worker can do on the page of a case: the moves of the law that he may make, each as from his group."""

from console.naming import department_options
from console.offers import Bench, Deed, Field, Offer, Option, photos, says, simple, words
from console.postponing import PUTTING_OFF
from console.sending_deeds import ASSIGN, ESCALATE, RECLASSIFY, REOPEN, RETURN, TRANSFER
from console.visitors import Visitor
from grid.actions.checking import fail_check, pass_check
from grid.actions.closing import resume, void
from grid.actions.handling import Ending, accept, ask_resident, note_progress, resolve
from grid.actions.routing import Sent
from grid.actions.steps import Decision
from grid.actions.whistle import whistle
from grid.departments import find_departments
from grid.desk import Desk
from grid.outcomes import Outcome
from grid.wording import duty_number
from grid.workflow import Move, Part, Refusal, Status
from storage.plan import Plan
from storage.tables import Case

_STAGES = (Option("before", "处置前"), Option("after", "处置后"))
_CHECKS = (Option("pass", "通过"), Option("fail", "不通过"))
_OUTCOMES = tuple(Option(one.value, one.label) for one in Outcome)
_WHO_MAY_CALL = frozenset({Part.MEMBER, Part.HANDLER, Part.COORDINATOR})
_CAN_BE_CALLED = frozenset({Status.DISPATCHED, Status.ACCEPTED, Status.HANDLING})


async def _accept(bench: Bench) -> Decision:
    case, person = bench.visitor.case, bench.visitor.person
    phone = duty_number(bench.desk.city, case, person.phone if person else "")
    return accept(bench.desk, case, bench.actor, bench.resident, phone)


async def _handle(bench: Bench) -> Decision:
    return note_progress(bench.desk, bench.visitor.case, bench.actor, bench.form.text("text") or "开始处置")


async def _resolve(bench: Bench) -> Decision:
    case, form = bench.visitor.case, bench.form
    if form.text("outcome") not in set(Outcome):
        return Refusal("请选择办理结果：已解决、不属我方、解释说明或无法解决。")
    ending = Ending(
        outcome=Outcome(form.text("outcome")),
        whose=form.text("whose"),
        children=await bench.books.followups.list_children(case.id),
        calls=await bench.books.followups.list_calls(case.id),
        parent=await bench.books.find(Case, case.parent_id),
        callback_id=await bench.numbers.take_id(),
    )
    return resolve(bench.desk, case, bench.actor, bench.resident, form.text("text"), ending)


def _resolve_told(bench: Bench, made: Decision | Sent) -> str:
    statuses = [change.values.get("status") for change in made.changes] if isinstance(made, Plan) else []
    if Status.CHECKING in statuses:
        return "已报办结，等待核查；核查通过后告知居民。"
    return "已办结，已告知居民并请其评价。" if bench.resident is not None else "已办结。"


async def _ask(bench: Bench) -> Decision:
    return ask_resident(bench.desk, bench.visitor.case, bench.actor, bench.resident, bench.form.text("text"))


async def _whistle(bench: Bench) -> Decision:
    case, name = bench.visitor.case, bench.form.text("department")
    found = find_departments(bench.desk.city, case.area_code, name) if name else []
    if len(found) != 1:
        return Refusal("请选择要吹哨的部门。")
    calls = await bench.books.followups.list_calls(case.id)
    call_id = await bench.numbers.take_id()
    return whistle(bench.desk, case, bench.actor, found[0], bench.form.text("text"), calls, call_id)


async def _resume(bench: Bench) -> Decision:
    return resume(bench.desk, bench.visitor.case, bench.actor, bench.resident)


async def _void(bench: Bench) -> Decision:
    case = bench.visitor.case
    children = await bench.books.followups.list_children(case.id)
    return void(bench.desk, case, bench.actor, bench.resident, bench.form.text("text"), children)


async def _check(bench: Bench) -> Decision:
    desk, case, verdict = bench.desk, bench.visitor.case, bench.form.text("verdict")
    if verdict == "fail":
        return fail_check(desk, case, bench.actor, bench.form.text("text"))
    if verdict == "pass":
        return pass_check(desk, case, bench.actor, bench.resident, await bench.numbers.take_id())
    return Refusal("请选择通过或不通过。")


async def _photo(bench: Bench) -> Decision:
    if not bench.form.photos:
        return Refusal("请先选照片。")
    return Plan()


def _offer_whistle(desk: Desk, visitor: Visitor) -> Offer | None:
    case, actor = visitor.case, visitor.actor
    options = department_options(desk, case)
    may_call = actor is not None and bool(_WHO_MAY_CALL & actor.parts) and case.status in _CAN_BE_CALLED
    if not options or case.conduct or not may_call:
        return None
    to = Field("department", "select", "部门", options, required=True)
    return Offer("whistle", "吹哨（请部门到场）", (to, words("需要做什么", "例如：需关闭总阀")), button="吹哨")


def _offer_photo(desk: Desk, visitor: Visitor) -> Offer | None:
    if visitor.actor is None or not visitor.actor.parts or visitor.case.status == Status.ARCHIVED:
        return None
    stage = Field("stage", "choice", "拍的是", _STAGES)
    return Offer("photo", "传现场照片", (stage, photos()), button="上传")


DEEDS: tuple[Deed, ...] = (
    Deed(
        "accept", Move.ACCEPT, _accept, lambda desk, visitor: Offer("accept", "接单", (), "main", button="接单"),
        says("已接单，已告诉居民由您办理。"), echo=True,
    ),
    Deed(
        "resolve", Move.RESOLVE, _resolve,
        lambda desk, visitor: Offer(
            "resolve", "办结",
            (
                Field("outcome", "choice", "结果", _OUTCOMES, required=True),
                words("处理情况", "例如：已疏通，更换一段管道。居民会看到。"),
                Field("whose", "line", "属于哪个部门（选“不属我方”时填写）"),
                photos("处置后照片"),
            ),
            "main", button="办结",
        ),
        _resolve_told, stage="after", echo=True,
    ),
    Deed(
        "check", Move.PASS_CHECK, _check,
        lambda desk, visitor: Offer(
            "check", "核查",
            (
                Field("verdict", "choice", "", _CHECKS, required=True),
                words("情况说明（不通过时必填）", "例如：现场仍有积水", required=False),
                photos("核查照片"),
            ),
            "main", button="提交核查",
        ),
        says("核查结果已记录。"), stage="after",
    ),
    ASSIGN,
    Deed(
        "handle", Move.HANDLE, _handle,
        lambda desk, visitor: Offer(
            "handle", "记录处置进展", (words("进展", "例如：已到现场，正在疏通", required=False), photos()), button="记录"
        ),
        says("已记录。"), stage="before", echo=True,
    ),
    Deed(
        "ask", Move.ASK, _ask,
        lambda desk, visitor: simple("ask", "问居民", "例如：几单元的管道堵了？", field="要问的话"),
        says("已转问居民，对方回复后会发到工作群。"), echo=True,
    ),
    Deed("photo", None, _photo, _offer_photo, says("照片已附上。"), versioned=False),
    RETURN,
    TRANSFER,
    Deed("whistle", None, _whistle, _offer_whistle, says("已吹哨，对方报到后会告诉工作群。"), echo=True),
    *PUTTING_OFF,
    Deed(
        "resume", Move.RESUME, _resume, lambda desk, visitor: Offer("resume", "恢复办理", (), "main", button="恢复办理"),
        says("已恢复办理。"), echo=True,
    ),
    ESCALATE,
    RECLASSIFY,
    REOPEN,
    Deed(
        "void", Move.VOID, _void,
        lambda desk, visitor: simple("void", "作废", "例如：与 1123-08 重复", tone="grave", note="居民会看到原因。"),
        says("已作废，已告知居民。"),
    ),
)  # fmt: skip
