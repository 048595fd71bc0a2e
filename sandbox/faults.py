"""Faults that a test orders: an errcode, an HTTP status, a delay or a cut line, for the next so many calls."""

from collections.abc import Callable
from dataclasses import dataclass

from sandbox.fields import Json, flag_of, number_of, text_of, whole_of

DOORS = ("/oa", "/wecom", "/aibot")


@dataclass(slots=True)
class Fault:
    """What to do with calls whose path starts with `path`.

    `perform`: the call is carried out first and only its answer is lost or replaced, the case that makes senders
    repeat themselves. `left` counts down; None means until cleared.
    """

    path: str
    errcode: int | None
    status: int | None
    latency_seconds: float
    disconnect: bool
    perform: bool
    left: int | None

    def as_json(self) -> Json:
        """As the control API shows it."""
        return {
            "path": self.path,
            "errcode": self.errcode,
            "status": self.status,
            "latency_ms": self.latency_seconds * 1000,
            "disconnect": self.disconnect,
            "perform": self.perform,
            "left": self.left,
        }


def parse_fault(body: Json) -> Fault:
    """A fault from the control API's JSON; `count` absent means once, 0 or null until cleared. Raises ValueError."""
    if not text_of(body, "path").startswith("/"):
        raise ValueError("path must start with /")
    count = whole_of(body, "count") if "count" in body else 1
    return Fault(
        path=text_of(body, "path"),
        errcode=whole_of(body, "errcode") if body.get("errcode") is not None else None,
        status=whole_of(body, "status") if body.get("status") is not None else None,
        latency_seconds=number_of(body, "latency_ms") / 1000,
        disconnect=flag_of(body, "disconnect"),
        perform=flag_of(body, "perform"),
        left=count or None,
    )


class Faults:
    """The faults that are set; the first that matches is used up first."""

    def __init__(self) -> None:
        self.active: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Sets one more fault."""
        self.active.append(fault)

    def clear(self) -> None:
        """Removes all faults."""
        self.active.clear()

    def take(self, path: str, fits: Callable[[Fault], bool] | None = None) -> Fault | None:
        """The first fault for this call, counted down; its path may be with or without `/oa`, `/wecom`.

        `fits` narrows the choice: a WebSocket's handshake takes HTTP statuses, its frames all the others.
        """
        for fault in self.active:
            if _is_under(path, fault.path) and (fits is None or fits(fault)):
                self._use(fault)
                return fault
        return None

    def _use(self, fault: Fault) -> None:
        if fault.left is None:
            return
        fault.left -= 1
        if fault.left <= 0:
            self.active.remove(fault)


def _is_under(path: str, prefix: str) -> bool:
    return path.startswith(prefix) or any(path.startswith(door + prefix) for door in DOORS)
