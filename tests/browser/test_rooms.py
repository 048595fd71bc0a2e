"""Work groups and single chats on the sandbox's page."""

import pytest
from playwright.async_api import FilePayload, Locator, expect

from tests.browser.desk import GROUP, OTHER_GROUP, WANG, ZHAO, Desk
from tests.pictures import make_photo
from tests.sandbox.workgroup import card, markdown, stream, update

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

PHOTO: FilePayload = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": make_photo()}


async def attach(desk: Desk, window: Locator) -> None:
    """Chooses a picture for the next message."""
    async with desk.page.expect_file_chooser() as chooser:
        await window.get_by_test_id("room-picture").click()
    await (await chooser.value).set_files(PHOTO)
    await expect(window.get_by_test_id("tray-thumb")).to_be_visible()


async def test_the_bot_hears_what_mentions_it_and_says_who_spoke(desk: Desk) -> None:
    group = desk.group()
    await group.get_by_test_id("group-speaker").select_option(ZHAO)
    await desk.says(group, "group", "接单")
    body = (await desk.bot.hears())["body"]
    assert body["text"]["content"] == "@网格助手 接单"
    assert body["from"]["userid"] == ZHAO
    own = group.locator("[data-via=say]")
    await expect(own.locator(".bubble")).to_have_text("@网格助手 接单")
    await expect(own.locator(".said-by")).to_contain_text("赵强")


async def test_without_the_mention_the_bot_hears_nothing_and_the_page_says_so(desk: Desk) -> None:
    group = desk.group()
    await expect(group.locator(".room-hint")).to_have_text("只有 @ 了机器人，它才听得到。")
    await group.get_by_test_id("mention-toggle").click()
    await expect(group.locator(".room-hint")).to_have_text("没有 @，机器人听不到这句话。")
    await desk.says(group, "group", "我先去看看")
    await expect(group.locator("[data-via=say] .bubble")).to_have_text("我先去看看")
    await group.get_by_test_id("mention-toggle").click()
    await desk.says(group, "group", "接单")
    assert (await desk.bot.hears())["body"]["text"]["content"] == "@网格助手 接单"


async def test_a_card_is_pressed_as_the_chosen_member_and_changes(desk: Desk) -> None:
    await desk.wake_bot()
    lines = [{"keyname": "地点", "value": "12号楼"}]
    await desk.bot.says(GROUP, card("t1", horizontal_content_list=lines))
    shown = desk.group().get_by_test_id("card")
    await expect(shown.locator(".card-title")).to_have_text("【工单 1123-08】")
    await expect(shown.locator("dd")).to_have_text("12号楼")
    await desk.group().get_by_test_id("group-speaker").select_option(ZHAO)
    await desk.group().get_by_test_id("card-button-accept:1").click()
    frame = await desk.bot.hears()
    event = frame["body"]["event"]["template_card_event"]
    assert (event["event_key"], frame["body"]["from"]["userid"]) == ("accept:1", ZHAO)
    buttons = [{"text": "进度", "key": "progress", "style": 3}]
    changed = card("t1", main_title={"title": "已由 王芳 接单"}, button_list=buttons)["template_card"]
    answer = {"response_type": "update_template_card", "template_card": changed}
    await desk.bot.answers(frame, "aibot_respond_update_msg", answer)
    await expect(shown.locator(".card-title")).to_have_text("已由 王芳 接单")
    await expect(shown.get_by_role("button")).to_have_text(["进度"])
    await expect(shown.get_by_test_id("card-button-progress")).to_have_class("card-button style-3 is-spent")


