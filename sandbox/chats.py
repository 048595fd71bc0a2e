"""Work groups and workers of WeCom, with the conversations they see."""

from dataclasses import dataclass, field

from sandbox.clock import SandboxClock
from sandbox.feed import Feed
from sandbox.fields import Json
from sandbox.talk import Row, Talk


@dataclass(slots=True)
class Group:
    """A work group. `bots` is None until somebody listed them: then any bot that is there serves it."""

    chatid: str
    name: str
    talk: Talk
    members: dict[str, str] = field(default_factory=dict)
    bots: list[str] | None = None
    webhook_key: str = ""

    def as_json(self) -> Json:
        """The row of `GET /sandbox/groups`."""
        return {
            "chatid": self.chatid,
            "name": self.name,
            "members": [{"userid": userid, "name": name} for userid, name in self.members.items()],
            "bots": self.bots or [],
            "webhook_key": self.webhook_key,
        }


@dataclass(slots=True)
class Worker:
    """A member of the enterprise, in single chat with the bot."""

    userid: str
    name: str
    talk: Talk

    def as_json(self) -> Json:
        """The row of `GET /sandbox/workers`."""
        return {"userid": self.userid, "name": self.name}


class Chats:
    """Groups by chat id and by webhook key, workers by user id; every look-up is one step."""

    def __init__(self, clock: SandboxClock, feed: Feed) -> None:
        self._clock = clock
        self._feed = feed
        self.groups: dict[str, Group] = {}
        self.workers: dict[str, Worker] = {}
        self._by_key: dict[str, Group] = {}
        self.is_put = False

    def ensure_group(self, chatid: str) -> Group:
        """The group, made on first use."""
        found = self.groups.get(chatid)
        return found if found is not None else self._make_group(chatid)

    def _make_group(self, chatid: str) -> Group:
        group = Group(chatid, chatid, Talk(self._clock, lambda row: self._announce("group", chatid, row), keep=1000))
        self.groups[chatid] = group
        self._feed.publish("roster", chatid)
        return group

    def ensure_worker(self, userid: str, name: str = "") -> Worker:
        """The worker, made on first use; a name given later replaces the user id shown until then."""
        found = self.workers.get(userid)
        if found is None:
            talk = Talk(self._clock, lambda row: self._announce("worker", userid, row), keep=1000)
            found = self.workers[userid] = Worker(userid, name or userid, talk)
            self._feed.publish("roster", userid)
        elif name:
            found.name = name
        return found

    def set_group(
        self, chatid: str, name: str, members: list[tuple[str, str]], bots: list[str] | None, webhook_key: str
    ) -> Group:
        """Sets a group up; its members become workers."""
        group = self.ensure_group(chatid)
        self.is_put = True
        group.name = name or group.name
        group.bots = bots
        group.members = dict(members)
        for userid, member_name in members:
            self.ensure_worker(userid, member_name)
        self._set_key(group, webhook_key)
        self._feed.publish("roster", chatid)
        return group

    def _set_key(self, group: Group, webhook_key: str) -> None:
        self._by_key.pop(group.webhook_key, None)
        group.webhook_key = webhook_key
        if webhook_key:
            self._by_key[webhook_key] = group

    def find_by_key(self, webhook_key: str) -> Group | None:
        """The group of a webhook; one is made on first use until a group has been set up."""
        found = self._by_key.get(webhook_key)
        if found is None and webhook_key and not self.is_put:
            found = self.ensure_group(f"webhook-{webhook_key}")
            self._set_key(found, webhook_key)
        return found

    def _announce(self, kind: str, target: str, row: Row) -> None:
        if self._feed.is_watched:
            self._feed.publish(kind, target, row.as_json())
