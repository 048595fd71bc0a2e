"""What becomes of a notice that was made: agreed to, timed, taken back, ended, raised to another level."""

import re
from datetime import datetime

from grid.notices.approval import RESIDENTS, SEND, decide, list_agreed
from grid.notices.dates import When, find_when
from grid.notices.drafting import find_level_refusal, make_successor
from grid.notices.recall import end_by_word, recall
from grid.notices.rights import find_recall_refusal
from grid.notices.sending import REPEATS, find_next, schedule
from grid.notices.wording import tag
from grid.wording import long_moment
from grid.workflow import Refusal
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.notices_draft import ASKS_NOTHING, remember
from handlers.worker.notices_making import find_changeable
from handlers.worker.notices_parts import actor_of, find_named, take_ids
from handlers.worker.notices_views import render_next_steps, render_preview, render_status
from handlers.worker.notices_words import NoticeCommand
from storage.columns import Colour
from storage.notice_tables import Notice

_REPEATED = (("每天", "daily"), ("每日", "daily"), ("每周", "weekly"), ("每星期", "weekly"), ("每月", "monthly"))
_AGAIN = re.compile(r"每(?:天|日|月)")


async def hear_agree(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """同意 number."""
    return await _decide(talk, command, True, SEND)


async def hear_disagree(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """不同意 number reason."""
    return await _decide(talk, command, False, SEND)


async def hear_confirm(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """确认居民 number: the second confirmation for a face that leaves the work groups."""
    return await _decide(talk, command, True, RESIDENTS)


async def _decide(talk: WorkerTalk, command: NoticeCommand, agrees: bool, step: str) -> Said:
    notice = await find_named(talk, command, "同意 通1123-01")
    return notice if isinstance(notice, Said) else await decide_on(talk, notice, agrees, command.rest, step)


async def decide_on(talk: WorkerTalk, notice: Notice, agrees: bool, note: str, step: str = SEND) -> Said:
    """The speaker's word on a notice."""
    assert talk.worker is not None, "strangers are refused before"
    approvals = await talk.books.notices.list_approvals(notice.id)
    ids, pictures = await take_ids(talk), [one.id for one in await talk.books.notices.list_pictures(notice.id)]
    moved = decide(talk.desk, notice, talk.worker, approvals, agrees, note, ids, step, pictures)
    if isinstance(moved, Refusal):
        return refuse(f"{tag(notice)}{moved.sentence}")
    after, plan = moved
    if not agrees:
        return tell(f"{tag(notice)}已记录不同意，通知不会发送，已告知拟稿人。", "notice_refused", plan)
    agreed = {*list_agreed(approvals, SEND), *((talk.worker.id,) if step == SEND else ())}
    return tell(f"已记录同意。{render_status(talk, after, agreed)}", "notice_approved", plan)


async def hear_timed(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """定时 [number] moment [每周]: when it goes out, and whether again."""
    notice = await find_changeable(talk, command, "定时 通1123-01 明天8点")
    if isinstance(notice, Said):
        return notice
    repeat = next((code for word, code in _REPEATED if word in command.rest), "")
    said = _AGAIN.sub("", command.rest).replace(
        "每周", "周" if re.search(r"每周[一二三四五六日天]", command.rest) else ""
    )
    when = find_when(said, talk.desk.now.astimezone(talk.desk.zone))
    if when is None or not when.has_time:
        example, again = how_to(talk, "定时 明天8点"), how_to(talk, "定时 下周一9点 每周")
        return refuse(f"请写明几点发送，例如：{example}；重复发送：{again}。")
    at = _to_come(talk, when, repeat).astimezone(talk.desk.now.tzinfo)
    moved = schedule(talk.desk, notice, actor_of(talk), at, repeat, await take_ids(talk))
    if isinstance(moved, Refusal):
        return refuse(f"{tag(notice)}{moved.sentence}")
    again = f"，以后{REPEATS[repeat]}重复" if repeat else ""
    return tell(f"{tag(notice)}定于{long_moment(at, talk.desk.zone)}发送{again}。", "notice_timed", moved[1])


def _to_come(talk: WorkerTalk, when: When, repeat: str) -> datetime:
    """An hour alone that is past today means tomorrow's; of a repeated moment the next one."""
    if when.at > talk.desk.now or (when.has_day and not repeat):
        return when.at
    return find_next(when.at, repeat or "daily", talk.desk.now, talk.desk.zone) or when.at


async def hear_recall(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """撤回通知 number reason."""
    notice = await find_named(talk, command, "撤回通知 通1123-01 时间有误")
    if isinstance(notice, Said):
        return notice
    approvals = await talk.books.notices.list_approvals(notice.id)
    moved = recall(talk.desk, notice, approvals, actor_of(talk), command.rest, await take_ids(talk))
    if isinstance(moved, Refusal):
        return refuse(f"{tag(notice)}{moved.sentence}")
    series = "这是重复发送的通知，以后各次请在“通知 列表”里另行取消。" if notice.repeat else ""
    text = f"{tag(notice)}已撤回：没发出的不再发送，已收到的群和居民会逐一收到撤回通知，并请其删除。{series}"
    return tell(text, "notice_recalled", moved[1])


async def hear_end(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """解除, 结束 number [reason]: before its date."""
    notice = await find_named(talk, command, "解除 通1123-01")
    if isinstance(notice, Said):
        return notice
    approvals = await talk.books.notices.list_approvals(notice.id)
    moved = end_by_word(talk.desk, notice, approvals, actor_of(talk), command.rest, await take_ids(talk))
    if isinstance(moved, Refusal):
        return refuse(f"{tag(notice)}{moved.sentence}")
    return tell(f"{tag(notice)}已结束，收到过的群和居民会按需收到结束通知。", "notice_ended", moved[1])


async def hear_level(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """调整 number colour [text]: a draft with the new level, which takes the place of the old warning when it goes out."""
    notice = await find_named(talk, command, "调整 通1123-01 红色 雪势加大")
    if isinstance(notice, Said):
        return notice
    colour, reason = _take_colour(command.rest)
    if colour is None:
        return refuse(f"请写明调整为哪一级（蓝、黄、橙、红），例如：{how_to(talk, f'调整 {notice.number} 红色')}。")
    approvals = await talk.books.notices.list_approvals(notice.id)
    assert talk.person is not None, "strangers are refused before"
    refusal = find_recall_refusal(talk.desk.city, notice, approvals, talk.person) or find_level_refusal(notice, colour)
    if refusal is not None:
        return refuse(f"{tag(notice)}{refusal.sentence}")
    ids, number = await take_ids(talk), await talk.books.notices.take_number(talk.desk.today)
    draft, plan = make_successor(talk.desk, notice, colour, reason, actor_of(talk), next(ids), number, ids)
    plan.changes.append(remember(talk, draft.id, ASKS_NOTHING))
    lead = f"发出后将接替{tag(notice)}。"
    return tell(
        f"{await render_preview(talk, draft)}\n{lead}{render_next_steps(talk, draft)}", "notice_previewed", plan
    )


def _take_colour(text: str) -> tuple[Colour | None, str]:
    said = text.strip().removeprefix("为").removeprefix("到").strip()
    for colour in Colour:
        for word in (f"{colour.label}色预警", f"{colour.label}色", colour.label):
            if said.startswith(word):
                return colour, said[len(word) :].strip(" ，,。:：")
    return None, text
