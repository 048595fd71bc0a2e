"""What kind of utterance a text is. In doubt it is a matter: a lost report is worse than one question too many."""

from __future__ import annotations

import re

from nlp.ear import Heard
from nlp.lexicon import read_table
from nlp.reading import Talk
from nlp.words import LongestFinder

_STICKER = re.compile(
    r"\[[\u4e00-\u9fffa-z!]{1,6}\]|/:[^\s\u4e00-\u9fff]{1,8}|【收到不支持的消息类型，?暂?无法显示】|"
    "[\u2190-\u21ff\u2300-\u23ff\u2460-\u24ff\u25a0-\u27bf\u2900-\u2bff\u3030\u3297\u3299\ue000-\uf8ff\U0001f000-\U0001faff\U000e0000-\U000e007f\u20e3\u200d]"
)
_MARKS = re.compile(r"[^\w]|_")
_PRAISE_WORD = re.compile(
    r"表扬|点赞|好样的|锦旗|(?:你|您|们|员|师傅|社区)真好|真棒|太棒|很棒|棒棒|很满意|非常满意|太好了|给力|贴心|热心|好人|暖心|负责任|认真负责|服务(?:很|真|特别)?(?:好|周到|热情)|态度(?:很|真|非常|特别)?好|为.{1,12}点赞|好评|值得学习|称赞|赞一个|工作(?:很|真)?(?:到位|认真)"
)
_THANKS_WORD = re.compile(r"感谢|谢谢|多谢|辛苦(?!领导|您帮|你们?帮|帮|一下|来|派|处理)|感激|致谢|谢")
_DONE = re.compile(r"好了|解决|处理(?:好|完|得)|恢复|通了|亮了|到位|及时|帮(?:我|助|忙)|办成|送来|上门")
_TROUBLE = re.compile(
    r"不(?!客气|少|用|错|愧|辞|怕|仅|断|厌|容易|管.{0,4}都|分昼夜)|没(?!事|想到|问题)|坏|堵|漏|吵|乱|脏|差(?!不多)|投诉|举报|反映|但|可是|不过|希望|请(?!接受)|怎|为什么|为何|什么时候|何时|几时|还是|又|仍|依然|臭|破|塌|欠|骗|偷|打(?!扫|电话|理|造)|断|停|裂|冒|扰|违|污|问题没|建议|求|能否|能不能|是否|多久|歪|倒|怕|难|危险|缺|丢|死|疯|咨询|想问|办理|申请"
)
_PLAIN_TROUBLE = re.compile(
    r"[坏堵漏吵乱脏臭破塌欠骗偷裂违污歪缺丢扰噪怎]|投诉|举报|反映|希望|能否|咨询|什么时候|请问|请求|要求|建议|何时|为什么|严重"
)
"""What of `_TROUBLE` is trouble without a look at its surroundings: in a long text with one of these, nobody only thanks."""
# Who or what a report is about; small talk has none of it.
_SOMETHING = re.compile(
    r"有人|有个|我家|我们|我妈|我爸|楼|门|窗|车|路|水|电|火|烟|(?<![天客])气|狗|树|孩|娃|老人|老头|老太|邻居|隔壁|对门|玻璃|墙|房|屋|救|快来|报警|帮|出事|小区|物业|村|社区"
)
_ASKS = re.compile(r"吗|呢")
_ABOUT_US = re.compile(
    r"你是谁|你叫什么|你是(?:不是)?(?:机器人|人工|真人|ai|什么)|是机器人吗|转人工|人工客服|人工服务|你(?:能|会|可以)(?:做|干|帮).{0,6}(?:什么|啥|吗)|(?:这个|公众号|平台|这)?(?:怎么|咋|如何)(?:使用|用|操作|反映问题|反映|投诉|举报|报修|上报|报事)(?:问题|呢|啊|呀|的|吗)?$|"
    r"有(?:什么|哪些|啥)功能|使用说明|怎么玩|在哪(?:里)?(?:投诉|反映|举报)$|^(?:我)?(?:想|要|我要|我想)(?:投诉|举报|反映(?:问题|个事|一个问题|情况|点事)?|报修|报事)$|^(?:有(?:个|件)?事(?:想|要)?(?:问|说|反映)?.{0,3})$|几点上班|什么时候上班|上班吗|^(?:我)?(?:想)?(?:问|咨询)(?:个|一下|一个)?(?:事|问题|事情)$"
)
_COMPLAINT = re.compile(r"投诉|举报|反映|控告|赌|贵|收到|骗|骚扰|扰民|假|虚假|打电话|强制|怎么|贴|没|不给|不退")


