"""Followers and tags."""

from tests.sandbox.conftest import Play


async def test_followers(account: Play) -> None:
    for openid in ("o1", "o2", "o3"):
        await account.put(f"/residents/{openid}", {"follows": openid != "o2"})
    listed = await account.oa("user/get", method="GET")
    assert (listed["total"], listed["data"]["openid"], listed["next_openid"]) == (2, ["o1", "o3"], "o3")
    assert (await account.oa("user/get", method="GET", next_openid="o1"))["data"]["openid"] == ["o3"]
    info = await account.oa("user/info", method="GET", openid="o1")
    assert "nickname" not in info
    assert (await account.oa("user/info", method="GET", openid="nobody"))["errcode"] == 40003
    batch = await account.oa("user/info/batchget", {"user_list": [{"openid": "o1"}, {"openid": "o2"}]})
    assert [item["subscribe"] for item in batch["user_info_list"]] == [1, 0]
    assert (await account.oa("user/info/batchget", {"user_list": [{"openid": "o1"}] * 101}))["errcode"] == 40032
    assert (await account.oa("user/info/updateremark", {"openid": "o1", "remark": "长" * 30}))["errcode"] == 45002
    assert (await account.oa("user/info/updateremark", {"openid": "o1", "remark": "三格"}))["errcode"] == 0


async def test_tags(account: Play) -> None:
    await account.put("/residents/o1", {})
    made = await account.oa("tags/create", {"tag": {"name": "一格"}})
    tag_id = made["tag"]["id"]
    assert (await account.oa("tags/create", {"tag": {"name": "一格"}}))["errcode"] == 45157
    assert (await account.oa("tags/create", {"tag": {"name": ""}}))["errcode"] == 45157
    assert (await account.oa("tags/create", {"tag": {"name": "长" * 31}}))["errcode"] == 45158
    assert (await account.oa("tags/update", {"tag": {"id": 2, "name": "x"}}))["errcode"] == 45058
    assert (await account.oa("tags/update", {"tag": {"id": tag_id, "name": "二格"}}))["errcode"] == 0
    put = {"tagid": tag_id, "openid_list": ["o1"]}
    assert (await account.oa("tags/members/batchtagging", put))["errcode"] == 0
    assert (await account.oa("tags/members/batchtagging", put | {"openid_list": ["nobody"]}))["errcode"] == 40003
    assert (await account.oa("tags/members/batchtagging", put | {"openid_list": ["o1"] * 51}))["errcode"] == 40032
    assert (await account.oa("tags/members/batchtagging", put | {"openid_list": []}))["errcode"] == 40031
    assert (await account.oa("tags/members/batchtagging", put | {"tagid": 999}))["errcode"] == 45159
    assert (await account.oa("tags/getidlist", {"openid": "o1"}))["tagid_list"] == [tag_id]
    assert (await account.oa("user/tag/get", {"tagid": tag_id}))["data"]["openid"] == ["o1"]
    assert (await account.oa("tags/get", method="GET"))["tags"] == [{"id": tag_id, "name": "二格", "count": 1}]
    assert (await account.oa("tags/delete", {"tag": {"id": tag_id}}))["errcode"] == 0
    assert (await account.oa("tags/getidlist", {"openid": "o1"}))["tagid_list"] == []


async def test_a_hundred_tags_and_twenty_each(account: Play) -> None:
    await account.put("/residents/o1", {})
    ids = [(await account.oa("tags/create", {"tag": {"name": f"t{n}"}}))["tag"]["id"] for n in range(100)]
    assert (await account.oa("tags/create", {"tag": {"name": "more"}}))["errcode"] == 45056
    codes = [
        (await account.oa("tags/members/batchtagging", {"tagid": tag_id, "openid_list": ["o1"]}))["errcode"]
        for tag_id in ids[:21]
    ]
    assert codes == [0] * 20 + [45059]
