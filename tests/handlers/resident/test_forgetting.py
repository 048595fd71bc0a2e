"""删除我的信息 reaches everything that was written about somebody: beside the case, in its children, in notices, in others' cases."""

from collections.abc import Sequence
from pathlib import Path

from sqlmodel import SQLModel, col

from bot.erasing import Eraser
from bot.media_store import MediaStore
from grid.message import Message, render_body
from storage.audit import verify
from storage.columns import Colour, SheetState
from storage.erasure import list_wanted
from storage.erasure_letters import ERASED
from storage.loop_tables import Erasure, Sheet
from storage.notice_columns import NoticeKind, NoticeState, SignupState
from storage.notice_tables import Clue, Notice, NoticeSignup
from storage.plan import Change, OutboxDraft, Plan
from storage.rows import fresh
from storage.tables import Case, CaseSketch
from tests.handlers.resident.talk import Talk, Town
from tests.handlers.worker.city import CHAT_COMMUNITY, CHAT_HOUSING, CHAT_STREET, QIAN, ZHAO, ZHOU

NAME, PHONE, HOME = "李桂兰", "13912345678", "1号楼"
LAMP = f"阳光水岸{HOME}路灯坏了，我叫{NAME}，电话{PHONE}"


def tables() -> Sequence[type[SQLModel]]:
    return [one for one in SQLModel.__subclasses__() if hasattr(one, "__table__")]


async def find_left(town: Town, *secrets: str) -> list[str]:
    """Where a secret still stands: table and secret."""
    texts = {one.__name__: repr([row.model_dump() for row in await town.rows(one)]) for one in tables()}
    return [f"{name}: {secret}" for name, text in texts.items() for secret in secrets if secret in text]


async def erase(town: Town, talk: Talk, folder: Path) -> int:
    await talk.says("删除我的信息")
    await talk.says("确认删除")
    return await Eraser(town.archive, MediaStore(folder), town.clock).erase_wanted()


async def test_what_workers_wrote_about_him_goes_too(talk: Talk, town: Town, tmp_path: Path) -> None:
    await talk.says(LAMP)
    await town.works("接单 1123-01")
    await town.works(f"吹哨 1123-01 住建局 {NAME}家门口需断电")
    await town.works(f"完成 1123-01 已到{NAME}家断电", QIAN, CHAT_HOUSING)
    await town.works(f"延期 1123-01 2天 {NAME}不在家")
    await town.works(f"不同意 延期 1123-01 请联系{NAME}", ZHOU, CHAT_COMMUNITY)
    await town.works(f"子单 1123-01 住建局 给{NAME}换灯杆")
    await town.works("接单 1123-02", QIAN, CHAT_HOUSING)
    await town.works("办结 1123-02 已换", QIAN, CHAT_HOUSING)
    case = await town.case("1123-01")
    sheet = fresh(
        Sheet,
        id=910_001,
        number="督1123-01",
        case_id=case.id,
        colour=Colour.YELLOW,
        stage="resolve",
        level="community",
        group_id=32,
        state=SheetState.ISSUED,
        issued_at=town.clock(),
    )
    await town.archive.committer.commit(Plan(rows=[sheet]))
    await town.works(f"回复督办 督1123-01 已和{NAME}约好", ZHOU, CHAT_COMMUNITY)
    await town.works("办结 1123-01 无法解决 灯杆无人管理")
    await talk.says("3")
    await talk.says(f"一直没人管，{NAME}")
    await town.works(f"回访 1123-01 不满意 {NAME}仍不认可", ZHAO, CHAT_STREET)
    assert {line.split(":")[0] for line in await find_left(town, NAME)} >= {
        *("Case", "CaseEvent", "Inbound", "Outbox", "Sheet", "Request", "WhistleCall", "Callback")
    }
    child = await town.case("1123-02")
    archived = {"status": "archived", "is_open": False}
    await town.archive.committer.commit(Plan(changes=[Change(Case, child.id, child.version, archived)]))
    assert await erase(town, talk, tmp_path) == 1
    assert await find_left(town, NAME, PHONE, HOME) == []
    assert (await town.case("1123-01")).result == "灯杆无人管理"
    assert (await verify(town.archive.engine)).ok
    assert await town.rows(CaseSketch, col(CaseSketch.case_id) == case.id) == []


