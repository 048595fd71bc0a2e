"""Set words: 进度, 催办, 补充, 改类别, 改地点, 撤销, 没修好, 我的网格员, 帮助. Short and tolerant; anything longer is a matter."""

import re
import unicodedata

from handlers.reply import Said
from handlers.resident.asking import my_worker, progress, show_help, talk_to_human, urge
from handlers.resident.correcting import add_words, fixed, move_place, not_fixed, recategorise, take_back
from handlers.resident.naming import CommandHandler, find_named
from handlers.resident.phrases import NUMBER, squeeze
from handlers.resident.privacy import about_privacy, confirm_erase, erase_me, export_me, hide_me
from handlers.talk import ResidentTalk

_NUMBER_WORD = re.compile(r"\d{6,10}")
_HELP_SIGNS = {"?", "？", "??", "？？"}
_END = r"(?:了|吗|呢|啊|呀|吧|呗|么)*$"

_WORDS: tuple[tuple[re.Pattern[str], int, CommandHandler], ...] = (
    (
        re.compile(
            rf"^(?:查|查询|查看|看|问|查查|看看|问问)?(?:一下|下)?(?:我的|这个)?(?:工单)?(?:办理|处理)?(?:的)?(?:进度|进展|查询|结果|情况|状态)(?:怎么样|怎样|如何|查询)?{_END}"
            r"|(?:处理|办理|办|弄|修|解决)(?:得|的)?(?:怎么样|咋样|到哪|好了吗|好了没|好没|完了吗|完了没|了吗$|了没)"
            r"|^(?:有|有没有)(?:消息|结果|进展|回复|信儿?)(?:了)?(?:吗|没|没有)?$|^(?:我的|查|查看)?工单$"
        ),
        18,
        progress,
    ),
    (
        re.compile(
            r"^(?:催办|催单|催一下|催一催|催催|催促|请?(?:快点|快些|赶紧|赶快|尽快|抓紧)(?:时间)?(?:来|过来|处理|派人|修|办|解决|给)?(?:一下|人|下)*(?:吧|啊|呀|来)*$)"
            r"|^(?:你们|人)?(?:怎么|为什么|咋)?还(?:没有?|不)(?:见)?(?:人)?(?:来|过来|处理|解决|修|办|派人)"
            r"|^(?:你们|请问|大概|到底|师傅|网格员|人)*(?:什么时候|啥时候|几点|何时|多久|多会儿)(?:才|能|会|可以)*(?:派人)?(?:来|到|过来|处理|修|解决|办|修好|弄好|有人来)"
            r"|^(?:快来|来人|快来人|快点来人)(?:啊|呀|吧|了)*$|^等(?:了)?(?:好久|半天|一天|很久)"
        ),
        18,
        urge,
    ),
    (re.compile(r"^补充"), 5000, add_words),
    (re.compile(r"^(?:改|更正|修改|换)(?:一下)?(?:类别|分类|类型)|^(?:类别|分类|类型)(?:不对|错|有误|不是)"), 16, recategorise),
    (re.compile(r"^(?:改|更正|修改|换)(?:一下)?(?:地点|地址|位置)|^(?:地点|地址|位置|网格)(?:不对|错|写错|有误)"), 60, move_place),
    (
        re.compile(
            r"^(?:我要|我想|请)?(?:撤销|撤回|撤单|取消)(?:掉|这个|这件|我的|一下|工单|投诉|反映|报修|申请|了|吧)*$"
            r"|^(?:先)?不用(?:你们)?(?:处理|修|来|办|管|派人)(?:人)?(?:了|啦)|^(?:我)?不(?:投诉|反映|报修|办)了"
        ),
        16,
        take_back,
    ),
    (
        re.compile(
            r"^(?:你们|根本|并|就|但是?|可是?)*(?:还是|还|依然|仍然|仍)?(?:没|沒|未|没有)(?:有)?(?:给|人)*(?:修好|解决|弄好|处理好|修|办好|处理|弄|搞好|办|通|好)"
            r"|^(?:没几天|过了?[一两几]天|今天|现在|刚修完|修完|修好)?(?:又|还是)(?:坏|堵|漏|不亮|不行|断|停|老样子|那样|出现)|^重新派单|^问题还在|^还没好"
        ),
        60,
        not_fixed,
    ),
    (
        re.compile(r"^(?:已经|现在|自己)+(?:修|弄|处理|解决|办)?(?:好|完|通)了|^(?:已|已经)?(?:修好|弄好|解决|处理好)了(?!吗|没)"),
        14,
        fixed,
    ),
    (
        re.compile(rf"^(?:我的|我们的|找|联系|查|问)?(?:网格员|网格长)(?:是谁|的?电话|电话多少|联系方式|是哪位|叫什么)?{_END}|^(?:我的)?网格$"),
        14,
        my_worker,
    ),
    (
        re.compile(r"^(?:帮助|帮忙|怎么用|使用说明|使用方法|help|菜单|功能|说明)(?:啊|呢)?$|^你(?:能|会|可以)(?:做|干|帮我?做)(?:点)?(?:什么|啥)"),
        12,
        show_help,
    ),
    (
        re.compile(
            r"^(?:转|找|要|接|我要|我要找)?人工(?:客服|服务|座席)?$|^有真?人在?(?:吗|么|没)$|^你是(?:机器人|真人|人工|谁)"
        ),
        10,
        talk_to_human,
    ),
    (re.compile(r"^确认删除(?:我的(?:个人)?信息)?$"), 12, confirm_erase),
    (
        re.compile(
            r"^(?:我要|请|申请)?(?:删除|删掉|清除|注销)(?:掉)?(?:我的|我|本人)(?:全部|所有)?(?:个人)?(?:信息|资料|数据|记录|账号)?$"
        ),
        14,
        erase_me,
    ),
    (re.compile(r"^(?:我要|请|申请)?(?:导出|查看|查询|下载)(?:我的|本人)(?:全部|所有)?(?:个人)?(?:信息|资料|数据)$"), 14, export_me),
    (
        re.compile(
            r"^(?:我要|请|可以|能)?匿名(?:办理|反映|处理|举报)?(?:吗|吧|一下)?$|^(?:请|要)?(?:替我|为我|给我)?保密(?:吧|一下)?$"
        ),
        10,
        hide_me,
    ),
    (re.compile(r"^(?:隐私|隐私政策|隐私说明|个人信息(?:保护)?)$"), 10, about_privacy),
)  # fmt: skip


async def command(talk: ResidentTalk) -> Said | None:
    """The message as a set word; None when it is none."""
    if talk.update.text.strip() in _HELP_SIGNS:
        return await show_help(talk, "")
    text = unicodedata.normalize("NFKC", talk.update.text)
    bare = _NUMBER_WORD.sub("", squeeze(NUMBER.sub(" ", text)))
    if not bare and await find_named(talk) is not None:
        return await progress(talk, "")
    for pattern, longest, handler in _WORDS:
        if len(bare) <= longest and pattern.search(bare):
            said = await handler(talk, bare)
            if said is not None:
                return said
    return None


MENU_KEYS: dict[str, CommandHandler] = {"PROGRESS": progress, "MY_WORKER": my_worker, "HELP": show_help, "HURRY": urge}
"""What menu buttons mean (`menu apply` writes these keys)."""
