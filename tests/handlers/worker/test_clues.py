"""线索 from groups and single chat: to the station and nowhere else, answered privately, thanked for once."""

import pytest
from sqlmodel import col, select

from bot.cityhall import CityHall
from bot.clue_media import ClueTeller
from grid.deadlines import Deadlines
from handlers.update import MediaRef
from handlers.worker.clue_words import ClueVerb, parse_clue_command
from storage.columns import MediaState
from storage.notice_columns import NoticeState
from storage.notice_tables import Clue
from storage.plan import Change, Plan
from storage.rows import with_changes
from storage.tables import Media
from tests.handlers.worker.city import (
    CHAT3,
    CHAT_COMMUNITY,
    CHAT_OTHER,
    CHAT_STREET,
    GRID3,
    HE,
    LI,
    WANG,
    WU,
    ZHAO,
    ZHOU,
)
from tests.handlers.worker.notices_town import FIRST, SECOND, event_kinds, notice_of, send_out
from tests.handlers.worker.talk import PHOTO, ZONE, Town

SUSPECT = (
    "通知 协查 本社区\n发布单位：建设街派出所\n文号：佳公协查〔2026〕12号\n批准人：张某某\n"
    "截止：11月30日\n年龄：40\n人脸照片：是\n正文：某男，身高一米七。"
)
MISSING = (
    "通知 寻人 全街道\n姓名：孙某\n体貌特征：灰色外套\n走失地点：南门市场\n走失时间：今天上午\n联系电话：13800000000"
)
FENG, STATION = "u-feng", "worker:u-feng"
CLUE = "线1123-01"
WORDS = "昨天晚上在南门市场东侧见过他"


async def relay(town: Town, text: str = SUSPECT, number: str = FIRST) -> None:
    """A suspect's notice is made, agreed to by two others, and delivered."""
    await town.says(ZHOU, text, CHAT_COMMUNITY)
    await town.says(ZHOU, "提交", CHAT_COMMUNITY)
    await town.says(ZHAO, f"同意 {number}")
    await town.says(WU, f"同意 {number}")
    await send_out(town, number)


async def clues(town: Town) -> list[Clue]:
    async with town.archive.reads() as session:
        return list((await session.execute(select(Clue).order_by(col(Clue.id)))).scalars())


async def texts(town: Town, target: str) -> list[str]:
    return [message.text for message in await town.told(target)]


async def everything_told(town: Town, *but: str) -> str:
    keys = [f"group:{number}" for number in range(31, 39)] + [f"worker:{one}" for one in (WANG, LI, ZHAO, HE, FENG)]
    return "\n".join([text for key in keys if key not in but for text in await texts(town, key)])


async def test_a_clue_from_a_group_reaches_the_station_only(town: Town) -> None:
    await relay(town)
    said = await town.says(LI, f"线索 {FIRST} {WORDS}", CHAT3)
    assert said == f"线索已收到（{CLUE}），已转建设街派出所，请勿外传。"
    (passed,) = [text for text in await texts(town, STATION) if CLUE in text]
    assert WORDS in passed
    assert "李强（文采社区第三网格工作群）" in passed
    assert "南门市场" not in await everything_told(town, STATION)
    (row,) = await clues(town)
    assert (row.number, row.person, row.group_id, row.passed_to) == (CLUE, "worker:12", 31, STATION)
    assert (await event_kinds(town))[-1] == "clue"


async def test_a_quoted_answer_is_a_clue_and_received_is_not(town: Town) -> None:
    await relay(town)
    quote = f"【协查通报 {FIRST}】协查通报"
    assert "已登记收到" in await town.says(LI, "收到", CHAT3, quote=quote)
    assert await clues(town) == []
    assert CLUE in await town.says(LI, WORDS, CHAT3, quote=quote)
    assert "没有" in await town.says(LI, "待办", CHAT3, quote=quote)
    assert [row.text for row in await clues(town)] == [WORDS]


async def test_the_number_may_be_left_out_where_one_notice_asks(town: Town) -> None:
    await relay(town)
    assert CLUE in await town.says(LI, f"线索：{WORDS}", CHAT3)
    # The other community's group has no such notice, and learns of none.
    said = await town.says(HE, f"线索 {WORDS}", CHAT_OTHER)
    assert FIRST not in said
    assert len(await clues(town)) == 1


