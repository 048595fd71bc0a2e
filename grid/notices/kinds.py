"""What each kind of notice asks for, what it is called, and how it behaves: one form per kind, as a table."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from storage.columns import GroupKind
from storage.notice_columns import NoticeKind


class FieldType(StrEnum):
    """How a field's answer is read."""

    TEXT = "text"
    MOMENT = "moment"
    COUNT = "count"
    AGE = "age"
    CHOICE = "choice"
    COLOUR = "colour"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class FormField:
    """One thing that a form asks for. `labels`: what people may call it, the first is what they read; `most`: characters.

    `ends`: a moment without an hour means the end of that day, not its beginning.
    """

    key: str
    labels: tuple[str, ...]
    type: FieldType
    question: str
    required: bool = False
    most: int = 200
    choices: tuple[str, ...] = ()
    ends: bool = False
    shown: bool = True

    @property
    def label(self) -> str:
        """What people read."""
        return self.labels[0]


@dataclass(frozen=True, slots=True)
class Form:
    """A kind's form, rules and look.

    `words`: how its making begins; `needs_text`: it has no sense without a text of its own; `ends_by`: the field that ends it,
    else it ends `default_days` after it was to be sent; `end_words`: what its targets are told then (empty: nothing).
    `groups`, `residents`: whom it is for where the maker does not say; `urgent`: it goes before what is not; `tag`: its mark.
    """

    kind: NoticeKind
    words: tuple[str, ...]
    tag: str
    fields: tuple[FormField, ...]
    needs_text: bool = True
    text_question: str = "通知内容是什么？请直接写正文。"
    ends_by: str = ""
    default_days: int = 30
    end_words: str = ""
    groups: tuple[GroupKind, ...] = (GroupKind.WORK,)
    residents: bool = True
    urgent: bool = False
    confirm: str = "收到"

    @property
    def default_end(self) -> timedelta:
        """How long after its sending a notice ends that names no end."""
        return timedelta(days=self.default_days)

    def find_field(self, key: str) -> FormField | None:
        """The field of this key."""
        return next((field for field in self.fields if field.key == key), None)

    def find_label(self, label: str) -> FormField | None:
        """The field that people call so."""
        return next((field for field in self.fields if label in field.labels), None)


def _moment(key: str, label: str, question: str, *more: str, required: bool = True, ends: bool = False) -> FormField:
    return FormField(key, (label, *more), FieldType.MOMENT, question, required, ends=ends)


def _text(key: str, label: str, question: str = "", *more: str, required: bool = False, most: int = 200) -> FormField:
    return FormField(key, (label, *more), FieldType.TEXT, question, required, most)


_STARTS = _moment("starts", "开始时间", "什么时间开始？例如：明天8点到17点。", "开始", "时间")
_UNTIL = _moment("until", "结束时间", "什么时间结束？例如：明天17点。", "结束", "截止", ends=True)
_CONTACT = _text("contact", "联系电话", "联系人和电话是什么？", "联系人", "电话", "联系方式")
_ISSUER = _text("issuer", "发布单位", "以哪个单位的名义发布？", "发布", "落款")

_SUSPECT_FIELDS = (
    _text("station", "发布单位", "是哪个派出所或公安机关发布的？请写单位全称。", "发文单位", "派出所", required=True),
    _text("document", "文号", "协查通报的文号是什么？", "编号", required=True, most=60),
    _text("approver", "批准人", "公安机关的批准人是谁？", "签发人", required=True, most=30),
    _moment("until", "截止日期", "协查到哪一天截止？例如：11月30日。", "截止", "有效期", "有效期至", ends=True),
    FormField(
        "age", ("年龄",), FieldType.AGE, "当事人多少岁？不清楚请写“不详”（未成年人不得发布）。", True, shown=False
    ),
    FormField("minor", ("未成年",), FieldType.FLAG, "当事人是未成年人吗？（是/否）", shown=False),
    FormField("face", ("人脸照片", "人脸"), FieldType.FLAG, "是否附有人脸照片？（是/否）", True, shown=False),
    _text("police_ref", "公开发布依据", "", "公安编号", "警方编号", most=60),
    _text("subject", "当事人", "", "嫌疑人", "姓名", most=60),
)

