"""Clues from workers: 线索, a quoted answer, a photo in single chat. What was told is never repeated where others read."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from grid.notices.clues import COLLECTING
from grid.notices.wording import find_notice_numbers, tag
from grid.workflow import Refusal
from handlers.clues import (
    add_pictures,
    giver_of_worker,
    make_clue_media,
    split_by_notice,
    take_clue,
)
from handlers.reply import Reply, Said
from handlers.signups import ask_which
from handlers.talk import WorkerTalk
from handlers.worker.answers import how_to, refuse, tell
from handlers.worker.clue_station import hear_close, hear_feedback, hear_list, hear_show
from handlers.worker.clue_words import ClueCommand, ClueVerb, parse_clue_command
from handlers.worker.commands import parse_command
from handlers.worker.notices_draft import find_making
from handlers.worker.pictures import list_media
from handlers.worker.signups import hear_signup, parse_worker_signup
from storage.notice_tables import Clue, Notice
from storage.plan import Change, Plan
from storage.tables import Worker

CLUE = "clue"
"""In a worker's `conversation`: the notice that he named in single chat, or the clue that he just gave."""


@dataclass(frozen=True, slots=True)
class Telling:
    """What somebody is in the middle of: `clue_id` is None while the first word or picture is still to come."""

    notice_id: int
    clue_id: int | None
    chat: str
    until: datetime


def concerns_clues(talk: WorkerTalk) -> bool:
    """Whether a line may be about a clue or a sign-up: cheap, since every line of every group is asked."""
    if find_making(talk) is not None and not find_notice_numbers(talk.update.text):
        # A notice's text may well ask for clues.
        return _find_command(talk) is not None and _names_a_clue(talk)
    return _find_command(talk) is not None or parse_worker_signup(talk) is not None or _goes_on(talk)


def _names_a_clue(talk: WorkerTalk) -> bool:
    command = _find_command(talk)
    return command is not None and command.clue is not None


def _find_command(talk: WorkerTalk) -> ClueCommand | None:
    return parse_clue_command(talk.update.text, talk.update.quote.text if talk.update.quote else "")


def _goes_on(talk: WorkerTalk) -> bool:
    telling = find_telling(talk)
    if telling is None or (talk.update.text.strip() and parse_command(talk.update.text, "") is not None):
        return False
    return bool(list_media(talk)) or (telling.clue_id is None and bool(talk.update.text.strip()))


async def hear_clues(talk: WorkerTalk) -> Said | None:
    """The answer to a line about a clue or a sign-up; None when it turns out to be about none."""
    command = _find_command(talk)
    if command is None:
        return await hear_signup(talk) if parse_worker_signup(talk) is not None else await _go_on(talk)
    match command.verb:
        case ClueVerb.GIVE:
            return await _hear_given(talk, command)
        case ClueVerb.LIST:
            return await hear_list(talk, command)
        case ClueVerb.SHOW:
            return await hear_show(talk, command)
        case ClueVerb.FEEDBACK:
            return await hear_feedback(talk, command)
        case ClueVerb.CLOSE:
            return await hear_close(talk, command)


def quotes_notice(talk: WorkerTalk) -> bool:
    """Whether free words, or a picture, answer a quoted notice: no command, no word that notices know."""
    quote = talk.update.quote
    if quote is None or len(find_notice_numbers(quote.text)) != 1 or find_making(talk) is not None:
        return False
    return bool(talk.update.text.strip()) and parse_command(talk.update.text, "") is None


async def hear_quoted(talk: WorkerTalk) -> Said | None:
    """A quoted answer to a notice that asks for clues is one; to other notices it is not understood."""
    number = find_notice_numbers(talk.update.quote.text if talk.update.quote else "")[0]
    notice = await talk.books.notices.find(number)
    if notice is None or notice.kind not in COLLECTING or notice.sent_at is None:
        return None
    return await _give(talk, notice, talk.update.text.strip())


async def _hear_given(talk: WorkerTalk, command: ClueCommand) -> Said | None:
    pieces = split_by_notice(talk.update.text)
    if len(pieces) > 1:
        return await _give_several(talk, pieces)
    notice = await _find_meant(talk, command)
    if notice is None or isinstance(notice, Said):
        return notice
    if not command.rest and not list_media(talk):
        return _ask_for_words(talk, notice)
    return await _give(talk, notice, command.rest)


