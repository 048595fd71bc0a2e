"""The words about notices: 通知 …, 收到, 完成 通…, 撤回通知 …. A typed number or a quoted notice makes plain words theirs."""

import re
from dataclasses import dataclass
from enum import StrEnum

from grid.notices.wording import cut_notice_numbers, find_notice_numbers
from handlers.worker.commands import plain

_EDGES = " \t\r\n,，.。、;；:：!！"


class NoticeVerb(StrEnum):
    """What can be said about notices; the value is the word that answers and examples use."""

    MAKE = "通知"
    TEMPLATES = "通知 模板"
    LIST = "通知 列表"
    HELP = "通知 帮助"
    TABLE = "通知 回执"
    ROLL = "通知 名单"
    SHOW = "通知 进度"
    RECALL = "撤回通知"
    END = "解除"
    LEVEL = "调整"
    AGREE = "同意"
    DISAGREE = "不同意"
    CONFIRM = "确认居民"
    RECEIVED = "收到"
    DONE = "完成"
    SUBMIT = "提交"
    EDIT = "修改"
    CANCEL = "取消"
    TIMED = "定时"


@dataclass(frozen=True, slots=True)
class NoticeCommand:
    """`number`: of the notice that is meant, typed or quoted; `rest`: what follows, trimmed."""

    verb: NoticeVerb
    number: str | None
    rest: str


_MAKE = re.compile(r"^(?:发布?|拟|我要发)?(?:通知(?!书|单|栏)|通告)\s*")
_UNDER: tuple[tuple[str, NoticeVerb], ...] = (
    ("模板", NoticeVerb.TEMPLATES),
    ("列表", NoticeVerb.LIST),
    ("帮助", NoticeVerb.HELP),
    ("怎么发", NoticeVerb.HELP),
    ("回执", NoticeVerb.TABLE),
    ("名单", NoticeVerb.ROLL),
    ("进度", NoticeVerb.SHOW),
    ("查看", NoticeVerb.SHOW),
    ("预览", NoticeVerb.SHOW),
    ("撤回", NoticeVerb.RECALL),
    ("取消", NoticeVerb.CANCEL),
    ("修改", NoticeVerb.EDIT),
    ("定时", NoticeVerb.TIMED),
    ("提交", NoticeVerb.SUBMIT),
)
_WITH_NUMBER: tuple[tuple[str, NoticeVerb], ...] = (
    ("撤回通知", NoticeVerb.RECALL),
    ("撤销通知", NoticeVerb.RECALL),
    ("撤回", NoticeVerb.RECALL),
    ("撤销", NoticeVerb.RECALL),
    ("解除预警", NoticeVerb.END),
    ("解除", NoticeVerb.END),
    ("结束", NoticeVerb.END),
    ("调整级别", NoticeVerb.LEVEL),
    ("调整", NoticeVerb.LEVEL),
    ("升级", NoticeVerb.LEVEL),
    ("降级", NoticeVerb.LEVEL),
    ("不同意", NoticeVerb.DISAGREE),
    ("不批准", NoticeVerb.DISAGREE),
    ("拒绝", NoticeVerb.DISAGREE),
    ("驳回", NoticeVerb.DISAGREE),
    ("同意", NoticeVerb.AGREE),
    ("批准", NoticeVerb.AGREE),
    ("确认发给居民", NoticeVerb.CONFIRM),
    ("确认居民", NoticeVerb.CONFIRM),
    ("确认发居民", NoticeVerb.CONFIRM),
    ("收到", NoticeVerb.RECEIVED),
    ("已完成", NoticeVerb.DONE),
    ("完成", NoticeVerb.DONE),
    ("做完了", NoticeVerb.DONE),
    ("提交", NoticeVerb.SUBMIT),
    ("发送", NoticeVerb.SUBMIT),
    ("修改", NoticeVerb.EDIT),
    ("取消", NoticeVerb.CANCEL),
    ("定时", NoticeVerb.TIMED),
    ("改期", NoticeVerb.TIMED),
    ("回执", NoticeVerb.TABLE),
    ("名单", NoticeVerb.ROLL),
    ("进度", NoticeVerb.SHOW),
    ("查看", NoticeVerb.SHOW),
    ("预览", NoticeVerb.SHOW),
)
_POLITE = re.compile(r"^(?:好的|你好|您好|麻烦|请|我们?)[,，。!！ ]*")
_BARE_RECEIVED = re.compile(r"^(?:好的[,，]?)?收到(?:了|啦)?(?:通知)?[.。!！~]*$")


def parse_notice_command(text: str, quote: str = "") -> NoticeCommand | None:
    """The command about a notice in `text`; `quote`: the quoted message, whose number counts where none is typed. None: no such."""
    said = _POLITE.sub("", plain(text).strip(_EDGES)).strip(_EDGES)
    typed, quoted = find_notice_numbers(said), find_notice_numbers(quote)
    number = typed[0] if typed else quoted[0] if len(quoted) == 1 else None
    if _BARE_RECEIVED.match(said):
        # 收到 to a quoted case is said of that case.
        if number is None and quote.strip():
            return None
        return NoticeCommand(NoticeVerb.RECEIVED, number, "")
    numbered = _read_numbered(said, number)
    return numbered or _read_made(said, number)


def _read_numbered(said: str, number: str | None) -> NoticeCommand | None:
    if number is None:
        return None
    without = cut_notice_numbers(said).strip(_EDGES)
    if not without:
        return NoticeCommand(NoticeVerb.SHOW, number, "") if find_notice_numbers(said) else None
    for word, verb in _WITH_NUMBER:
        if without.startswith(word):
            return NoticeCommand(verb, number, without[len(word) :].strip(_EDGES))
    return None


def _read_made(said: str, number: str | None) -> NoticeCommand | None:
    for word in ("撤回通知", "撤销通知"):
        if said.startswith(word):
            return NoticeCommand(NoticeVerb.RECALL, number, said[len(word) :].strip(_EDGES))
    made = _MAKE.match(said)
    if made is None:
        return None
    rest = said[made.end() :].strip(_EDGES)
    for word, verb in _UNDER:
        if rest.startswith(word):
            return NoticeCommand(verb, number, cut_notice_numbers(rest[len(word) :]).strip(_EDGES))
    return NoticeCommand(NoticeVerb.MAKE, None, rest)
