"""A matter is told: it joins what he has just been telling, or becomes a case."""

from dataclasses import dataclass

from grid.actions.moving import place_case
from grid.actions.opening import Matter, Opened, open_case
from grid.actions.reporter import attach, supplement
from grid.actions.routing import Sent
from grid.questions import Ask
from grid.wording import category_name, long_moment, place_line
from grid.workflow import Refusal
from handlers.reply import Reply, Said
from handlers.resident.phrases import ASK_PHONE, ASK_PLACE, PRIVACY
from handlers.talk import ResidentTalk
from nlp.reading import PlaceReading, Reading, Talk
from storage.plan import Plan
from storage.tables import Case

# Two confident readings of different categories are two matters, however quickly they were typed.
_CONFIDENT = 0.6
_FEW_WORDS = 3


@dataclass(frozen=True, slots=True)
class Place:
    """Where a matter is, as far as it is known: an area, the words for it, and what to ask."""

    area: str | None
    words: str
    candidates: tuple[str, ...]
    is_guess: bool


async def report(talk: ResidentTalk) -> Said | None:
    """A matter in words."""
    reading = talk.read()
    if reading.talk is not Talk.MATTER and reading.emergency is None:
        return None
    earlier = find_joinable(talk, reading)
    if earlier is not None:
        return join(talk, earlier, reading)
    return await open_matter(talk, talk.update.text, reading)


def find_joinable(talk: ResidentTalk, reading: Reading) -> Case | None:
    """The case that this message goes on about: just told of, same matter as far as one can see."""
    recent = [case for case in talk.list_open() if talk.desk.now - case.touched_at <= talk.desk.house.join_for]
    if not recent or (reading.emergency is not None and not recent[0].emergency):
        return None
    case = recent[0]
    if _is_elsewhere(case, reading) or _is_other_matter(case, reading):
        return None
    in_burst = talk.desk.now - case.touched_at <= talk.desk.house.burst_for
    says_little = not reading.evidence
    same = reading.category is not None and reading.category == case.category
    return case if in_burst or says_little or same else None


def _is_elsewhere(case: Case, reading: Reading) -> bool:
    place = reading.place
    named = place is not None and place.mention is not None and place.area is not None and not place.ask
    return named and case.area_code is not None and place is not None and place.area != case.area_code


def _is_other_matter(case: Case, reading: Reading) -> bool:
    if reading.category is None or not case.category or reading.category == case.category:
        return False
    return reading.confidence >= _CONFIDENT and case.confidence >= _CONFIDENT and bool(case.evidence)


def read_place(talk: ResidentTalk, reading: Reading, text: str) -> Place:
    """Where it is: by the text, by a location sent before, by the resident's bound grid; never a silent guess."""
    place = reading.place
    words = text[place.mention.start : place.mention.end] if place is not None and place.mention is not None else ""
    loose = talk.conversation.loose_place
    if loose is not None and (place is None or place.mention is None):
        return Place(loose[0] or None, loose[1] or words, (), False)
    if place is None:
        return Place(None, words, (), False)
    if place.ask:
        return Place(None, words, place.candidates, False)
    return Place(place.area, words, (), _is_home_guess(talk, place))


def _is_home_guess(talk: ResidentTalk, place: PlaceReading) -> bool:
    return place.area == talk.resident.area_code and place.mention is None


async def open_matter(talk: ResidentTalk, text: str, reading: Reading) -> Said:
    """Open a case, with the pictures and the place that came before the words."""
    place = read_place(talk, reading, text)
    if reading.phone:
        talk.learned["phone"] = reading.phone
    opened = open_case(
        talk.desk,
        make_matter(talk, text, reading, place),
        talk.actor,
        await talk.numbers.take_id(),
        await talk.numbers.take_serial(talk.desk.today),
    )
    plan = opened.plan
    loose = await talk.books.list_loose_media(talk.conversation.loose_media) if talk.conversation.loose_media else ()
    if loose:
        plan = plan.merge(attach(talk.desk, opened.case, talk.actor, list(loose)))
    talk.conversation = talk.conversation.without_loose().about(opened.case.id)
    lines = [*_emergency_lines(talk, reading), *_opened_lines(talk, opened, reading, place, len(loose))]
    lines += _ask_what_is_missing(talk, opened, reading, place)
    return Said(Reply("\n".join(line for line in lines if line)), "opened", plan, opened.case.id)