async def test_a_part_that_still_runs_is_waited_for(talk: Talk, town: Town, tmp_path: Path) -> None:
    await talk.says(LAMP)
    await town.works("接单 1123-01")
    await town.works(f"子单 1123-01 住建局 给{NAME}换灯杆")
    case = await town.case("1123-01")
    archived = {"status": "archived", "is_open": False}
    await town.archive.committer.commit(Plan(changes=[Change(Case, case.id, case.version, archived)]))
    assert await erase(town, talk, tmp_path) == 0
    assert NAME in (await town.case("1123-02")).text
    version = (await town.case("1123-01")).version
    assert await Eraser(town.archive, MediaStore(tmp_path), town.clock).erase_wanted() == 0
    assert (await town.case("1123-01")).version == version, "what rests is not written again at each look"


async def test_of_anothers_case_only_his_own_words_go(talk: Talk, town: Town, tmp_path: Path) -> None:
    other = town.resident("oWu")
    await other.says("阳光水岸路灯不亮")
    await talk.says("阳光水岸小区门口路灯坏了好几天了，晚上黑漆漆的", after_seconds=3600)
    talk.hears("是不是同一件事")
    await talk.says("1")
    await talk.says(f"补充：灯杆也歪了，找{NAME}")
    case = await town.case("1123-01")
    assert NAME in case.text
    assert await erase(town, talk, tmp_path) == 0, "what runs stays"
    await town.resolves("1123-01")
    await other.says("1")
    assert await Eraser(town.archive, MediaStore(tmp_path), town.clock).erase_wanted() == 1
    assert await find_left(town, NAME, "灯杆也歪了", "黑漆漆") == []
    assert (await town.case("1123-01")).text.startswith("阳光水岸路灯不亮")
    assert any("已办结" in one.text for one in await town.told("oa:oWu")), "what the others were told is theirs"
    assert (await verify(town.archive.engine)).ok


async def test_clues_and_sign_ups_go_when_their_notice_is_over(talk: Talk, town: Town, tmp_path: Path) -> None:
    await talk.says("你好")
    person = f"resident:{(await talk.row()).id}"
    now = town.clock()
    notices = [
        fresh(
            Notice,
            id=920_001 + one,
            number=f"通1123-0{one}",
            kind=kind,
            state=NoticeState.SENT,
            made_at=now,
            sent_at=now,
        )
        for one, kind in enumerate((NoticeKind.MISSING, NoticeKind.ACTIVITY))
    ]
    about = f"【线索 线1123-01】{NAME}看见了"
    body = render_body(Message("clue", about))
    clue = fresh(
        Clue,
        id=920_011,
        number="线1123-01",
        notice_id=920_001,
        person=person,
        text=f"{NAME}看见了",
        at=now,
        passed_to="group:38",
    )
    signup = fresh(NoticeSignup, id=920_012, notice_id=920_002, person=person, name=NAME, state=SignupState.IN, at=now)
    letters = [
        OutboxDraft("group:38", "clue", body, now),
        OutboxDraft("group:38", "clue", render_body(Message("clue", "【线索 线1123-02】旁人")), now),
    ]
    await town.archive.committer.commit(Plan(rows=[*notices, clue, signup], outbox=letters))
    assert await erase(town, talk, tmp_path) == 0
    assert len(await find_left(town, NAME)) == 3, "the station may still ask, the organiser must know who comes"
    over = [Change(Notice, one.id, None, {"state": NoticeState.ENDED}) for one in notices]
    await town.archive.committer.commit(Plan(changes=over))
    assert await Eraser(town.archive, MediaStore(tmp_path), town.clock).erase_wanted() == 1
    assert await find_left(town, NAME) == []
    assert [one.text for one in await town.told("group:38")] == [ERASED, "【线索 线1123-02】旁人"]


async def test_who_waits_long_keeps_nobody_else_waiting(town: Town) -> None:
    rows = [fresh(Erasure, resident_id=one, asked_at=town.clock()) for one in range(1, 121)]
    await town.archive.committer.commit(Plan(rows=rows))
    first = await list_wanted(town.archive)
    second = await list_wanted(town.archive, after=first[-1])
    assert (len(first), second[0], len(await list_wanted(town.archive, after=second[-1]))) == (50, 51, 20)
