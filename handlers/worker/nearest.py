"""What the bot would have understood: the command nearest to a line that it did not."""

from handlers.worker.verbs import CLOSED_WORDS, OPEN_WORDS, Verb

EXAMPLES: dict[Verb, str] = {
    Verb.ACCEPT: "接单 1123-08",
    Verb.HANDLE: "处置 已到现场，正在疏通",
    Verb.RESOLVE: "办结 已疏通，更换一段管道",
    Verb.RETURN: "退回 不属本网格",
    Verb.TRANSFER: "转派 综合执法 属违规排污",
    Verb.EXTEND: "延期 2天 等配件",
    Verb.ESCALATE: "提级 需街道协调",
    Verb.ASK: "问 几单元的管道堵了",
    Verb.WHISTLE: "吹哨 住建局 需关闭总阀",
    Verb.ARRIVE: "报到 1123-08",
    Verb.PROGRESS: "进度 1123-08",
    Verb.AGENDA: "待办",
    Verb.HELP: "帮助",
    Verb.REPORT: "上报 5号楼水表井低",
    Verb.HOTLINE: "热线 12345-0001 阳光小区3号楼停水",
    Verb.ATTACH: "照片 1123-08（引用那张照片）",
    Verb.BIND: "绑定 绑定码",
    Verb.REGISTER: "登记 张三 13800000000",
    Verb.APPROVE: "同意 张三",
    Verb.REJECT: "拒绝 张三",
    Verb.TRIAGE: "待研判",
    Verb.ASSIGN: "指派 1123-08 文采社区第三网格",
    Verb.SUSPEND: "挂起 等天气转暖后施工",
    Verb.RESUME: "恢复 1123-08",
    Verb.VOID: "作废 1123-08 重复反映",
    Verb.MERGE: "合并 1123-09 并入 1123-08",
    Verb.SPLIT: "拆分 1123-09",
    Verb.HEAT: "热点",
    Verb.CHECK: "核查 通过 1123-08",
    Verb.RECLASSIFY: "改类别 综合执法",
    Verb.REOPEN: "重开 1123-08 现场复查未解决",
    Verb.CALL_BACK: "回访 1123-08 满意 居民表示已通水",
    Verb.CHILD: "子单 住建局 挖开路面",
    Verb.LETTER: "信访 XF-2026-001 阳光小区3号楼扰民",
    Verb.ON_BEHALF: "代办 李奶奶 13800000000 阳光小区3号楼停水",
    Verb.SIGN: "签收 督1123-01",
    Verb.REPLY_SHEET: "回复督办 督1123-01 已联系物业，今天处理",
    Verb.WRITE_OFF: "销号 督1123-01",
    Verb.WHY: "为何 1123-08",
    Verb.TRY: "试派 阳光小区3号楼下水道堵了",
}

_HINTS: tuple[tuple[str, Verb], ...] = (
    ("不归我 不归 不属 不是我们 不是本 不在本 管不了 不接", Verb.RETURN),
    ("收到 好的 马上 这就去 我去 我来 知道了", Verb.ACCEPT),
    ("过去 路上 到了 在弄 在修 现场", Verb.HANDLE),
    ("好了 完了 清理 清走 修复 疏通 已修 已换 已清 通水", Verb.RESOLVE),
    ("配件 来不及 明天 下周 晚几天 宽限", Verb.EXTEND),
    ("协调 上级 街道来 办不了", Verb.ESCALATE),
    ("居民电话 怎么样了 到哪 谁在办 谁的 办结了吗 接单了吗", Verb.PROGRESS),
    ("还有 几件 哪些 没办", Verb.AGENDA),
    ("执法 城管局 住建局 部门", Verb.WHISTLE),
    ("发现 楼道 号楼 垃圾 路灯", Verb.REPORT),
)


def find_nearest(text: str) -> Verb:
    """The verb that a line is most likely after; `帮助` where nothing fits. It is only named to the person, never carried out."""
    said = "".join(text.split())
    named = [(said.find(word), -len(word), verb) for verb, word in _all_words() if len(word) > 1 and word in said]
    if named:
        return min(named)[2]
    for words, verb in _HINTS:
        if any(word in said for word in words.split()):
            return verb
    shared = [(len(set(verb.value) & set(said)), verb) for verb in Verb if len(verb.value) > 1]
    best = max(count for count, _ in shared)
    return next(verb for count, verb in shared if count == best) if best and len(said) <= 8 else Verb.HELP


def _all_words() -> list[tuple[Verb, str]]:
    tables = (OPEN_WORDS, CLOSED_WORDS)
    return [(verb, word) for table in tables for verb, words in table.items() for word in words.split()]
