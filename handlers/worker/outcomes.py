"""How a worker says what became of a matter: `不属我方 城管局 …`, `解释说明 …`, `无法解决 …`, or simply what was done."""

import re
from dataclasses import dataclass

from grid.outcomes import Outcome

_EDGES = " \t\n,，.。、;；:：-"
_NOT_OURS = re.compile(
    r"(?:经核实|经查)?[,，]?(?:该?问题)?(?:不属于?|不归|不是|非)(?:我方|我们|本单位|我单位|本部门|我部门|本辖区|本网格|本级|我局)"
    r"(?:管|负责|管辖|职责|范围|职责范围|的事)?"
)
_UNSOLVABLE = re.compile(
    r"(?:目前|暂时|暂)?(?:无法|不能|没法|难以)(?:解决|处理|办理|整改|修复)|(?:解决|处理|办|修)不了|解决不掉"
)
_EXPLAINED = re.compile(r"(?:已)?(?:向居民)?(?:解释说明|解释清楚|作出解释|作了解释|政策解释|解释答复|解释)")
_SOLVED = re.compile(r"(?:已解决|解决了|已处理|已办好)(?=$|[\s,，。;；:：])")
_LED_BY = re.compile(r"^(?:应?(?:属于|属|归|由|是|转|请找|请联系|找)[于]?)")
_OWNER_ENDS = (
    "局|委|办|所|站|处|中心|大队|支队|公司|街道|社区|物业|网格|政府|部门|集团|银行|学校|医院|法院|院|队|厂|会|部"
)
_OWNER = re.compile(rf"^([\u4e00-\u9fffA-Za-z]{{2,20}}?(?:{_OWNER_ENDS}))")
_REASON = re.compile(r"^(?:的?原因|理由|因为|由于)(?:是|为)?")
_CARED_FOR = re.compile(r"(?:管辖|负责|管理|办理|处理|管)$")


@dataclass(frozen=True, slots=True)
class Said:
    """What was said of the end: the outcome, whose matter it is (empty: not named), and the words for the reporter."""

    outcome: Outcome
    whose: str
    result: str


def parse_outcome(text: str) -> Said:
    """The outcome that `text` begins with; without such a word it is solved, and the whole text says how."""
    said = text.strip(_EDGES)
    for pattern, outcome in (
        (_NOT_OURS, Outcome.NOT_OURS),
        (_UNSOLVABLE, Outcome.UNSOLVABLE),
        (_EXPLAINED, Outcome.EXPLAINED),
    ):
        match = pattern.match(said)
        if match:
            rest = said[match.end() :].strip(_EDGES)
            return _not_ours(rest) if outcome is Outcome.NOT_OURS else Said(outcome, "", _reason(rest))
    solved = _SOLVED.match(said)
    rest = said[solved.end() :].strip(_EDGES) if solved else said
    return Said(Outcome.SOLVED, "", rest or said)


def _reason(rest: str) -> str:
    return _REASON.sub("", rest, count=1).strip(_EDGES)


def _not_ours(rest: str) -> Said:
    bare = _LED_BY.sub("", rest, count=1).strip(_EDGES)
    token = re.split(r"[\s,，。;；:：、]", bare, maxsplit=1)[0]
    named = _OWNER.match(bare)
    # A word that stands alone before a blank is a name, whatever it ends with; of words run together only a known ending is.
    alone = len(token) < len(bare) and 2 <= len(token) <= 15
    whose = named[1] if named else token if alone else ""
    after = bare[len(whose) :].strip(_EDGES)
    result = _CARED_FOR.sub("", after).strip(_EDGES) if _CARED_FOR.fullmatch(after) else after
    return Said(Outcome.NOT_OURS, whose, result or (f"请向{whose}反映" if whose else ""))
