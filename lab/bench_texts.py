"""Made messages for the benchmarks: a matter at a made address, with few of them alike."""

from random import Random

from lab.city import City
from lab.mentions import make_mention

_SINCE = (
    "从上周开始",
    "这几天",
    "昨天夜里",
    "都一个多月了",
    "下雨以后",
    "每天晚上",
    "今天一早",
    "过完节",
    "换了物业以后",
    "不知从哪天起",
)
_MATTERS = (
    "楼道里堆满了纸箱和旧家具",
    "门口的路灯一盏都不亮",
    "下水道堵了，污水从井盖里往外冒",
    "楼下烧烤店半夜还在放音响",
    "有人把电动车推进楼道里充电",
    "绿化带里倒了一大堆建筑垃圾",
    "路面塌了一个坑，盖了块木板",
    "电梯老是停在半空，物业不修",
    "商贩占着人行道摆摊",
    "供热管道漏水，屋里只有十五度",
    "垃圾桶满了好几天没人收",
    "消防通道被私家车堵死了",
    "屋顶漏雨，墙皮一块块往下掉",
    "有人在空地上养鸡养鸭，臭气熏天",
    "工地夜里打桩，灰尘也大",
    "自来水发黄，放半天都不清",
)
_WHO = (
    "老人上下楼都不方便",
    "孩子上学差点摔跤",
    "家里有病人，实在受不了",
    "邻居们都有意见",
    "打过电话没人管",
    "一楼住户窗户都不敢开",
)
_WISH = ("请派人来看看", "希望尽快处理", "能不能给个说法", "麻烦催一下", "请问归谁管", "再不管要出事", "盼回复")


def make_text(city: City, rng: Random) -> str:
    """A matter at a made address, in one of many spellings."""
    place, parts = make_mention(city, rng)[0], [rng.choice(words) for words in (_SINCE, _MATTERS, _WHO, _WISH)]
    return f"{place}，{'，'.join(parts)}"


_FURTHER_MEDIAN, _FURTHER_SPREAD, _FURTHER_MOST = 4.0, 1.2, 60
"""How many further sentences a letter has: like the lengths of real petitions, most some 170 characters, few very long."""


def make_letter(city: City, rng: Random) -> str:
    """A text as long as those that petition boards get: a matter at a made address, and more matters after it."""
    further = min(_FURTHER_MOST, int(_FURTHER_MEDIAN * rng.lognormvariate(0.0, _FURTHER_SPREAD)))
    sentences = (f"{rng.choice(_SINCE)}，{rng.choice(_MATTERS)}，{rng.choice(_WHO)}。" for _ in range(further))
    return f"{make_text(city, rng)}。{''.join(sentences)}"
