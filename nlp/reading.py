"""What the room says about a text: frozen values only, no rules.

Offsets in every value point into the text exactly as it was handed to the reader. What is made for every text is a named
tuple: a frozen dataclass costs three times as much.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Category(StrEnum):
    """The six fixed categories (六大类); the values are stored and exported, so they never change."""

    PARTY_BUILDING = "party_building"
    DISPUTE = "dispute"
    LIVELIHOOD = "livelihood"
    PUBLIC_SECURITY = "public_security"
    URBAN_PROPERTY = "urban_property"
    LAW_ENFORCEMENT = "law_enforcement"

    @property
    def label(self) -> str:
        """The Chinese name that people read."""
        return _CATEGORY_LABELS[self]


_CATEGORY_LABELS = {
    Category.PARTY_BUILDING: "党建引领",
    Category.DISPUTE: "矛盾调处",
    Category.LIVELIHOOD: "民生服务",
    Category.PUBLIC_SECURITY: "社会治安",
    Category.URBAN_PROPERTY: "城建物业",
    Category.LAW_ENFORCEMENT: "综合执法",
}


class Talk(StrEnum):
    """What kind of utterance a text is. Only `MATTER` opens a case."""

    MATTER = "matter"
    GREETING = "greeting"
    THANKS = "thanks"
    PRAISE = "praise"
    STICKER = "sticker"
    EMPTY = "empty"
    CHATTER = "chatter"
    QUESTION = "question"


class Urgency(StrEnum):
    """How fast somebody must act."""

    NORMAL = "normal"
    URGENT = "urgent"
    EMERGENCY = "emergency"

    @property
    def label(self) -> str:
        """The Chinese name that people read."""
        return _URGENCY_LABELS[self]


_URGENCY_LABELS = {Urgency.NORMAL: "一般", Urgency.URGENT: "紧急", Urgency.EMERGENCY: "特急"}


class Evidence(NamedTuple):
    """A word that decided something: `text[start:end] == word` in the original text."""

    word: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Emergency:
    """Life, limb or a crime in progress, now.

    `kind`: fire, gas, violence, trapped, injury, missing, drowning, electric, collapse, self_harm, threat, traffic, flood.
    `call`: the numbers to dial, the first one first, for example ("110", "120").
    """

    kind: str
    call: tuple[str, ...]
    evidence: tuple[Evidence, ...]


class PlaceMention(NamedTuple):
    """The parts of an address as somebody wrote it; digits normalised (十二号楼 → building "12")."""

    estate: str | None
    building: str | None
    unit: str | None
    room: str | None
    road: str | None
    number: str | None
    village: str | None
    start: int
    end: int


class PlaceReading(NamedTuple):
    """Where it is. `area`: code of the area, None when undecided; `confidence` 0–1; `why`: one Chinese sentence."""

    area: str | None
    confidence: float
    candidates: tuple[str, ...]
    ask: bool
    mention: PlaceMention | None
    why: str


class Reading(NamedTuple):
    """All that was understood of one text.

    `category`: the best guess, also when `ask`; None where the text is no matter.
    `confidence` 0–1: the chance that the category is acceptable. `ask`: the category is unsure.
    `conduct`: a complaint about a grid worker's or community cadre's behaviour.
    `phone`: a mobile number the writer gave. `parts`: the matters of a clearly numbered list, else empty.
    """

    talk: Talk
    category: Category | None
    confidence: float
    evidence: tuple[Evidence, ...]
    runner_up: Category | None
    ask: bool
    emergency: Emergency | None
    urgency: Urgency
    place: PlaceReading | None
    conduct: bool
    phone: str | None
    parts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlaceRule:
    """One address rule of the area tree.

    `kind`: estate, road, village, landmark or community. `from_number`/`to_number`: inclusive door numbers of a road;
    `parity`: "odd", "even" or "" for both; `buildings`: inclusive building numbers of an estate;
    `exclusive`: belongs to a 专属网格, whose addresses win over every other rule.
    """

    area: str
    kind: str
    name: str
    aliases: tuple[str, ...] = ()
    from_number: int | None = None
    to_number: int | None = None
    parity: str = ""
    buildings: tuple[int, int] | None = None
    exclusive: bool = False
