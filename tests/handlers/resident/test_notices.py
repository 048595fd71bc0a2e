"""Residents and notices: reading them again, 报名 with a waiting list, and clues that only the station reads."""

from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import col, select

from handlers.signups import parse_signup
from handlers.update import UpdateKind
from storage.columns import GroupKind, WorkerStatus
from storage.notice_columns import NoticeKind, NoticeState, SignupState, TargetState
from storage.notice_tables import Clue, Notice, NoticeSignup, NoticeTarget
from storage.plan import Change, Committed, Plan
from storage.rows import fresh
from storage.tables import Worker
from tests.handlers.resident.talk import Talk, Town
from tests.handlers.worker.city import CHAT3, COMMUNITY, LI, ZHOU

FIRST, SECOND = "通1123-01", "通1123-02"
CLUE = "线1123-01"
STATION = "worker:u-feng"


async def publish(town: Town, kind: NoticeKind, number: str = FIRST, to: str = "", **values: Any) -> Notice:
    """A notice that is out for the community's residents; `to`: an openid that it reached a moment ago."""
    now, ids = town.clock(), await town.archive.numbers.take(2)
    row: dict[str, Any] = {
        "id": ids.start,
        "number": number,
        "kind": kind,
        "state": NoticeState.SENT,
        "text": "请大家留意",
        "fields": {},
        "scope": {"areas": [COMMUNITY], "groups": [GroupKind.WORK.value], "residents": True},
        "area_code": COMMUNITY,
        "made_by": 15,
        "made_at": now,
        "sent_at": now,
        "ends_at": now + timedelta(days=7),
    }
    notice: Notice = fresh(Notice, **{**row, **values})
    rows: list[Any] = [notice]
    if to:
        state = {"state": TargetState.SENT, "sent_at": now}
        rows.append(fresh(NoticeTarget, id=ids[1], notice_id=notice.id, target=f"oa:{to}", **state))
    assert await town.archive.committer.commit(Plan(rows=rows)) == Committed()
    return notice


async def publish_activity(town: Town, quota: int = 3, number: str = FIRST, **fields: Any) -> Notice:
    """An activity of next Saturday, to sign up for until Friday."""
    local = town.clock().astimezone(town.hall.desk().zone)
    form = {
        "starts": (local + timedelta(days=5)).isoformat(timespec="minutes"),
        "cutoff": (local + timedelta(days=4)).isoformat(timespec="minutes"),
        "place": "社区广场",
        "quota": quota,
        "contact": "13800000015",
        **fields,
    }
    return await publish(town, NoticeKind.ACTIVITY, number, text="重阳节包饺子", fields=form)


async def clues(town: Town) -> list[Clue]:
    async with town.archive.reads() as session:
        return list((await session.execute(select(Clue).order_by(col(Clue.id)))).scalars())


async def signups(town: Town) -> list[tuple[str, int, SignupState]]:
    async with town.archive.reads() as session:
        rows = (await session.execute(select(NoticeSignup).order_by(col(NoticeSignup.id)))).scalars().all()
    return [(row.name, row.people, row.state) for row in rows]


async def texts(town: Town, target: str) -> list[str]:
    return [message.text for message in await town.told(target)]


