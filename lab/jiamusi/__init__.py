"""The real divisions of Jiamusi (2023), as `china-division` publishes them; see the README beside this file."""

import csv
from dataclasses import dataclass
from importlib.resources import files

ROOT_CODE = "2308"
ROOT_NAME = "佳木斯市"


@dataclass(frozen=True, slots=True)
class Division:
    """A real division: its statistical code, its parent's code and its name as published."""

    code: str
    parent_code: str
    name: str


def list_districts() -> list[Division]:
    """The ten districts, counties and county-level cities."""
    return _read("areas.csv", "cityCode")


def list_streets() -> list[Division]:
    """Streets, towns, townships and state farms, 138 in all."""
    return _read("streets.csv", "areaCode")


def list_villages() -> list[Division]:
    """Communities and villages, 1,529 in all."""
    return _read("villages.csv", "streetCode")


def _read(name: str, parent: str) -> list[Division]:
    text = files(__name__).joinpath(name).read_text(encoding="utf-8")
    return [Division(row["code"], row[parent], row["name"]) for row in csv.DictReader(text.splitlines())]