def make_matter(talk: ResidentTalk, text: str, reading: Reading, place: Place) -> Matter:
    """What the law needs to know of it."""
    return Matter(
        text=text,
        category=reading.category.value if reading.category else "",
        urgency=reading.urgency.value,
        confidence=reading.confidence,
        evidence=tuple(dict.fromkeys(item.word for item in reading.evidence)),
        emergency=reading.emergency.kind if reading.emergency else "",
        conduct=reading.conduct,
        area=place.area,
        place=place.words,
        phone=reading.phone or talk.resident.phone,
        resident_id=talk.resident.id,
    )


def _emergency_lines(talk: ResidentTalk, reading: Reading) -> list[str]:
    if reading.emergency is None:
        return []
    return [emergency_line(reading.emergency.kind, reading.emergency.call, talk.desk.house.gas_phone)]


_WHO_ELSE = {"110": "报警", "119": "火警救援", "120": "伤者", "122": "交通事故"}
_WHAT_FIRST = {
    "fire": "请先撤到安全的地方，不要乘电梯",
    "gas": "请马上开窗、关阀、离开，不要开关电器，到室外再打电话",
    "electric": "请不要靠近带电的地方",
    "collapse": "请先远离危险的地方",
    "trapped": "请不要强行扒门",
    "drowning": "请不要盲目下水施救",
}


def emergency_line(kind: str, call: tuple[str, ...], gas_phone: str) -> str:
    """The first line of an answer to somebody in danger: the number to call."""
    if kind == "self_harm":
        return "您现在很难受，请一定先给自己一点时间。可以马上拨打心理援助热线12356，有人会听您说；如有生命危险请拨打120或110。"
    first, *more = call or ("110",)
    others = [f"{_WHO_ELSE.get(number, '或')}{number}" for number in more]
    if kind == "gas" and gas_phone:
        others.append(f"燃气公司{gas_phone}")
    besides = f"({','.join(others)})" if others else ""
    advice = f"{_WHAT_FIRST[kind]}。" if kind in _WHAT_FIRST else ""
    return f"请立即拨打{first}{besides}。{advice}我已同时通知网格员和值班人员。"


def _opened_lines(talk: ResidentTalk, opened: Opened, reading: Reading, place: Place, pictures: int) -> list[str]:
    case = opened.case
    words = f"({'、'.join(case.evidence[:3])})" if case.evidence else ""
    lines = [
        f"已受理，工单 {case.number}。",
        f"类别：{category_name(case.category)}{words}",
        f"地点：{place_line(case, talk.desk.city)}" if case.area_code or case.place else "",
        _handed_over(talk, opened),
        f"已附照片{pictures}张。" if pictures else "",
        *_repair_lines(talk, case),
    ]
    if place.is_guess:
        lines[2] += "（按您绑定的网格，不对请告诉我小区和楼号）"
    return lines


def _repair_lines(talk: ResidentTalk, case: Case) -> list[str]:
    # A company's own emergency line is faster than any dispatch.
    found = [
        f"{what}也可直接拨打抢修电话{phone}。"
        for what, phone in talk.desk.house.repair_phones.items()
        if phone and what in case.text
    ]
    return found[:1]


def _handed_over(talk: ResidentTalk, opened: Opened) -> str:
    case = opened.case
    due = f"{long_moment(case.resolve_due_at, talk.desk.zone)}前办结" if case.resolve_due_at else ""
    note = "（暂定）" if case.due_provisional else ""
    if not opened.route.is_found:
        return "" if case.area_code is None else f"已转值班人员派单，{due}{note}。"
    if case.conduct:
        return f"已直接交上级专人办理，不经过社区和网格，{due}{note}。"
    person = opened.route.person
    whom = f"网格员{person.name}" + (f"({person.phone})" if person.phone else "") if person else "网格工作群"
    return f"已派给{whom}，{due}{note}。"


