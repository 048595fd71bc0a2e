"""The verbs that workers use, with what people say or mistype instead of them. Only words here; how they are read: `commands`."""

from enum import StrEnum


class Verb(StrEnum):
    """What a worker can ask for; the value is the word that answers and examples use."""

    ACCEPT = "接单"
    HANDLE = "处置"
    RESOLVE = "办结"
    RETURN = "退回"
    TRANSFER = "转派"
    EXTEND = "延期"
    ESCALATE = "提级"
    ASK = "问"
    WHISTLE = "吹哨"
    ARRIVE = "报到"
    PROGRESS = "进度"
    AGENDA = "待办"
    HELP = "帮助"
    REPORT = "上报"
    HOTLINE = "热线"
    ATTACH = "照片"
    BIND = "绑定"
    REGISTER = "登记"
    APPROVE = "同意"
    REJECT = "拒绝"
    TRIAGE = "待研判"
    ASSIGN = "指派"
    SUSPEND = "挂起"
    RESUME = "恢复"
    VOID = "作废"
    MERGE = "合并"
    SPLIT = "拆分"
    CHECK = "核查"
    RECLASSIFY = "改类别"
    REOPEN = "重开"
    WHY = "为何"
    TRY = "试派"
    HEAT = "热点"
    CALL_BACK = "回访"
    CHILD = "子单"
    LETTER = "信访"
    ON_BEHALF = "代办"
    SIGN = "签收"
    REPLY_SHEET = "回复督办"
    WRITE_OFF = "销号"


READ_ONLY = frozenset({Verb.PROGRESS, Verb.AGENDA, Verb.HELP, Verb.TRIAGE, Verb.WHY, Verb.TRY, Verb.HEAT})
"""These change nothing, so a doubtful spelling of them may be taken at once."""

OPEN_WORDS: dict[Verb, str] = {
    Verb.ACCEPT: "接单 我接单 我来接单 收到接单 领单 抢单",
    Verb.HANDLE: "处置 处置中 处理中 正在处理 正在处置 开始处理 已到现场 到现场了 进展",
    Verb.RESOLVE: "办结 办好了 办完了 办理完毕 办妥了 处理完了 处理完毕 处理好了 处理完成 处置完毕 "
    "解决了 已解决 弄好了 修好了 搞定 结单",
    Verb.RETURN: "退回 退单 退回去",
    Verb.TRANSFER: "转派 转给 转办 转交 移交 转到",
    Verb.EXTEND: "延期 延长 延时 延后 申请延期 推迟",
    Verb.ESCALATE: "提级 报上级",
    Verb.ASK: "问一下居民 问一下 问居民 问下 询问 问",
    Verb.WHISTLE: "吹哨 呼叫",
    Verb.ARRIVE: "报到",
    Verb.PROGRESS: "进度 查进度 查询进度 查询 详情",
    Verb.AGENDA: "待办 我的待办 我的工单 待处理 未办结 工单列表",
    Verb.HELP: "帮助 help 怎么用 使用说明 指令 菜单",
    Verb.REPORT: "上报 我要上报 巡查上报 报单",
    Verb.HOTLINE: "热线",
    Verb.ATTACH: "现场照片 照片 附图 附件",
    Verb.BIND: "绑定 绑定码 绑定本群",
    Verb.REGISTER: "登记 注册",
    Verb.APPROVE: "同意 批准",
    Verb.REJECT: "拒绝 不同意 驳回",
    Verb.TRIAGE: "待研判 研判",
    Verb.ASSIGN: "指派 派给 分派",
    Verb.SUSPEND: "挂起 挂账 申请挂账 申请挂起",
    Verb.RESUME: "恢复办理 恢复处置 解除挂起",
    Verb.VOID: "作废",
    Verb.MERGE: "合并 并入 并到",
    Verb.SPLIT: "拆分 取消合并",
    Verb.CHECK: "核查 复核",
    Verb.RECLASSIFY: "改类别 更改类别 改类",
    Verb.REOPEN: "重开 重新打开",
    Verb.WHY: "为何派到这里 为什么派到这里 为什么派给我们 为何",
    Verb.TRY: "试派",
    Verb.HEAT: "热点 热点事项",
    Verb.CALL_BACK: "回访",
    Verb.CHILD: "子单 派子单 拆子单",
    Verb.LETTER: "信访",
    Verb.ON_BEHALF: "代办 代为反映",
    Verb.SIGN: "签收督办 督办签收 签收",
    Verb.REPLY_SHEET: "回复督办单 回复督办 督办回复 答复督办",
    Verb.WRITE_OFF: "销号 督办销号",
}
"""Words that count wherever a message begins with them, also with the rest glued on."""

