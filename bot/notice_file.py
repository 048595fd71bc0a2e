"""A notice from a TOML file: the same rights, the same rules and the same way of approval as one that is made in a group."""

import asyncio
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from bot.notice_pictures import NoticePictures
from bot.notice_pictures_clean import PictureRefused
from grid.city import City, Person
from grid.desk import Actor, Desk
from grid.notices.approval import submit
from grid.notices.checks import find_fault
from grid.notices.drafting import cancel, make_draft
from grid.notices.fields import check_moment, parse_value
from grid.notices.kinds import FORMS, FieldType, FormField, find_kind
from grid.notices.reading import TEXT_CHARACTERS, TITLE_CHARACTERS, Content, empty_content
from grid.notices.rights import find_make_refusal
from grid.notices.scope import Scope, find_scope_refusal, list_groups, parse_scope
from grid.notices.sending import schedule
from grid.notices.steps import Moved
from grid.workflow import Refusal
from storage.archive import Archive
from storage.columns import Colour
from storage.notice_columns import NoticeKind
from storage.notice_tables import Notice
from storage.plan import Committed, Plan
from storage.queries import Books

_KEYS = frozenset({"by", "kind", "title", "text", "colour", "scope", "fields", "pictures", "schedule"})
_SCOPE_KEYS = frozenset({"areas", "groups", "residents", "levels", "kinds"})
_IDS = 32


class NoticeFileError(Exception):
    """The file, or what it asks for, is not accepted; the text is one sentence (or several lines) for whoever wrote it."""


@dataclass(frozen=True, slots=True)
class Made:
    """What became of the file."""

    number: str
    status: str
    status_name: str
    targets: int


@dataclass(frozen=True, slots=True)
class NoticeFile:
    """A parsed file; `pictures` are paths beside it; `at` aware, `repeat` as stored."""

    by: str
    content: Content
    pictures: tuple[Path, ...]
    at: datetime | None
    repeat: str


def read_notice_file(path: Path, desk: Desk) -> NoticeFile:
    """Parse it against the city and the moment of `desk`. Raises `NoticeFileError`."""
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as fault:
        raise NoticeFileError(f"读不了这个文件：{type(fault).__name__}。") from None
    unknown = sorted(tree.keys() - _KEYS)
    if unknown:
        raise NoticeFileError(f"不认识的项：{'、'.join(unknown)}。")
    timing = tree.get("schedule", {})
    pictures = tuple(path.parent / str(name) for name in tree.get("pictures", ()))
    at = _read_moment(timing["at"], desk) if "at" in timing else None
    return NoticeFile(str(tree.get("by", "")), _read_content(tree, desk), pictures, at, str(timing.get("repeat", "")))


def _read_content(tree: Mapping[str, Any], desk: Desk) -> Content:
    kind = _read_kind(str(tree.get("kind", "")))
    title, text = str(tree.get("title", "")).strip(), str(tree.get("text", "")).strip()
    if len(title) > TITLE_CHARACTERS or len(text) > TEXT_CHARACTERS:
        raise NoticeFileError(f"标题最多{TITLE_CHARACTERS}字，正文最多{TEXT_CHARACTERS}字。")
    content = replace(empty_content(kind), title=title, text=text)
    content = replace(content, scope=_read_scope(tree.get("scope", {}), content.scope, desk.city))
    if "colour" in tree:
        content = replace(content, colour=_read_colour(str(tree["colour"])))
    return replace(content, fields=_read_fields(tree.get("fields", {}), kind, desk))


def _read_kind(said: str) -> NoticeKind:
    found = find_kind(said)
    try:
        return found[0] if found is not None else NoticeKind(said)
    except ValueError:
        codes = "、".join(f"{kind.value}（{kind.label}）" for kind in NoticeKind)
        raise NoticeFileError(f"kind 须为其中之一：{codes}。") from None


def _read_colour(said: str) -> Colour:
    for colour in Colour:
        if said in (colour.value, colour.label, f"{colour.label}色"):
            return colour
    raise NoticeFileError("colour 须为 blue、yellow、orange、red 之一。")


def _read_scope(said: Mapping[str, Any], usual: Scope, city: City) -> Scope:
    unknown = sorted(said.keys() - _SCOPE_KEYS)
    if unknown:
        raise NoticeFileError(f"scope 里不认识的项：{'、'.join(unknown)}。")
    stored = {"groups": [kind.value for kind in usual.groups], "residents": usual.residents, **said}
    stored["areas"] = [_find_area(city, str(name)) for name in said.get("areas", ())]
    try:
        return parse_scope(stored)
    except ValueError as fault:
        raise NoticeFileError(f"scope 里的取值不对：{fault}。") from None


def _find_area(city: City, name: str) -> str:
    found = city.find_area_by_name(name)
    if len(found) != 1:
        raise NoticeFileError(f"“{name}”{'有几个，请写编码' if found else '不是已有的区域'}。")
    return found[0].code


def _read_fields(said: Mapping[str, Any], kind: NoticeKind, desk: Desk) -> dict[str, Any]:
    form, found = FORMS[kind], {}
    for name, value in said.items():
        field = form.find_field(name) or form.find_label(name)
        if field is None:
            labels = "、".join(f"{one.key}（{one.label}）" for one in form.fields)
            raise NoticeFileError(f"{kind.label}没有“{name}”这一项；可填：{labels}。")
        read = _read_value(field, value, desk)
        if isinstance(read, Refusal):
            raise NoticeFileError(read.sentence)
        found[field.key] = read
    return found