async def _give_several(talk: WorkerTalk, pieces: Sequence[str]) -> Said:
    made = [await _give_piece(talk, piece) for piece in pieces]
    plan = Plan()
    for said in made:
        plan = plan.merge(said.plan)
    # Each would keep where the speaker is: one change of his row is enough, and two would not go together.
    plan.changes = [change for change in plan.changes if change.table is not Worker]
    return Said(Reply("\n".join(said.reply.text for said in made)), "clue_given", plan)


async def _give_piece(talk: WorkerTalk, piece: str) -> Said:
    number = find_notice_numbers(piece)[0]
    notice = await talk.books.notices.find(number)
    command = parse_clue_command(piece if piece.startswith("线索") else f"线索 {piece}")
    if notice is None or command is None:
        return refuse(f"没有找到通知 {number}，请核对编号。")
    return await _give(talk, notice, command.rest)


async def _find_meant(talk: WorkerTalk, command: ClueCommand) -> Notice | Said | None:
    if command.notice is not None:
        found = await talk.books.notices.find(command.notice)
        return found or refuse(f"没有找到通知 {command.notice}，请核对编号。")
    running = await talk.books.clues.list_running(_own_targets(talk), COLLECTING)
    notices = [notice for notice, target in running if target is not None]
    if not notices:
        # Nothing asks for clues here: the line goes its usual way.
        return None
    return notices[0] if len(notices) == 1 else refuse(ask_which(notices, "线索"))


def _own_targets(talk: WorkerTalk) -> list[str]:
    if talk.group is not None:
        return [f"group:{talk.group.id}"]
    seats = talk.desk.city.posts_of.get(talk.person.id, ()) if talk.person else ()
    return [f"group:{group.id}" for seat in seats for group in talk.desk.city.groups_in.get(seat.area, ())]


def _ask_for_words(talk: WorkerTalk, notice: Notice) -> Said:
    if talk.update.chat is not None:
        example = how_to(talk, f"线索 {notice.number} 时间、地点和情况")
        return refuse(f"请写明内容，例如：{example}；有照片请私聊发给我。")
    text = f"{tag(notice)}请直接发线索内容或照片，我只转给派出所。紧急情况请拨打110。"
    return tell(text, "clue_asked", Plan(changes=_remember(talk, notice.id, None)))


async def _give(talk: WorkerTalk, notice: Notice, text: str) -> Said:
    assert talk.person is not None, "strangers are refused before"
    group_id = talk.group.id if talk.group is not None else None
    giver = giver_of_worker(talk.desk.city, talk.person.id, group_id)
    rows = await make_clue_media(talk, list_media(talk), giver.person)
    if isinstance(rows, Refusal):
        return refuse(rows)
    given = await take_clue(talk, notice, giver, text, [row.id for row in rows])
    if isinstance(given, Refusal):
        return refuse(given)
    given.plan.rows += rows
    given.plan.changes += _remember(talk, notice.id, given.clue.id)
    return tell(given.text, "clue_given", given.plan)


async def _go_on(talk: WorkerTalk) -> Said | None:
    telling = find_telling(talk)
    notice = await talk.books.find(Notice, telling.notice_id) if telling is not None else None
    if telling is None or notice is None:
        return None
    clue = await talk.books.find(Clue, telling.clue_id)
    if clue is None:
        return await _give(talk, notice, talk.update.text.strip())
    rows = await make_clue_media(talk, list_media(talk), clue.person)
    return refuse(rows) if isinstance(rows, Refusal) else add_pictures(clue, rows)


def find_telling(talk: WorkerTalk) -> Telling | None:
    """What the speaker is telling in this chat; None when nothing, or too long ago."""
    stored = talk.worker.conversation.get(CLUE) if talk.worker is not None else None
    if not stored:
        return None
    telling = Telling(stored["notice"], stored["clue"], stored["chat"], datetime.fromisoformat(stored["until"]))
    is_here = telling.chat == (talk.update.chat or "")
    return telling if is_here and telling.until > talk.desk.now else None


def _remember(talk: WorkerTalk, notice_id: int, clue_id: int | None) -> list[Change]:
    """In single chat the next picture belongs to what was just told; a group talks of many things."""
    worker = talk.worker
    if worker is None or talk.update.chat is not None:
        return []
    until = talk.desk.now + talk.desk.house.join_for
    stored: dict[str, Any] = {"notice": notice_id, "clue": clue_id, "chat": "", "until": until.isoformat()}
    return [Change(Worker, worker.id, worker.version, {"conversation": {**worker.conversation, CLUE: stored}})]