async def test_several_clues_at_once_are_several(town: Town) -> None:
    await relay(town)
    await town.says(ZHAO, MISSING, CHAT_STREET)
    await town.says(ZHAO, "提交", CHAT_STREET)
    await town.says(WU, f"同意 {SECOND}")
    await send_out(town, SECOND)
    said = await town.says(LI, f"线索 {FIRST} 在南门见过\n线索 {SECOND} 老人在北门", CHAT3)
    assert said.count("已收到") == 2
    assert [row.text for row in await clues(town)] == ["在南门见过", "老人在北门"]
    assert "请写明是哪一件" in await town.says(LI, "线索 又见到了", CHAT3)


async def test_a_photo_in_single_chat_after_naming_the_notice(town: Town) -> None:
    await relay(town)
    assert "只转给派出所" in await town.says(LI, f"线索 {FIRST}")
    said = await town.says(LI, "", media=[PHOTO])
    assert said == f"线索和照片已收到（{CLUE}），已转建设街派出所，请勿外传。"
    assert "一并转交" in await town.says(LI, "", media=[MediaRef("image", url="https://example.invalid/q")])
    (row,) = await clues(town)
    assert len(row.pictures) == 2
    await keep(town, row.pictures[0])
    assert [message.pictures for message in await town.told(STATION)][-1] == (row.pictures[0],)
    assert CLUE in (await texts(town, STATION))[-1]


async def keep(town: Town, media_id: int) -> None:
    """The media job has fetched and cleaned it."""
    hall = CityHall(town.books, Deadlines(), ZONE, town.house, town.clock)
    await hall.load()
    media = await town.books.find(Media, media_id)
    assert media is not None
    values = {"state": MediaState.KEPT, "sha256": "0" * 64}
    plan = await ClueTeller(town.books, hall).on_kept(with_changes(media, values))
    assert plan is not None
    await town.write(plan.merge(Plan(changes=[Change(Media, media_id, None, values)])))


async def test_a_photo_long_after_is_no_clue_any_more(town: Town) -> None:
    await relay(town)
    await town.says(LI, f"线索 {FIRST} {WORDS}")
    town.clock.advance(seconds=11 * 60)
    assert "线索" not in await town.says(LI, "", media=[PHOTO])
    assert (await clues(town))[0].pictures == []


async def test_a_lost_photo_is_told_to_its_giver_alone(town: Town) -> None:
    await relay(town)
    await town.says(LI, f"线索 {FIRST} {WORDS}", media=[PHOTO])
    (row,) = await clues(town)
    hall = CityHall(town.books, Deadlines(), ZONE, town.house, town.clock)
    await hall.load()
    media = await town.books.find(Media, row.pictures[0])
    assert media is not None
    lost = with_changes(media, {"state": MediaState.LOST, "origin": {"lost": "图片无法打开"}})
    plan = await ClueTeller(town.books, hall).on_lost(lost)
    assert plan is not None
    assert [(draft.target, "图片无法打开" in draft.body["text"]) for draft in plan.outbox] == [(f"worker:{LI}", True)]


async def test_feedback_goes_back_privately(town: Town) -> None:
    await relay(town)
    await town.says(LI, f"线索 {FIRST} {WORDS}", CHAT3)
    before = await texts(town, "group:31")
    assert "已私下转给提供人" in await town.says(FENG, f"反馈 {CLUE} 已核实，正在布控")
    assert f"您提供的线索 {CLUE}（{FIRST}）有反馈：已核实，正在布控。请勿外传。" in await texts(town, f"worker:{LI}")
    assert await texts(town, "group:31") == before
    assert "反馈" in await town.says(LI, CLUE)


@pytest.mark.parametrize("userid", [WANG, LI, ZHAO, ZHOU, WU, HE])
async def test_nobody_else_answers_or_reads_a_clue(town: Town, userid: str) -> None:
    await relay(town)
    await town.says(WANG, f"线索 {FIRST} {WORDS}", CHAT3)
    for line in (f"反馈 {CLUE} 假的", f"线索 列表 {FIRST}", f"线索 {CLUE}"):
        said = await town.says(userid, line, CHAT_COMMUNITY)
        assert "南门" not in said
        assert "王芳" not in said
        assert town.outcome == "refused"
    (row,) = await clues(town)
    assert row.feedback == ""


