"""What can be configured: one frozen class per section. `bot.config` reads it; `config.example.toml` explains every key."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
)

from bot import settings_rules as rules
from bot.official_account.door import Mode
from bot.official_account.transport import TemplateKind
from bot.settings_checks import ChecksSettings
from bot.settings_ladder import LadderSettings
from bot.settings_nlp import NlpSettings
from bot.settings_notices import FanOutSettings
from bot.settings_notices_law import NoticeLawSettings
from grid.deadlines import Deadlines, parse_deadlines

Positive = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
WebAddress = Annotated[str, AfterValidator(rules.check_web_address)]
SafeWebAddress = Annotated[str, AfterValidator(rules.check_safe_web_address)]
SocketAddress = Annotated[str, AfterValidator(rules.check_socket_address)]
Phone = Annotated[str, AfterValidator(rules.check_phone)]


class AibotMode(StrEnum):
    """How the AI bot is connected: it dials out (ws), or is called (callback) and then can only answer."""

    WS = "ws"
    CALLBACK = "callback"


class Section(BaseModel):
    """A section: unknown keys are errors, nothing changes after reading, and no fault shows what was written."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True, validate_default=True)


class ServerSettings(Section):
    """Where the service listens and how it is reached; `clock_url` is the sandbox's clock (see `Settings.clock_url`)."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8600
    public_url: WebAddress = "http://127.0.0.1:8600"
    timezone: Annotated[str, AfterValidator(rules.check_timezone)] = "Asia/Shanghai"
    clock_url: WebAddress = ""


class StorageSettings(Section):
    """The database (its address may hold a password) and the folder of kept media."""

    url: Annotated[str, Field(repr=False), AfterValidator(rules.check_database_url)] = (
        "sqlite+aiosqlite:///data/wangge.db"
    )
    media_dir: Annotated[str, Field(min_length=1)] = "data/media"


class TemplateSettings(Section):
    """One template of the platform, 模板消息 or 订阅通知; `fields` maps our names of the fields to the platform's keywords."""

    id: Annotated[str, Field(min_length=1)]
    kind: TemplateKind
    fields: Annotated[dict[str, str], Field(min_length=1)]


class TemplatesSettings(Section):
    """What stands in when the reply window is closed; a template that is absent is not used."""

    resolved: TemplateSettings | None = None
    reminder: TemplateSettings | None = None
    notice: TemplateSettings | None = None

    def find(self, name: str) -> TemplateSettings | None:
        """The template configured under `name` (a `Template.name`), if there is one."""
        found = getattr(self, name, None) if name in type(self).model_fields else None
        return found if isinstance(found, TemplateSettings) else None


class OfficialAccountSettings(Section):
    """The official account; `account` (gh_…) is optional and then checked on each push."""

    app_id: Annotated[str, Field(min_length=1)]
    app_secret: Annotated[SecretStr, Field(min_length=1)]
    account: str = ""
    token: Annotated[SecretStr, AfterValidator(rules.check_token)]
    mode: Mode = Mode.SAFE
    # After `mode`: the validator below looks at it.
    encoding_aes_key: SecretStr = SecretStr("")
    api_base: SafeWebAddress = "https://api.weixin.qq.com"
    mp_base: SafeWebAddress = "https://mp.weixin.qq.com"
    open_base: SafeWebAddress = "https://open.weixin.qq.com"
    templates: TemplatesSettings = TemplatesSettings()

    @field_validator("encoding_aes_key")
    @classmethod
    def _check_key(cls, key: SecretStr, info: ValidationInfo) -> SecretStr:
        return rules.check_aes_key(key, is_needed=info.data.get("mode", Mode.PLAIN) is not Mode.PLAIN)


class AibotSettings(Section):
    """The WeCom AI bot; `token` and `encoding_aes_key` belong to the callback mode, `secret` and `ws_url` to the long connection."""

    mode: AibotMode = AibotMode.WS
    bot_id: Annotated[str, Field(min_length=1)]
    secret: SecretStr = SecretStr("")
    name: Annotated[str, Field(min_length=1)] = "网格助手"
    ws_url: SocketAddress = "wss://openws.work.weixin.qq.com"
    token: SecretStr = SecretStr("")
    encoding_aes_key: SecretStr = SecretStr("")

    @field_validator("secret")
    @classmethod
    def _check_secret(cls, secret: SecretStr, info: ValidationInfo) -> SecretStr:
        return rules.check_present(secret, is_needed=info.data.get("mode") is AibotMode.WS)

    @field_validator("token")
    @classmethod
    def _check_token(cls, token: SecretStr, info: ValidationInfo) -> SecretStr:
        return rules.check_present(token, is_needed=info.data.get("mode") is AibotMode.CALLBACK)

    @field_validator("encoding_aes_key")
    @classmethod
    def _check_key(cls, key: SecretStr, info: ValidationInfo) -> SecretStr:
        return rules.check_aes_key(key, is_needed=info.data.get("mode") is AibotMode.CALLBACK)


class WebhookSettings(Section):
    """Where group webhooks live; their keys are the groups' own."""

    api_base: SafeWebAddress = "https://qyapi.weixin.qq.com"


class AlertSettings(Section):
    """`duty_group` is the `key` of the group that hears what could not be placed, staffed or delivered."""

    duty_group: str = ""


class EmergencySettings(Section):
    """Phone numbers that belong to a place; 110, 119, 120 and 122 are the same everywhere and need no key."""

    gas_phone: Phone = ""
    water_phone: Phone = ""
    power_phone: Phone = ""
    heating_phone: Phone = ""


