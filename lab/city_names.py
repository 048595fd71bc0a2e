"""Invented names: estates, roads, hamlets, landmarks, people. A pool gives each name once and never runs dry."""

import tomllib
from importlib.resources import files
from itertools import count, product
from random import Random

RESERVED_ESTATES = ("阳光水岸", "幸福家园")
"""Given out by hand: the estate of the worked example, and the one name that stands in two communities on purpose."""

EXAMPLE_LEAD = "王芳"
"""The lead of the worked example's grid; nobody else has her name."""


class NamePool:
    """Every combination once, in an order drawn by `rng`; afterwards again with 二期, 三期 … behind."""

    def __init__(self, rng: Random, *parts: list[str], taken: tuple[str, ...] = ()) -> None:
        self._names = [name for name in map("".join, product(*parts)) if name not in taken]
        rng.shuffle(self._names)
        self._issued = count()

    def take(self) -> str:
        """The next name."""
        round_, index = divmod(next(self._issued), len(self._names))
        return self._names[index] + (f"{'二三四五六七八九'[(round_ - 1) % 8]}期" if round_ else "")


class Names:
    """All pools of one city; the parts stand in `city_names.toml`."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._parts = _read_parts()
        self.estates = self._pool("estate_heads", "estate_tails", taken=RESERVED_ESTATES)
        self.compounds = self._pool("compound_owners", "compound_heads", "compound_tails")
        self.roads = self._pool("road_heads", "road_middles", "road_tails")
        self.hamlets = self._pool("hamlet_heads", "hamlet_middles", "hamlet_tails")
        self.landmarks = self._pool("landmark_heads", "road_middles", "landmark_tails")
        self._exclusive = [
            self._pool("road_heads", "road_middles", tails)
            for tails in ("school_tails", "hospital_tails", "market_tails")
        ]

    def exclusive(self) -> str:
        """A school, hospital or market that is a grid of its own."""
        return self._rng.choice(self._exclusive).take()

    def person(self) -> str:
        """A made name of two or three characters; never that of the worked example."""
        while True:
            name = self._rng.choice(self._parts["surnames"]) + self._given()
            if name != EXAMPLE_LEAD:
                return name

    def _given(self) -> str:
        second = self._rng.choice(self._parts["given_second"])
        return second if self._rng.random() < 0.3 else self._rng.choice(self._parts["given_first"]) + second

    def _pool(self, *keys: str, taken: tuple[str, ...] = ()) -> NamePool:
        return NamePool(self._rng, *(self._parts[key] for key in keys), taken=taken)


def _read_parts() -> dict[str, list[str]]:
    return tomllib.loads(files("lab").joinpath("city_names.toml").read_text(encoding="utf-8"))
