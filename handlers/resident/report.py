"""A matter is told: it joins what he has just been telling, or becomes a case."""

import re
from datetime import timedelta

from grid.actions.moving import restate
from grid.actions.opening import Matter, Opened, open_case, state_matter
from grid.actions.privacy import asks_for_silence
from grid.actions.reporter import attach, supplement
from grid.link_lines import resident_link
from grid.questions import Ask
from grid.wording import category_name, place_line
from grid.workflow import Move
from handlers.reply import Reply, Said
from handlers.resident.danger import LISTENING, SELF_HARM, WHERE_ARE_YOU, emergency_line
from handlers.resident.phrases import (
    ASK_PLACE,
    STILL_IN_DANGER,
    WHAT_NEXT,
    category_choices,
    is_told_already,
    list_evidence,
    says_something,
    squeeze,
)
from handlers.resident.places import (
    Place,
    ask_choice,
    ask_phone,
    ask_where,
    handed_over,
    is_elsewhere,
    is_named,
    is_place_like,
    read_place,
    take_place,
)
from handlers.resident.progress import answered, decided, find_obstacle, list_recent, progress_line
from handlers.talk import ResidentTalk
from nlp.reading import Reading, Talk
from storage.tables import Case

# Two confident readings of different categories are two matters, however quickly they were typed.
_CONFIDENT = 0.6
_CONTINUES_FOR = timedelta(seconds=10)
_SHORTEST_MATTER = 4
_ANOTHER = re.compile(r"^(?:另外|还有|再有|再就是|有人|再(?:反映|说|报)(?:一|个)|另一|第二[件个])")
_SAME_PLACE = "（同您刚才说的地点；不对请回复“改地点”）"


async def report(talk: ResidentTalk) -> Said | None:
    """A matter in words."""
    reading = talk.read()
    if reading.talk is not Talk.MATTER and reading.emergency is None:
        return None
    if not says_something(talk.update.text):
        return None
    is_bare = not list_evidence(reading) and reading.emergency is None and reading.place is None
    if is_bare and len(squeeze(talk.update.text)) < _SHORTEST_MATTER:
        # 六楼: of what? Two characters that say nothing become no case of their own.
        return None
    earlier = find_joinable(talk, reading)
    if earlier is not None:
        return join(talk, earlier, reading)
    told = next((case for case in talk.list_open() if is_told_already(case, talk.update.text)), None)
    if told is not None and reading.emergency is None:
        return answered(f"这件事已经在办。\n{progress_line(talk.desk, talk.seen(told))}\n想催一催请回复“催办”。", told)
    return await open_matter(talk, talk.update.text, reading)


def find_joinable(talk: ResidentTalk, reading: Reading) -> Case | None:
    """The case that this message goes on about: just told of, same matter as far as one can see."""
    recent = list_recent(talk)
    if not recent:
        return None
    case = recent[0]
    if _ANOTHER.match(talk.update.text.strip()) and case.evidence and list_evidence(reading):
        return None
    if not _is_as_grave(case, reading) or is_elsewhere(case, reading):
        return None
    passed = talk.desk.now - case.touched_at
    # Short lines sent one after the other are one thought: 下水道堵了 / 污水都冒到门口了.
    if _is_other_matter(case, reading) and (passed > _CONTINUES_FOR or _is_apart(case, reading)):
        return None
    in_burst = passed <= talk.desk.house.burst_for
    same = reading.category is not None and reading.category == case.category
    return case if in_burst or not list_evidence(reading) or same else None


def _is_as_grave(case: Case, reading: Reading) -> bool:
    """A new danger is a case of its own, and so is a complaint about somebody's conduct: the first one's group never reads it."""
    if reading.conduct and not case.conduct:
        return False
    return reading.emergency is None or reading.emergency.kind == case.emergency


def _is_apart(case: Case, reading: Reading) -> bool:
    return bool(case.emergency or case.conduct) or (reading.place is not None and is_named(reading.place.mention))


def _is_other_matter(case: Case, reading: Reading) -> bool:
    if reading.category is None or not case.category or reading.category == case.category:
        return False
    # What was told beside a danger or a complaint about conduct, with words of its own, is another matter.
    if (
        (case.emergency or case.conduct)
        and list_evidence(reading)
        and reading.emergency is None
        and not reading.conduct
    ):
        return True
    # A text without a word that speaks for anything is read by what is usual: that must be sure to count.
    is_sure = reading.confidence >= _CONFIDENT if list_evidence(reading) else not reading.ask
    return is_sure and case.confidence >= _CONFIDENT and bool(case.evidence)


