"""The hash chain of a case: what a link covers, and how the links hang together.

A link covers a *digest* of salt and payload, not the payload: erasing both by law leaves the chain whole.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import orjson


def genesis(case_id: int) -> str:
    """What the first link of a case hangs on."""
    return sha256(b"wangge case %d" % case_id).hexdigest()


def new_salt() -> bytes:
    """16 random bytes, so that a short payload cannot be guessed from its digest."""
    return os.urandom(16)


def render_payload(payload: dict[str, Any]) -> str:
    """A payload's one true form: sorted keys, no spaces."""
    return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS).decode()


def digest_of(salt: bytes, payload: str) -> str:
    """The salted digest that stands for a payload in the chain."""
    return sha256(salt + payload.encode()).hexdigest()


def link_hash(previous: str, case_id: int, seq: int, kind: str, at: datetime, actor: str, digest: str) -> str:
    """The hash of one link; `at` counts to the microsecond in UTC."""
    stamp = at.astimezone(UTC).isoformat(timespec="microseconds")
    return sha256("\n".join((previous, str(case_id), str(seq), kind, stamp, actor, digest)).encode()).hexdigest()


def anchor_hash(previous: str, serial: int, made_at: datetime, heads: Iterable[tuple[int, int, str]]) -> str:
    """The seal over `heads` (case id, seq, hash; sorted by case id) on top of the seal before; heads are taken as they come."""
    stamp = made_at.astimezone(UTC).isoformat(timespec="microseconds")
    seal = sha256("\n".join((previous, str(serial), stamp)).encode())
    for case_id, seq, head in heads:
        seal.update(f"\n{case_id} {seq} {head}".encode())
    return seal.hexdigest()
