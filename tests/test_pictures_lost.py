"""A photo that is no photo: whoever sent it hears one sentence, the case stays as it is."""

from types import SimpleNamespace

import pytest

from bot.pictures import PictureTeller
from storage.columns import MediaState
from storage.rows import fresh
from storage.tables import Case, Media
from tests.clock import START
from tests.grid.town import make_case, make_city, make_desk


class OneCase:
    """Books that hold a single case."""

    async def find(self, table: type[Case], key: int | None) -> Case | None:
        return make_case() if key == 7 else None


def lost(**values: object) -> Media:
    known: dict[str, object] = {"case_id": 7, "kind": "image", "by": "worker:11", **values}
    return fresh(Media, id=1, state=MediaState.LOST, created_at=START, origin={"lost": "图片无法打开"}, **known)


def make_teller() -> PictureTeller:
    hall = SimpleNamespace(city=make_city(), desk=make_desk)
    return PictureTeller(OneCase(), hall)  # type: ignore[arg-type]  # what the teller looks at is there


async def test_the_worker_hears_why() -> None:
    plan = await make_teller().on_lost(lost())
    assert plan is not None
    (draft,) = plan.outbox
    assert draft.target == "worker:u-wang"
    assert "没有附上：图片无法打开。请重新发送一张照片" in draft.body["text"]
    assert not plan.changes


@pytest.mark.parametrize("values", [{"by": "resident:5"}, {"kind": "file"}, {"case_id": None}, {"by": "worker:99"}])
async def test_nobody_else_is_bothered(values: dict[str, object]) -> None:
    assert await make_teller().on_lost(lost(**values)) is None
