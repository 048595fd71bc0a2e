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


_OPENINGS = (
    "",
    "您好，",
    "尊敬的领导：您好！",
    "各位领导好，打扰了。",
    "你好，我想问一件事。",
    "我是这里的一名普通住户，",
)
_STORY = (
    "我今年六十三岁，从厂里退下来以后就一直跟老伴住在这儿，前后也有二十来年了",
    "本来不想给大家添麻烦，可是这件事拖得实在太久，左思右想还是写下来",
    "去年秋天我和对面的老张一起去问过，接待的小伙子很客气，让我们先回去等一等",
    "后来换了一个人接电话，说上次登记的那一页找不着了，要从头再说一遍",
    "当时拍的几张相片我都存在手机里，什么时候要看，我随时可以发过去",
    "我女儿在外地上班，一年到头也就回来一两趟，家里的大事小情都是我自己张罗",
    "听别人讲隔壁那条街也遇到过一样的情形，人家两个星期就有了下文",
    "我也知道大家都忙，事情总要一件一件来，可是总该让我们心里有个数",
    "前几天下着小雨，我从那里走过，心里想着这要是碰上天黑可怎么好",
    "上个月中旬来过两个穿制服的同志，围着看了一圈，记了几笔就走了，之后再没有音信",
    "有人劝我算了，说这种事说了也白说，我倒觉得说总比不说强",
    "我把前后经过写在下面，如有说得不对的地方，还望多多包涵",
    "那天正好是星期六，院里的人大多在家，大伙站在树底下你一句我一句，谁也拿不出个主意",
    "我上网查了一下，各处的说法不大一样，也不知道哪一个才作数",
    "以前这里不是这样的，早些年一到傍晚，孩子们在空场上踢毽子，热热闹闹",
    "我们几个上了年纪的商量着凑点钱自己弄，又怕弄不好反倒惹出别的事来",
    "为这个我跑了好几趟，每趟都要倒两次车，腿脚又不好，走到那儿已经快中午了",
    "说句心里话，我并没有怪谁的意思，只是想把它弄明白",
    "孩子放学回来也总念叨，说同学家那边早就弄好了，怎么偏偏轮不到我们",
    "昨天晚上我翻来覆去睡不着，起来把这几个月的日子一笔一笔记了下来",
    "如果还有什么手续要补，请告诉我一声，我尽量一次办齐，免得来回折腾",
    "这封信写得有些长了，谢谢您耐着性子看到这里",
    "我文化程度不高，有的字是孙女教我打的，写得不好请别见怪",
    "当初搬来的时候讲得好好的，墙上也贴过一张纸，如今纸早就没有了，人也换了好几拨",
)
"""What people tell before and between the matters: most of a real letter is story."""
_FURTHER_MEDIAN, _FURTHER_SPREAD, _FURTHER_MOST = 5.0, 1.0, 60
"""How many further sentences a letter has: like the lengths of real petitions, most some 200 characters, few very long."""
_MATTERS_AMONG, _AT_A_DOOR = 0.2, 0.15
"""The shares of further sentences that tell of a matter, and of letters that name a made address: as in real ones."""


def make_letter(city: City, rng: Random) -> str:
    """A text as petition boards get it: a matter, sometimes at a made address, and mostly story around it."""
    further = min(_FURTHER_MOST, int(_FURTHER_MEDIAN * rng.lognormvariate(0.0, _FURTHER_SPREAD)))
    first = (
        make_text(city, rng)
        if rng.random() < _AT_A_DOOR
        else f"{rng.choice(_SINCE)}{rng.choice(_MATTERS)}，{rng.choice(_WHO)}"
    )
    sentences = [_make_sentence(rng) for _ in range(further)]
    sentences.insert(rng.randint(0, min(2, further)), first)
    return f"{rng.choice(_OPENINGS)}{'。'.join(sentences)}。{rng.choice(_WISH)}"


def _make_sentence(rng: Random) -> str:
    if rng.random() < _MATTERS_AMONG:
        return f"{rng.choice(_SINCE)}，{rng.choice(_MATTERS)}"
    return rng.choice(_STORY)
