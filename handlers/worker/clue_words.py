"""The words about clues and sign-ups in groups and single chat: 线索, 反馈 线…, 抓获 通…, 报名."""

import re
from dataclasses import dataclass
from enum import StrEnum

from grid.notices.clue_wording import cut_clue_numbers, find_clue_numbers
from grid.notices.wording import cut_notice_numbers, find_notice_numbers
from handlers.worker.commands import plain

_EDGES = " \t\r\n,，.。、;；:：!！"


class ClueVerb(StrEnum):
    """What can be said about clues; the value is the word that answers and examples use."""

    GIVE = "线索"
    LIST = "线索 列表"
    SHOW = "线索 查看"
    FEEDBACK = "反馈"
    CLOSE = "抓获"


@dataclass(frozen=True, slots=True)
class ClueCommand:
    """`notice`, `clue`: numbers that were typed or quoted; `rest`: what follows; `reason`: of CLOSE, how it ended."""

    verb: ClueVerb
    notice: str | None
    clue: str | None
    rest: str
    reason: str = ""


_POLITE = re.compile(r"^(?:好的|你好|您好|麻烦|请)?[,，。!！ ]*")
_GIVE = re.compile(r"^(?:我?有|我?提供|报告?|反映)?(?:一?[条个点])?线索")
_LIST = re.compile(r"^(?:列表|清单|汇总)")
_CLOSES = (
    (re.compile(r"^(?:已经?)?(?:抓获|抓到|落网|归案|投案)(?:了|归案)?"), "当事人已抓获"),
    (re.compile(r"^(?:已经?)?(?:结案|破案)(?:了)?"), "案件已结"),
    (re.compile(r"^(?:人)?(?:已经?)?(?:找到|找回)(?:了|人了)?"), "人已找到"),
)


def parse_clue_command(text: str, quote: str = "") -> ClueCommand | None:
    """The command about clues in `text`; `quote`: the quoted message, whose numbers count where none is typed. None: no such."""
    said = _POLITE.sub("", plain(text).strip(_EDGES)).strip(_EDGES)
    notice = _only(find_notice_numbers(said), find_notice_numbers(quote))
    clue = _only(find_clue_numbers(said), find_clue_numbers(quote))
    bare = cut_clue_numbers(cut_notice_numbers(said)).strip(_EDGES)
    if bare.startswith("反馈") and clue is not None:
        return ClueCommand(ClueVerb.FEEDBACK, notice, clue, bare.removeprefix("反馈").strip(_EDGES))
    for pattern, reason in _CLOSES if notice is not None else ():
        if pattern.match(bare):
            return ClueCommand(ClueVerb.CLOSE, notice, clue, "", reason)
    if not bare and find_clue_numbers(said):
        return ClueCommand(ClueVerb.SHOW, None, clue, "")
    return _read_given(said, bare, notice, clue)


def _read_given(said: str, bare: str, notice: str | None, clue: str | None) -> ClueCommand | None:
    found = _GIVE.match(bare)
    if found is None:
        return None
    rest = bare[found.end() :].strip(_EDGES)
    if _LIST.match(rest):
        return ClueCommand(ClueVerb.LIST, notice, None, "")
    if not rest and find_clue_numbers(said):
        return ClueCommand(ClueVerb.SHOW, None, clue, "")
    return ClueCommand(ClueVerb.GIVE, notice, None, rest)


def _only(typed: list[str], quoted: list[str]) -> str | None:
    return typed[0] if typed else quoted[0] if len(quoted) == 1 else None
