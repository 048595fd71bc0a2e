"""Workers: they take cases soon, late, for somebody else's grid, or never; and bring them to an end."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from lab.city_rows import PersonRow
from lab.simulate import texts
from lab.simulate.habits import Temper
from lab.simulate.town import Heard, Town
from storage.columns import AreaLevel, PostRole


@dataclass(frozen=True, slots=True)
class Task:
    """A case in somebody's hands: where he speaks of it (None: in single chat)."""

    number: str
    userid: str
    chat: str | None
    urgent: bool


class Workers:
    """Everybody in the work groups."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._grids = [area.code for area in town.city.areas if area.level == AreaLevel.GRID]
        self._tasks: dict[str, Task] = {}
        self._departments = [group.name for group in town.city.groups if group.kind == "department"]

    async def hear(self, heard: Heard) -> None:
        """A case comes to a group, or to somebody alone."""
        if heard.kind != "dispatch":
            return
        kind, _, name = heard.target.partition(":")
        if kind == "worker":
            self._plan(Task(heard.number, name, None, heard.urgent))
            return
        group = self._town.group(name)
        person = self._choose(group.area_code) if group is not None else None
        if group is not None and person is not None:
            self._plan(Task(heard.number, person.userid, group.key, heard.urgent))

    async def patrol(self) -> None:
        """Somebody walks his grid and reports what he sees, several things in one message; nobody waits for those."""
        town, rng = self._town, self._town.rng
        grid = rng.choice(self._grids)
        group, person = town.group(f"grid-{grid}"), self._choose(grid)
        if group is None or person is None:
            return
        seen = [f"{index}.{rng.randint(1, 12)}{words}" for index, words in enumerate(rng.sample(texts.PATROLS, 2), 1)]
        reply = await town.worker_says(person.userid, group.key, f"上报 {' '.join(seen)}")
        town.tally["patrols"] += "已上报" in reply

    def _choose(self, area: str) -> PersonRow | None:
        """Whoever answers for the area, most often; somebody else there, sometimes."""
        rng = self._town.rng
        staff = [one for one in self._town.staff(area) if not self._town.is_away(one.userid)]
        leads = [one for one in staff if one.role in (PostRole.LEAD, PostRole.COORDINATOR)]
        return rng.choice(leads if leads and rng.random() < 0.7 else staff) if staff else None

    def _plan(self, task: Task) -> None:
        town, habits = self._town, self._town.habits
        self._tasks[task.number] = task
        temper = town.temper(task.userid)
        if temper is Temper.IDLE:
            town.tally["left_lying"] += 1
            return
        median = habits.accepts_slowly_after if temper is Temper.SLOW else habits.accepts_after
        if task.urgent:
            median = habits.accepts_urgent_after
        town.later(town.about(median), lambda: self.take(task), in_office=not task.urgent)

    def nudge(self, number: str, area: str) -> None:
        """Somebody is told to see to a case: he takes it if nobody has, and brings it to an end."""
        town, task = self._town, self._tasks.get(number)
        if task is None:
            person = self._choose(area)
            if person is None:
                return
            task = Task(number, person.userid, None, False)
        town.later(town.about(town.habits.nudged_after), lambda: self._see_to(task), in_office=not task.urgent)

    async def _see_to(self, task: Task) -> None:
        town = self._town
        town.tally["nudged"] += 1
        town.tally["accepted"] += "已接单" in await self._say(task, f"接单 {task.number}")
        town.later(town.about(town.habits.nudged_after), lambda: self.resolve(task), in_office=not task.urgent)

    async def take(self, task: Task) -> None:
        """He takes the case, or hands it on."""
        town, habits = self._town, self._town.habits
        sloppy = town.temper(task.userid) is Temper.SLOPPY
        if task.chat and town.chance(habits.passes_on_sloppy if sloppy else habits.passes_on):
            await self._pass_on(task)
        elif "已接单" in await self._say(task, f"接单 {task.number}"):
            town.tally["accepted"] += 1
            self._plan_work(task)

    async def _pass_on(self, task: Task) -> None:
        town = self._town
        if town.chance(0.5):
            reply = await self._say(task, f"退回 {task.number} {town.rng.choice(texts.RETURNS)}")
            town.tally["returned"] += "已退回" in reply
            return
        grid = town.rng.choice(self._grids)
        reply = await self._say(task, f"转派 {task.number} {grid} {town.rng.choice(texts.WRONG)}")
        town.tally["transferred"] += "已转派" in reply

    def _plan_work(self, task: Task) -> None:
        town, habits = self._town, self._town.habits
        slow = town.temper(task.userid) is Temper.SLOW
        median = habits.resolves_slowly_after if slow else habits.resolves_after
        length = town.about(habits.resolves_urgent_after if task.urgent else median)
        steps: tuple[tuple[float, float, Callable[[Task], str]], ...] = (
            (habits.reports_work, 0.3, self._progress),
            (habits.asks, 0.2, self._question),
            (habits.extends, 0.5, self._extension),
            (habits.whistles, 0.4, self._whistle),
            (habits.suspends, 0.6, self._suspension),
        )
        for probability, part, words in steps:
            if town.chance(probability):
                self._plan_saying(task, length * part, words)
        town.later(length, lambda: self.resolve(task), in_office=not task.urgent)

    def _plan_saying(self, task: Task, delay: timedelta, words: Callable[[Task], str]) -> None:
        async def say() -> None:
            await self._say(task, words(task))

        self._town.later(delay, say, in_office=not task.urgent)

    def _progress(self, task: Task) -> str:
        return f"处置 {task.number} {self._town.rng.choice(texts.PROGRESS)}"

    def _question(self, task: Task) -> str:
        return f"问 {task.number} {self._town.rng.choice(texts.QUESTIONS)}"

    def _extension(self, task: Task) -> str:
        self._town.tally["extensions"] += 1
        return f"延期 {task.number} {self._town.rng.choice(('2天', '2工作日', '3工作日'))} {self._town.rng.choice(texts.WAITS)}"

    def _whistle(self, task: Task) -> str:
        self._town.tally["whistles"] += 1
        name = self._town.rng.choice(self._departments).removesuffix("席位群")
        return f"吹哨 {task.number} {name[-5:] if len(name) > 5 else name} {self._town.rng.choice(texts.WHISTLES)}"

    def _suspension(self, task: Task) -> str:
        self._town.tally["suspensions"] += 1
        return f"挂起 {task.number} {self._town.rng.choice(texts.SUSPENDS)}"

    async def resolve(self, task: Task) -> None:
        """He says that it is done."""
        reply = await self._say(task, f"办结 {task.number} {self._town.rng.choice(texts.RESULTS)}")
        self._town.tally["resolved"] += "办结" in reply and "【工单" in reply

    async def _say(self, task: Task, text: str) -> str:
        return await self._town.worker_says(task.userid, task.chat, text)
