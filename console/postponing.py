"""延期 and 挂账 on the page: a superior does it, a handler asks for it where the house does not let him alone."""

import re

from console.offers import Bench, Deed, Field, Offer, Option, Told, words
from console.visitors import Visitor
from grid.actions.closing import suspend
from grid.actions.handling import extend, may_extend_alone
from grid.actions.requests import Wish, ask_superior
from grid.actions.routing import Sent
from grid.actions.steps import Decision
from grid.desk import Desk
from grid.workflow import Move, Part, Refusal, Status
from storage.columns import RequestKind
from storage.plan import Plan

_UNITS = (Option("d", "天"), Option("wd", "个工作日"), Option("h", "小时"), Option("mo", "个月"))
_AMOUNT = re.compile(r"[1-9][0-9]{0,2}")
_AT_WORK = frozenset({Status.ACCEPTED, Status.HANDLING})
_NO_LIMIT = Refusal("请填写时间，例如：2 天。")


def _limit(bench: Bench) -> str | None:
    amount, unit = bench.form.text("amount"), bench.form.text("unit")
    known = _AMOUNT.fullmatch(amount) is not None and unit in {option.value for option in _UNITS}
    return f"{amount}{unit}" if known else None


async def _extend(bench: Bench) -> Decision:
    limit, reason = _limit(bench), bench.form.text("text")
    if limit is None:
        return _NO_LIMIT
    if Part.COORDINATOR in bench.actor.parts or _may_alone(bench, limit):
        return extend(bench.desk, bench.visitor.case, bench.actor, bench.resident, limit, reason)
    return await _ask(bench, Wish(RequestKind.EXTEND, limit, reason))


def _may_alone(bench: Bench, limit: str) -> bool:
    due = bench.visitor.case.resolve_due_at
    try:
        return due is not None and may_extend_alone(bench.desk, due, bench.desk.clocks.extend(due, limit))
    except ValueError:
        # The decision itself says what is wrong with the limit.
        return True


async def _suspend(bench: Bench) -> Decision:
    limit, reason = _limit(bench), bench.form.text("text")
    if limit is None:
        return _NO_LIMIT
    if Part.COORDINATOR not in bench.actor.parts:
        return await _ask(bench, Wish(RequestKind.SUSPEND, limit, reason))
    return suspend(bench.desk, bench.visitor.case, bench.actor, bench.resident, reason, limit)


async def _ask(bench: Bench, wish: Wish) -> Decision:
    case = bench.visitor.case
    pending = await bench.books.followups.list_pending_requests(case.id)
    return ask_superior(bench.desk, case, bench.actor, wish, await bench.numbers.take_id(), pending)


def _told(word: str, asked: str) -> Told:
    """What was done, or that it was asked for."""

    def tell(bench: Bench, made: Decision | Sent) -> str:
        events = made.events if isinstance(made, Plan) else []
        return asked if any(event.kind == Move.REQUEST for event in events) else word

    return tell


def _fields(hint: str) -> tuple[Field, ...]:
    return (
        Field("amount", "number", "多久", required=True),
        Field("unit", "select", "单位", _UNITS, required=True),
        words("原因", hint),
    )


def _offer_extend(desk: Desk, visitor: Visitor) -> Offer | None:
    due = visitor.case.resolve_due_at
    if due is None or due <= desk.now:
        return None
    return Offer("extend", "延期", _fields("例如：等配件"), note=_needs_approval(visitor), button="提交延期")


def _offer_suspend(desk: Desk, visitor: Visitor) -> Offer | None:
    parts = visitor.actor.parts if visitor.actor is not None else frozenset()
    if visitor.case.status not in _AT_WORK or not {Part.HANDLER, Part.COORDINATOR} & parts:
        return None
    return Offer(
        "suspend",
        "挂账（暂时办不了）",
        _fields("例如：等天气转暖后施工"),
        note=_needs_approval(visitor),
        button="提交挂账",
    )


def _needs_approval(visitor: Visitor) -> str:
    alone = visitor.actor is not None and Part.COORDINATOR in visitor.actor.parts
    return "" if alone else "可能需要上级同意，同意后告知居民。"


PUTTING_OFF: tuple[Deed, ...] = (
    Deed(
        "extend",
        Move.EXTEND,
        _extend,
        _offer_extend,
        _told("已延期，已告知居民。", "已提出延期申请，等待上级批复。"),
        echo=True,
    ),
    Deed(
        "suspend",
        None,
        _suspend,
        _offer_suspend,
        _told("已挂账，已告知居民。", "已提出挂账申请，等待上级批复。"),
        echo=True,
    ),
)