FORMS: dict[NoticeKind, Form] = {
    form.kind: form
    for form in (
        Form(
            NoticeKind.ANNOUNCEMENT,
            ("通知公告", "公告", "通知"),
            "通知",
            (
                _moment("until", "有效期至", "", "有效期", "截止", required=False, ends=True),
                _CONTACT,
                _ISSUER,
            ),
            ends_by="until",
        ),
        Form(
            NoticeKind.OUTAGE,
            ("停水停电停暖", "停水", "停电", "停暖", "停气", "停供"),
            "通知",
            (
                FormField(
                    "what",
                    ("事项",),
                    FieldType.CHOICE,
                    "停什么？请回复：停水、停电、停暖或停气。",
                    True,
                    choices=("停水", "停电", "停暖", "停气"),
                    shown=False,
                ),
                _STARTS,
                _UNTIL,
                _text("place", "影响范围", "", "地点"),
                _text("reason", "原因"),
                _CONTACT,
                _ISSUER,
            ),
            needs_text=False,
            ends_by="until",
            end_words="{title}已结束。",
        ),
        Form(
            NoticeKind.ACTIVITY,
            ("活动报名", "活动"),
            "活动",
            (
                _moment("starts", "活动时间", "活动什么时间开始？例如：下周六9点。", "开始", "时间"),
                _text("place", "活动地点", "活动在哪里举行？", "地点", required=True),
                FormField("quota", ("名额", "人数"), FieldType.COUNT, "名额多少人？请回复数字。", True),
                _moment("cutoff", "报名截止", "报名什么时间截止？例如：周五17点。", "截止", ends=True),
                _CONTACT,
                _ISSUER,
            ),
            text_question="活动内容是什么？请直接写一两句介绍。",
            ends_by="starts",
        ),
        Form(
            NoticeKind.TASK,
            ("任务", "排查任务"),
            "任务",
            (
                _moment("due", "完成时限", "要求什么时间前完成？例如：周五17点。", "时限", "截止", "限期", ends=True),
                _CONTACT,
                _ISSUER,
            ),
            text_question="任务要求是什么？请直接写。",
            residents=False,
            confirm="完成",
        ),
        Form(
            NoticeKind.WARNING,
            ("四级预警", "预警"),
            "预警",
            (
                FormField(
                    "colour", ("级别", "预警级别"), FieldType.COLOUR, "预警是几级？请回复：蓝、黄、橙或红。", True
                ),
                _STARTS,
                _UNTIL,
                _text("duty", "值班要求", "值班要求和值班电话是什么？", "值班", required=True),
                _text("hazard", "预警事项", "", "事项", most=30),
                _ISSUER,
            ),
            text_question="预警内容和防范要求是什么？请直接写。",
            ends_by="until",
            end_words="{title}已解除，请恢复正常工作，值班力量可以撤回。",
            groups=(GroupKind.WORK, GroupKind.DUTY, GroupKind.DEPARTMENT),
            urgent=True,
        ),
        Form(
            NoticeKind.MISSING,
            ("寻人启事", "寻人"),
            "寻人",
            (
                _text("name", "姓名", "走失的人叫什么名字？", "走失人", required=True, most=30),
                _text("age", "年龄", most=20),
                _text("looks", "体貌特征", "有什么体貌、衣着特征？", "特征", "衣着", required=True),
                _text("place", "走失地点", "在哪里走失的？", "地点", required=True),
                _text("seen", "走失时间", "什么时间走失的？", "时间", required=True, most=40),
                _text("contact", "联系电话", "找到后打哪个电话？", "联系人", "电话", "联系方式", required=True),
                _ISSUER,
            ),
            needs_text=False,
            end_words="{title}已结束，谢谢大家帮忙，请不要再转发其中的个人信息和照片。",
            urgent=True,
        ),
        Form(
            NoticeKind.SUSPECT,
            ("协查通报", "协查"),
            "协查通报",
            _SUSPECT_FIELDS,
            text_question="协查内容是什么？请照公安机关的原文写。",
            ends_by="until",
            end_words="{title}已到期，请删除其中的照片和文字，不要再转发。",
            residents=False,
            urgent=True,
        ),
        Form(
            NoticeKind.FRAUD,
            ("防诈提醒", "防诈", "反诈"),
            "防诈提醒",
            (_moment("until", "有效期至", "", "有效期", "截止", required=False, ends=True), _ISSUER),
            text_question="提醒内容是什么？请直接写。",
            ends_by="until",
        ),
    )
}


def find_kind(text: str) -> tuple[NoticeKind, str, str] | None:
    """The kind whose word `text` begins with, that word, and what follows it; the longest word wins. None: no kind is named."""
    words = [(word, form.kind) for form in FORMS.values() for word in form.words]
    for word, kind in sorted(words, key=lambda one: -len(one[0])):
        if text.startswith(word):
            return kind, word, text[len(word) :]
    return None
