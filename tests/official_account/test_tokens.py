"""The token: fetched once for all, renewed once, forced rarely, and never shown."""

import asyncio
import logging
import traceback
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlmodel import col, select

from bot.official_account.api import OfficialAccountApi
from bot.official_account.connect import AccountSecret, open_api
from bot.official_account.tokens import EARLY_SECONDS, FORCE_AGAIN_SECONDS
from bot.ports import Refused, Unreachable, WireFailure
from storage.engine import make_engine
from storage.tables import Token
from tests.clock import FakeClock
from tests.official_account.conftest import SECRET, Pauses
from tests.official_account.platform import OK, Platform

SEND = "message/custom/send"


@pytest.fixture
async def engine(engine_url: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(engine_url)
    yield made
    await made.dispose()


async def stored(engine: AsyncEngine) -> list[str]:
    async with engine.connect() as connection:
        return list((await connection.execute(select(col(Token.value)))).scalars())


async def test_one_fetch_for_many_senders(platform: Platform, api: OfficialAccountApi, engine: AsyncEngine) -> None:
    await asyncio.gather(*(api.send_text(f"o{number}", "好") for number in range(20)))
    assert len(platform.heard("stable_token")) == 1
    assert {call.token for call in platform.heard(SEND)} == {"T1"}
    assert await stored(engine) == ["T1"]


async def test_the_request_is_as_documented(platform: Platform, api: OfficialAccountApi) -> None:
    await api.send_text("o1", "好")
    assert platform.heard("stable_token")[0].json == {
        "grant_type": "client_credential",
        "appid": SECRET.app_id,
        "secret": SECRET.app_secret,
        "force_refresh": False,
    }
    assert platform.heard("stable_token")[0].query == {}


async def test_a_second_process_takes_the_stored_token(
    platform: Platform, api: OfficialAccountApi, engine: AsyncEngine, clock: FakeClock
) -> None:
    await api.send_text("o1", "好")
    async with open_api(platform.base, SECRET, engine, clock) as other:
        await other.send_text("o2", "好")
    assert len(platform.heard("stable_token")) == 1


async def test_two_accounts_have_two_tokens(
    platform: Platform, api: OfficialAccountApi, engine: AsyncEngine, clock: FakeClock
) -> None:
    await api.send_text("o1", "好")
    platform.token = "T2"
    async with open_api(platform.base, AccountSecret("wx-other", "s"), engine, clock) as other:
        await other.send_text("o2", "好")
    assert sorted(await stored(engine)) == ["T1", "T2"]


async def test_a_token_is_fetched_again_before_its_end(
    platform: Platform, api: OfficialAccountApi, clock: FakeClock
) -> None:
    await api.send_text("o1", "好")
    clock.advance(seconds=platform.seconds - EARLY_SECONDS - 1)
    await api.send_text("o1", "好")
    assert len(platform.heard("stable_token")) == 1
    platform.token = "T2"
    clock.advance(seconds=1)
    await api.send_text("o1", "好")
    assert platform.heard(SEND)[-1].token == "T2"


async def test_a_token_with_little_left_is_not_fetched_for_every_message(
    platform: Platform, api: OfficialAccountApi
) -> None:
    platform.seconds = 100
    for _ in range(5):
        await api.send_text("o1", "好")
    assert len(platform.heard("stable_token")) == 1


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_refused_token_is_fetched_once_more_and_the_message_sent(
    platform: Platform, api: OfficialAccountApi, errcode: int
) -> None:
    await api.send_text("o1", "好")
    platform.says(SEND, errcode, OK)
    platform.token = "T2"
    await api.send_text("o1", "好")
    assert [call.token for call in platform.heard(SEND)] == ["T1", "T1", "T2"]
    assert [call.json["force_refresh"] for call in platform.heard("stable_token")] == [False, False]


async def test_only_if_the_same_token_comes_back_it_is_forced(platform: Platform, api: OfficialAccountApi) -> None:
    await api.send_text("o1", "好")
    platform.bad_tokens.add("T1")
    await api.send_text("o1", "好")
    assert [call.json["force_refresh"] for call in platform.heard("stable_token")] == [False, False, True]
    assert platform.heard(SEND)[-1].token == "T1f"


async def test_a_platform_that_always_says_40001_is_asked_a_few_times_only(
    platform: Platform, api: OfficialAccountApi, clock: FakeClock
) -> None:
    platform.says(SEND, 40001)
    for _ in range(4):
        with pytest.raises(Refused) as caught:
            await api.send_text("o1", "好")
        assert caught.value.errcode == 40001
    assert len(platform.heard(SEND)) == 8
    assert [call.json["force_refresh"] for call in platform.heard("stable_token")].count(True) == 1
    clock.advance(seconds=FORCE_AGAIN_SECONDS)
    with pytest.raises(Refused):
        await api.send_text("o1", "好")
    assert [call.json["force_refresh"] for call in platform.heard("stable_token")].count(True) == 2


async def test_two_processes_force_once(
    platform: Platform, api: OfficialAccountApi, engine: AsyncEngine, clock: FakeClock, pauses: Pauses
) -> None:
    async with open_api(platform.base, SECRET, engine, clock, pauses.waits) as other:
        await api.send_text("o1", "好")
        await other.send_text("o2", "好")
        platform.bad_tokens.add("T1")
        await asyncio.gather(api.send_text("o1", "好"), other.send_text("o2", "好"), return_exceptions=True)
        await other.send_text("o2", "好")
        await api.send_text("o1", "好")
    assert [call.json["force_refresh"] for call in platform.heard("stable_token")].count(True) == 1


async def test_many_senders_with_a_dead_token_renew_it_once(platform: Platform, api: OfficialAccountApi) -> None:
    await api.send_text("o1", "好")
    platform.bad_tokens.add("T1")
    platform.token = "T2"
    await asyncio.gather(*(api.send_text(f"o{number}", "好") for number in range(10)))
    assert len(platform.heard("stable_token")) == 2


@pytest.mark.parametrize("errcode", [40164, 40125, 40013, 40243])
async def test_a_wrong_configuration_is_never_retried(
    platform: Platform, api: OfficialAccountApi, pauses: Pauses, clock: FakeClock, errcode: int
) -> None:
    platform.says("stable_token", {"errcode": errcode, "errmsg": "invalid ip 1.2.3.4 geheim-secret, rid: 6a-7b"})
    for _ in range(3):
        with pytest.raises(Refused) as caught:
            await api.send_text("o1", "好")
        assert caught.value.errcode == errcode
    assert caught.value.errmsg == ("rid: 6a-7b invalid ip 1.2.3.4" if errcode == 40164 else "rid: 6a-7b")
    assert (len(platform.heard("stable_token")), pauses.seconds) == (1, [])
    platform.answers.clear()
    clock.advance(seconds=31)
    await api.send_text("o1", "好")


async def test_a_busy_platform_gives_its_token_later(
    platform: Platform, api: OfficialAccountApi, pauses: Pauses
) -> None:
    platform.says("stable_token", -1, "hang up", {"access_token": "T1", "expires_in": 7200})
    await api.send_text("o1", "好")
    assert pauses.seconds == pytest.approx([0.3, 0.9])


@pytest.mark.parametrize(
    "answer", [{}, {"access_token": "T"}, {"access_token": 1, "expires_in": 1}, (b"<html>", "text/html")]
)
async def test_a_token_answer_in_another_form(platform: Platform, api: OfficialAccountApi, answer: object) -> None:
    platform.says("stable_token", answer)
    with pytest.raises(WireFailure):
        await api.send_text("o1", "好")


async def test_a_store_that_fails_shows_no_token(platform: Platform, clock: FakeClock, tmp_path: object) -> None:
    broken = make_engine("sqlite+aiosqlite:///:memory:")
    async with open_api(platform.base, SECRET, broken, clock) as api:
        with pytest.raises(Unreachable) as caught:
            await api.send_text("o1", "好")
    await broken.dispose()
    assert "T1" not in "".join(traceback.format_exception(caught.value))


async def test_nothing_secret_in_logs_or_exceptions(
    platform: Platform, api: OfficialAccountApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform.token = "T-geheim"
    shown = [repr(SECRET), str(SECRET)]
    for answer in (
        40001,
        45015,
        "hang up",
        (b"no json", "text/plain"),
        {"errcode": 47001, "errmsg": "楼道堆物 oOPENID"},
    ):
        platform.says(SEND, answer)
        with pytest.raises(WireFailure) as caught:
            await api.send_text("oOPENID", "楼道堆物")
        shown.append("".join(traceback.format_exception(caught.value)) + repr(vars(caught.value)))
    # The test's own lines stand in a traceback; only what was raised counts.
    told = "\n".join(line for part in shown for line in part.splitlines() if "send_text(" not in line)
    for secret in ("geheim", "oOPENID", "楼道堆物"):
        assert secret not in told
        assert secret not in "\n".join(
            record.getMessage() for record in caplog.records if record.name.startswith("bot")
        )
