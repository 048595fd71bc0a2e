"""是不是同一件事? A new matter that is very like somebody's open case: asked in the same reply, decided by his word alone.

The case is opened and sent like any other before he is asked (docs/adr/0010-likeness.md): whoever never answers has lost nothing.
"""

import re
from dataclasses import replace

from grid.actions.joint import join_cases, mark_alike
from grid.likeness import can_be_alike, describe, find_twin, make_keys
from grid.questions import Ask, Question
from grid.workflow import Refusal
from handlers.joining import gather_joining
from handlers.reply import Reply, Said
from handlers.resident.phrases import ASK_PHONE, find_choice
from handlers.resident.places import ask_phone
from handlers.resident.progress import answered, progress_line
from handlers.talk import ResidentTalk
from nlp.reading import PlaceMention
from storage.rows import with_changes
from storage.tables import Case

_YES = re.compile(r"是(?:的|这件)?|对(?:的)?|嗯|一样(?:的)?|是?同一件事?|就是这[件个]")
_NO = re.compile(r"否|不|不(?:是|一样|同)(?:的|这件)?|两件事|另一件|不是同?一件事?")
_CATEGORY_LINE = "类别对吗"


async def look_for_twin(talk: ResidentTalk, said: Said) -> Said:
    """After a matter was told, or got its place: ask whether it is one that is open already, else let later ones find it."""
    case = _find_settled(talk, said)
    if case is None or not can_be_alike(case):
        return said
    keys = make_keys(talk.desk.city, case, _read_place(talk, case))
    found = await talk.books.likeness.list_alike(keys.asked, talk.desk.now - talk.desk.house.alike_for)
    twin = find_twin(talk.desk, case, found) if found else None
    if twin is None:
        said.plan.rows += talk.books.likeness.make_sketches(keys.own, case)
        return said
    # The twin stands for both: the index does not grow by what is told again and again.
    mark_alike(said.plan, case, twin)
    said.reply = replace(said.reply, text=_with_question(talk, case, twin, said.reply.text))
    return said


def _find_settled(talk: ResidentTalk, said: Said) -> Case | None:
    """The case that this decision opens, or brings to a place, as it will be."""
    for row in said.plan.rows:
        if isinstance(row, Case) and row.id == said.case_id:
            return row
    for change in said.plan.changes:
        if change.table is Case and change.key == said.case_id and "area_code" in change.values:
            before = talk.find_case(said.case_id)
            if before is not None and before.area_code is None:
                return with_changes(before, dict(change.values))
    return None


def _read_place(talk: ResidentTalk, case: Case) -> PlaceMention | None:
    """The place, where the reading of this very text has found it; None: it must be read from the case."""
    place = talk.reading.place if talk.reading is not None and case.opened_at == talk.desk.now else None
    return place.mention if place is not None else None


def _with_question(talk: ResidentTalk, case: Case, twin: Case, text: str) -> str:
    """One question at a time: this one takes the place of those for the category and the phone."""
    lines = [line for line in text.split("\n") if not line.startswith(_CATEGORY_LINE) and line != ASK_PHONE]
    kept = talk.conversation.drop_kind(Ask.CATEGORY, case.id)
    if kept.find(Ask.PHONE) is not None:
        kept = replace(kept.drop_kind(Ask.PHONE, case.id), asked_phone=False)
    talk.conversation = kept
    what = describe(twin, talk.desk.city)
    is_his = talk.is_own(twin) or twin.id in talk.joint
    talk.ask(Ask.TWIN, case, (str(twin.id), f"{'您反映过' if is_his else '附近已有人反映'}：{what}"))
    question = talk.conversation.find(Ask.TWIN)
    assert question is not None, "it has just been asked"
    return "\n".join([*lines, twin_line(question)])


def twin_line(question: Question) -> str:
    """The question in words."""
    return f"{question.options[1]}。是不是同一件事？回复数字：1 是 2 不是"


async def answer_twin(talk: ResidentTalk, question: Question, case: Case, word: str) -> Said | None:
    """是: he joins the case that was there before. 不是: his own goes on, as it has all the time."""
    choice = find_choice(word, 2)
    index = choice.index if choice is not None else _in_words(word)
    if index is None:
        return None
    talk.conversation = talk.conversation.drop(question)
    if index == 1:
        return answered("\n".join([f"好的，工单 {case.number} 单独办理。", *ask_phone(talk, case)]), case)
    return await _join(talk, case, int(question.options[0]))


def _in_words(word: str) -> int | None:
    return 0 if _YES.fullmatch(word) else 1 if _NO.fullmatch(word) else None


async def _join(talk: ResidentTalk, case: Case, twin_id: int) -> Said:
    twin = await talk.books.find(Case, twin_id)
    if twin is None or not twin.is_open or not case.is_open:
        return answered(f"那件已经办结。{progress_line(talk.desk, case)}", case)
    joining = await gather_joining(talk.books, talk.numbers, talk.desk, case, twin)
    made = join_cases(talk.desk, case, twin, talk.actor, (), joining)
    if isinstance(made, Refusal):
        return answered(made.sentence, case, "refused")
    talk.conversation = talk.conversation.drop_case(case.id).about(twin.id)
    text = f"好的，已与工单 {twin.number} 合并办理，有进展会告诉您。\n{progress_line(talk.desk, talk.seen(twin))}"
    return Said(Reply(text), "merged", made, case.id)
