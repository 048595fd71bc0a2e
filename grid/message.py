"""Neutral outbox messages: what to say, buttons, pictures. A transport only lays them out."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Button:
    """`key` comes back with the click; style 1 is blue, 2 red, 3 grey (as template cards number them)."""

    key: str
    text: str
    style: int = 1


@dataclass(frozen=True, slots=True)
class Choice:
    """A line that a resident may tap instead of typing `reply` (official account: msgmenu)."""

    reply: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """A group card. `task_id` names the card for clicks; the message's text still says everything without it."""

    task_id: str
    title: str
    lines: tuple[tuple[str, str], ...] = ()
    buttons: tuple[Button, ...] = ()


@dataclass(frozen=True, slots=True)
class Template:
    """What stands in for the text when the reply window is closed: a configured template's name and its fields."""

    name: str
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Message:
    """`text` works alone, always. `pictures` are ids of kept media; `mention` userids; `kind` is for history and priority.

    `reserve`: may use the last message of a resident's window (a result, an answer he waits for).
    """

    kind: str
    text: str
    card: Card | None = None
    choices: tuple[Choice, ...] = ()
    pictures: tuple[int, ...] = ()
    mention: tuple[str, ...] = ()
    template: Template | None = None
    urgent: bool = False
    reserve: bool = False


def render_body(message: Message) -> dict[str, Any]:
    """The message as JSON for the outbox; written out, since `asdict` copies deeply and each case makes one or two."""
    return {
        "kind": message.kind,
        "text": message.text,
        "card": _render_card(message.card) if message.card else None,
        "choices": [{"reply": choice.reply, "text": choice.text} for choice in message.choices],
        "pictures": list(message.pictures),
        "mention": list(message.mention),
        "template": _render_template(message.template) if message.template else None,
        "urgent": message.urgent,
        "reserve": message.reserve,
    }


def _render_card(card: Card) -> dict[str, Any]:
    return {
        "task_id": card.task_id,
        "title": card.title,
        "lines": [list(line) for line in card.lines],
        "buttons": [{"key": button.key, "text": button.text, "style": button.style} for button in card.buttons],
    }


def _render_template(template: Template) -> dict[str, Any]:
    return {"name": template.name, "fields": dict(template.fields)}


def parse_body(body: Mapping[str, Any]) -> Message:
    """The message back from its outbox JSON."""
    card, template = body.get("card"), body.get("template")
    return Message(
        kind=body["kind"],
        text=body["text"],
        card=_parse_card(card) if card else None,
        choices=tuple(Choice(**choice) for choice in body["choices"]),
        pictures=tuple(body["pictures"]),
        mention=tuple(body["mention"]),
        template=Template(template["name"], template["fields"]) if template else None,
        urgent=body["urgent"],
        reserve=body["reserve"],
    )


def _parse_card(card: Mapping[str, Any]) -> Card:
    return Card(
        task_id=card["task_id"],
        title=card["title"],
        lines=tuple((name, value) for name, value in card["lines"]),
        buttons=tuple(Button(**button) for button in card["buttons"]),
    )
