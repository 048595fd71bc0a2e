"""Speech recognition on request: submit an mp3, ask for the text within ten seconds.

Source: developers.weixin.qq.com/doc/service/api/openpoc/ai/api_addvoicetorecofortext
"""

import struct

from sandbox.errors import Refused
from sandbox.forms import read_file
from sandbox.gate import Answer, Api, ApiCall, ok
from sandbox.media import sniff
from sandbox.oa_custom import BASE

MAX_BYTES = 1 << 20
ANSWER_SECONDS = 10.0
LANGUAGES = ("zh_CN", "en_US")
# Sampling rates by the two version bits and two rate bits of an MPEG frame header.
_RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MONO = 3


def mp3_form(sound: bytes) -> tuple[int, int]:
    """Sampling rate in Hz and number of channels of an mp3's first frame; (0, 0) when there is none."""
    start = _skip_tag(sound)
    for position in range(start, max(start, len(sound) - 4)):
        if sound[position] == 0xFF and sound[position + 1] & 0xE0 == 0xE0:
            (header,) = struct.unpack(">I", sound[position : position + 4])
            rates = _RATES_HZ.get(header >> 19 & 3)
            rate_index = header >> 10 & 3
            if rates and rate_index < 3 and header >> 17 & 3:
                return rates[rate_index], 1 if header >> 6 & 3 == _MONO else 2
    return 0, 0


def _skip_tag(sound: bytes) -> int:
    if not sound.startswith(b"ID3") or len(sound) < 10:
        return 0
    size = 0
    for byte in sound[6:10]:
        size = size << 7 | byte & 0x7F
    return 10 + size


async def _submit(call: ApiCall) -> Answer:
    voice_id = call.query.get("voice_id", "")
    if not voice_id or call.query.get("lang", "zh_CN") not in LANGUAGES:
        raise Refused(40058, "voice_id and lang are needed")
    if call.query.get("format") != "mp3":
        raise Refused(40005, "format must be mp3")
    sound = (await read_file(call.request)).data
    if len(sound) > MAX_BYTES:
        raise Refused(40010)
    if sniff(sound) != "mp3" or mp3_form(sound) != (16000, 1):
        raise Refused(40005, "mp3, 16 kHz, mono")
    call.world.voices.queued[voice_id] = (call.world.voices.hear(sound), call.world.clock.now())
    return ok()


async def _query(call: ApiCall) -> Answer:
    found = call.world.voices.queued.get(call.query.get("voice_id", ""))
    if found is None:
        raise Refused(40058, "voice_id unknown")
    text, submitted_at = found
    if call.world.clock.now() - submitted_at > ANSWER_SECONDS:
        raise Refused(40058, "voice_id older than ten seconds")
    return {"result": text}


APIS = (
    Api(f"{BASE}/media/voice/addvoicetorecofortext", _submit, reads_body=False),
    Api(f"{BASE}/media/voice/queryrecoresultfortext", _query, method=""),
)
