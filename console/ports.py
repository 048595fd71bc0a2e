"""What the case page needs from outside; bot fills it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from grid.desk import Desk
from nlp.reader import Reader
from storage.plan import OutboxDraft, Plan
from storage.tables import Media


class Unusable(Exception):
    """These bytes cannot be kept; the text is one Chinese sentence for whoever sent them."""


@dataclass(frozen=True, slots=True)
class KeptPicture:
    """A picture made safe and kept: where its bytes lie, what they are, how many."""

    sha256: str
    mime: str
    size_bytes: int


class Pictures(Protocol):
    """The media pipeline that every other picture goes through."""

    async def keep(self, content: bytes) -> KeptPicture:
        """Decode, encode anew, keep. Raises `Unusable` for what is no picture, `OSError` for a full disk."""
        ...

    async def read(self, row: Media) -> bytes:
        """The kept bytes of a medium. Raises `LookupError` when there are none, `OSError` when they are damaged."""
        ...


MakeDesk = Callable[[], Desk]
"""The desk of this moment."""

GetReader = Callable[[], Reader]
"""The reader of this moment; the city gets a new one whenever its places or its words change."""


Follow = Callable[[Plan], Awaitable[list[OutboxDraft]]]
"""What must go out with a plan besides what it says itself (a case's recordings, to whoever gets the case)."""


@dataclass(frozen=True, slots=True)
class UploadLimits:
    """How much one form may bring: bytes of a picture, bytes in all, pictures, characters of a text."""

    picture_bytes: int = 20 << 20
    form_bytes: int = 40 << 20
    pictures: int = 9
    characters: int = 2000
