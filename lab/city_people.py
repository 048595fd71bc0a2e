"""Made workers: 1+6+N in the grids, coordinators and conduct contacts above them, department seats at the districts."""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from lab.city_areas import EXAMPLE_COMMUNITY, SPECIALISED_COMMUNITY, Community, Tree
from lab.city_names import EXAMPLE_LEAD, Names
from lab.city_rows import AreaRow, PersonRow
from nlp.reading import Category
from storage.columns import AreaKind, AreaLevel, PostRole, WorkerStatus

EXAMPLE_GRID = f"{EXAMPLE_COMMUNITY}-03"
NOBODY_GRID = "230803007002-02"
"""A vacancy on purpose: no worker at all."""
AWAY_GRID = "230803007004-02"
"""The other vacancy: its lead is away and nobody stands in."""

_EXAMPLE_SERIAL = 12
DEPARTMENTS: tuple[tuple[str, str, tuple[Category, ...]], ...] = (
    ("organisation", "组织部", (Category.PARTY_BUILDING,)),
    ("justice", "司法局", (Category.DISPUTE,)),
    ("civil-affairs", "民政局", (Category.LIVELIHOOD,)),
    ("human-resources", "人社局", (Category.LIVELIHOOD,)),
    ("police", "公安局", (Category.PUBLIC_SECURITY,)),
    ("fire", "消防救援大队", (Category.PUBLIC_SECURITY,)),
    ("housing", "住建局", (Category.URBAN_PROPERTY,)),
    ("city-management", "城管执法局", (Category.LAW_ENFORCEMENT,)),
    ("market", "市场监督管理局", (Category.LAW_ENFORCEMENT,)),
)
"""席位制: key, name and categories of each department's seat at a district."""


@dataclass
class _Register:
    """Hands out userid, name and phone, each once; the phones are all of the form 138000xxxxx."""

    names: Names
    serial: int = 0
    workers: int = 0

    def hire(self) -> tuple[str, str, str]:
        self.serial += 1
        if self.serial == _EXAMPLE_SERIAL:
            self.serial += 1
        self.workers += 1
        return _identity(self.serial, self.names.person())


def _identity(serial: int, name: str) -> tuple[str, str, str]:
    return f"w{serial:05d}", name, f"138000{serial:05d}"


def make_people(
    tree: Tree, communities: Sequence[Community], names: Names, rng: Random, workers: int
) -> list[PersonRow]:
    """Exactly `workers` workers; some hold several posts, so there are more rows."""
    register = _Register(names)
    people = _above(tree, communities, register)
    for community in communities:
        people += _leads(community, register)
        people += _specialists(community, register, rng)
    people += _part_timers(communities, register, rng, workers - register.workers)
    return people


def _above(tree: Tree, communities: Sequence[Community], register: _Register) -> list[PersonRow]:
    people: list[PersonRow] = []
    for area in (*tree.upper, *(community.area for community in communities)):
        people.append(PersonRow(*register.hire(), area.code, PostRole.COORDINATOR))
        if area.level != AreaLevel.CITY:
            people.append(PersonRow(*register.hire(), area.code, PostRole.CONDUCT))
        if area.level == AreaLevel.DISTRICT:
            people += _seats(area, register)
    return people


def _seats(area: AreaRow, register: _Register) -> list[PersonRow]:
    rows = []
    for _, _, categories in DEPARTMENTS:
        who = register.hire()
        rows += [PersonRow(*who, area.code, PostRole.DEPARTMENT, category) for category in categories]
    return rows


def _leads(community: Community, register: _Register) -> list[PersonRow]:
    rows = []
    for grid in community.grids:
        if grid.code == EXAMPLE_GRID:
            register.workers += 1
            rows.append(PersonRow(*_identity(_EXAMPLE_SERIAL, EXAMPLE_LEAD), grid.code, PostRole.LEAD))
        elif grid.code != NOBODY_GRID:
            status = WorkerStatus.AWAY if grid.code == AWAY_GRID else WorkerStatus.ACTIVE
            rows.append(PersonRow(*register.hire(), grid.code, PostRole.LEAD, status=status))
    return rows


def _specialists(community: Community, register: _Register, rng: Random) -> list[PersonRow]:
    """In half of the urban communities, one to three categories; one specialist serves two to four grids."""
    grids = [grid for grid in community.ordinary if not _is_kept_bare(grid)]
    lucky = rng.random() < 0.5
    if (
        community.area.kind != AreaKind.URBAN
        or len(grids) < 2
        or not (lucky or community.area.code == SPECIALISED_COMMUNITY)
    ):
        return []
    rows = []
    for category in rng.sample(tuple(Category), rng.randint(1, 3)):
        first = rng.randrange(len(grids) - 1)
        who = register.hire()
        served = grids[first : first + rng.randint(2, 4)]
        rows += [PersonRow(*who, grid.code, PostRole.SPECIALIST, category) for grid in served]
    return rows


def _part_timers(communities: Sequence[Community], register: _Register, rng: Random, wanted: int) -> list[PersonRow]:
    """The N of 1+6+N, spread over the grids by chance; levels 2 to 4."""
    grids = [grid.code for community in communities for grid in community.grids if not _is_vacant(grid)]
    return [
        PersonRow(*register.hire(), rng.choice(grids), PostRole.PART_TIMER, level=rng.randint(2, 4))
        for _ in range(wanted)
    ]


def _is_vacant(grid: AreaRow) -> bool:
    return grid.code in (NOBODY_GRID, AWAY_GRID)


def _is_kept_bare(grid: AreaRow) -> bool:
    # The worked example goes to its lead, so that grid has no specialist either.
    return _is_vacant(grid) or grid.code == EXAMPLE_GRID
