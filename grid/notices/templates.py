"""Templates of notices: a few that come with the house, and saved ones as JSON. What they leave open is asked for."""

import json
from collections.abc import Mapping
from typing import Any

from grid.notices.kinds import FORMS, FieldType
from grid.notices.reading import Content, empty_content
from storage.columns import Colour
from storage.notice_columns import NoticeKind
from storage.notice_tables import Notice

NAME_CHARACTERS = 16

BUILT_IN: Mapping[str, Mapping[str, Any]] = {
    "计划停水": {"kind": "outage", "fields": {"what": "停水", "reason": "管网检修"}},
    "计划停电": {"kind": "outage", "fields": {"what": "停电", "reason": "线路检修"}},
    "隐患排查": {
        "kind": "task",
        "title": "安全隐患排查",
        "text": "请逐户排查燃气、用电、消防通道和楼道堆物隐患，发现问题当场提醒并上报。",
    },
    "独居老人走访": {
        "kind": "task",
        "title": "独居老人走访",
        "text": "请逐户走访独居、高龄老人，查看取暖、用电和身体情况，有困难及时上报。",
    },
    "暴雪预警": {
        "kind": "warning",
        "text": "请减少外出，注意行车安全；各网格清点除雪人员和物资，重点查看独居老人和危旧房屋。",
        "fields": {"hazard": "暴雪"},
    },
    "刷单诈骗提醒": {
        "kind": "fraud",
        "title": "警惕刷单返利诈骗",
        "text": "凡是刷单返利、先垫付后返现的都是诈骗。不轻信、不转账，如已被骗请立即拨打110或96110。",
    },
}


def content_of_template(stored: Mapping[str, Any]) -> Content:
    """What a template says. Raises `ValueError` or `KeyError` for one that was not made by `render_template`."""
    kind = NoticeKind(stored["kind"])
    blank = empty_content(kind)
    colour = stored.get("colour")
    return Content(
        kind,
        title=str(stored.get("title", "")),
        text=str(stored.get("text", "")),
        colour=Colour(colour) if colour else None,
        fields=dict(stored.get("fields", {})),
        scope=blank.scope,
    )


def parse_template(text: str) -> Content:
    """A saved template back."""
    return content_of_template(json.loads(text))


def render_template(notice: Notice) -> str:
    """What of a notice is kept as a template: its words, not its dates nor whom it is for."""
    form = FORMS[notice.kind]
    moments = {field.key for field in form.fields if field.type is FieldType.MOMENT}
    # Whoever a search is about is never part of a template.
    persons = {
        "age",
        "minor",
        "face",
        "subject",
        "name",
        "looks",
        "seen",
        "document",
        "approver",
        "police_ref",
        "media",
    }
    kept = {key: value for key, value in notice.fields.items() if key not in moments | persons}
    stored = {"kind": notice.kind.value, "title": notice.title, "text": notice.text, "fields": kept}
    if notice.kind in (NoticeKind.SUSPECT, NoticeKind.MISSING):
        stored["text"] = ""
    return json.dumps({name: value for name, value in stored.items() if value}, ensure_ascii=False)
