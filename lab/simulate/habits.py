"""How often people do what: one place for every probability and delay of a simulation."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from random import Random


class Temper(StrEnum):
    """What a worker is like. Idle: he never acts by himself."""

    PROMPT = "prompt"
    SLOW = "slow"
    SLOPPY = "sloppy"
    IDLE = "idle"


CASES_A_DAY = {"street": 12.0, "district": 36.0, "city": 120.0}
"""How many matters residents tell on an ordinary day, where nothing else is asked for."""


@dataclass(frozen=True, slots=True)
class Habits:
    """Probabilities from 0 to 1, and medians of delays. `a_day`: matters told on an ordinary day; `patrols`: patrols for each of them."""

    a_day: float = 12.0
    patrols: float = 0.08
    # residents
    by_scene: float = 0.7
    returning: float = 0.25
    urgent: float = 0.06
    vague: float = 0.1
    duplicate: float = 0.05
    conduct: float = 0.01
    photo: float = 0.25
    says_place: float = 0.75
    leaves_phone: float = 0.4
    answers_worker: float = 0.7
    urges: float = 0.3
    withdraws: float = 0.02
    rates_good: float = 0.38
    rates_fair: float = 0.07
    rates_poor: float = 0.05
    says_not_fixed: float = 0.05
    # workers
    tempers: tuple[tuple[Temper, float], ...] = (
        (Temper.PROMPT, 0.62),
        (Temper.SLOW, 0.24),
        (Temper.SLOPPY, 0.08),
        (Temper.IDLE, 0.06),
    )
    away: float = 0.06
    says_away: float = 0.5
    passes_on: float = 0.04
    passes_on_sloppy: float = 0.35
    reports_work: float = 0.35
    asks: float = 0.08
    extends: float = 0.1
    suspends: float = 0.03
    whistles: float = 0.06
    # superiors
    silent_department: float = 0.35
    ignores_sheet: float = 0.3
    heeds_reminder: float = 0.3
    drives_after_sheet: float = 0.5
    signs: float = 0.5
    writes_off: float = 0.8
    calls_back: float = 0.8
    decides_request: float = 0.85
    approves: float = 0.7
    assigns: float = 0.9
    voids: float = 0.05
    finds_fault: float = 0.12
    # medians
    accepts_after: timedelta = timedelta(minutes=25)
    accepts_slowly_after: timedelta = timedelta(hours=6)
    accepts_urgent_after: timedelta = timedelta(minutes=7)
    resolves_after: timedelta = timedelta(hours=20)
    resolves_slowly_after: timedelta = timedelta(hours=70)
    resolves_urgent_after: timedelta = timedelta(hours=2)
    nudged_after: timedelta = timedelta(hours=3)
    urges_after: timedelta = timedelta(hours=40)
    rates_after: timedelta = timedelta(hours=5)
    superior_after: timedelta = timedelta(hours=2)

    def temper(self, rng: Random) -> Temper:
        """One drawn by how often it is met."""
        kinds, weights = zip(*self.tempers, strict=True)
        return Temper(rng.choices(kinds, weights)[0])
