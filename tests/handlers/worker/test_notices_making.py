"""通知: one line, one question at a time, a preview, and off it goes."""

import pytest

from storage.columns import Colour, GroupKind
from storage.notice_columns import NoticeKind, NoticeState
from tests.handlers.worker.city import (
    CHAT3,
    CHAT_COMMUNITY,
    CHAT_OTHER,
    CHAT_STREET,
    COMMUNITY,
    GRID3,
    LI,
    STREET,
    WANG,
    ZHAO,
    ZHOU,
)
from tests.handlers.worker.notices_town import FIRST, SECOND, event_kinds, notice_of, settle
from tests.handlers.worker.talk import Town

OUTAGE = "通知 停水 明天8点到17点 阳光水岸 检修"


async def test_one_line_says_it_all(town: Town) -> None:
    await settle(town, "o1", GRID3)
    await settle(town, "o2", GRID3, follows=False)
    said = await town.says(ZHAO, OUTAGE, CHAT_STREET)
    assert "时间：11月24日08:00至17:00" in said
    assert "影响范围：阳光水岸" in said
    assert "原因：检修" in said
    assert "范围：文采社区第三网格" in said
    assert "工作群：1个可送达" in said
    assert "居民：1人可送达" in said
    assert "1人已取消关注，送不到" in said
    assert "审批：不需要" in said
    notice = await notice_of(town)
    assert (notice.state, notice.kind, notice.area_code) == (NoticeState.DRAFT, NoticeKind.OUTAGE, GRID3)
    assert notice.made_in == 33


async def test_and_it_goes_out_by_a_word(town: Town) -> None:
    await town.says(ZHAO, OUTAGE, CHAT_STREET)
    said = await town.says(ZHAO, "发送", CHAT_STREET)
    assert "马上开始发送" in said
    assert (await notice_of(town)).state is NoticeState.SCHEDULED
    assert await event_kinds(town) == ["draft", "submit"]


async def test_one_thing_at_a_time(town: Town) -> None:
    assert "要发哪一种" in await town.says(ZHAO, "通知", CHAT_STREET)
    assert "什么时间前完成" in await town.says(ZHAO, "任务", CHAT_STREET)
    assert "发到哪里" in await town.says(ZHAO, "周五17点", CHAT_STREET)
    assert "任务要求是什么" in await town.says(ZHAO, "全街道", CHAT_STREET)
    preview = await town.says(ZHAO, "请逐户排查燃气隐患", CHAT_STREET)
    assert "完成时限：11月27日17:00" in preview
    assert "范围：建设街道" in preview
    assert "送不到：文采社区第一网格工作群（还没有绑定）" in preview
    notice = await notice_of(town)
    assert notice.scope == {"areas": [STREET], "groups": ["work"], "residents": False}


async def test_others_in_the_group_go_on_with_their_work(town: Town) -> None:
    await town.opens()
    await town.says(ZHAO, "通知 任务 本街道 请逐户排查燃气隐患", CHAT_STREET)
    assert "已接单" in await town.says(WANG, "接单", CHAT3)
    # The maker himself may look at a case meanwhile, by its number.
    assert "1123-01" in await town.says(ZHAO, "进度 1123-01", CHAT_STREET)
    assert "什么时间前完成" in (await town.says(ZHAO, "不知道", CHAT_STREET))


async def test_an_answer_of_digits_is_no_case_number(town: Town) -> None:
    await town.says(ZHAO, "通知 活动 下周六9点 全街道 义诊", CHAT_STREET)
    assert "名额多少人" in await town.says(ZHAO, "社区广场", CHAT_STREET)
    assert "报名什么时间截止" in await town.says(ZHAO, "20", CHAT_STREET)
    preview = await town.says(ZHAO, "周五17点", CHAT_STREET)
    assert "名额：20人" in preview
    assert (await notice_of(town)).fields["quota"] == 20


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("通知 停水 昨天8点到17点 阳光水岸 检修", "已经过去"),
        ("通知 停水 11月20日8点到17点 阳光水岸 检修", "已经过去"),
        ("通知 任务 11月22日17点前 本街道 排查", "已经过去"),
        ("通知 停水 2月30日8点到17点 阳光水岸", "没有“2月30日”这一天"),
    ],
)
async def test_a_date_that_is_past_or_none_is_asked_for_again(town: Town, line: str, sentence: str) -> None:
    assert sentence in await town.says(ZHAO, line, CHAT_STREET)


