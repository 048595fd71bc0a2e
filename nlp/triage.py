"""Emergencies: life, limb or a crime in progress, now. Past, denied, feared and figurative ones are none."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlp.lexicon import read_table
from nlp.pairs import PairSides
from nlp.reading import Emergency, Evidence
from nlp.text import Normal
from nlp.words import Finder, LongestFinder

LONG_TEXT = 100
"""Above this many characters only what is said to happen now counts: petitions tell old stories."""

LONGEST_READ = 250
"""Who is in danger says so at once."""

_CLAUSE_END = re.compile(r"[，。！？；：,!?;:\n… ]")
_PAST = re.compile(
    r"昨[天晚日夜]|前[天晚日年几]|上[周月次个]|去年|前年|以前|之前|曾经?|当时|当年|那[天次年]|年前|月前|天前|过去|\d+月\d*[日号]?|\d{4}年|"
    r"(?:今年|上半年|下半年)|[一二三四五六七八九十\d]+月份?|先后|历史|事后|后来|小时候|多年|至今"
)
_OVER = re.compile(
    r"(?:已经?|都|刚)(?:被)?(?:灭|扑灭|熄灭|救出|处理|解决|修好|找到|送医|脱险|获救|出院|赔|走了|好了)|扑灭|灭了|灭掉|救出来了|找到了|没事了|出院|虚惊|解除|康复|和解"
)
_DENIED = re.compile(
    r"(?:没有?|不是|并非|并未|未|不会|不能|不许|别|不要|禁止|严禁|防止?|避免|以免|免得|预防|谨防|杜绝|排除|差点儿?|险些|几乎|不怕|怕被)(?:再|发生|有人|出现|人|会|引发|造成|被)?$"
)
_FEARED = re.compile(
    r"万一|如果|要是|假如|倘若|若是|一旦|可能|容易|极易|很易|易(?=引|发|造)|担心|害怕|恐怕|怕|会不会|隐患|风险|迟早|早晚|小心|存在|会(?:引|造|导|发|被|出|把|有)|随时|导致|引发|"
    r"就得|就会|准得|以防|演练|演习|可能性|宣传|培训|讲座|预案|电影|电视剧|小说|新闻里|视频里|游戏|梦见|做梦|保险|知识|怎么预防|如何预防|面临|快要|即将|濒临|将要|堪比|道德|游乐"
)
_HABIT = re.compile(
    r"经常|天天|每[天晚次逢到]|总是|总有|老是|常年|常常|常有|长期|多次|屡次|屡|频繁|频发|多发|时常|时有|不时|动不动|好几次|[两三四几]次|有时|偶尔|一直|不断|从小|整天|多起|好多起|起[车事]"
)
_NOUN_AFTER = re.compile(
    r"^(?:似的|一样|一般|可能|隐患|险|报警|自动|声|头|性|事件|事故|案|罪|率|者|犯|人员(?!受)|保护|价|现场|问题|防|标志|点|设备|的(?:事|视频|录像|照片|新闻|传闻|问题|情况|原因|赔偿|责任|风险|危险|隐患|孩子|人|学生|老师|案))"
)
_NO_PERSON = re.compile(r"(?:狗|猫|鸡|鸭|羊|牛|鹦鹉|鸽子|手机|钱包|钥匙|电动车|自行车)(?:子|儿|咪)?[^，。]{0,4}$")
_OFTEN = re.compile(r"老是|总是|经常|常常|天天|三天两头|动不动|每[天周月次]|好几[次回]|时不时")
_OF_PERSONS = frozenset({"missing", "drowning", "trapped"})
_RUMOUR = re.compile(r"是真的吗|真的假的|真有这事|是不是真的|有这回事")
# 消防栓没水，着火了可咋整: somebody thinks of a fire, since there is nothing to put it out with.
_EQUIPMENT = re.compile(r"消防栓|消火栓|灭火器|消防车|消防通道|消防设施|应急灯|疏散")
_WHAT_THEN = re.compile(r"^(?:了|可|那|该)*(?:咋整|咋办|怎么办|谁负责|怎么跑|往哪跑|怎么逃|怎么救)")
_NOW = re.compile(
    r"现在|正在|正(?=着|打|冒|烧|砍)|刚[才刚]|此刻|快来|救命|救人|赶紧来|马上来|速来|快点来|来人|赶快来|急急|目前正|着呢|呢[！!]?$"
)
_PROCEDURE = re.compile(
    r"怎么(?:办理|申请|销户|补办|赔|报销|认定|处罚|判|预防)|如何|咨询|请问|是否|政策|赔偿|补偿|理赔|报销|鉴定|责任认定|判刑|立案|评定|残疾证|低保|抚恤|嫌疑|轻伤|解救|算工伤|诬|医药费|住院费"
)
# Smoke is pollution where it comes from what always smokes.
_POLLUTION = re.compile(
    r"烟囱|厂|车辆|汽车|公交|24小时|锅炉|饭店|餐馆|烧烤|油烟|排放|秸秆|车尾|尾气|货车|公交车|炉子|小作坊|砖窑|焚烧|烧垃圾|每天|电焊"
)
_SMOKE = frozenset(["冒烟", "冒浓烟", "冒黑烟", "浓烟"])
_FIGURE = re.compile(
    r"嗓子|(?:我|我的|把)头|头都|头要|眼睛|心里|火爆|生意|股票|房价|交通|收到|资金|工作|堵车|贫困|债务|情绪|脑子|手机|网速|路段|话|系统|服务器|程序"
)


# Gas that has been escaping all day is still escaping: 一直 denies nothing here.
_LASTING = frozenset({"gas", "electric", "trapped", "drowning"})


@dataclass(frozen=True, slots=True)
class _Kind:
    name: str
    call: tuple[str, ...]


class Triage:
    """Finds the emergency in a text. The words are in `lexicon/emergency.tsv`; what covers them in `neutral.tsv`."""

    def __init__(self) -> None:
        kinds: dict[str, _Kind | None] = {}
        for _, (name, call, words) in read_table("emergency.tsv"):
            kinds |= {word: _Kind(name, tuple(call.split())) for word in words.split()}
        kinds |= {cells[0]: None for _, cells in read_table("neutral.tsv") if cells[0] not in kinds}
        self._kinds = list(kinds.values())
        self._finder = LongestFinder(kinds)
        self._pairs = [(_Kind(name, tuple(call.split())), sides) for name, call, sides in list_danger_pairs()]
        anchors = list(dict.fromkeys(word for _, sides in self._pairs for word in sides.anchors))
        self._anchored = [[one for one in self._pairs if word in one[1].anchors] for word in anchors]
        self._anchors = Finder(anchors)

    def find(self, normal: Normal) -> Emergency | None:
        """The gravest emergency of the text: the kind named first; all its words are the evidence."""
        text = normal.text[:LONGEST_READ]
        # Most long texts tell of nothing that happens now.
        found = self._present(text) if len(text) <= LONG_TEXT or _NOW.search(text) else []
        if not found:
            return None
        first = found[0][0]
        call = dict.fromkeys(number for kind, _, _ in found for number in kind.call)
        spans = (normal.span(start, end) for _, start, end in found)
        return Emergency(first.name, tuple(call), tuple(Evidence(normal.original[a:b], a, b) for a, b in spans))

    def _present(self, text: str) -> list[tuple[_Kind, int, int]]:
        found = self._finder.find_all(text)
        covered = [(start, end) for place, start, end in found if self._kinds[place] is None]
        words = [(kind, start, end) for place, start, end in found if (kind := self._kinds[place])]
        pairs = [one for one in self._list_pairs(text) if not _is_inside(one, covered)]
        # The words first: a pair adds a danger, it does not rename the one that is named outright.
        return [one for one in words if _is_now(text, one[1], one[2], one[0].name)] + pairs

    def _list_pairs(self, text: str) -> Iterator[tuple[_Kind, int, int]]:
        for place, start, end in self._anchors.find_all(text):
            for kind, sides in self._anchored[place]:
                # What denies or fears it stands before the second word: 老人没有走丢.
                if (both := sides.find(text, start, end)) and _is_now(text, *both[1], kind.name):
                    yield kind, both[0][0], both[1][1]


def list_danger_pairs() -> Iterator[tuple[str, str, PairSides]]:
    """Kind, numbers to call and the two sides of each line of `emergency_pairs.tsv`. Raises ValueError naming a faulty line."""
    for number, cells in read_table("emergency_pairs.tsv"):
        if len(cells) != 4:
            raise ValueError(f"emergency_pairs.tsv line {number}: expected kind, numbers, words, words")
        yield cells[0], cells[1], PairSides.of(cells[2].split(), cells[3].split())


def _is_inside(one: tuple[_Kind, int, int], covered: list[tuple[int, int]]) -> bool:
    return any(start < one[2] <= end or start <= one[1] < end for start, end in covered)


def _is_now(text: str, start: int, end: int, kind: str) -> bool:
    left, right = _clause(text, start, end)
    before, after, word = text[left:start], text[end:right], text[start:end]
    earlier, later = text[max(0, left - 12) : left], text[right : right + 14]
    if _DENIED.search(before) or _FEARED.search(before) or _NOUN_AFTER.match(after) or _FIGURE.search(before):
        return False
    if _RUMOUR.search(after + later) or (_WHAT_THEN.match(after) and _EQUIPMENT.search(text)):
        return False
    if word in _SMOKE and _POLLUTION.search(before + after):
        return False
    if _OVER.search(after + later):
        return False
    if kind in _OF_PERSONS and _NO_PERSON.search(before):
        return False
    if kind == "trapped" and _OFTEN.search(before):
        return False
    if kind not in _LASTING and _HABIT.search(before + after) and not _NOW.search(text):
        return False
    around = earlier + before + word + after + later
    if _NOW.search(around):
        return True
    if len(text) > LONG_TEXT or _PROCEDURE.search(around):
        return False
    return not _PAST.search(earlier + before)


def _clause(text: str, start: int, end: int) -> tuple[int, int]:
    """The clause around a span, at most 30 characters to each side."""
    left = max(0, start - 30)
    for found in _CLAUSE_END.finditer(text, left, start):
        left = found.end()
    following = _CLAUSE_END.search(text, end, end + 30)
    return left, following.start() if following else min(len(text), end + 30)
