"""Access tokens: two independent kinds, replaced and expired ones, wrong credentials."""

import pytest

from tests.sandbox.conftest import APP_ID, SECRET, Play

GOOD = {"grant_type": "client_credential", "appid": APP_ID, "secret": SECRET}


async def stable(play: Play, **more: object) -> dict[str, object]:
    async with play.client.post("/oa/cgi-bin/stable_token", json=GOOD | more) as response:
        return await response.json()


async def legacy(play: Play, **more: str) -> dict[str, object]:
    async with play.client.get("/oa/cgi-bin/token", params=GOOD | more) as response:
        return await response.json()


async def works(play: Play, token: str) -> int:
    async with play.client.get("/oa/cgi-bin/getcallbackip", params={"access_token": token}) as response:
        return (await response.json()).get("errcode", 0)


@pytest.mark.parametrize(
    ("wrong", "errcode"),
    [
        ({"appid": "wx_other"}, 40013),
        ({"secret": "x"}, 40125),
        ({"secret": ""}, 41004),
        ({"appid": ""}, 41002),
        ({"grant_type": "password"}, 40002),
    ],
)
async def test_wrong_credentials(account: Play, wrong: dict[str, str], errcode: int) -> None:
    assert (await legacy(account, **wrong))["errcode"] == errcode
    assert (await stable(account, **wrong))["errcode"] == errcode


async def test_any_credential_passes_until_an_account_is_set_up(play: Play) -> None:
    assert "access_token" in await legacy(play, appid="anything", secret="anything")


async def test_missing_unknown_and_expired(account: Play) -> None:
    token = (await legacy(account))["access_token"]
    assert await works(account, token) == 0
    assert await works(account, "") == 41001
    assert await works(account, "nonsense") == 40001
    await account.later(7201)
    assert await works(account, token) == 42001


async def test_a_new_legacy_token_replaces_the_old_one(account: Play) -> None:
    first = (await legacy(account))["access_token"]
    second = (await legacy(account))["access_token"]
    assert await works(account, first) == 0
    await account.later(301)
    assert await works(account, first) == 40001
    assert await works(account, second) == 0


async def test_stable_token_stays_the_same_and_is_not_disturbed(account: Play) -> None:
    first = await stable(account)
    await legacy(account)
    await account.later(3600)
    second = await stable(account)
    assert second["access_token"] == first["access_token"]
    assert 3590 <= second["expires_in"] <= 3600
    await account.later(3400)
    third = await stable(account)
    assert third["access_token"] != first["access_token"]
    assert await works(account, first["access_token"]) == 0


async def test_forced_refresh_kills_the_old_one_and_is_limited(account: Play) -> None:
    first = (await stable(account))["access_token"]
    second = (await stable(account, force_refresh=True))["access_token"]
    assert second != first
    assert await works(account, first) == 40001
    assert (await stable(account, force_refresh=True))["errcode"] == 45011
    for _ in range(19):
        await account.later(31)
        assert "access_token" in await stable(account, force_refresh=True)
    await account.later(31)
    assert (await stable(account, force_refresh=True))["errcode"] == 45009


async def test_another_account_makes_tokens_worthless(account: Play) -> None:
    token = (await legacy(account))["access_token"]
    await account.put("/official_account", {"app_secret": "n" * 32})
    assert await works(account, token) == 40001


async def test_revoked_by_somebody_else(account: Play) -> None:
    token = (await stable(account))["access_token"]
    await account.post("/official_account/revoke_tokens", {})
    assert await works(account, token) == 40001
    assert await works(account, (await stable(account))["access_token"]) == 0


async def test_methods(account: Play) -> None:
    async with account.client.post("/oa/cgi-bin/token") as response:
        assert (await response.json())["errcode"] == 43001
    async with account.client.get("/oa/cgi-bin/stable_token") as response:
        assert (await response.json())["errcode"] == 43002


async def test_clear_quota_ten_times_a_month(account: Play) -> None:
    codes = [(await account.oa("clear_quota", {"appid": APP_ID}))["errcode"] for _ in range(11)]
    assert codes == [0] * 10 + [48006]
    assert (await account.oa("clear_quota", {"appid": "wx_other"}))["errcode"] == 40013


async def test_addresses_and_check(account: Play) -> None:
    assert (await account.oa("getcallbackip", method="GET"))["ip_list"]
    assert "dns" in await account.oa("callback/check", {"action": "all", "check_operator": "DEFAULT"})
    assert (await account.oa("callback/check", {"action": "no"}))["errcode"] != 0
