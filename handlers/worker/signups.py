"""报名 in a group, for the speaker himself or for people whom he names."""

from grid.notices.signup import Entry
from grid.workflow import Refusal
from handlers.reply import Said
from handlers.signups import (
    SignupWords,
    ask_which,
    choose_entry,
    count_people,
    parse_signup,
    sign_off_on,
    sign_up_on,
)
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse
from handlers.worker.commands import plain
from handlers.worker.notices_parts import actor_of
from storage.notice_columns import NoticeKind
from storage.notice_tables import Notice

_KINDS = frozenset({NoticeKind.ACTIVITY})


def parse_worker_signup(talk: WorkerTalk) -> SignupWords | None:
    """The line as 报名 or 取消报名."""
    return parse_signup(plain(talk.update.text), talk.update.quote.text if talk.update.quote else "")


async def hear_signup(talk: WorkerTalk) -> Said | None:
    """报名 [number] [name] [N人], 取消报名 [number] [name]; None where nothing is open here and no number is named."""
    words = parse_worker_signup(talk)
    if words is None:
        return None
    actor = actor_of(talk)
    if words.cancels:
        entry = choose_entry(await talk.books.clues.list_signed_up(actor.key), words)
        return refuse(entry) if isinstance(entry, Refusal) else await sign_off_on(talk, *entry, actor)
    notice = await _find_activity(talk, words)
    if notice is None or isinstance(notice, Said):
        return notice
    if not words.is_plain:
        return refuse(f"请这样报名：{how_to(talk, f'报名 {notice.number} 张三 2人')}。")
    name = words.name or actor.name
    return await sign_up_on(talk, notice, Entry(actor.key, name, count_people(words)), actor)


async def _find_activity(talk: WorkerTalk, words: SignupWords) -> Notice | Said | None:
    if words.number is not None:
        found = await talk.books.notices.find(words.number)
        return found or refuse(f"没有找到活动 {words.number}，请核对编号。")
    here = [f"group:{talk.group.id}"] if talk.group is not None else []
    running = await talk.books.clues.list_running(here, _KINDS)
    notices = [notice for notice, target in running if target is not None or not here]
    if len(notices) > 1:
        return refuse(ask_which(notices, "报名"))
    return notices[0] if notices else None
