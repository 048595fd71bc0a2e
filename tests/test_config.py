"""The configuration: the example explains every key, and every fault is told at once, in Chinese, without showing a secret."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from bot.config import ConfigFaults, file_permission_warning, list_warnings, load_settings, parse_settings
from bot.settings import AibotMode, Settings
from nlp.reading import Category, Urgency

EXAMPLE = Path(__file__).parent.parent / "config.example.toml"
KEY = "A" * 43
ACCOUNT = f"""
[official_account]
app_id = "wx1"
app_secret = "s3cret-of-app"
token = "tokenvalue"
encoding_aes_key = "{KEY}"
"""


def faults_of(text: str, environment: dict[str, str] | None = None) -> list[str]:
    with pytest.raises(ConfigFaults) as caught:
        parse_settings(text, environment or {})
    return caught.value.faults


def inner_models(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from inner_models(part)


def keys_of_model(model: type[BaseModel], prefix: str = "", above: tuple[type[BaseModel], ...] = ()) -> Iterator[str]:
    for name, field in model.model_fields.items():
        yield f"{prefix}{name}"
        for inner in inner_models(field.annotation):
            if inner not in above:
                yield from keys_of_model(inner, f"{prefix}{name}.", (*above, inner))


FREE: tuple[str, ...] = (
    "deadlines.",
    "official_account.templates.resolved.fields.",
    "official_account.templates.reminder.fields.",
)
FREE += ("official_account.templates.notice.fields.",)


def keys_of_tree(tree: dict[str, Any], prefix: str = "") -> Iterator[str]:
    for name, value in tree.items():
        path = f"{prefix}{name}"
        yield path
        for branch in value if isinstance(value, list) else [value]:
            if isinstance(branch, dict):
                # A submenu's buttons are buttons like any other.
                yield from keys_of_tree(branch, f"{path}.".replace("sub_button.", ""))


def test_the_example_shows_exactly_the_keys_that_exist() -> None:
    shown = {key for key in keys_of_tree(tomllib.loads(EXAMPLE.read_text("utf-8"))) if not key.startswith(FREE)}
    assert shown == set(keys_of_model(Settings))


def test_every_key_of_the_example_has_a_chinese_comment() -> None:
    lines = EXAMPLE.read_text("utf-8").splitlines()
    explained = ("menu", "templates", "deadlines")
    section = ""
    for number, line in enumerate(lines):
        section = line if line.startswith("[") else section
        if "=" not in line.split("#")[0] or line.startswith("#") or any(word in section for word in explained):
            continue
        comment = line.partition("#")[2] or lines[number - 1]
        assert any("一" <= sign <= "鿿" for sign in comment), line


def test_the_example_loads_and_says_what_it_says() -> None:
    settings = load_settings(EXAMPLE, {})
    account, aibot = settings.official_account, settings.aibot
    assert account is not None
    assert aibot is not None
    assert account.encoding_aes_key.get_secret_value() == KEY
    resolved = account.templates.find("resolved")
    assert resolved is not None
    assert resolved.fields["number"] == "character_string1"
    assert account.templates.find("find") is None
    assert aibot.mode is AibotMode.WS
    assert [len(button.sub_button) for button in settings.menu.button] == [0, 2, 0]
    assert settings.deadlines.pace(Category.DISPUTE, Urgency.NORMAL).resolve.label == "5个工作日"
    assert settings.deadlines.pace(Category.LIVELIHOOD, Urgency.NORMAL).resolve.label == "3个工作日"


def test_what_the_example_shows_in_optional_sections_are_the_defaults() -> None:
    settings, bare = load_settings(EXAMPLE, {}), parse_settings("", {})
    for section in ("limits", "delivery", "media", "privacy", "storage", "webhook"):
        assert getattr(settings, section) == getattr(bare, section)


def test_an_empty_file_closes_both_doors() -> None:
    settings = parse_settings("", {})
    assert settings.official_account is None
    assert settings.aibot is None
    assert settings.deadlines.pace(None, Urgency.NORMAL).resolve.label == "3个工作日"


FAULTY = [
    ("[server]\nport = 'x'", "[server] port：应为整数。"),
    ("[server]\nport = 70000", "[server] port：应不大于 65535。"),
    ("[server]\nport = 8600.5", "[server] port：应为整数。"),
    ("[server]\nprot = 1", "[server] prot：没有这个配置项，是否想写 port？"),
    ("[server]\ntimezone = 'Asia/Jiamusi'", "[server] timezone：没有这个时区，例如 Asia/Shanghai。"),
    ("[server]\npublic_url = 'wangge.cn'", "[server] public_url：应为完整地址，以 http:// 或 https:// 开头。"),
    ("[server]\npublic_url = 'http://[::1'", "[server] public_url：应为完整地址，以 http:// 或 https:// 开头。"),
    ("server = 1", "[server]：应为一个表（另起一节）。"),
    ("[sever]", "[sever]：没有这个配置项，是否想写 server？"),
    (
        "[storage]\nurl = 'mysql://x/y'",
        "[storage] url：应为 sqlite+aiosqlite:///文件 或 postgresql+asyncpg://用户:密码@主机/库名。",
    ),
    ("[storage]\nmedia_dir = ''", "[storage] media_dir：不能为空。"),
    ("[aibot]\nbot_id = 'b'", "[aibot] secret：当前 mode 下必须填写。"),
    (
        "[aibot]\nbot_id='b'\nmode='callback'\ntoken='t'",
        "[aibot] encoding_aes_key：当前 mode 下必须填写。",
    ),
    (
        "[aibot]\nbot_id='b'\nsecret='s'\nws_url='ws://example.cn'",
        "[aibot] ws_url：密钥会发往这个地址，除本机外必须使用 wss://。",
    ),
    ("[aibot]\nbot_id='b'\nsecret='s'\nmode='push'", "[aibot] mode：应为以下之一：ws、callback。"),
    (
        "[webhook]\napi_base='http://qy.example.cn'",
        "[webhook] api_base：密钥会发往这个地址，除本机外必须使用 https://。",
    ),
    ("[emergency]\ngas_phone='打电话'", "[emergency] gas_phone：应为电话号码：数字，可带“-”。"),
    ("[emergency]\ngas_phone=96777", "[emergency] gas_phone：应为文字，请加引号。"),
    ("[limits]\nreply_budget_seconds=5", "[limits] reply_budget_seconds：应小于 5。"),
    ("[delivery]\npoll_seconds=0", "[delivery] poll_seconds：应大于 0。"),
    ("[delivery]\npoll_seconds=inf", "[delivery] poll_seconds：应为有限的数字。"),
    ("[deadlines]\nall.normal.resolve='9y'", "[deadlines] all.normal.resolve"),
    ("deadlines = 3", "[deadlines]：应为一个表。"),
    ("[menu]\nbutton=1", "[menu] button：应为列表。"),
    ("[menu]\nbutton=[{name='好'}]", "[menu] button：“好”要填 key，最多 128 字节。"),
    ("[menu]\nbutton=[{name='好',type='view'}]", "[menu] button：“好”要填 url，最多 1024 字节。"),
    ("[menu]\nbutton=[{name='好',type='tap'}]", "[menu] button.0.type：没有这种按钮"),
    ("[menu]\nbutton=[{name='好',colour='red'}]", "[menu] button.0.colour：没有这个配置项"),
    (
        "[menu]\nbutton=[{name='我要反映问题',key='k'}]",
        "[menu] button：“我要反映问题”名称太长，最多 16 字节（汉字每个 3 字节）。",
    ),
]


@pytest.mark.parametrize(("text", "sentence"), FAULTY)
def test_a_fault_is_told_with_its_path(text: str, sentence: str) -> None:
    (fault,) = faults_of(text)
    assert fault.startswith(sentence)


ACCOUNT_FAULTS = [
    ("token = 'tokenvalue'", "token = '?'", "token：应为 3 至 32 个英文字母或数字"),
    (KEY, "A" * 42, "encoding_aes_key：应为 43 个字符的 EncodingAESKey"),
    (KEY, "=" * 43, "encoding_aes_key：应为 43 个字符的 EncodingAESKey"),
    (KEY, "", "encoding_aes_key：当前 mode 下必须填写。"),
    ("app_secret = 's3cret-of-app'", "", "app_secret：必须填写。"),
    ("app_secret = 's3cret-of-app'", "app_secret = ''", "app_secret：不能为空。"),
]


@pytest.mark.parametrize(("old", "new", "sentence"), ACCOUNT_FAULTS)
def test_a_fault_of_the_account_is_told(old: str, new: str, sentence: str) -> None:
    text = ACCOUNT.replace('"', "'").replace(old, new)
    (fault,) = faults_of(text)
    assert fault.startswith(f"[official_account] {sentence}")


def test_the_plain_mode_needs_no_key() -> None:
    settings = parse_settings(ACCOUNT.replace(KEY, "") + "mode = 'plain'", {})
    assert settings.official_account is not None


def test_all_faults_are_told_together() -> None:
    text = "[server]\nport=0\nprot=1\n[official_account]\nmode='sfe'\ntoken='?'\n[aibot]\nmode='callback'\n[deadlines]\na=1\nb=2\n[nope]"
    faults = faults_of(text, {"WANGGE_SERVER__PORT__DEEP": "1", "WANGGE_LIMITS__": "1"})
    paths = [fault.partition("：")[0] for fault in faults]
    assert paths[:2] == ["环境变量 WANGGE_LIMITS__", "环境变量 WANGGE_SERVER__PORT__DEEP"]
    assert {"[server] port", "[server] prot", "[official_account] mode", "[official_account] app_id", "[nope]"} <= set(
        paths
    )
    assert {"[official_account] token", "[aibot] token", "[aibot] encoding_aes_key", "[aibot] bot_id"} <= set(paths)
    assert sum(fault.startswith("[deadlines]") for fault in faults) == 2


def test_no_fault_repeats_a_secret() -> None:
    text = ACCOUNT.replace("tokenvalue", "bad token!").replace(KEY, "short-key")
    text += "[storage]\nurl='mysql://me:hush@db/x'\n[aibot]\nbot_id='b'\nsecret=99887766"
    told = "\n".join(faults_of(text))
    for secret in ("bad token!", "short-key", "hush", "99887766", "s3cret-of-app"):
        assert secret not in told


def test_a_broken_file_is_told_by_line_without_its_text() -> None:
    (fault,) = faults_of('app_secret = "hush\n')
    assert fault.startswith("配置文件不是正确的 TOML：第 1 行")
    assert "hush" not in fault


def test_a_missing_and_an_unreadable_file(tmp_path: Path) -> None:
    for content in (None, "端口".encode("gbk")):
        path = tmp_path / "config.toml"
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ConfigFaults, match="配置文件"):
            load_settings(path, {})


def test_a_file_saved_by_notepad_loads(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(b"\xef\xbb\xbf[server]\r\nport = 9000\r\n")
    assert load_settings(path, {}).server.port == 9000


def test_the_environment_overrides() -> None:
    environment = {
        "WANGGE_CONFIG": "/etc/wangge.toml",
        "WANGGE_SERVER__PORT": "9100",
        "WANGGE_OFFICIAL_ACCOUNT__TEMPLATES__RESOLVED__ID": "T1",
        "WANGGE_OFFICIAL_ACCOUNT__TEMPLATES__RESOLVED__KIND": "subscription",
        "WANGGE_OFFICIAL_ACCOUNT__TEMPLATES__RESOLVED__FIELDS": json.dumps({"number": "thing1"}),
        "WANGGE_OFFICIAL_ACCOUNT__APP_SECRET": "from-the-environment",
        "WANGGE_DEADLINES__URBAN_PROPERTY__NORMAL__RESOLVE": "7d",
        "OTHER__PORT": "1",
    }
    settings = parse_settings(ACCOUNT, environment)
    account = settings.official_account
    assert account is not None
    assert account.templates.resolved is not None
    assert settings.server.port == 9100
    assert account.templates.resolved.id == "T1"
    assert account.app_secret.get_secret_value() == "from-the-environment"
    assert str(settings.deadlines.pace(Category.URBAN_PROPERTY, Urgency.NORMAL).resolve) == "7d"


def test_an_unknown_key_from_the_environment_is_a_fault() -> None:
    assert faults_of("", {"WANGGE_SERVER__PROT": "1"}) == ["[server] prot：没有这个配置项，是否想写 port？"]


def test_repr_hides_every_secret() -> None:
    text = ACCOUNT + "[aibot]\nbot_id='b'\nsecret='bot-secret'\n[storage]\nurl='postgresql+asyncpg://me:hush@db/x'"
    shown = repr(parse_settings(text, {}))
    for secret in ("s3cret-of-app", "tokenvalue", KEY, "bot-secret", "hush"):
        assert secret not in shown


def test_settings_do_not_change() -> None:
    with pytest.raises(ValidationError):
        parse_settings("", {}).server.port = 1


@pytest.mark.parametrize(
    ("api_base", "heard"),
    [
        ("http://127.0.0.1:8601/oa", True),
        ("http://localhost:8601/oa", True),
        ("http://[::1]:8601/oa", True),
        ("https://api.weixin.qq.com", False),
        ("https://127.0.0.1.example.cn", False),
        ("https://localhost.example.cn", False),
    ],
)
def test_only_a_sandbox_on_this_machine_sets_the_clock(api_base: str, heard: bool) -> None:
    text = f"[server]\nclock_url='http://127.0.0.1:8601/sandbox/clock'\n{ACCOUNT}api_base='{api_base}'"
    settings = parse_settings(text, {})
    assert bool(settings.clock_url) is heard
    assert any("clock_url" in warning for warning in list_warnings(settings)) is not heard


def test_without_an_account_the_clock_is_the_machines() -> None:
    assert parse_settings("[server]\nclock_url='http://127.0.0.1:1/c'", {}).clock_url == ""


def test_a_file_that_others_can_read_is_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.touch(mode=0o600)
    assert file_permission_warning(path) is None
    path.chmod(0o644)
    assert "chmod 600" in (file_permission_warning(path) or "")
