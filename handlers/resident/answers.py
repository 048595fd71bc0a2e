"""Answers to what the bot asked: a number, a phone, a place, a word to the worker. The newest open question that fits gets it."""

import re
import unicodedata

from grid.actions.closing import give_reason, rate, withdraw
from grid.actions.moving import reclassify
from grid.actions.reporter import answer_worker, supplement
from grid.actions.routing import Sent
from grid.questions import Ask, Question
from grid.wording import category_name
from grid.workflow import Refusal
from handlers.reply import Reply, Said
from handlers.resident.phrases import ASK_PLACE, find_category, squeeze
from handlers.resident.report import Place, read_place, settle_place
from handlers.talk import ResidentTalk
from nlp.reading import Talk
from storage.plan import Plan
from storage.tables import Case

_DIGIT = re.compile(r"^(?:选|回复|我选|第)?([1-9一二三四五六七八九])(?:个|号)?$")
_CHINESE = {word: index for index, word in enumerate("一二三四五六七八九", start=1)}
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
_NO_PHONE = {"不留", "不用", "不用了", "没有", "不方便", "不留了", "不想留", "不"}
_YES = {"是", "是的", "对", "确认", "确定", "好", "好的", "可以", "撤销", "1"}
_NO = {"否", "不是", "不", "不用", "不撤", "不撤销", "2"}
_RATING_WORDS = {
    "满意": "good", "很满意": "good", "非常满意": "good", "基本满意": "fair", "一般": "fair", "还行": "fair",
    "不满意": "poor", "很不满意": "poor", "不太满意": "poor",
}  # fmt: skip


async def answer(talk: ResidentTalk) -> Said | None:
    """The message as an answer to an open question; None when it answers none."""
    if not talk.conversation.questions or not talk.update.text.strip():
        return None
    word = squeeze(talk.update.text)
    for question in reversed(talk.conversation.questions):
        case = talk.find_case(question.case_id)
        if case is None:
            continue
        said = _answer_one(talk, question, case, word)
        if said is not None:
            return said
    return None


