"""The figures of a replay, drawn from three witnesses: what the sandbox answered, what the archive holds, what the groups show."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

_BLANK = re.compile(r"[\s\x00-\x1f]+")
# A case's first message in a chat; a later one (returned, sent on, corrected) begins with why it comes.
_DISPATCH = re.compile(r"\A【工单 (\d{4}-\d+)】\S+ · ")


@dataclass(frozen=True, slots=True)
class Try:
    """One push as the platform saw it. `is_answered`: a 200 in time; `is_put_off`: he was asked to send it again."""

    msgid: str
    is_answered: bool
    is_put_off: bool = False


@dataclass(frozen=True, slots=True)
class Spoken:
    """One message and all pushes of it; more than one where the platform gave up and the resident said it again."""

    openid: str
    text: str
    tries: tuple[Try, ...]
    is_asked_place: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """An inbound row: what became of one push."""

    openid: str
    msgid: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Opened:
    """A case with the words it was opened by; `is_placed`: its area is known."""

    number: str
    openid: str
    text: str
    is_placed: bool


@dataclass(frozen=True, slots=True)
class Figures:
    """What a replay came to (CONTRACT, `replay`). `unrouted_cases`: of each what the outbox says of its messages, once looked up."""

    messages: int
    answered: int
    platform_gave_up: int
    put_off: int
    lost: int
    double: int
    cases: int
    joined: int
    none: int
    failed: int
    asked_place: int
    unrouted: int
    unrouted_cases: tuple[str, ...]
    groups_per_case_min: int
    groups_per_case_max: int
    undelivered: int
    kills: int
    seconds: float

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing twice, nobody left waiting, and each message is accounted for once."""
        adds_up = self.cases + self.joined + self.none == self.messages
        return adds_up and not (self.lost or self.double or self.unrouted or self.failed)

    def facts(self) -> dict[str, int | float | tuple[str, ...]]:
        """The figures by the contract's names."""
        return asdict(self)


def count(
    spoken: Sequence[Spoken],
    entries: Iterable[Entry],
    cases: Sequence[Opened],
    shown: Mapping[str, set[str]],
    *,
    undelivered: int = 0,
    kills: int = 0,
    seconds: float = 0.0,
) -> Figures:
    """`shown`: the chats in which each case's first dispatch was seen, by number; `undelivered`: messages still in the outbox."""
    outcomes = {(entry.openid, entry.msgid): entry.outcome for entry in entries}
    ends = Counter(_find_end(one, outcomes) for one in spoken)
    chats = {case.number: len(shown.get(case.number, ())) for case in cases if case.is_placed}
    unrouted = tuple(number for number, groups in chats.items() if not groups)
    return Figures(
        messages=len(spoken),
        answered=sum(any(_is_good(push) for push in one.tries) for one in spoken),
        platform_gave_up=sum(not push.is_answered for one in spoken for push in one.tries),
        put_off=sum(push.is_put_off for one in spoken for push in one.tries),
        lost=sum(_is_lost(one, outcomes) for one in spoken),
        double=count_double(spoken, cases),
        cases=len(cases),
        joined=ends["joined"],
        none=ends["none"],
        failed=ends["failed"],
        asked_place=sum(one.is_asked_place for one in spoken),
        unrouted=len(unrouted),
        unrouted_cases=unrouted,
        groups_per_case_min=min(chats.values(), default=0),
        groups_per_case_max=max(chats.values(), default=0),
        undelivered=undelivered,
        kills=kills,
        seconds=round(seconds, 1),
    )


def _is_good(push: Try) -> bool:
    return push.is_answered and not push.is_put_off


def _is_lost(one: Spoken, outcomes: Mapping[tuple[str, str], str]) -> bool:
    return any(_is_good(push) and (one.openid, push.msgid) not in outcomes for push in one.tries)


def _find_end(one: Spoken, outcomes: Mapping[tuple[str, str], str]) -> str:
    """What the message came to: `case`, `joined`, `failed`, `none`; `lost` when the archive knows nothing of it."""
    found = [outcomes[key] for push in one.tries if (key := (one.openid, push.msgid)) in outcomes]
    # Said again after the platform had given up, it may have opened a case first and joined it then: one message, one case.
    for outcome, end in (("opened", "case"), ("failed", "failed"), ("", "lost"), ("joined", "joined")):
        if outcome in found:
            return end
    return "none" if found else "lost"


def count_double(spoken: Sequence[Spoken], cases: Iterable[Opened]) -> int:
    """Cases beyond one for each time that somebody said these words."""
    said = Counter((one.openid, squeeze(one.text)) for one in spoken)
    opened = Counter((case.openid, squeeze(case.text)) for case in cases)
    return sum(max(0, opened[words] - times) for words, times in said.items())


def squeeze(text: str) -> str:
    """A text without what the way through XML may change (blanks, line ends, control characters)."""
    return _BLANK.sub("", text)


def find_dispatched(text: str) -> str | None:
    """The number of the case that a chat's message brings there for the first time; None for any other message."""
    found = _DISPATCH.match(text)
    return found[1] if found else None
