"""绑定, 登记, 同意, 拒绝, and those who are nobody yet."""

from storage.columns import PostRole, WorkerStatus
from storage.plan import Change, Plan
from storage.tables import Setting, Worker, WorkGroup
from tests.handlers.worker.city import (
    BIND_CODE,
    CHAT3,
    CHAT_HOUSING,
    CHAT_STREET,
    DISTRICT,
    GRID3,
    LI,
    NEW_CHAT,
    WANG,
    WU,
    ZHAO,
    phone_of,
)
from tests.handlers.worker.talk import Town

NEW = "u-new"


async def group36(town: Town) -> WorkGroup:
    row = await town.books.find(WorkGroup, 36)
    assert row is not None
    return row


async def test_binding_by_code_in_any_spelling(town: Town) -> None:
    said = await town.says("u-binder", "绑定 ａｂ12 cd34", NEW_CHAT)
    assert "文采社区第一网格工作群" in said
    group = await group36(town)
    assert (group.chatid, group.bound_by, group.bind_code) == (NEW_CHAT, "u-binder", None)
    assert group.bound_at == town.clock()
    setting = await town.books.find(Setting, "city_version")
    assert setting is not None
    assert setting.value != "0"
    assert await town.books.find_worker("u-binder") is None


async def test_a_code_works_once_and_for_a_while(town: Town) -> None:
    await town.says("u-binder", f"绑定 {BIND_CODE}", NEW_CHAT)
    assert "不对、已用过或已过期" in await town.says("u-other", f"绑定 {BIND_CODE}", "c-else")
    assert (await group36(town)).chatid == NEW_CHAT


async def test_an_expired_code_binds_nothing(town: Town) -> None:
    town.clock.advance(days=8)
    assert "已过期" in await town.says("u-binder", f"绑定 {BIND_CODE}", NEW_CHAT)
    assert (await group36(town)).chatid is None


async def test_where_binding_is_refused(town: Town) -> None:
    assert "在群里" in await town.says(WANG, f"绑定 {BIND_CODE}")
    assert "已绑定为“文采社区第三网格工作群”" in await town.says(WANG, f"绑定 {BIND_CODE}", CHAT3)
    assert "请写上绑定码" in await town.says("u-binder", "绑定", NEW_CHAT)
    assert (await group36(town)).chatid is None


async def test_an_unbound_chat_learns_how_to_bind_and_nothing_else(town: Town) -> None:
    for text in ("接单", "待办", "hello"):
        assert "绑定码" in await town.says(WANG, text, NEW_CHAT)


async def test_a_newcomer_registers_and_the_lead_lets_him_in(town: Town) -> None:
    case = await town.opens()
    assert "登记 姓名 手机号" in await town.says(NEW, "接单", CHAT3)
    said = await town.says(NEW, "登记 张三 138 0000 0099", CHAT3)
    assert "王芳" in said
    assert "138****0099" in said
    worker = await town.worker(NEW)
    assert (worker.status, worker.area_code) == (WorkerStatus.PENDING, GRID3)
    assert "正等待同意" in await town.says(NEW, "接单", CHAT3)
    assert "要由网格长" in await town.says(NEW, "同意 张三", CHAT3)
    assert "须由本区域的网格长" in await town.says(LI, "同意 张三", CHAT3)
    assert (await town.worker(NEW)).status is WorkerStatus.PENDING
    assert "可以接单了" in await town.says(WANG, "同意张三", CHAT3)
    assert [post.area_code for post in await town.books.list_posts(worker.id)] == [GRID3]
    await town.says(NEW, "接单", CHAT3)
    assert (await town.case(case)).handler_id == worker.id


async def test_a_registration_that_says_too_little(town: Town) -> None:
    for text in ("登记", "登记 张三", "登记 13800000099", "登记 张三 1380000"):
        assert "请写明姓名和11位手机号" in await town.says(NEW, text, CHAT3)
    assert "工作群" in await town.says(NEW, "登记 张三 13800000099")
    assert await town.books.find_worker(NEW) is None


async def test_refused_newcomers_stay_out_and_may_ask_again(town: Town) -> None:
    await town.says(NEW, "登记 张三 13800000099", CHAT3)
    assert "已拒绝张三" in await town.says(WANG, "拒绝 张三", CHAT3)
    assert "登记" in await town.says(NEW, "接单", CHAT3)
    await town.says(NEW, "登记 张三丰 13800000099", CHAT3)
    assert (await town.worker(NEW)).status is WorkerStatus.PENDING


