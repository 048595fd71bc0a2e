"""Made work groups: one per grid in general, one per community, street and district, department seats, a duty group at the root."""

from collections.abc import Iterator, Sequence
from random import Random

from lab.city_areas import SPECIALISED_COMMUNITY, Community, Tree
from lab.city_people import AWAY_GRID, DEPARTMENTS, EXAMPLE_GRID, NOBODY_GRID
from lab.city_rows import AreaRow, GroupRow
from nlp.reading import Category
from storage.columns import AreaKind, AreaLevel, Channel, GroupKind

# Whatever the seed, every size has a grid without a group and one with a webhook beside the bot.
_SHARING_GRID = "230803007005-02"
_WEBHOOK_GRID = "230803007006-01"
_OWN_GROUP = (EXAMPLE_GRID, NOBODY_GRID, AWAY_GRID, _WEBHOOK_GRID)


def make_groups(tree: Tree, communities: Sequence[Community], rng: Random) -> list[GroupRow]:
    """All groups, none of them bound yet."""
    rows = [row for area in tree.upper for row in _of_upper(area)]
    for community in communities:
        area = community.area
        rows.append(GroupRow(f"community-{area.code}", f"{area.name}网格工作群", area.code))
        if _is_specialised(community, rng):
            rows.append(_specialised(area))
        rows += [_of_grid(area, grid, rng) for grid in community.grids if _has_own(grid, rng)]
    return rows


def _of_upper(area: AreaRow) -> Iterator[GroupRow]:
    if area.level == AreaLevel.CITY:
        yield GroupRow(f"duty-{area.code}", f"{area.name}值班群", area.code, GroupKind.DUTY)
        return
    yield GroupRow(f"{area.level}-{area.code}", f"{area.name}指挥调度群", area.code)
    if area.level == AreaLevel.DISTRICT:
        for key, name, categories in DEPARTMENTS:
            code = f"department-{area.code}-{key}"
            yield GroupRow(code, f"{area.name}{name}席位群", area.code, GroupKind.DEPARTMENT, ",".join(categories))


def _is_specialised(community: Community, rng: Random) -> bool:
    lucky = rng.random() < 0.05
    return community.area.kind == AreaKind.URBAN and (lucky or community.area.code == SPECIALISED_COMMUNITY)


def _specialised(area: AreaRow) -> GroupRow:
    categories = ",".join((Category.URBAN_PROPERTY, Category.LAW_ENFORCEMENT))
    return GroupRow(f"community-{area.code}-works", f"{area.name}城建执法专班群", area.code, categories=categories)


def _has_own(grid: AreaRow, rng: Random) -> bool:
    """Some grids share their community's group."""
    shares = rng.random() < 0.08 or grid.code == _SHARING_GRID
    return grid.code in _OWN_GROUP or grid.kind == AreaKind.EXCLUSIVE or not shares


def _of_grid(area: AreaRow, grid: AreaRow, rng: Random) -> GroupRow:
    key, name = f"grid-{grid.code}", f"{area.name}{grid.name}工作群"
    lucky = rng.random() < 0.1
    if grid.code == EXAMPLE_GRID or not (lucky or grid.code == _WEBHOOK_GRID):
        return GroupRow(key, name, grid.code)
    # A webhook beside the bot: it can mention people, but hears nothing.
    send = rng.choice((Channel.AIBOT, Channel.WEBHOOK))
    return GroupRow(key, name, grid.code, send_via=send, webhook_key=_webhook_key(rng))


def _webhook_key(rng: Random) -> str:
    drawn = f"{rng.getrandbits(128):032x}"
    return "-".join((drawn[:8], drawn[8:12], drawn[12:16], drawn[16:20], drawn[20:]))
