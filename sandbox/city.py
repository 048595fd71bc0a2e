"""Groups and workers of a made city, read from its CSV files."""

import csv
from collections.abc import Iterator
from pathlib import Path

from sandbox.chats import Chats


def load_city(chats: Chats, directory: Path) -> tuple[int, int]:
    """Reads `people.csv` (userid, name) and `groups.csv` (chatid, name, webhook_key, members); absent files are fine.

    Members are user ids, divided by space, `;`, `,`, `|` or `、`. Returns how many workers and groups there are.
    """
    for row in _rows(directory / "people.csv"):
        if row.get("userid"):
            chats.ensure_worker(row["userid"], row.get("name", ""))
    for row in _rows(directory / "groups.csv"):
        if row.get("chatid"):
            _add_group(chats, row)
    return len(chats.workers), len(chats.groups)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}


def _add_group(chats: Chats, row: dict[str, str]) -> None:
    members = row.get("members", "")
    for mark in ";,|、":
        members = members.replace(mark, " ")
    named = [(userid, chats.ensure_worker(userid).name) for userid in members.split()]
    chats.set_group(row["chatid"], row.get("name", ""), named, None, row.get("webhook_key", ""))