def _read_value(field: FormField, value: Any, desk: Desk) -> Any:
    now = desk.now.astimezone(desk.zone)
    if field.type is FieldType.MOMENT and isinstance(value, datetime | date):
        return check_moment(field, _read_moment(value, desk, ends=field.ends), now)
    if isinstance(value, bool):
        return value if field.type is FieldType.FLAG else Refusal(f"{field.label}不是是非项。")
    return parse_value(field, str(value), now)


def _read_moment(value: Any, desk: Desk, *, ends: bool = False) -> datetime:
    """A TOML date or time; without a zone it is local."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=desk.zone) if value.tzinfo is None else value.astimezone(desk.zone)
    if isinstance(value, date):
        return datetime.combine(value, time(23, 59) if ends else time(0), desk.zone)
    raise NoticeFileError("时间请写成 TOML 的日期时间，例如 2026-11-24T08:00:00。")


class NoticeMaker:
    """Makes notices out of files, on one archive."""

    def __init__(self, archive: Archive, books: Books, pictures: NoticePictures) -> None:
        self._archive, self._books, self._pictures = archive, books, pictures

    async def make(self, desk: Desk, file: NoticeFile) -> Made:
        """Draft, pictures, time, submission. Raises `NoticeFileError`; then nothing is left to be sent."""
        person = _find_maker(desk.city, file)
        actor, ids = Actor(f"worker:{person.id}", person.name, person.id), await self._take_ids()
        await self._check(desk, file, person)
        number = await self._books.notices.take_number(desk.today)
        notice, plan = make_draft(desk, file.content, actor, None, next(ids), number, ids)
        await self._write(plan)
        try:
            await self._keep_pictures(notice, file, actor)
            if file.at is not None or file.repeat:
                at = (file.at or desk.now).astimezone(desk.now.tzinfo)
                notice = await self._move(schedule(desk, notice, actor, at, file.repeat, ids))
            pictures = [one.id for one in await self._books.notices.list_pictures(notice.id)]
            notice = await self._move(submit(desk, notice, actor, (), ids, pictures))
        except NoticeFileError:
            await self._drop(desk, notice, actor)
            raise
        return Made(notice.number, notice.state.value, notice.state.label, await self._count(desk, notice))

    async def _check(self, desk: Desk, file: NoticeFile, person: Person) -> None:
        """Everything that can be said before a number is drawn."""
        content = file.content
        refusal = find_make_refusal(desk.city, person, content.kind, content.scope.areas)
        if content.scope.areas and refusal is not None:
            raise NoticeFileError(refusal.sentence)
        draft, _ = make_draft(desk, content, Actor("", "", person.id), None, 0, "", iter(range(1)))
        fault = find_fault(draft, desk.now)
        fault = fault or find_scope_refusal(desk.city, content.scope, await self._count_readers(content.scope))
        if fault is not None:
            raise NoticeFileError(fault.sentence)

    async def _keep_pictures(self, notice: Notice, file: NoticeFile, actor: Actor) -> None:
        for position, path in enumerate(file.pictures):
            try:
                content = await asyncio.to_thread(path.read_bytes)
                row = await self._pictures.keep(notice.id, content, position, actor.key)
            except PictureRefused as refused:
                raise NoticeFileError(f"图片 {path.name}：{refused}") from None
            except OSError as fault:
                raise NoticeFileError(f"图片 {path.name} 读不了：{type(fault).__name__}。") from None
            await self._write(Plan(rows=[row]))

    async def _move(self, moved: Moved | Refusal) -> Notice:
        if isinstance(moved, Refusal):
            raise NoticeFileError(moved.sentence)
        await self._write(moved[1])
        return moved[0]

    async def _drop(self, desk: Desk, notice: Notice, actor: Actor) -> None:
        present = await self._books.find(Notice, notice.id)
        dropped = cancel(desk, present, actor, await self._take_ids()) if present is not None else None
        if dropped is not None and not isinstance(dropped, Refusal):
            await self._write(dropped[1])

    async def _write(self, plan: Plan) -> None:
        if not isinstance(await self._archive.committer.commit(plan), Committed):
            raise NoticeFileError("这件通知同时被别人改动了，请重试。")

    async def _count(self, desk: Desk, notice: Notice) -> int:
        scope = parse_scope(notice.scope)
        groups = sum(group.can_be_told for group in list_groups(desk.city, scope))
        return groups + await self._count_readers(scope)

    async def _count_readers(self, scope: Scope) -> int:
        if not scope.residents or not scope.areas:
            return 0
        return (await self._books.notices.count_readers(scope.areas, scope.kinds))[1]

    async def _take_ids(self) -> Iterator[int]:
        return iter(await self._archive.numbers.take(_IDS))


def _find_maker(city: City, file: NoticeFile) -> Person:
    person = city.by_userid.get(file.by)
    if person is None or not person.is_at_work:
        raise NoticeFileError('by 须为在岗人员的 userid，例如 by = "w00001"。')
    return person
