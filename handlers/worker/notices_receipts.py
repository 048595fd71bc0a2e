"""收到 and 完成, by word or by card, and the tables of who has said so."""

from grid.notices.receipts import Receipt, complete, count_receipts, receive
from grid.notices.rights import find_change_refusal
from grid.notices.signup import render_signups
from grid.notices.wording import tag
from grid.workflow import Refusal
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.notices_parts import actor_of, find_named, take_ids
from handlers.worker.notices_views import render_help, render_list, render_preview, render_roll, render_table
from handlers.worker.notices_words import NoticeCommand
from storage.notice_columns import NoticeKind
from storage.notice_tables import Notice, NoticeTarget


async def hear_received(talk: WorkerTalk, command: NoticeCommand) -> Said | None:
    """收到 [number]: of the notice named or quoted, else the newest of this group. None: the group has none, so it meant no notice."""
    if command.number is None:
        found = await talk.books.notices.list_in_group(f"group:{talk.group.id}") if talk.group else []
        # The newest that this group has not answered; when all are answered, the newest.
        open_ones = [pair for pair in found if pair[1].received_at is None]
        return await receive_on(talk, *(open_ones or found)[0]) if found else None
    notice = await find_named(talk, command, "收到 通1123-01")
    if isinstance(notice, Said):
        return notice
    target = await _find_target(talk, notice)
    return target if isinstance(target, Said) else await receive_on(talk, notice, target)


async def hear_done(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """完成 number what was done."""
    notice = await find_named(talk, command, "完成 通1123-01 已排查12户")
    if isinstance(notice, Said):
        return notice
    target = await _find_target(talk, notice)
    return target if isinstance(target, Said) else await complete_on(talk, notice, target, command.rest)


async def _find_target(talk: WorkerTalk, notice: Notice) -> NoticeTarget | Said:
    """Where the speaker answers for: his group; in single chat the group of his post, if the notice went to one only."""
    keys = [f"group:{talk.group.id}"] if talk.group else _own_groups(talk)
    found = await talk.books.notices.find_targets(notice.id, keys)
    if len(found) == 1:
        return found[0]
    if found:
        return refuse(f"您所在的几个群都收到了{tag(notice)}，请在群里回复。")
    return refuse(f"{tag(notice)}没有发到{'本群' if talk.group else '您所在的群'}。")


def _own_groups(talk: WorkerTalk) -> list[str]:
    seats = talk.desk.city.posts_of.get(talk.person.id, ()) if talk.person else ()
    areas = dict.fromkeys(seat.area for seat in seats)
    return [f"group:{group.id}" for area in areas for group in talk.desk.city.groups_in.get(area, ())]


async def receive_on(talk: WorkerTalk, notice: Notice, target: NoticeTarget) -> Said:
    """The group's receipt."""
    receipt = receive(talk.desk, notice, target, actor_of(talk), await take_ids(talk))
    if isinstance(receipt, Refusal):
        return refuse(f"{tag(notice)}{receipt.sentence}")
    next_step = ""
    if notice.kind is NoticeKind.TASK and target.done_at is None:
        next_step = f"做完请回复{how_to(talk, f'完成 {notice.number} 完成情况')}。"
    word = "已登记收到" if receipt.is_new else "本群已登记过收到"
    return tell(f"{tag(notice)}{word}。{next_step}", "notice_received", receipt.plan)


async def complete_on(talk: WorkerTalk, notice: Notice, target: NoticeTarget, note: str) -> Said:
    """The group's area has done its task."""
    if notice.kind is NoticeKind.TASK and not note and target.done_at is None:
        return refuse(f"请写明完成情况，例如：{how_to(talk, f'完成 {notice.number} 已排查12户')}。")
    done = complete(talk.desk, notice, target, actor_of(talk), note, await take_ids(talk))
    if isinstance(done, Refusal):
        return refuse(f"{tag(notice)}{done.sentence}")
    return tell(f"{tag(notice)}{_done_word(talk, notice, done)}。", "notice_done", done.plan)


def _done_word(talk: WorkerTalk, notice: Notice, done: Receipt) -> str:
    if not done.is_new:
        return "完成情况已更新"
    return "已登记完成"


async def hear_table(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """通知 回执 number."""
    notice = await _find_mine(talk, command, "通知 回执 通1123-01")
    if isinstance(notice, Said):
        return notice
    table = count_receipts(talk.desk.city, notice, await talk.books.notices.list_targets(notice.id))
    return tell(render_table(talk.desk.city, notice, table), "notice_table")


async def hear_roll(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """通知 名单 number."""
    notice = await _find_mine(talk, command, "通知 名单 通1123-01")
    if isinstance(notice, Said):
        return notice
    if notice.kind is NoticeKind.ACTIVITY:
        signups = await talk.books.notices.list_signups(notice.id)
        return tell(render_signups(notice, signups, talk.desk.zone), "notice_table")
    table = count_receipts(talk.desk.city, notice, await talk.books.notices.list_targets(notice.id))
    return tell(render_roll(talk, notice, table), "notice_table")


async def hear_show(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """通知 进度 number: the preview of what is not out yet, the receipts of what is."""
    notice = await _find_mine(talk, command, "通知 进度 通1123-01")
    if isinstance(notice, Said):
        return notice
    if notice.sent_at is None:
        return tell(await render_preview(talk, notice), "notice_previewed")
    table = count_receipts(talk.desk.city, notice, await talk.books.notices.list_targets(notice.id))
    return tell(render_table(talk.desk.city, notice, table), "notice_table")


async def _find_mine(talk: WorkerTalk, command: NoticeCommand, example: str) -> Notice | Said:
    notice = await find_named(talk, command, example)
    if isinstance(notice, Said) or talk.person is None:
        return notice
    refusal = find_change_refusal(talk.desk.city, notice, talk.person)
    return notice if refusal is None else refuse(f"{tag(notice)}的情况由拟稿人和指挥员查看。")


async def hear_list(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """通知 列表: the newest of the areas that the speaker coordinates, and his own."""
    city, person = talk.desk.city, talk.person
    assert person is not None, "strangers are refused before"
    own = [seat.area for seat in city.posts_of.get(person.id, ()) if seat.role.value == "coordinator"]
    notices = await talk.books.notices.list_of_areas(own, person.id)
    if not notices:
        return tell(f"还没有通知。{render_help(talk)}", "notice_listed")
    return tell(render_list(talk, notices), "notice_listed")


async def hear_help(talk: WorkerTalk, command: NoticeCommand) -> Said:
    """通知 帮助."""
    return tell(render_help(talk), "helped")