CLOSED_WORDS: dict[Verb, str] = {
    Verb.ACCEPT: "接 接了 我接 我接了 我来接 已接 接收 认领",
    Verb.HANDLE: "处理",
    Verb.RESOLVE: "完成 好了 已完成 完工",
    Verb.RETURN: "退",
    Verb.ESCALATE: "升级",
    Verb.PROGRESS: "查 查看 情况 进展情况",
    Verb.AGENDA: "清单 列表",
    Verb.HELP: "? ？ 你好 您好 在吗 说明",
    Verb.SUSPEND: "暂停 暂缓",
    Verb.RESUME: "恢复",
    Verb.WHY: "为什么",
    Verb.ATTACH: "图片 图",
}
"""Everyday words: they count only alone, or parted from what follows by a blank, a mark or a number."""

SLIPS: dict[str, Verb] = {
    "等级": Verb.REGISTER,
    "登机": Verb.REGISTER,
    "办接": Verb.RESOLVE,
    "办节": Verb.RESOLVE,
    "半结": Verb.RESOLVE,
    "接但": Verb.ACCEPT,
    "接弹": Verb.ACCEPT,
    "街单": Verb.ACCEPT,
    "退会": Verb.RETURN,
    "提及": Verb.ESCALATE,
    "报道": Verb.ARRIVE,
}
"""Slips seen often enough to be listed; others are found through `SOUNDS`."""

SOUNDS: dict[str, str] = {
    "接": "街节阶皆结借揭姐解杰捷洁",
    "单": "弹但丹担蛋淡旦胆段",
    "办": "半般板班搬版伴扮",
    "结": "节接洁解街杰捷姐界",
    "退": "腿推",
    "回": "会悔汇灰惠",
    "转": "传专砖赚",
    "派": "排牌拍",
    "签": "千牵迁前欠",
    "收": "手首受守",
    "督": "都读毒肚",
    "销": "消削小校",
    "号": "好浩毫耗",
    "延": "言严沿研颜盐",
    "期": "其起七奇器齐",
    "提": "题替体踢",
    "级": "极及集急机记吉即",
    "吹": "垂锤",
    "哨": "少稍绍烧捎",
    "报": "包抱爆宝暴",
    "到": "道倒导",
    "进": "近今尽劲",
    "度": "渡肚杜读",
    "待": "代带呆戴",
    "帮": "邦棒绑",
    "助": "组住注祝主足",
    "上": "尚商",
    "热": "惹",
    "点": "典店电",
    "线": "现县限先",
    "绑": "邦帮棒",
    "定": "订顶丁钉",
    "登": "灯瞪",
    "记": "级计纪继",
    "同": "通童痛",
    "意": "义议易",
    "拒": "据巨具",
    "绝": "决觉爵",
    "指": "只纸直值致",
    "研": "言严延眼",
    "判": "盼叛潘盘",
    "挂": "瓜刮",
    "起": "气其期启",
    "恢": "灰挥",
    "复": "付富服负福",
    "作": "做座坐",
    "废": "费飞肥非",
    "合": "和河何盒",
    "拆": "柴",
    "分": "份纷",
    "并": "病冰饼兵",
    "核": "合和何",
    "查": "察茶差插",
    "处": "出触初除",
    "置": "制致治值直",
    "重": "从虫",
    "开": "凯",
    "试": "是式事",
    "类": "累泪",
    "别": "憋",
}
"""For each character of a verb those that sound alike: what a thumb picks from the wrong line of the keyboard's list."""
