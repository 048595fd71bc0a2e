"""Residents' phones on the sandbox's page."""

import pytest
from playwright.async_api import expect

from tests.browser.desk import RESIDENTS, Account, Desk
from tests.pictures import make_photo

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

LI = RESIDENTS[0]
HOSTILE = "<img src=x onerror=\"alert('hit')\"><script>alert(1)</script>"


async def test_a_resident_types_and_reads_the_reply(desk: Desk, account: Account) -> None:
    phone = desk.phone()
    await desk.says(phone, "phone", "12号楼下水道堵了")
    own, reply = phone.locator("[data-via=me]"), phone.locator("[data-via=passive]")
    await expect(own).to_have_text("李12号楼下水道堵了")
    await expect(reply).to_contain_text("已受理，工单 1123-08。")
    await expect(phone.get_by_test_id("phone-input")).to_have_value("")
    assert account.heard(MsgType="text", Content="12号楼下水道堵了", FromUserName=LI)
    await expect(desk.phone(RESIDENTS[1]).get_by_test_id("bubble")).to_have_count(0)


async def test_words_stay_words_whatever_they_look_like(desk: Desk, account: Account) -> None:
    account.text = HOSTILE
    phone = desk.phone()
    await desk.says(phone, "phone", HOSTILE)
    for via in ("me", "passive"):
        bubble = phone.locator(f"[data-via={via}] .bubble")
        await expect(bubble).to_have_text(HOSTILE)
        await expect(bubble.locator("*")).to_have_count(0)


async def test_links_of_the_account_can_be_tapped_but_only_web_addresses(desk: Desk, account: Account) -> None:
    account.text = (
        '<a href="http://127.0.0.1/c/1">工单页</a> <a href="javascript:alert(1)">坏</a> https://example.com/x'
    )
    await desk.says(desk.phone(), "phone", "进度")
    links = desk.phone().locator("[data-via=passive] a")
    await expect(links).to_have_text(["工单页", "https://example.com/x"])
    await expect(desk.phone().locator("[data-via=passive]")).to_contain_text("javascript:alert(1)")


async def test_a_picture_is_sent_shown_and_opens_large(desk: Desk, account: Account) -> None:
    phone, page = desk.phone(), desk.page
    await phone.get_by_test_id("phone-plus").click()
    async with page.expect_file_chooser() as chooser:
        await phone.get_by_test_id("phone-picture").click()
    await (await chooser.value).set_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": make_photo()})
    picture = phone.get_by_test_id("picture")
    await expect(picture.get_by_alt_text("图片")).to_have_js_property("naturalWidth", 320)
    await picture.click()
    await expect(page.get_by_test_id("lightbox")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("lightbox")).to_have_count(0)
    assert account.heard(MsgType="image")


async def test_a_photograph_can_be_made_on_the_spot(desk: Desk, account: Account) -> None:
    await desk.phone().get_by_test_id("phone-plus").click()
    await desk.phone().get_by_test_id("phone-camera").click()
    await expect(desk.phone().get_by_alt_text("图片")).to_have_js_property("naturalWidth", 640)
    assert account.heard(MsgType="image")


async def test_a_place_is_sent_and_shown_as_a_card(desk: Desk, account: Account) -> None:
    await desk.phone().get_by_test_id("phone-plus").click()
    await desk.phone().get_by_test_id("phone-place").click()
    await desk.page.get_by_test_id("place-label").fill("阳光水岸北门")
    await desk.page.get_by_test_id("place-lat").fill("46.5")
    await desk.page.get_by_test_id("place-lon").fill("130.25")
    await desk.page.get_by_test_id("place-send").click()
    await expect(desk.phone().locator(".place")).to_have_text("阳光水岸北门46.500000,130.250000")
    await expect(desk.phone().locator("[data-via=passive]")).to_be_visible()
    assert account.heard(MsgType="location", Location_X="46.5", Location_Y="130.25", Label="阳光水岸北门")


async def test_a_line_of_a_menu_message_sends_the_choice(desk: Desk, account: Account) -> None:
    await desk.says(desk.phone(), "phone", "你好")
    await expect(desk.phone().locator("[data-via=passive]")).to_be_visible()
    choices = [{"id": "rate-1", "content": "满意"}, {"id": "rate-3", "content": "不满意"}]
    menu = {"head_content": "您满意吗？", "list": choices, "tail_content": "请选择"}
    await desk.api("message/custom/send", {"touser": LI, "msgtype": "msgmenu", "msgmenu": menu})
    await expect(desk.phone().get_by_test_id("choice")).to_have_text(["满意", "不满意"])
    await desk.phone().get_by_test_id("choice").first.click()
    await expect(desk.phone().locator("[data-via=me]").last).to_contain_text("满意")
    await expect(desk.phone().locator("[data-via=passive]")).to_have_count(2)
    assert account.heard(Content="满意", bizmsgmenuid="rate-1")


