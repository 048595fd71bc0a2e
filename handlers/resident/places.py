"""Where a matter is: read from words, asked for, corrected. A guess is never silent."""

import re
from dataclasses import dataclass, replace

from grid.actions.moving import place_case
from grid.actions.reporter import supplement
from grid.city import City
from grid.questions import Ask
from grid.wording import long_moment, place_line
from grid.workflow import Move, Refusal
from handlers.reply import Reply, Said
from handlers.resident.phrases import ASK_NEARBY, ASK_PHONE, ASK_PLACE, is_assent, squeeze
from handlers.resident.progress import answered, decided, find_obstacle
from handlers.talk import ResidentTalk
from nlp.reading import PlaceMention, PlaceReading, Reading
from storage.tables import Case

_FEW_WORDS = 3
LONGEST_PLACE = 60
_LONGEST_ADDRESS = 30
_HALF = re.compile(r"(?:[\da-z一二三四五六七八九十]{1,4}(?:号楼|单元|栋|幢|座|号|室|楼))+")
_NAMELESS_NOTE = "（按您绑定的网格；不对请回复“改地点”）"
_PLACE_WORD = re.compile(
    r"[路街巷弄道区村屯镇乡楼栋幢座号院园苑城厦场店站桥河江湖山校厂库市旁边里外侧]|附近|对面|门口|中心|小区|广场|后面|前面|胡同"
)
_NO_PLACE = re.compile(
    r"为什么|为啥|干嘛|干什么|你是|什么|怎么|吗|呢$|谁|凭|随便|不想|不说|不告诉|不用|不是|算了|没有|问这|快|灭了|好了|谢谢|我家|家里|家门|自己家|楼上|楼下|隔壁|这里|这边"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a matter is, as far as it is known: an area, the words for it, what to choose from, and a note on a guess.

    `is_named`: an estate, road or village is named, so that somebody could find it; `is_unknown`: but the address book does not
    have it. `why`: how a point was understood.
    """

    area: str | None
    words: str
    candidates: tuple[str, ...] = ()
    note: str = ""
    is_named: bool = True
    why: str = ""
    is_unknown: bool = False


def read_place(talk: ResidentTalk, reading: Reading, text: str) -> Place:
    """Where it is: by the text, by a location sent before, by the resident's bound grid; never a silent guess."""
    place = reading.place
    mention = place.mention if place is not None else None
    loose = talk.conversation.loose_place
    if loose is not None and not is_named(mention):
        return _loose_place(talk, loose, text[mention.start : mention.end] if mention else "")
    if place is None:
        return Place(None, "", is_named=False)
    found = _of_reading(talk, place, text)
    if loose is None:
        return found
    if loose[0] in found.candidates:
        # Two estates of one name, and he stands in one of the grids.
        found = replace(found, area=loose[0], candidates=(), why=talk.conversation.loose_why)
    return replace(found, words=_with_half(found.words, loose[1]))


def _of_reading(talk: ResidentTalk, place: PlaceReading, text: str) -> Place:
    words = _words_of(place.mention, text) if place.mention is not None else ""
    if place.ask:
        named = is_named(place.mention)
        # Several candidates share the name that was said; one at most means that nothing is called so.
        return Place(None, words, place.candidates, is_named=named, is_unknown=named and len(place.candidates) < 2)
    is_guess = place.mention is None and place.area is not None and place.area == talk.resident.area_code
    return Place(place.area, words, (), _NAMELESS_NOTE if is_guess else "", is_named(place.mention))


def _words_of(mention: PlaceMention, text: str) -> str:
    """The address as it was written; only its parts where they stand scattered over the text."""
    written = text[mention.start : mention.end]
    if len(written) <= _LONGEST_ADDRESS:
        return written
    inside = ((mention.number, "号"), (mention.building, "号楼"), (mention.unit, "单元"), (mention.room, "室"))
    names = (mention.road, mention.village, mention.estate)
    parts = [name for name in names if name] + [f"{number}{unit}" for number, unit in inside if number]
    return "".join(parts)[:LONGEST_PLACE]


def _loose_place(talk: ResidentTalk, loose: tuple[str, str], words: str) -> Place:
    area, label = loose
    candidates, why = talk.conversation.loose_candidates, talk.conversation.loose_why
    if candidates:
        return Place(None, f"{label}{words}", candidates, why=why)
    if not area and label and not why:
        # What was not decided when it was said is read again, so that its candidates can be offered.
        said = talk.reader.read(label, home=talk.resident.area_code).place
        if said is not None and said.mention is not None:
            found = _of_reading(talk, said, label)
            return Place(found.area, f"{found.words}{words}", found.candidates, is_named=found.is_named)
    return Place(area or None, f"{label}{words}", why=why)


def is_named(mention: PlaceMention | None) -> bool:
    """Whether an address names its estate, road or village, not only a building."""
    return mention is not None and any((mention.estate, mention.road, mention.village))


def is_place_like(text: str) -> bool:
    """Whether words that the address book does not know may still be a place somebody could find: 三江口那边."""
    word = squeeze(text)
    if not 2 <= len(word) <= 40 or is_assent(text) or _NO_PLACE.search(word):
        return False
    return _PLACE_WORD.search(word) is not None


def is_elsewhere(case: Case, reading: Reading) -> bool:
    """Whether a text names another place than the case's: the estate over the way is another matter."""
    place = reading.place
    if place is None or case.area_code is None or not is_named(place.mention):
        return False
    if not place.ask:
        return place.area is not None and place.area != case.area_code
    mention = place.mention
    name = (mention.estate or mention.road or mention.village or "") if mention else ""
    return case.area_code not in place.candidates or (bool(case.place) and name not in case.place)


def take_place(talk: ResidentTalk, case: Case, place: Place, text: str) -> Said:
    """He has said where it is: settle it, or ask for what is missing still."""
    if place.candidates:
        return _keep_and_ask(talk, case, place, text, ask_choice(talk, case, place))
    if place.area is None and not place.is_named:
        talk.ask(Ask.PLACE, case)
        return _keep_and_ask(talk, case, place, text, f"“{place.words}”记下了，还差小区名。{ASK_PLACE}")
    return settle_place(talk, case, place, text)


def ask_choice(talk: ResidentTalk, case: Case, place: Place) -> str:
    """Open the question which of several areas it is, and its sentence."""
    talk.conversation = talk.conversation.drop_kind(Ask.PLACE, case.id)
    talk.ask(Ask.PLACE_CHOICE, case, place.candidates)
    return choice_line(talk.desk.city, place.candidates, place.words if place.is_unknown else "")


def ask_where(talk: ResidentTalk, case: Case) -> str:
    """The question for a case's place: the choice that is open, else the open one. Who has named a place that nobody knows is not
    asked the same again."""
    choice = talk.conversation.find(Ask.PLACE_CHOICE)
    if choice is not None and choice.case_id == case.id:
        return choice_line(talk.desk.city, choice.options)
    said = talk.reader.read(case.place).place if case.place and case.area_code is None else None
    is_told = said is not None and is_named(said.mention)
    return f"没有找到“{case.place}”。{ASK_NEARBY}" if is_told else ASK_PLACE


def choice_line(city: City, candidates: tuple[str, ...], unknown: str = "") -> str:
    """`请问是哪里？回复数字：1 文采社区第一网格 2 学苑社区第一网格`. `unknown`: the words that nobody knows a place for."""
    if len(candidates) == 1:
        name = city.area_name(candidates[0])
        if unknown:
            return f"没有找到“{unknown}”。是在{name}请回复 1；不是，{ASK_NEARBY}"
        return f"请问是哪里？是{name}请回复 1；不是请告诉我小区和楼号。"
    names = " ".join(f"{index} {city.area_name(code)}" for index, code in enumerate(candidates, start=1))
    return f"请问是哪里？回复数字：{names}"


def _keep_and_ask(talk: ResidentTalk, case: Case, place: Place, text: str, sentence: str) -> Said:
    words = _full_words(case, place)
    plan = supplement(talk.desk, case, talk.actor, _more(text, place.words), place=words)
    return decided(plan, sentence, case, "answered")


def _more(text: str, words: str) -> str:
    return text if len(text.strip()) > len(words) + _FEW_WORDS else ""


def _full_words(case: Case, place: Place) -> str:
    """The new words, joined with what was said before where one lacks the estate and the other the building."""
    old, new = case.place, place.words
    if not old or not new or old in new:
        return new or old
    if new in old:
        return old
    if not place.is_named:
        return f"{old}{new}"[:LONGEST_PLACE]
    return _with_half(new, old) if case.area_code is None else new


def _with_half(new: str, old: str) -> str:
    """`阳光水岸` and `12号楼` → `阳光水岸12号楼`; `阳光水岸12号楼` and `3单元` → both; two buildings → the newer."""
    is_apart = _HALF.fullmatch(old) and not any(unit in new for unit in ("号楼", "栋", "幢", "单元") if unit in old)
    return f"{new}{old}"[:LONGEST_PLACE] if is_apart else new


def settle_place(talk: ResidentTalk, case: Case, place: Place, text: str) -> Said:
    """The case goes to whoever answers there. What nobody can find goes to the duty group."""
    words = _full_words(case, place) or text[:LONGEST_PLACE]
    talk.conversation = talk.conversation.drop_kind(Ask.PLACE, case.id).drop_kind(Ask.PLACE_CHOICE, case.id)
    if find_obstacle(case, Move.RECLASSIFY) is not None or (place.area is not None and place.area == case.area_code):
        # Somebody has it already: the address is told to him, nothing is sent anew.
        if words == case.place and not _more(text, place.words):
            return answered(f"已经记下了，工单 {case.number} 正在办理。", case)
        plan = supplement(talk.desk, case, talk.actor, text or words, place=words)
        return decided(
            plan, f"工单 {case.number} 的地点已记下：{_where(talk.desk.city, case, words)}。", case, "joined"
        )
    sent = place_case(talk.desk, case, talk.actor, place.area, words, _more(text, place.words), place.why)
    if isinstance(sent, Refusal):
        return answered(sent.sentence, case, "refused")
    if place.area is None:
        missing = f"没有找到“{place.words}”。" if place.is_unknown else ""
        quicker = f"{ASK_NEARBY.removesuffix('。')}，会更快。" if place.is_unknown else ""
        text = f"{missing}已记下“{words}”，值班人员会核实位置并派单。{quicker}"
        return Said(Reply(text), "joined", sent.plan, case.id)
    talk.conversation = talk.conversation.without_loose()
    lines = [
        f"工单 {case.number} 的地点已记下：{place_line(sent.case, talk.desk.city)}。",
        handed_over(talk, sent.case),
        *ask_phone(talk, sent.case),
    ]
    return Said(Reply("\n".join(line for line in lines if line)), "joined", sent.plan, case.id)


def _where(city: City, case: Case, words: str) -> str:
    known = case.area_code is not None and case.area_code in city.areas
    return f"{city.area_name(case.area_code)} {words}" if known and case.area_code else words


def handed_over(talk: ResidentTalk, case: Case) -> str:
    """Who has the case now, and until when: `已派给网格员王芳（13800000012），11月26日17:00前办结。`"""
    due = f"，{long_moment(case.resolve_due_at, talk.desk.zone)}前办结" if case.resolve_due_at else ""
    due += "（暂定）" if case.due_provisional and due else ""
    if case.group_id is None and case.handler_id is None:
        return "" if case.area_code is None else f"已转值班人员派单{due}。"
    if case.conduct:
        return f"已直接交上级专人办理，不经过社区和网格{due}。"
    person = talk.desk.city.people.get(case.routing.get("person") or 0)
    whom = f"网格员{person.name}" + (f"（{person.phone}）" if person.phone else "") if person else "网格工作群"
    return f"已派给{whom}{due}。"


def ask_phone(talk: ResidentTalk, case: Case) -> list[str]:
    """A phone is asked for once, ever, and never of somebody in danger."""
    if case.phone or case.anonymous or case.emergency or talk.conversation.asked_phone:
        return []
    talk.ask(Ask.PHONE, case)
    talk.conversation = talk.conversation.phone_asked()
    return [ASK_PHONE]
