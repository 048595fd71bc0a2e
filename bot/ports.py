"""What delivery asks of a channel, and the one family of things that can go wrong on a wire."""

from dataclasses import dataclass
from typing import Protocol

from grid.message import Message, Template


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. `key` is the outbox target (`oa:OPENID`, `group:ID`, `worker:USERID`); `chat` the platform's own name of it.

    `via` says which channel carries it (`oa`, `aibot`, `webhook`); a group on `aibot` may have a `webhook_key` besides, for mentions.
    """

    key: str
    chat: str
    webhook_key: str = ""
    via: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """Kept bytes, ready to send: JPG or PNG."""

    name: str
    mime: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Recording:
    """A kept recording, ready to play in a chat: AMR of at most 60 seconds (a voice message), or MP3 (a file)."""

    name: str
    mime: str
    content: bytes


Attachment = Picture | Recording
"""What stands behind an id of `Message.pictures`."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What a channel said when it took a message: how it went (`custom`, `template`, `aibot`, `webhook`) and the platform's id, if any."""

    via: str
    platform_id: str = ""


class WireFailure(Exception):
    """A wire did not carry a message."""


class Unreachable(WireFailure):
    """Nothing answered in time; whether the message arrived is unknown."""


class BadAnswer(WireFailure):
    """Something answered, but not in the platform's form."""


class Refused(WireFailure):
    """The platform refused with an errcode; `retry_seconds` is its own hint, if it has one.

    `platform_id`: what it already has instead (45065 names the mass message that an equal call made).
    """

    def __init__(
        self, errcode: int, errmsg: str = "", retry_seconds: float | None = None, platform_id: str = ""
    ) -> None:
        super().__init__(f"refused with {errcode}")
        self.errcode = errcode
        self.errmsg = errmsg
        self.retry_seconds = retry_seconds
        self.platform_id = platform_id


class Paced(Refused):
    """Our own pace holds it back for `seconds`, so that the platform need not: nothing was sent, and no try is spent."""

    def __init__(self, errcode: int, seconds: float) -> None:
        super().__init__(errcode, retry_seconds=seconds)


class Transport(Protocol):
    """A channel that can tell somebody something."""

    async def send(self, address: Address, message: Message, pictures: tuple[Attachment, ...], key: str) -> Sent:
        """Carry one message; `key` makes a repeat harmless where the platform can tell. Raises `WireFailure`."""
        ...


class ResidentTransport(Transport, Protocol):
    """The official account. Its `send` uses the reply window (a customer-service message); delivery decides which of the two is due."""

    async def send_template(self, address: Address, template: Template, key: str) -> Sent:
        """Carry a configured template past the reply window; `key` makes a repeat harmless. Raises `WireFailure`."""
        ...
