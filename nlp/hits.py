"""Which of several named places a text means: 不是甲，是乙 · 甲对面的乙 · 长安路30号甲3号楼. What stays open is a question.

Only words that stand right beside a name set it aside; of two places told apart in any other way nobody can know which is meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlp.numerals import NUMERAL_CHARACTERS
from nlp.reading import PlaceRule


@dataclass(frozen=True, slots=True)
class Hit:
    """A name of the index in a text, with every rule of that name."""

    name: str
    start: int
    end: int
    rules: tuple[PlaceRule, ...]

    def is_kind(self, *kinds: str) -> bool:
        """Whether all its rules are of these kinds."""
        return all(rule.kind in kinds for rule in self.rules)


_NUMBER = rf"(?:[\d{NUMERAL_CHARACTERS}]{{1,5}}(?:号楼|号院|号|栋|幢|座)?)?"
_DENIED = re.compile(r"(?:不是|并非|不在|不属于|不归|不叫)(?:我们?|你们?|说|那个|那边)?的?在?$")
_BESIDE = re.compile(
    rf"{_NUMBER}(?:小区)?的?(?:[东西南北正后前侧]?门)?口?的?"
    r"(?:斜?对[面过]|旁边?|[附临]近|隔壁|边上|[后前]面|[后前]身|后院|往?[东西南北](?:侧|边|面|走)?|不远处?)的?(?:那个|这个|有个|就是)?的?"
)
_DOOR = re.compile(rf"{_NUMBER}[ ,，]?(?:上|的|内|里)?的?")


def list_meant(text: str, hits: list[Hit]) -> list[Hit]:
    """The hits without those that are denied, or only say what the next one is beside. All of them where nothing would be left."""
    if len(hits) < 2:
        return hits
    following = [*hits[1:], None]
    meant = [
        hit
        for hit, after in zip(hits, following, strict=True)
        if not _is_denied(text, hit) and not _leads_to(text, hit, after)
    ]
    return meant or hits


def list_without_roads(text: str, hits: Sequence[Hit]) -> list[Hit]:
    """The hits without a road that only leads up to the estate behind it: 长安路30号甲3号楼."""
    following = [*hits[1:], None]
    return [
        hit
        for hit, after in zip(hits, following, strict=True)
        if after is None or not hit.is_kind("road") or not _DOOR.fullmatch(text[hit.end : after.start])
    ]


def _is_denied(text: str, hit: Hit) -> bool:
    return _DENIED.search(text, max(0, hit.start - 8), hit.start) is not None


def _leads_to(text: str, hit: Hit, after: Hit | None) -> bool:
    return after is not None and _BESIDE.fullmatch(text[hit.end : after.start]) is not None


def list_common(groups: Iterable[Sequence[str]]) -> tuple[str, ...]:
    """The most precise areas that all groups share (one may lie in the other: its code begins with the other's); none when they
    contradict each other."""
    ordered: list[Sequence[str]] = sorted((group for group in groups if group), key=len)
    if len(ordered) < 2:
        return tuple(ordered[0]) if ordered else ()
    finest = max(ordered, key=_precision)
    areas = tuple(finest)
    for group in ordered:
        areas = tuple(
            area for area in areas if area.startswith(tuple(group)) or any(other.startswith(area) for other in group)
        )
    return areas


def _precision(group: Sequence[str]) -> tuple[int, int]:
    return max(map(len, group)), -len(group)
