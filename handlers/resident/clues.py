"""Clues from residents: taken from words, pictures and replies; what he said goes to the station and to nobody else."""

import re
from collections.abc import Sequence
from datetime import timedelta

from grid.notices.clue_wording import find_clue_numbers, own_clue_text
from grid.notices.clues import COLLECTING
from grid.notices.wording import cut_notice_numbers, find_notice_numbers, tag
from grid.questions import Ask, Question
from grid.workflow import Refusal
from handlers.clues import add_pictures, giver_of_resident, make_clue_media, split_by_notice, take_clue
from handlers.reply import Reply, Said
from handlers.resident.notice_reading import list_mine, show_notice
from handlers.resident.phrases import list_evidence, squeeze
from handlers.signups import ask_which
from handlers.talk import ResidentTalk
from handlers.update import UpdateKind
from storage.notice_tables import Notice
from storage.plan import Plan

_GIVE = re.compile(r"^(?:我?有|我?提供|我要?报告?|反映)?(?:一?[条个点])?线索[\s:：,，]*")
_SAW = re.compile(r"看到|看见|见过|见到|遇到|遇见|碰到|碰见|认识|认得|像是|长得像|出现|躲在|藏在|住在|往.{1,8}[走去跑]")
_SOMEBODY = re.compile(r"[他她]|[这那]个?人|此人|嫌疑人|照片上|男的|女的|男子|女子|老人|大爷|大娘|孩子")
_AWAY = frozenset({"取消", "算了", "没有", "没有了", "不用了", "不发了"})
_ANSWERS_WITHIN = timedelta(minutes=30)
_SHOWN = 6
_EDGES = " \t\r\n,，.。、;；:：!！"
_CALL = "如遇危险请马上拨打110，不要靠近。"


async def hear_clue(talk: ResidentTalk, text: str) -> Said | None:
    """线索 …, a notice's or a clue's number, the words that were asked for, or a reply right after a notice; None: none of these."""
    found = _GIVE.match(cut_notice_numbers(text).strip(_EDGES))
    numbers = find_notice_numbers(text)
    if found is None and numbers and not _rest_of(text):
        return await show_notice(talk, numbers[0])
    if (found is None or not numbers) and find_clue_numbers(text):
        return await _own_clue(talk, find_clue_numbers(text)[0])
    if found is not None or (numbers and _is_about_somebody(talk, text)):
        return await _given(talk, text)
    return await _answer(talk, text) or await _reply_to_notice(talk, text)


def _rest_of(text: str) -> str:
    """What a text says besides the notice that it names, and the word 线索."""
    return _GIVE.sub("", cut_notice_numbers(text).strip(_EDGES)).strip(_EDGES)


async def _given(talk: ResidentTalk, text: str) -> Said | None:
    pieces = split_by_notice(text)
    if len(pieces) > 1:
        made = [await _give_named(talk, piece) for piece in pieces]
        plan = Plan()
        for said in made:
            plan = plan.merge(said.plan)
        return Said(Reply("\n".join(said.reply.text for said in made)), "clue_given", plan)
    if find_notice_numbers(text):
        return await _give_named(talk, text)
    running = [notice for notice in await list_mine(talk) if notice.kind in COLLECTING]
    if not running:
        # Nothing asks him for clues: what he says is a matter of its own.
        return None
    if len(running) > 1:
        return Said(Reply(ask_which(running[:_SHOWN], "线索")), "refused")
    return await _give(talk, running[0], _rest_of(text))


async def _give_named(talk: ResidentTalk, text: str) -> Said:
    number = find_notice_numbers(text)[0]
    notice = await talk.books.notices.find(number)
    if notice is None:
        return Said(Reply(f"没有找到通知 {number}，请核对编号。紧急情况请拨打110。"), "refused")
    return await _give(talk, notice, _rest_of(text))


