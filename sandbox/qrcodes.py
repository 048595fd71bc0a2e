"""QR codes with scenes, made through the API.

Source: developers.weixin.qq.com/doc/service/api/qrcode/qrcodes/api_createqrcode
"""

import secrets
from dataclasses import dataclass

from sandbox.clock import SandboxClock
from sandbox.errors import Refused
from sandbox.fields import Json, object_of, text_of, whole_of

MAX_PERMANENT = 100_000
MAX_TEMPORARY_SECONDS = 2_592_000
TEMPORARY = {"QR_SCENE": "scene_id", "QR_STR_SCENE": "scene_str"}
PERMANENT = {"QR_LIMIT_SCENE": "scene_id", "QR_LIMIT_STR_SCENE": "scene_str"}


@dataclass(frozen=True, slots=True)
class QrCode:
    """One code. `expires_at` is None for a permanent one."""

    scene: str
    ticket: str
    url: str
    is_text: bool
    expires_at: float | None


class QrCodes:
    """All codes by ticket; a permanent scene asked for twice gives the same ticket."""

    def __init__(self, clock: SandboxClock) -> None:
        self._clock = clock
        self._by_ticket: dict[str, QrCode] = {}
        self._permanent: dict[tuple[bool, str], QrCode] = {}

    def all(self) -> list[QrCode]:
        """Every code made so far."""
        return list(self._by_ticket.values())

    def find(self, ticket: str) -> QrCode | None:
        """The code of a ticket, None when unknown or expired."""
        code = self._by_ticket.get(ticket)
        if code is None or (code.expires_at is not None and code.expires_at <= self._clock.now()):
            return None
        return code

    def find_scene(self, scene: str) -> QrCode | None:
        """A permanent code of that scene."""
        return self._permanent.get((True, scene)) or self._permanent.get((False, scene))

    def create(self, body: Json) -> tuple[QrCode, int | None]:
        """A code and its life in seconds (None: permanent). Raises Refused 40053, 40058, 45009."""
        action = text_of(body, "action_name")
        scene = object_of(object_of(body, "action_info"), "scene")
        if action in PERMANENT:
            return self._create_permanent(PERMANENT[action], scene), None
        if action not in TEMPORARY:
            raise Refused(40053, "invalid action info")
        seconds = max(1, min(whole_of(body, "expire_seconds", 60), MAX_TEMPORARY_SECONDS))
        value = _scene_value(TEMPORARY[action], scene, 2**32 - 1)
        is_text = TEMPORARY[action] == "scene_str"
        return self._keep(value, is_text, self._clock.now() + seconds), seconds

    def _create_permanent(self, kind: str, scene: Json) -> QrCode:
        value = _scene_value(kind, scene, MAX_PERMANENT)
        key = (kind == "scene_str", value)
        if key in self._permanent:
            return self._permanent[key]
        if len(self._permanent) >= MAX_PERMANENT:
            raise Refused(45009)
        self._permanent[key] = self._keep(value, key[0], None)
        return self._permanent[key]

    def _keep(self, scene: str, is_text: bool, expires_at: float | None) -> QrCode:
        ticket = "gQ" + secrets.token_urlsafe(60)
        code = QrCode(scene, ticket, "http://weixin.qq.com/q/" + secrets.token_urlsafe(15), is_text, expires_at)
        self._by_ticket[ticket] = code
        return code


def _scene_value(kind: str, scene: Json, largest: int) -> str:
    if kind == "scene_str":
        value = text_of(scene, "scene_str")
        if not 1 <= len(value) <= 64:
            raise Refused(40053, "invalid action info, scene_str 1..64")
        return value
    number = whole_of(scene, "scene_id")
    if not 1 <= number <= largest:
        raise Refused(40053, f"invalid action info, scene_id 1..{largest}")
    return str(number)
