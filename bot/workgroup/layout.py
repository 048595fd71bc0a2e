"""Neutral messages laid out as text for the work groups: the bot's markdown, the webhook's text and image. Pure.

A message's `text` is plain text in which residents' words stand. In markdown it is therefore laid out so that it reads as written
and nothing in it can become a heading, link, picture, font, quote, table, code or mention. Backslashes are not used, since it is
nowhere written that the clients honour them: a mark that would act is replaced by its full-width twin, and only where it would act
(`12#楼`, `[接单]`, `3~5 天` stay as they are).
"""

import base64
import hashlib
import re
from collections.abc import Sequence
from typing import Any

from bot.ports import Attachment, Picture, Recording
from grid.message import Message

# wechat.md §3.4: content ≤ 20480 bytes; §3.2: text ≤ 2048 bytes, picture ≤ 2 MB before base64, JPG or PNG.
MARKDOWN_BYTES = 20_480
WEBHOOK_TEXT_BYTES = 2_048
WEBHOOK_IMAGE_BYTES = 2 << 20
IMAGE_TYPES = frozenset({"image/jpeg", "image/png"})

_CUT = "……（后文略，请在工单页查看）"
_FULL_WIDTH = str.maketrans("*_~`<>#|-=:!&[]", "＊＿～｀＜＞＃｜－＝：！＆［］")
# An address shows where it goes, and its own marks must stay or it goes nowhere.
_ADDRESS = re.compile(r"https?://[0-9A-Za-z\-._:/?#@!$&'()+,;=%]+")
# Control characters, and those that turn the direction of writing, can make a line look like another one.
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_RULE_LINE = re.compile(r"[ \t]*(?:[-=*_|:+~`][ \t]*){2,}")
# A heading or a quote may also begin inside a list item.
_LINE_START = re.compile(r"\A((?:[ \t]|[-+*][ \t]|\d{1,9}[.)][ \t])*)([#>]+)")
_ACTING = re.compile(r"`|\](?=[(:\[])|<(?=[A-Za-z/!?@])|&(?=[#A-Za-z])|(?<![0-9A-Za-z])_|_(?![0-9A-Za-z])")
_USERID = re.compile(r"[0-9A-Za-z_.@-]{1,64}")


class PictureUnfit(ValueError):
    """A picture that the channel would refuse: its kind or its size."""


def byte_length(text: str) -> int:
    """Bytes in UTF-8, the unit of the platform's text limits."""
    return len(text.encode("utf-8", "replace"))


def cut_bytes(text: str, limit: int) -> str:
    """The longest beginning of `text` that has at most `limit` bytes; no character is split."""
    return text.encode("utf-8", "replace")[:limit].decode("utf-8", "ignore")


def clean_text(text: str) -> str:
    """Without characters that are not seen but act (controls, zero width, direction); line ends are `\\n`."""
    return _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def escape_markdown(text: str) -> str:
    """Plain text as markdown that shows it as written."""
    lines = [_escape_line(line) for line in clean_text(text).split("\n")]
    return _unpair("\n".join(lines))


def _escape_line(line: str) -> str:
    # A line of dashes makes a heading of the line above it, or a table, or a code block.
    body = line.translate(_FULL_WIDTH) if _RULE_LINE.fullmatch(line) else _escape_written(line)
    blank = len(body) - len(body.lstrip(" \t"))
    # Four blanks or a tab would begin a code block.
    return "\u3000" * min(blank, 4) + body[blank:]


def _escape_written(line: str) -> str:
    line = _LINE_START.sub(lambda found: found[1] + found[2].translate(_FULL_WIDTH), line)
    kept, at = [], 0
    for address in _ADDRESS.finditer(line):
        kept += [_escape_words(line[at : address.start()]), address.group()]
        at = address.end()
    return "".join([*kept, _escape_words(line[at:])])


def _escape_words(words: str) -> str:
    return _ACTING.sub(lambda found: found[0].translate(_FULL_WIDTH), words)


def _unpair(text: str) -> str:
    """Stars and tildes act in pairs only: a single run (a masked phone) stays, several are replaced."""
    for mark in "*~":
        if len(re.findall(rf"{re.escape(mark)}+", text)) > 1:
            text = text.replace(mark, mark.translate(_FULL_WIDTH))
    return text


def render_markdown(message: Message) -> str:
    """The whole message as the bot's markdown, at most 20480 bytes; what is longer ends with where to read on."""
    text = escape_markdown(message.text)
    if byte_length(text) <= MARKDOWN_BYTES:
        return text
    return cut_bytes(text, MARKDOWN_BYTES - byte_length(_CUT)) + _CUT


def render_webhook_texts(message: Message) -> tuple[dict[str, Any], ...]:
    """The message as bodies for the webhook, in order, each at most 2048 bytes; the people mentioned stand at the end of the last.

    `text` knows no marks but `<@userid>`, so only that one is defused in what residents wrote.
    """
    text = clean_text(message.text).replace("<@", "＜@")
    calls = "".join(f"<@{userid}>" for userid in message.mention if _USERID.fullmatch(userid))
    parts = _split_bytes(text, WEBHOOK_TEXT_BYTES)
    if calls and byte_length(parts[-1]) + byte_length(calls) < WEBHOOK_TEXT_BYTES:
        parts[-1] += f"\n{calls}"
    elif calls:
        parts += _split_calls(calls)
    return tuple({"msgtype": "text", "text": {"content": part}} for part in parts)


def _split_calls(calls: str) -> list[str]:
    parts = [""]
    for call in re.findall(r"<@[^>]+>", calls):
        if byte_length(parts[-1]) + byte_length(call) > WEBHOOK_TEXT_BYTES:
            parts.append("")
        parts[-1] += call
    return parts


def _split_bytes(text: str, limit: int) -> list[str]:
    """Parts of at most `limit` bytes, broken at line ends where one lies in the second half of a part."""
    parts: list[str] = []
    while byte_length(text) > limit:
        head = cut_bytes(text, limit)
        line_end = head.rfind("\n")
        if line_end > len(head) // 2:
            head = head[: line_end + 1]
        parts.append(head.rstrip("\n") or head)
        text = text[len(head) :]
    return [*parts, text] if text or not parts else parts


def count_word(pictures: Sequence[Attachment]) -> str:
    """What follows the number of attachments that did not arrive."""
    return "段录音" if pictures and all(isinstance(one, Recording) for one in pictures) else "张照片"


def render_webhook_image(picture: Picture) -> dict[str, Any]:
    """A picture as a webhook body. Raises `PictureUnfit` above 2 MB or when it is neither JPG nor PNG."""
    if picture.mime not in IMAGE_TYPES:
        raise PictureUnfit(f"not JPG or PNG: {picture.mime}")
    if not picture.content or len(picture.content) > WEBHOOK_IMAGE_BYTES:
        raise PictureUnfit(f"{len(picture.content)} bytes")
    digest = hashlib.md5(picture.content, usedforsecurity=False).hexdigest()
    return {"msgtype": "image", "image": {"base64": base64.b64encode(picture.content).decode(), "md5": digest}}
