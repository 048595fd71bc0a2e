"""The entrance of notices for residents: reading them again, 报名, clues. What is about none of these goes on."""

import re

from grid.notices.signup import Entry
from grid.workflow import Refusal
from handlers.reply import Reply, Said
from handlers.resident.clues import hear_clue, hear_picture
from handlers.resident.notice_reading import hear_list, list_mine
from handlers.resident.phrases import squeeze
from handlers.signups import (
    SignupWords,
    ask_which,
    choose_entry,
    count_people,
    parse_signup,
    sign_off_on,
    sign_up_on,
)
from handlers.talk import ResidentTalk
from handlers.update import UpdateKind
from storage.notice_columns import NoticeKind
from storage.notice_tables import Notice

_LIST = re.compile(
    r"(?:看|查|查看|看看|查询|最近的?|有什么|有哪些|社区|小区|最新的?){0,4}的?(?:通知|公告|通告)(?:列表|有哪些|吗|呢)?"
)
_SHOWN = 6
_LONGEST_ASKING = 12
_MEDIA = frozenset({UpdateKind.IMAGE, UpdateKind.VIDEO, UpdateKind.SHORT_VIDEO})


async def notices(talk: ResidentTalk) -> Said | None:
    """A message about a notice; None when it is about none."""
    if talk.update.kind in _MEDIA:
        return await hear_picture(talk)
    if talk.update.kind is not UpdateKind.TEXT:
        return None
    text = talk.update.text.strip()
    words = parse_signup(text)
    if words is not None:
        return await _sign(talk, words)
    if len(text) <= _LONGEST_ASKING and _LIST.fullmatch(squeeze(text)):
        return await hear_list(talk)
    return await hear_clue(talk, text)


async def _sign(talk: ResidentTalk, words: SignupWords) -> Said | None:
    actor = talk.actor
    if words.cancels:
        own = await talk.books.clues.list_signed_up(actor.key)
        entry = choose_entry(own, words)
        return (
            Said(Reply(entry.sentence), "refused")
            if isinstance(entry, Refusal)
            else await sign_off_on(talk, *entry, actor)
        )
    notice = await _find_activity(talk, words)
    if notice is None or isinstance(notice, Said):
        return notice
    if not words.is_plain:
        return Said(Reply(f"请这样报名：报名 {notice.number} 姓名 2人。"), "refused")
    name = words.name or talk.resident.name
    return await sign_up_on(talk, notice, Entry(actor.key, name, count_people(words)), actor)


async def _find_activity(talk: ResidentTalk, words: SignupWords) -> Notice | Said | None:
    if words.number is not None:
        found = await talk.books.notices.find(words.number)
        return found or Said(Reply(f"没有找到活动 {words.number}，请核对编号。"), "refused")
    open_ones = [notice for notice in await list_mine(talk) if notice.kind is NoticeKind.ACTIVITY]
    if len(open_ones) > 1:
        return Said(Reply(ask_which(open_ones[:_SHOWN], "报名")), "refused")
    if not open_ones and words.is_plain:
        return Said(Reply("您所在的区域现在没有可以报名的活动。"), "answered")
    return open_ones[0] if open_ones else None