async def open_matter(
    talk: ResidentTalk, text: str, reading: Reading, near: Case | None = None, into: Case | None = None
) -> Said:
    """Open a case, with the pictures and the place that came before the words. `near`: the case whose place it shares.

    `into`: a case that was opened without words (a recording that nobody could make out), which these words are for.
    """
    place = _place_of(talk, reading, text, near)
    if reading.phone:
        talk.learned["phone"] = reading.phone
    matter = make_matter(talk, text, reading, place)
    opened = state_matter(talk.desk, into, matter, talk.actor) if into is not None else await _open(talk, matter)
    plan = opened.plan
    loose = await talk.books.list_loose_media(talk.conversation.loose_media) if talk.conversation.loose_media else ()
    if loose:
        plan = plan.merge(attach(talk.desk, opened.case, talk.actor, list(loose)))
    talk.conversation = talk.conversation.without_loose().about(opened.case.id)
    lines = _lines(talk, opened, reading, place, len(loose))
    return Said(Reply("\n".join(line for line in lines if line)), "opened", plan, opened.case.id)


async def _open(talk: ResidentTalk, matter: Matter) -> Opened:
    case_id = await talk.numbers.take_id()
    return open_case(talk.desk, matter, talk.actor, case_id, await talk.numbers.take_serial(talk.desk.today))


def _place_of(talk: ResidentTalk, reading: Reading, text: str, near: Case | None) -> Place:
    place = read_place(talk, reading, text)
    if place.area is not None or place.candidates or place.is_named or reading.emergency is not None:
        return place
    # Who says “还有人在烧烤” right after his first matter means the same spot; the reply names it, so that he can object.
    burst = [case for case in talk.list_open() if talk.desk.now - case.touched_at <= talk.desk.house.burst_for]
    beside = near or (burst[0] if burst else None)
    if beside is None or beside.area_code is None:
        return place
    return Place(beside.area_code, beside.place or place.words, (), _SAME_PLACE)


def make_matter(talk: ResidentTalk, text: str, reading: Reading, place: Place) -> Matter:
    """What the law needs to know of it."""
    is_secret = asks_for_silence(text)
    return Matter(
        text=text,
        category=reading.category.value if reading.category else "",
        urgency=reading.urgency.value,
        confidence=reading.confidence,
        evidence=list_evidence(reading),
        emergency=reading.emergency.kind if reading.emergency else "",
        conduct=reading.conduct,
        area=place.area,
        place=place.words,
        place_why=place.why,
        phone="" if is_secret else reading.phone or talk.resident.phone,
        anonymous=is_secret,
        resident_id=talk.resident.id,
    )


def _lines(talk: ResidentTalk, opened: Opened, reading: Reading, place: Place, pictures: int) -> list[str]:
    if reading.emergency is None:
        return [*_opened_lines(talk, opened, place, pictures), *_ask_what_is_missing(talk, opened.case, reading, place)]
    number = opened.case.number
    told = f"我已同时通知网格员和值班人员（工单 {number}）。"
    if reading.emergency.kind == SELF_HARM:
        told = f"我已请身边的工作人员来帮您（编号 {number}）。"
    where = place_line(opened.case, talk.desk.city) if opened.case.area_code else ""
    return [
        emergency_line(reading.emergency, talk.desk.house.gas_phone),
        told,
        f"地点：{where}{place.note}" if where else "",
        *_ask_gently(talk, opened.case, place),
    ]


def _ask_gently(talk: ResidentTalk, case: Case, place: Place) -> list[str]:
    asked = _ask_for_place(talk, case, place)
    return [WHERE_ARE_YOU] if asked == [ASK_PLACE] and case.emergency == SELF_HARM else asked


def _opened_lines(talk: ResidentTalk, opened: Opened, place: Place, pictures: int) -> list[str]:
    case = opened.case
    words = f"（{'、'.join(case.evidence[:3])}）" if case.evidence else ""
    return [
        f"已受理，工单 {case.number}。{f'您发来的{pictures}份照片或录音已附上。' if pictures else ''}",
        f"类别：{category_name(case.category)}{words}",
        f"地点：{place_line(case, talk.desk.city)}{place.note}" if case.area_code or case.place else "",
        handed_over(talk, case),
        "按匿名办理：办理人员看不到您是谁。" if case.anonymous else "",
        *_repair_lines(talk, case),
        resident_link(talk.desk, case, talk.resident.id),
    ]


