"""What an audit finds."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Broken:
    """The first place that does not hold. `number` is the case's, empty where none is known; `seq` the link's (for 封存: the anchor's).

    `kind` is the event's kind (`anchor` for 封存, empty for what is not there any more); `what` says in Chinese what is wrong.
    """

    number: str
    seq: int
    kind: str
    what: str
    case_id: int | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether everything holds, and how many chains and links were walked until the end or the first break."""

    ok: bool
    chains: int
    links: int
    broken: Broken | None
