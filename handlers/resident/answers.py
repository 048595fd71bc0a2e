"""Answers to what the bot asked: a number, a phone, a place, a word to the worker. The newest open question that fits gets it."""

import re

from grid.actions.closing import withdraw
from grid.actions.joint import leave
from grid.actions.learning import noted
from grid.actions.moving import reclassify
from grid.actions.reporter import answer_worker, supplement
from grid.questions import Ask, Question
from grid.wording import category_name
from grid.workflow import Move
from handlers.learning import draw_correction
from handlers.reply import Said
from handlers.resident.alike import answer_twin, twin_line
from handlers.resident.phones import answer_phone
from handlers.resident.phrases import (
    ASK_PLACE,
    ASK_RATING,
    category_choices,
    find_category,
    find_choice,
    is_assent,
    list_evidence,
    squeeze,
)
from handlers.resident.places import (
    Place,
    ask_where,
    choice_line,
    is_elsewhere,
    is_named,
    is_place_like,
    read_place,
    take_place,
)
from handlers.resident.progress import answered, decided, find_obstacle
from handlers.resident.rating import answer_rating, answer_reason
from handlers.talk import ResidentTalk
from nlp.reading import Reading, Talk
from storage.tables import Case

_YES = {"是", "是的", "对", "对的", "确认", "确定", "好", "好的", "可以", "撤销", "撤销吧", "嗯", "1"}
_NO = {"否", "不是", "不", "不用", "不用了", "不撤", "不撤销", "别撤", "继续", "继续办理", "2", "不要", "算了"}
_NOT_THESE = re.compile(r"(?:都|全)?不(?:是|对)(?:这?里)?|都没有|没有(?:一个)?对的|以上都不是")
_DONT_KNOW = re.compile(
    r"(?:我)?(?:也)?(?:不知道|不清楚|不晓得|说不清|说不好|记不清|忘了|不认识路|不会发)(?:了|啊|呀|怎么发)?"
)
_THANKS = re.compile(r"[，,。！!\s]*(?:谢谢|多谢|感谢|麻烦)(?:您|你|们|了|啦)*[。！!\s]*$")
_WHY_ASK = re.compile(r"(?:为什么|为啥|干嘛|干什么|问这个?|有(?:什么|啥)用).{0,8}")


async def answer(talk: ResidentTalk) -> Said | None:
    """The message as an answer to an open question; None when it answers none."""
    if not talk.conversation.questions or not talk.update.text.strip():
        return None
    word = squeeze(talk.update.text)
    for question in reversed(talk.conversation.questions):
        case = talk.find_case(question.case_id)
        said = await _answer_one(talk, question, case, word) if case is not None else None
        if said is not None:
            return said
    return _wrong_number(talk, word)


