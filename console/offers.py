"""What a visitor may do now, with the fields that each thing needs. Only a description: what is done is in the deeds."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from console.submission import Submission
from console.visitors import Visitor
from grid.actions.routing import Sent
from grid.actions.steps import Decision
from grid.desk import Actor, Desk
from grid.workflow import Move, Status, list_moves
from nlp.reader import Reader
from storage.counters import Numbers
from storage.queries import Books
from storage.tables import Resident

ANSWER = "answer"
"""The form with which a resident answers a worker; what was asked stands beside its field."""


@dataclass(frozen=True, slots=True)
class Option:
    """A line of a list; `group` is the heading that it stands under."""

    value: str
    label: str
    group: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `kind`: `text`, `line`, `number`, `select`, `choice` (buttons to pick one of) or `photos`."""

    name: str
    kind: str
    label: str
    options: Sequence[Option] = ()
    required: bool = False
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Offer:
    """One form. `tone`: `main` for what is usually done next, `plain`, or `grave` for what cannot be taken back easily."""

    action: str
    label: str
    fields: tuple[Field, ...] = ()
    tone: str = "plain"
    note: str = ""
    button: str = ""

    @property
    def groups(self) -> dict[str, list[Option]]:
        """The options of its list by their headings, for the template."""
        grouped: dict[str, list[Option]] = {}
        for one in self.fields:
            for option in one.options if one.kind == "select" else ():
                grouped.setdefault(option.group, []).append(option)
        return grouped


@dataclass(frozen=True, slots=True)
class Bench:
    """What a deed is decided with. `reporters`: everybody who reported the case, whose it is first."""

    desk: Desk
    books: Books
    numbers: Numbers
    visitor: Visitor
    actor: Actor
    form: Submission
    reporters: Sequence[Resident]
    reader: Reader

    @property
    def resident(self) -> Resident | None:
        """Whoever reported the case first."""
        return self.reporters[0] if self.reporters else None


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing that can be done on a page. `move`: the step of the law that it makes (None: it changes no status).

    `told`: what he reads when it is done. `stage`: what its pictures show (`before`, `after`). `echo`: whether the case's group
    hears of it by a note, because the action itself tells it nothing. `versioned`: refused when the case has moved on meanwhile.
    """

    action: str
    move: Move | None
    decide: Callable[[Bench], Awaitable[Decision | Sent]]
    offer: Callable[[Desk, Visitor], Offer | None]
    told: "Told"
    stage: str = ""
    echo: bool = False
    versioned: bool = True


Told = Callable[[Bench, Decision | Sent], str]
"""From what was decided to what he reads."""


def says(text: str) -> Told:
    """Always the same sentence."""
    return lambda bench, made: text


def list_offers(desk: Desk, visitor: Visitor, deeds: Sequence[Deed]) -> list[Offer]:
    """What the law allows this visitor now, in the order of the deeds."""
    if visitor.actor is None:
        return []
    moves = set(list_moves(Status(visitor.case.status), visitor.actor.parts))
    fitting = [deed for deed in deeds if deed.move is None or deed.move in moves]
    return [offer for offer in (deed.offer(desk, visitor) for deed in fitting) if offer is not None]


def photos(label: str = "照片", hint: str = "可拍照或从相册选，最多9张") -> Field:
    """The field for pictures."""
    return Field("photos", "photos", label, hint=hint)


def words(label: str, hint: str = "", *, required: bool = True, name: str = "text") -> Field:
    """A field for a few sentences."""
    return Field(name, "text", label, required=required, hint=hint)


def simple(
    action: str, label: str, hint: str = "", *, field: str = "原因", tone: str = "plain", note: str = ""
) -> Offer:
    """A form with one text."""
    return Offer(action, label, (words(field, hint),), tone, note, label)
