"""Pictures as the webhook's bodies, encoded once where one picture goes to many groups."""

from collections import OrderedDict

import orjson

from bot.ports import Picture
from bot.workgroup.layout import render_webhook_image

# Those under way at one time: a notice's few pictures. What differs from group to group is never asked for twice.
_KEPT = 4


class ReadyBodies:
    """The last few bodies by picture. A picture is known by being the very same object: comparing megabytes would cost as much."""

    def __init__(self, kept: int = _KEPT) -> None:
        self._kept = kept
        self._bodies: OrderedDict[int, tuple[Picture, bytes]] = OrderedDict()

    def make(self, picture: Picture) -> bytes:
        """The body, ready to post. Raises `PictureUnfit`."""
        held = self._bodies.get(id(picture))
        if held is not None and held[0] is picture:
            return held[1]
        body = orjson.dumps(render_webhook_image(picture))
        self._bodies[id(picture)] = (picture, body)
        if len(self._bodies) > self._kept:
            self._bodies.popitem(last=False)
        return body

    def forget(self) -> None:
        """Keep nothing: a picture was erased."""
        self._bodies.clear()
