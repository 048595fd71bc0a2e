"""One reader for all tests of the room: it never changes."""

from __future__ import annotations

import pytest

from nlp.gazetteer import Gazetteer
from nlp.reader import Reader
from nlp.reading import PlaceRule


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader(
        Gazetteer(
            [
                PlaceRule("230803001001", "estate", "阳光水岸", buildings=(1, 10)),
                PlaceRule("230803001002", "estate", "阳光水岸", buildings=(11, 20)),
            ]
        )
    )
