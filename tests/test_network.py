"""The guard itself: what stays on this machine passes, all else fails loudly."""

import asyncio
import socket
from pathlib import Path

import pytest

from tests.network import NetworkGuard, OutsideCall, is_here

OUTSIDE = "192.0.2.1"  # a documentation address: nobody answers there


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.8.8.8", "::1", "localhost", "", None, b"127.0.0.1", "0.0.0.0", "::1%lo"]
)
def test_this_machine_is_here(host: str | bytes | None) -> None:
    assert is_here(host)


@pytest.mark.parametrize("host", [OUTSIDE, "api.weixin.qq.com", "localhost.example.com", "2001:db8::1", b"example.com"])
def test_all_else_is_not(host: str | bytes) -> None:
    assert not is_here(host)


def test_a_connection_to_the_outside_is_refused_and_noted(network_guard: NetworkGuard) -> None:
    with socket.socket() as sock, pytest.raises(OutsideCall, match=OUTSIDE):
        sock.connect((OUTSIDE, 80))
    assert network_guard.take_seen() == [f"socket.connect '{OUTSIDE}'"]


def test_a_datagram_and_a_name_are_refused_too(network_guard: NetworkGuard) -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as sock, pytest.raises(OutsideCall):
        sock.sendto(b"x", (OUTSIDE, 53))
    with pytest.raises(OutsideCall):
        socket.getaddrinfo("api.weixin.qq.com", 443)
    assert len(network_guard.take_seen()) == 2


def test_a_swallowed_refusal_is_still_noted(network_guard: NetworkGuard) -> None:
    with socket.socket() as sock:
        try:
            sock.connect((OUTSIDE, 80))
        except BaseException:
            sock.close()
    assert network_guard.take_seen()


def test_loopback_and_unix_sockets_pass(network_guard: NetworkGuard, tmp_path: Path) -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())
    with socket.socket(socket.AF_UNIX) as server, socket.socket(socket.AF_UNIX) as client:
        server.bind(str(tmp_path / "s"))
        server.listen()
        client.connect(str(tmp_path / "s"))
    assert network_guard.take_seen() == []


async def test_the_loop_is_guarded(network_guard: NetworkGuard) -> None:
    with pytest.raises(OutsideCall):
        await asyncio.open_connection(OUTSIDE, 80)
    assert network_guard.take_seen()