def _answer_one(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    match question.ask:
        case Ask.RATING:
            return _answer_rating(talk, question, case, word)
        case Ask.PHONE:
            return _answer_phone(talk, question, case, word)
        case Ask.PLACE:
            return _answer_place(talk, question, case)
        case Ask.PLACE_CHOICE:
            return _answer_place_choice(talk, question, case, word)
        case Ask.CATEGORY:
            return _answer_category(talk, question, case, word)
        case Ask.WITHDRAW:
            return _answer_withdraw(talk, question, case, word)
        case Ask.RATING_REASON:
            return _answer_reason(talk, question, case)
        case Ask.WORKER:
            return _answer_worker(talk, question, case)


def _option(word: str, count: int) -> int | None:
    found = _DIGIT.match(word)
    if not found:
        return None
    number = _CHINESE.get(found[1]) or int(found[1])
    return number - 1 if number <= count else None


def _finish(talk: ResidentTalk, question: Question, case: Case, made: Plan | Refusal, text: str, outcome: str) -> Said:
    talk.conversation = talk.conversation.drop(question)
    if isinstance(made, Refusal):
        return Said(Reply(made.sentence), "refused", Plan(), case.id)
    return Said(Reply(text), outcome, made, case.id)


def _answer_rating(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    index = _option(word, len(question.options))
    rating = question.options[index] if index is not None else _RATING_WORDS.get(word)
    if rating is None:
        return None
    made = rate(talk.desk, case, talk.actor, rating)
    if rating != "poor" or isinstance(made, Refusal):
        return _finish(talk, question, case, made, f"谢谢您对工单 {case.number} 的评价。", "rated")
    said = _finish(talk, question, case, made, "", "rated")
    talk.ask(Ask.RATING_REASON, case)
    text = f"很抱歉没让您满意。请说一下工单 {case.number} 哪里没办好；要重新办理请回复“没修好”。"
    return Said(Reply(text), "rated", said.plan, case.id)


def _answer_reason(talk: ResidentTalk, question: Question, case: Case) -> Said | None:
    if talk.read().talk in (Talk.GREETING, Talk.EMPTY, Talk.STICKER) or talk.read().emergency is not None:
        return None
    made = give_reason(talk.desk, case, talk.actor, talk.update.text)
    return _finish(talk, question, case, made, "已记下，我们会督促改进。谢谢您。", "reason")


def _answer_phone(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    if word in _NO_PHONE:
        talk.conversation = talk.conversation.drop(question)
        return Said(Reply("好的，不留也一样办理。"), "answered", Plan(), case.id)
    found = _PHONE.search(unicodedata.normalize("NFKC", talk.update.text).replace(" ", "").replace("-", ""))
    # More than a number: the message is about the matter, the phone is taken from it on the way.
    if found is None or len(word) > len(found[0]) + 6:
        return None
    talk.learned["phone"] = found[0]
    if not case.is_open:
        talk.conversation = talk.conversation.drop(question)
        return Said(Reply("电话已记下，谢谢。"), "answered", Plan(), case.id)
    made = supplement(talk.desk, case, talk.actor, "", phone=found[0])
    return _finish(talk, question, case, made, "电话已记下，只有办理人员能看到。谢谢。", "answered")


def _answer_place(talk: ResidentTalk, question: Question, case: Case) -> Said | None:
    reading = talk.read()
    if reading.talk in (Talk.GREETING, Talk.THANKS, Talk.STICKER, Talk.EMPTY) or reading.emergency is not None:
        return None
    place = read_place(talk, reading, talk.update.text)
    if place.candidates:
        talk.conversation = talk.conversation.drop(question)
        talk.ask(Ask.PLACE_CHOICE, case, place.candidates)
        names = " ".join(f"{i} {talk.desk.city.area_name(code)}" for i, code in enumerate(place.candidates, start=1))
        return Said(Reply(f"请问是哪里？回复数字：{names}"), "answered", Plan(), case.id)
    if place.area is None and reading.evidence:
        # A matter without a place: it is told in `report`, which joins it and asks again.
        return None
    if place.area is None and len(squeeze(talk.update.text)) < 2:
        return Said(Reply(ASK_PLACE), "answered", Plan(), case.id)
    return settle_place(talk, case, place, talk.update.text)


def _answer_place_choice(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    index = _option(word, len(question.options))
    if index is not None:
        return settle_place(talk, case, Place(question.options[index], case.place, (), False), "")
    place = read_place(talk, talk.read(), talk.update.text)
    return settle_place(talk, case, place, talk.update.text) if place.area is not None else None


def _answer_category(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    index = _option(word, len(question.options))
    category = question.options[index] if index is not None else find_category(talk.update.text)
    if category is None:
        return None
    if category == case.category:
        talk.conversation = talk.conversation.drop(question)
        return Said(Reply(f"好的，按{category_name(category)}办理。"), "answered", Plan(), case.id)
    sent = reclassify(talk.desk, case, talk.actor, category)
    made = sent.plan if isinstance(sent, Sent) else sent
    return _finish(talk, question, case, made, f"已更正为{category_name(category)}，并重新派单。", "reclassified")


def _answer_withdraw(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    if word in _NO:
        talk.conversation = talk.conversation.drop(question)
        return Said(Reply("好的，继续办理。"), "answered", Plan(), case.id)
    if word not in _YES:
        return None
    made = withdraw(talk.desk, case, talk.actor)
    return _finish(talk, question, case, made, f"工单 {case.number} 已撤销。", "withdrawn")


def _answer_worker(talk: ResidentTalk, question: Question, case: Case) -> Said | None:
    if talk.read().emergency is not None:
        return None
    made = answer_worker(talk.desk, case, talk.actor, talk.update.text)
    return _finish(talk, question, case, made, f"已转告网格员（工单 {case.number}）。", "joined")
