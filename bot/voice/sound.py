"""Recordings decoded and encoded anew (PyAV): what is kept can be played anywhere, and nothing of the sender's file remains.

The only file that knows PyAV. Everything blocks (about a tenth of a second for a minute of speech): call it in a thread.
"""

import array
import io
from collections.abc import Iterator
from fractions import Fraction

import av
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream

MP3, AMR = "audio/mpeg", "audio/amr"
SPEECH_HZ = 16_000
# wechat.md §0.7: recognition takes mp3 of 16 kHz, mono, at most 1 MB; 32 kbit/s keep four minutes below it.
_MP3_BITS = 32_000
# A voice message of a work group is AMR of 8 kHz, at most 60 seconds and 2 MB.
_AMR_HZ, _AMR_BITS, _AMR_FRAME = 8_000, 12_200, 160
AMR_SECONDS = 60.0
# A resident's voice message has 60 seconds. What claims to be longer than this is not decoded to its end.
MAX_SECONDS = 300.0
_CHUNK = 1024
# The decoders that may see a stranger's bytes, each named: a file cannot choose one (or a playlist) by what it says it is.
_FORMATS = {AMR: "amr", "audio/amr-wb": "amr", MP3: "mp3", "audio/ogg": "ogg", "audio/wav": "wav"}
_QUIET = {"id3v2_version": "0", "write_xing": "0"}


class BadSound(ValueError):
    """These bytes are no recording that can be played: broken, of another kind, or longer than anybody speaks."""


def render_mp3(content: bytes, mime: str) -> bytes:
    """The recording as mp3: 16 kHz, mono, 32 kbit/s, without any of its own notes. Raises `BadSound`."""
    return _encode(content, mime, "mp3", "libmp3lame", SPEECH_HZ, _MP3_BITS, _CHUNK)


def render_amr(content: bytes, mime: str) -> bytes:
    """The recording as a work group's voice message takes it: AMR, 8 kHz, mono. Raises `BadSound`."""
    return _encode(content, mime, "amr", "libopencore_amrnb", _AMR_HZ, _AMR_BITS, _AMR_FRAME)


def read_samples(content: bytes, mime: str) -> list[float]:
    """The recording as samples from -1 to 1, 16,000 a second. Raises `BadSound`."""
    samples = array.array("h")
    for frame in _decode(content, mime, SPEECH_HZ, _CHUNK):
        samples.frombytes(bytes(frame.planes[0])[: frame.samples * 2])
    return [value / 32_768 for value in samples]


def measure_seconds(content: bytes, mime: str) -> float:
    """How long the recording is, counted by decoding it: headers may lie. Raises `BadSound`."""
    return sum(frame.samples for frame in _decode(content, mime, SPEECH_HZ, _CHUNK)) / SPEECH_HZ


def _encode(content: bytes, mime: str, form: str, codec: str, rate: int, bits: int, chunk: int) -> bytes:
    buffer = io.BytesIO()
    options = _QUIET if form == "mp3" else {}
    with av.open(buffer, "w", format=form, options=options) as target:
        stream = target.add_stream(codec, rate=rate, layout="mono")
        assert isinstance(stream, AudioStream)
        stream.bit_rate = bits
        for frame in _decode(content, mime, rate, chunk):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return buffer.getvalue()


def _decode(content: bytes, mime: str, rate: int, chunk: int) -> Iterator[AudioFrame]:
    """Mono frames of `chunk` 16-bit samples, `rate` a second."""
    form = _FORMATS.get(mime)
    if form is None:
        raise BadSound(mime)
    count = 0
    try:
        for frame in _resample(content, form, rate, chunk):
            if count >= MAX_SECONDS * rate:
                raise BadSound("too long")
            # Times inside the file may lie; ours are counted.
            frame.pts, frame.time_base = count, Fraction(1, rate)
            count += frame.samples
            yield frame
    except (av.FFmpegError, ValueError, LookupError, OSError, MemoryError) as error:
        raise BadSound(type(error).__name__) from None
    if not count:
        raise BadSound("empty")


def _resample(content: bytes, form: str, rate: int, chunk: int) -> Iterator[AudioFrame]:
    resampler = AudioResampler(format="s16", layout="mono", rate=rate, frame_size=chunk)
    with av.open(io.BytesIO(content), "r", format=form) as source:
        for frame in source.decode(audio=0):
            frame.pts = None
            yield from resampler.resample(frame)
    yield from resampler.resample(None)
