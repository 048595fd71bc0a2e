"""What the fan-out says where: the law's words, with the pictures as each channel can carry them."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from bot.cityhall import CityHall
from bot.notice_pictures_shelf import find_street
from grid.message import Message
from grid.notices.scope import list_groups, parse_scope
from grid.notices.wording import group_message, recall_message, resident_message
from storage.fanout import Line
from storage.notice_columns import TargetState
from storage.notice_tables import Notice, NoticeTarget
from storage.rows import fresh

MakeLink = Callable[[Notice, int], str]
"""The address of a notice's page for one of its targets (by the id of its row); empty where there are no pages."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """A notice's pictures. `by_link`: over the bot they would take more uploads than it has, so a page shows them."""

    ids: tuple[int, ...] = ()
    by_link: bool = False


class NoticeWords:
    """`most_uploads`: how many uploads over the bot's line one notice may cost (30 a minute, 1000 an hour; wechat.md §3.4)."""

    def __init__(self, hall: CityHall, most_uploads: int, make_link: MakeLink = lambda _notice, _target: "") -> None:
        self._hall, self._most_uploads, self._make_link = hall, most_uploads, make_link

    def choose_pictures(self, notice: Notice, ids: tuple[int, ...]) -> Pictures:
        """Whether this notice's pictures go as pictures: one upload for each street that its groups lie in."""
        city = self._hall.city
        groups = [group for group in list_groups(city, parse_scope(notice.scope)) if group.chatid and group.can_answer]
        streets = {find_street(city, group.area) for group in groups}
        return Pictures(ids, len(streets) * len(ids) > self._most_uploads)

    def group(self, notice: Notice, line: Line, pictures: Pictures) -> Message:
        """For a group (or a worker)."""
        message = group_message(notice, _row_of(notice, line), self._hall.house.bot_name)
        if not pictures.by_link or not self._is_on_bot(line):
            return replace(message, pictures=pictures.ids)
        return self._with_link(message, notice, line, pictures)

    def resident(self, notice: Notice, line: Line, pictures: Pictures) -> Message:
        """For one resident. The law has decided that he may see them: who is a target may see all of it."""
        return replace(resident_message(notice), pictures=pictures.ids)

    def mass(self, notice: Notice) -> str:
        """For many residents at once: words only."""
        return resident_message(notice).text

    def recall(self, notice: Notice, _line: Line) -> Message:
        """To those who had it: the same for all."""
        return recall_message(notice)

    def _with_link(self, message: Message, notice: Notice, line: Line, pictures: Pictures) -> Message:
        link = self._make_link(notice, line.id)
        if not link:
            return replace(message, pictures=pictures.ids)
        return replace(message, text=f"{message.text}\n照片（{len(pictures.ids)} 张，请勿外传）：{link}")

    def _is_on_bot(self, line: Line) -> bool:
        number = line.target.removeprefix("group:")
        group = self._hall.city.groups.get(int(number)) if number.isdigit() else None
        return group is not None and bool(group.chatid) and group.can_answer


def _row_of(notice: Notice, line: Line) -> NoticeTarget:
    return fresh(
        NoticeTarget,
        id=line.id,
        notice_id=notice.id,
        target=line.target,
        area_code=line.area_code,
        state=TargetState.WAITING,
    )
