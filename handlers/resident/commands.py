"""Set words: 进度, 催办, 补充, 改类别, 撤销, 没修好, 我的网格员, 帮助. Short and tolerant; anything longer is a matter."""

import re
from collections.abc import Awaitable, Callable

from grid.actions.closing import reopen
from grid.actions.moving import reclassify
from grid.actions.reporter import hurry, supplement
from grid.actions.routing import Sent
from grid.questions import Ask
from grid.wording import category_name
from grid.workflow import Refusal, Status
from handlers.reply import Reply, Said
from handlers.resident.phrases import (
    HELP,
    NO_CASE,
    category_choices,
    find_category,
    find_number,
    progress_line,
    squeeze,
)
from handlers.talk import ResidentTalk
from nlp.reading import Category
from storage.plan import Plan
from storage.tables import Case

_Handler = Callable[[ResidentTalk, str], Awaitable[Said | None]]
_NUMBER_WORD = re.compile(r"\d{6,10}")
_MOST_SHOWN = 5


def choose_case(talk: ResidentTalk, cases: list[Case]) -> Case | None:
    """The case that is meant: by its number, the one being talked about, the only one, the newest."""
    number = find_number(talk.update.text)
    if number is not None:
        return next((case for case in talk.cases if case.number == number), None)
    about = talk.find_case(talk.conversation.last_case)
    if about is not None and about in cases:
        return about
    return cases[0] if cases else None


def _answered(text: str, case: Case | None = None, outcome: str = "answered") -> Said:
    return Said(Reply(text), outcome, Plan(), case.id if case else None)


def _decided(made: Plan | Refusal, text: str, case: Case, outcome: str) -> Said:
    return (
        _answered(made.sentence, case, "refused")
        if isinstance(made, Refusal)
        else Said(Reply(text), outcome, made, case.id)
    )


async def _progress(talk: ResidentTalk, word: str) -> Said | None:
    number = find_number(talk.update.text)
    if number is not None:
        case = choose_case(talk, [])
        return _answered(progress_line(talk.desk, case), case) if case else _answered(f"没有查到您的工单 {number}。")
    shown = (talk.list_open() or list(talk.cases))[:_MOST_SHOWN]
    return _answered("\n".join(progress_line(talk.desk, case) for case in shown) if shown else NO_CASE)


async def _hurry(talk: ResidentTalk, word: str) -> Said | None:
    case = choose_case(talk, talk.list_open())
    if case is None:
        return _answered(NO_CASE)
    text = f"已为您催办工单 {case.number}。{progress_line(talk.desk, case)}"
    return _decided(hurry(talk.desk, case, talk.actor), text, case, "hurried")


async def _supplement(talk: ResidentTalk, word: str) -> Said | None:
    case = choose_case(talk, talk.list_open())
    if case is None:
        return None
    text = re.sub(r"^\s*补充(一下|说明)?[\s::,,]*", "", talk.update.text)
    number = find_number(text)
    if number is not None:
        text = text.replace(number, "").strip()
    if not text:
        return _answered(f"请直接发送要补充到工单 {case.number} 的文字或照片。", case)
    return _decided(supplement(talk.desk, case, talk.actor, text), f"已补充到工单 {case.number}。", case, "joined")


async def _recategorise(talk: ResidentTalk, word: str) -> Said | None:
    case = choose_case(talk, talk.list_open())
    if case is None:
        return _answered(NO_CASE)
    category = find_category(re.sub(r"改(类别|分类|类型)", "", word))
    if category is None:
        talk.ask(Ask.CATEGORY, case, tuple(Category))
        return _answered(
            f"工单 {case.number} 现在是{category_name(case.category)}。应为哪一类？回复数字：{category_choices()}", case
        )
    sent = reclassify(talk.desk, case, talk.actor, category)
    made = sent.plan if isinstance(sent, Sent) else sent
    return _decided(made, f"已更正为{category_name(category)}，并重新派单。", case, "reclassified")


async def _withdraw(talk: ResidentTalk, word: str) -> Said | None:
    case = choose_case(talk, talk.list_open())
    if case is None:
        return _answered(NO_CASE)
    talk.ask(Ask.WITHDRAW, case)
    return _answered(f"确定撤销工单 {case.number} 吗？回复“是”撤销，“否”继续办理。", case)


