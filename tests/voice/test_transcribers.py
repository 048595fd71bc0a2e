"""Both recognisers: the platform's against the sandbox, the local one with a model that is pretended."""

from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

import bot.voice.local as local
from bot.official_account.api import OfficialAccountApi
from bot.official_account.connect import AccountSecret, open_api
from bot.ports import BadAnswer, Refused
from bot.settings import VoiceModel, VoiceProvider, VoiceSettings
from bot.voice.connect import open_transcriber
from bot.voice.local import LocalTranscriber, open_recogniser
from bot.voice.platform import PlatformTranscriber
from bot.voice.sound import AMR, MP3, BadSound, render_mp3
from bot.voice.transcriber import TranscriberMissing
from storage.engine import make_engine
from tests.clock import FakeClock
from tests.official_account.conftest import Pauses
from tests.official_account.test_with_sandbox import SECRET, Mode, Town, open_town
from tests.voice.sounds import make_sound

SAID = "三号楼没有水"
SUBMIT = "/oa/cgi-bin/media/voice/addvoicetorecofortext"
QUERY = "/oa/cgi-bin/media/voice/queryrecoresultfortext"


@pytest.fixture
async def engine(sqlite_database: str) -> AsyncIterator[AsyncEngine]:
    made = make_engine(sqlite_database)
    yield made
    await made.dispose()


@pytest.fixture
async def town() -> AsyncIterator[Town]:
    async with open_town(Mode.SAFE) as opened:
        await opened.control("PUT", "/voices", {"default": SAID})
        yield opened


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
async def api(town: Town, engine: AsyncEngine, clock: FakeClock, pauses: Pauses) -> AsyncIterator[OfficialAccountApi]:
    secret: AccountSecret = SECRET
    async with open_api(town.base, secret, engine, clock, pauses.waits) as opened:
        yield opened


@pytest.fixture
def platform(api: OfficialAccountApi, pauses: Pauses) -> PlatformTranscriber:
    return PlatformTranscriber(api, pauses.sleep)


async def test_the_platform_hears_a_telephone_s_recording(platform: PlatformTranscriber) -> None:
    assert await platform.transcribe(make_sound(), AMR) == SAID


async def test_the_platform_hears_what_is_kept(platform: PlatformTranscriber) -> None:
    assert await platform.transcribe(render_mp3(make_sound(), AMR), MP3) == SAID


async def test_a_busy_platform_is_asked_again(platform: PlatformTranscriber, town: Town) -> None:
    await town.control("POST", "/faults", {"path": QUERY, "errcode": -1, "count": 2})
    assert await platform.transcribe(make_sound(), AMR) == SAID


async def test_an_empty_answer_may_mean_not_yet(platform: PlatformTranscriber, town: Town, pauses: Pauses) -> None:
    await town.control("PUT", "/voices", {"default": ""})
    assert await platform.transcribe(make_sound(), AMR) == ""
    assert len(pauses.seconds) == 4
    assert sum(pauses.seconds) < 10, "the platform forgets after ten seconds"


@pytest.mark.parametrize("path", [SUBMIT, QUERY])
async def test_a_platform_that_is_down_is_a_failure_of_the_wire(
    platform: PlatformTranscriber, town: Town, path: str
) -> None:
    await town.control("POST", "/faults", {"path": path, "status": 502, "count": 0})
    with pytest.raises(BadAnswer):
        await platform.transcribe(make_sound(), AMR)
    await town.control("DELETE", "/faults")
    await town.control("POST", "/faults", {"path": path, "errcode": 45009, "count": 0})
    with pytest.raises(Refused):
        await platform.transcribe(make_sound(), AMR)


async def test_what_is_no_recording_never_reaches_the_platform(platform: PlatformTranscriber, town: Town) -> None:
    with pytest.raises(BadSound):
        await platform.transcribe(b"#!AMR\nnothing", AMR)
    with pytest.raises(BadSound):
        await platform.transcribe(b"\xff\xf3" * (1 << 20), MP3)


