"""The account's menu: what the config says, or one that suits most."""

from collections.abc import Mapping
from typing import Any

from bot.official_account.api import OfficialAccountApi
from bot.ports import Refused
from bot.settings import MenuButton, MenuSettings

_NO_MENU = 46003
# The keys are those of `handlers.resident.commands.MENU_KEYS`.
DEFAULT_MENU: Mapping[str, Any] = {
    "button": [
        {"name": "我要反映", "type": "click", "key": "HELP"},
        {"name": "办理进度", "type": "click", "key": "PROGRESS"},
        {"name": "我的网格员", "type": "click", "key": "MY_WORKER"},
    ]
}


def render_menu(settings: MenuSettings) -> Mapping[str, Any]:
    """The menu in the platform's form."""
    return {"button": [_render(button) for button in settings.button]} if settings.button else DEFAULT_MENU


def _render(button: MenuButton) -> dict[str, Any]:
    if button.sub_button:
        return {"name": button.name, "sub_button": [_render(under) for under in button.sub_button]}
    found = {"name": button.name, "type": button.type, "key": button.key, "url": button.url}
    return {name: value for name, value in found.items() if value}


async def apply_menu(api: OfficialAccountApi, settings: MenuSettings) -> None:
    """Replace the account's menu. Raises `WireFailure`."""
    await api.create_menu(render_menu(settings))


async def is_menu_applied(api: OfficialAccountApi, settings: MenuSettings) -> bool:
    """Whether the account shows the menu that is configured. Raises `WireFailure`."""
    try:
        found = await api.get_menu()
    except Refused as refused:
        if refused.errcode == _NO_MENU:
            return False
        raise
    return _shape(found) == _shape(render_menu(settings))


def _shape(menu: Mapping[str, Any]) -> list[Any]:
    return [
        (
            button["name"],
            button.get("type"),
            button.get("key"),
            button.get("url"),
            _shape({"button": button.get("sub_button") or []}),
        )
        for button in menu.get("button", [])
    ]
