"""Cards laid out as WeCom template cards (wechat.md §3.5). Pure.

A card cannot stand for a text: it holds a title, six short lines and 112 characters, and nothing says that quoting a card
brings its words back. So over the bot a message with a card is the whole text first (with 【工单 NNNN】, which a quote then
carries) and after it the card with its buttons. The card goes alone only when it holds the text wholly and names no case.
"""

import re
from typing import Any

from bot.workgroup.layout import clean_text
from grid.message import Button, Card, Message

TITLE_CHARS, SUB_TITLE_CHARS = 26, 112
MAX_LINES, NAME_CHARS, VALUE_CHARS = 6, 5, 26
MAX_BUTTONS, BUTTON_CHARS, KEY_BYTES = 6, 10, 1024
# A card must keep at least one button. This one stands where nothing is left to do; its click shows the present state and changes nothing.
SEEN = Button(key="seen", text="已处理", style=3)
_TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
_CASE_MARK = "【工单"


def cut_chars(text: str, limit: int) -> str:
    """At most `limit` characters on one line; what is cut shows as `…`."""
    text = " ".join(clean_text(text).split())
    return text if len(text) <= limit else text[: limit - 1] + "…"


def fits_card(card: Card, message: Message) -> bool:
    """Whether the card holds the message's text wholly and nobody will need to quote it."""
    return len(clean_text(message.text)) <= SUB_TITLE_CHARS and _CASE_MARK not in message.text and _is_usable(card)


def _is_usable(card: Card) -> bool:
    return bool(card.buttons) and bool(card.title.strip()) and _TASK_ID.fullmatch(card.task_id) is not None


def render_card(card: Card, message: Message | None = None) -> dict[str, Any]:
    """The card with its buttons; with `message`, its text stands on the card when it fits.

    Limits of §3.5 are kept by cutting, since the message's text says everything. Raises `ValueError` for what cannot be cut:
    a task id outside [0-9A-Za-z_@-]{1,128}, no title, no button, or button keys that repeat or exceed 1024 bytes.
    """
    if not _is_usable(card):
        raise ValueError("a card needs a title, a button and a task id of 1-128 of 0-9A-Za-z_@-")
    face: dict[str, Any] = {
        "card_type": "button_interaction",
        "main_title": {"title": cut_chars(card.title, TITLE_CHARS)},
        "button_list": _render_buttons(card.buttons[:MAX_BUTTONS]),
        "task_id": card.task_id,
    }
    if message is not None and fits_card(card, message):
        face["sub_title_text"] = clean_text(message.text)
    if card.lines:
        face["horizontal_content_list"] = [_render_line(name, value) for name, value in card.lines[:MAX_LINES]]
    return face


def _render_line(name: str, value: str) -> dict[str, str]:
    return {"keyname": cut_chars(name, NAME_CHARS), "value": cut_chars(value, VALUE_CHARS)}


def _render_buttons(buttons: tuple[Button, ...]) -> list[dict[str, Any]]:
    keys = [button.key for button in buttons]
    if len(set(keys)) != len(keys) or any(not 0 < len(key.encode()) <= KEY_BYTES for key in keys):
        raise ValueError("button keys: each once, 1-1024 bytes")
    return [
        {"text": cut_chars(button.text, BUTTON_CHARS), "style": button.style, "key": button.key} for button in buttons
    ]


def render_updated_card(card: Card, task_id: str) -> dict[str, Any]:
    """What a clicked card turns into; `task_id` is the click's, and the platform wants the same one back.

    A card that has nothing left to press gets the grey `SEEN` button, since none at all is refused.
    """
    return render_card(Card(task_id, card.title, card.lines, card.buttons or (SEEN,)))
