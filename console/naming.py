"""Lists to choose from on the page, and areas by the name that somebody typed."""

from console.offers import Option
from console.visitors import Visitor
from grid.city import AreaNode
from grid.departments import list_department_names
from grid.desk import Desk
from grid.workflow import Refusal
from nlp.reading import Category
from storage.columns import AreaLevel
from storage.tables import Case

_MOST_AREAS = 120
_MOST_NAMED = 4


def category_options(case: Case, *, prefix: str = "category:", heading: str = "其他类别") -> tuple[Option, ...]:
    """The categories that the case does not have already."""
    others = [category for category in Category if category.value != case.category]
    return tuple(Option(f"{prefix}{category.value}", category.label, heading) for category in others)


def area_options(desk: Desk, visitor: Visitor) -> tuple[Option, ...]:
    """The grids of the same street, by community: those of the case's own community first."""
    city, code = desk.city, visitor.case.area_code
    if code is None or code not in city.areas:
        return ()
    chain = list(city.list_chain(code))
    street = next((node.code for node in chain if node.level is AreaLevel.STREET), chain[-1].code)
    own = {node.code for node in chain}
    near = [node for node in city.list_grids() if node.code != code and city.is_inside(node.code, street)]
    near.sort(key=lambda node: (node.parent not in own, node.parent or "", node.code))
    return tuple(_area_option(desk, node) for node in near[:_MOST_AREAS])


def _area_option(desk: Desk, node: AreaNode) -> Option:
    parent = desk.city.areas.get(node.parent or "")
    return Option(f"area:{node.code}", desk.city.area_name(node.code), parent.name if parent else "网格")


def department_options(desk: Desk, case: Case) -> tuple[Option, ...]:
    """The departments that can be called to the case."""
    return tuple(Option(name, name) for name in list_department_names(desk.city, case.area_code))


def find_named_area(desk: Desk, case: Case, name: str) -> AreaNode | Refusal:
    """The area called `name`; a refusal that says what to write where none or several are."""
    found = desk.city.find_area_by_name(name, case.area_code) if name else []
    if not found:
        return Refusal("没有找到这个网格，请写全名，例如：文采社区第三网格。")
    if len(found) > 1:
        names = "、".join(f"{_full_name(desk, node)}（{node.code}）" for node in found[:_MOST_NAMED])
        return Refusal(f"有{len(found)}个叫这个名字的区域：{names}。请填括号里的编号。")
    return found[0]


def _full_name(desk: Desk, node: AreaNode) -> str:
    above = desk.city.areas.get(node.parent or "")
    outer = desk.city.areas.get(above.parent or "") if above else None
    return f"{outer.name if outer else ''}{desk.city.area_name(node.code)}"
