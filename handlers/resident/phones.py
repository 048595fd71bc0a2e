"""A phone: given when asked, given unasked, refused, or mistyped. It is asked for once, ever."""

import re
import unicodedata

from grid.actions.reporter import supplement
from grid.questions import Question
from handlers.reply import Said
from handlers.resident.phrases import list_evidence, squeeze
from handlers.resident.progress import answered, decided
from handlers.talk import ResidentTalk
from storage.tables import Case

_NO = re.compile(
    r"(?:我)?(?:就|先|还是)?(?:不(?:太)?(?:想|用|方便|愿意|需要|必|能|便)?(?:再|给你|跟你)?(?:留|说|给|透露|提供|告诉你?)?(?:电话|号码|手机|手机号)?(?:了|吧|啊|呀)*|没有(?:电话|手机)?|没电话|没手机|保密|匿名)"
)
_DIGITS_ONLY = re.compile(r"(?:电话|手机|号码|手机号|是|:)*(\+?[\dx]{7,14})", re.ASCII)
_AROUND = 12
_THANKS = "电话已记下，只有办理人员能看到。谢谢。"


def answer_phone(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    """The answer to the question for a phone."""
    if _NO.fullmatch(word):
        talk.conversation = talk.conversation.drop(question)
        return answered("好的，不留也一样办理。", case)
    said = take_phone(talk, case)
    if said is None:
        return None
    if said.outcome != "asked":
        talk.conversation = talk.conversation.drop(question)
    return said


async def phone(talk: ResidentTalk) -> Said | None:
    """A phone that nobody asked for just now: it goes to the case being talked about."""
    opened = talk.list_open()
    about = talk.find_case(talk.conversation.last_case)
    return take_phone(talk, about if about in opened else opened[0] if opened else None)


def take_phone(talk: ResidentTalk, case: Case | None) -> Said | None:
    """The message as a phone and little else; None where it is more than that (then its phone is taken on the way)."""
    reading, text = talk.read(), unicodedata.normalize("NFKC", talk.update.text)
    if reading.emergency is not None or list_evidence(reading):
        return None
    word = squeeze(text)
    if reading.phone is None:
        return _ask_again(case) if _DIGITS_ONLY.fullmatch(word) and len(word) >= 7 else None
    if len(word) > len(reading.phone) + _AROUND:
        return None
    talk.learned["phone"] = reading.phone
    if case is None or not case.is_open:
        return answered("电话已记下，谢谢。有事请直接告诉我：哪里、什么问题。")
    more = text if len(word) > len(reading.phone) + 4 else ""
    return decided(supplement(talk.desk, case, talk.actor, more, phone=reading.phone), _THANKS, case, "answered")


def _ask_again(case: Case | None) -> Said:
    return answered("这个手机号好像不对（应为11位数字），请再发一次；不留也一样办理。", case, "asked")