async def test_whoever_left_with_a_post_comes_back_through_the_centre(town: Town) -> None:
    row = await town.worker(WANG)
    await town.write(Plan(changes=[Change(Worker, row.id, row.version, {"status": WorkerStatus.LEFT})]))
    assert "已停用" in await town.says(WANG, "登记 王芳 13800000011", CHAT3)
    assert (await town.worker(WANG)).status is WorkerStatus.LEFT


async def test_an_imported_worker_is_claimed_and_changes_nothing_until_granted(town: Town) -> None:
    await town.says("u-binder", f"绑定 {BIND_CODE}", NEW_CHAT)
    await town.says("u-zheng", f"登记 郑伟 {phone_of(19)}", NEW_CHAT)
    waiting = await town.books.find(Worker, 19)
    assert waiting is not None
    assert (waiting.userid, waiting.status) == (None, WorkerStatus.ACTIVE)
    # A second one who claims the same is told so, and so is the stranger who would grant it.
    assert "已有人登记" in await town.says("u-thief", f"登记 郑伟 {phone_of(19)}", NEW_CHAT)
    assert "须由" in await town.says("u-thief", "同意 郑伟", NEW_CHAT)
    assert "要由" in await town.says("u-zheng", "同意 郑伟", NEW_CHAT)
    await town.says("u-binder", "同意 郑伟", NEW_CHAT)
    assert (await town.worker("u-zheng")).id == 19
    case = await town.opens(area="2308070501")
    await town.says("u-zheng", "接单", NEW_CHAT)
    assert (await town.case(case)).handler_id == 19


async def test_a_refused_claim_is_gone(town: Town) -> None:
    await town.says("u-binder", f"绑定 {BIND_CODE}", NEW_CHAT)
    await town.says("u-thief", f"登记 郑伟 {phone_of(19)}", NEW_CHAT)
    await town.says("u-binder", "拒绝 郑伟", NEW_CHAT)
    assert "申请登记" in await town.says("u-zheng", f"登记 郑伟 {phone_of(19)}", NEW_CHAT)


async def test_the_binder_may_let_himself_in(town: Town) -> None:
    await town.says("u-zheng", f"绑定 {BIND_CODE}", NEW_CHAT)
    await town.says("u-zheng", f"登记 郑伟 {phone_of(19)}", NEW_CHAT)
    await town.says("u-zheng", "同意 郑伟", NEW_CHAT)
    assert (await town.worker("u-zheng")).id == 19


async def test_nobody_becomes_a_commander_in_a_grids_group(town: Town) -> None:
    await town.says("u-thief", f"绑定 {BIND_CODE}", NEW_CHAT)
    said = await town.says("u-thief", f"登记 高远 {phone_of(21)}", NEW_CHAT)
    assert "岗位不在本群的区域里" in said
    row = await town.books.find(Worker, 21)
    assert row is not None
    assert (row.userid, row.conversation) == (None, {})


async def test_two_of_one_name_are_told_apart_by_phone(town: Town) -> None:
    await town.says("u-a", "登记 张三 13800000098", CHAT3)
    await town.says("u-b", "登记 张三 13800000099", CHAT3)
    assert "手机号后四位" in await town.says(WANG, "同意 张三", CHAT3)
    await town.says(WANG, "同意 张三 0099", CHAT3)
    assert (await town.worker("u-a")).status is WorkerStatus.PENDING
    assert (await town.worker("u-b")).status is WorkerStatus.ACTIVE


async def test_a_newcomer_in_a_departments_group_has_its_seat(town: Town) -> None:
    await town.says("u-dept", "登记 秦风 13800000097", CHAT_HOUSING)
    await town.says(WU, "同意 秦风")
    (post,) = await town.books.list_posts((await town.worker("u-dept")).id)
    assert (post.role, post.category, post.area_code) == (PostRole.DEPARTMENT, "urban_property", DISTRICT)


async def test_a_coordinator_above_approves_in_single_chat(town: Town) -> None:
    await town.says(NEW, "登记 张三 13800000099", CHAT3)
    assert "没有等待同意的李四" in await town.says(WANG, "同意 李四", CHAT3)
    assert "正在等待的有：张三" in await town.says(WANG, "同意", CHAT3)
    assert "没有等待" in await town.says(ZHAO, "同意 张三", CHAT_STREET)
    await town.says(ZHAO, "同意 张三")
    assert (await town.worker(NEW)).status is WorkerStatus.ACTIVE


async def test_whoever_is_away_is_told_so(town: Town) -> None:
    await town.opens()
    row = await town.worker(LI)
    await town.write(Plan(changes=[Change(Worker, row.id, row.version, {"status": WorkerStatus.AWAY})]))
    assert "离岗" in await town.says(LI, "接单", CHAT3)
