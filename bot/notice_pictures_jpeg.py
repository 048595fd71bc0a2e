"""JPEGs that can be changed in stripes: a few rows are encoded anew and put in the place of the old ones.

A notice's picture goes to thousands of groups and differs only where the group's name stands. With a restart marker after each row of
blocks (ITU T.81, B.1.1.3 and E.1.4) rows do not depend on each other, so what is equal is encoded once.
"""

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass

from PIL import Image

# Colour at half size: blocks of 16 by 16 pixels.
ROW_PIXELS = 16
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")
_START_OF_SCAN = 0xDA
_END = b"\xff\xd9"


@dataclass(frozen=True, slots=True)
class RowedJpeg:
    """A JPEG taken apart: all that stands before the scan, and the scan's rows, from top to bottom."""

    head: bytes
    rows: tuple[bytes, ...]
    quality: int

    def join(self, changed: Mapping[int, tuple[bytes, ...]] | None = None) -> bytes:
        """The whole file; `changed` gives the rows to put in from a row's number on."""
        rows = list(self.rows)
        for first, others in (changed or {}).items():
            rows[first : first + len(others)] = others
        parts = [self.head]
        for number, row in enumerate(rows):
            # Restart markers count from 0 to 7 and begin again.
            parts += [row, bytes((0xFF, 0xD0 + number % 8))]
        parts[-1] = _END
        return b"".join(parts)


def encode_rows(picture: Image.Image, quality: int) -> RowedJpeg:
    """An RGB picture, encoded so that its rows of blocks stand alone: the usual code tables, the same for every part."""
    buffer = io.BytesIO()
    # Quality alone decides the tables: optimised ones would differ from part to part.
    picture.save(buffer, "JPEG", quality=quality, optimize=False, subsampling="4:2:0", restart_marker_rows=1)
    content = buffer.getvalue()
    begin = _find_scan(content)
    return RowedJpeg(content[:begin], tuple(_RESTART.split(content[begin : -len(_END)])), quality)


def _find_scan(content: bytes) -> int:
    """Where the coded rows begin; the encoder is our own, so a file that is not one is a mistake of ours."""
    at = 2
    while True:
        marker, length = content[at + 1], int.from_bytes(content[at + 2 : at + 4], "big")
        at += 2 + length
        if marker == _START_OF_SCAN:
            return at