async def test_a_card_that_changed_for_one_member_stays_for_the_others(desk: Desk) -> None:
    await desk.wake_bot()
    await desk.bot.says(GROUP, card("t1"))
    await desk.group().get_by_test_id("group-speaker").select_option(WANG)
    await desk.group().get_by_test_id("card-button-accept:1").click()
    await desk.bot.answers(await desk.bot.hears(), "aibot_respond_update_msg", {**update(), "userids": [WANG]})
    await expect(desk.group().get_by_test_id("card-button-done:1")).to_be_visible()
    await desk.group().get_by_test_id("group-speaker").select_option(ZHAO)
    await expect(desk.group().get_by_test_id("card-button-done:1")).to_have_count(0)
    await expect(desk.group().get_by_test_id("card-button-accept:1")).to_be_visible()


async def test_a_quote_carries_the_words_of_what_is_quoted(desk: Desk) -> None:
    group = desk.group()
    await desk.wake_bot()
    await desk.bot.says(GROUP, markdown("【工单 1123-08】下水道堵"))
    bubble = group.locator("[data-via=bot]")
    await bubble.hover()
    await bubble.get_by_test_id("quote-button").click()
    await expect(group.get_by_test_id("quote-preview")).to_contain_text("引用 【工单 1123-08】下水道堵")
    await desk.says(group, "group", "办结 已疏通")
    body = (await desk.bot.hears())["body"]
    assert body["quote"]["text"]["content"] == "【工单 1123-08】下水道堵"
    await expect(group.get_by_test_id("quote-preview")).to_have_count(0)
    await expect(group.locator("[data-via=say]").last.locator(".quoted")).to_have_text(
        "网格助手：【工单 1123-08】下水道堵"
    )


async def test_a_phone_sends_words_and_pictures_apart(desk: Desk) -> None:
    group = desk.group()
    await attach(desk, group)
    await expect(group.locator(".room-hint")).to_contain_text("图片与文字分开发")
    await desk.says(group, "group", "办结 已疏通")
    assert (await desk.bot.hears())["body"]["msgtype"] == "text"
    await expect(group.locator("[data-via=say]")).to_have_count(2)
    await expect(group.get_by_test_id("picture")).to_be_visible()
    await expect(group.get_by_test_id("tray-thumb")).to_have_count(0)


async def test_a_computer_sends_words_with_the_picture(desk: Desk) -> None:
    group = desk.group()
    await group.get_by_test_id("device-toggle").click()
    await attach(desk, group)
    await desk.says(group, "group", "办结 已疏通")
    items = (await desk.bot.hears())["body"]["mixed"]["msg_item"]
    assert [item["msgtype"] for item in items] == ["text", "image"]
    await expect(group.locator("[data-via=say]")).to_have_count(1)


async def test_the_single_chat_takes_words_and_pictures_without_a_mention(desk: Desk) -> None:
    await desk.group().get_by_test_id("group-speaker").select_option(WANG)
    await desk.group().get_by_test_id("open-single").click()
    chat = desk.worker()
    await attach(desk, chat)
    await chat.get_by_test_id("room-send").click()
    assert (await desk.bot.hears())["body"]["msgtype"] == "image"
    await expect(chat.get_by_alt_text("图片")).to_have_js_property("naturalWidth", 320)
    await desk.says(chat, "worker", "待办")
    frame = await desk.bot.hears()
    assert (frame["body"]["chattype"], frame["body"]["text"]["content"]) == ("single", "待办")
    await desk.bot.answers(frame, "aibot_respond_msg", markdown("没有待办"))
    await expect(chat.locator("[data-via=bot] .bubble")).to_have_text("没有待办")


