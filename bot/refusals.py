"""What a platform refuses at run time: one table of what it means, what happens next, and who is told.

Sources: the global return codes of developers.weixin.qq.com and developer.work.weixin.qq.com/document/path/90313. Some numbers are
known from use only; an unknown one counts as our own fault, so that a person looks at it. One number can mean different things on
different wires (45009: a day's quota of the official account, a minute's of a webhook).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Wire(StrEnum):
    """Who refused."""

    OFFICIAL_ACCOUNT = "oa"
    AIBOT = "aibot"
    WEBHOOK = "webhook"


class Next(StrEnum):
    """What happens to the message."""

    RETRY_SOON = "retry_soon"
    RETRY_NEXT_MINUTE = "retry_next_minute"
    STOP_TODAY = "stop_today"
    PARK = "park"
    """It waits until the person (or somebody in the group) writes."""
    DROP_PERSON = "drop_person"
    """He cannot be reached this way any more; other ways remain."""
    CONFIG_FAULT = "config_fault"
    """Nothing goes out until somebody mends the configuration; messages wait."""
    BUG = "bug"
    """The same message would be refused again; it is set aside."""


class Told(StrEnum):
    """Who hears of it."""

    NOBODY = "nobody"
    DUTY_GROUP = "duty_group"
    ENGINEER = "engineer"


@dataclass(frozen=True, slots=True)
class Refusal:
    """One kind of refusal; `meaning` is Chinese, for the duty group and the console."""

    meaning: str
    next: Next
    told: Told


def find_refusal(errcode: int, wire: Wire = Wire.OFFICIAL_ACCOUNT) -> Refusal:
    """What a refusal means on that wire; never raises: an unknown code is a `BUG` that the engineer hears of."""
    special = _SPECIAL[wire].get(errcode)
    return special or _COMMON.get(errcode) or Refusal(f"平台返回了未登记的错误码 {errcode}", Next.BUG, Told.ENGINEER)


def is_known(errcode: int, wire: Wire = Wire.OFFICIAL_ACCOUNT) -> bool:
    """Whether the table has a line for this code on that wire."""
    return errcode in _SPECIAL[wire] or errcode in _COMMON


def _quiet(meaning: str, then: Next) -> Refusal:
    return Refusal(meaning, then, Told.NOBODY)


def _duty(meaning: str, then: Next) -> Refusal:
    return Refusal(meaning, then, Told.DUTY_GROUP)


def _engineer(meaning: str, then: Next) -> Refusal:
    return Refusal(meaning, then, Told.ENGINEER)


_COMMON: Mapping[int, Refusal] = {
    -1: _quiet("平台系统繁忙", Next.RETRY_SOON),
    40001: _engineer("接口凭证无效，或应用密钥错误", Next.CONFIG_FAULT),
    40014: _engineer("接口凭证不合法", Next.CONFIG_FAULT),
    42001: _engineer("接口凭证已过期且未能换新", Next.CONFIG_FAULT),
    40004: _engineer("媒体文件类型不合法", Next.BUG),
    40005: _engineer("文件类型不合法", Next.BUG),
    40006: _engineer("文件大小不合法", Next.BUG),
    40007: _engineer("媒体文件编号无效或已过期", Next.BUG),
    40008: _engineer("消息类型不合法", Next.BUG),
    40009: _engineer("图片大小不合法", Next.BUG),
    40058: _engineer("请求参数不合法", Next.BUG),
    41005: _engineer("缺少媒体文件内容（多为文件名不合规）", Next.BUG),
    44001: _engineer("媒体文件为空", Next.BUG),
    44004: _engineer("消息内容为空", Next.BUG),
    45001: _engineer("文件超过大小限制", Next.BUG),
    45002: _engineer("消息内容超过长度限制", Next.BUG),
    45008: _engineer("图文消息超过大小限制", Next.BUG),
    45033: _quiet("接口并发调用超过限制", Next.RETRY_SOON),
    47001: _engineer("请求数据格式错误", Next.BUG),
}

_OFFICIAL_ACCOUNT: Mapping[int, Refusal] = {
    40003: _quiet("收件人不是本公众号的用户", Next.DROP_PERSON),
    40013: _engineer("公众号的 AppID 无效", Next.CONFIG_FAULT),
    40031: _engineer("收件人列表不合法", Next.BUG),
    40032: _engineer("收件人列表数量不合法", Next.BUG),
    40033: _engineer("请求里有被转义的字符", Next.BUG),
    40037: _duty("模板编号无效：模板可能已被删除，请在后台核对", Next.CONFIG_FAULT),
    40125: _engineer("公众号的密钥（AppSecret）错误", Next.CONFIG_FAULT),
    40164: _engineer("本机出口 IP 不在公众号的 IP 白名单内", Next.CONFIG_FAULT),
    40243: _engineer("公众号的密钥（AppSecret）已被冻结", Next.CONFIG_FAULT),
    41001: _engineer("缺少接口凭证", Next.BUG),
    41004: _engineer("没有配置公众号的密钥（AppSecret）", Next.CONFIG_FAULT),
    41030: _engineer("通知要打开的页面不正确", Next.CONFIG_FAULT),
    43002: _engineer("接口要求 POST 请求", Next.BUG),
    43004: _quiet("居民已取消关注", Next.DROP_PERSON),
    43019: _quiet("居民在公众号的黑名单中", Next.DROP_PERSON),
    43101: _quiet("居民没有订阅或已拒收这类通知", Next.PARK),
    45009: _duty("今天的接口调用次数已用完，明天零点恢复", Next.STOP_TODAY),
    45011: _quiet("接口调用太频繁", Next.RETRY_NEXT_MINUTE),
    45015: _quiet("回复时限已过（居民 48 小时内没有来信）", Next.PARK),
    45028: _duty("群发次数已用完", Next.STOP_TODAY),
    45047: _quiet("客服消息条数已用完，要等居民再次来信", Next.PARK),
    45065: _quiet("相同的群发已提交过", Next.BUG),
    45066: _quiet("相同的群发重试过快", Next.RETRY_NEXT_MINUTE),
    45067: _engineer("群发编号过长", Next.BUG),
    45159: _engineer("标签编号无效", Next.BUG),
    45162: _engineer("客服消息的类型与内容不符", Next.BUG),
    46003: _engineer("公众号还没有自定义菜单", Next.CONFIG_FAULT),
    47003: _engineer("模板参数不合法：请核对模板字段的配置", Next.CONFIG_FAULT),
    48001: _duty("公众号没有这个接口的权限（账号类型或认证不符）", Next.CONFIG_FAULT),
    48002: _quiet("居民关闭了接收消息", Next.DROP_PERSON),
    48004: _duty("接口被平台封禁，请登录公众平台查看", Next.CONFIG_FAULT),
    48006: _engineer("清零次数本月已用完", Next.STOP_TODAY),
    50002: _duty("公众号被平台限制，请登录公众平台查看", Next.CONFIG_FAULT),
    50005: _quiet("居民没有关注公众号", Next.DROP_PERSON),
    50007: _duty("公众号已注销或被冻结", Next.CONFIG_FAULT),
    61450: _quiet("平台系统错误", Next.RETRY_SOON),
    89503: _engineer("出口 IP 等待公众号管理员确认", Next.CONFIG_FAULT),
    89506: _engineer("公众号管理员拒绝了本机出口 IP，24 小时内不能再申请", Next.CONFIG_FAULT),
    89507: _engineer("公众号管理员拒绝了本机出口 IP，1 小时内不能再申请", Next.CONFIG_FAULT),
}

_WECOM: Mapping[int, Refusal] = {
    40003: _duty("企业微信成员不存在", Next.DROP_PERSON),
    40056: _engineer("应用编号不合法", Next.CONFIG_FAULT),
    42014: _quiet("任务编号已经用过", Next.BUG),
    45009: _quiet("这个群的发送太频繁", Next.RETRY_NEXT_MINUTE),
    45011: _quiet("调用太频繁", Next.RETRY_NEXT_MINUTE),
    48002: _engineer("没有这个接口的权限", Next.CONFIG_FAULT),
    60020: _engineer("本机出口 IP 不在企业可信 IP 内", Next.CONFIG_FAULT),
    60111: _duty("企业微信成员不存在", Next.DROP_PERSON),
    86001: _duty("群不存在", Next.CONFIG_FAULT),
    86003: _duty("机器人不在这个群里", Next.CONFIG_FAULT),
}

_WEBHOOK: Mapping[int, Refusal] = {
    **_WECOM,
    93000: _duty("群机器人的地址无效：可能已被移出群，请重新添加并绑定", Next.CONFIG_FAULT),
    130101: _quiet("群机器人发送太频繁", Next.RETRY_NEXT_MINUTE),
    93004: _duty("群机器人已被停用", Next.CONFIG_FAULT),
}

_AIBOT: Mapping[int, Refusal] = {
    **_WECOM,
    93006: _duty("对方（群里的人或本人）还没有对机器人说过话，或机器人已被移出群", Next.PARK),
    846605: _quiet("要答复的那条消息已经过期", Next.BUG),
    846608: _quiet("流式消息已超过可更新的时间", Next.BUG),
    846609: _quiet("长连接还没有登记好", Next.RETRY_SOON),
    853000: _engineer("智能机器人的编号或密钥错误", Next.CONFIG_FAULT),
}

_SPECIAL: Mapping[Wire, Mapping[int, Refusal]] = {
    Wire.OFFICIAL_ACCOUNT: _OFFICIAL_ACCOUNT,
    Wire.WEBHOOK: _WEBHOOK,
    Wire.AIBOT: _AIBOT,
}
