"""Reading what people say of a notice into its form: one line, then one answer after the other. Nothing is written here."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from grid.city import City
from grid.desk import Desk
from grid.notices.dates import Period, find_bad_day, find_period, find_when
from grid.notices.fields import check_moment, parse_value, refuse_day, take_labelled
from grid.notices.kinds import FORMS, FieldType, Form, FormField
from grid.notices.scope import Scope, parse_scope
from grid.notices.scope_words import FindPlace, explain_unknown, read_scope_word
from grid.workflow import Refusal
from storage.columns import Colour
from storage.notice_columns import NoticeKind
from storage.notice_tables import Notice

TITLE_CHARACTERS = 60
TEXT_CHARACTERS = 2000
_EDGES = " \t\r\n,，。;；:：、"
_REASON, _HAZARD = 30, 6
_HAZARDS = ("雪", "雨", "风", "涝", "汛", "火", "寒潮", "冰", "灾", "高温", "雾", "霾")
_MINOR = ("未成年人", "未成年")


@dataclass(frozen=True, slots=True)
class Content:
    """What a notice says and whom it is for, while it is being made. `refusal`: the first thing in it that cannot be."""

    kind: NoticeKind
    title: str = ""
    text: str = ""
    colour: Colour | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    scope: Scope = field(default_factory=Scope)
    refusal: Refusal | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading needs besides the words: the desk, where the speaker is at home, how an estate becomes a grid."""

    desk: Desk
    near: str | None
    find_place: FindPlace

    @property
    def now(self) -> datetime:
        """The local moment."""
        return self.desk.now.astimezone(self.desk.zone)

    @property
    def city(self) -> City:
        """The city."""
        return self.desk.city


def empty_content(kind: NoticeKind) -> Content:
    """A notice of this kind that says nothing yet, for whom such a notice usually is."""
    form = FORMS[kind]
    return Content(kind, scope=Scope((), form.groups, form.residents))


def read_line(reading: Reading, kind: NoticeKind, word: str, text: str) -> Content:
    """What one line says of a notice of this kind; `word`: the word that named the kind (停水 says more than the kind)."""
    form = FORMS[kind]
    content = _read_word(empty_content(kind), form, word)
    labelled, rest = take_labelled(form, text)
    for key, value in labelled.items():
        content = answer(reading, content, key, value)
    # Only the first line is taken apart; what is written below it is text as it stands.
    first, _, body = rest.partition("\n")
    content, first = _read_dates(reading, content, form, first)
    if body:
        content, _ = _read_dates(reading, content, form, body)
    return _read_words(reading, content, form, first, body.strip())


def _read_word(content: Content, form: Form, word: str) -> Content:
    what = form.find_field("what")
    if what is not None and word in what.choices:
        return _with_field(content, "what", word)
    return content


def _read_dates(reading: Reading, content: Content, form: Form, text: str) -> tuple[Content, str]:
    bad = find_bad_day(text, reading.now)
    moments = [one for one in form.fields if one.type is FieldType.MOMENT]
    if bad is not None and moments:
        return replace(content, refusal=content.refusal or refuse_day(bad, moments[0])), text.replace(bad, "", 1)
    period = find_period(text, reading.now) if form.find_field("starts") and form.find_field("until") else None
    if period is not None:
        return _with_period(reading, content, form, period), _cut(text, period.start, period.end)
    if form.kind is NoticeKind.MISSING:
        return content, text
    asked = next((one for one in form.fields if one.type is FieldType.MOMENT and one.key not in content.fields), None)
    when = find_when(text, reading.now) if asked is not None and asked.required else None
    if asked is None or when is None:
        return content, text
    at = when.at_end_of_day() if asked.ends else when.at
    return _with_checked(content, asked, check_moment(asked, at, reading.now)), _cut(text, when.start, when.end)


def _with_period(reading: Reading, content: Content, form: Form, period: Period) -> Content:
    for key, at in (("starts", period.begins), ("until", period.ends)):
        asked = form.find_field(key)
        assert asked is not None, "only forms with both are asked"
        content = _with_checked(content, asked, check_moment(asked, at, reading.now))
    return content


def _cut(text: str, start: int, end: int) -> str:
    after = text[end:].removeprefix("前").removeprefix("之")
    return f"{text[:start].rstrip('于在')} {after}".strip()


