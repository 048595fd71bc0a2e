"""The `classify` command's shape: one text in, one JSON object out."""

from __future__ import annotations

from nlp.reader import Reader
from nlp.reading import PlaceReading

Json = dict[str, object]


def classify_line(reader: Reader, text: str, id: str | int | None = None) -> Json:
    """The reading in the contract's keys. `category` is always the best guess, `none` where the text is no matter."""
    reading = reader.read(text)
    return {
        "id": id,
        "category": reading.category.value if reading.category else "none",
        "confidence": round(reading.confidence, 4),
        "evidence": [{"word": one.word, "start": one.start, "end": one.end} for one in reading.evidence],
        "runner_up": reading.runner_up.value if reading.runner_up else None,
        "ask": reading.ask,
        "emergency": reading.emergency is not None,
        "place": _place(reading.place),
    }


def _place(place: PlaceReading | None) -> Json | None:
    if place is None:
        return None
    parts = ("estate", "building", "unit", "room", "road", "number")
    return {
        "area": place.area,
        "confidence": round(place.confidence, 4),
        "candidates": list(place.candidates),
        "ask": place.ask,
        **{part: getattr(place.mention, part, None) for part in parts},
    }
