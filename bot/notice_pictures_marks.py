"""Watermarks: station, notice number and date over the whole picture; who received it in three stripes across it.

The stripes stand at three heights, so that no crop that still shows the picture loses them all. What is the same for everybody is drawn
and encoded once (`make_base`); for each receiver only the stripes are (`mark`).
"""

import io
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from bot.notice_pictures_jpeg import ROW_PIXELS, RowedJpeg, encode_rows

# Where fonts with Chinese signs usually lie; `[fanout] font` names another.
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-zenhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "C:/Windows/Fonts/msyh.ttc",
)
MAX_BYTES = 1_900_000
_QUALITIES = (85, 75, 65, 50)
_HEIGHTS = (0.22, 0.5, 0.78)
_COMMON_HEIGHTS = (0.06, 0.36, 0.64, 0.92)
_LIGHT, _DARK = 110, 70
_COMMON_LIGHT, _COMMON_DARK = 60, 40
_GAP = "　　"
_MAX_LABEL = 40
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


@dataclass(frozen=True, slots=True)
class Stripe:
    """Rows of the base that hold a receiver's mark; `pixels` as they are without it."""

    first_row: int
    pixels: Image.Image


@dataclass(frozen=True, slots=True)
class Base:
    """A picture with all that is common to its receivers."""

    jpeg: RowedJpeg
    stripes: tuple[Stripe, ...]
    font: Font
    size: tuple[int, int]
    knows_chinese: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A line of signs as two masks: light signs with a dark edge are seen on any ground, and what lies below still shows."""

    light: Image.Image
    dark: Image.Image


def find_font(given: str = "") -> str:
    """The file of a font with Chinese signs; empty when this machine has none."""
    return next((path for path in (given, *_FONTS) if path and Path(path).is_file()), "")


def make_base(content: bytes, common: str, font_file: str) -> Base:
    """The base of a cleaned picture. Blocks for some tens of milliseconds. Raises `OSError` when the bytes are damaged."""
    with Image.open(io.BytesIO(content), formats=("JPEG",)) as source:
        picture = source.convert("RGB")
    font = _load_font(font_file, max(14, min(picture.size) // 28))
    _draw_common(picture, _legible(common, bool(font_file)), font)
    jpeg = _encode(picture)
    return Base(jpeg, _cut_stripes(picture, font), font, picture.size, bool(font_file))


def mark(base: Base, label: str) -> bytes:
    """The picture as a JPEG for the receiver called `label`; the same bytes for the same label. Takes a few milliseconds."""
    text = _legible(label, base.knows_chinese)[:_MAX_LABEL]
    line = _render_line(base.font, text, base.size[0], _LIGHT, _DARK)
    return base.jpeg.join({stripe.first_row: _draw_stripe(stripe, line, base.jpeg.quality) for stripe in base.stripes})


def _draw_stripe(stripe: Stripe, line: Line, quality: int) -> tuple[bytes, ...]:
    pixels = stripe.pixels.copy()
    _stamp(pixels, line, (0, (pixels.height - line.light.height) // 2))
    return encode_rows(pixels, quality).rows


def _encode(picture: Image.Image) -> RowedJpeg:
    jpeg = encode_rows(picture, _QUALITIES[0])
    for quality in _QUALITIES[1:]:
        if sum(map(len, jpeg.rows)) <= MAX_BYTES:
            break
        jpeg = encode_rows(picture, quality)
    return jpeg


def _cut_stripes(picture: Image.Image, font: Font) -> tuple[Stripe, ...]:
    rows = -(-(_line_height(font) + 1) // ROW_PIXELS)
    whole = picture.height // ROW_PIXELS
    firsts = sorted({min(max(0, whole - rows), int(whole * height)) for height in _HEIGHTS})
    # On a very low picture they would lie on each other.
    apart = [first for number, first in enumerate(firsts) if not number or first >= firsts[number - 1] + rows]
    return tuple(Stripe(first, _crop_rows(picture, first, rows)) for first in apart)


def _crop_rows(picture: Image.Image, first: int, rows: int) -> Image.Image:
    return picture.crop((0, first * ROW_PIXELS, picture.width, (first + rows) * ROW_PIXELS))


def _draw_common(picture: Image.Image, text: str, font: Font) -> None:
    line = _render_line(font, text, picture.width, _COMMON_LIGHT, _COMMON_DARK)
    for number, height in enumerate(_COMMON_HEIGHTS):
        # Every second line is shifted, so that a narrow crop still shows the middle of one.
        shift = -line.light.height * 3 if number % 2 else 0
        _stamp(picture, line, (shift, int(picture.height * height) - line.light.height // 2))


def _stamp(picture: Image.Image, line: Line, at: tuple[int, int]) -> None:
    picture.paste((0, 0, 0), (at[0] + 1, at[1] + 1), line.dark)
    picture.paste((255, 255, 255), at, line.light)


def _render_line(font: Font, text: str, width: int, light: int, dark: int) -> Line:
    """The text again and again over the whole width (and a bit, for lines that are shifted); strengths of 255."""
    piece = text + _GAP
    length, height = max(1, int(font.getlength(piece))), _line_height(font)
    one = Image.new("L", (length, height), 0)
    ImageDraw.Draw(one).text((0, 0), piece, fill=255, font=font)
    return Line(_repeat(one, width + 4 * height, light), _repeat(one, width + 4 * height, dark))


def _repeat(one: Image.Image, width: int, strength: int) -> Image.Image:
    weak = one.point([value * strength // 255 for value in range(256)])
    line = Image.new("L", (width, one.height), 0)
    for x in range(0, width, one.width):
        line.paste(weak, (x, 0))
    return line


def _line_height(font: Font) -> int:
    box = font.getbbox("网Ag")
    return int(box[3]) + 2


@lru_cache(maxsize=32)
def _load_font(file: str, size: int) -> Font:
    if not file:
        return ImageFont.load_default(size)
    # Noto's collection holds Japanese first, simplified Chinese third; others hold fewer.
    for index in (2, 0):
        try:
            return ImageFont.truetype(file, size, index=index)
        except OSError:
            continue
    return ImageFont.load_default(size)


def _legible(text: str, knows_chinese: bool) -> str:
    """Without a Chinese font only what it can draw: numbers and codes still trace a leak."""
    line = " ".join(text.split())
    return line if knows_chinese else "".join(sign for sign in line if sign.isascii()).strip() or "-"
