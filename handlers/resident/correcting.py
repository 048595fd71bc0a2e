"""What he changes in his case: 补充, 改类别, 改地点, 撤销, 没修好, and the news that it is all right again."""

import re

from grid.actions.closing import is_too_late, reopen
from grid.actions.learning import noted
from grid.actions.moving import reclassify
from grid.actions.opening import open_again
from grid.actions.reporter import attach, hurry, supplement
from grid.actions.routing import Sent
from grid.questions import Ask
from grid.wording import category_name, long_moment
from grid.workflow import Move, Refusal
from handlers.learning import draw_correction
from handlers.reply import Reply, Said
from handlers.resident.naming import DONE, find_named, list_done, pick
from handlers.resident.phrases import (
    ASK_PLACE,
    ASK_RATING,
    NO_CASE,
    NUMBER,
    category_choices,
    find_category,
    list_evidence,
    squeeze,
)
from handlers.resident.places import Place, is_elsewhere, is_place_like, read_place, take_place
from handlers.resident.progress import answered, decided, find_obstacle, progress_line
from handlers.talk import ResidentTalk
from nlp.reading import Category, Talk
from storage.plan import Plan
from storage.rows import with_changes
from storage.tables import Case

_HEAD = re.compile(
    r"^\s*(?:补充|改地点|改地址|改位置|更正地点|修改地点|换地点)(?:一下|说明|一点)?[\s:：,，、。为到成]*"
)
_PICTURES = re.compile(r"(?:一?[张个])?(?:照片|图片|视频|材料|资料|语音|位置|几张照片)?")
_SHORT = 6


async def _find_open(talk: ResidentTalk) -> Case | Said | None:
    named = await find_named(talk)
    return named if named is not None else pick(talk, talk.list_open())


def _rest(text: str) -> str:
    """What follows the set word, without the number of a case."""
    return NUMBER.sub("", _HEAD.sub("", text), count=1).strip(" \t\n:：,，、。")


async def add_words(talk: ResidentTalk, word: str) -> Said | None:
    """补充: words and pictures that belong to a case, however late."""
    case = await _find_open(talk)
    if isinstance(case, Said):
        return case
    text = _rest(talk.update.text)
    if case is None:
        return answered(NO_CASE) if len(text) < _SHORT else None
    if talk.read().conduct and not case.conduct:
        return None
    obstacle = find_obstacle(case, Move.SUPPLEMENT)
    if obstacle is not None:
        return answered(obstacle, case, "refused")
    loose = await talk.books.list_loose_media(talk.conversation.loose_media) if talk.conversation.loose_media else ()
    talk.conversation = talk.conversation.about(case.id)
    plan = attach(talk.desk, case, talk.actor, list(loose)) if loose else Plan()
    talk.conversation = talk.conversation.without_loose() if loose else talk.conversation
    if _PICTURES.fullmatch(text):
        if loose:
            return Said(Reply(f"已附到工单 {case.number}（{len(loose)}份）。"), "joined", plan, case.id)
        talk.ask(Ask.SUPPLEMENT, case)
        return answered(f"请直接发送要补充到工单 {case.number} 的文字或照片。", case)
    made = supplement(talk.desk, case, talk.actor, text)
    said = decided(made, f"已补充到工单 {case.number}。", case, "joined")
    said.plan = said.plan.merge(plan)
    return said


async def recategorise(talk: ResidentTalk, word: str) -> Said | None:
    """改类别, with the category or without."""
    case = await _find_open(talk)
    if case is None or isinstance(case, Said):
        return case or answered(NO_CASE)
    obstacle = _find_foreign(talk, case) or find_obstacle(case, Move.RECLASSIFY)
    if obstacle is not None:
        return answered(obstacle, case, "refused")
    category = find_category(
        re.sub(r"^.*?(?:类别|分类|类型)(?:不对|错了?|有误)?(?:改?为|改?成|是|应该是|应为)?", "", word)
    )
    if category is None:
        talk.ask(Ask.CATEGORY, case, tuple(Category))
        now = category_name(case.category)
        return answered(f"工单 {case.number} 现在是{now}。应为哪一类？回复数字：{category_choices()}", case)
    if category == case.category:
        return answered(f"工单 {case.number} 已经是{category_name(category)}。", case)
    talk.conversation = talk.conversation.drop_kind(Ask.CATEGORY, case.id)
    correction = await draw_correction(talk, case, talk.actor, category)
    made = noted(reclassify(talk.desk, case, talk.actor, category), correction)
    return decided(made, f"已更正为{category_name(category)}，并重新派单。", case, "reclassified")


def _find_foreign(talk: ResidentTalk, case: Case) -> str | None:
    if talk.is_own(case):
        return None
    return f"工单 {case.number} 的地点和类别由最先反映的居民更正；您的情况请直接回复“补充 内容”。"


