"""匿名: over the whole life of a case nobody but its reporter reads who he is, whatever he and the workers write."""

from datetime import timedelta

from bot.digests import Digests
from bot.supervision import Supervisor
from bot.supervision_calls import CallsSupervisor
from grid.actions.opening import open_again
from grid.desk import reporter_of
from tests.handlers.resident.talk import Talk, Town
from tests.handlers.worker.city import CHAT3, CHAT_COMMUNITY, CHAT_HOUSING, CHAT_STREET, LI, QIAN, WANG, ZHAO, ZHOU

PHONE, LAST_FOUR = "13912345678", "5678"


async def live(town: Town, talk: Talk) -> list[str]:
    """A case goes every way that tells somebody of it; what workers were answered."""
    heard: list[str] = []

    async def works(text: str, userid: str = WANG, chat: str | None = CHAT3) -> None:
        heard.append(await town.works(text, userid, chat))

    async def tick(hours: float) -> None:
        town.clock.advance(timedelta(hours=hours))
        for job in (Supervisor, CallsSupervisor, Digests):
            await job(town.archive, town.books, town.hall).tick()

    await talk.says(f"匿名反映，阳光水岸1号楼路灯坏了，我电话{PHONE}")
    await talk.says(PHONE)
    await talk.says(f"补充：灯杆也歪了，打{PHONE}找我")
    await tick(3)
    await tick(3)
    await talk.says("催办")
    for text in ("接单 1123-01", "进度 1123-01", "为何 1123-01", "问 1123-01 具体哪根灯杆"):
        await works(text)
    await talk.says(f"门口那根，{PHONE}")
    await works("进度 1123-01", WANG, None)
    await works("进度 1123-01", LI, None)
    await works("吹哨 1123-01 住建局 需断电")
    await works("报到 1123-01", QIAN, CHAT_HOUSING)
    await works("完成 1123-01 已断电", QIAN, CHAT_HOUSING)
    await works("延期 1123-01 2天 等配件")
    await works("同意 延期 1123-01", ZHOU, CHAT_COMMUNITY)
    await works("子单 1123-01 住建局 换灯杆")
    await works("完成 1123-02 已换", QIAN, CHAT_HOUSING)
    await works("接单 1123-02", QIAN, CHAT_HOUSING)
    await works("办结 1123-02 已换", QIAN, CHAT_HOUSING)
    await works("转派 1123-01 李强 他离得近")
    await works("接单 1123-01", LI)
    await tick(80)
    await tick(80)
    await works("待办")
    await works("提级 1123-01 需街道协调", LI)
    await works("转派 1123-01 第三网格", ZHAO, CHAT_STREET)
    await works("接单 1123-01")
    await works("办结 1123-01 无法解决 灯杆无人管理")
    await works("回访", ZHOU, CHAT_COMMUNITY)
    await talk.says("3")
    await talk.says(f"一直没人管，电话{PHONE}")
    await works("回访 1123-01 不满意 居民仍不认可", ZHAO, CHAT_STREET)
    await tick(60)
    return heard


async def test_nobody_reads_who_an_anonymous_reporter_is(talk: Talk, town: Town) -> None:
    heard = await live(town, talk)
    case = await town.case("1123-01")
    kinds = {message.kind for _, message in await town.told_everybody()}
    assert case.anonymous
    assert {"dispatch", "supplement", "answer", "hurry", "whistle", "request", "child", "callback", "sheet"} <= kinds, (
        kinds
    )
    told = [message for target, message in await town.told_everybody() if target != f"oa:{talk.openid}"]
    read = [repr(message) for message in told] + heard
    for secret in (PHONE, LAST_FOUR, talk.openid):
        assert [text for text in read if secret in text] == [], secret
    assert case.phone == ""


async def test_who_comes_back_after_the_time_to_reopen_is_anonymous_still(talk: Talk, town: Town) -> None:
    await talk.says(f"匿名反映，阳光水岸1号楼路灯坏了，我电话{PHONE}")
    case = await town.case("1123-01")
    matter = open_again(town.hall.desk(), case, reporter_of(await talk.row()), f"还是不亮，{PHONE}", 990_001, 2).case
    assert matter.anonymous
    assert LAST_FOUR not in matter.text
    assert matter.phone == ""
