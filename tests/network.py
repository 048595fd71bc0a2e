"""The guard that keeps tests on this machine.

It is an audit hook, not a patched socket: the interpreter reports every connect, datagram and name look-up of its own socket module,
whoever calls it and however it was imported. A refused call raises `OutsideCall`; since code under test may catch that, the call is
also noted, and `tests/conftest.py` fails the test in which it happened.
Beyond its reach: child processes, and the sockets of uvloop (tests run on asyncio's loop).
"""

import ipaddress
import socket
import sys
from typing import Any

_HERE = frozenset({"", "localhost", "0.0.0.0", "::"})
_INTERNET = (socket.AF_INET, socket.AF_INET6)


class OutsideCall(BaseException):
    """A test tried to leave this machine. Not an `Exception`, so that `except Exception` does not swallow it."""


class NetworkGuard:
    """Refuses and notes what goes beyond loopback and Unix sockets."""

    def __init__(self) -> None:
        self._seen: list[str] = []

    def install(self) -> None:
        """Watch this process until it ends; an audit hook cannot be taken out again."""
        sys.addaudithook(self._hook)

    def take_seen(self) -> list[str]:
        """What was refused since the last call."""
        seen, self._seen = self._seen, []
        return seen

    def _hook(self, event: str, args: tuple[Any, ...]) -> None:
        if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
            self._check_address(event, *args)
        elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
            self._check_host(event, args[0])

    def _check_address(self, event: str, sock: socket.socket, address: Any) -> None:
        if sock.family in _INTERNET and address is not None:
            self._check_host(event, address[0])

    def _check_host(self, event: str, host: str | bytes | None) -> None:
        if not is_here(host):
            self._seen.append(f"{event} {host!r}")
            raise OutsideCall(f"{event} {host!r}: tests stay on this machine")


def is_here(host: str | bytes | None) -> bool:
    """Whether `host` is this machine itself: a loopback address, `localhost`, or the any-address of a listening socket."""
    name = host.decode("ascii", "replace") if isinstance(host, bytes) else host or ""
    if name in _HERE:
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
