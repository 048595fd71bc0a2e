"""A made city's places as the mentions of `mention_styles` need them, and what a mention is. Shares no code with the reader."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from random import Random

from nlp.reading import PlaceRule

MATTERS = ("路灯不亮", "下水道堵了", "垃圾没人清", "楼道堆杂物", "井盖坏了", "一直漏水", "太吵了睡不着")
_HAN = "〇一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Made:
    """A made mention. `right`: the areas it may mean; one → it is told, several → a question must offer them, none → nobody can
    know, and an open question is right. `home`: the writer's own grid, where he has one."""

    style: str
    text: str
    right: frozenset[str]
    home: str | None = None


@dataclass(frozen=True, slots=True)
class Atlas:
    """The rules of a made city by what styles need of them."""

    by_name: dict[str, list[PlaceRule]]
    whole: list[PlaceRule]
    """Estates that lie in one grid, and whose name no other has."""
    spread: list[list[PlaceRule]]
    """Estates over several grids of one community, by runs of buildings."""
    twins: list[list[PlaceRule]]
    """Estates of one name in several communities."""
    roads: list[PlaceRule]
    villages: list[PlaceRule]
    landmarks: list[PlaceRule]
    communities: dict[str, PlaceRule]

    def at_door(self, road: str, number: int) -> frozenset[str]:
        """Whose door of a road this is."""
        sides = {"odd": 1, "even": 0}
        return frozenset(
            rule.area
            for rule in self.by_name[road]
            if (rule.from_number or 0) <= number <= (rule.to_number or 0)
            and number % 2 == sides.get(rule.parity, number % 2)
        )


def make_atlas(rules: list[PlaceRule]) -> Atlas:
    """Sort the rules of a made city."""
    by_name: defaultdict[str, list[PlaceRule]] = defaultdict(list)
    for rule in rules:
        by_name[rule.name].append(rule)
    estates = [some for some in by_name.values() if all(rule.kind == "estate" for rule in some)]
    several = [some for some in estates if len(some) > 1]
    return Atlas(
        by_name=dict(by_name),
        whole=[some[0] for some in estates if len(some) == 1],
        spread=[some for some in several if len({community_of(rule) for rule in some}) == 1],
        twins=[some for some in several if len({community_of(rule) for rule in some}) > 1],
        roads=[rule for rule in rules if rule.kind == "road"],
        villages=[some[0] for some in by_name.values() if len(some) == 1 and some[0].kind == "village"],
        landmarks=[some[0] for some in by_name.values() if len(some) == 1 and some[0].kind == "landmark"],
        communities={rule.area.partition("-")[0]: rule for rule in rules if rule.kind == "community"},
    )


def community_of(rule: PlaceRule) -> str:
    return rule.area.partition("-")[0]


def han(number: int) -> str:
    """`十二`, `一百零八`: as people say a number up to 999."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{_HAN[hundreds]}百" if hundreds else ""
    if tens:
        text += f"{'' if tens == 1 and not hundreds else _HAN[tens]}十"
    elif hundreds and ones:
        text += "零"
    return text + (_HAN[ones] if ones else "")


def wide(text: str) -> str:
    """Digits and Latin letters in full width."""
    return "".join(chr(ord(one) + 0xFEE0) if one.isascii() and one.isalnum() else one for one in text)


Draw = tuple[PlaceRule, int, int, int, str]


def draw(rng: Random, rule: PlaceRule) -> Draw:
    first, last = rule.buildings or (1, 1)
    room = rng.randint(1, 6) * 100 + rng.randint(1, 4)
    return rule, rng.randint(first, last), rng.randint(1, 6), room, rng.choice(MATTERS)
