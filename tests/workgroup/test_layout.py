"""Layouts: what residents wrote reads as written and does nothing; the platform's limits hold."""

import base64
import hashlib
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bot.ports import Picture
from bot.workgroup.layout import (
    PictureUnfit,
    byte_length,
    escape_markdown,
    render_markdown,
    render_webhook_image,
    render_webhook_texts,
)
from grid.message import Message

DISPATCH = (
    "【工单 1123-08】城建物业 · 一般\n阳光水岸12#楼3单元  下水道堵,污水外冒\n居民:李先生 139****0001\n"
    "限11-23 10:30前接单,11-26 17:00前办结 [接单] [退回]\nhttps://grid.example.cn/c/ab_-_cd~e"
)


def say(text: str, **extra: object) -> Message:
    return Message("dispatch", text, **extra)  # type: ignore[arg-type]


def test_an_ordinary_dispatch_stays_as_it_is() -> None:
    assert render_markdown(say(DISPATCH)) == DISPATCH


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("# 通知", "＃ 通知"),
        ("  ## 通知", "\u3000\u3000＃＃ 通知"),
        ("> 引用", "＞ 引用"),
        ("1. # 通知", "1. ＃ 通知"),
        ("- > 引用", "- ＞ 引用"),
        ("[点这里](https://evil.example)", "[点这里］(https://evil.example)"),
        ("![图](https://evil.example/x.png)", "![图］(https://evil.example/x.png)"),
        ("[a]: https://evil.example", "[a］: https://evil.example"),
        ("[a][b]", "[a］[b]"),
        ('<font color="warning">', '＜font color="warning">'),
        ("</font>", "＜/font>"),
        ("<@wangfang>", "＜@wangfang>"),
        ("<!-- -->", "＜!-- -->"),
        ("**急** **急**", "＊＊急＊＊ ＊＊急＊＊"),
        ("139****0001 与 138****0002", "139＊＊＊＊0001 与 138＊＊＊＊0002"),
        ("_斜_", "＿斜＿"),
        ("a_b", "a_b"),
        ("~~划~~", "～～划～～"),
        ("3~5天", "3~5天"),
        ("`码`", "｀码｀"),
        ("```\n码", "｀｀｀\n码"),
        ("标题\n---", "标题\n－－－"),
        ("标题\n====", "标题\n＝＝＝＝"),
        ("|a|b|\n|-|-|", "|a|b|\n｜－｜－｜"),
        ("    码", "\u3000\u3000\u3000\u3000码"),
        ("&lt;font&gt;", "＆lt;font＆gt;"),
        ("&#60;@x>", "＆#60;@x>"),
        ("温度<3度", "温度<3度"),
        ("12#楼", "12#楼"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("看\u202e倒\u200b写\x07", "看倒写"),
    ],
)
def test_marks_that_would_act_do_not(written: str, shown: str) -> None:
    assert escape_markdown(written) == shown


@example("\t::")
@given(st.text(alphabet="ab汉 \n\t#>*_~`[]()<!&|-=@/:.\u200b1", max_size=80))
def test_nothing_acts_whatever_is_written(text: str) -> None:
    shown = escape_markdown(text)
    outside = re.sub(r"https?://\S+", "", shown)
    assert not re.search(r"^[ \t]*[#>]", shown, re.M)
    assert not re.search(r"^(?: {4}|\t)", shown, re.M)
    assert "](" not in outside
    assert "`" not in shown
    assert not re.search(r"<[A-Za-z/!?@]", outside)
    assert len(re.findall(r"\*+", shown)) <= 1
    # A colon alone marks nothing; a rule, an underline or a table row has one of the others in it.
    assert not re.search(r"^(?=.*[-=*_|])[-=*_|: \t]{2,}$", shown.replace("\n ", "\n"), re.M) or not shown.strip(
        "\n \t\u3000-=*_|:"
    )


@given(st.text(max_size=200))
def test_escaping_never_fails_and_keeps_the_lines(text: str) -> None:
    shown = escape_markdown(text)
    assert shown.count("\n") == text.replace("\r\n", "\n").replace("\r", "\n").count("\n")


def test_a_text_beyond_the_limit_ends_with_where_to_read_on() -> None:
    shown = render_markdown(say("水" * 10_000))
    assert byte_length(shown) <= 20_480
    assert shown.endswith("……（后文略，请在工单页查看）")


def contents(message: Message) -> list[str]:
    return [body["text"]["content"] for body in render_webhook_texts(message)]


def test_webhook_text_with_its_mentions() -> None:
    assert contents(say("【工单 1123-08】井盖", mention=("wangfang", "li.si"))) == [
        "【工单 1123-08】井盖\n<@wangfang><@li.si>"
    ]


def test_webhook_text_defuses_written_mentions_and_odd_userids() -> None:
    assert contents(say("叫<@all>来", mention=("a b", "x>y", "@all"))) == ["叫＜@all>来\n<@@all>"]


def test_webhook_text_splits_at_lines_and_loses_nothing() -> None:
    lines = [f"{number}号楼门前有建筑垃圾，请处理。" for number in range(200)]
    parts = contents(say("\n".join(lines), mention=("wangfang",)))
    assert len(parts) > 1
    assert all(byte_length(part) <= 2048 for part in parts)
    assert "\n".join(parts).split("\n") == [*lines, "<@wangfang>"]


@given(st.text(alphabet="水a\n🙂", max_size=3000), st.integers(0, 80))
def test_webhook_parts_never_exceed_the_limit(text: str, people: int) -> None:
    message = say(text or "一", mention=tuple(f"{'u' * 60}{number}" for number in range(people)))
    parts = contents(message)
    assert all(0 < byte_length(part) <= 2048 for part in parts)
    joined = "".join(parts)
    assert re.sub(r"\n|<@u+\d+>", "", joined) == (text or "一").replace("\n", "")
    assert joined.count("<@") == people


def test_webhook_image() -> None:
    content = b"\x89PNG" + bytes(100)
    body = render_webhook_image(Picture("a.png", "image/png", content))
    assert base64.b64decode(body["image"]["base64"]) == content
    assert body["image"]["md5"] == hashlib.md5(content, usedforsecurity=False).hexdigest()


@pytest.mark.parametrize(("mime", "size"), [("image/gif", 10), ("image/png", 0), ("image/jpeg", (2 << 20) + 1)])
def test_webhook_image_refuses_what_the_platform_would(mime: str, size: int) -> None:
    with pytest.raises(PictureUnfit):
        render_webhook_image(Picture("a", mime, bytes(size)))