async def test_who_may_not_make_notices(town: Town) -> None:
    assert "您的岗位不能发布通知" in await town.says(WANG, OUTAGE, CHAT3)
    assert "您的岗位不能发布通知" in await town.says(LI, "通知 任务 本网格 排查", CHAT3)
    assert "还没有登记" in await town.says("u-nobody", OUTAGE, CHAT3)
    assert await town.books.notices.find(FIRST) is None


async def test_nobody_announces_beyond_his_area(town: Town) -> None:
    assert "您的岗位不包括这个范围" in await town.says(ZHOU, "通知 任务 周五17点 全街道 排查", CHAT_COMMUNITY)
    assert "您的岗位不包括这个范围" in await town.says(ZHOU, "通知 停水 明天8点到17点 学府花园", CHAT_COMMUNITY)
    await town.says(ZHOU, "通知 任务 周五17点 本社区 请逐户排查", CHAT_COMMUNITY)
    assert "您的岗位不包括这个范围" in await town.says(ZHOU, "修改 范围 全街道", CHAT_COMMUNITY)
    assert (await notice_of(town)).area_code == COMMUNITY


async def test_a_scope_that_nobody_knows_is_told_what_would(town: Town) -> None:
    await town.says(ZHAO, "通知 任务 周五17点 请逐户排查", CHAT_STREET)
    assert "没有找到发送范围“文才”" in await town.says(ZHAO, "文才", CHAT_STREET)
    said = await town.says(ZHAO, "文采小区", CHAT_STREET)
    assert "相近的有：文采社区" in said
    assert "范围：文采社区、学苑社区" in await town.says(ZHAO, "文采社区、学苑社区", CHAT_STREET)


async def test_a_scope_that_reaches_nobody_is_refused(town: Town) -> None:
    preview = await town.says(ZHAO, "通知 任务 周五17点 长安小区 请逐户排查", CHAT_STREET)
    assert "都还没有绑定，发不出去" in preview
    said = await town.says(ZHAO, "发送", CHAT_STREET)
    assert "可以改发：文采社区" in said
    assert (await notice_of(town)).state is NoticeState.DRAFT


async def test_everything_can_be_changed_before_it_goes(town: Town) -> None:
    await town.says(ZHAO, OUTAGE, CHAT_STREET)
    assert "停水通知（三期）" in await town.says(ZHAO, "修改 标题 停水通知（三期）", CHAT_STREET)
    assert "11月25日09:00至12:00" in await town.says(ZHAO, "修改 时间 后天9点到12点", CHAT_STREET)
    assert "—— 居民看到 ——" not in await town.says(ZHAO, "不发居民", CHAT_STREET)
    assert "可改：标题、正文、范围" in await town.says(ZHAO, "修改 颜色 红", CHAT_STREET)
    assert "没有看懂" in await town.says(ZHAO, "嗯嗯好呀", CHAT_STREET)
    notice = await notice_of(town)
    assert (notice.title, notice.scope["residents"]) == ("停水通知（三期）", False)


async def test_cancelling_and_forgetting(town: Town) -> None:
    await town.says(ZHAO, OUTAGE, CHAT_STREET)
    assert "已取消" in await town.says(ZHAO, "取消", CHAT_STREET)
    assert (await notice_of(town)).state is NoticeState.CANCELLED
    assert (await town.worker(ZHAO)).conversation == {}
    await town.says(ZHAO, OUTAGE, CHAT_STREET)
    town.clock.advance(hours=1)
    # Half an hour later the word means nothing any more, but the draft is there by its number.
    assert "没有听懂" in await town.says(ZHAO, "发送", CHAT_STREET)
    assert "已提交" in await town.says(ZHAO, f"提交 {SECOND}", CHAT_STREET)


async def test_another_notices_number_is_no_answer(town: Town) -> None:
    await town.says(ZHAO, "通知 活动 下周六9点 全街道 义诊", CHAT_STREET)
    await town.says(ZHAO, "线索 通1123-09 在市场见过", CHAT_STREET)
    assert "place" not in (await notice_of(town)).fields


