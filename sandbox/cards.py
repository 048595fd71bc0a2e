"""Template cards: what makes one invalid, and how it looks as text.

Source: developer.work.weixin.qq.com/document/path/101032
"""

import re
from dataclasses import dataclass

from sandbox.errors import Refused
from sandbox.fields import Json, byte_length, number_of, object_of, objects_of, text_of, whole_of

ALL_TYPES = frozenset({"text_notice", "news_notice", "button_interaction", "vote_interaction", "multiple_interaction"})
INTERACTIVE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
MAX_BUTTONS, KEY_BYTES = 6, 1024
_TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")


@dataclass(frozen=True, slots=True)
class CardFace:
    """A checked card: its type, task id, buttons as `{key,text}`, and its words in order."""

    card_type: str
    task_id: str
    buttons: list[Json]
    face: str


def _bad(detail: str) -> Refused:
    return Refused(40058, f"template_card: {detail}")


def read_card(card: Json, types: frozenset[str] = ALL_TYPES) -> CardFace:
    """A card of one of `types`. Raises Refused 40058 with what is wrong."""
    card_type = text_of(card, "card_type")
    if card_type not in types:
        raise _bad("card_type not allowed here")
    _check_body(card, card_type)
    buttons = _read_buttons(card, card_type)
    task_id = text_of(card, "task_id")
    if (card_type in INTERACTIVE or object_of(card, "action_menu")) and not task_id:
        raise _bad("task_id needed")
    if task_id and not _TASK_ID.fullmatch(task_id):
        raise _bad("task_id: 1-128 of 0-9 A-Z a-z _ - @")
    return CardFace(card_type, task_id, buttons, card_text(card))


def _check_body(card: Json, card_type: str) -> None:
    has_title = bool(text_of(object_of(card, "main_title"), "title"))
    if card_type in ("text_notice", "news_notice"):
        _check_action(object_of(card, "card_action"))
    if card_type == "text_notice" and not has_title and not text_of(card, "sub_title_text"):
        raise _bad("main_title.title or sub_title_text needed")
    if card_type == "news_notice":
        _check_news(card)
    if card_type in ("news_notice", *INTERACTIVE) and not has_title:
        raise _bad("main_title.title needed")
    if len(objects_of(card, "horizontal_content_list")) > 6 or len(objects_of(card, "jump_list")) > 3:
        raise _bad("horizontal_content_list at most 6, jump_list at most 3")


def _check_action(action: Json) -> None:
    kind = whole_of(action, "type", -1)
    if kind not in (1, 2):
        raise _bad("card_action.type 1 or 2 needed")
    if not text_of(action, "url" if kind == 1 else "appid"):
        raise _bad("card_action lacks its target")


def _check_news(card: Json) -> None:
    image = object_of(card, "card_image")
    if not text_of(image, "url") and not object_of(card, "image_text_area"):
        raise _bad("card_image or image_text_area needed")
    if "aspect_ratio" in image and not 1.3 <= number_of(image, "aspect_ratio") <= 2.25:
        raise _bad("aspect_ratio 1.3-2.25")


def _read_buttons(card: Json, card_type: str) -> list[Json]:
    if card_type == "button_interaction":
        return _button_list(objects_of(card, "button_list"))
    if card_type == "vote_interaction":
        _check_options(objects_of(object_of(card, "checkbox"), "option_list"), 20)
    if card_type == "multiple_interaction":
        _check_selects(objects_of(card, "select_list"))
    if card_type in INTERACTIVE:
        submit = object_of(card, "submit_button")
        return _button_list([submit] if submit else [])
    return []


def _button_list(buttons: list[Json]) -> list[Json]:
    if not 1 <= len(buttons) <= MAX_BUTTONS:
        raise _bad(f"1-{MAX_BUTTONS} buttons")
    keys = [text_of(button, "key") for button in buttons if whole_of(button, "type") != 1]
    if any(not 1 <= byte_length(key) <= KEY_BYTES for key in keys) or len(set(keys)) != len(keys):
        raise _bad("button key: 1-1024 bytes, each once")
    if any(not text_of(button, "text") or not 0 <= whole_of(button, "style", 1) <= 4 for button in buttons):
        raise _bad("button needs text, style 1-4")
    return [{"key": text_of(button, "key"), "text": text_of(button, "text")} for button in buttons]


def _check_options(options: list[Json], limit: int) -> None:
    ids = [text_of(option, "id") for option in options]
    if not 1 <= len(ids) <= limit or not all(ids) or len(set(ids)) != len(ids):
        raise _bad(f"1-{limit} options, each with its own id")


def _check_selects(selects: list[Json]) -> None:
    if not 1 <= len(selects) <= 3 or any(not text_of(select, "question_key") for select in selects):
        raise _bad("1-3 selects, each with question_key")
    for select in selects:
        _check_options(objects_of(select, "option_list"), 10)


def card_text(card: Json) -> str:
    """The words on a card, line by line, as a quote of it carries them."""
    title, emphasis, quote = (object_of(card, key) for key in ("main_title", "emphasis_content", "quote_area"))
    area = object_of(card, "image_text_area")
    lines = [text_of(object_of(card, "source"), "desc")]
    for part in (title, emphasis, area):
        lines += [text_of(part, "title"), text_of(part, "desc")]
    lines += [text_of(quote, "title"), text_of(quote, "quote_text"), text_of(card, "sub_title_text")]
    for key in ("horizontal_content_list", "vertical_content_list"):
        lines += [_pair_text(item) for item in objects_of(card, key)]
    lines += [text_of(jump, "title") for jump in objects_of(card, "jump_list")]
    return "\n".join(line for line in lines if line)


def _pair_text(item: Json) -> str:
    name, value = text_of(item, "keyname") or text_of(item, "title"), text_of(item, "value") or text_of(item, "desc")
    return f"{name}：{value}" if name and value else name or value
