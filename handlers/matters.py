"""What staff tell or a file brings, read into a matter: 上报, 热线, 信访, 代办 and imports go the same way."""

from dataclasses import dataclass

from grid.actions.opening import Matter
from grid.city import City
from nlp.reader import Reader
from nlp.reading import PlaceReading
from storage.columns import Source


@dataclass(frozen=True, slots=True)
class Told:
    """A matter as it was told. `home`: the grid that is meant when the words name none; `read`: the words to read, if not all of `text`.

    `name` and `phone`: of whom it was told for; `reporter_id`: the worker who told it; `told_at`: when another office took it, ISO.
    """

    text: str
    home: str | None
    source: Source
    outside: str | None = None
    phone: str = ""
    name: str = ""
    read: str = ""
    reporter_id: int | None = None
    told_at: str = ""


def read_matter(city: City, reader: Reader, told: Told) -> Matter:
    """The matter that the words tell: category, urgency, place, phone."""
    words = told.read or told.text
    reading = reader.read(words, home=told.home)
    place = reading.place
    mention = place.mention if place else None
    return Matter(
        text=told.text,
        category=reading.category.value if reading.category else "",
        urgency=reading.urgency.value,
        confidence=reading.confidence,
        evidence=tuple(evidence.word for evidence in reading.evidence),
        emergency=reading.emergency.kind if reading.emergency else "",
        conduct=reading.conduct,
        area=find_area(city, place, told.home),
        place=words[mention.start : mention.end].strip() if mention else "",
        phone=told.phone or reading.phone or "",
        source=told.source,
        outside_number=told.outside,
        reporter_id=told.reporter_id,
        on_behalf_of=told.name,
        told_at=told.told_at,
    )


def find_area(city: City, place: PlaceReading | None, home: str | None) -> str | None:
    """The place that the text names if it is sure; a worker who names none is in his own grid."""
    if place is not None and place.area in city.areas and not place.ask:
        return place.area
    elsewhere = place is not None and len(place.candidates) > 1
    return None if elsewhere and home not in (place.candidates if place else ()) else home
