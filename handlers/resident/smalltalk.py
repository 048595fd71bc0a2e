"""What opens no case: greetings, thanks, praise, stickers, nothing at all; and the last word when nothing else fits."""

from grid.actions.reporter import praise, supplement
from grid.questions import Ask
from grid.workflow import Refusal
from handlers.reply import SILENCE, Reply, Said
from handlers.resident.answers import remind
from handlers.resident.phrases import (
    HELP,
    STILL_IN_DANGER,
    TELL_ME,
    find_choice,
    is_assent,
    list_evidence,
    says_something,
    squeeze,
)
from handlers.resident.places import is_named, read_place, take_place
from handlers.resident.progress import list_recent
from handlers.talk import ResidentTalk
from handlers.update import UpdateKind
from nlp.reading import Talk
from storage.plan import Plan

_ANSWERS = {
    Talk.GREETING: "您好，我在。请直接告诉我：哪里、什么问题。",
    Talk.THANKS: "不客气，有事随时找我。",
    Talk.PRAISE: "谢谢您的肯定。",
    Talk.STICKER: "收到。有事请用文字、照片或语音告诉我。",
    Talk.EMPTY: TELL_ME,
}


async def smalltalk(talk: ResidentTalk) -> Said | None:
    """Kind words, kindly answered."""
    if talk.update.kind is not UpdateKind.TEXT:
        return None
    kind = talk.read().talk
    if kind is Talk.PRAISE:
        return _pass_on(talk)
    answer = _ANSWERS.get(kind)
    return Said(Reply(f"{answer}{_rating_too(talk)}"), "none", Plan()) if answer is not None else None


def _pass_on(talk: ResidentTalk) -> Said:
    """Praise reaches the group that had his last case; nothing is promised where there is none."""
    case = next((case for case in talk.cases if case.group_id is not None and not case.conduct), None)
    if case is None:
        return Said(Reply(f"{_ANSWERS[Talk.PRAISE]}{_rating_too(talk)}"), "none", Plan())
    plan = praise(talk.desk, case, talk.update.text)
    return Said(Reply(f"谢谢您的肯定，已转达给网格员。{_rating_too(talk)}"), "none", plan, case.id)


def _rating_too(talk: ResidentTalk) -> str:
    question = talk.conversation.find(Ask.RATING)
    return f"\n{remind(talk, question)}" if question is not None else ""


async def place_alone(talk: ResidentTalk) -> Said | None:
    """An address and nothing else: it belongs to what was just told, or waits for the words that go with it."""
    if talk.update.kind is not UpdateKind.TEXT:
        return None
    text, reading = talk.update.text, talk.read()
    mention = reading.place.mention if reading.place is not None else None
    if mention is None or list_evidence(reading) or reading.emergency is not None or reading.conduct:
        return None
    if not is_assent(text[: mention.start] + text[mention.end :]) and not _only_leads_up(
        text, mention.start, mention.end
    ):
        return None
    place = read_place(talk, reading, text)
    recent = list_recent(talk)
    if recent and (recent[0].area_code is None or not recent[0].place or place.area == recent[0].area_code):
        return take_place(talk, recent[0], place, "")
    if recent and not is_named(mention):
        return None
    until = talk.desk.now + talk.desk.house.join_for * 3
    talk.conversation = talk.conversation.keep_place(place.area or "", place.words, until)
    if not place.is_named:
        return Said(Reply(f"“{place.words}”记下了。请再说一下是哪个小区、什么问题。"), "kept", Plan())
    return Said(Reply(f"{kept_place(talk, place.area, place.words)}请说一下是什么问题，也可以发照片。"), "kept", Plan())


_LEADS_UP = frozenset("我家住在是的就这里儿那边啊呢呀哦嗯小区附近位于地址点：:，,。.、！! 您你好叫")


def _only_leads_up(text: str, start: int, end: int) -> bool:
    return set(text[:start] + text[end:]) <= _LEADS_UP


def kept_place(talk: ResidentTalk, area: str | None, words: str) -> str:
    """`地点已记下（文采社区第三网格 阳光水岸12号楼），网格员王芳，电话13800000012。`"""
    city = talk.desk.city
    where = " ".join(part for part in (city.area_name(area) if area else "", words) if part)
    person = city.find_lead(area) if area else None
    whom = f"，网格员{person.name}{f'，电话{person.phone}' if person.phone else ''}" if person else ""
    return f"地点已记下（{where}）{whom}。"


async def fragment(talk: ResidentTalk) -> Said | None:
    """A few words that say no matter of their own, soon after one was told: they belong to it. Mere assent never does."""
    text = talk.update.text
    if (
        talk.update.kind is not UpdateKind.TEXT
        or is_assent(text)
        or not says_something(text)
        or find_choice(squeeze(text), 0)
    ):
        return None
    recent = list_recent(talk)
    if not recent or talk.read().talk is Talk.QUESTION:
        return None
    plan = supplement(talk.desk, recent[0], talk.actor, text)
    if isinstance(plan, Refusal):
        return None
    danger = f"\n{STILL_IN_DANGER}" if recent[0].emergency else ""
    return Said(Reply(f"已补充到工单 {recent[0].number}。{danger}"), "joined", plan, recent[0].id)


async def fallback(talk: ResidentTalk) -> Said:
    """Whatever is left: said calmly, with what would be understood."""
    match talk.update.kind:
        case UpdateKind.TEXT:
            return Said(Reply(_last_word(talk)), "none")
        case UpdateKind.LINK:
            return Said(Reply("链接已收到并留存。请用一句话说明：在哪里、什么问题。"), "none")
        case UpdateKind.UNKNOWN:
            return Said(SILENCE, "none")
        case _:
            return Said(Reply("已收到。请用文字、照片或语音告诉我：在哪里、什么问题。"), "none")


def _last_word(talk: ResidentTalk) -> str:
    """What he was asked last, once more; else how to go on."""
    asked = [remind(talk, question) for question in reversed(talk.conversation.questions)]
    reminder = next((sentence for sentence in asked if sentence is not None), None)
    if reminder is not None:
        return f"好的。{reminder}"
    if talk.is_new:
        return HELP
    return "好的。有事请直接告诉我：哪里、什么问题；回复“帮助”看我能做什么。"
