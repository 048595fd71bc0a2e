"""Work groups from a file. A group without a chat gets a one-time code, with which somebody binds it from inside the chat."""

import re
import secrets
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncConnection

from storage.columns import Channel, GroupKind
from storage.imports.areas import KnownArea
from storage.imports.cells import Cells, spell
from storage.imports.faults import Fault
from storage.imports.sheet import Column, Sheet
from storage.imports.writing import BindCode, Desk, Ids, Imported, Parsed, Stored, Values, differs, pick

GROUP_COLUMNS = (
    Column("key", ("群编号", "编号"), required=True),
    Column("name", ("群名", "群名称", "名称"), required=True),
    Column("area_code", ("区域编码", "网格编码"), required=True),
    Column("kind", ("类型", "群类型")),
    Column("categories", ("类别", "负责类别")),
    Column("send_via", ("发送方式", "发送通道")),
    Column("receive_via", ("接收方式", "接收通道")),
    Column("webhook_key", ("webhook", "群机器人密钥", "推送地址")),
    Column("chatid", ("会话编号", "群会话id")),
)
BIND_CODE_DAYS = 14
"""How long a bind code holds; importing again renews one that has run out."""

_KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,79}")
_CHATID = re.compile(r"[A-Za-z0-9_=-]{1,128}")
_WEBHOOK = re.compile(r"[A-Za-z0-9-]{8,80}")
_WEBHOOK_URL = "key="
_KINDS = spell(
    GroupKind, {GroupKind.WORK: "工作群|网格群", GroupKind.DUTY: "值班群", GroupKind.DEPARTMENT: "部门群|席位群"}
)
_CHANNELS = spell(Channel, {Channel.AIBOT: "智能机器人", Channel.WEBHOOK: "群机器人|消息推送", Channel.NONE: "无|none"})
# Typed on a phone after reading it out: no letter that looks like a digit.
_CODE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """One group as the file has it; the fields are the table's. `categories`: codes joined by commas, empty for all."""

    key: str
    name: str
    area_code: str
    kind: GroupKind
    categories: str
    send_via: Channel
    receive_via: Channel
    webhook_key: str
    chatid: str | None


def draw_bind_code() -> str:
    """Eight letters and digits; some 10¹² of them, so that nobody finds one by trying."""
    return "".join(secrets.choice(_CODE_LETTERS) for _ in range(8))


def parse_groups(
    sheet: Sheet,
    areas: Mapping[str, KnownArea],
    categories: Mapping[str, str],
    chats: Mapping[str, str] | None = None,
) -> Parsed[GroupRecord]:
    """Read and check the groups. `categories`: code → Chinese name; `chats`: chatid → key of the groups already stored."""
    names = {word: code for code, label in categories.items() for word in (code, label)}
    faults: list[Fault] = []
    records: list[GroupRecord] = []
    seen: dict[tuple[str, str], int] = {}
    for line in sheet.lines:
        cells = Cells(line)
        record = _read(cells, areas, names)
        for code in ("key", "webhook_key", "chatid"):
            value = getattr(record, code)
            if value and seen.setdefault((code, value), line.row) != line.row:
                cells.fault(code, f"与第{seen[code, value]}行重复。")
        if record.chatid and (chats or {}).get(record.chatid, record.key) != record.key:
            cells.fault("chatid", "这个会话已绑定另一个群。")
        records.append(record)
        faults += cells.faults
    return Parsed(tuple(records), sheet.columns, sheet.in_its_words(faults))


def _read(cells: Cells, areas: Mapping[str, KnownArea], names: Mapping[str, str]) -> GroupRecord:
    if not cells.line.cells["key"]:
        cells.fault("key", "不能为空。")
    area_code = cells.required("area_code", 32)
    if area_code and area_code not in areas:
        cells.fault("area_code", f"没有编码为“{area_code}”的区域。")
    record = GroupRecord(
        key=cells.matching("key", _KEY, "只能用字母、数字、点、横线，最多 80 位。"),
        name=cells.required("name", 80),
        area_code=area_code,
        kind=cells.choice("kind", _KINDS, GroupKind.WORK),
        categories=_read_categories(cells, names),
        send_via=_read_channel(cells, "send_via"),
        receive_via=_read_channel(cells, "receive_via"),
        webhook_key=_read_webhook(cells),
        chatid=cells.matching("chatid", _CHATID, "不是会话编号。") or None,
    )
    if record.receive_via is Channel.WEBHOOK:
        cells.fault("receive_via", "群机器人只能发，收不到消息；请用 aibot 或留空。")
    if record.send_via is Channel.WEBHOOK and not cells.line.cells.get("webhook_key"):
        cells.fault("webhook_key", "经群机器人发送时必填。")
    return record