class Model:
    """Says how much it was given."""

    def recognise(self, samples: Sequence[float]) -> str:
        assert max(samples) <= 1.0
        return f" {len(samples) / 16_000:.1f} 秒 "


async def test_a_model_on_this_machine_gets_samples() -> None:
    assert await LocalTranscriber(Model()).transcribe(make_sound("wav", 1.0), "audio/wav") == "1.0 秒"
    with pytest.raises(BadSound):
        await LocalTranscriber(Model()).transcribe(b"#!AMR\n", AMR)


class Sherpa:
    """As much of sherpa-onnx as is used; every loaded model says its name and files."""

    def __init__(self) -> None:
        self.asked: dict[str, object] = {}
        self.OfflineRecognizer = self

    def from_sense_voice(self, **files: object) -> "Sherpa":
        self.asked = files
        return self

    def from_transducer(self, **files: object) -> "Sherpa":
        self.asked = files
        return self

    def from_paraformer(self, **files: object) -> "Sherpa":
        raise RuntimeError("not such a model")

    def create_stream(self) -> "Stream":
        return Stream()

    def decode_stream(self, stream: "Stream") -> None:
        stream.result.text = f"{stream.rate} {stream.count}"


class Stream:
    def __init__(self) -> None:
        self.result, self.text = self, ""

    def accept_waveform(self, rate: int, samples: Sequence[float]) -> None:
        self.rate, self.count = rate, len(samples)


def make_folder(folder: Path, *names: str) -> Path:
    folder.mkdir()
    for name in names:
        (folder / name).touch()
    return folder


def test_a_model_folder_is_loaded_by_its_kind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sherpa = Sherpa()
    monkeypatch.setattr(local, "sherpa_onnx", sherpa)
    folder = make_folder(tmp_path / "m", "tokens.txt", "model.onnx", "model.int8.onnx")
    assert open_recogniser(folder, VoiceModel.SENSE_VOICE, 2).recognise([0.0] * 7) == "16000 7"
    assert sherpa.asked["model"] == str(folder / "model.int8.onnx")
    assert sherpa.asked["num_threads"] == 2
    parts = make_folder(tmp_path / "t", "tokens.txt", "encoder-1.onnx", "decoder-1.onnx", "joiner-1.onnx")
    open_recogniser(parts, VoiceModel.TRANSDUCER, 1)
    assert sherpa.asked["joiner"] == str(parts / "joiner-1.onnx")


def test_what_is_missing_is_said_in_a_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "sherpa_onnx", None)
    with pytest.raises(TranscriberMissing, match="pip install"):
        open_recogniser(tmp_path, VoiceModel.SENSE_VOICE, 1)
    monkeypatch.setattr(local, "sherpa_onnx", Sherpa())
    with pytest.raises(TranscriberMissing, match=r"tokens\.txt"):
        open_recogniser(tmp_path, VoiceModel.SENSE_VOICE, 1)
    folder = make_folder(tmp_path / "p", "tokens.txt", "model.onnx")
    with pytest.raises(TranscriberMissing, match="model_kind"):
        open_recogniser(folder, VoiceModel.PARAFORMER, 1)


async def test_who_transcribes_is_a_setting(api: OfficialAccountApi, tmp_path: Path) -> None:
    assert isinstance(await open_transcriber(VoiceSettings(), api), PlatformTranscriber)
    assert await open_transcriber(VoiceSettings(), None) is None
    assert await open_transcriber(VoiceSettings(provider=VoiceProvider.OFF), api) is None
    with pytest.raises(TranscriberMissing):
        await open_transcriber(VoiceSettings(provider=VoiceProvider.LOCAL, model_dir=str(tmp_path)), api)


def test_a_local_recogniser_needs_its_folder() -> None:
    with pytest.raises(ValueError, match="模型文件夹"):
        VoiceSettings.model_validate({"provider": "local"})
