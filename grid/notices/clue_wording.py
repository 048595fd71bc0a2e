"""How clues read: for the station, for whoever gave one, and what a group sees of it (a number, never a word of it)."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from grid.message import Message
from grid.notices.wording import preview_text, tag, title_of
from grid.wording import moment, preview
from storage.notice_columns import NoticeState
from storage.notice_tables import Clue, Notice

CLUE_KIND = "clue"
PICTURE_KIND = "clue_picture"
FEEDBACK_KIND = "clue_feedback"
THANKS_KIND = "clue_thanks"

_NUMBER = re.compile(
    r"[【\[]?\s*(?:线索\s*)?线\s*((?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01]))\s*[-－—–]\s*(\d{1,5})(?!\d)\s*[】\]]?"
)
_TEXT = 1500
_LISTED = 20


def find_clue_numbers(text: str) -> list[str]:
    """All clue numbers in a text (`线1123-01`), in order, each once."""
    return list(dict.fromkeys(f"线{match[1]}-{int(match[2]):02d}" for match in _NUMBER.finditer(text)))


def cut_clue_numbers(text: str) -> str:
    """The text without the numbers that `find_clue_numbers` finds."""
    return _NUMBER.sub(" ", text).strip()


def over_words(notice: Notice) -> str:
    """What is said of a notice that is over when a clue to it still comes; empty while it runs."""
    if notice.state is NoticeState.RECALLED:
        return "这件通报已撤回"
    return "这件通报已结束" if notice.state is NoticeState.ENDED else ""


def ack_text(notice: Notice, clue: Clue, station: str, has_pictures: bool) -> str:
    """What the giver reads, alone or before his group: never anything of the clue itself."""
    over = over_words(notice)
    lead = f"{over}，仍谢谢您。" if over else ""
    what = "线索和照片" if has_pictures else "线索"
    where = f"已转{station}" if station else "已登记，请同时拨打110告知公安机关"
    return f"{lead}{what}已收到（{clue.number}），{where}，请勿外传。"


def station_message(notice: Notice, clue: Clue, giver: str, bot_name: str, zone: ZoneInfo, is_police: bool) -> Message:
    """A clue as the station gets it; `giver`: who gave it, as far as this reader may know."""
    over = over_words(notice)
    lines = [
        f"【线索 {clue.number}】{tag(notice)}{preview(title_of(notice), 30)}{f'（{over}）' if over else ''}",
        f"内容：{preview_text(clue.text, _TEXT)}" if clue.text else "内容：见照片",
        f"提供人：{giver}",
        f"时间：{moment(clue.at, zone)}",
        f"反馈请回复“@{bot_name} 反馈 {clue.number} 内容”，只有提供人能看到。"
        if is_police
        else "请尽快转交公安机关，请勿外传。",
    ]
    return Message(CLUE_KIND, "\n".join(lines), urgent=True)


def picture_message(clue: Clue, media_id: int, is_picture: bool) -> Message:
    """What came with a clue, on its way to the station when it has been made safe."""
    if is_picture:
        return Message(PICTURE_KIND, f"【线索 {clue.number}】照片：", pictures=(media_id,), urgent=True)
    return Message(PICTURE_KIND, f"【线索 {clue.number}】提供人另附有录音、视频或文件，已留存，可向值班人员调取。")


def feedback_message(clue: Clue, notice: Notice, text: str) -> Message:
    """The station's word, for the giver alone."""
    words = text.rstrip("。.")
    return Message(
        FEEDBACK_KIND, f"您提供的线索 {clue.number}（{notice.number}）有反馈：{words}。请勿外传。", reserve=True
    )


def thanks_message(notice: Notice, numbers: list[str], reason: str) -> Message:
    """Thanks to somebody who helped, once."""
    text = f"{tag(notice)}{reason}。感谢您提供线索（{'、'.join(numbers)}），请继续保密，不要外传。"
    return Message(THANKS_KIND, text, reserve=True)


def clue_line(clue: Clue, zone: ZoneInfo) -> str:
    """A clue in one line, for the station."""
    state = "已反馈" if clue.feedback else "未反馈"
    photo = f" 照片{len(clue.pictures)}" if clue.pictures else ""
    return f"{clue.number} {moment(clue.at, zone)} {state}{photo} {preview(clue.text, 60)}".rstrip()


def clue_list(notice: Notice, clues: list[Clue], zone: ZoneInfo) -> str:
    """All clues to a notice, the newest first."""
    if not clues:
        return f"{tag(notice)}还没有线索。"
    lines = [clue_line(clue, zone) for clue in reversed(clues[-_LISTED:])]
    return "\n".join([f"{tag(notice)}共{len(clues)}条线索：", *lines])


def own_clue_text(clue: Clue, notice_number: str, at: datetime | None, zone: ZoneInfo) -> str:
    """Where his own clue stands, for whoever gave it."""
    back = f"反馈（{moment(at, zone)}）：{clue.feedback}" if clue.feedback and at else "还没有反馈"
    return f"您的线索 {clue.number}（{notice_number}）{'已转交' if clue.passed_to else '已登记'}，{back}。请勿外传。"