async def _answer_one(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    match question.ask:
        case Ask.RATING:
            return await answer_rating(talk, question, case)
        case Ask.RATING_REASON:
            return answer_reason(talk, question, case)
        case Ask.PHONE:
            return answer_phone(talk, question, case, word)
        case Ask.PLACE:
            return _answer_place(talk, case, word)
        case Ask.PLACE_CHOICE:
            return _answer_place_choice(talk, question, case, word)
        case Ask.CATEGORY:
            return await _answer_category(talk, question, case, word)
        case Ask.WITHDRAW:
            return await _answer_withdraw(talk, question, case, word)
        case Ask.WORKER:
            return _answer_worker(talk, question, case)
        case Ask.WORDS:
            # Answered before, by `handlers.resident.voice.tell_in_words`; what that leaves is no answer to it.
            return None
        case Ask.SUPPLEMENT:
            return _answer_supplement(talk, question, case)
        case Ask.TWIN:
            return await answer_twin(talk, question, case, word)
        case Ask.ERASE:
            # A set word answers it (`handlers.resident.privacy.confirm_erase`): no bare 是 may erase anybody.
            return None
        case Ask.CLUE:
            # It is about a notice, no case: answered before, by `handlers.resident.notices`.
            return None


def remind(talk: ResidentTalk, question: Question) -> str | None:
    """An open question once more; None for those that need no answer."""
    match question.ask:
        case Ask.PLACE:
            case = talk.find_case(question.case_id)
            return ask_where(talk, case) if case is not None else ASK_PLACE
        case Ask.PLACE_CHOICE:
            return choice_line(talk.desk.city, question.options)
        case Ask.CATEGORY:
            return f"工单 {question.number} 是哪一类？回复数字：{category_choices(question.options)}"
        case Ask.RATING:
            return f"工单 {question.number} 已办结，{ASK_RATING}"
        case Ask.TWIN:
            return twin_line(question)
        case Ask.WITHDRAW:
            return f"确定撤销工单 {question.number} 吗？回复“是”撤销，“否”继续办理。"
        case _:
            return None


def _wrong_number(talk: ResidentTalk, word: str) -> Said | None:
    if find_choice(word, 0) is None:
        return None
    asked = [question for question in reversed(talk.conversation.questions) if question.options]
    reminder = remind(talk, asked[0]) if asked else None
    return answered(f"没有这个选项。{reminder}", talk.find_case(asked[0].case_id)) if reminder else None


def _answer_place(talk: ResidentTalk, case: Case, word: str) -> Said | None:
    text = _THANKS.sub("", talk.update.text)
    reading = talk.read() if text == talk.update.text else talk.reader.read(text, home=talk.resident.area_code)
    if reading.emergency is not None or find_choice(word, 0) is not None:
        return None
    if _DONT_KNOW.fullmatch(word):
        return answered("没关系，工作人员会核实位置。也可以点输入框旁的“＋”发送位置，或说附近的路名、商店。", case)
    if _WHY_ASK.fullmatch(word) and not list_evidence(reading):
        return answered(f"知道地点，才能派人过去。{ASK_PLACE}", case)
    if (reading.conduct and not case.conduct) or _is_own_matter(case, reading):
        return None
    place = read_place(talk, reading, text)
    if place.area is not None or place.candidates or place.words:
        # A guess by his home is no answer to the question where it is.
        return None if place.note else take_place(talk, case, place, text)
    if list_evidence(reading) or not is_place_like(text):
        # Told in `report`, which joins it and asks again.
        return None
    return take_place(talk, case, Place(None, text.strip()), text)


def _is_own_matter(case: Case, reading: Reading) -> bool:
    """A matter with its own words, its own place and another category is no answer, whatever was asked."""
    if reading.parts:
        return True
    has_all = bool(list_evidence(reading)) and reading.place is not None and is_named(reading.place.mention)
    if not has_all or not case.evidence:
        return False
    return is_elsewhere(case, reading) or (reading.category is not None and reading.category != case.category)


def _answer_place_choice(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    choice = find_choice(word, len(question.options))
    if choice is not None and choice.index is not None:
        return take_place(talk, case, Place(question.options[choice.index], case.place), "")
    if len(question.options) == 1 and word in _YES:
        return take_place(talk, case, Place(question.options[0], case.place), "")
    if _NOT_THESE.fullmatch(word) or (len(question.options) == 1 and word in _NO):
        talk.conversation = talk.conversation.drop(question)
        talk.ask(Ask.PLACE, case)
        return answered(f"好的。{ASK_PLACE}", case)
    named = [code for code in question.options if word and word in squeeze(talk.desk.city.area_name(code))]
    if len(named) == 1 and len(word) > 1:
        return take_place(talk, case, Place(named[0], case.place), "")
    return _answer_place(talk, case, word)


async def _answer_category(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    choice = find_choice(word, len(question.options))
    if choice is not None and choice.index is None:
        return None
    category = question.options[choice.index] if choice and choice.index is not None else _named_category(word)
    if category is None:
        return None
    talk.conversation = talk.conversation.drop(question)
    if category == case.category:
        return answered(f"好的，按{category_name(category)}办理。", case)
    obstacle = find_obstacle(case, Move.RECLASSIFY)
    if obstacle is not None:
        return answered(obstacle, case, "refused")
    correction = await draw_correction(talk, case, talk.actor, category)
    made = noted(reclassify(talk.desk, case, talk.actor, category), correction)
    return decided(made, f"已更正为{category_name(category)}，并重新派单。", case, "reclassified")


def _named_category(word: str) -> str | None:
    # A short answer names a category; a long sentence that happens to hold the name tells a matter.
    return find_category(word) if len(word) <= 8 else None


async def _answer_withdraw(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    if word not in _NO and word not in _YES:
        return None
    talk.conversation = talk.conversation.drop(question)
    if word in _NO:
        return answered(f"好的，工单 {case.number} 继续办理。", case)
    obstacle = find_obstacle(case, Move.WITHDRAW)
    if obstacle is not None:
        return answered(obstacle, case, "refused")
    talk.conversation = talk.conversation.drop_case(case.id)
    if case.id in talk.joint:
        left = leave(talk.desk, case, talk.actor, talk.joint[case.id])
        return decided(left, f"好的，工单 {case.number} 的进展不再告诉您；其他居民也反映了，继续办理。", case, "left")
    made = withdraw(talk.desk, case, talk.actor, await talk.books.followups.list_children(case.id))
    return decided(made, f"工单 {case.number} 已撤销。以后有事随时告诉我。", case, "withdrawn")


def _answer_worker(talk: ResidentTalk, question: Question, case: Case) -> Said | None:
    reading, text = talk.read(), talk.update.text
    is_thanks_only = reading.talk is Talk.THANKS and not squeeze(_THANKS.sub("", text))
    if is_thanks_only or reading.talk in (Talk.GREETING, Talk.EMPTY, Talk.STICKER):
        return None
    if reading.emergency is not None or (reading.conduct and not case.conduct) or _is_own_matter(case, reading):
        return None
    if not case.is_open:
        return None
    talk.conversation = talk.conversation.drop(question)
    if reading.phone:
        talk.learned["phone"] = reading.phone
    made = answer_worker(talk.desk, case, talk.actor, text, **({"phone": reading.phone} if reading.phone else {}))
    return decided(made, f"已转告网格员（工单 {case.number}）。", case, "joined")


def _answer_supplement(talk: ResidentTalk, question: Question, case: Case) -> Said | None:
    reading, text = talk.read(), talk.update.text
    if reading.emergency is not None or (reading.conduct and not case.conduct) or is_assent(text) or not case.is_open:
        return None
    talk.conversation = talk.conversation.drop(question)
    return decided(supplement(talk.desk, case, talk.actor, text), f"已补充到工单 {case.number}。", case, "joined")
