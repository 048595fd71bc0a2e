"""A notice's picture as somebody sent it: what is taken, what is refused, each refusal with its one sentence."""

import io
import warnings

from PIL import Image, UnidentifiedImageError

from bot.media_kinds import PICTURES, find_mime
from bot.media_pictures import BadPicture, reencode

MAX_FILE_BYTES = 20 << 20
MAX_PIXELS = 40_000_000
# Others than JPEG are decoded whole.
MAX_OTHER_PIXELS = MAX_PIXELS // 2
SMALLEST_SIDE = 160
SIDE_PIXELS = 1920
# The mark and its rows take some more: below the 2 MB that a webhook takes (wechat.md §3.2).
KEPT_BYTES = 1 << 20

TOO_LARGE = f"图片文件超过 {MAX_FILE_BYTES >> 20} MB，请压缩后再发。"
NO_PICTURE = "这个文件不是图片，请发 JPG 或 PNG 格式的照片。"
TOO_MANY_PIXELS = (
    f"图片像素太多（上限：JPG {MAX_PIXELS // 10_000} 万，其他格式 {MAX_OTHER_PIXELS // 10_000} 万），请缩小后再发。"
)
ANIMATED = "动图不能作为通知图片，请发静态照片。"
DAMAGED = "图片不完整或已损坏，可能没有传完，请重新发送。"
TOO_SMALL = f"图片太小（短边不足 {SMALLEST_SIDE} 像素），看不清，请换一张。"
_FORMATS = ("JPEG", "PNG", "GIF", "BMP", "WEBP")


class PictureRefused(ValueError):
    """This picture is not taken; the text is the sentence for whoever sent it."""


def clean_picture(content: bytes) -> bytes:
    """A JPEG of at most `KEPT_BYTES`, upright, with nothing of the sender's file but what is to be seen.

    Blocks for up to a second or two: call it in a thread. Raises `PictureRefused`.
    """
    if len(content) > MAX_FILE_BYTES:
        raise PictureRefused(TOO_LARGE)
    if find_mime(content) not in PICTURES:
        raise PictureRefused(NO_PICTURE)
    _check(content)
    try:
        return reencode(content, max_pixels=MAX_PIXELS, side_pixels=SIDE_PIXELS, max_bytes=KEPT_BYTES)
    except BadPicture:
        raise PictureRefused(DAMAGED) from None


def _check(content: bytes) -> None:
    """What its head says, before anything is decoded."""
    try:
        with warnings.catch_warnings():
            # Pillow warns first and raises at twice as many pixels: the sizes here are judged by our own limits.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=_FORMATS) as picture:
                form, size, is_animated = picture.format, picture.size, getattr(picture, "is_animated", False)
    except Image.DecompressionBombError:
        raise PictureRefused(TOO_MANY_PIXELS) from None
    except UnidentifiedImageError:
        raise PictureRefused(DAMAGED) from None
    except Exception:
        # A decoder given hostile bytes raises whatever it likes.
        raise PictureRefused(DAMAGED) from None
    # A phone's JPEG with a preview beside it (MPO) counts several pictures and is none that moves.
    if is_animated and form not in ("JPEG", "MPO"):
        raise PictureRefused(ANIMATED)
    if size[0] * size[1] > (MAX_PIXELS if form in ("JPEG", "MPO") else MAX_OTHER_PIXELS):
        raise PictureRefused(TOO_MANY_PIXELS)
    if min(size) < SMALLEST_SIDE:
        raise PictureRefused(TOO_SMALL)