def _read_channel(cells: Cells, code: str) -> Channel:
    # An absent column means the usual channel; an empty cell in a column that is there means none.
    absent = Channel.AIBOT if code not in cells.line.cells else Channel.NONE
    return cells.choice(code, _CHANNELS, absent)


def _read_categories(cells: Cells, names: Mapping[str, str]) -> str:
    words = cells.words("categories")
    if unknown := [word for word in words if word not in names]:
        cells.fault("categories", f"没有类别“{'、'.join(unknown)[:60]}”，可用：{'、'.join(names)}。")
    chosen = {names[word] for word in words if word in names}
    return ",".join(code for code in dict.fromkeys(names.values()) if code in chosen)


def _read_webhook(cells: Cells) -> str:
    """The key alone, also where somebody pasted the whole address. It is a secret: no fault repeats it."""
    value = cells.line.cells.get("webhook_key", "").partition(_WEBHOOK_URL)
    key = (value[2] or value[0]).partition("&")[0].strip()
    if key and not _WEBHOOK.fullmatch(key):
        cells.fault("webhook_key", "不是群机器人的 key 或推送地址。")
        return ""
    return key


async def load_chats(connection: AsyncConnection) -> dict[str, str]:
    """The chat of each bound group: chatid → key."""
    rows = await Desk(connection).load("work_group", "chatid", "key")
    return {row["chatid"]: row["key"] for row in rows if row["chatid"]}


async def write_groups(
    connection: AsyncConnection,
    records: tuple[GroupRecord, ...],
    ids: Ids,
    now: datetime,
    *,
    only: Collection[str] | None = None,
    dry_run: bool = False,
    draw_code: Callable[[], str] = draw_bind_code,
) -> Imported:
    """Insert or change by key. A binding is kept where the file names no chat; `bind_codes` lists every code still to be used."""
    desk = Desk(connection, dry_run)
    stored = {row["key"]: row for row in await desk.load("work_group")}
    taken = {row["bind_code"] for row in stored.values()}
    new: list[Values] = []
    known: list[Values] = []
    codes: list[BindCode] = []
    for one in records:
        values = _values(one, stored.get(one.key), now, only)
        if _needs_code(values, now):
            values |= {
                "bind_code": _draw_new(draw_code, taken),
                "bind_expires_at": now + timedelta(days=BIND_CODE_DAYS),
            }
        if values["bind_code"]:
            codes.append(BindCode(one.key, one.name, values["bind_code"]))
        (known if one.key in stored else new).append(values)
    changed = [values for values in known if differs(stored[values["key"]], values)]
    drawn = [] if dry_run or not new else await ids.take(len(new))
    await desk.insert(
        "work_group", [{"id": id_, "version": 0, **row} for id_, row in zip(drawn, new, strict=bool(drawn))]
    )
    await desk.update("work_group", "key", changed)
    return Imported(len(new), len(changed), len(known) - len(changed), bind_codes=tuple(codes))


def _values(record: GroupRecord, stored: Stored | None, now: datetime, only: Collection[str] | None) -> Values:
    """The row as it shall be, with its binding: kept, or made by the chat that the file names."""
    given = asdict(record) if stored is None else {**_own(stored), **pick(asdict(record), only, ("key",))}
    bound = {
        name: stored[name] if stored else None
        for name in ("chatid", "bind_code", "bind_expires_at", "bound_at", "bound_by")
    }
    if record.chatid and record.chatid != bound["chatid"]:
        bound = {
            "chatid": record.chatid,
            "bind_code": None,
            "bind_expires_at": None,
            "bound_at": now,
            "bound_by": "import",
        }
    return {**given, **bound}


def _own(stored: Stored) -> Values:
    return {column.code: stored[column.code] for column in GROUP_COLUMNS}


def _needs_code(values: Values, now: datetime) -> bool:
    """A webhook needs no binding; a bound group neither; a code that still holds is not replaced."""
    if values["chatid"] or Channel.AIBOT not in (values["send_via"], values["receive_via"]):
        return False
    return not values["bind_code"] or values["bind_expires_at"] is None or values["bind_expires_at"] <= now


def _draw_new(draw_code: Callable[[], str], taken: set[str | None]) -> str:
    while (code := draw_code()) in taken:
        continue
    taken.add(code)
    return code
