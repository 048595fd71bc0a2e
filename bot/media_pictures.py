"""Pictures made safe: decoded and encoded anew, so that nothing of the sender's file remains but what is to be seen.

Places, device names and times in EXIF, previews, comments, colour profiles and whatever hides behind the picture's end are gone.
"""

import io

from PIL import Image, ImageOps

# The decoders that may see a stranger's bytes.
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP")
_QUALITIES = (88, 80, 70, 60, 45)
_SHRINK = 0.75
_SMALLEST_PIXELS = 320
# Modes that can be resized smoothly as they are; a palette cannot.
_SMOOTH = frozenset({"L", "LA", "RGB", "RGBA", "CMYK", "YCbCr"})
MIME = "image/jpeg"


class BadPicture(ValueError):
    """These bytes are no picture that can be kept: broken, of another kind, or made to exhaust the memory."""


def reencode(content: bytes, *, max_pixels: int, side_pixels: int, max_bytes: int) -> bytes:
    """A JPEG of at most `max_bytes`, its longer side at most `side_pixels`, upright, first frame only.

    Blocks for up to a second: call it in a thread. Raises `BadPicture`; more than `max_pixels` (half of
    them where it is no JPEG) are refused before they are decoded.
    """
    try:
        picture = _decode(content, max_pixels, side_pixels)
    except BadPicture:
        raise
    except Exception as error:
        # A decoder given hostile bytes raises whatever it likes (OSError, SyntaxError, struct.error, DecompressionBombError, …).
        raise BadPicture(type(error).__name__) from None
    return _encode(picture, max_bytes)


def _decode(content: bytes, max_pixels: int, side_pixels: int) -> Image.Image:
    with Image.open(io.BytesIO(content), formats=_FORMATS) as source:
        _check_size(source, max_pixels)
        source.seek(0)
        # JPEG is decoded at a fraction of its size from here on; the copies that follow are small.
        source.draft("RGB", (side_pixels, side_pixels))
        picture = source if source.mode in _SMOOTH else source.convert("RGBA")
        picture.thumbnail((side_pixels, side_pixels), Image.Resampling.LANCZOS)
        return _flatten(ImageOps.exif_transpose(picture))


def _check_size(source: Image.Image, max_pixels: int) -> None:
    # The others are decoded whole, with up to four bytes a pixel.
    allowed = max_pixels if source.format in ("JPEG", "MPO") else max_pixels // 2
    width, height = source.size
    if width < 1 or height < 1 or width * height > allowed:
        raise BadPicture("too many pixels")


def _flatten(picture: Image.Image) -> Image.Image:
    """On white, in RGB, on a fresh canvas: an encoder writes what it finds in `info`, and here nothing is."""
    canvas = Image.new("RGB", picture.size, "white")
    if picture.has_transparency_data:
        layer = picture.convert("RGBA")
        canvas.paste(layer, mask=layer.getchannel("A"))
    else:
        canvas.paste(picture.convert("RGB"))
    return canvas


def _encode(picture: Image.Image, max_bytes: int) -> bytes:
    while True:
        for quality in _QUALITIES:
            buffer = io.BytesIO()
            picture.save(buffer, "JPEG", quality=quality, optimize=True)
            if buffer.tell() <= max_bytes:
                return buffer.getvalue()
        width, height = int(picture.width * _SHRINK), int(picture.height * _SHRINK)
        if max(width, height) < _SMALLEST_PIXELS:
            raise BadPicture("does not fit")
        picture = picture.resize((max(1, width), max(1, height)), Image.Resampling.LANCZOS)
