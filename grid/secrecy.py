"""匿名: what is kept of the words of somebody who asked that nobody learns who he is."""

import re

from nlp.mask import mask_personal
from storage.tables import Case

# Whoever knows his neighbours' numbers knows them by their ends, too.
_MASKED = re.compile(r"[A-Za-z0-9]*\*{3,}[A-Za-z0-9]*")
_HIDDEN = "****"


def hushed(text: str) -> str:
    """A text without any part of a number that leads to somebody."""
    return _MASKED.sub(_HIDDEN, mask_personal(text))


def kept_words(case: Case, text: str) -> str:
    """A reporter's words as his case keeps them and others read them."""
    return hushed(text) if case.anonymous else text
