"""Areas and categories by the names that workers type."""

from collections.abc import Sequence
from dataclasses import dataclass

from grid.city import AreaNode, City
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
_LONGEST_NAME = 24
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
    first, _, rest = said.partition(" ")
    for name, after in [(first.strip(_EDGES), rest), *_prefixes(said)]:
        found = city.find_area_by_name(name, near) if name else []
        if found:
            return _nearest(city, found, near, after.strip(" ,，。、;；:："))
    return Named(None, rest=text)


def _prefixes(said: str) -> list[tuple[str, str]]:
    longest = min(len(said), _LONGEST_NAME)
    return [(said[:end], said[end:]) for end in range(longest, 1, -1)]


def _nearest(city: City, found: Sequence[AreaNode], near: str | None, rest: str) -> Named:
    chain = set(city.areas[near].chain) if near is not None and near in city.areas else set()
    shared = [len(chain & set(node.chain)) for node in found]
    if len(found) == 1 or shared[0] > shared[1]:
        return Named(found[0], rest=rest)
    best = tuple(node for node, count in zip(found, shared, strict=True) if count == shared[0])
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
