"""What stands on the page: recordings, merged cases, the promise, the history without anybody else's words."""

from datetime import timedelta
from pathlib import Path

import pytest

from bot.media_store import MediaStore
from console.standing import find_next, list_stages, tone
from console.tickets import Scope
from grid.workflow import Status
from storage.columns import MediaState
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Case, Media
from tests.clock import START
from tests.console.page import Office
from tests.grid.town import make_case, make_desk
from tests.house import ESTATE, STREET_CHIEF, House

pytestmark = [pytest.mark.filterwarnings("error")]
over_http = pytest.mark.asyncio(loop_scope="module")
MP3 = b"ID3" + bytes(400)


async def keep_recording(house: House, case: Case, state: MediaState = MediaState.KEPT) -> int:
    """A recording of the resident's, as the media job leaves it."""
    store = MediaStore(Path(house.config["storage"]["media_dir"]))
    row_id = await house.service.archive.numbers.take_id()
    row = fresh(
        Media,
        id=row_id,
        case_id=case.id,
        kind="voice",
        origin={"door": "oa"},
        by=f"resident:{case.resident_id}",
        state=state,
        sha256=store.write(MP3) if state is MediaState.KEPT else None,
        mime="audio/mpeg" if state is MediaState.KEPT else "",
        bytes=len(MP3),
        created_at=house.service.clock(),
    )
    await house.service.archive.committer.commit(Plan(rows=[row]))
    return row_id


@over_http
async def test_a_recording_plays_for_the_resident_and_the_worker_and_for_no_reading_link(
    office: Office, house: House
) -> None:
    case = await office.report("voice")
    row_id = await keep_recording(house, case)
    for scope, status in (("resident", 200), ("worker", 200), ("read", 404)):
        url = office.link(case, scope)
        page = await office.open(url)
        assert (f'<audio controls preload="none" src="/c/{url.rpartition("/")[2]}/media/{row_id}">' in page.html) is (
            status == 200
        )
        found, content, headers = await office.fetch(f"{url}/media/{row_id}")
        assert found == status
        if status == 200:
            assert (content, headers["Content-Type"]) == (MP3, "audio/mpeg")


@over_http
async def test_what_is_still_on_its_way_or_lost_says_so(office: Office, house: House) -> None:
    case = await office.report("lost")
    lost = await keep_recording(house, case, MediaState.LOST)
    await house.service.archive.committer.commit(Plan(changes=[Change(Media, lost, None, {"kind": "image"})]))
    url = office.link(case, "resident")
    page = await office.open(url)
    assert "未能保存" in page.text
    assert (await office.fetch(f"{url}/media/{lost}"))[0] == 404


@over_http
async def test_a_file_that_was_changed_on_the_disk_is_not_served(office: Office, house: House) -> None:
    case = await office.report("damaged")
    row_id = await keep_recording(house, case)
    store = MediaStore(Path(house.config["storage"]["media_dir"]))
    row = await house.service.books.find(Media, row_id)
    assert row is not None
    assert row.sha256 is not None
    try:
        store.path_of(row.sha256).write_bytes(b"ID3 something else")
        assert (await office.fetch(f"{office.link(case, 'worker')}/media/{row_id}"))[0] == 404
    finally:
        store.path_of(row.sha256).write_bytes(MP3)


@over_http
async def test_a_merged_case_says_where_it_goes_on(office: Office, house: House) -> None:
    first = await office.report("merge-a", f"{ESTATE}16号楼电梯坏了，我电话13912340011")
    second = await office.report("merge-b", f"{ESTATE}16号楼电梯停运了")
    chief = await house.worker(STREET_CHIEF)
    await chief.says(f"合并 {second.number} 并入 {first.number}")
    await chief.hears("已并入")
    page = await office.open(office.link(second, "resident"))
    assert "已合并办理" in page.text
    assert first.number in page.text
    assert "13912340011" not in page.html
    assert page.actions == set()
    joined = await office.open(office.link(first, "resident", resident=second.resident_id))
    assert "共有2位居民反映" in joined.text
    assert "13912340011" not in joined.html


@over_http
async def test_the_history_of_the_case_is_told_to_each_in_his_way(office: Office, house: House) -> None:
    case = await office.report("history", f"{ESTATE}17号楼下水道堵了")
    worker, mine = office.link(case, "worker"), office.link(case, "resident")
    await office.act(worker, "accept")
    await office.act(worker, "handle", text="这家人电话13912340012，态度不好")
    await office.act(worker, "return", text="内部原因不外传")
    theirs = (await office.open(office.link(case, "read"))).text
    assert "王芳接单" in theirs
    assert "内部原因不外传" in theirs
    assert "139****0012" in theirs
    own = (await office.open(mine)).text
    assert "网格员王芳已接单" in own
    assert "正在处理" in own
    assert "内部原因" not in own
    assert "态度不好" not in own


@pytest.mark.parametrize("status", list(Status))
def test_every_status_has_its_words_for_each_reader(status: Status) -> None:
    desk = make_desk()
    case = make_case(status, resolved_at=START, accepted_at=START)
    for scope in Scope:
        said = find_next(desk, case, scope)
        assert said == "" or said.endswith("。"), said
    assert tone(case, desk.now) in {"wait", "busy", "rest", "good"}
    over = {Status.VOID, Status.MERGED, Status.WITHDRAWN}
    assert bool(list_stages(case)) is (status not in over)


@pytest.mark.parametrize(
    ("status", "late"),
    [(Status.DISPATCHED, True), (Status.HANDLING, True), (Status.SUSPENDED, False), (Status.RESOLVED, False)],
)
def test_what_should_have_happened_is_shown_as_late(status: Status, late: bool) -> None:
    desk = make_desk(now=START + timedelta(days=30))
    case = make_case(status, resolved_at=START)
    assert (tone(case, desk.now) == "late") is late
    assert "11月2" not in find_next(desk, case, Scope.RESIDENT)
