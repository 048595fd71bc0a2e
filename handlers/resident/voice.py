"""Older residents speak: the recording is kept, read like typed text once it is text, and given to a person when it is not."""

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

from grid.actions.opening import Matter, Opened, open_case
from grid.actions.reporter import attach, supplement
from grid.actions.routing import duty_alert
from grid.desk import reporter_of
from grid.questions import Ask
from grid.running import mark_told
from grid.workflow import Move, Refusal
from handlers.reply import Reply, Said
from handlers.resident.media import make_media
from handlers.resident.progress import find_obstacle, list_recent
from handlers.resident.report import open_matter
from handlers.talk import SPOKEN, ResidentTalk
from handlers.update import UpdateKind
from nlp.reading import Talk, Urgency
from storage.columns import TranscriptionState
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Case, Media, Transcription

Hear = Callable[[ResidentTalk], Awaitable[Said]]

DANGER = "如遇危险请直接拨打110、119或120。"
RECEIVED = f"语音已收到，正在转成文字，请稍等。{DANGER}"
ASK_WORDS = f"请再用一行文字说明：在哪里、什么问题。{DANGER}"
_UNHEARD = "〔语音〕未能转成文字，请听录音。"
_LOST = "〔语音〕录音未能收到，请向居民了解。"
# The recording's arrival wakes the transcription; one that has not come by then is given up for a person to ask after.
_BACKSTOP = timedelta(minutes=5)
_KIND_WORDS = frozenset({Talk.GREETING, Talk.THANKS, Talk.PRAISE})
_TELLS_A_CASE = frozenset({"opened", "joined", "reopened"})
_FILLERS = re.compile(r"[嗯啊呃哦喂唉哎诶额呀吧呢哈的了]")
_CHARACTERS = re.compile(r"[\u3400-\u9fff0-9A-Za-z]")


async def voice_alone(talk: ResidentTalk) -> Said | None:
    """A recording comes in: kept, and answered at once; what it says is read when somebody has made text of it."""
    if talk.update.kind is not UpdateKind.VOICE or not talk.update.media:
        return None
    media = await make_media(talk, talk.update.media[0])
    if not talk.desk.house.transcribes:
        said = await _give_to_person(talk, "", is_there=True)
        media.__dict__["case_id"] = said.case_id
        said.plan.rows.append(media)
        return said
    row = fresh(
        Transcription,
        media_id=media.id,
        person=talk.update.person,
        account=talk.update.account,
        said_at=talk.desk.now,
        state=TranscriptionState.WANTED,
        due_at=talk.desk.now + _BACKSTOP,
    )
    return Said(Reply(RECEIVED), "kept", Plan(rows=[media, row]))


async def hear_voice(talk: ResidentTalk, media_id: int, hear: Hear) -> Said:
    """What a recording says, read like typed text; or that nobody could make it out. Either way it ends where somebody acts on it."""
    media = await talk.books.find(Media, media_id)
    text = talk.update.text.strip()
    said = await hear(talk) if is_speech(text) else None
    state = TranscriptionState.HEARD
    if said is None or not _is_understood(talk, said):
        said = await _give_to_person(talk, text, is_there=media is not None and media.sha256 is not None)
        state = TranscriptionState.UNHEARD
    said.reply = Reply(f"语音转写：{text}\n{said.reply.text}" if text else said.reply.text)
    case = _find_case(talk, said)
    if media is not None and media.case_id is None and case is not None and said.outcome in _TELLS_A_CASE:
        said.plan = said.plan.merge(attach(talk.desk, case, talk.actor, [media]))
    said.plan.changes.append(Change(Transcription, media_id, None, {"state": state, "due_at": None}))
    return said


async def tell_in_words(talk: ResidentTalk) -> Said | None:
    """The line of text that was asked for: the case of the recording becomes what the words say."""
    question = talk.conversation.find(Ask.WORDS)
    case = talk.find_case(question.case_id) if question is not None else None
    if question is None or case is None or talk.update.kind is not UpdateKind.TEXT:
        return None
    if talk.read().talk is not Talk.MATTER or not case.is_open or find_obstacle(case, Move.RECLASSIFY) is not None:
        return None
    talk.conversation = talk.conversation.drop_case(case.id)
    return await open_matter(talk, talk.update.text, talk.read(), into=case)


def is_speech(text: str) -> bool:
    """Whether a transcript holds words at all: recognisers write 嗯 and full stops for noise."""
    return bool(_CHARACTERS.search(_FILLERS.sub("", text)))


def _is_understood(talk: ResidentTalk, said: Said) -> bool:
    # A typed line that says nothing can be typed again; a spoken one may have been misheard, so a person listens.
    return said.outcome != "none" or said.case_id is not None or talk.read().talk in _KIND_WORDS


def _find_case(talk: ResidentTalk, said: Said) -> Case | None:
    opened = next((row for row in said.plan.rows if isinstance(row, Case) and row.id == said.case_id), None)
    return opened or talk.find_case(said.case_id)


async def _give_to_person(talk: ResidentTalk, text: str, is_there: bool) -> Said:
    """Somebody must listen: with the case that is being told of, else with one of its own."""
    words = _UNHEARD if is_there else _LOST
    words = f"{SPOKEN}{text}\n{words}" if text else words
    recent = list_recent(talk)
    joined = _join(talk, recent[0], words) if recent else None
    return joined or await _open(talk, words)


def _join(talk: ResidentTalk, case: Case, words: str) -> Said | None:
    plan = supplement(talk.desk, case, reporter_of(talk.resident), words)
    if isinstance(plan, Refusal):
        return None
    talk.conversation = talk.conversation.about(case.id)
    text = f"抱歉，没能听清您的语音，已附到工单 {case.number}。{ASK_WORDS}"
    return Said(Reply(text), "joined", plan, case.id)


async def _open(talk: ResidentTalk, words: str) -> Said:
    opened = await _open_wordless(talk, words)
    # Nobody knows what it says, it may be danger: the duty group hears of it at once, and need not be told again.
    opened.case.__dict__.update(mark_told(talk.desk, opened.case))
    opened.plan.outbox += duty_alert(talk.desk, opened.case, "没能听清居民的语音，待研判")
    talk.conversation = talk.conversation.about(opened.case.id)
    talk.ask(Ask.PLACE, opened.case)
    talk.ask(Ask.WORDS, opened.case)
    text = f"抱歉，没能听清您的语音，已请值班人员听录音（工单 {opened.case.number}）。{ASK_WORDS}"
    return Said(Reply(text), "opened", opened.plan, opened.case.id)


async def _open_wordless(talk: ResidentTalk, words: str) -> Opened:
    matter = Matter(words, "", Urgency.NORMAL.value, phone=talk.resident.phone, resident_id=talk.resident.id)
    case_id = await talk.numbers.take_id()
    serial = await talk.numbers.take_serial(talk.desk.today)
    return open_case(talk.desk, matter, reporter_of(talk.resident), case_id, serial)