def _list_words(*kinds: str) -> set[str]:
    lists = (words.split() for _, (kind, words) in read_table("talk.tsv") if kind in kinds)
    return {word for words in lists for word in words}


def _longest_first(*kinds: str) -> re.Pattern[str]:
    words = sorted(_list_words(*kinds), key=len, reverse=True)
    return re.compile("(?:" + "|".join(map(re.escape, words)) + ")+")


_POLITE = _longest_first("greeting", "thanks", "filler")
_GREETS = _longest_first("greeting")
_ADVERTS = LongestFinder(_list_words("advert"))
LONG = 60
"""From here on a text is a matter unless it is an advertisement or pure praise."""
SURELY_SAID = 40
"""Above this a text with plain trouble in it is no small talk and no question about ourselves, whatever its marks."""
LONGEST_JUDGED = 160
"""Above this everything is a matter: people who write so much want something."""
SURE, LIKELY, POSSIBLE = 0.95, 0.7, 0.3
"""From these chances on what sounds like small talk is: with words of trouble in it, without them, and in a very short and vague text."""
UNEASY = 0.2
"""From this chance of danger on nothing is small talk: who thanks for the last time (谢谢这些年照应) sounds much like who just thanks."""
SHORT, SCRAP = 10, 6
"""Up to here a text without any word of the lexicon, any trouble and any place is vague; and up to here such a scrap is chatter."""


def read_talk(text: str, heard: Heard | None = None, *, evidence: bool, place: bool, party: bool = False) -> Talk:
    """The kind of a normalised text.

    `heard`: what a short text sounds like; `evidence`: the lexicon knows a word of it; `place`: it names a place; `party`: its
    words are those of 党建引领, where the people stand whom one thanks.
    """
    if len(text) > LONGEST_JUDGED:
        return Talk.MATTER
    if len(text) > SURELY_SAID and _PLAIN_TROUBLE.search(text):
        return Talk.CHATTER if is_advert(text) else Talk.MATTER
    said = _MARKS.sub("", _STICKER.sub("", text))
    if not said:
        return _wordless(text)
    if len(said) <= LONG and _POLITE.fullmatch(said):
        return _polite(said)
    if is_advert(text):
        return Talk.CHATTER
    if heard and heard.danger >= UNEASY:
        return Talk.MATTER
    if (not evidence or party or _DONE.search(said) or _PRAISE_WORD.search(said)) and (kind := _grateful(said)):
        return kind
    if len(said) <= 24 and _ABOUT_US.search(_POLITE.sub("", said, count=1) if _GREETS.match(said) else said):
        return Talk.QUESTION
    return _as_heard(said, heard, evidence or place) if heard else Talk.MATTER


def _as_heard(said: str, heard: Heard, known: bool) -> Talk:
    """What it sounds like, where that is sure, or likely and without any trouble in it. What is short and vague is chatter with
    little of its sound, a scrap with nothing of it: 三江口那边."""
    if heard.small_talk >= SURE:
        return heard.talk
    if _TROUBLE.search(_without_relief(said)):
        return Talk.MATTER
    if heard.small_talk >= LIKELY:
        return heard.talk
    vague = not known and len(said) <= SHORT and not _SOMETHING.search(said)
    return Talk.CHATTER if vague and (heard.small_talk >= POSSIBLE or len(said) <= SCRAP) else Talk.MATTER


def _without_relief(said: str) -> str:
    """Without words that sound like trouble and tell of its end."""
    return said.replace("没有你们", "").replace("解决了", "").replace("问题", "")


def is_advert(text: str) -> bool:
    """Two marks of advertising and no complaint: somebody is selling, not reporting."""
    marks = {mark for mark, _, _ in _ADVERTS.find_all(text)}
    return len(marks) > 1 and not _COMPLAINT.search(text)


def _wordless(text: str) -> Talk:
    if _STICKER.search(text):
        return Talk.STICKER
    return Talk.CHATTER if text.strip() else Talk.EMPTY


def _polite(said: str) -> Talk:
    if _THANKS_WORD.search(said):
        return Talk.THANKS
    return Talk.GREETING if _GREETS.search(said) and not re.fullmatch(r"[\d哈嗯哦好的是对行]+", said) else Talk.CHATTER


def _grateful(said: str) -> Talk | None:
    """Pure thanks or praise: grateful words and no trouble at all."""
    thanks, praise = _THANKS_WORD.search(said[:40]), _PRAISE_WORD.search(said)
    if not (thanks or praise):
        return None
    if _ASKS.search(said) or _TROUBLE.search(_without_relief(said)):
        return None
    if praise and not (thanks and thanks.start() < praise.start()):
        return Talk.PRAISE
    return Talk.THANKS
