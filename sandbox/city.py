"""Groups and workers of a made city, read from its CSV files."""

import csv
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from sandbox.chats import Chats


def load_city(chats: Chats, directory: Path) -> tuple[int, int]:
    """Reads `people.csv` (userid, name, area_code) and `groups.csv` (chatid or key, name, webhook_key, members or area_code).

    A group whose file names no members holds the people of its area. Members are user ids, divided by space, `;`, `,`, `|`
    or `、`. Absent files are fine. Returns how many workers and groups there are.
    """
    at_home: dict[str, list[str]] = defaultdict(list)
    for row in _rows(directory / "people.csv"):
        if row.get("userid"):
            chats.ensure_worker(row["userid"], row.get("name", ""))
            at_home[row.get("area_code", "")].append(row["userid"])
    for row in _rows(directory / "groups.csv"):
        chatid = row.get("chatid") or row.get("key")
        if chatid:
            _add_group(chats, chatid, row, at_home.get(row.get("area_code") or "-", []))
    return len(chats.workers), len(chats.groups)


def _rows(path: Path) -> Iterator[dict[str, str]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}


def _add_group(chats: Chats, chatid: str, row: dict[str, str], neighbours: list[str]) -> None:
    members = row.get("members", "")
    for mark in ";,|、":
        members = members.replace(mark, " ")
    named = [(userid, chats.ensure_worker(userid).name) for userid in dict.fromkeys(members.split() or neighbours)]
    chats.set_group(chatid, row.get("name", ""), named, None, row.get("webhook_key", ""))
