"""热点: what grows in the areas that a coordinator steers."""

from grid.heat import NOW_DAYS, Heat, first_day, list_hot
from grid.wording import category_name
from handlers.reply import Said
from handlers.talk import WorkerTalk
from handlers.worker.answers import is_coordinator, refuse, tell
from handlers.worker.commands import Command
from storage.columns import PostRole

_LISTED = 10


async def hear_heat(talk: WorkerTalk, command: Command) -> Said:
    """热点: for a coordinator, of all his areas; in a group only of what lies in the group's own area too."""
    areas = _list_areas(talk) if is_coordinator(talk) else []
    if not areas:
        return refuse("热点由本区域的指挥员查看。")
    city, today = talk.desk.city, talk.desk.today
    counts = [
        count for area in areas for count in await talk.books.count_themes(_path(talk, area), first_day(today), today)
    ]
    hot = list_hot(city, dict.fromkeys(counts), today)
    names = "、".join(city.area_name(area) for area in areas)
    if not hot:
        return tell(f"{names}近{NOW_DAYS}天没有明显增多的事项。", "listed")
    lines = [_line(talk, heat) for heat in hot[:_LISTED]]
    more = [f"还有{len(hot) - _LISTED}项。"] if len(hot) > _LISTED else []
    return tell("\n".join([f"{names}热点（近{NOW_DAYS}天，与此前四周平均相比）：", *lines, *more]), "listed")


def _list_areas(talk: WorkerTalk) -> list[str]:
    """The areas he steers, the outermost of each line; where a group listens, no more than the group's."""
    city, person = talk.desk.city, talk.person
    seats = city.posts_of.get(person.id, ()) if person is not None else ()
    own = [seat.area for seat in seats if seat.role is PostRole.COORDINATOR and seat.area in city.areas]
    if talk.group is not None:
        here = talk.group.area
        if any(city.is_inside(here, area) for area in own):
            return [here]
        own = [area for area in own if city.is_inside(area, here)]
    return [area for area in dict.fromkeys(own) if not any(city.is_inside(area, up) for up in own if up != area)]


def _path(talk: WorkerTalk, area: str) -> str:
    return f"/{'/'.join(reversed(talk.desk.city.areas[area].chain))}/"


def _line(talk: WorkerTalk, heat: Heat) -> str:
    where = talk.desk.city.area_name(heat.area)
    what = f"{category_name(heat.category)}·{heat.theme}"
    return f"{where} {what}：{heat.now}件，平时{heat.usual:g}件，约{heat.growth:g}倍"
