"""What residents say in set words, and the sentences that several handlers answer with."""

import re
import unicodedata
from dataclasses import dataclass

from nlp.reading import Category, Reading
from storage.tables import Case

_JUNK = re.compile(r"[\s,。!?、.~…:;“”\"'()【】\[\]<>《》·-]+")
NUMBER = re.compile(r"(?<!\d)((?:0[1-9]|1[0-2])(?:[0-2]\d|3[01]))\s*[-—–―_ ]\s*(\d{2,6})(?!\d)")
_OPTION = re.compile(r"(?:选|回复|我选|选择|第)?([0-9]{1,2}|[一二三四五六七八九])(?:个|号|项)?")
_CHINESE = {word: index for index, word in enumerate("一二三四五六七八九", start=1)}
_LONGEST_ASSENT = 16
# Words that say "heard you": they are never part of a matter, so they must never change a case.
_ASSENT = re.compile(
    r"(?:好|的|滴|嘞|哒|吧|啊|呀|呢|啦|了|嗯|哦|噢|额|行|中|成|可以|收到|知道|明白|了解|谢|多谢|感谢|辛苦|ok|okay|是|对|没有|没了|没事儿|没事|没问题|"
    r"不用|不客气|稍等|等等|等一下|哈|呵|嘿|哎|唉|您|你|们|那|就|先|这样|麻烦|放心|再见|拜拜|太|真|我|6)+"
)
_SAYS_SOMETHING = re.compile(r"[\u4e00-\u9fff]|^\d{3,4}$|\d-\d")
_ALIASES = {
    "党建": Category.PARTY_BUILDING, "矛盾": Category.DISPUTE, "纠纷": Category.DISPUTE, "调解": Category.DISPUTE,
    "民生": Category.LIVELIHOOD, "服务": Category.LIVELIHOOD, "治安": Category.PUBLIC_SECURITY,
    "社会": Category.PUBLIC_SECURITY, "城建": Category.URBAN_PROPERTY, "物业": Category.URBAN_PROPERTY,
    "执法": Category.LAW_ENFORCEMENT, "城管": Category.LAW_ENFORCEMENT,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """A number that somebody typed; `index` counts from 0 and is None where no option has this number."""

    index: int | None


def squeeze(text: str) -> str:
    """The text without spaces and punctuation, full width made half: what set words are compared with."""
    return _JUNK.sub("", unicodedata.normalize("NFKC", text)).lower()


def find_number(text: str) -> str | None:
    """A case number as somebody typed it, in its one true form."""
    found = NUMBER.search(unicodedata.normalize("NFKC", text))
    return f"{found[1]}-{found[2]}" if found else None


def find_choice(word: str, count: int) -> Choice | None:
    """The number that a squeezed text consists of; None where it says anything else. `count`: how many options there are."""
    found = _OPTION.fullmatch(word)
    if not found:
        return None
    number = _CHINESE.get(found[1]) or int(found[1])
    return Choice(number - 1 if 1 <= number <= count else None)


def is_assent(text: str) -> bool:
    """Whether a text only says that it was heard: 好的, 嗯嗯, 收到谢谢."""
    word = re.sub(r"\W", "", squeeze(text))
    return len(word) <= _LONGEST_ASSENT and (not word or _ASSENT.fullmatch(word) is not None)


def says_something(text: str) -> bool:
    """Whether there is anything in it that a person could act on: a Chinese word or a room number, not only signs or a link."""
    word = squeeze(re.sub(r"https?://\S*", "", text))
    return _SAYS_SOMETHING.search(word) is not None


def list_evidence(reading: Reading) -> tuple[str, ...]:
    """The words that say what the matter is; those of the address itself (小区, 楼道口) say only where."""
    mention = reading.place.mention if reading.place is not None else None
    own = [item for item in reading.evidence if mention is None or not mention.start <= item.start < mention.end]
    return tuple(dict.fromkeys(item.word for item in own))


def is_told_already(case: Case, text: str) -> bool:
    """Whether a case holds these very words (people press “send” twice)."""
    word = squeeze(text)
    return len(word) > 3 and word in squeeze(case.text)


def category_choices(codes: tuple[str, ...] = tuple(Category)) -> str:
    """The categories as a numbered line."""
    return " ".join(f"{index} {Category(code).label}" for index, code in enumerate(codes, start=1))


def find_category(text: str) -> str | None:
    """A category named in words, by a short name of its own, or by its number 1–6."""
    word = squeeze(text)
    choice = find_choice(word, len(Category))
    if choice is not None and choice.index is not None:
        return tuple(Category)[choice.index].value
    named = next((category.value for category in Category if category.label in word), None)
    return named or (_ALIASES[word].value if word in _ALIASES else None)


HELP = (
    "我是网格助手。有事直接说：哪里、什么问题，如“阳光小区3号楼楼道灯不亮”；也可以发照片、语音或位置。\n"
    "办完以前，您可以回复：\n"
    "“进度”看办到哪了，“催办”催一催，“补充 内容”再说几句，\n"
    "“改地点”“改类别”更正，“撤销”不办了，“我的网格员”查电话。\n"
    "遇到危险请先打110、119、120。"
)
WELCOME = "您好，这里是社区网格服务。有事直接发文字、照片或语音给我，我马上转给网格员，并告诉您办理结果。"
PRIVACY = "您发来的内容只用于办理您反映的事项，回复“隐私”了解更多。"
TELL_ME = "请直接告诉我：哪里、什么问题。"
ASK_PLACE = "请问在哪个小区、几号楼？（也可发送位置）"
ASK_NEARBY = "请点输入框旁的“＋”发送位置，或告诉我附近的路名、商店。"
ASK_PHONE = "方便留个电话吗？可不留，只有办理人员能看到。"
ASK_RATING = "请您评价（回复数字）：1 满意 2 基本满意 3 不满意"
WHAT_NEXT = "补充照片请直接发送；回复“进度”查询，“改类别”更正。"
NO_CASE = "您目前没有正在办理的工单。有事请直接告诉我：哪里、什么问题。"
STILL_IN_DANGER = "如果还有危险，请马上拨打110、119或120。"