class MenuButton(Section):
    """A button of the custom menu, in the platform's own words: name, type, key or url; a button with `sub_button` only opens."""

    name: Annotated[str, Field(min_length=1)]
    type: Annotated[str, AfterValidator(rules.check_menu_type)] = "click"
    key: str = ""
    url: WebAddress = ""
    sub_button: tuple["MenuButton", ...] = ()


class MenuSettings(Section):
    """The custom menu that `wangge menu apply` sets; limits as in wechat.md §2.6."""

    button: Annotated[tuple[MenuButton, ...], AfterValidator(rules.check_menu)] = ()


class LimitSettings(Section):
    """How much is taken in, and how long an answer may take. The platform waits 5 seconds for a reply."""

    body_bytes: Annotated[int, Field(ge=1024, le=16 << 20)] = 64 * 1024
    reply_budget_seconds: Annotated[float, Field(gt=0, lt=5)] = 4.0
    join_seconds: Annotated[float, Field(ge=0, le=3600)] = 600.0
    text_characters: Annotated[int, Field(ge=100)] = 5000


class DeliverySettings(Section):
    """How messages go out: who sends how many at once, how often a channel takes one, and when to give up."""

    poll_seconds: Seconds = 1.0
    at_once: Annotated[int, Field(ge=1, le=500)] = 32
    hold_seconds: Annotated[float, Field(ge=5)] = 15.0
    stop_seconds: Seconds = 10.0
    max_tries: Positive = 8
    first_retry_seconds: Seconds = 2.0
    longest_retry_seconds: Seconds = 900.0
    longest_wait_hours: Seconds = 72.0
    webhook_per_minute: Positive = 20
    aibot_per_minute: Positive = 30
    aibot_per_hour: Positive = 1000


class MediaSettings(Section):
    """What is fetched from the platforms and how it is kept."""

    poll_seconds: Seconds = 1.0
    at_once: Annotated[int, Field(ge=1, le=16)] = 2
    max_bytes: Positive = 20 << 20
    max_pixels: Positive = 50_000_000
    picture_bytes: Annotated[int, Field(ge=64 * 1024, le=2 << 20)] = 2 << 20
    picture_pixels: Annotated[int, Field(ge=320)] = 2560
    max_tries: Positive = 6
    first_retry_seconds: Seconds = 5.0


class VoiceProvider(StrEnum):
    """Who turns recordings into text: the official account's own platform, a model on this machine, or nobody."""

    PLATFORM = "platform"
    LOCAL = "local"
    OFF = "off"


class VoiceModel(StrEnum):
    """What kind of sherpa-onnx model lies in the folder."""

    SENSE_VOICE = "sense_voice"
    PARAFORMER = "paraformer"
    TRANSDUCER = "transducer"


class VoiceSettings(Section):
    """How recordings become text, and when a person must listen instead."""

    provider: VoiceProvider = VoiceProvider.PLATFORM
    model_dir: str = ""
    model_kind: VoiceModel = VoiceModel.SENSE_VOICE
    threads: Annotated[int, Field(ge=1, le=16)] = 1
    poll_seconds: Seconds = 1.0
    max_seconds: Annotated[float, Field(gt=0, le=240)] = 120.0
    max_tries: Positive = 3
    first_retry_seconds: Seconds = 5.0

    @field_validator("model_dir")
    @classmethod
    def _check_model_dir(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("provider") is VoiceProvider.LOCAL and not value:
            raise ValueError('provider = "local" 时必须填写模型文件夹。')
        return value


class PrivacySettings(Section):
    """How long what is kept, in days; `purge` reads it. 0 keeps for good."""

    inbound_days: Annotated[int, Field(ge=0)] = 180
    contact_days: Annotated[int, Field(ge=0)] = 365
    case_text_days: Annotated[int, Field(ge=0)] = 1095
    media_days: Annotated[int, Field(ge=0)] = 365
    case_page_days: Positive = 30


def _read_deadlines(section: object) -> Deadlines:
    if isinstance(section, Deadlines):
        return section
    if not isinstance(section, Mapping):
        raise ValueError("应为一个表。")
    return parse_deadlines(section)


class Settings(Section):
    """The whole file. A door whose section is None is closed."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    server: ServerSettings = ServerSettings()
    storage: StorageSettings = StorageSettings()
    official_account: OfficialAccountSettings | None = None
    aibot: AibotSettings | None = None
    webhook: WebhookSettings = WebhookSettings()
    alerts: AlertSettings = AlertSettings()
    emergency: EmergencySettings = EmergencySettings()
    menu: MenuSettings = MenuSettings()
    limits: LimitSettings = LimitSettings()
    deadlines: Annotated[Deadlines, BeforeValidator(_read_deadlines)] = Deadlines()
    delivery: DeliverySettings = DeliverySettings()
    media: MediaSettings = MediaSettings()
    voice: VoiceSettings = VoiceSettings()
    nlp: NlpSettings = NlpSettings()
    fanout: FanOutSettings = FanOutSettings()
    notices: NoticeLawSettings = NoticeLawSettings()
    privacy: PrivacySettings = PrivacySettings()
    checks: ChecksSettings = ChecksSettings()
    ladder: LadderSettings = LadderSettings()

    @property
    def clock_url(self) -> str:
        """Where to read the time; empty for the machine's own. Only a pretend platform on this machine may set our clock."""
        account = self.official_account
        return self.server.clock_url if account is not None and rules.is_loopback(account.api_base) else ""

    @classmethod
    def read(cls, tree: Mapping[str, Any]) -> Self:
        """The settings of a parsed file. Raises pydantic's `ValidationError`; `bot.config` makes sentences of it."""
        return cls.model_validate(dict(tree))
