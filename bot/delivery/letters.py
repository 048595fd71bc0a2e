"""What the duty group hears when somebody could not be told: which case, whom, why, and what to do. Never the message itself."""

import logging
from collections import OrderedDict
from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.delivery.directory import Directory
from bot.delivery.metrics import DeliveryMetrics
from bot.delivery.outbox import OutboxReader
from bot.delivery.verdict import GiveUp, Park, Retry, Verdict
from bot.delivery.waiting import Waiting, prefix_of
from bot.refusals import Told
from grid.message import Message, render_body
from storage.plan import OutboxDraft

log = logging.getLogger(__name__)

DEAD_LETTER = "dead_letter"
# A trouble of a whole channel is told once in so long, however many messages wait for its end.
_QUIET = timedelta(hours=6)
_REMEMBERED = 500

_ADVICE = {
    "oa:": "请视情况电话告知居民。",
    "worker:": "请电话通知本人，并请其在企业微信里给网格助手发一条消息。",
    "group:": "请电话通知负责人；请在群里发送“@网格助手 绑定 绑定码”恢复通知，或回复“指派 工单号 网格”改派。",
}


class Letters:
    """Writes to the duty group. A trouble with the duty group itself is logged and counted, it never writes to itself."""

    def __init__(self, directory: Directory, reader: OutboxReader, metrics: DeliveryMetrics) -> None:
        self._directory, self._reader, self._metrics = directory, reader, metrics
        self._told_at: OrderedDict[tuple[str, str], datetime] = OrderedDict()

    async def draft(self, messages: Sequence[Waiting], verdict: Verdict, now: datetime) -> list[OutboxDraft]:
        """The letters that this verdict asks for; they are written in the same plan as the verdict itself."""
        if not self._is_worth_telling(messages[0], verdict, now):
            return []
        duty = await self._directory.find_duty()
        heard = [message for message in messages if message.target != duty and message.kind != DEAD_LETTER]
        if duty is None or not heard:
            self._metrics.unheard.inc(len(messages))
            log.error("no duty group could be told of: outbox %s", ", ".join(str(message.id) for message in messages))
            return []
        text = await self._render(heard, verdict)
        body = render_body(Message(DEAD_LETTER, text, urgent=True))
        return [OutboxDraft(duty, DEAD_LETTER, body, now, heard[0].case_id)]

    def _is_worth_telling(self, message: Waiting, verdict: Verdict, now: datetime) -> bool:
        if verdict.told is Told.ENGINEER:
            # He reads the log and the figures; what was given up is told to the duty group besides.
            log.error("outbox %d refused: %s", message.id, verdict.reason)
        is_dead = isinstance(verdict, GiveUp) and not verdict.is_gone
        if verdict.told is not Told.DUTY_GROUP and not is_dead:
            return False
        if isinstance(verdict, Retry) or message.case_id is None:
            # A notice to thousands of groups must not bury the duty group: each kind of trouble is told once in a while.
            return self._is_news((prefix_of(message.target), verdict.reason), now)
        return True

    def _is_news(self, trouble: tuple[str, str], now: datetime) -> bool:
        told_at = self._told_at.get(trouble)
        if told_at is not None and now - told_at < _QUIET:
            return False
        self._told_at[trouble] = now
        self._told_at.move_to_end(trouble)
        if len(self._told_at) > _REMEMBERED:
            self._told_at.popitem(last=False)
        return True

    async def _render(self, messages: Sequence[Waiting], verdict: Verdict) -> str:
        numbers = await self._reader.find_numbers({message.case_id for message in messages if message.case_id})
        cases = "、".join(numbers.values())
        whom = await self._directory.describe(messages[0].target)
        return "\n".join(
            [
                f"【{_title(verdict)}】工单 {cases}" if cases else f"【{_title(verdict)}】",
                f"对象：{whom}（{len(messages)} 条消息）" if len(messages) > 1 else f"对象：{whom}",
                f"原因：{verdict.reason}",
                f"处理：{_advise(verdict, messages[0].target)}",
                *([] if cases else ["同样原因的其他通知不再逐条提醒，请在控制台查看。"]),
            ]
        )


def _title(verdict: Verdict) -> str:
    match verdict:
        case Retry():
            return "消息暂缓"
        case Park():
            return "消息未送达，等待对方发言"
        case GiveUp():
            return "消息未送达"


def _advise(verdict: Verdict, target: str) -> str:
    match verdict:
        case Retry():
            return "消息已保留，恢复后自动补发；紧急事项请先电话通知。"
        case Park():
            return "对方发言后自动补发；紧急事项请先电话通知。"
        case GiveUp():
            return _ADVICE.get(prefix_of(target), "请人工处理。")