async def test_the_station_lists_its_clues(town: Town) -> None:
    await relay(town)
    await town.says(LI, f"线索 {FIRST} {WORDS}", CHAT3)
    said = await town.says(FENG, f"线索 列表 {FIRST}")
    assert "共1条线索" in said
    assert WORDS in said
    assert WORDS in await town.says(FENG, CLUE)


async def test_the_capture_recalls_everywhere_and_thanks_once(town: Town) -> None:
    await relay(town)
    await town.says(LI, f"线索 {FIRST} {WORDS}", CHAT3)
    await town.says(LI, f"线索 {FIRST} 又在北门", CHAT3)
    said = await town.says(FENG, f"抓获 {FIRST}")
    assert "正在各处撤回" in said
    assert "已向提供线索的1人致谢" in said
    notice = await notice_of(town)
    assert (notice.state, notice.recall_reason) == (NoticeState.RECALLED, "当事人已抓获")
    thanks = [text for text in await texts(town, f"worker:{LI}") if "感谢您提供线索" in text]
    assert len(thanks) == 1
    assert "线1123-01、线1123-02" in thanks[0]
    assert "没有需要致谢的线索" in await town.says(FENG, f"结案 {FIRST}")
    assert len([text for text in await texts(town, f"worker:{LI}") if "感谢" in text]) == 1


@pytest.mark.parametrize("userid", [WANG, LI, HE])
async def test_who_has_no_part_in_it_closes_nothing(town: Town, userid: str) -> None:
    await relay(town)
    await town.says(userid, f"抓获 {FIRST}", CHAT3)
    assert town.outcome == "refused"
    assert (await notice_of(town)).state is NoticeState.SENT


async def test_a_clue_after_the_end_is_passed_all_the_same(town: Town) -> None:
    await relay(town)
    await town.says(FENG, f"抓获 {FIRST}")
    said = await town.says(LI, f"线索 {FIRST} {WORDS}", CHAT3)
    assert said.startswith("这件通报已撤回，仍谢谢您。")
    assert "已转建设街派出所" in said
    assert "（这件通报已撤回）" in (await texts(town, STATION))[-1]
    assert "致谢" in await town.says(FENG, f"结案 {FIRST}")


@pytest.mark.parametrize("what", ["draft", "outage", "none"])
async def test_what_asks_for_no_clues_takes_none(town: Town, what: str) -> None:
    if what == "draft":
        await town.says(ZHOU, SUSPECT, CHAT_COMMUNITY)
    if what == "outage":
        await town.says(ZHAO, "通知 停水 明天8点到17点 阳光水岸 检修", CHAT_STREET)
        await town.says(ZHAO, "发送", CHAT_STREET)
        await send_out(town)
    said = await town.says(LI, f"线索 {FIRST} {WORDS}", CHAT3)
    assert ("不收集线索" if what == "outage" else "没有找到通知") in said
    assert await clues(town) == []
    assert GRID3 not in said


async def test_a_draft_may_ask_for_clues(town: Town) -> None:
    await town.says(ZHAO, "通知 公告 全街道", CHAT_STREET)
    assert "预览" in await town.says(ZHAO, "线索征集：请大家提供老照片", CHAT_STREET)
    assert await clues(town) == []


@pytest.mark.parametrize(
    ("text", "verb"),
    [
        ("线索 通1123-01 见过", ClueVerb.GIVE),
        ("我有线索，通1123-01 见过", ClueVerb.GIVE),
        ("有一条线索 见过", ClueVerb.GIVE),
        ("反馈 线1123-01 已核实", ClueVerb.FEEDBACK),
        ("线1123-01", ClueVerb.SHOW),
        ("线索 列表 通1123-01", ClueVerb.LIST),
        ("抓获 通1123-01", ClueVerb.CLOSE),
        ("通1123-01 人找到了", ClueVerb.CLOSE),
        ("反馈 1123-01 已办", None),
        ("抓获一名小偷", None),
        ("结案 1123-08", None),
        ("这件没有线索", None),
        ("收到 通1123-01", None),
    ],
)
def test_words(text: str, verb: ClueVerb | None) -> None:
    command = parse_clue_command(text)
    assert (command.verb if command is not None else None) is verb
