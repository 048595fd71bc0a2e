"""Superiors and departments: they answer what is asked of them, late, in part, or never.

A message that wants something says what to write; these people read that and write it.
"""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from lab.simulate import texts
from lab.simulate.habits import Temper
from lab.simulate.town import Heard, Town
from storage.columns import GroupKind, PostRole

_SAYING = re.compile(r"“(?:@\S+ )?([^”]+)”")
_SOON = timedelta(minutes=20)


@dataclass(frozen=True, slots=True)
class Room:
    """Where something was heard: a group, or (`userid`) somebody's single chat."""

    area: str
    chat: str | None
    kind: str = "work"
    categories: str = ""
    userid: str | None = None


Hear = Callable[[Heard, Room], Awaitable[None]]
Nudge = Callable[[str, str], None]
"""Somebody is told to see to a case of this number; the area of whoever says so."""


def list_sayings(text: str) -> list[str]:
    """What a message proposes to write, without the bot's name: `同意 延期 1123-08`."""
    return _SAYING.findall(text)


class Superiors:
    """Whoever sits above the grids, and in the departments."""

    def __init__(self, town: Town, nudge: Nudge) -> None:
        self._town, self._nudge = town, nudge
        self._hearing: dict[str, Hear] = {
            "alert": self._hear_alert,
            "check": self._hear_check,
            "request": self._hear_request,
            "whistle": self._hear_whistle,
            "whistle_late": self._hear_whistle,
            "reminder": self._hear_reminder,
            "sheet": self._hear_sheet,
            "sheet_over": self._hear_sheet_over,
            "callback": self._hear_callback,
            "callback_late": self._hear_callback,
        }

    async def hear(self, heard: Heard) -> None:
        """Something arrives in a group, or in a superior's single chat."""
        react, room = self._hearing.get(heard.kind), self._find_room(heard.target)
        if react is not None and room is not None and heard.number:
            await react(heard, room)

    def _find_room(self, target: str) -> Room | None:
        kind, _, name = target.partition(":")
        if kind == "worker":
            return Room("", None, userid=name)
        group = self._town.group(name)
        return Room(group.area_code, group.key, group.kind, group.categories) if group is not None else None

    def _choose(self, room: Room) -> str | None:
        if room.userid is not None:
            return room.userid
        role = PostRole.DEPARTMENT if room.kind == GroupKind.DEPARTMENT else PostRole.COORDINATOR
        staff = self._town.staff(room.area, role)
        if role is PostRole.DEPARTMENT:
            staff = [one for one in staff if one.category in room.categories.split(",")]
        present = [one.userid for one in staff if not self._town.is_away(one.userid)]
        return self._town.rng.choice(present) if present else None

    def _plan(self, room: Room, text: str, delay: timedelta, tally: str, *, urgent: bool = False) -> None:
        """Somebody there writes `text` after `delay`; one who never acts does not."""
        userid = self._choose(room)
        if userid is None or self._town.temper(userid) is Temper.IDLE:
            return

        async def say() -> None:
            self._town.tally[tally] += 1
            await self._town.worker_says(userid, room.chat, text)

        self._town.later(self._town.about(delay), say, in_office=not urgent)

    async def _hear_alert(self, heard: Heard, room: Room) -> None:
        town = self._town
        grid = town.homes.get(heard.number)
        if grid is None or "指派" not in heard.text or not town.chance(town.habits.assigns):
            return
        if town.chance(town.habits.voids):
            self._plan(room, f"作废 {heard.number} {town.rng.choice(texts.VOIDS)}", _SOON, "voided")
            return
        self._plan(room, f"指派 {heard.number} {grid}", _SOON, "assigned", urgent=heard.urgent)

    async def _hear_check(self, heard: Heard, room: Room) -> None:
        town = self._town
        words = f"核查 通过 {heard.number}"
        if town.chance(town.habits.finds_fault):
            words = f"核查 不通过 {heard.number} {town.rng.choice(texts.FINDINGS)}"
        self._plan(room, words, town.habits.superior_after, "checked")

    async def _hear_request(self, heard: Heard, room: Room) -> None:
        town = self._town
        yes = [saying for saying in list_sayings(heard.text) if saying.startswith("同意")]
        if not yes or not town.chance(town.habits.decides_request):
            return
        words = yes[0] if town.chance(town.habits.approves) else f"不{yes[0]} 请按原时限办理"
        self._plan(room, words, town.habits.superior_after, "decided")

    async def _hear_whistle(self, heard: Heard, room: Room) -> None:
        town = self._town
        if town.chance(town.habits.silent_department):
            return
        for saying in list_sayings(heard.text):
            delay = town.habits.superior_after
            if saying.startswith("报到"):
                self._plan(room, saying, delay, "arrived", urgent=heard.urgent)
            elif saying.startswith("完成"):
                words = saying.replace("处理情况", town.rng.choice(texts.RESULTS))
                self._plan(room, words, delay * 4, "called_done", urgent=heard.urgent)

    async def _hear_reminder(self, heard: Heard, room: Room) -> None:
        """The grid's own people read it: some of them see to it before it is late."""
        for number in heard.numbers:
            if self._town.chance(self._town.habits.heeds_reminder):
                self._nudge(number, room.area)

    async def _hear_sheet(self, heard: Heard, room: Room) -> None:
        town, habits = self._town, self._town.habits
        if town.chance(habits.ignores_sheet):
            town.tally["sheets_ignored"] += 1
            return
        if town.chance(habits.drives_after_sheet):
            self._nudge(heard.number, room.area)
        for saying in list_sayings(heard.text):
            if saying.startswith("签收") and town.chance(habits.signs):
                self._plan(room, saying, _SOON, "sheets_signed", urgent=heard.urgent)
            if saying.startswith("回复督办"):
                words = saying.replace("情况", town.rng.choice(texts.SHEET_ANSWERS))
                self._plan(room, words, habits.superior_after, "sheets_answered", urgent=heard.urgent)

    async def _hear_sheet_over(self, heard: Heard, room: Room) -> None:
        for saying in list_sayings(heard.text):
            if self._town.chance(self._town.habits.writes_off):
                self._plan(room, saying, self._town.habits.superior_after, "sheets_written_off")

    async def _hear_callback(self, heard: Heard, room: Room) -> None:
        town = self._town
        sayings = [saying for saying in list_sayings(heard.text) if saying.startswith("回访")]
        if sayings and town.chance(town.habits.calls_back):
            words = town.rng.choice(sayings).replace("情况", town.rng.choice(texts.CALLED))
            self._plan(room, words, town.habits.superior_after, "called_back")
