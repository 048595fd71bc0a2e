"""Frames of the long connection: `{"cmd","headers":{"req_id"},"body"}` out and in, `{"headers","errcode",…}` as acks (wechat.md §3.4)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.ports import BadAnswer

SUBSCRIBE, PING = "aibot_subscribe", "ping"
MESSAGE_CALLBACK, EVENT_CALLBACK = "aibot_msg_callback", "aibot_event_callback"
RESPOND, RESPOND_WELCOME, RESPOND_UPDATE = "aibot_respond_msg", "aibot_respond_welcome_msg", "aibot_respond_update_msg"
SEND = "aibot_send_msg"
UPLOAD_INIT, UPLOAD_CHUNK, UPLOAD_FINISH = (
    "aibot_upload_media_init",
    "aibot_upload_media_chunk",
    "aibot_upload_media_finish",
)
CALLBACKS = frozenset({MESSAGE_CALLBACK, EVENT_CALLBACK})

Body = Mapping[str, Any]


class BadFrame(BadAnswer):
    """A frame that is not in the platform's form. The only thing that reading one may raise; it never carries the frame's text."""


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame that came in. `errcode` is None unless it is an ack."""

    cmd: str
    req_id: str
    body: Body = field(default_factory=dict)
    errcode: int | None = None
    errmsg: str = ""

    @property
    def is_callback(self) -> bool:
        """Whether the platform pushes something, rather than answering us."""
        return self.cmd in CALLBACKS


def parse_frame(raw: str | bytes) -> Frame:
    """The frame in a WebSocket message. Raises `BadFrame` for anything that is none."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise BadFrame("not JSON") from None
    if not isinstance(value, dict):
        raise BadFrame("not an object")
    headers = value.get("headers")
    req_id = headers.get("req_id") if isinstance(headers, dict) else None
    body, errcode = value.get("body"), value.get("errcode")
    return Frame(
        cmd=_word(value.get("cmd")),
        req_id=_word(req_id),
        body=body if isinstance(body, dict) else {},
        errcode=errcode if isinstance(errcode, int) and not isinstance(errcode, bool) else None,
        errmsg=_word(value.get("errmsg")),
    )


def _word(value: object) -> str:
    return value if isinstance(value, str) else ""


def render_frame(cmd: str, req_id: str, body: Body) -> str:
    """The text of a frame to send."""
    return orjson.dumps({"cmd": cmd, "headers": {"req_id": req_id}, "body": body}).decode()


def is_kick(frame: Frame) -> bool:
    """Whether the platform says that a newer connection of this bot took over."""
    event = frame.body.get("event")
    return frame.cmd == EVENT_CALLBACK and isinstance(event, dict) and event.get("eventtype") == "disconnected_event"
