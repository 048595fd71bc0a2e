"""Pictures for tests."""

import io

from PIL import Image

_GPS_IFD, _DESCRIPTION, _LATITUDE_REF, _LATITUDE = 0x8825, 0x010E, 1, 2
SECRET = b"taken at home"


def make_photo(shade: int = 120) -> bytes:
    """A JPEG that says in its EXIF where it was taken."""
    exif = Image.Exif()
    exif[_DESCRIPTION] = SECRET.decode()
    exif.get_ifd(_GPS_IFD).update({_LATITUDE_REF: "N", _LATITUDE: (46.0, 48.0, 36.0)})
    content = io.BytesIO()
    Image.new("RGB", (320, 240), (shade, 90, 60)).save(content, "JPEG", exif=exif)
    return content.getvalue()


def has_place(content: bytes) -> bool:
    """Whether a picture's EXIF holds a place."""
    with Image.open(io.BytesIO(content)) as picture:
        return bool(picture.getexif().get_ifd(_GPS_IFD))


def has_traces(content: bytes) -> bool:
    """Whether anything of the sender's file is left but what is to be seen."""
    with Image.open(io.BytesIO(content)) as picture:
        return bool(picture.getexif()) or SECRET in content or b"Exif" in content
