"""Recordings made playable, and what is no recording refused."""

import os
from contextlib import suppress
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.media_kinds import find_mime
from bot.voice.sound import AMR, MP3, BadSound, measure_seconds, read_samples, render_amr, render_mp3
from sandbox.oa_voice import mp3_form
from tests.voice.sounds import make_sound

FORMS = ("amr", "mp3", "wav", "ogg")


@pytest.mark.parametrize("form", FORMS)
def test_every_recording_becomes_the_mp3_that_recognition_takes(form: str) -> None:
    sound = make_sound(form, 3.0)
    mime = find_mime(sound)
    assert mime is not None
    mp3 = render_mp3(sound, mime)
    assert mp3_form(mp3) == (16_000, 1)
    assert find_mime(mp3) == MP3
    assert measure_seconds(mp3, MP3) == pytest.approx(3.0, abs=0.2)
    assert measure_seconds(sound, mime) == pytest.approx(3.0, abs=0.1)


def test_two_minutes_fit_into_what_recognition_takes() -> None:
    assert len(render_mp3(make_sound("wav", 120), "audio/wav")) < 1 << 20


def test_a_kept_recording_becomes_a_voice_message() -> None:
    amr = render_amr(render_mp3(make_sound(), AMR), MP3)
    assert find_mime(amr) == AMR
    assert measure_seconds(amr, AMR) == pytest.approx(2.0, abs=0.2)


def test_what_is_heard_is_what_was_said() -> None:
    samples = read_samples(render_mp3(make_sound("wav", 1.0, 500.0), "audio/wav"), MP3)
    middle = samples[4_000:12_000]
    crossings = sum(one <= 0 < other for one, other in pairwise(middle))
    assert crossings == pytest.approx(250, abs=5)
    assert 0.2 < max(middle) < 0.6


def test_nothing_of_the_sender_s_notes_remains() -> None:
    notes = b"ID3\x03\x00\x00\x00\x00\x00\x20TPE1\x00\x00\x00\x12\x00\x00\x00SECRET-SINGER-NAME" + bytes(4)
    assert b"SECRET" not in render_mp3(notes + make_sound("mp3"), MP3)


@pytest.mark.parametrize("mime", ["audio/amr", "audio/mpeg", "audio/wav", "audio/ogg", "audio/amr-wb"])
@pytest.mark.parametrize(
    "content", [b"", b"#!AMR\n", b"#!AMR\n" + b"x" * 100, b"RIFF" + b"\xff" * 40, b"OggS" + b"q" * 99]
)
def test_what_is_no_recording_is_refused(content: bytes, mime: str) -> None:
    with pytest.raises(BadSound):
        render_mp3(content, mime)


@pytest.mark.parametrize("mime", ["audio/silk", "audio/mp4", "video/mp4", "text/plain"])
def test_what_we_do_not_decode_is_refused(mime: str) -> None:
    with pytest.raises(BadSound):
        render_mp3(make_sound(), mime)


def test_a_playlist_is_not_followed() -> None:
    for mime in ("audio/mpeg", "audio/amr", "audio/wav"):
        with pytest.raises(BadSound):
            render_mp3(b"#EXTM3U\n#EXT-X-TARGETDURATION:1\nfile:///etc/hostname\n" * 9, mime)


def test_what_is_longer_than_anybody_speaks_is_not_decoded_to_its_end() -> None:
    with pytest.raises(BadSound):
        render_mp3(make_sound("wav", 301), "audio/wav")


@given(st.binary(max_size=400), st.integers(0, 3), st.integers(0, 1500))
@settings(max_examples=60)
def test_damaged_recordings_are_decoded_or_refused(damage: bytes, kind: int, at: int) -> None:
    sound = _SOUNDS[FORMS[kind]]
    damaged = sound[:at] + damage + sound[at + len(damage) :]
    mime = find_mime(sound)
    assert mime is not None
    with suppress(BadSound):
        assert render_mp3(damaged, mime)


_SOUNDS = {form: make_sound(form, 0.5) for form in FORMS}


def test_noise_is_decoded_or_refused() -> None:
    for mime in ("audio/mpeg", "audio/amr"):
        with suppress(BadSound):
            assert render_mp3(os.urandom(20_000), mime)
