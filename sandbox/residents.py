"""Residents: their phones, what the account may still push to them, and what they consented to."""

from dataclasses import dataclass, field

from sandbox.clock import HOUR_SECONDS, MINUTE_SECONDS, SandboxClock, china_month
from sandbox.errors import Refused
from sandbox.feed import Feed
from sandbox.fields import Json
from sandbox.talk import Row, Talk

MESSAGE_QUOTA, MESSAGE_WINDOW_SECONDS = 5, 48 * HOUR_SECONDS
ACTION_QUOTA, ACTION_WINDOW_SECONDS = 3, MINUTE_SECONDS
MASS_PER_MONTH = 4


@dataclass(slots=True)
class PushWindow:
    """A right to push `left` messages until `until` (epoch seconds)."""

    until: float = 0.0
    left: int = 0

    def open(self, now: float, seconds: float, quota: int) -> None:
        """Starts anew: the platform grants the whole quota with each thing the person does."""
        self.until, self.left = now + seconds, quota

    def is_open(self, now: float) -> bool:
        """Whether the time is not over, whatever is left."""
        return now < self.until


@dataclass(slots=True)
class Resident:
    """One follower. `templates_accepted`: None never asked, True all, False none, or the accepted template ids."""

    openid: str
    talk: Talk
    follows: bool = True
    templates_accepted: bool | frozenset[str] | None = None
    followed_at: float = 0.0
    scene: str = ""
    remark: str = ""
    tags: set[int] = field(default_factory=set)
    message_window: PushWindow = field(default_factory=PushWindow)
    action_window: PushWindow = field(default_factory=PushWindow)
    mass_month: str = ""
    mass_received: int = 0

    def note_message(self, now: float) -> None:
        """The person wrote: five pushes within 48 hours.

        Source: developers.weixin.qq.com/doc/service/api/customer/message/api_sendcustommessage
        """
        self.message_window.open(now, MESSAGE_WINDOW_SECONDS, MESSAGE_QUOTA)

    def note_action(self, now: float) -> None:
        """The person followed, scanned or pressed a menu key: three pushes within a minute."""
        self.action_window.open(now, ACTION_WINDOW_SECONDS, ACTION_QUOTA)

    def close_windows(self) -> None:
        """Nothing may be pushed until the person does something."""
        self.message_window, self.action_window = PushWindow(), PushWindow()

    def take_push(self, now: float) -> None:
        """Spends one customer-service message, the minute's first. Raises Refused 45015 (closed), 45047 (spent)."""
        if not self.follows:
            raise Refused(45015)
        windows = [window for window in (self.action_window, self.message_window) if window.is_open(now)]
        if not windows:
            raise Refused(45015)
        window = next((window for window in windows if window.left), None)
        if window is None:
            raise Refused(45047)
        window.left -= 1

    def take_mass(self, now: float) -> bool:
        """Spends one of the four mass messages of the calendar month; False when spent."""
        month = china_month(now)
        if month != self.mass_month:
            self.mass_month, self.mass_received = month, 0
        if self.mass_received >= MASS_PER_MONTH:
            return False
        self.mass_received += 1
        return True

    def accepts(self, template_id: str) -> bool:
        """Whether the person subscribed to that notice."""
        if isinstance(self.templates_accepted, frozenset):
            return template_id in self.templates_accepted
        return self.templates_accepted is True

    def as_json(self) -> Json:
        """The row of `GET /sandbox/residents`."""
        return {"openid": self.openid, "follows": self.follows, "scene": self.scene, "tags": sorted(self.tags)}


class Residents:
    """All residents by openid."""

    def __init__(self, clock: SandboxClock, feed: Feed) -> None:
        self._clock = clock
        self._feed = feed
        self._by_openid: dict[str, Resident] = {}

    def __len__(self) -> int:
        return len(self._by_openid)

    def all(self) -> list[Resident]:
        """Every resident in the order they appeared."""
        return list(self._by_openid.values())

    def find(self, openid: str) -> Resident | None:
        """The resident, or None."""
        return self._by_openid.get(openid)

    def ensure(self, openid: str) -> Resident:
        """The resident, made as a follower on first use."""
        found = self._by_openid.get(openid)
        return found if found is not None else self._make(openid)

    def _make(self, openid: str) -> Resident:
        resident = Resident(openid, Talk(self._clock, lambda row: self._announce(openid, row)))
        resident.followed_at = self._clock.now()
        self._by_openid[openid] = resident
        self._feed.publish("roster", openid)
        return resident

    def _announce(self, openid: str, row: Row) -> None:
        if self._feed.is_watched:
            self._feed.publish("resident", openid, row.as_json())