async def move_place(talk: ResidentTalk, word: str) -> Said | None:
    """改地点, with the place or without."""
    case = await _find_open(talk)
    if case is None or isinstance(case, Said):
        return case or answered(NO_CASE)
    obstacle = _find_foreign(talk, case)
    if obstacle is not None:
        return answered(obstacle, case, "refused")
    text = _rest(re.sub(r"^.*?(?:不对|错了|写错了|有误)[，,。 ]*(?:应该)?(?:是|在)?", "", talk.update.text))
    place = read_place(talk, talk.read(), talk.update.text)
    if not place.note and (place.area is not None or place.candidates or place.words):
        return take_place(talk, case, place, "")
    if text and is_place_like(text):
        return take_place(talk, case, Place(None, text), "")
    talk.ask(Ask.PLACE, case)
    return answered(f"好的，工单 {case.number} 的地点请再说一遍。{ASK_PLACE}", case)


async def take_back(talk: ResidentTalk, word: str) -> Said | None:
    """撤销, after one question back."""
    case = await _find_open(talk)
    if case is None or isinstance(case, Said):
        return case or answered(NO_CASE)
    obstacle = find_obstacle(case, Move.WITHDRAW)
    if obstacle is not None:
        return answered(obstacle, case, "refused")
    talk.ask(Ask.WITHDRAW, case)
    return answered(f"确定撤销工单 {case.number} 吗？回复“是”撤销，“否”继续办理。", case)


async def fixed(talk: ResidentTalk, word: str) -> Said | None:
    """It is all right again: then he may rate it, or take it back."""
    rating = talk.conversation.find(Ask.RATING)
    if rating is not None:
        return answered(f"太好了！工单 {rating.number} {ASK_RATING}", talk.find_case(rating.case_id))
    if talk.conversation.find(Ask.WORKER) is not None or len(talk.list_open()) != 1:
        return None
    case = talk.list_open()[0]
    if find_obstacle(case, Move.WITHDRAW) is not None:
        return None
    talk.ask(Ask.WITHDRAW, case)
    return answered(f"太好了！工单 {case.number} 还要继续办吗？不用办了请回复“是”撤销，还要办请回复“否”。", case)


async def not_fixed(talk: ResidentTalk, word: str) -> Said | None:
    """没修好: opened again; what still runs is urged; what ended too long ago is told anew."""
    named = await find_named(talk)
    if isinstance(named, Said):
        return named
    case = named if named is not None and named.status in DONE else pick(talk, list_done(talk))
    if case is None or (named is not None and named.is_open):
        return _still_running(talk, word)
    if is_elsewhere(case, talk.read()):
        return None
    reason = "" if talk.read().conduct or len(word) <= _SHORT - 2 else talk.update.text
    if is_too_late(talk.desk, case):
        return await _begin_anew(talk, case, reason)
    sent = reopen(talk.desk, case, talk.actor, reason)
    if isinstance(sent, Refusal):
        return answered(sent.sentence, case, "refused")
    talk.conversation = talk.conversation.drop_case(case.id).about(case.id)
    return Said(Reply(_reopened(talk, sent)), "reopened", sent.plan, case.id)


def _reopened(talk: ResidentTalk, sent: Sent) -> str:
    due = sent.case.resolve_due_at
    until = f"，{long_moment(due, talk.desk.zone)}前办结" if due is not None else ""
    return f"很抱歉没解决好。工单 {sent.case.number} 已重新派单{until}，我们会盯紧办理。"


async def _begin_anew(talk: ResidentTalk, case: Case, words: str) -> Said | None:
    """What ended too long ago is a new case at once, linked to the old one; what runs meanwhile is urged instead."""
    running = _still_running(talk, squeeze(talk.update.text)) if talk.list_open() else None
    if running is not None:
        return running
    case_id, serial = await talk.numbers.take_id(), await talk.numbers.take_serial(talk.desk.today)
    opened = open_again(talk.desk, _as_his_own(talk, case), talk.actor, words, case_id, serial)
    talk.conversation = talk.conversation.drop_case(case.id).about(case_id)
    due = opened.case.resolve_due_at
    until = f"，{long_moment(due, talk.desk.zone)}前办结" if due is not None else ""
    days = talk.desk.house.reopen_for.days
    text = f"很抱歉没解决好。工单 {case.number} 办结已超过{days}天，已为您新开工单 {opened.case.number}{until}，与原工单关联。"
    return Said(Reply(text), "reopened", opened.plan, case_id)


def _as_his_own(talk: ResidentTalk, case: Case) -> Case:
    """The old case as this resident may tell it again: of what somebody else reported first, nothing that is his alone."""
    if talk.is_own(case):
        return case
    mine = {"resident_id": talk.resident.id, "reporter_id": None, "phone": talk.resident.phone}
    return with_changes(talk.seen(case), mine)


def _still_running(talk: ResidentTalk, word: str) -> Said | None:
    """Nothing to open again: what runs is urged. An answer to a worker's question, and a matter with its own words, are not this."""
    case = pick(talk, talk.list_open())
    reading = talk.read()
    if talk.conversation.find(Ask.WORKER) is not None or (reading.talk is not Talk.MATTER and len(word) > 10):
        return None
    if case is None:
        return answered(f"请告诉我：哪里的什么事还没办好？{ASK_PLACE}") if len(word) <= _SHORT else None
    if (list_evidence(reading) and len(word) > 10) or talk.desk.now - case.touched_at <= talk.desk.house.join_for:
        return None
    line = progress_line(talk.desk, talk.seen(case))
    return decided(hurry(talk.desk, case, talk.actor), f"这件事还在办，已替您催办。\n{line}", case, "hurried")