async def _give(talk: ResidentTalk, notice: Notice, text: str, media: Sequence[int] = ()) -> Said:
    loose = talk.conversation.loose_media if not media else ()
    if not text and not media and not loose and notice.kind in COLLECTING and notice.sent_at is not None:
        _ask(talk, notice, notice.number)
        return Said(Reply(f"{tag(notice)}请直接发线索内容或照片，我只转给派出所。{_CALL}"), "clue_asked")
    given = await take_clue(talk, notice, giver_of_resident(talk.resident), text, [*loose, *media])
    if isinstance(given, Refusal):
        return Said(Reply(given.sentence), "refused")
    if loose:
        talk.conversation = talk.conversation.without_loose()
    _ask(talk, notice, given.clue.number)
    danger = f"\n{_CALL}" if talk.update.kind is UpdateKind.TEXT and talk.read().emergency is not None else ""
    return Said(Reply(f"{given.text}{danger}"), "clue_given", given.plan)


def _ask(talk: ResidentTalk, notice: Notice, number: str) -> None:
    """The next picture belongs to this clue (its number), or the next word to this notice (its number)."""
    until = talk.desk.now + talk.desk.house.join_for
    talk.conversation = talk.conversation.ask(Question(Ask.CLUE, notice.id, number, until))


def _find_asked(talk: ResidentTalk) -> Question | None:
    question = talk.conversation.questions[-1] if talk.conversation.questions else None
    if question is None or question.ask is not Ask.CLUE:
        return None
    # What he has told of since is what he goes on about.
    asked_at = question.until - talk.desk.house.join_for
    return None if any(case.touched_at > asked_at for case in talk.list_open()) else question


async def _answer(talk: ResidentTalk, text: str) -> Said | None:
    """The words that were asked for after 线索 alone."""
    question = _find_asked(talk)
    if question is None or not question.number.startswith("通") or not text:
        return None
    talk.conversation = talk.conversation.drop(question)
    if squeeze(text) in _AWAY:
        return Said(Reply("好的，没有转交。有线索随时告诉我。"), "answered")
    notice = await talk.books.notices.find(question.number)
    return await _give(talk, notice, text) if notice is not None else None


async def _reply_to_notice(talk: ResidentTalk, text: str) -> Said | None:
    """What he says of somebody right after a notice has reached him; danger goes before that, as always."""
    if not _is_about_somebody(talk, text):
        return None
    running = await talk.books.clues.list_running([f"oa:{talk.resident.openid}"], COLLECTING)
    since = talk.desk.now - _ANSWERS_WITHIN
    fresh = [one for one, target in running if target is not None and target.sent_at and target.sent_at >= since]
    return await _give(talk, fresh[0], text) if fresh else None


def _is_about_somebody(talk: ResidentTalk, text: str) -> bool:
    if _SAW.search(text) is None or talk.read().emergency is not None:
        return False
    return _SOMEBODY.search(text) is not None or not list_evidence(talk.read())


async def hear_picture(talk: ResidentTalk) -> Said | None:
    """A picture right after a clue belongs to it; after 线索 alone it is the clue."""
    question = _find_asked(talk)
    if question is None or not talk.update.media:
        return None
    clue = await talk.books.clues.find(question.number) if question.number.startswith("线") else None
    notice = await talk.books.notices.find(question.number) if clue is None else None
    if clue is None and notice is None:
        return None
    rows = await make_clue_media(talk, talk.update.media, f"resident:{talk.resident.id}")
    if isinstance(rows, Refusal):
        return Said(Reply(rows.sentence), "refused")
    if clue is not None:
        return add_pictures(clue, rows)
    assert notice is not None, "looked at above"
    said = await _give(talk, notice, "", [row.id for row in rows])
    said.plan.rows += rows if said.outcome == "clue_given" else []
    return said


async def _own_clue(talk: ResidentTalk, number: str) -> Said:
    clue = await talk.books.clues.find(number)
    notice = await talk.books.find(Notice, clue.notice_id) if clue is not None else None
    if clue is None or notice is None or clue.person != f"resident:{talk.resident.id}":
        return Said(Reply(f"没有查到您的线索 {number}，请核对编号。"), "answered")
    return Said(Reply(own_clue_text(clue, notice.number, clue.feedback_at, talk.desk.zone)), "answered")