def _ask_what_is_missing(talk: ResidentTalk, opened: Opened, reading: Reading, place: Place) -> list[str]:
    case = opened.case
    if place.candidates:
        talk.ask(Ask.PLACE_CHOICE, case, place.candidates)
        names = " ".join(f"{i} {talk.desk.city.area_name(code)}" for i, code in enumerate(place.candidates, start=1))
        return [f"请问是哪里？回复数字：{names}"]
    if case.area_code is None:
        talk.ask(Ask.PLACE, case)
        return [ASK_PLACE]
    lines = []
    if reading.ask and reading.runner_up is not None and reading.category is not None:
        talk.ask(Ask.CATEGORY, case, (reading.category.value, reading.runner_up.value))
        lines.append(f"类别对吗？回复数字：1 {reading.category.label} 2 {reading.runner_up.label}")
    elif not case.phone and not talk.conversation.asked_phone and reading.emergency is None:
        talk.ask(Ask.PHONE, case)
        talk.conversation = talk.conversation.phone_asked()
        lines.append(ASK_PHONE)
    lines.append("补充照片请直接发送；回复“进度”查询，“改类别”更正。")
    return [*lines, PRIVACY] if talk.is_new else lines


def join(talk: ResidentTalk, case: Case, reading: Reading) -> Said:
    """More words on a matter that has just been told: the case grows, nobody gets a second number."""
    text = talk.update.text
    if case.area_code is None:
        place = read_place(talk, reading, text)
        if place.area is not None or place.words:
            return settle_place(talk, case, place, text)
    values = {"phone": reading.phone} if reading.phone else {}
    talk.learned.update(values)
    better = _better_reading(case, reading)
    plan = supplement(talk.desk, case, talk.actor, text, **values, **better)
    if isinstance(plan, Refusal):
        return Said(Reply(plan.sentence), "refused", Plan(), case.id)
    missing = f"\n{ASK_PLACE}" if case.area_code is None else ""
    return Said(Reply(f"已补充到工单 {case.number}。{missing}"), "joined", plan, case.id)


def _better_reading(case: Case, reading: Reading) -> dict[str, str]:
    # While nobody has the case yet, later words may say what the first did not.
    if case.category and case.evidence:
        return {}
    return {"category": reading.category.value} if reading.category and reading.evidence else {}


def settle_place(talk: ResidentTalk, case: Case, place: Place, text: str) -> Said:
    """He has said where it is: the case goes to whoever answers there. What nobody can find goes to the duty group."""
    more = text if len(text.strip()) > len(place.words) + _FEW_WORDS else ""
    sent = place_case(talk.desk, case, talk.actor, place.area, place.words or text[:60], more)
    if isinstance(sent, Refusal):
        return Said(Reply(sent.sentence), "refused", Plan(), case.id)
    if place.area is None:
        talk.conversation = talk.conversation.drop_case(case.id)
        return Said(
            Reply(f"已记下“{place.words or text[:60]}”，值班人员会核实位置并派单。"), "joined", sent.plan, case.id
        )
    talk.conversation = talk.conversation.drop_case(case.id).without_loose()
    return Said(Reply("\n".join(_placed_lines(talk, sent))), "joined", sent.plan, case.id)


def _placed_lines(talk: ResidentTalk, sent: Sent) -> list[str]:
    opened = Opened(sent.case, sent.plan, sent.route)
    lines = [
        f"工单 {sent.case.number} 的地点已记下：{place_line(sent.case, talk.desk.city)}。",
        _handed_over(talk, opened),
    ]
    if not sent.case.phone and not talk.conversation.asked_phone:
        talk.ask(Ask.PHONE, sent.case)
        talk.conversation = talk.conversation.phone_asked()
        lines.append(ASK_PHONE)
    return lines
