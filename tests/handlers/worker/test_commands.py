"""What is read as a command, and what is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.worker.commands import Command, find_numbers, parse_command
from handlers.worker.desk import HANDLERS
from handlers.worker.nearest import EXAMPLES, find_nearest
from handlers.worker.spans import parse_span
from handlers.worker.verbs import SOUNDS, Verb


@pytest.mark.parametrize(
    ("text", "verb", "number", "rest"),
    [
        ("接单", Verb.ACCEPT, None, ""),
        ("接 单", Verb.ACCEPT, None, ""),
        ("接单！！", Verb.ACCEPT, None, ""),
        ("接了", Verb.ACCEPT, None, ""),
        ("我接", Verb.ACCEPT, None, ""),
        ("收到接单", Verb.ACCEPT, None, ""),
        ("好的，接单", Verb.ACCEPT, None, ""),
        ("你好，接单", Verb.ACCEPT, None, ""),
        ("完成 换了灯泡", Verb.RESOLVE, None, "换了灯泡"),
        ("接单 1123-08", Verb.ACCEPT, "1123-08", ""),
        ("接单1123-08", Verb.ACCEPT, "1123-08", ""),
        ("1123-08 接单", Verb.ACCEPT, "1123-08", ""),
        ("接单1123—08", Verb.ACCEPT, "1123-08", ""),
        ("接单 1123 - 8", Verb.ACCEPT, "1123-08", ""),
        ("接单１１２３－０８", Verb.ACCEPT, "1123-08", ""),
        ("接单\u30001123-08", Verb.ACCEPT, "1123-08", ""),
        ("接单 1123-108", Verb.ACCEPT, "1123-108", ""),
        ("【工单 1123-08】接单", Verb.ACCEPT, "1123-08", ""),
        ("工单1123-08 接单", Verb.ACCEPT, "1123-08", ""),
        ("112308 接单", Verb.ACCEPT, "1123-08", ""),
        ("接单 #08", Verb.ACCEPT, "#08", ""),
        ("#8接单", Verb.ACCEPT, "#08", ""),
        ("接单 08", Verb.ACCEPT, "#08", ""),
        ("08 接单", Verb.ACCEPT, "#08", ""),
        ("1123-08", Verb.PROGRESS, "1123-08", ""),
        ("办结 已疏通，更换一段管道", Verb.RESOLVE, None, "已疏通，更换一段管道"),
        ("办结：已疏通", Verb.RESOLVE, None, "已疏通"),
        ("处理完了 已清走 1123-08", Verb.RESOLVE, "1123-08", "已清走"),
        ("我已办结 修好了", Verb.RESOLVE, None, "修好了"),
        ("办好了", Verb.RESOLVE, None, ""),
        ("办结 与1123-05一并处理", Verb.RESOLVE, None, "与1123-05一并处理"),
        ("办结 12 号楼已修", Verb.RESOLVE, None, "12 号楼已修"),
        ("办结 3号楼2单元已疏通", Verb.RESOLVE, None, "3号楼2单元已疏通"),
        ("办结 已通知住户13800000001", Verb.RESOLVE, None, "已通知住户13800000001"),
        ("延期 3 天 等配件", Verb.EXTEND, None, "3 天 等配件"),
        ("问几单元的管道堵了", Verb.ASK, None, "几单元的管道堵了"),
        ("问 12号楼吗？", Verb.ASK, None, "12号楼吗？"),
        ("核查 不通过 1123-08 有积水", Verb.CHECK, "1123-08", "不通过   有积水"),
        ("核查通过", Verb.CHECK, None, "通过"),
        ("合并 1123-09 并入 1123-08", Verb.MERGE, "1123-09", "并入 1123-08"),
        ("上报 1.5号楼水表井低 2.3号楼垃圾", Verb.REPORT, None, "1.5号楼水表井低 2.3号楼垃圾"),
        ("上报 1123-08 需协调", Verb.REPORT, "1123-08", "需协调"),
        ("绑定 ab12 cd34", Verb.BIND, None, "ab12 cd34"),
        ("不同意 张三", Verb.REJECT, None, "张三"),
        ("热线 12345-0001 停水", Verb.HOTLINE, None, "12345-0001 停水"),
        ("？", Verb.HELP, None, ""),
        ("HELP", Verb.HELP, None, ""),
        ("为何派到这里", Verb.WHY, None, ""),
    ],
)
def test_what_workers_type(text: str, verb: Verb, number: str | None, rest: str) -> None:
    assert parse_command(text) == Command(verb, number, rest)


@pytest.mark.parametrize(
    ("slip", "verb"),
    [
        ("接弹", Verb.ACCEPT),
        ("街单", Verb.ACCEPT),
        ("接但", Verb.ACCEPT),
        ("单接", Verb.ACCEPT),
        ("办节", Verb.RESOLVE),
        ("办接", Verb.RESOLVE),
        ("退会", Verb.RETURN),
        ("转排", Verb.TRANSFER),
        ("言期", Verb.EXTEND),
        ("题级", Verb.ESCALATE),
        ("代办", Verb.AGENDA),
        ("近度", Verb.PROGRESS),
        ("帮组", Verb.HELP),
        ("等级", Verb.REGISTER),
        ("报道", Verb.ARRIVE),
        ("代研判", Verb.TRIAGE),
    ],
)
def test_a_slip_of_one_character_is_understood(slip: str, verb: Verb) -> None:
    read = parse_command(f"{slip} 1123-08")
    assert read is not None
    assert read.verb is verb


@pytest.mark.parametrize(
    "text",
    [
        "",
        "收到",
        "办结了吗",
        "办结了没有？",
        "接单了吗",
        "完成不了",
        "不接单",
        "没办结",
        "问题解决了",
        "接水",
        "接电话",
        "同一个问题",
        "恢复供水了",
        "退休工资怎么领",
        "今天天气不错",
        "王芳去看一下",
        "请问怎么操作",
        "我问你个事",
        "接单后怎么联系居民",
        "退回的工单去哪了",
        "解决了一半",
        "升级改造什么时候开始",
        "完成率多少",
    ],
)
def test_chatter_questions_and_denials_are_no_commands(text: str) -> None:
    assert parse_command(text) is None


def test_a_quote_gives_the_number_and_a_typed_one_beside_the_verb_wins() -> None:
    quote = "【工单 1123-08】城建物业 · 一般"
    assert parse_command("接单", quote) == Command(Verb.ACCEPT, "1123-08", "")
    assert parse_command("接单 1123-09", quote) == Command(Verb.ACCEPT, "1123-09", "")
    # Beside a quote, a number among other words is something told.
    assert parse_command("办结 同 1123-05 一起修了", quote) == Command(Verb.RESOLVE, "1123-08", "同 1123-05 一起修了")


def test_a_quoted_list_names_no_case() -> None:
    assert parse_command("接单", "1123-08 待接单\n1123-09 待接单") == Command(Verb.ACCEPT, None, "")


def test_addresses_phones_and_dates_are_no_case_numbers() -> None:
    assert find_numbers("电话0454-8888888，12-3-402，2026-11-23，1345-08，1123-08") == ["1123-08"]


def test_every_verb_has_its_handler_and_its_example() -> None:
    assert {handler.verb for handler in HANDLERS} == set(Verb) == set(EXAMPLES)
    for verb, example in EXAMPLES.items():
        read = parse_command(example)
        assert read is not None, example
        assert read.verb is verb


def test_no_sound_is_its_own_character() -> None:
    assert all(right not in wrong for right, wrong in SOUNDS.items())


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("这个不归我们管", Verb.RETURN),
        ("收到", Verb.ACCEPT),
        ("已经清理干净", Verb.RESOLVE),
        ("办结了吗", Verb.RESOLVE),
        ("没接单", Verb.ACCEPT),
        ("今天天气不错", Verb.HELP),
    ],
)
def test_the_nearest_command_is_named(text: str, verb: Verb) -> None:
    assert find_nearest(text) is verb


@pytest.mark.parametrize(
    ("text", "span", "reason"),
    [
        ("2天 等配件", "2d", "等配件"),
        ("两天等配件", "2d", "等配件"),
        ("3个工作日 等配件", "3wd", "等配件"),
        ("3工作日，等配件", "3wd", "等配件"),
        ("一周 天气原因", "7d", "天气原因"),
        ("十二小时 夜间停水", "12h", "夜间停水"),
        ("等配件 2天", "2d", "等配件"),
        ("2d 等配件", "2d", "等配件"),
        ("等配件", None, "等配件"),
    ],
)
def test_spans(text: str, span: str | None, reason: str) -> None:
    assert parse_span(text) == (span, reason)


@given(st.text(max_size=60), st.text(max_size=40))
def test_reading_never_fails(text: str, quote: str) -> None:
    parse_command(text, quote)
    parse_span(text)
    find_nearest(text)


@given(st.text(alphabet="接单办结退回转派延期问上报 1123-08#【】工单，。？了吗\n", max_size=40))
def test_reading_never_fails_on_what_looks_like_commands(text: str) -> None:
    parse_command(text)
