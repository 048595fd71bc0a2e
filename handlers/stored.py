"""An update as the archive keeps it: enough to handle it later exactly as it would have been handled at once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from handlers.update import Door, Event, MediaRef, Point, Quote, Update, UpdateKind


def render_update(update: Update) -> dict[str, Any]:
    """The update as JSON; what is empty is left out."""
    stored: dict[str, Any] = {
        "account": update.account,
        "created_at": update.created_at.isoformat(),
        "chat": update.chat,
        "text": update.text,
        "media": [_render_media(ref) for ref in update.media],
        "menu_id": update.menu_id,
        "req_id": update.req_id,
        "spoken": update.spoken,
    }
    if update.quote is not None:
        stored["quote"] = {"text": update.quote.text, "media": [_render_media(ref) for ref in update.quote.media]}
    if update.point is not None:
        stored["point"] = [update.point.latitude, update.point.longitude, update.point.label]
    if update.event is not None:
        stored["event"] = [update.event.name, update.event.key, dict(update.event.details)]
    return {name: value for name, value in stored.items() if value}


def parse_update(door: str, kind: str, key: str, person: str, stored: Mapping[str, Any]) -> Update:
    """The update back from the columns and the body of its inbound row."""
    quote, point, event = stored.get("quote"), stored.get("point"), stored.get("event")
    return Update(
        door=Door(door),
        kind=UpdateKind(kind),
        key=key,
        person=person,
        account=stored.get("account", ""),
        created_at=datetime.fromisoformat(stored["created_at"]),
        chat=stored.get("chat"),
        text=stored.get("text", ""),
        media=tuple(MediaRef(**ref) for ref in stored.get("media", ())),
        quote=Quote(quote["text"], tuple(MediaRef(**ref) for ref in quote["media"])) if quote else None,
        point=Point(*point) if point else None,
        event=Event(event[0], event[1], event[2]) if event else None,
        menu_id=stored.get("menu_id", ""),
        req_id=stored.get("req_id", ""),
        spoken=stored.get("spoken"),
    )


def _render_media(ref: MediaRef) -> dict[str, str]:
    return {
        "kind": ref.kind,
        "media_id": ref.media_id,
        "url": ref.url,
        "aes_key": ref.aes_key,
        "name": ref.name,
    }
