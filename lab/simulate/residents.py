"""Residents: they report, answer or do not, urge, take back, rate or do not, and some are not content."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta

from lab.mentions import make_mention
from lab.simulate import texts
from lab.simulate.town import Heard, Town, number_in

_RECENT = 40
_MOST_URGES = 3
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Household:
    """Somebody who writes: where he lives, in his own words and as a grid's code."""

    openid: str
    address: str
    grid: str


@dataclass(slots=True)
class Told:
    """A matter as its teller remembers it."""

    household: Household
    text: str
    ended: bool = False
    urges: int = 0
    reopened: int = 0


class Residents:
    """Everybody who has ever written."""

    def __init__(self, town: Town) -> None:
        self._town = town
        self._households: list[Household] = []
        self._recent: list[Told] = []
        self._told: dict[tuple[str, str], Told] = {}
        self._hearing: dict[str, Callable[[Heard, str], Awaitable[None]]] = {
            "resolved": self._hear_result,
            "question": self._hear_question,
        }

    async def report(self) -> None:
        """Somebody tells a matter, answers what he is asked (or not), and will come back to it (or not)."""
        town, told = self._town, await self._choose()
        household = told.household
        reply = await town.resident_says(household.openid, told.text)
        number = number_in(reply)
        town.tally["told"] += 1
        if number:
            town.homes[number] = household.grid
            self._told[household.openid, number] = told
            self._recent = [*self._recent[-_RECENT:], told]
            self._plan_more(told, number)
        await self._react(household, reply)

    async def _choose(self) -> Told:
        town, habits = self._town, self._town.habits
        if self._recent and town.chance(habits.duplicate):
            first = town.rng.choice(self._recent)
            household = await self._move_in(first.household.address, first.household.grid)
            return Told(household, first.text)
        if self._households and town.chance(habits.returning):
            household = town.rng.choice(self._households)
        else:
            household = await self._move_in(*make_mention(town.city, town.rng))
        return Told(household, self._words(household))

    async def _move_in(self, address: str, grid: str) -> Household:
        town = self._town
        household = Household(f"resident-{len(self._households):06d}", address, grid)
        self._households.append(household)
        if town.chance(town.habits.by_scene):
            await town.resident_follows(household.openid, grid)
        return household

    def _words(self, household: Household) -> str:
        town, habits, rng = self._town, self._town.habits, self._town.rng
        if town.chance(habits.vague):
            return rng.choice(texts.VAGUE)
        if town.chance(habits.conduct):
            return f"{household.address}，{texts.CONDUCT}"
        if town.chance(habits.urgent):
            return f"{household.address}，{rng.choice(texts.URGENT)}"
        kind = rng.choices(tuple(texts.WEIGHTS), tuple(texts.WEIGHTS.values()))[0]
        return f"{household.address}，{rng.choice(texts.MATTERS[kind])}"

    def _plan_more(self, told: Told, number: str) -> None:
        town, habits = self._town, self._town.habits
        if town.chance(habits.photo):
            town.later(_MINUTE / 2, lambda: self._show(told))
        if town.chance(habits.urges):
            town.later(town.about(habits.urges_after, 0.5), lambda: self._urge(told, number), in_office=True)
        if town.chance(habits.withdraws):
            town.later(town.about(timedelta(hours=5)), lambda: self._withdraw(told, number))

    async def _show(self, told: Told) -> None:
        await self._town.resident_shows(told.household.openid)

    async def _urge(self, told: Told, number: str) -> None:
        town = self._town
        if told.ended or told.urges >= _MOST_URGES:
            return
        told.urges += 1
        town.tally["urged"] += 1
        await town.resident_says(told.household.openid, f"催办 {number}")
        town.later(town.about(town.habits.urges_after, 0.5), lambda: self._urge(told, number), in_office=True)

    async def _withdraw(self, told: Told, number: str) -> None:
        if told.ended:
            return
        openid = told.household.openid
        if "确定撤销" in await self._town.resident_says(openid, f"撤销 {number}"):
            self._town.tally["withdrawn"] += 1
            await self._town.resident_says(openid, "是")
            told.ended = True

    async def _react(self, household: Household, reply: str) -> None:
        town, habits = self._town, self._town.habits
        if "是不是同一件事" in reply:
            if town.chance(0.6):
                town.later(_MINUTE, lambda: self._say(household, "1" if town.chance(0.8) else "2"))
        elif "请问在哪个小区" in reply:
            if town.chance(habits.says_place):
                town.later(_MINUTE, lambda: self._say(household, household.address))
        elif "回复数字" in reply:
            if town.chance(0.5):
                town.later(_MINUTE, lambda: self._say(household, "1"))
        elif "方便留个电话" in reply and town.chance(habits.leaves_phone):
            phone = f"138000{town.rng.randrange(100_000):05d}"
            town.later(_MINUTE, lambda: self._say(household, phone))

    async def _say(self, household: Household, text: str) -> None:
        reply = await self._town.resident_says(household.openid, text)
        if text == household.address:
            await self._react(household, reply)

    async def hear(self, heard: Heard) -> None:
        """Something arrives on a phone."""
        react = self._hearing.get(heard.kind)
        if react is not None:
            await react(heard, heard.target.removeprefix("oa:"))

    async def _hear_result(self, heard: Heard, openid: str) -> None:
        town, habits, number = self._town, self._town.habits, heard.number
        told = self._told.get((openid, number))
        if told is not None:
            told.ended = True
        weights = (habits.rates_good, habits.rates_fair, habits.rates_poor, habits.says_not_fixed)
        words = town.rng.choices(("1", "2", "3", "没修好", ""), (*weights, 1 - sum(weights)))[0]
        if words and not (words == "没修好" and told is not None and told.reopened >= 2):
            town.later(town.about(habits.rates_after), lambda: self._rate(openid, number, words))

    async def _rate(self, openid: str, number: str, words: str) -> None:
        town = self._town
        told = self._told.get((openid, number))
        if words == "没修好":
            reply = await town.resident_says(openid, f"没修好 {number}")
            if "重新派单" in reply and told is not None:
                told.ended, told.reopened = False, told.reopened + 1
                town.tally["not_fixed"] += 1
            return
        reply = await town.resident_says(openid, words)
        town.tally["rated"] += "评价" in reply or "抱歉" in reply
        if words == "3" and "哪里没办好" in reply and town.chance(0.7):
            town.later(_MINUTE, lambda: self._give_reason(openid))

    async def _give_reason(self, openid: str) -> None:
        await self._town.resident_says(openid, self._town.rng.choice(texts.POOR))

    async def _hear_question(self, heard: Heard, openid: str) -> None:
        town = self._town
        if town.chance(town.habits.answers_worker):
            words = town.rng.choice(texts.ANSWERS)
            town.later(town.about(timedelta(minutes=20)), lambda: self._answer(openid, words))

    async def _answer(self, openid: str, words: str) -> None:
        await self._town.resident_says(openid, words)
