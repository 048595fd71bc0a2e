"""Speech recognition on this machine, by sherpa-onnx and a model folder: nothing leaves the house. The only file that knows it."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol, assert_never

from bot.settings import VoiceModel
from bot.voice.sound import SPEECH_HZ, read_samples
from bot.voice.transcriber import TranscriberMissing

try:
    import sherpa_onnx
except ImportError:  # the extra `voice` is not installed
    sherpa_onnx = None

_NOT_INSTALLED = "[voice] provider = \"local\" 需要 sherpa-onnx，请安装：pip install 'wangge[voice]'。"


class Recogniser(Protocol):
    """A loaded model."""

    def recognise(self, samples: Sequence[float]) -> str:
        """The text of samples from -1 to 1, 16,000 a second. Blocks for up to seconds."""
        ...


class LocalTranscriber:
    """`Transcriber` on this machine; one recording at a time, since a model uses what processors there are."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser
        self._turn = asyncio.Semaphore(1)

    async def transcribe(self, content: bytes, mime: str) -> str:
        """The text that the model makes of it. Raises `BadSound` when it cannot be decoded."""
        async with self._turn:
            return await asyncio.to_thread(self._recognise, content, mime)

    def _recognise(self, content: bytes, mime: str) -> str:
        return self._recogniser.recognise(read_samples(content, mime)).strip()


class _Sherpa:
    """`Recogniser` by sherpa-onnx."""

    def __init__(self, recogniser: Any) -> None:
        self._recogniser = recogniser

    def recognise(self, samples: Sequence[float]) -> str:
        stream = self._recogniser.create_stream()
        stream.accept_waveform(SPEECH_HZ, samples)
        self._recogniser.decode_stream(stream)
        return str(stream.result.text)


def open_recogniser(folder: Path, kind: VoiceModel, threads: int) -> Recogniser:
    """Load the model of a folder (`tokens.txt` and the .onnx files of its kind); blocks for seconds. Raises `TranscriberMissing`."""
    if sherpa_onnx is None:
        raise TranscriberMissing(_NOT_INSTALLED)
    files = {"tokens": str(_find(folder, "tokens.txt")), "num_threads": threads}
    try:
        return _Sherpa(_load(folder, kind, files))
    except (RuntimeError, ValueError, OSError):
        raise TranscriberMissing(f"[voice] model_dir：{folder} 里的模型无法载入，请检查 model_kind。") from None


def _load(folder: Path, kind: VoiceModel, files: dict[str, Any]) -> Any:
    make = sherpa_onnx.OfflineRecognizer
    match kind:
        case VoiceModel.SENSE_VOICE:
            model = str(_find(folder, "model*.onnx"))
            return make.from_sense_voice(model=model, language="zh", use_itn=True, **files)
        case VoiceModel.PARAFORMER:
            return make.from_paraformer(paraformer=str(_find(folder, "model*.onnx")), **files)
        case VoiceModel.TRANSDUCER:
            parts = {name: str(_find(folder, f"{name}*.onnx")) for name in ("encoder", "decoder", "joiner")}
            return make.from_transducer(**parts, **files)
        case _:
            assert_never(kind)


def _find(folder: Path, pattern: str) -> Path:
    """The file that fits; of several the int8 one, which is as good and four times smaller. Raises `TranscriberMissing`."""
    found = sorted(folder.glob(pattern), key=lambda path: ("int8" not in path.name, path.name))
    if not found:
        raise TranscriberMissing(f"[voice] model_dir：文件夹 {folder} 里没有 {pattern}。")
    return found[0]
