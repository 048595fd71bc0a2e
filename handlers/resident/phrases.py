"""What residents say in set words, and the sentences that several handlers answer with."""

import re
import unicodedata

from grid.desk import Desk
from grid.wording import category_name, long_moment, place_line, status_name
from nlp.reading import Category
from storage.tables import Case

_JUNK = re.compile(r"[\s,。!?、,.!?~…::;;“”\"'()()【】\[\]-]+")
NUMBER = re.compile(r"(?<!\d)(\d{4})\s*[-—–―_ ]\s*(\d{2,6})(?!\d)")


def squeeze(text: str) -> str:
    """The text without spaces and punctuation, full width made half: what set words are compared with."""
    return _JUNK.sub("", unicodedata.normalize("NFKC", text)).lower()


def find_number(text: str) -> str | None:
    """A case number as somebody typed it, in its one true form."""
    found = NUMBER.search(unicodedata.normalize("NFKC", text))
    return f"{found[1]}-{found[2]}" if found else None


def category_choices() -> str:
    """The six categories as a numbered line."""
    return " ".join(f"{index} {category.label}" for index, category in enumerate(Category, start=1))


def find_category(text: str) -> str | None:
    """A category named in words or by its number 1–6."""
    word = squeeze(text)
    for index, category in enumerate(Category, start=1):
        if word == str(index) or category.label in word:
            return category.value
    return None


def progress_line(desk: Desk, case: Case) -> str:
    """Where a case stands and when its next step is due."""
    parts = [f"工单 {case.number}（{category_name(case.category)}）：{status_name(case.status)}。"]
    if case.is_open and case.resolve_due_at is not None:
        note = "（暂定）" if case.due_provisional else ""
        parts.append(f"{long_moment(case.resolve_due_at, desk.zone)}前办结{note}。")
    if case.result and not case.is_open:
        parts.append(f"处理情况：{case.result}。")
    parts.append(f"地点：{place_line(case, desk.city)}。")
    return "".join(parts)


HELP = (
    "我是网格助手，您可以：\n"
    "• 直接说事：哪里、什么问题，如“阳光小区3号楼楼道灯不亮”\n"
    "• 发照片、语音或位置\n"
    "• 回复“进度”查办理情况，“催办”催一催\n"
    "• 回复“补充 内容”“改类别”“撤销”\n"
    "• 回复“我的网格员”查联系电话\n"
    "遇到危险请先打110、119、120。"
)
WELCOME = "您好，这里是社区网格服务。有事直接发文字、照片或语音给我，我马上转给网格员，并告诉您办理结果。"
PRIVACY = "您发来的内容只用于办理您反映的事项。"
ASK_PLACE = "请问在哪个小区、几号楼？（也可发送位置）"
ASK_PHONE = "方便留个电话吗？可不留。"
NO_CASE = "您目前没有正在办理的工单。有事请直接告诉我：哪里、什么问题。"
