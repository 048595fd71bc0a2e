"""Complaints about the behaviour of a grid worker or a community cadre: they never go to that worker's own groups."""

from __future__ import annotations

import re
from collections.abc import Iterator

_WHO = (
    r"网格(?:员|长|管理员|工作人员)|社区(?:的)?(?:工作人员|干部|主任|书记|干事|办事员|人员|那个|负责人)|"
    r"居委会(?:的)?(?:主任|书记|人员|工作人员|大妈|干部)|村(?:的)?(?:支书|书记|主任|干部|长|会计|两委)|"
    r"村委会?(?:主任|书记|干部)|楼长|楼栋长|街道(?:办)?(?:的)?(?:工作人员|干部)"
)
_SOMEBODY = (
    ("村", "村"),
    ("格", "网格"),
    ("社", "社区"),
    ("街", "街道"),
    ("委", "居委会"),
    ("长", "楼长"),
    ("栋", "楼栋长"),
)
"""One stands in every text in which `_WHO` or `_PERSON` is found, and is found much faster: a single character fastest."""
_PERSON = r"网格员|网格长|社区(?:书记|主任|干部|工作人员)"
_DEED = (
    r"态度(?:很|太|非常|特别|极其|十分|也|真|比较|不|恶劣|差|蛮横|极差|冷漠|傲慢)|骂(?!声)|辱骂|打人|动手打|不作为|乱作为|推诿|推脱|推卸|敷衍|糊弄|应付|刁难|吃拿卡要|收(?:钱|礼|红包|好处)|要钱|索要|受贿|贪|乱收费|不接电话|电话不接|不回|不理|不管|不露面|不见人|从(?:来)?不(?:来|管|出现|入户)|"
    r"不负责|玩忽|渎职|失职|泄露|偏袒|偏心|欺负|欺压|威胁|恐吓|耍|摆架子|官僚|脾气|爱答不理|爱搭不理|不耐烦|走过场|弄虚作假|造假|摆拍|以权|徇私|优亲|冒领|挪用|侵占|吃回扣|拿回扣|包庇|报复|骚扰|上班(?:时间)?(?:玩|打牌|打麻将|睡觉|喝酒)|喝酒|脱岗|早退|迟到|旷工|不上班|挂断|挂电话|挂我电话|没素质|素质(?:低|差)|说话难听|难听|不办事|拖着不办|撒谎|骗"
)
_BEHAVED = re.compile(_DEED)
_DEED_WITHIN, _LONGEST_DEED = 16, 8
"""Characters that may stand between the person and the deed, and of the longest deed with what is looked at behind it."""
_WHOEVER = re.compile(_WHO)
_SENTENCE_END = re.compile(r"[。！？!?\n]")
_NAMED = re.compile(
    rf"(?:投诉|举报|实名举报|控告|反映)(?:[^。！？!?\n，,]{{0,8}})(?:{_PERSON})(?!.{{0,12}}(?:不知道|是谁|没有|缺))"
)
_NOT_THEM = re.compile(
    r"(?:请|希望|麻烦|让|找|向|跟|和|给|感谢|联系|要求|通知|反映给|反映到|反映了)(?:一下|我们|咱们|过)?(?:的)?$"
)
_OTHERS_DEED = re.compile(r"(?:物业|业主|邻居|商家|老板|保安|开发商|店家|城管|租户|楼上|施工)")


def is_conduct(text: str) -> bool:
    """Whether a normalised text complains about how such a person behaves (not about a matter they were told)."""
    for sign, somebody in _SOMEBODY:
        if sign in text and somebody in text:
            return _complains(text)
    return False


def _complains(text: str) -> bool:
    for start, end in _list_complaints(text):
        asked = _NOT_THEM.search(text, max(0, start - 6), start)
        if not asked and not _OTHERS_DEED.search(text, start, end):
            return True
    named = _NAMED.search(text)
    return named is not None and not re.search(r"向|给", named[0][:6])


def _list_complaints(text: str) -> Iterator[tuple[int, int]]:
    """Where such a person stands and, close behind in the same sentence, a deed. The two are looked for one after the other:
    one pattern of both tries every deed at every place behind the person."""
    behind = 0
    for who in _WHOEVER.finditer(text):
        if who.start() < behind:
            continue
        deed = _BEHAVED.search(text, who.end(), who.end() + _DEED_WITHIN + _LONGEST_DEED)
        if (
            deed
            and deed.start() <= who.end() + _DEED_WITHIN
            and not _SENTENCE_END.search(text, who.end(), deed.start())
        ):
            behind = deed.end()
            yield who.start(), behind
