"""What the log never holds: whoever reads it must not learn who wrote, what, from where, or how to speak in the house's name."""

import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlmodel import select

from storage.tables import Token
from tests.ears import call, number_in
from tests.house import DUTY, ESTATE, GRID, WANG, House, open_house
from tests.pictures import make_photo

pytestmark = [pytest.mark.asyncio(loop_scope="module")]

LOGGERS = ("bot", "handlers", "grid", "nlp", "storage", "aiohttp", "apscheduler")
OPENID, STRANGER = "oProbe-Resident-77", "oProbe-Stranger-78"
PHONE, WORDS, ANSWER, RESULT = "13898765432", "管道井里冒出污水", "单元门密码是二四六八", "换了一段铸铁管"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def house(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with open_house(tmp_path_factory.mktemp("house"), groups=(GRID, DUTY)) as opened:
        yield opened


@pytest.fixture
def log(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    for name in LOGGERS:
        caplog.set_level(logging.DEBUG, name)
    return caplog


async def _play(house: House) -> str:
    grid, li = await house.group(GRID), await house.resident(OPENID)
    await house.driver.follow(OPENID, GRID)
    number = number_in(await li.says(f"{ESTATE}12号楼3单元{WORDS}，电话{PHONE}"))
    card = await grid.card_of(number)
    await house.driver.click(GRID, WANG, card["card"]["task_id"], "accept")
    await li.hears("接单", number)
    await li.shows(make_photo())
    await grid.finds(lambda row: bool(row["media"]), "the photo")
    await grid.hears_from(WANG, f"问 {number} 几单元", "已转问居民")
    await li.hears("几单元")
    await li.says(ANSWER)
    await grid.hears("居民回答")
    await house.driver.locate(OPENID, 46.8123, 130.3654, f"{ESTATE}东门")
    await house.driver.worker_say(WANG, f"进度 {number}")
    await grid.hears_from(WANG, f"办结 {number} {RESULT}", "已办结")
    await li.hears("已办结", via="custom")
    await li.says("3")
    await li.says(f"{RESULT}还是漏")
    return number


async def _stumble(house: House) -> None:
    """What goes wrong on a day: refusals, an account that does not answer, a stranger at the door, somebody who left."""
    duty = await house.group(DUTY)
    faults = [
        {"path": "/oa/cgi-bin/message/custom/send", "errcode": 45015, "count": 1},
        {"path": "/oa/cgi-bin/message/custom/send", "status": 502, "count": 1},
        {"path": "/aibot/aibot_send_msg", "errcode": 93006, "count": 1},
    ]
    for fault in faults:
        await call(house.driver, "POST", "/sandbox/faults", fault)
    await call(house.driver, "POST", "/sandbox/official_account/revoke_tokens")
    stranger = await house.resident(STRANGER)
    number = number_in(await stranger.says(f"{ESTATE}5号楼{WORDS}"))
    await duty.hears("消息未送达")
    grid = await house.group(GRID)
    await grid.hears_from(WANG, f"接单 {number}", number)
    await house.driver.say(STRANGER, f"{ESTATE}6号楼着火了")
    await duty.hears("特急")


async def test_a_whole_day_leaves_nothing_personal_in_the_log(house: House, log: pytest.LogCaptureFixture) -> None:
    await _play(house)
    await _stumble(house)
    said = "\n".join([*(record.getMessage() for record in log.records), log.text, *map(_extras, log.records)])
    account, bot = house.config["official_account"], house.config["aibot"]
    secrets = [account["app_secret"], account["token"], account["encoding_aes_key"], bot["secret"]]
    codes = [house.codes[GRID], house.codes[DUTY]]
    personal = [
        OPENID,
        STRANGER,
        PHONE,
        PHONE[-4:],
        WORDS,
        ANSWER,
        RESULT,
        ESTATE,
        "着火",
        "王芳",
        "13800000012",
        "46.8123",
    ]
    found = [word for word in (*personal, *secrets, *codes, *await _tokens(house)) if word in said]
    assert not found
    assert "outcome=opened" in said
    assert len(log.records) > 10


def _extras(record: logging.LogRecord) -> str:
    return f"{record.args!r} {record.exc_text or ''}"


async def _tokens(house: House) -> list[str]:
    async with house.service.archive.reads() as session:
        tokens = list((await session.execute(select(Token))).scalars().all())
    assert tokens
    return [token.value for token in tokens]
