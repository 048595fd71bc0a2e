"""The station's side of clues: 反馈, 线索 列表, 抓获. Only those see a clue to whom it was passed, and the police of the area."""

from grid.desk import Actor
from grid.notices.clue_wording import clue_list, own_clue_text
from grid.notices.clues import COLLECTING, answer_clue, close_matter, find_answer_refusal, find_close_refusal
from grid.notices.wording import tag
from grid.workflow import Refusal
from handlers.clues import find_targets
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.clue_words import ClueCommand
from handlers.worker.notices_parts import actor_of, take_ids
from storage.notice_tables import Clue, Notice


async def _find_for_station(talk: WorkerTalk, number: str | None) -> tuple[Clue, Notice] | Said:
    clue = await talk.books.clues.find(number or "")
    notice = await talk.books.find(Notice, clue.notice_id) if clue is not None else None
    if clue is None or notice is None:
        return refuse(f"没有找到您可以处理的线索 {number}。")
    assert talk.person is not None, "strangers are refused before"
    group_id = talk.group.id if talk.group is not None else None
    refusal = find_answer_refusal(talk.desk.city, notice, clue, talk.person, group_id)
    return refuse(refusal) if refusal is not None else (clue, notice)


async def hear_feedback(talk: WorkerTalk, command: ClueCommand) -> Said:
    """反馈 clue text: privately to the giver."""
    found = await _find_for_station(talk, command.clue)
    if isinstance(found, Said):
        return found
    clue, notice = found
    targets = await find_targets(talk.books, talk.desk.city, [clue.person])
    giver = targets.get(clue.person, "")
    plan = answer_clue(talk.desk, notice, clue, giver, actor_of(talk), command.rest, await take_ids(talk))
    if isinstance(plan, Refusal):
        return refuse(plan)
    word = "反馈已私下转给提供人" if giver else "反馈已记录，提供人已无法联系"
    return tell(f"【线索 {clue.number}】{word}。", "clue_answered", plan)


async def hear_show(talk: WorkerTalk, command: ClueCommand) -> Said:
    """线索 clue: all of it for the station; for its giver, in single chat, where it stands."""
    clue = await talk.books.clues.find(command.clue or "")
    is_own = clue is not None and talk.person is not None and clue.person == f"worker:{talk.person.id}"
    if clue is not None and is_own and talk.update.chat is None:
        notice = await talk.books.find(Notice, clue.notice_id)
        number = notice.number if notice is not None else ""
        return tell(own_clue_text(clue, number, clue.feedback_at, talk.desk.zone), "clue_shown")
    found = await _find_for_station(talk, command.clue)
    if isinstance(found, Said):
        return found
    clue, notice = found
    photo = f"照片{len(clue.pictures)}张（已随线索转来）。" if clue.pictures else ""
    back = f"已反馈：{clue.feedback}。" if clue.feedback else "还没有反馈。"
    return tell(f"【线索 {clue.number}】{tag(notice)}\n内容：{clue.text or '见照片'}\n{photo}{back}", "clue_shown")


async def hear_list(talk: WorkerTalk, command: ClueCommand) -> Said:
    """线索 列表 number: only those that the speaker may see."""
    notice = await talk.books.notices.find(command.notice or "")
    if notice is None:
        return refuse(f"请写明通报编号，例如：{how_to(talk, '线索 列表 通1123-01')}。")
    assert talk.person is not None, "strangers are refused before"
    group_id = talk.group.id if talk.group is not None else None
    clues = await talk.books.clues.list_of_notice(notice.id)
    city, person = talk.desk.city, talk.person
    seen = [clue for clue in clues if find_answer_refusal(city, notice, clue, person, group_id) is None]
    if clues and not seen:
        return refuse(f"{tag(notice)}的线索只有发布单位能查看。")
    return tell(clue_list(notice, seen, talk.desk.zone), "clue_shown")


async def hear_close(talk: WorkerTalk, command: ClueCommand) -> Said | None:
    """抓获, 结案, 找到 number: it is over, everywhere. None for a notice that asks for no clues."""
    notice = await talk.books.notices.find(command.notice or "")
    if notice is None or notice.kind not in COLLECTING:
        return None
    assert talk.person is not None, "strangers are refused before"
    approvals = await talk.books.notices.list_approvals(notice.id)
    group_id = talk.group.id if talk.group is not None else None
    refusal = find_close_refusal(talk.desk.city, notice, approvals, talk.person, group_id)
    if refusal is not None:
        return refuse(f"{tag(notice)}{refusal.sentence}")
    return await _close(talk, notice, actor_of(talk), command.reason)


async def _close(talk: WorkerTalk, notice: Notice, actor: Actor, reason: str) -> Said:
    clues = await talk.books.clues.list_of_notice(notice.id)
    givers = await find_targets(talk.books, talk.desk.city, [clue.person for clue in clues])
    plan = close_matter(talk.desk, notice, clues, givers, actor, reason, await take_ids(talk))
    if isinstance(plan, Refusal):
        return refuse(plan)
    thanked = len({clue.person for clue in clues if clue.thanked_at is None})
    thanks = f"已向提供线索的{thanked}人致谢。" if thanked else ""
    return tell(f"{tag(notice)}{reason}：通报正在各处撤回，并请收到的人删除。{thanks}", "notice_closed", plan)
