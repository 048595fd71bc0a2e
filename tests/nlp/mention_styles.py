"""Made mentions of places in the ways people write and speak, each with what a careful listener would make of it.

What is right comes from the made city's own rows, by rules of this file: it shares no code with the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from nlp.reading import PlaceRule
from tests.nlp.mention_atlas import MATTERS, Atlas, Made, community_of, draw, han, make_atlas, wide

PER_STYLE = 14
_SLIPS_FROM = "阳光水春盛金福家园名湖景城府苑庭国居花丽白云晖梧绿兰雅新天龙锦翠松江学清御和安"
_SLIPS_TO = "洋广谁椿胜今富加圆明胡井成付院亭果剧华利百运辉吾律蓝亚心添隆紧脆送将雪青玉合按"
_HOMOPHONES = dict(zip(_SLIPS_FROM, _SLIPS_TO, strict=True))
_TRADITIONAL = str.maketrans("阳园国华丽云绿兰龙东号楼单门汇庄场学医", "陽園國華麗雲綠蘭龍東號樓單門匯莊場學醫")


_ESTATE_STYLES: dict[str, Callable[[str, int, int, int, str], str]] = {
    "号楼与单元": lambda e, b, u, r, m: f"{e}{b}号楼{u}单元{m}",
    "到门牌": lambda e, b, u, r, m: f"{e}{b}号楼{u}单元{r}室{m}",
    "汉字数字": lambda e, b, u, r, m: f"{e}{han(b)}号楼{han(u)}单元{m}",
    "全角": lambda e, b, u, r, m: wide(f"{e}{b}号楼{u}单元") + f"，{m}",
    "栋": lambda e, b, u, r, m: f"我家住在{e}{b}栋{m}",
    "幢": lambda e, b, u, r, m: f"{e}{b}幢{u}单元的{m}",
    "座": lambda e, b, u, r, m: f"{e}{b}座楼下{m}",
    "井号": lambda e, b, u, r, m: f"{e}{b}#楼{m}",
    "短横": lambda e, b, u, r, m: f"{e}{b}-{u}-{r}，{m}",
    "隔开写": lambda e, b, u, r, m: f"{e}，{b}号楼，{u}单元。{m}",
    "空格": lambda e, b, u, r, m: f"{e} {b}号楼 {u}单元 {m}",
    "小区别名": lambda e, b, u, r, m: f"{e.removesuffix('小区')}小区{b}号楼{m}",
    "繁体": lambda e, b, u, r, m: f"{e}{b}号楼{u}单元{m}".translate(_TRADITIONAL),
    "先说事": lambda e, b, u, r, m: f"{m}，麻烦来看看，在{e}{b}号楼",
    "语音连读": lambda e, b, u, r, m: (
        f"喂你好啊那个我是{e}的我们家在{han(b)}号楼{han(u)}单元就是那个{m}都好几天了你们来人看一下呗"
    ),
    "全称": lambda e, b, u, r, m: f"佳木斯市前进区{e}{b}号楼{m}",
    "客气话": lambda e, b, u, r, m: f"您好，我是{e}{b}号楼的业主，想反映一下{m}",
    "对象在旁边": lambda e, b, u, r, m: f"{e}{b}号楼旁边的空地{m}",
}


def list_made(rules: list[PlaceRule], seed: int) -> list[Made]:
    """All mentions of all styles; the same for the same seed."""
    atlas, rng = make_atlas(rules), Random(seed)
    makers = (
        *(_estates, _names_only, _spread, _twins, _roads, _others, _homes, _unknown, _slips),
        *(_set_aside, _in_doubt, _apart, _at_home_elsewhere),
    )
    return [made for maker in makers for made in maker(atlas, rng)]


def _estates(atlas: Atlas, rng: Random) -> Iterator[Made]:
    known = [*atlas.whole, *(rule for some in atlas.spread for rule in some)]
    for style, write in _ESTATE_STYLES.items():
        for rule, building, unit, room, matter in (draw(rng, rng.choice(known)) for _ in range(PER_STYLE)):
            yield Made(style, write(rule.name, building, unit, room, matter), frozenset({rule.area}))


def _names_only(atlas: Atlas, rng: Random) -> Iterator[Made]:
    for rule, *_, matter in (draw(rng, rng.choice(atlas.whole)) for _ in range(PER_STYLE)):
        yield Made("只有小区名", f"{rule.name}{matter}", frozenset({rule.area}))
    for rule in (rng.choice(atlas.landmarks) for _ in range(PER_STYLE)):
        yield Made("地标", f"{rule.name}门口{rng.choice(MATTERS)}", frozenset({rule.area}))
    exclusive = [rule for rule in atlas.landmarks if rule.exclusive]
    for rule in (rng.choice(exclusive) for _ in range(PER_STYLE)):
        yield Made(
            "专属网格", f"{rng.choice((rule.name, *rule.aliases))}后门{rng.choice(MATTERS)}", frozenset({rule.area})
        )


def _spread(atlas: Atlas, rng: Random) -> Iterator[Made]:
    for some in (rng.choice(atlas.spread) for _ in range(PER_STYLE)):
        right = frozenset(rule.area for rule in some)
        yield Made("跨网格没说楼号", f"{some[0].name}{rng.choice(MATTERS)}", right)
    for some in (rng.choice(atlas.spread) for _ in range(PER_STYLE)):
        beyond = max(rule.buildings[1] for rule in some if rule.buildings) + rng.randint(3, 40)
        right = frozenset(rule.area for rule in some)
        yield Made("没有这个楼号", f"{some[0].name}{beyond}号楼{rng.choice(MATTERS)}", right)


def _twins(atlas: Atlas, rng: Random) -> Iterator[Made]:
    for some in (rng.choice(atlas.twins) for _ in range(PER_STYLE)):
        right = frozenset(rule.area for rule in some)
        yield Made("同名小区", f"{some[0].name}{rng.choice(MATTERS)}", right)
    for some in (rng.choice(atlas.twins) for _ in range(PER_STYLE)):
        rule = rng.choice(some)
        community = atlas.communities[community_of(rule)].name
        yield Made("社区加小区", f"{community}的{rule.name}{rng.choice(MATTERS)}", frozenset({rule.area}))


def _roads(atlas: Atlas, rng: Random) -> Iterator[Made]:
    for style, write in {
        "路名门牌": "{road}{door}号",
        "汉字门牌": "{road}{said}号",
        "门牌旁边": "就在{road}{door}号附近",
    }.items():
        for rule in (rng.choice(atlas.roads) for _ in range(PER_STYLE)):
            door = rng.randint(rule.from_number or 1, rule.to_number or 1)
            text = write.format(road=rule.name, door=door, said=han(door)) + rng.choice(MATTERS)
            yield Made(style, text, atlas.at_door(rule.name, door))
    for rule in (rng.choice(atlas.roads) for _ in range(PER_STYLE)):
        right = frozenset(one.area for one in atlas.by_name[rule.name])
        yield Made("只有路名", f"{rule.name}{rng.choice(MATTERS)}", right)


def _others(atlas: Atlas, rng: Random) -> Iterator[Made]:
    for rule in (rng.choice(atlas.villages) for _ in range(PER_STYLE)):
        yield Made("村屯", f"我们{rule.name}{rng.choice(MATTERS)}", frozenset({rule.area}))
    named = [rule for rule in atlas.villages if rule.name.endswith(("村", "屯"))]
    for rule in (rng.choice(named) for _ in range(PER_STYLE)):
        group = han(rng.randint(1, 9))
        yield Made("村与组", f"{rule.name}{group}组{rng.choice(MATTERS)}", frozenset({rule.area}))
    for rule in (rng.choice([*atlas.communities.values()]) for _ in range(PER_STYLE)):
        yield Made("只有社区", f"{rule.name}{rng.choice(MATTERS)}", frozenset({rule.area}))


def _homes(atlas: Atlas, rng: Random) -> Iterator[Made]:
    for style, write in {
        "我家楼下": "我家楼下{matter}",
        "我们单元": "我们单元{matter}",
        "没说小区有楼号": "{building}号楼{unit}单元{matter}",
    }.items():
        for rule, building, unit, _, matter in (draw(rng, rng.choice(atlas.whole)) for _ in range(PER_STYLE)):
            text = write.format(building=building, unit=unit, matter=matter)
            yield Made(style, text, frozenset({rule.area}), rule.area)
    for _, building, unit, _, matter in (draw(rng, rng.choice(atlas.whole)) for _ in range(PER_STYLE)):
        yield Made("没说小区又不知住处", f"{building}号楼{unit}单元{matter}", frozenset())


def _unknown(atlas: Atlas, rng: Random) -> Iterator[Made]:
    names = ("东方明珠花园", "香榭丽舍小区", "凤凰城", "水木清华苑", "万达公馆", "紫荆花园")
    homes = [rule.area for rule in atlas.whole]
    for style, home in (("没有的小区", False), ("没有的小区而知道住处", True)):
        for n in range(PER_STYLE):
            name = names[n % len(names)]
            assert name not in atlas.by_name
            text = f"{name}{rng.randint(1, 20)}号楼{rng.choice(MATTERS)}"
            yield Made(style, text, frozenset(), rng.choice(homes) if home else None)


def _slips(atlas: Atlas, rng: Random) -> Iterator[Made]:
    for _ in range(PER_STYLE):
        rule, building, unit, _, matter = draw(rng, rng.choice(_with_slip(atlas)))
        place = rng.choice([n for n, one in enumerate(rule.name) if n and one in _HOMOPHONES])
        name = rule.name[:place] + _HOMOPHONES[rule.name[place]] + rule.name[place + 1 :]
        right = (
            frozenset({rule.area}) if name not in atlas.by_name else frozenset(one.area for one in atlas.by_name[name])
        )
        yield Made("同音错字", f"{name}{building}号楼{unit}单元{matter}", right)


def _with_slip(atlas: Atlas) -> list[PlaceRule]:
    return [rule for rule in atlas.whole if any(one in _HOMOPHONES for one in rule.name[1:])]


def _set_aside(atlas: Atlas, rng: Random) -> Iterator[Made]:
    """Two places of which only one is meant."""
    for _ in range(PER_STYLE):
        (other, *_), (rule, building, *_, matter) = (draw(rng, one) for one in rng.sample(atlas.whole, 2))
        yield Made("不是甲是乙", f"不是{other.name}，是{rule.name}{building}号楼{matter}", frozenset({rule.area}))
    for _ in range(PER_STYLE):
        rule, building, *_, matter = draw(rng, rng.choice(atlas.whole))
        beside = rng.choice(("对面的", "旁边", "隔壁", "斜对面那个", "附近的"))
        text = f"{rng.choice(atlas.landmarks).name}{beside}{rule.name}{building}号楼{matter}"
        yield Made("地标对面的小区", text, frozenset({rule.area}))
    near = [(road, rule) for rule in atlas.whole for road in atlas.roads if road.area == rule.area]
    for road, rule in (rng.choice(near) for _ in range(PER_STYLE)):
        door = rng.randint(road.from_number or 1, road.to_number or 1)
        _, building, *_, matter = draw(rng, rule)
        yield Made("路名门牌加小区", f"{road.name}{door}号{rule.name}{building}号楼{matter}", frozenset({rule.area}))


def _in_doubt(atlas: Atlas, rng: Random) -> Iterator[Made]:
    """Two places of which either may be meant."""
    for _ in range(PER_STYLE):
        here, there = rng.sample(atlas.whole, 2)
        right = frozenset({here.area, there.area})
        yield Made("提到两处", f"我在{here.name}上班，{there.name}{rng.choice(MATTERS)}", right)
    for _ in range(PER_STYLE):
        rule = rng.choice(atlas.whole)
        community = rng.choice([one for code, one in atlas.communities.items() if code != community_of(rule)])
        text = f"{community.name}的{rule.name}{rng.choice(MATTERS)}"
        yield Made("社区与小区不符", text, frozenset({rule.area, community.area}))


def _apart(atlas: Atlas, rng: Random) -> Iterator[Made]:
    """The name and the building do not stand together, or the building is called otherwise."""
    for style, write in {
        "楼号在后": "{name}{matter}，就是{building}号楼门口那里",
        "楼号在前": "我是{building}号楼的，{name}这边{matter}",
        "第几栋": "{name}第{building}栋{matter}",
        "语音错字": "{name}{building}号楼{unit}单圆{matter}",
    }.items():
        for rule, building, unit, _, matter in (
            draw(rng, rng.choice(rng.choice(atlas.spread))) for _ in range(PER_STYLE)
        ):
            text = write.format(name=rule.name, building=building, unit=unit, matter=matter)
            yield Made(style, text, frozenset({rule.area}))
    for some in (rng.choice(atlas.spread) for _ in range(PER_STYLE)):
        first, last = draw(rng, some[0]), draw(rng, some[-1])
        text = f"{some[0].name}{first[1]}号楼和{last[1]}号楼之间{first[4]}"
        yield Made("跨网格两楼之间", text, frozenset({some[0].area, some[-1].area}))
    for rule in (rng.choice(atlas.whole) for _ in range(PER_STYLE)):
        alike = [one for one in atlas.by_name if one.startswith(rule.name[:2]) and one != rule.name]
        same = frozenset(one.area for name in (rule.name, *alike) for one in atlas.by_name[name])
        is_name = f"{rule.name[:2]}小区" in atlas.by_name
        if not is_name:
            yield Made("简称", f"{rule.name[:2]}小区{rng.choice(MATTERS)}", same)


def _at_home_elsewhere(atlas: Atlas, rng: Random) -> Iterator[Made]:
    for _ in range(PER_STYLE):
        (home, *_), (rule, building, *_, matter) = (draw(rng, one) for one in rng.sample(atlas.whole, 2))
        yield Made("住在别处", f"{rule.name}{building}号楼{matter}", frozenset({rule.area}), home.area)
    for some in (rng.choice(atlas.twins) for _ in range(PER_STYLE)):
        rule = rng.choice(some)
        yield Made("同名而住在其一", f"{rule.name}{rng.choice(MATTERS)}", frozenset({rule.area}), rule.area)