def _repair_lines(talk: ResidentTalk, case: Case) -> list[str]:
    # A company's own emergency line is faster than any dispatch.
    found = [
        f"{what}也可直接拨打抢修电话{phone}。"
        for what, phone in talk.desk.house.repair_phones.items()
        if phone and what in case.text
    ]
    return found[:1]


def _ask_for_place(talk: ResidentTalk, case: Case, place: Place) -> list[str]:
    if place.candidates:
        return [ask_choice(talk, case, place)]
    if case.area_code is None:
        talk.ask(Ask.PLACE, case)
        return [ask_where(talk, case)]
    return []


def _ask_what_is_missing(talk: ResidentTalk, case: Case, reading: Reading, place: Place) -> list[str]:
    """One question at a time: the place, else the category, else the phone."""
    asked = _ask_for_place(talk, case, place)
    if asked:
        return asked
    if reading.ask and reading.runner_up is not None and reading.category is not None:
        codes = (reading.category.value, reading.runner_up.value)
        talk.ask(Ask.CATEGORY, case, codes)
        return [f"类别对吗？回复数字：{category_choices(codes)}", WHAT_NEXT]
    phone = ask_phone(talk, case)
    return [*phone, WHAT_NEXT]


def join(talk: ResidentTalk, case: Case, reading: Reading) -> Said:
    """More words on a matter that has just been told: the case grows, nobody gets a second number."""
    text = talk.update.text
    danger = _danger_lines(talk, case, reading)
    if is_told_already(case, text):
        return answered("\n".join([*danger, f"已经记下了，工单 {case.number} 正在办理。"]), case)
    said = _join_place(talk, case, reading, text) or _join_words(talk, case, reading, text)
    if danger:
        said.reply = Reply("\n".join([*danger, said.reply.text]))
    return said


def _danger_lines(talk: ResidentTalk, case: Case, reading: Reading) -> list[str]:
    if reading.emergency is not None:
        return [emergency_line(reading.emergency, talk.desk.house.gas_phone)]
    if case.emergency == SELF_HARM:
        return [LISTENING]
    return [STILL_IN_DANGER] if case.emergency else []


def _join_place(talk: ResidentTalk, case: Case, reading: Reading, text: str) -> Said | None:
    """The words say where it is: for the first time, or more exactly."""
    if not talk.is_own(case):
        return None
    place = read_place(talk, reading, text)
    if case.area_code is None and (place.area is not None or place.words or place.candidates):
        return take_place(talk, case, place, text)
    return take_place(talk, case, place, text) if _is_finer(case, place) else None


def _is_finer(case: Case, place: Place) -> bool:
    if place.area != case.area_code or not place.words or place.words in case.place:
        return False
    return not case.place or case.place in place.words or not place.is_named


def _join_words(talk: ResidentTalk, case: Case, reading: Reading, text: str) -> Said:
    if (
        case.area_code is None
        and not list_evidence(reading)
        and talk.conversation.find(Ask.PLACE)
        and is_place_like(text)
    ):
        return take_place(talk, case, Place(None, text.strip()), text)
    missing = f"\n{ask_where(talk, case)}" if case.area_code is None else ""
    sentence = f"已补充到工单 {case.number}。{missing}"
    says_more = bool(list_evidence(reading)) and reading.category is not None
    is_clearer = says_more and not case.evidence and not case.conduct and talk.is_own(case)
    if is_clearer and reading.category != case.category and find_obstacle(case, Move.RECLASSIFY) is None:
        talk.conversation = talk.conversation.drop_kind(Ask.CATEGORY, case.id)
        assert reading.category is not None, "evidence is always of a category"
        made = restate(talk.desk, case, talk.actor, text, reading.category.value)
        return decided(made, f"{sentence}\n类别：{reading.category.label}。", case, "joined")
    values = {"phone": reading.phone} if reading.phone else {}
    talk.learned.update(values)
    return decided(supplement(talk.desk, case, talk.actor, text, **values), sentence, case, "joined")
