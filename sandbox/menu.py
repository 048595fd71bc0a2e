"""The custom menu and the limits the platform puts on it.

Source: developers.weixin.qq.com/doc/service/api/custommenu
"""

from sandbox.errors import Refused
from sandbox.fields import Json, byte_length, list_of, object_of, objects_of, text_of

MAX_TOP, MAX_SUB = 3, 5
NAME_BYTES, SUB_NAME_BYTES, KEY_BYTES, URL_BYTES = 16, 60, 128, 1024
KEY_TYPES = frozenset(
    {
        "click",
        "scancode_push",
        "scancode_waitmsg",
        "pic_sysphoto",
        "pic_photo_or_album",
        "pic_weixin",
        "location_select",
    }
)
MEDIA_TYPES = {
    "media_id": "media_id",
    "view_limited": "media_id",
    "article_id": "article_id",
    "article_view_limited": "article_id",
}


class MenuShelf:
    """The menu that is live, None when there is none."""

    def __init__(self) -> None:
        self.menu: Json | None = None

    def create(self, body: Json) -> None:
        """Checks and publishes a menu. Raises Refused 40015–40028, 40055, 40007."""
        buttons = objects_of(body, "button")
        if not 1 <= len(buttons) <= MAX_TOP or len(buttons) != len(list_of(body, "button")):
            raise Refused(40016)
        for button in buttons:
            _check_top(button)
        self.menu = {"button": buttons}


def _check_top(button: Json) -> None:
    if not 1 <= byte_length(text_of(button, "name")) <= NAME_BYTES:
        raise Refused(40018)
    subs = objects_of(button, "sub_button")
    if len(subs) > MAX_SUB:
        raise Refused(40023)
    for sub in subs:
        _check_sub(sub)
    if not subs:
        _check_action(button, 40017, 40019, 40020)


def _check_sub(sub: Json) -> None:
    if not 1 <= byte_length(text_of(sub, "name")) <= SUB_NAME_BYTES:
        raise Refused(40025)
    if list_of(sub, "sub_button"):
        raise Refused(40023, "no third level")
    _check_action(sub, 40024, 40026, 40027)


def _check_action(button: Json, type_code: int, key_code: int, url_code: int) -> None:
    kind = text_of(button, "type")
    if kind in KEY_TYPES:
        if not 1 <= byte_length(text_of(button, "key")) <= KEY_BYTES:
            raise Refused(key_code)
    elif kind in ("view", "miniprogram"):
        _check_url(text_of(button, "url"), url_code)
        if kind == "miniprogram" and not (text_of(button, "appid") and text_of(button, "pagepath")):
            raise Refused(type_code)
    elif kind in MEDIA_TYPES:
        if not text_of(button, MEDIA_TYPES[kind]):
            raise Refused(40007)
    else:
        raise Refused(type_code)


def _check_url(url: str, size_code: int) -> None:
    if not 1 <= byte_length(url) <= URL_BYTES:
        raise Refused(size_code)
    if not url.startswith(("http://", "https://")):
        raise Refused(40055)


def menu_answer(menu: Json | None) -> Json:
    """The answer of `menu/get`. Raises Refused 46003 when there is none."""
    if menu is None:
        raise Refused(46003)
    return {"menu": menu}


def button_of(menu: Json | None, key: str) -> Json:
    """The button with that key, an empty object when the menu has none."""
    tops = objects_of(menu or {}, "button")
    every = tops + [sub for top in tops for sub in objects_of(top, "sub_button")]
    return next((button for button in every if text_of(button, "key") == key), object_of({}, ""))