async def test_a_template_message_is_a_card_with_fields(desk: Desk) -> None:
    data = {"character_string1": {"value": "1123-08"}, "thing2": {"value": "已疏通"}}
    body = {"touser": LI, "template_id": "t1", "url": "http://127.0.0.1/c/1", "data": data}
    await desk.api("message/template/send", body)
    notice = desk.phone().locator("[data-via=template]")
    await expect(notice.locator("dt")).to_have_text(["编号", "内容"])
    await expect(notice.locator("dd")).to_have_text(["1123-08", "已疏通"])
    await expect(notice.get_by_role("link", name="查看详情")).to_have_attribute("href", "http://127.0.0.1/c/1")


async def test_the_menu_of_the_account_is_at_the_bottom_and_clicks(desk: Desk, account: Account) -> None:
    sub = {"name": "更多", "sub_button": [{"name": "我的网格员", "type": "click", "key": "MY_WORKER"}]}
    await desk.api("menu/create", {"button": [{"name": "办理进度", "type": "click", "key": "PROGRESS"}, sub]})
    await desk.page.reload()
    await desk.phone().get_by_role("button", name="办理进度").click()
    await expect(desk.phone().get_by_test_id("tip")).to_have_text("你点击了菜单“办理进度”")
    await desk.phone().get_by_role("button", name="更多", exact=False).last.click()
    await desk.page.get_by_role("menuitem", name="我的网格员").click()
    await expect(desk.phone().locator("[data-via=passive]")).to_have_count(2)
    assert account.heard(Event="CLICK", EventKey="PROGRESS")
    assert account.heard(Event="CLICK", EventKey="MY_WORKER")


async def test_a_new_resident_follows_by_a_grids_code_and_leaves_again(desk: Desk, account: Account) -> None:
    scene = {"action_name": "QR_LIMIT_STR_SCENE", "action_info": {"scene": {"scene_str": "grid-01"}}}
    await desk.api("qrcode/create", scene)
    await desk.page.get_by_test_id("add-resident").click()
    await desk.page.get_by_test_id("person-name").fill("孙大姐")
    await desk.page.get_by_test_id("person-openid").fill("o-sun")
    await desk.page.get_by_test_id("person-add").click()
    phone = desk.phone("o-sun")
    await expect(phone.get_by_test_id("follow-state")).to_have_text("未关注")
    await expect(phone.get_by_test_id("phone-input")).to_be_hidden()
    await phone.get_by_test_id("scan").click()
    await desk.page.get_by_test_id("scene-search").fill("第一网格")
    await desk.page.get_by_test_id("scene-grid-01").click()
    await expect(phone.get_by_test_id("tip")).to_have_text("你扫描“第一网格”的二维码，关注了公众号")
    await expect(phone.locator("[data-via=passive]")).to_be_visible()
    assert account.heard(Event="subscribe", EventKey="qrscene_grid-01", FromUserName="o-sun")
    await phone.get_by_test_id("phone-more").click()
    await desk.page.get_by_test_id("more-unfollow").click()
    await expect(phone.get_by_test_id("follow")).to_be_visible()


async def test_three_tries_without_an_answer_are_plain_to_see(desk: Desk, account: Account) -> None:
    account.status = 500
    await desk.says(desk.phone(), "phone", "有人吗")
    await expect(desk.phone().get_by_test_id("fault")).to_have_text("三次未应答该公众号提供的服务出现故障，请稍后再试")
    await expect(desk.page.get_by_test_id("toast")).to_contain_text("HTTP 500，HTTP 500，HTTP 500")
    await expect(desk.page.get_by_test_id("fact-三次未应答")).to_have_text("三次未应答1")
    assert len(account.pushed) == 3


async def test_an_answer_that_wechat_cannot_read_is_named(desk: Desk, account: Account) -> None:
    account.text = "长" * 1000
    await desk.says(desk.phone(), "phone", "进度")
    await expect(desk.phone().get_by_test_id("fault")).to_contain_text("答复无法识别")


async def test_an_empty_phone_says_what_to_try(desk: Desk) -> None:
    hint = desk.phone().get_by_role("button", name="试试：", exact=False).first
    await hint.click()
    await expect(desk.phone().get_by_test_id("phone-input")).to_have_value(
        "阳光水岸12号楼3单元下水道堵了，污水都冒出来了"
    )
    await desk.phone().get_by_test_id("phone-input").press("Enter")
    await expect(hint).to_have_count(0)
