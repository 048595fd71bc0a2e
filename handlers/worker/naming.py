"""Areas and categories by the names that workers type."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from grid.city import AreaNode, City
from nlp.numerals import render_number
from nlp.reading import Category

_ALIASES: tuple[tuple[str, Category], ...] = (
    ("党建", Category.PARTY_BUILDING),
    ("矛盾纠纷", Category.DISPUTE),
    ("矛盾", Category.DISPUTE),
    ("纠纷", Category.DISPUTE),
    ("调解", Category.DISPUTE),
    ("民生", Category.LIVELIHOOD),
    ("社会治安", Category.PUBLIC_SECURITY),
    ("治安", Category.PUBLIC_SECURITY),
    ("城建", Category.URBAN_PROPERTY),
    ("物业", Category.URBAN_PROPERTY),
    ("执法", Category.LAW_ENFORCEMENT),
)
_NUMBERED = re.compile(r"第?(\d{1,2})(?:号)?网格")
_EDGES = " ,，。、;；:：给到至为成"
CATEGORY_LIST = "、".join(category.label for category in Category)


def take_category(text: str) -> tuple[Category | None, str]:
    """The category that `text` begins with, and what follows it."""
    said = text.lstrip(_EDGES)
    names = [(category.label, category) for category in Category] + list(_ALIASES)
    for name, category in names:
        if said.startswith(name):
            rest = said[len(name) :]
            return category, rest.removeprefix("类").strip(" ,，。、;；:：")
    return None, text


@dataclass(frozen=True, slots=True)
class Named:
    """What a typed area name means: one `area`, or several `choices` that nothing tells apart; `rest` follows the name."""

    area: AreaNode | None
    choices: tuple[AreaNode, ...] = ()
    rest: str = ""


def take_area(city: City, text: str, near: str | None) -> Named:
    """The area that `text` begins with. Of several with that name the one nearest to `near` is meant, if it is alone there."""
    said = text.lstrip(_EDGES)
    read = [
        (spelling, *_longest(city, spelling))
        for spelling in dict.fromkeys((said, said.replace(" ", ""), _in_words(said)))
    ]
    # The longest name wins; of equal ones the spelling that was typed, whose reason keeps its blanks.
    spelling, length, found = max(read, key=lambda one: one[1])
    if not found:
        return Named(None, rest=text)
    return _nearest(city, found, near, spelling[length:].strip(" ,，。、;；:："))


def _in_words(said: str) -> str:
    """`第3网格`, `3网格` → `第三网格`, as grids are called."""
    return _NUMBERED.sub(lambda found: f"第{render_number(int(found[1]))}网格", said.replace(" ", ""), count=1)


def _longest(city: City, said: str) -> tuple[int, list[AreaNode]]:
    """The areas with the longest name that `said` begins with; one walk over all areas, since a city has ten thousand."""
    best, found = 0, []
    for node in city.areas.values():
        length = max((len(name) for name in _names(city, node) if said.startswith(name)), default=0)
        if length > best:
            best, found = length, [node]
        elif length == best and length > 0:
            found.append(node)
    return best, found


def _names(city: City, node: AreaNode) -> list[str]:
    """What an area may be called: its code, its name, and that with ever more of what lies above it."""
    names = [node.code, node.name]
    for above in node.chain[1:]:
        if above in city.areas:
            names.append(city.areas[above].name + names[-1])
    return names


def _nearest(city: City, found: Sequence[AreaNode], near: str | None, rest: str) -> Named:
    chain = set(city.areas[near].chain) if near is not None and near in city.areas else set()
    ranked = sorted(found, key=lambda node: (-len(chain & set(node.chain)), node.code))
    shared = [len(chain & set(node.chain)) for node in ranked]
    if len(ranked) == 1 or shared[0] > shared[1]:
        return Named(ranked[0], rest=rest)
    best = tuple(node for node, count in zip(ranked, shared, strict=True) if count == shared[0])
    return Named(None, best, rest)


def full_name(city: City, node: AreaNode) -> str:
    """The area with all that lies above it except the root: enough to tell two of one name apart."""
    chain = [above.name for above in city.list_chain(node.code)]
    return "".join(reversed(chain[:-1])) if len(chain) > 1 else node.name


def list_similar(city: City, text: str, most: int = 5) -> list[str]:
    """Names of areas that contain what was typed, for a refusal."""
    said = text.split(" ")[0].strip(_EDGES)
    if len(said) < 2:
        return []
    names = {city.area_name(node.code) for node in city.areas.values() if said in city.area_name(node.code)}
    return sorted(names)[:most]
