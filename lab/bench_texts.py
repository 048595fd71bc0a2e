"""Made messages for the benchmarks: a matter at a made address."""

from random import Random

from lab.city import City
from lab.mentions import make_mention

_MATTERS = (
    "楼道里堆满了纸箱和旧家具，老人上下楼都不方便",
    "门口的路灯坏了三天了，晚上一片漆黑",
    "下水道堵了，污水从井盖里往外冒，味道很大",
    "楼下烧烤店半夜还在放音响，吵得没法睡觉",
    "有人把电动车推进楼道里充电，太危险了",
    "绿化带里倒了一大堆建筑垃圾，好几天没人管",
    "路面塌了一个坑，昨天有老人绊倒了",
    "物业收了费不打扫，电梯里全是垃圾",
    "商贩占着人行道摆摊，孩子上学只能走马路",
    "供热管道漏水，家里只有十五度",
)


def make_text(city: City, rng: Random) -> str:
    """A matter at a made address, in one of many spellings."""
    return f"{make_mention(city, rng)[0]}，{rng.choice(_MATTERS)}"
