"""报名 and 取消报名, the same for residents and workers: how they are said, and what is done with them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grid.desk import Actor
from grid.notices.signup import Entry, cancel_signup, render_signed_up, sign_up
from grid.notices.wording import cut_notice_numbers, find_notice_numbers, tag, title_of
from grid.wording import preview
from grid.workflow import Refusal
from handlers.clues import find_targets
from handlers.reply import Reply, Said
from handlers.talk import ResidentTalk, WorkerTalk
from nlp.numerals import parse_number
from storage.notice_columns import SignupState
from storage.notice_tables import Notice, NoticeSignup

_IDS = 24
_EDGES = " \t\r\n,，.。、;；:：!！+＋"
_OFF = re.compile(r"^(?:我要|我想|请)?(?:取消|撤销|退出?|不参加)报名")
_ON = re.compile(r"^(?:我要|我想|我|请帮?|帮我|接龙)?报名(?:参加|活动)?(?!处|点|费|表|系统|网站|不了|不上|难)")
_COUNT = re.compile(r"(?:一共|共|一家|加)?([0-9零一二两三四五六七八九十]{1,4})\s*(?:个人|人|个|位|名|口)")
_NAMES = re.compile(r"[\u4e00-\u9fff·]{2,6}(?:[、,， ]+[\u4e00-\u9fff·]{2,6}){0,9}")


@dataclass(frozen=True, slots=True)
class SignupWords:
    """`number`: of the activity, typed or quoted; `people` is None where none is said; `is_plain`: nothing else was said."""

    cancels: bool
    number: str | None
    name: str
    people: int | None
    is_plain: bool


def parse_signup(text: str, quote: str = "") -> SignupWords | None:
    """报名 [number] [name] [N人] or 取消报名; None: no such."""
    said = text.strip(_EDGES)
    off = _OFF.match(said)
    on = None if off else _ON.match(said)
    start = off or on
    if start is None:
        return None
    typed, quoted = find_notice_numbers(said), find_notice_numbers(quote)
    number = typed[0] if typed else quoted[0] if len(quoted) == 1 else None
    rest = cut_notice_numbers(said[start.end() :]).strip(_EDGES)
    count = _COUNT.search(rest)
    people = parse_number(count[1]) if count else None
    name = (_COUNT.sub(" ", rest, count=1) if count else rest).strip(_EDGES)
    named = _NAMES.fullmatch(name)
    return SignupWords(off is not None, number, name if named else "", people, named is not None or not name)


def count_people(words: SignupWords) -> int:
    """How many come: as said, else as many as are named."""
    if words.people is not None:
        return words.people
    return len([name for name in re.split(r"[、,， ]+", words.name) if name]) or 1


async def sign_up_on(talk: ResidentTalk | WorkerTalk, notice: Notice, entry: Entry, actor: Actor) -> Said:
    """The entry's place on the activity, or on its waiting list."""
    signups = await talk.books.notices.list_signups(notice.id)
    targets = await find_targets(talk.books, talk.desk.city, _list_waiting(signups))
    made = sign_up(talk.desk, notice, signups, entry, targets, actor, iter(await talk.numbers.take(_IDS)))
    if isinstance(made, Refusal):
        return Said(Reply(made.sentence), "refused")
    return Said(Reply(render_signed_up(notice, entry, made)), "signed_up", made.plan)


async def sign_off_on(talk: ResidentTalk | WorkerTalk, notice: Notice, row: NoticeSignup, actor: Actor) -> Said:
    """The entry is taken back; who moves up is told."""
    signups = await talk.books.notices.list_signups(notice.id)
    leaving = next((one for one in signups if one.id == row.id), row)
    targets = await find_targets(talk.books, talk.desk.city, _list_waiting(signups))
    plan = cancel_signup(talk.desk, notice, signups, leaving, targets, actor, iter(await talk.numbers.take(_IDS)))
    if isinstance(plan, Refusal):
        return Said(Reply(plan.sentence), "refused")
    who = f"“{leaving.name}”" if leaving.name else ""
    return Said(Reply(f"{tag(notice)}{who}已取消报名（{leaving.people}人）。"), "signed_off", plan)


def _list_waiting(signups: Sequence[NoticeSignup]) -> list[str]:
    return [one.person for one in signups if one.state is SignupState.WAITING]


def choose_entry(
    own: Sequence[tuple[Notice, NoticeSignup]], words: SignupWords
) -> tuple[Notice, NoticeSignup] | Refusal:
    """Which of his entries somebody means by 取消报名."""
    found = [pair for pair in own if words.number in (None, pair[0].number)]
    found = [pair for pair in found if not words.name or pair[1].name == words.name]
    if len(found) == 1:
        return found[0]
    if not found:
        return Refusal("没有找到您的报名，不用取消。" if not words.name else f"没有找到“{words.name}”的报名。")
    lines = [f"取消报名 {notice.number} {row.name}".rstrip() for notice, row in found[:9]]
    return Refusal("\n".join(["您有几项报名，请回复要取消的那一行：", *lines]))


def ask_which(notices: Sequence[Notice], verb: str) -> str:
    """Several are open: which one, in lines that can be sent back."""
    lines = [f"{verb} {notice.number}（{preview(title_of(notice), 20)}）" for notice in notices[:9]]
    return "\n".join(["请写明是哪一件：", *lines])