async def test_a_new_one_takes_the_place_of_the_unfinished(town: Town) -> None:
    await town.says(ZHAO, OUTAGE, CHAT_STREET)
    await town.says(ZHAO, "通知 停电 明天8点到17点 阳光水岸 检修", CHAT_STREET)
    assert (await notice_of(town, FIRST)).state is NoticeState.CANCELLED
    assert (await notice_of(town, SECOND)).fields["what"] == "停电"


async def test_labels_and_lines_of_an_official_text(town: Town) -> None:
    text = (
        "通知 协查 本社区\n发布单位：建设街派出所\n文号：佳公协查〔2026〕12号\n批准人：张某某\n"
        "截止：11月30日\n年龄：40\n人脸照片：否\n正文：某男，身高一米七。\n见到请报警。"
    )
    preview = await town.says(ZHOU, text, CHAT_COMMUNITY)
    assert "文号：佳公协查〔2026〕12号" in preview
    assert "某男，身高一米七。\n见到请报警" in preview
    assert "年龄" not in preview
    assert "须2人同意" in preview


async def test_a_warning_is_read_in_any_order(town: Town) -> None:
    await town.says(ZHAO, "通知 预警 橙色 暴雪 今晚8点到明天8点 全街道 请减少外出", CHAT_STREET)
    said = await town.says(ZHAO, "全员在岗，值班电话0454-1234567", CHAT_STREET)
    assert f"【橙色预警 {FIRST}】橙色预警（暴雪）" in said
    notice = await notice_of(town)
    assert notice.colour is Colour.ORANGE
    assert set(notice.scope["groups"]) == {kind.value for kind in GroupKind}


async def test_in_single_chat_home_is_the_highest_post(town: Town) -> None:
    said = await town.says(ZHAO, "通知 任务 周五17点 全街道 请逐户排查")
    assert "范围：建设街道" in said
    assert "“发送”" in said


async def test_templates_are_used_and_saved(town: Town) -> None:
    assert "隐患排查（任务）" in await town.says(ZHAO, "通知 模板", CHAT_STREET)
    said = await town.says(ZHAO, "通知 模板 隐患排查 周五17点 全街道", CHAT_STREET)
    assert "安全隐患排查" in said
    assert "已存为模板“本街排查”" in await town.says(ZHAO, "通知 模板 保存 本街排查", CHAT_STREET)
    assert "本街排查（任务）" in await town.says(ZHAO, "通知 模板", CHAT_STREET)
    said = await town.says(ZHAO, "通知 模板 本街排查 下周一17点 文采社区", CHAT_STREET)
    assert "完成时限：11月30日17:00" in said
    # A community below may use what its street saved; the street's neighbour's groups see none of it.
    assert "本街排查" in await town.says(ZHOU, "通知 模板", CHAT_COMMUNITY)
    assert "没有模板" in await town.says(ZHAO, "通知 模板 没有这个", CHAT_STREET)


async def test_timed_and_repeated(town: Town) -> None:
    await town.says(ZHAO, "通知 任务 周五17点 全街道 请逐户排查", CHAT_STREET)
    assert "定于11月24日08:00发送，以后每周重复" in await town.says(ZHAO, "定时 明天8点 每周", CHAT_STREET)
    assert "请写明几点发送" in await town.says(ZHAO, "定时 明天", CHAT_STREET)
    assert "已经过去" in await town.says(ZHAO, "定时 11月20日8点", CHAT_STREET)
    assert "定于11月24日08:00发送" in await town.says(ZHAO, "发送", CHAT_STREET)
    notice = await notice_of(town)
    assert (notice.repeat, notice.state) == ("weekly", NoticeState.SCHEDULED)


async def test_what_is_none_of_theirs_goes_on(town: Town) -> None:
    case = await town.opens()
    assert "没有听懂" in await town.says(LI, "收到", CHAT_OTHER)
    assert "已接单" in await town.says(WANG, f"收到，接单 {case.number}", CHAT3)
    assert "已办结" in await town.says(WANG, "完成 已疏通", CHAT3)
