"""Sending a case elsewhere from the page: 退回, 转派, 指派, 提级, 改类别, 重开."""

from console.naming import area_options, category_options, find_named_area
from console.offers import Bench, Deed, Field, Offer, Told, simple, words
from console.visitors import Visitor
from grid.actions.closing import is_too_late, reopen
from grid.actions.learning import make_correction, noted
from grid.actions.moving import assign, escalate, reclassify, return_case, transfer_area, transfer_category
from grid.actions.routing import Sent
from grid.actions.steps import Decision
from grid.desk import Desk
from grid.workflow import Move, Refusal
from nlp.reading import Category
from storage.learning_tables import Correction


async def _return(bench: Bench) -> Decision | Sent:
    return return_case(bench.desk, bench.visitor.case, bench.actor, bench.form.text("text"))


async def _transfer(bench: Bench) -> Decision | Sent:
    kind, _, code = bench.form.text("to").partition(":")
    desk, case, reason = bench.desk, bench.visitor.case, bench.form.text("text")
    if kind == "category" and code in set(Category):
        return noted(transfer_category(desk, case, bench.actor, code, reason), await _correction(bench, code))
    if kind == "area" and code in {option.value.partition(":")[2] for option in area_options(desk, bench.visitor)}:
        return transfer_area(desk, case, bench.actor, code, reason)
    return Refusal("请选择转给哪一类或哪个网格。")


async def _correction(bench: Bench, category: str) -> Correction:
    """What the word weights learn from it."""
    case, row_id = bench.visitor.case, await bench.numbers.take_id()
    return make_correction(bench.desk, case, bench.actor, category, bench.reader.features(case.text), row_id)


async def _assign(bench: Bench) -> Decision | Sent:
    found = find_named_area(bench.desk, bench.visitor.case, bench.form.text("area"))
    return found if isinstance(found, Refusal) else assign(bench.desk, bench.visitor.case, bench.actor, found.code)


async def _escalate(bench: Bench) -> Decision | Sent:
    return escalate(bench.desk, bench.visitor.case, bench.actor, bench.form.text("text"))


async def _reclassify(bench: Bench) -> Decision | Sent:
    code = bench.form.text("category")
    if code not in set(Category):
        return Refusal("请选择类别。")
    made = reclassify(bench.desk, bench.visitor.case, bench.actor, code, bench.resident)
    return noted(made, await _correction(bench, code))


async def _reopen(bench: Bench) -> Decision | Sent:
    return reopen(bench.desk, bench.visitor.case, bench.actor, bench.form.text("text"))


def _told(word: str) -> Told:
    """The word for the move, and where the case has gone."""

    def tell(bench: Bench, made: Decision | Sent) -> str:
        if not isinstance(made, Sent):
            return word
        if made.route.group is not None:
            return f"{word}现由“{made.route.group.name}”办理。"
        if made.route.contact is not None:
            return f"{word}现由{made.route.contact.name}办理。"
        return f"{word}暂时没有可派的工作群，已转值班群研判。"

    return tell


def _offer_transfer(desk: Desk, visitor: Visitor) -> Offer:
    to = Field("to", "select", "转给", (*category_options(visitor.case), *area_options(desk, visitor)), required=True)
    return Offer("transfer", "转派", (to, words("原因", "例如：属违规排污")), button="转派")


def _offer_assigning(desk: Desk, visitor: Visitor) -> Offer:
    name = Field("area", "line", "网格名称", required=True, hint="例如：文采社区第三网格")
    return Offer("assign", "指派到网格", (name,), "main", button="指派")


def _offer_reclassifying(desk: Desk, visitor: Visitor) -> Offer:
    options = category_options(visitor.case, prefix="", heading="")
    return Offer(
        "reclassify", "改类别", (Field("category", "select", "类别", options, required=True),), button="改类别"
    )


def _offer_reopening(desk: Desk, visitor: Visitor) -> Offer | None:
    return None if is_too_late(desk, visitor.case) else simple("reopen", "重开", "例如：现场仍未解决")


def _offer_returning(desk: Desk, visitor: Visitor) -> Offer:
    return simple("return", "退回", "例如：不属本网格")


def _offer_escalating(desk: Desk, visitor: Visitor) -> Offer:
    return simple("escalate", "提级（请上一级办理）")


ASSIGN = Deed("assign", Move.DISPATCH, _assign, _offer_assigning, _told("已指派。"))
RETURN = Deed("return", Move.RETURN, _return, _offer_returning, _told("已退回。"))
TRANSFER = Deed("transfer", Move.TRANSFER, _transfer, _offer_transfer, _told("已转派。"))
ESCALATE = Deed("escalate", Move.ESCALATE, _escalate, _offer_escalating, _told("已提级。"))
RECLASSIFY = Deed("reclassify", Move.RECLASSIFY, _reclassify, _offer_reclassifying, _told("类别已更正。"))
REOPEN = Deed("reopen", Move.REOPEN, _reopen, _offer_reopening, _told("已重开。"))
