"""Somebody speaks: it ends as a case with its words and its recording; when nobody can write it down, as a case for a person."""

import base64
from datetime import timedelta

import aiohttp
import pytest

from storage.columns import TranscriptionState
from storage.tables import Transcription
from tests.ears import Resident, Row, call, number_in, until
from tests.house import DUTY, ESTATE, GRID, House
from tests.voice.sounds import make_sound

pytestmark = [pytest.mark.asyncio(loop_scope="module")]
_SUBMIT = "/oa/cgi-bin/media/voice/addvoicetorecofortext"


async def _speaks(house: House, resident: Resident, text: str, hertz: float) -> str:
    """He speaks; what the platform will hear is said beforehand."""
    await call(house.driver, "PUT", "/sandbox/voices", {"default": text})
    body = {"voice": base64.b64encode(make_sound("amr", 2.0, hertz)).decode()}
    answer = await call(house.driver, "POST", f"/sandbox/residents/{resident.openid}/say", body)
    assert answer["tries"][0]["ms"] < 5000
    return str(answer["reply"]["text"])


async def _download(row: Row) -> bytes:
    async with aiohttp.request("GET", row["media"][0]["url"]) as response:
        return await response.read()


async def _try_until_given_up(house: House, resident: Resident) -> None:
    """Let the time between the tries pass."""
    for tries in (1, 2):

        async def has_tried(tries: int = tries) -> bool:
            (row,) = await house.all_rows(Transcription, person=resident.openid)
            # The claim's own, longer hold is over as soon as the failure has been written.
            return row.tries >= tries and row.due_at - house.service.clock() < timedelta(minutes=2)

        await until(house.driver, has_tried, f"try {tries}")
        await house.advance(60)


def _is_voice(row: Row) -> bool:
    return bool(row["media"]) and row["msgtype"] == "voice"


async def test_a_voice_becomes_a_case_with_its_words_and_its_recording(house: House) -> None:
    grid, li = await house.group(GRID), await house.resident("vli")
    assert "语音已收到" in await _speaks(house, li, f"{ESTATE}12号楼3单元下水道堵了，污水都冒出来了。", 440)
    heard = await li.hears("语音转写：", "下水道堵了", "已受理，工单", via="custom")
    case = await house.case(number_in(heard["text"]))
    assert case.text.startswith("〔语音转写〕")
    assert case.category == "urban_property"
    await grid.hears(f"【工单 {case.number}】", "〔语音转写〕", "下水道堵了")
    shown = await grid.finds(_is_voice, "the recording")
    assert (await _download(shown)).startswith(b"#!AMR\n")
    (media,) = await house.service.books.list_media(case.id)
    assert (media.kind, media.mime) == ("voice", "audio/mpeg")
    (row,) = await house.all_rows(Transcription, media_id=media.id)
    assert row.state is TranscriptionState.HEARD


async def test_what_is_said_to_a_case_joins_it(house: House) -> None:
    grid, sun = await house.group(GRID), await house.resident("vsun")
    number = number_in(await sun.says(f"{ESTATE}8号楼楼道灯坏了"))
    await grid.hears(f"【工单 {number}】")
    await grid.begin()
    await _speaks(house, sun, "补充一下，是三单元的灯。", 500)
    await sun.hears("语音转写：", f"已补充到工单 {number}", via="custom")
    await grid.hears("居民补充：〔语音转写〕", "三单元的灯")
    await grid.finds(_is_voice, "the recording")


async def test_with_the_platform_down_a_person_listens_and_a_line_of_text_completes_the_case(house: House) -> None:
    grid, duty, zhao = await house.group(GRID), await house.group(DUTY), await house.resident("vzhao")
    await call(house.driver, "POST", "/sandbox/faults", {"path": _SUBMIT, "errcode": 45009, "count": 0})
    assert "语音已收到" in await _speaks(house, zhao, "", 600)
    await _try_until_given_up(house, zhao)
    asked = await zhao.hears("没能听清您的语音", "请再用一行文字说明", via="custom")
    await call(house.driver, "DELETE", "/sandbox/faults")
    case = await house.case(number_in(asked["text"]))
    assert (case.status, case.category, case.group_id) == ("triage", "", None)
    await duty.hears(f"【工单 {case.number}】", "没能听清居民的语音", f"指派 {case.number}")
    await duty.finds(_is_voice, "the recording")
    reply = await zhao.says(f"{ESTATE}5号楼门口垃圾没人清")
    assert number_in(reply) == case.number
    assert "已派给" in reply
    await grid.hears(f"【工单 {case.number}】", "垃圾没人清")
    await grid.finds(_is_voice, "the recording comes along")
    assert (await house.case(case.number)).category


async def test_what_a_process_left_is_taken_up_once_by_the_next(house: House) -> None:
    zhou = await house.resident("vzhou")
    await call(house.driver, "POST", "/sandbox/faults", {"path": _SUBMIT, "status": 502, "count": 0})
    await _speaks(house, zhou, f"{ESTATE}3号楼电梯坏了，困了好几次。", 700)

    async def was_tried() -> bool:
        (row,) = await house.all_rows(Transcription, person=zhou.openid)
        return bool(row.tries)

    await until(house.driver, was_tried, "the first try")
    await house.stop()
    await call(house.driver, "DELETE", "/sandbox/faults")
    await house.start()
    await house.advance(600)
    heard = await zhou.hears("语音转写：", "电梯", via="custom")
    case = await house.case(number_in(heard["text"]))
    assert len(await house.service.books.list_media(case.id)) == 1
    texts = [row["text"] for row in await zhou.pushed() if "语音转写" in row["text"]]
    assert len(texts) == 1
    assert not [row for row in await house.all_rows(Transcription) if row.state is TranscriptionState.WANTED]


async def test_kind_words_open_no_case(house: House) -> None:
    wu = await house.resident("vwu")
    await _speaks(house, wu, "谢谢你们啊。", 800)
    await wu.hears("语音转写：谢谢你们啊", "不客气", via="custom")
    resident = await house.service.books.find_resident("vwu")
    assert resident is not None
    assert not await house.service.books.list_of_resident(resident.id)
