"""The one entrance of the room: a text in, a frozen `Reading` out."""

from __future__ import annotations

from nlp.conduct import is_conduct
from nlp.ear import LONGEST_HEARD, Ear, Heard, shipped_ear
from nlp.gazetteer import Gazetteer
from nlp.lexicon import Lexicon, shipped_lexicon
from nlp.mask import find_phone
from nlp.matcher import HURRIES, TELLS_NOW
from nlp.parts import split_parts
from nlp.reading import Category, Emergency, Evidence, PlaceReading, Reading, Talk, Urgency
from nlp.score import Scorer, Verdict
from nlp.talk import read_talk
from nlp.text import Normal, normalise
from nlp.triage import Triage

ASK_BELOW = 0.85
"""A category less likely than this is asked about: measured, one message in four or five (docs/lexicon.md)."""
BY_RULE = 0.85
"""The confidence of what a rule decided against the words: conduct, danger. It is not asked about."""

SHORT, HEAD = 120, 60
"""Characters up to which a text has one matter, and those in which a long one says what it is about."""

# Danger to people or a crime is 社会治安; where a thing is the danger, its owner must come as well, so the words decide.
_OF_THINGS = frozenset({"gas", "trapped", "electric", "collapse", "flood"})


class Reader:
    """Reads what people write. Build one at start (about half a second), share it freely: it never changes."""

    def __init__(self, gazetteer: Gazetteer, lexicon: Lexicon | None = None, *, ear: Ear | None = None) -> None:
        self._gazetteer = gazetteer
        self._ear = ear or shipped_ear()
        self._scorer = Scorer(lexicon or shipped_lexicon())
        self._triage = Triage(self._ear)

    def read(self, text: str, *, home: str | None = None) -> Reading:
        """Understand any text of any length, in time linear in it; never raises. `home`: the writer's own area code."""
        normal = normalise(text)
        verdict = self._scorer.score(normal.text)
        heard = self._ear.hear(normal.text) if len(normal.text) <= LONGEST_HEARD else None
        emergency = self._triage.find(normal, heard, tells=bool(verdict.roles & TELLS_NOW))
        place = self._gazetteer.read(normal.text, home)
        named = place is not None and place.mention is not None
        talk = Talk.MATTER if emergency else self._talk(normal.text, verdict, heard, named=named)
        if talk is not Talk.MATTER:
            return _no_matter(talk, find_phone(normal.text))
        return self._matter(normal, verdict, emergency, _in_original(place, normal))

    def features(self, text: str) -> tuple[str, ...]:
        """The words of the lexicon that count in a text, for every category, sorted; those of its address left out."""
        normal = normalise(text)
        place = self._gazetteer.read(normal.text)
        mention = place.mention if place else None
        begin, close = (mention.start, mention.end) if mention else (0, 0)
        words = self._scorer.list_words(normal.text)
        return tuple(sorted({word for word, start, end in words if not (begin <= start and end <= close)}))

    def _talk(self, text: str, verdict: Verdict, heard: Heard | None, *, named: bool) -> Talk:
        party = verdict.category is Category.PARTY_BUILDING
        return read_talk(text, heard, evidence=bool(verdict.evidence), place=named, party=party)

    def _matter(
        self, normal: Normal, verdict: Verdict, emergency: Emergency | None, place: PlaceReading | None
    ) -> Reading:
        conduct = is_conduct(normal.text)
        category, runner_up, confidence = _decide(verdict, emergency, conduct and _is_core(normal.text))
        return Reading(
            talk=Talk.MATTER,
            category=category,
            confidence=confidence,
            evidence=_evidence(verdict, normal),
            runner_up=runner_up,
            ask=confidence < ASK_BELOW,
            emergency=emergency,
            urgency=_urgency(emergency, verdict.roles),
            place=place,
            conduct=conduct,
            phone=find_phone(normal.text),
            parts=split_parts(normal.original),
        )


def _is_core(text: str) -> bool:
    """Whether a complaint about conduct is what the text is about: a long petition that only mentions a cadre keeps its own
    category (it still goes to the conduct contact)."""
    return len(text) <= SHORT or is_conduct(text[:HEAD])


def _urgency(emergency: Emergency | None, roles: int) -> Urgency:
    if emergency:
        return Urgency.EMERGENCY
    return Urgency.URGENT if roles & HURRIES else Urgency.NORMAL


def _decide(verdict: Verdict, emergency: Emergency | None, conduct: bool) -> tuple[Category, Category, float]:
    first, second = verdict.category, verdict.runner_up
    if conduct and first is not Category.PARTY_BUILDING:
        return Category.PARTY_BUILDING, first, BY_RULE
    if (
        emergency
        and first is not Category.PUBLIC_SECURITY
        and (emergency.kind not in _OF_THINGS or not verdict.evidence)
    ):
        return Category.PUBLIC_SECURITY, first, BY_RULE
    return first, second, verdict.confidence


def _evidence(verdict: Verdict, normal: Normal) -> tuple[Evidence, ...]:
    if not verdict.evidence:
        return ()
    original = normal.original
    spans = verdict.evidence if normal.origin is None else [normal.span(*span) for span in verdict.evidence]
    return tuple([Evidence(original[start:end], start, end) for start, end in spans])


def _no_matter(talk: Talk, phone: str | None) -> Reading:
    return Reading(talk, None, 1.0, (), None, False, None, Urgency.NORMAL, None, False, phone, ())


def _in_original(place: PlaceReading | None, normal: Normal) -> PlaceReading | None:
    if place is None or place.mention is None or normal.origin is None:
        return place
    start, end = normal.span(place.mention.start, place.mention.end)
    return place._replace(mention=place.mention._replace(start=start, end=end))