async def _not_fixed(talk: ResidentTalk, word: str) -> Said | None:
    done = [case for case in talk.cases if case.status in (Status.RESOLVED, Status.RATED, Status.ARCHIVED)]
    done.sort(key=lambda case: case.resolved_at or case.opened_at, reverse=True)
    case = choose_case(talk, done)
    if case is None:
        return None
    sent = reopen(talk.desk, case, talk.actor, talk.update.text if len(word) > 4 else "")
    if isinstance(sent, Refusal):
        return _answered(sent.sentence, case, "refused")
    talk.conversation = talk.conversation.drop_case(case.id).about(case.id)
    return Said(
        Reply(f"很抱歉没解决好。工单 {case.number} 已重新派单，我们会盯紧办理。"), "reopened", sent.plan, case.id
    )


async def _my_worker(talk: ResidentTalk, word: str) -> Said | None:
    code = talk.resident.area_code or next((case.area_code for case in talk.cases if case.area_code), None)
    city = talk.desk.city
    if code is None or code not in city.areas:
        return _answered("还不知道您住在哪个网格。请扫楼道里的网格二维码，或发给我小区和楼号，也可以发送位置。")
    node, person = city.areas[code], city.find_lead(code)
    lines = [f"您所在的是{city.area_name(code)}。"]
    if person is not None:
        lines.append(f"网格员：{person.name}{f'，电话{person.phone}' if person.phone else ''}。")
    lines.append(f"服务时间：{node.service_hours or '工作日 08:30–12:00、13:00–17:00'}。")
    if node.scope:
        lines.append(f"网格范围：{node.scope}。")
    if node.duty_phone:
        lines.append(f"值班电话：{node.duty_phone}。")
    return _answered("\n".join(lines))


async def _help(talk: ResidentTalk, word: str) -> Said | None:
    return _answered(HELP)


async def _human(talk: ResidentTalk, word: str) -> Said | None:
    said = await _my_worker(talk, word)
    return said if said is not None else _answered(HELP)


_WORDS: tuple[tuple[re.Pattern[str], int, _Handler], ...] = (
    (
        re.compile(
            r"^(查|查询|看|问)?(一下|下)?(我的|工单)?(办理|处理)?(进度|进展|查询|结果)(怎么样|如何|呢|查询)?"
            r"|(处理|办理|办|弄)(得)?(怎么样|咋样|到哪|好了吗|好没)"
        ),
        16,
        _progress,
    ),
    (re.compile(r"^(催办|催单|催一下|催一催|催催|快点处理|赶紧处理|怎么还没(人)?(来|处理|解决|修))"), 14, _hurry),
    (re.compile(r"^补充"), 2000, _supplement),
    (re.compile(r"^(改|更正|修改)(类别|分类|类型)"), 14, _recategorise),
    (re.compile(r"^(撤销|撤回|取消|不用(处理|修|来)了|撤单)"), 14, _withdraw),
    (re.compile(r"^(还是)?(没|沒|未|没有)(有)?(修好|解决|弄好|处理好|修|办好)|^(又坏了|又堵了|还没好|重新派单|问题还在)"), 40, _not_fixed),
    (re.compile(r"^(我的|找|联系)?(网格员|网格长)(是谁|电话|联系方式|是哪位)?$|^(我的网格)"), 14, _my_worker),
    (re.compile(r"^(帮助|怎么用|使用说明|help|菜单|功能|\?)$|^你(能|会)(做|干)(什么|啥)"), 10, _help),
    (re.compile(r"^(转)?人工(客服|服务)?$|^(有人吗|找人工)$"), 10, _human),
)  # fmt: skip


async def command(talk: ResidentTalk) -> Said | None:
    """The message as a set word; None when it is none."""
    word = squeeze(talk.update.text)
    bare = _NUMBER_WORD.sub("", word)
    if not bare and find_number(talk.update.text):
        return await _progress(talk, word)
    for pattern, longest, handler in _WORDS:
        if len(bare) <= longest and pattern.search(bare):
            said = await handler(talk, bare)
            if said is not None:
                return said
    return None


MENU_KEYS: dict[str, _Handler] = {"PROGRESS": _progress, "MY_WORKER": _my_worker, "HELP": _help, "HURRY": _hurry}
"""What menu buttons mean (`menu apply` writes these keys)."""
