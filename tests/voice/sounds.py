"""Recordings for tests: a tone, made by the same encoders that telephones use."""

import array
import io
import math
from fractions import Fraction

import av

_CODECS = {
    "amr": ("libopencore_amrnb", 8_000),
    "mp3": ("libmp3lame", 44_100),
    "wav": ("pcm_s16le", 16_000),
    "ogg": ("libopus", 48_000),
}
_STEP = 160


def make_sound(form: str = "amr", seconds: float = 2.0, hertz: float = 440.0) -> bytes:
    """A tone of so many seconds as `amr`, `mp3`, `wav` or `ogg`."""
    codec, rate = _CODECS[form]
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as target:
        stream = target.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or _STEP
        )
        for start in range(0, int(seconds * rate), _STEP):
            for frame in resampler.resample(_make_frame(start, rate, hertz)):
                target.mux(stream.encode(frame))
        for frame in resampler.resample(None):
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return buffer.getvalue()


def _make_frame(start: int, rate: int, hertz: float) -> av.AudioFrame:
    values = array.array(
        "h", (int(12_000 * math.sin(2 * math.pi * hertz * n / rate)) for n in range(start, start + _STEP))
    )
    frame = av.AudioFrame(format="s16", layout="mono", samples=_STEP)
    frame.planes[0].update(values.tobytes() + bytes(frame.planes[0].buffer_size - len(values) * 2))
    frame.sample_rate, frame.pts, frame.time_base = rate, start, Fraction(1, rate)
    return frame