class TestReadingAgain:
    """通知."""

    async def test_what_is_in_force_where_he_lives(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await talk.says("通知")
        assert talk.hears("没有正在执行的通知")
        await publish(town, NoticeKind.FRAUD, text="冒充客服的不要信")
        await talk.says("有什么通知吗")
        assert talk.hears(FIRST, "冒充客服的不要信")
        await publish(town, NoticeKind.OUTAGE, SECOND, fields={"what": "停水"})
        await talk.says("通知")
        assert talk.hears("正在执行的通知2件", FIRST, SECOND, "停水通知")
        await talk.says(FIRST)
        assert talk.hears("冒充客服的不要信")

    @pytest.mark.parametrize(
        "values",
        [
            {"state": NoticeState.RECALLED},
            {"state": NoticeState.ENDED},
            {"state": NoticeState.DRAFT, "sent_at": None},
            {"scope": {"areas": [COMMUNITY], "groups": ["work"], "residents": False}},
            {"scope": {"areas": ["23080706"], "groups": ["work"], "residents": True}},
        ],
    )
    async def test_nothing_that_is_not_for_him(self, town: Town, talk: Talk, values: dict[str, Any]) -> None:
        await talk.lives_in()
        await publish(town, NoticeKind.FRAUD, text="冒充客服的不要信", **values)
        await talk.says("通知")
        assert talk.hears("没有正在执行的通知")
        await talk.says(FIRST)
        assert talk.hears_none_of("冒充客服")

    async def test_a_long_list_is_asked_quickly(self, town: Town, talk: Talk) -> None:
        await talk.says("看" * 4000)
        assert talk.hears_none_of("正在执行的通知")


class TestClues:
    """线索."""

    async def test_only_the_station_hears_who_and_what(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await talk.change(phone="13900000001")
        await publish(town, NoticeKind.SUSPECT, fields={"station": "建设街派出所"}, made_in=32)
        await talk.says(f"线索 {FIRST} 昨晚在南门见过他")
        assert talk.heard == f"线索已收到（{CLUE}），已转建设街派出所，请勿外传。"
        everything = await town.told_everybody()
        assert {target for target, message in everything if "南门" in message.text} == {STATION}
        assert "13900000001" in (await texts(town, STATION))[0]
        assert await town.cases() == []

    async def test_the_duty_group_stands_in_without_his_name(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await talk.change(phone="13900000001")
        await publish(town, NoticeKind.MISSING)
        await self._dismiss_the_police(town)
        await talk.says(f"线索 {FIRST} 老人在南门")
        assert talk.hears("值班人员联系派出所", "请勿外传")
        (passed,) = await texts(town, "group:34")
        assert "老人在南门" in passed
        assert "13900000001" not in passed
        assert "身份仅告知公安机关" in passed

    async def _dismiss_the_police(self, town: Town) -> None:
        change = Change(Worker, 20, None, {"status": WorkerStatus.LEFT})
        assert await town.archive.committer.commit(Plan(changes=[change])) == Committed()
        await town.hall.load()

    async def test_the_word_alone_asks_for_the_rest(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await publish(town, NoticeKind.SUSPECT)
        await talk.says("线索")
        assert talk.hears("请直接发线索内容或照片", "110")
        await talk.says("3号楼楼下，戴黑帽子，下水道旁边")
        assert talk.hears(CLUE)
        assert [row.text for row in await clues(town)] == ["3号楼楼下，戴黑帽子，下水道旁边"]
        assert await town.cases() == []
        await talk.shows("m1")
        assert talk.hears("照片已附到线索", CLUE)
        assert len((await clues(town))[0].pictures) == 1

    async def test_a_picture_may_be_all_of_it(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await publish(town, NoticeKind.SUSPECT)
        await talk.says(f"线索 {FIRST}")
        await talk.shows("m1")
        assert talk.hears("线索和照片已收到", CLUE)

    async def test_he_may_think_better_of_it(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await publish(town, NoticeKind.SUSPECT)
        await talk.says("线索")
        await talk.says("算了")
        assert talk.hears("没有转交")
        await talk.says("阳光水岸3号楼下水道堵了")
        assert talk.hears("已受理")
        assert await clues(town) == []

    async def test_a_reply_right_after_the_notice_is_a_clue(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await publish(town, NoticeKind.SUSPECT, to="oLi")
        await talk.says("这个人我在南门市场见过", after_seconds=120)
        assert talk.hears(CLUE, "请勿外传")
        assert await town.cases() == []

    async def test_a_matter_right_after_the_notice_is_a_matter(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await publish(town, NoticeKind.SUSPECT, to="oLi")
        await talk.says("我看到阳光水岸3号楼下水道堵了")
        assert talk.hears("已受理")
        assert await clues(town) == []

    async def test_long_after_it_nothing_is_guessed(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await publish(town, NoticeKind.SUSPECT, to="oLi")
        await talk.says("这个人我在南门市场见过", after_seconds=31 * 60)
        assert await clues(town) == []

    async def test_danger_in_a_clue_says_whom_to_call(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await publish(town, NoticeKind.SUSPECT)
        await talk.says(f"线索 {FIRST} 他拿刀在楼下要杀人")
        assert talk.hears(CLUE, "110")
        assert await town.cases() == []

    async def test_without_a_notice_it_is_a_matter(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await talk.says("线索：阳光水岸3号楼有人偷电动车")
        assert talk.hears_none_of("线1123")
        assert await clues(town) == []

    async def test_feedback_and_thanks_find_him(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await publish(town, NoticeKind.SUSPECT)
        await talk.says(f"线索 {FIRST} 昨晚在南门见过他")
        assert "已私下转给提供人" in await town.works(f"反馈 {CLUE} 已核实", "u-feng", None)
        assert "致谢" in await town.works(f"抓获 {FIRST}", "u-feng", None)
        told = [text for text in await texts(town, "oa:oLi") if "线1123" in text]
        assert len(told) == 2
        assert "已核实" in told[0]
        assert "当事人已抓获" in told[1]
        await talk.says(CLUE)
        assert talk.hears("已核实")
        stranger = town.resident("oOther")
        await stranger.says(CLUE)
        assert stranger.hears_none_of("已核实", "南门")


class TestSigningUp:
    """报名."""

    async def test_number_and_name_may_be_left_out(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await publish_activity(town)
        await talk.says("报名 2人")
        assert talk.hears("2人报名成功", "社区广场", "取消报名")
        await talk.says("报名 2人")
        assert talk.hears("已经报过名")
        assert await signups(town) == [("", 2, SignupState.IN)]

    async def test_the_waiting_list_moves_up_and_is_told(self, town: Town, talk: Talk) -> None:
        await publish_activity(town, quota=3)
        talks = [town.resident(f"o{number}") for number in range(4)]
        for one in talks:
            await one.lives_in()
        await talks[0].says(f"报名 {FIRST} 张三 3人")
        await talks[1].says(f"报名 {FIRST} 李四 2人")
        assert talks[1].hears("名额已满", "候补第1位")
        await talks[2].says(f"报名 {FIRST} 王五")
        assert talks[2].hears("候补第2位")
        await talks[0].says("取消报名")
        assert talks[0].hears("已取消报名（3人）")
        assert [state for _, _, state in await signups(town)] == [SignupState.OUT, SignupState.IN, SignupState.IN]
        for one in talks[1:3]:
            assert "已由候补转为报名成功" in (await texts(town, f"oa:{one.openid}"))[-1]
        await talks[0].says(f"报名 {FIRST} 张三 3人")
        assert talks[0].hears("候补第1位")

    async def test_a_party_that_is_too_large_lets_the_next_pass(self, town: Town, talk: Talk) -> None:
        await publish_activity(town, quota=3)
        for name, people in (("张三", 2), ("李四", 3), ("王五", 1)):
            await talk.says(f"报名 {FIRST} {name} {people}人")
        assert [state.value for _, _, state in await signups(town)] == ["in", "waiting", "in"]

    async def test_late_ones_are_answered(self, town: Town, talk: Talk) -> None:
        await publish_activity(town)
        await talk.says(f"报名 {FIRST}", after_seconds=4 * 86400 + 1)
        assert talk.hears("报名已于11月27日09:00截止", "13800000015")
        assert await signups(town) == []

    async def test_more_than_there_are_is_refused(self, town: Town, talk: Talk) -> None:
        await publish_activity(town, quota=3)
        await talk.says(f"报名 {FIRST} 4人")
        assert talk.hears("一共只有3个名额")

    async def test_the_number_may_be_changed_within_what_is_free(self, town: Town, talk: Talk) -> None:
        await publish_activity(town, quota=3)
        other = town.resident("oB")
        await talk.says(f"报名 {FIRST} 1人")
        await other.says(f"报名 {FIRST} 1人")
        await talk.says(f"报名 {FIRST} 3人")
        assert talk.hears("只剩1个名额", "原来的报名不变")
        await talk.says(f"报名 {FIRST} 2人")
        assert talk.hears("2人报名成功")
        assert [people for _, people, _ in await signups(town)] == [2, 1]

    async def test_a_group_signs_its_people_up_and_the_maker_has_the_list(self, town: Town, talk: Talk) -> None:
        await publish_activity(town)
        assert "“张三”2人报名成功" in await town.works(f"报名 {FIRST} 张三 2人", LI, CHAT3)
        assert "“李四”1人报名成功" in await town.works(f"报名 {FIRST} 李四", LI, CHAT3)
        assert "候补第1位" in await town.works(f"报名 {FIRST} 赵六 1人", LI, CHAT3)
        roll = await town.works(f"通知 名单 {FIRST}", ZHOU, None)
        assert "已报3/3人" in roll
        assert "1. 张三 2人" in roll
        assert "候补1人" in roll
        assert "赵六" in roll
        assert "您有几项报名" in await town.works("取消报名", LI, CHAT3)
        assert "“张三”已取消报名" in await town.works(f"取消报名 {FIRST} 张三", LI, CHAT3)
        assert "“赵六”（1人）已由候补" in (await texts(town, f"worker:{LI}"))[-1]

    async def test_what_is_over_or_no_activity(self, town: Town, talk: Talk) -> None:
        await publish(town, NoticeKind.OUTAGE)
        await talk.says(f"报名 {FIRST}")
        assert talk.hears("没有找到可以报名的活动")
        await talk.says("取消报名")
        assert talk.hears("没有找到您的报名")
        await talk.says("报名")
        assert talk.hears("没有可以报名的活动")

    async def test_words_that_only_begin_so_are_a_matter(self, town: Town, talk: Talk) -> None:
        await talk.lives_in()
        await publish_activity(town)
        await talk.says("报名点门口的路灯不亮，在阳光水岸3号楼")
        assert await signups(town) == []
        assert len(await town.cases()) == 1

    async def test_many_at_once_never_get_more_places_than_there_are(self, town: Town) -> None:
        await publish_activity(town, quota=3)
        talks = [town.resident(f"o{number}") for number in range(5)]
        runs = [one.begin(UpdateKind.TEXT, text=f"报名 {FIRST}") for one in talks]
        answers = [(await run.task).text for run in runs]
        assert sum("报名成功" in text for text in answers) == 3
        assert sum("候补" in text for text in answers) == 2
        assert [state.value for _, _, state in await signups(town)].count("in") == 3


@pytest.mark.parametrize(
    ("text", "name", "people"),
    [
        ("报名", "", None),
        ("报名 张三 2人", "张三", 2),
        ("我要报名 两个人", "", 2),
        ("报名 通1123-01 张三、李四", "张三、李四", None),
        ("报名：王芳 一家三口", "王芳", 3),
    ],
)
def test_words_of_signing_up(text: str, name: str, people: int | None) -> None:
    words = parse_signup(text)
    assert words is not None
    assert (words.name, words.people, words.is_plain) == (name, people, True)
