"""评价: the number or the word with which somebody says how it was done, and what he adds."""

import re

from grid.actions.closing import give_reason, rate
from grid.checks import Poor
from grid.questions import Ask, Question
from grid.workflow import Refusal
from handlers.reply import Reply, Said
from handlers.resident.phrases import find_choice, is_assent, list_evidence, squeeze
from handlers.resident.places import is_named
from handlers.resident.progress import answered, decided, list_recent
from handlers.talk import ResidentTalk
from nlp.reading import Reading, Talk
from storage.plan import Plan
from storage.tables import Case

_PARTS = re.compile(r"[，,。.!！;；:：、\s]+")
_MUCH = r"(?:真的|真|非常|很|十分|特别|太|挺|都|我|表示|感觉|比较)"
_POOR = re.compile(rf"(?:还是)?{_MUCH}*(?:不(?:太|怎么|是很|很)?满意|不好|不行|差评|差劲|差)(?:了|啊|呀)?")
_FAIR = re.compile(r"(?:基本|比较|还算)满意|(?:一般|一般般|还行|还可以|凑合|马马虎虎|勉强)(?:吧|啊|了)?")
_GOOD = re.compile(rf"{_MUCH}*(?:满意|好评|不错)(?:了|的|啊)?|{_MUCH}+(?:好|棒)(?:了|的|啊)?|五星|5星|点赞")
_GLUED = re.compile(r"([1-3])((?:非常|很|基本|不太|不)?满意.*)")
_RATES = re.compile(r"满意|好评|差评|[五5]星")
_SORRY = "很抱歉没让您满意。"


def parse_rating(text: str, options: tuple[str, ...]) -> tuple[str, str] | None:
    """The rating's code and what was said besides; None where no rating is said: `3 太慢了` → (`poor`, `太慢了`)."""
    parts = [part for part in _PARTS.split(text.strip()) if part]
    if parts and (glued := _GLUED.fullmatch(parts[0])):
        parts[:1] = [glued[1], glued[2]]
    if not parts:
        return None
    choice = find_choice(squeeze(parts[0]), len(options))
    if choice is None:
        named = _named_rating(squeeze(parts[0]))
        return (named, _after(text, parts[1:])) if named else None
    if choice.index is None:
        return None
    code, rest = options[choice.index], parts[1:]
    named = _named_rating(squeeze(rest[0])) if rest else None
    # 1 不满意: nobody knows which he means.
    return None if named not in (None, code) else (code, _after(text, rest[1:] if named else rest))


def _after(text: str, words: list[str]) -> str:
    return text[text.find(words[0]) :].strip() if words else ""


def _named_rating(word: str) -> str | None:
    for code, pattern in (("poor", _POOR), ("fair", _FAIR), ("good", _GOOD)):
        if pattern.fullmatch(word):
            return code
    return None


async def rating_too_early(talk: ResidentTalk) -> Said | None:
    """满意 or 不满意 and nothing else, while his case is still at work: no rating yet, and no part of the case's words."""
    word = squeeze(talk.update.text)
    recent = next(iter(list_recent(talk)), None)
    if recent is None or not recent.is_open or _RATES.search(word) is None or _named_rating(word) is None:
        return None
    text = f"工单 {recent.number} 还没有办结，办结后会请您评价。有要补充的请直接说，着急请回复“催办”。"
    return answered(text, recent, "refused")


async def answer_rating(talk: ResidentTalk, question: Question, case: Case) -> Said | None:
    """1, 2, 3 or the word for it; a poor one is asked for its reason, unless it came along."""
    found = parse_rating(talk.update.text, question.options)
    if found is None or _is_new_matter(talk.read(), found[0]):
        return None
    rating, words = found
    # What is said about the worker himself never reaches his group: `hear_resident` opens a complaint with it.
    reason = "" if talk.read().conduct or rating != "poor" else words
    callback_id = await talk.numbers.take_id() if rating == "poor" else None
    made = rate(talk.desk, case, talk.actor, rating, reason, callback_id)
    talk.conversation = talk.conversation.drop(question)
    if isinstance(made, Refusal):
        return answered(f"工单 {case.number} 已经评价过了，谢谢您。", case, "refused")
    if rating != "poor":
        return Said(Reply(f"谢谢您对工单 {case.number} 的评价。"), "rated", made, case.id)
    if talk.desk.house.checks.poor is Poor.REOPEN:
        return _reopened(talk, case, made, bool(reason))
    if reason:
        return Said(Reply(f"{_SORRY}原因已记下，会安排人回访您。要重新办理请回复“没修好”。"), "rated", made, case.id)
    talk.ask(Ask.RATING_REASON, case)
    text = f"{_SORRY}请说一下工单 {case.number} 哪里没办好，会安排人回访您；要重新办理请回复“没修好”。"
    return Said(Reply(text), "rated", made, case.id)


def _reopened(talk: ResidentTalk, case: Case, made: Plan, has_reason: bool) -> Said:
    """The house opens it again at once; what was not right goes to whoever gets it now."""
    ask = "" if has_reason else "请说一下哪里没办好，我转告网格员。"
    if not has_reason:
        talk.ask(Ask.SUPPLEMENT, case)
    return Said(Reply(f"{_SORRY}工单 {case.number} 已重新派单。{ask}"), "rated", made, case.id)


def _is_new_matter(reading: Reading, rating: str) -> bool:
    # 2 单元漏水: the number belongs to an address.
    names_place = reading.place is not None and reading.place.mention is not None
    return reading.emergency is not None or names_place or (rating != "poor" and bool(list_evidence(reading)))


def answer_reason(talk: ResidentTalk, question: Question, case: Case) -> Said | None:
    """Why he was not satisfied. A matter with a place of its own, and a complaint about somebody, are more than a reason."""
    reading = talk.read()
    names_place = bool(list_evidence(reading)) and reading.place is not None and is_named(reading.place.mention)
    if reading.emergency is not None or reading.conduct or names_place or is_assent(talk.update.text):
        return None
    if reading.talk in (Talk.GREETING, Talk.THANKS, Talk.EMPTY, Talk.STICKER):
        return None
    talk.conversation = talk.conversation.drop(question)
    made = give_reason(talk.desk, case, talk.actor, talk.update.text)
    return decided(made, "已记下，我们会督促改进。谢谢您。", case, "reason")
