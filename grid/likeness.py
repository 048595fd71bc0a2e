"""Whether two cases are one matter: by what was told, where, of which category, how long apart. Pure: rows in, a number out.

The score decides only whether a person is asked; nothing is joined without his word.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

from grid.city import City
from grid.desk import Desk
from grid.wording import category_name
from nlp.address import find_mentions, merge
from nlp.likeness import bare, list_objects, mix, similarity, sketch
from nlp.reading import PlaceMention
from nlp.text import normalise
from storage.columns import AreaLevel
from storage.rows import with_changes
from storage.tables import Case

ASK_FROM = 0.5
"""From this score on the resident is asked. Tried by the dialogues of `tests/handlers/resident/test_alike.py`."""

_SAME_OBJECT, _SAME_THEME, _SAME_BUILDING = 0.35, 0.15, 0.1
_OTHER_OBJECT = 0.4
_OTHER_CATEGORY = 0.8
_HALF_A_PLACE = 0.9
_OTHER_UNIT = 0.8
_OLDEST = 0.85
_RANK = {"normal": 0, "urgent": 1, "emergency": 2}


def can_be_alike(case: Case) -> bool:
    """Danger is never asked about, a complaint about conduct is nobody else's business, and without a place nothing is like anything."""
    return not case.emergency and not case.conduct and case.area_code is not None


@dataclass(frozen=True, slots=True)
class Keys:
    """By which numbers a case is written into the index (`own`), and by which others like it are looked for (`asked`)."""

    own: tuple[int, ...] = ()
    asked: tuple[int, ...] = ()


def make_keys(city: City, case: Case, mention: PlaceMention | None = None) -> Keys:
    """The numbers of a case: its theme (pieces of its text, where no theme is known), mixed with where it is.

    A matter of one building is found from that building alone; one of a whole estate from its grid and by its name from the whole
    community (from the street, where it is urgent: a pipe or a cable serves more than one), and from its buildings too.
    `mention`: its place, where that has been read already.
    """
    area = case.area_code
    if area is None or not can_be_alike(case) or area not in city.areas:
        return Keys()
    mention = mention or _mention(case.place)
    name = _plain_name(mention.estate or mention.road or mention.village or "") or _name_of(case.place)
    named = f"{_above(city, area, case.urgency)}\x1f{name}" if name else area
    here = f"{named}\x1f{mention.building}" if mention.building else area
    item = case.theme
    if not item:
        # Only a text without a known theme is cut into pieces: each of them costs every message.
        pieces = tuple(_salt(here) ^ piece << 31 for piece in sketch(bare(case.text, case.place)))
        return Keys(pieces, pieces)
    told = f"{case.category}\x1f{item}"
    own = [mix(here, told)]
    around = [mix(wider, told) for wider in dict.fromkeys((area, named)) if wider != here]
    return Keys((*own, *([] if mention.building else around)), (*own, *around))


def find_twin(desk: Desk, case: Case, others: Iterable[Case]) -> Case | None:
    """The open case that `case` is most like, if any is like enough to ask; of equals the oldest, which most people are told of."""
    scored = [(score(desk, case, other), -other.id, other) for other in others if other.id != case.id]
    best = max(scored, key=lambda one: one[:2], default=None)
    return best[2] if best is not None and best[0] >= ASK_FROM else None


def score(desk: Desk, case: Case, other: Case) -> float:
    """How like `case` is to an earlier one, 0–1. 0 where one of them may not be asked about, or the new one is more urgent."""
    if not (can_be_alike(case) and can_be_alike(other) and other.is_open):
        return 0.0
    if _RANK[case.urgency] > _RANK[other.urgency] or case.opened_at - other.opened_at > desk.house.alike_for:
        return 0.0
    here, there = _mention(case.place), _mention(other.place)
    place = _place_factor(case, other, here, there)
    if not place:
        return 0.0
    matter = _matter(case, other) + (_SAME_BUILDING if here.building and here.building == there.building else 0)
    category = 1.0 if case.category == other.category else _OTHER_CATEGORY
    age = abs(case.opened_at - other.opened_at) / max(desk.house.alike_for, timedelta(seconds=1))
    return min(1.0, matter) * place * category * (1 - (1 - _OLDEST) * age)


def _matter(case: Case, other: Case) -> float:
    alike = similarity(bare(case.text, case.place), bare(other.text, other.place))
    here, there = list_objects(case.text), list_objects(other.text)
    if here and there and not here & there:
        return alike * _OTHER_OBJECT
    same_theme = bool(case.theme) and (case.category, case.theme) == (other.category, other.theme)
    return alike + (_SAME_OBJECT if here & there else 0) + (_SAME_THEME if same_theme else 0)


def _place_factor(case: Case, other: Case, here: PlaceMention, there: PlaceMention) -> float:
    """0 for two different places. An estate without a building may be anywhere in it; two buildings are two matters."""
    here_name, there_name = _name_of(case.place), _name_of(other.place)
    if _is_elsewhere(here_name, there_name) or _differ(here.building, there.building):
        return 0.0
    if _differ(here.number, there.number):
        return 0.0
    named = bool(here_name) + bool(there_name)
    if named < 2 and case.area_code != other.area_code:
        return 0.0
    factor = 1.0 if named == 2 and bool(here.building) == bool(there.building) else _HALF_A_PLACE
    return factor * (_OTHER_UNIT if _differ(here.unit, there.unit) else 1.0)


def _differ(one: str | None, other: str | None) -> bool:
    return bool(one) and bool(other) and one != other


def _is_elsewhere(one: str, other: str) -> bool:
    # 阳光水岸 and 阳光水岸二期: whoever says less may mean the same.
    return bool(one) and bool(other) and one not in other and other not in one


@lru_cache(maxsize=4096)
def _name_of(place: str) -> str:
    """The estate, road or village; of an address whose name tells itself by no such word (阳光水岸) what is left of it."""
    mention = _mention(place)
    name = mention.estate or mention.road or mention.village or bare(place)
    return _plain_name(name)


def _plain_name(name: str) -> str:
    return name.removesuffix("小区")


@lru_cache(maxsize=4096)
def _mention(place: str) -> PlaceMention:
    found = merge(find_mentions(normalise(place).text)) if place else None
    return found or PlaceMention(None, None, None, None, None, None, None, 0, 0)


@lru_cache(maxsize=16384)
def _salt(area: str) -> int:
    return mix(area)


def _above(city: City, area: str, urgency: str) -> str:
    level = AreaLevel.STREET if urgency == "urgent" else AreaLevel.COMMUNITY
    parent = city.areas.get(city.areas[area].parent or "")
    if parent is not None and parent.level is level:
        return parent.code
    return next((node.code for node in city.list_chain(area) if node.level is level), area)


def public_view(case: Case) -> Case:
    """A case for somebody who joined it: nothing in it that only its first reporter should know."""
    return with_changes(case, {"place": _public_place(case.place), "text": "", "phone": ""})


def _public_place(place: str) -> str:
    name, building = _name_of(place), _mention(place).building
    return f"{name}{building}号楼" if name and building else name


def describe(case: Case, city: City) -> str:
    """A case for somebody who did not report it: what, and the estate. No words of the other's, no flat, no phone."""
    what = "、".join(case.evidence[:2]) or category_name(case.category)
    where = _public_place(case.place) or (city.area_name(case.area_code) if case.area_code else "")
    return f"{case.number} {what}（{where}）"