async def test_markdown_is_laid_out_and_nothing_else_becomes_markup(desk: Desk) -> None:
    await desk.wake_bot()
    text = (
        '# 工单\n**加急** <font color="warning">超时</font>\n> 引文\n- 一条\n2. 两条\n[工单页](http://127.0.0.1/c/1) <@w2>\n'
        "<img src=x onerror=alert(1)> [坏](javascript:alert(1)) **<b>粗</b>**"
    )
    await desk.bot.says(GROUP, markdown(text))
    bubble = desk.group().locator("[data-via=bot] .bubble")
    await expect(bubble.locator("h4")).to_have_text("工单")
    await expect(bubble.locator("strong")).to_have_text(["加急", "<b>粗</b>"])
    await expect(bubble.locator(".font-warning")).to_have_text("超时")
    await expect(bubble.locator("blockquote")).to_have_text("引文")
    await expect(bubble.locator(".item")).to_have_text(["•一条", "2.两条"])
    await expect(bubble.locator("a")).to_have_text("工单页")
    await expect(bubble.locator(".mention")).to_have_text("@赵强")
    await expect(bubble).to_contain_text("<img src=x onerror=alert(1)> [坏](javascript:alert(1))")
    await expect(bubble.locator("img, b, script")).to_have_count(0)


async def test_a_hostile_name_and_card_stay_words(desk: Desk) -> None:
    name = "<img src=x onerror=alert(1)>"
    await desk.control("PUT", f"/groups/{GROUP}", {"name": name, "members": [{"userid": WANG, "name": name}]})
    await desk.wake_bot()
    await desk.bot.says(GROUP, card("t1", main_title={"title": name}, sub_title_text=name))
    await expect(desk.group().locator(".card-title")).to_have_text(name)
    await expect(desk.group().locator(".window-name strong")).to_have_text(name)
    await expect(desk.page.get_by_test_id("strip-item").first).to_contain_text(name)
    await expect(desk.page.locator("img[src=x]")).to_have_count(0)


async def test_a_message_that_is_still_written_grows_in_its_place(desk: Desk) -> None:
    frame = await desk.wake_bot()
    await desk.bot.answers(frame, "aibot_respond_msg", stream("正在查", False))
    said = desk.group().locator("[data-via=bot] .bubble")
    await expect(said).to_have_text("正在查")
    await expect(said.locator(".typing")).to_have_count(1)
    await desk.bot.answers(frame, "aibot_respond_msg", stream("正在查…没有待办", True))
    await expect(said).to_have_text("正在查…没有待办")
    await expect(said.locator(".typing")).to_have_count(0)


async def test_a_group_that_is_not_shown_gets_a_badge_and_opens_from_it(desk: Desk) -> None:
    await desk.group(OTHER_GROUP).get_by_test_id("window-close").click()
    await desk.control("POST", f"/groups/{OTHER_GROUP}/say", {"userid": ZHAO, "text": "这边也堵了", "mention": False})
    await expect(desk.page.get_by_text("1 个有新消息")).to_be_visible()
    await desk.page.get_by_test_id("group-search").click()
    row = desk.page.get_by_test_id(f"group-row-{OTHER_GROUP}")
    await expect(row.get_by_test_id("unread")).to_have_text("1")
    await row.click()
    await expect(desk.group(OTHER_GROUP).locator(".bubble")).to_have_text("这边也堵了")
    await expect(desk.page.get_by_text("1 个有新消息")).to_be_hidden()


async def test_the_strip_of_latest_words_opens_the_group(desk: Desk) -> None:
    await desk.group(OTHER_GROUP).get_by_test_id("window-close").click()
    await desk.wake_bot(OTHER_GROUP)
    await desk.bot.says(OTHER_GROUP, card("t9"))
    item = desk.page.get_by_test_id("strip-item").first
    await expect(item).to_contain_text("第二网格")
    await expect(item).to_contain_text("[卡片] 【工单 1123-08】")
    await item.click()
    await expect(desk.group(OTHER_GROUP).get_by_test_id("card-button-accept:1")).to_be_visible()


async def test_a_press_that_reaches_nobody_is_told(desk: Desk) -> None:
    await desk.wake_bot()
    await desk.bot.says(GROUP, card("t1"))
    await desk.control("POST", "/faults", {"path": "/aibot", "disconnect": True})
    await desk.group().get_by_test_id("card-button-accept:1").click()
    await expect(desk.page.get_by_test_id("toast")).to_have_text("机器人没有连接，事件没有送到")
