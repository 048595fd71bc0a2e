"""Web authorization: a code for five minutes and one use."""

from tests.sandbox.conftest import APP_ID, SECRET, Play


async def authorize(play: Play, **more: str) -> tuple[int, str]:
    query = {
        "appid": APP_ID,
        "redirect_uri": "http://127.0.0.1/back?a=1",
        "response_type": "code",
        "scope": "snsapi_base",
        "state": "s1",
    }
    params = query | more
    async with play.client.get("/oa/connect/oauth2/authorize", params=params, allow_redirects=False) as response:
        return response.status, response.headers.get("Location", "")


async def trade(play: Play, code: str, **more: str) -> dict[str, object]:
    query = {"appid": APP_ID, "secret": SECRET, "code": code, "grant_type": "authorization_code"} | more
    async with play.client.get("/oa/sns/oauth2/access_token", params=query) as response:
        return await response.json()


async def test_web_authorization(account: Play) -> None:
    assert await authorize(account) == (200, "")
    status, location = await authorize(account, openid="o1")
    assert status == 302
    assert location.startswith("http://127.0.0.1/back?a=1&code=")
    assert location.endswith("&state=s1")
    code = location.split("code=")[1].split("&")[0]
    token = await trade(account, code)
    assert token["openid"] == "o1"
    assert (await trade(account, code))["errcode"] == 40163
    assert (await trade(account, "nonsense"))["errcode"] == 40029
    assert (await trade(account, "x", secret="wrong"))["errcode"] == 40125
    query = {"access_token": token["access_token"], "openid": "o1"}
    async with account.client.get("/oa/sns/userinfo", params=query) as response:
        assert (await response.json())["errcode"] == 48001
    async with account.client.get(
        "/oa/sns/oauth2/refresh_token", params={"refresh_token": token["refresh_token"]}
    ) as response:
        assert (await response.json())["openid"] == "o1"
    async with account.client.get("/oa/sns/oauth2/refresh_token", params={"refresh_token": "x"}) as response:
        assert (await response.json())["errcode"] == 40030


async def test_a_code_lives_five_minutes(account: Play) -> None:
    _, location = await authorize(account, openid="o1")
    await account.later(301)
    assert (await trade(account, location.split("code=")[1].split("&")[0]))["errcode"] == 40029


async def test_wrong_authorization(account: Play) -> None:
    for wrong in ({"appid": "other"}, {"scope": "all"}, {"redirect_uri": "javascript:x"}):
        assert (await authorize(account, openid="o1", **wrong))[0] == 400


async def test_user_info_with_consent(account: Play) -> None:
    _, location = await authorize(account, openid="o1", scope="snsapi_userinfo")
    token = (await trade(account, location.split("code=")[1].split("&")[0]))["access_token"]
    for openid, errcode in (("o1", None), ("o2", 40003)):
        query = {"access_token": token, "openid": openid}
        async with account.client.get("/oa/sns/userinfo", params=query) as response:
            assert (await response.json()).get("errcode") == errcode
    assert "ticket" in await account.oa("ticket/getticket", method="GET", type="jsapi")