def _read_words(reading: Reading, content: Content, form: Form, text: str, body: str) -> Content:
    """Blank by blank: what names a scope or a colour is taken as that; the rest is the text (of an outage: the reason)."""
    left: list[str] = []
    for word in text.split():
        # A text may hold the words 居民 and 全区; the parts of an outage may come in any order.
        changed = None if left and form.needs_text else _read_one(reading, content, form, word.strip(_EDGES))
        if changed is None:
            left.append(word)
        else:
            content = changed
    rest = " ".join(left).strip(" ,，;；、")
    if rest and not form.needs_text and len(rest) <= _REASON and form.find_field("reason"):
        content, rest = _with_field(content, "reason", rest), ""
    whole = "\n".join(part for part in (rest, body) if part)
    return answer(reading, content, "text", whole) if whole else content


def _read_one(reading: Reading, content: Content, form: Form, word: str) -> Content | None:
    small = _read_small(content, form, word)
    if small is not None:
        return small
    said = read_scope_word(reading.city, content.scope, word, reading.near, reading.find_place)
    return _with_place(replace(content, scope=said.scope), form, said.place) if said else None


def _with_place(content: Content, form: Form, place: str) -> Content:
    if not place or form.find_field("place") is None or content.fields.get("place"):
        return content
    return _with_field(content, "place", place)


def _read_small(content: Content, form: Form, word: str) -> Content | None:
    if form.kind is NoticeKind.WARNING:
        return _read_warning(content, word)
    if form.kind is NoticeKind.SUSPECT and word in _MINOR:
        return _with_field(content, "minor", True)
    return None


def _read_warning(content: Content, word: str) -> Content | None:
    names = {name: one for one in Colour for name in (one.label, f"{one.label}色")}
    colour = names.get(word.removesuffix("预警"))
    if colour is not None and content.colour is None:
        return replace(content, colour=colour)
    if len(word) <= _HAZARD and not content.fields.get("hazard") and word.endswith(_HAZARDS):
        return _with_field(content, "hazard", word)
    return None


def _with_field(content: Content, key: str, value: object) -> Content:
    return replace(content, fields={**content.fields, key: value})


def _with_checked(content: Content, asked: FormField, value: Any) -> Content:
    if isinstance(value, Refusal):
        return replace(content, refusal=content.refusal or value)
    if asked.key == "colour":
        return replace(content, colour=Colour(value))
    return _with_field(content, asked.key, value)


def answer(reading: Reading, content: Content, key: str, text: str) -> Content:
    """The content with one thing answered: a field's key, or `title`, `text`, `scope`. What cannot be is in `refusal`."""
    match key:
        case "title":
            return _with_text(content, "title", "标题", text, TITLE_CHARACTERS)
        case "text":
            return _with_text(content, "text", "正文", text, TEXT_CHARACTERS)
        case "scope":
            return answer_scope(reading, content, text)
    asked = FORMS[content.kind].find_field(key)
    if asked is None:
        return replace(content, refusal=Refusal("没有这一项。"))
    if asked.key == "starts" and FORMS[content.kind].find_field("until"):
        period = find_period(text, reading.now)
        if period is not None:
            return _with_period(reading, content, FORMS[content.kind], period)
    return _with_checked(content, asked, parse_value(asked, text, reading.now))


def _with_text(content: Content, key: str, label: str, text: str, most: int) -> Content:
    said = text.strip()
    if not said:
        return replace(content, refusal=Refusal(f"{label}不能为空。"))
    if len(said) > most:
        return replace(content, refusal=Refusal(f"{label}太长（{len(said)}字），最多{most}字。"))
    return replace(content, title=said) if key == "title" else replace(content, text=said)


def answer_scope(reading: Reading, content: Content, text: str) -> Content:
    """The whole scope said anew; who else gets it (groups, residents) stays unless it is said, too."""
    scope = replace(content.scope, areas=(), kinds=(), levels=())
    place = ""
    for word in text.replace("，", " ").replace(",", " ").split():
        said = read_scope_word(reading.city, scope, word.strip(_EDGES), reading.near, reading.find_place)
        if said is None:
            return replace(content, refusal=explain_unknown(reading.city, word))
        scope, place = said.scope, place or said.place
    if not scope.areas:
        scope = replace(scope, areas=content.scope.areas)
    return _with_place(replace(content, scope=scope), FORMS[content.kind], place)


def content_of(notice: Notice) -> Content:
    """What a notice says, to be changed."""
    return Content(
        notice.kind, notice.title, notice.text, notice.colour, dict(notice.fields), parse_scope(notice.scope)
    )
