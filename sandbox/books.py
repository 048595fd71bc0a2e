"""The books: what was called, refused, pushed and delivered, for tests and benchmarks to read."""

from collections import defaultdict

from sandbox.fields import Json
from sandbox.limits import BusiestMinute


class Books:
    """Counters only, no texts, so that they stay small under tens of thousands of messages."""

    def __init__(self) -> None:
        self.calls: defaultdict[str, int] = defaultdict(int)
        self.refusals: defaultdict[str, defaultdict[int, int]] = defaultdict(lambda: defaultdict(int))
        self.deliveries: dict[str, defaultdict[str, int]] = {
            "residents": defaultdict(int),
            "groups": defaultdict(int),
            "workers": defaultdict(int),
        }
        self.pushes: defaultdict[str, int] = defaultdict(int)
        self.mass = {"sent": 0, "over_quota": 0, "most_in_month": 0}
        self.platform_gave_up = 0
        self.malformed_replies = 0
        self._busiest: dict[str, dict[str, BusiestMinute]] = {"webhook": {}, "bot": {}}

    def call(self, path: str) -> None:
        """One call of an API path (or of a WebSocket command, as `/aibot/<cmd>`)."""
        self.calls[path] += 1

    def refuse(self, path: str, errcode: int) -> None:
        """One refusal of that path."""
        self.refusals[path][errcode] += 1

    def deliver(self, kind: str, target: str) -> None:
        """One message that reached a phone or a group; `kind` is residents, groups or workers."""
        self.deliveries[kind][target] += 1

    def mass_message(self, received_in_month: int, is_delivered: bool) -> None:
        """One person of a mass message: whether it reached him, and how many he has had in this month."""
        self.mass["sent" if is_delivered else "over_quota"] += 1
        self.mass["most_in_month"] = max(self.mass["most_in_month"], received_in_month)

    def sent(self, channel: str, key: str, now: float) -> None:
        """One message through a webhook key or a bot's conversation, for the busiest minute."""
        self._busiest[channel].setdefault(key, BusiestMinute()).add(now)

    def as_json(self) -> Json:
        """The answer of `GET /sandbox/books`."""
        return {
            "calls": dict(self.calls),
            "refusals": {
                path: {str(code): count for code, count in codes.items()} for path, codes in self.refusals.items()
            },
            "deliveries": {kind: dict(counts) for kind, counts in self.deliveries.items()},
            "busiest_minute": {
                channel: {key: minute.most for key, minute in minutes.items()}
                for channel, minutes in self._busiest.items()
            },
            "mass": dict(self.mass),
            "pushes": dict(self.pushes),
            "platform_gave_up": self.platform_gave_up,
            "malformed_replies": self.malformed_replies,
        }
