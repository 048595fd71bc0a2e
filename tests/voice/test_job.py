"""The way of a recording: announced, kept, written down, read once; whatever happens on the way, a person or an answer at its end."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from bot.media import MediaKeeper
from bot.media_store import MediaStore
from bot.ports import Refused, Unreachable, WireFailure
from bot.settings import MediaSettings, VoiceSettings
from bot.voice.claims import TranscriptionClaims
from bot.voice.connect import KeptTeller
from bot.voice.job import VoiceJob
from bot.voice.sound import MP3
from bot.voice.transcriber import Transcriber
from grid.desk import House
from handlers.resident.phrases import PRIVACY
from handlers.resident.voice import ASK_WORDS, RECEIVED, is_speech
from handlers.update import UpdateKind
from storage.archive import Archive, open_archive
from storage.columns import MediaState, TranscriptionState
from storage.plan import Change, Plan
from storage.rows import fresh
from storage.tables import Transcription
from tests.clock import FakeClock
from tests.handlers.resident.talk import Talk, Town
from tests.handlers.worker.city import GRID3
from tests.voice.sounds import make_sound

SAID = "阳光水岸3号楼下水道堵了"


class Ears:
    """A recogniser that answers in turn; an exception is raised."""

    def __init__(self, *answers: str | WireFailure) -> None:
        self.answers, self.heard = list(answers), 0

    async def transcribe(self, content: bytes, mime: str) -> str:
        assert mime == MP3
        self.heard += 1
        answer = self.answers.pop(0)
        if isinstance(answer, WireFailure):
            raise answer
        return answer


class Studio:
    """The town with its media job and its voice job."""

    def __init__(self, town: Town, folder: Path) -> None:
        self.town, self.folder = town, folder
        self.sound: bytes | Exception = make_sound()

    async def fetch(self, origin: object) -> tuple[bytes, str]:
        if isinstance(self.sound, Exception):
            raise self.sound
        return self.sound, "audio/amr"

    async def keep(self) -> None:
        """The media job fetches what is wanted."""
        kept = KeptTeller(self.town.books, self.town.hall)
        fetchers = {"oa": self.fetch}
        keeper = MediaKeeper(
            self.town.archive,
            fetchers,
            self.folder,
            MediaSettings(),
            self.town.clock,
            on_kept=kept.on_kept,
            on_lost=kept.on_lost,
        )
        assert await keeper.fetch_due() == 1

    def job(self, ears: Transcriber | None, **settings: float) -> VoiceJob:
        return VoiceJob(
            self.town.archive,
            self.town.books,
            MediaStore(self.folder),
            ears,
            self.town.dispatcher,
            VoiceSettings.model_validate(settings),
            self.town.clock,
        )

    async def row(self) -> Transcription:
        rows = await self.town.rows(Transcription)
        assert len(rows) == 1
        assert isinstance(rows[0], Transcription)
        return rows[0]

    async def answers(self, openid: str = "oLi") -> list[str]:
        return [message.text for message in await self.town.told(f"oa:{openid}")]


@pytest.fixture
def studio(town: Town, tmp_path: Path) -> Studio:
    return Studio(town, tmp_path / "media")


@pytest.fixture
async def town(sqlite_database: str, clock: FakeClock) -> AsyncIterator[Town]:
    async with open_archive(sqlite_database) as archive:
        built = Town(archive, clock)
        await built.build()
        yield built


@pytest.fixture
def li(town: Town) -> Talk:
    return town.resident("oLi")


async def test_a_recording_is_answered_at_once_and_read_later(studio: Studio, li: Talk) -> None:
    assert await li.shows(kind=UpdateKind.VOICE) == f"{RECEIVED}{PRIVACY}"
    ears = Ears(SAID)
    assert await studio.job(ears).hear_due() == 0, "nothing to hear before it is kept"
    await studio.keep()
    assert await studio.job(ears).hear_due() == 1
    case = await li.only_case()
    assert (case.text, case.area_code) == (f"〔语音转写〕{SAID}", GRID3)
    (answer,) = await studio.answers()
    assert answer.startswith(f"语音转写：{SAID}\n已受理，工单 {case.number}")
    (media,) = await studio.town.media(case.number)
    assert (media.kind, media.mime, media.state) == ("voice", MP3, MediaState.KEPT)
    row = await studio.row()
    assert (row.state, row.due_at) == (TranscriptionState.HEARD, None)
    told = [message for target, message in await studio.town.told_everybody() if target == f"group:{case.group_id}"]
    assert [message.pictures for message in told] == [(), (media.id,)], "the text first, then the recording"


async def test_it_is_read_once_however_often_it_is_taken_up(studio: Studio, li: Talk) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    ears = Ears(SAID, SAID)
    one, other = studio.job(ears), studio.job(ears)
    assert sorted(await asyncio.gather(one.hear_due(), other.hear_due())) == [0, 1]
    studio.town.clock.advance(hours=1)
    assert await one.hear_due() == 0
    assert ears.heard == 1


async def test_a_process_that_died_over_it_leaves_it_due(studio: Studio, li: Talk) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()

    class Dying:
        async def transcribe(self, content: bytes, mime: str) -> str:
            raise asyncio.CancelledError

    dying = studio.job(Dying())
    assert await dying.hear_due() == 1
    assert (await studio.row()).state is TranscriptionState.WANTED
    assert await studio.job(Ears(SAID)).hear_due() == 0, "it is the other one's still"
    studio.town.clock.advance(timedelta(minutes=3))
    assert await studio.job(Ears(SAID)).hear_due() == 1
    await li.only_case()


async def test_a_recording_that_processes_die_over_goes_to_a_person(studio: Studio, li: Talk) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    claims = TranscriptionClaims(studio.town.archive.engine, timedelta(minutes=3))
    for _ in range(3):
        assert await claims.take(studio.town.clock(), 1)
        studio.town.clock.advance(timedelta(minutes=3))
    ears = Ears(SAID)
    await studio.job(ears).hear_due()
    assert ears.heard == 0
    assert (await li.only_case()).status == "triage"


async def test_a_text_that_was_read_before_the_end_was_written_is_not_read_again(studio: Studio, li: Talk) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    await studio.job(Ears(SAID)).hear_due()
    row = await studio.row()
    studio.town.dispatcher = Town(studio.town.archive, studio.town.clock).dispatcher
    again = Change(
        Transcription, row.media_id, None, {"state": TranscriptionState.WANTED, "due_at": studio.town.clock()}
    )
    await studio.town.archive.committer.commit(Plan(changes=[again]))
    ears = Ears("别的话")
    assert await studio.job(ears).hear_due() == 1
    assert ears.heard == 0
    assert len(await li.cases()) == 1
    assert (await studio.row()).state is not TranscriptionState.WANTED


async def test_a_recogniser_that_is_away_for_a_while_is_asked_again(studio: Studio, li: Talk) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    job = studio.job(Ears(Unreachable("away"), SAID))
    await job.hear_due()
    assert await studio.answers() == []
    assert await job.hear_due() == 0, "not at once"
    studio.town.clock.advance(seconds=6)
    await job.hear_due()
    assert SAID in (await studio.answers())[0]


async def test_one_that_stays_away_ends_as_a_case_for_a_person(studio: Studio, li: Talk) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    ears = Ears(*[Refused(45009)] * 3)
    job = studio.job(ears)
    for _ in range(5):
        await job.hear_due()
        studio.town.clock.advance(seconds=60)
    assert ears.heard == 3
    case = await li.only_case()
    assert (case.status, case.category, case.accept_due_at) == ("triage", "", None)
    assert [row.id for row in await studio.town.media(case.number)] == [(await studio.row()).media_id]
    (answer,) = await studio.answers()
    assert case.number in answer
    assert ASK_WORDS in answer
    assert (await studio.row()).state is TranscriptionState.UNHEARD


@pytest.mark.parametrize("noise", ["", "。", "嗯。", "啊，哦。", "呃……"])
async def test_noise_is_no_speech(studio: Studio, li: Talk, noise: str) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    await studio.job(Ears(noise)).hear_due()
    assert (await li.only_case()).status == "triage"
    assert not is_speech(noise)


async def test_a_line_of_text_makes_the_case_what_it_says(studio: Studio, li: Talk) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    await studio.job(Ears("")).hear_due()
    number = (await li.only_case()).number
    await li.says("阳光水岸5号楼楼道堆满了杂物", after_seconds=3600)
    assert li.hears("已受理", number, "阳光水岸5号楼")
    case = await li.only_case()
    assert (case.status, case.area_code) == ("dispatched", GRID3)
    assert case.category
    told = [message for target, message in await studio.town.told_everybody() if target == f"group:{case.group_id}"]
    assert told[-1].pictures == ((await studio.row()).media_id,), "the recording comes along"


async def test_a_recording_to_a_case_just_told_of_joins_it(studio: Studio, li: Talk) -> None:
    await li.says("阳光水岸3号楼下水道堵了")
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    await studio.job(Ears("")).hear_due()
    case = await li.only_case()
    assert "未能转成文字" in case.text
    assert len(await studio.town.media(case.number)) == 1


async def test_a_misheard_recording_is_heard_by_a_person(studio: Studio, li: Talk) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    await studio.job(Ears("今天天气挺不错的呀")).hear_due()
    case = await li.only_case()
    assert case.status == "triage"
    assert "〔语音转写〕今天天气挺不错的呀" in case.text


async def test_danger_is_told_whom_to_call(studio: Studio, li: Talk) -> None:
    assert "110" in await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    await studio.job(Ears("阳光水岸3号楼着火了，快来人")).hear_due()
    assert "119" in (await studio.answers())[0]
    assert (await li.only_case()).emergency == "fire"


async def test_what_cannot_be_decoded_is_kept_and_goes_to_a_person(studio: Studio, li: Talk) -> None:
    studio.sound = b"\x02#!SILK_V3" + b"x" * 200
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    ears = Ears(SAID)
    await studio.job(ears).hear_due()
    case = await li.only_case()
    (media,) = await studio.town.media(case.number)
    assert (media.mime, ears.heard) == ("audio/silk", 0)


async def test_what_is_too_long_goes_to_a_person(studio: Studio, li: Talk) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    ears = Ears(SAID)
    await studio.job(ears, max_seconds=1.0).hear_due()
    assert ears.heard == 0
    assert (await li.only_case()).status == "triage"


async def test_a_recording_that_is_lost_is_asked_after(studio: Studio, li: Talk) -> None:
    studio.sound = Refused(40007)
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    await studio.job(Ears(SAID)).hear_due()
    case = await li.only_case()
    assert "录音未能收到" in case.text
    assert ASK_WORDS in (await studio.answers())[0]


async def test_a_recording_that_does_not_come_is_asked_after_in_time(studio: Studio, li: Talk) -> None:
    studio.sound = Unreachable("away")
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    studio.town.clock.advance(timedelta(minutes=5))
    await studio.job(Ears(SAID)).hear_due()
    case = await li.only_case()
    studio.sound = make_sound()
    studio.town.clock.advance(timedelta(hours=1))
    await studio.keep()
    duty = [message for target, message in await studio.town.told_everybody() if target.startswith("group:")]
    assert duty[-1].pictures == ((await studio.row()).media_id,), "it reaches the person when it comes"
    assert len(await studio.town.media(case.number)) == 1


async def test_with_transcription_off_a_person_listens_at_once(sqlite_database: str, clock: FakeClock) -> None:
    async with open_archive(sqlite_database) as archive:
        town = Town(archive, clock, House(transcribes=False))
        await town.build()
        li = town.resident("oLi")
        assert ASK_WORDS in await li.shows(kind=UpdateKind.VOICE)
        assert len(await town.media((await li.only_case()).number)) == 1
        assert not await town.rows(Transcription)


async def test_hearing_does_not_open_the_window_that_speaking_opened(studio: Studio, li: Talk) -> None:
    await li.shows(kind=UpdateKind.VOICE)
    opened_at = (await li.row()).window_opened_at
    await studio.keep()
    studio.town.clock.advance(timedelta(hours=1))
    await studio.job(Ears(SAID)).hear_due()
    assert (await li.row()).window_opened_at == opened_at


async def test_no_transcript_stands_in_a_log(studio: Studio, li: Talk, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await li.shows(kind=UpdateKind.VOICE)
    await studio.keep()
    await studio.job(Ears(SAID)).hear_due()
    assert (await li.only_case()).text
    mine = [record.getMessage() for record in caplog.records if record.name.startswith(("bot", "handlers"))]
    assert mine
    assert not [line for line in mine if "下水道" in line or "oLi" in line]


async def test_two_processes_never_claim_the_same_recording(archive: Archive, clock: FakeClock) -> None:
    rows = [
        fresh(
            Transcription,
            media_id=number,
            person="o",
            said_at=clock(),
            state=TranscriptionState.WANTED,
            due_at=clock(),
        )
        for number in range(1, 9)
    ]
    await archive.committer.commit(Plan(rows=list(rows)))
    claims = [TranscriptionClaims(archive.engine, timedelta(minutes=3)) for _ in range(4)]
    taken = await asyncio.gather(*(one.take(clock(), 2) for one in claims))
    ids = [number for batch in taken for number in batch]
    assert len(ids) == len(set(ids))
    assert await claims[0].take(clock(), 9) == sorted(set(range(1, 9)) - set(ids))
    assert await claims[0].take(clock(), 9) == []
    clock.advance(timedelta(minutes=3))
    assert len(await claims[0].take(clock(), 9)) == 8
