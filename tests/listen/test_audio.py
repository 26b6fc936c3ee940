"""Any file at all becomes sound at one rate, or one error that says what is wrong with it."""

from __future__ import annotations

import errno
import os
import socket
import struct
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import RecordingError
from pipeline.listen.audio import (
    SAMPLE_RATE,
    Limits,
    Sound,
    decode,
    promised_duration_ms,
)
from pipeline.listen.level import NOMINAL_DBFS, level_dbfs
from pipeline.sounds import STOPPED, TRUNCATED
from tests.sound import FLOAT, encoded, hiss, pcm, silence, tone, wave

RATES = (8_000, 11_025, 16_000, 44_100, 96_000)

ROUNDED = 2**-11
"""To the 11 bits of half precision."""


def heard(folder: Path, content: bytes) -> Sound:
    file = folder / "call.wav"
    file.write_bytes(content)
    return decode(file)


def as_recorded(sound: Sound) -> np.ndarray:
    """The samples as loud as they were in the file, single precision."""
    return sound.samples.astype(np.float32) * np.float32(10 ** (-sound.gain_db / 20))


def refused(folder: Path, content: bytes) -> tuple[str, str]:
    """What the error says was found and expected."""
    with pytest.raises(RecordingError) as error:
        heard(folder, content)
    assert error.value.where == str(folder / "call.wav")
    return error.value.got, error.value.expected


@pytest.mark.parametrize("rate", RATES)
def test_every_rate_comes_out_at_one_rate_and_full_length(tmp_path: Path, rate: int) -> None:
    sound = heard(tmp_path, wave(pcm(tone(2, 440, rate=rate)), rate=rate))
    assert (sound.channels, sound.warnings) == (1, ())
    assert abs(sound.duration_ms - 2_000) <= 5


@pytest.mark.parametrize(
    ("suffix", "codec"),
    [("mp3", "libmp3lame"), ("flac", "flac"), ("m4a", "aac"), ("ogg", "libopus")],
)
def test_usual_containers_are_read(tmp_path: Path, suffix: str, codec: str) -> None:
    rate = 48_000 if codec == "libopus" else 16_000
    file = encoded(tmp_path / f"call.{suffix}", tone(2, 440, rate=rate), codec, rate)
    sound = decode(file)
    assert (sound.channels, sound.warnings) == (1, ())
    assert abs(sound.duration_ms - 2_000) <= 150


def test_a_name_with_a_colon_is_no_protocol(tmp_path: Path) -> None:
    file = tmp_path / "http:call 三月.wav"
    file.write_bytes(wave(pcm(tone(1, 440))))
    assert decode(file).duration_ms == 1_000


def test_two_sides_stay_apart(tmp_path: Path) -> None:
    left, right = hiss(1, seed=1), hiss(1, seed=2)
    sound = heard(tmp_path, wave(pcm(np.stack([left, right], 1)), channels=2))
    assert (sound.channels, sound.warnings) == (2, ())


def test_one_side_recorded_twice_is_mono(tmp_path: Path) -> None:
    left = hiss(1)
    sound = heard(tmp_path, wave(pcm(np.stack([left, left], 1)), channels=2))
    assert (sound.channels, sound.warnings) == (
        1,
        ("both channels carry the same sound: taken as mono",),
    )


def test_a_silent_side_is_left_out(tmp_path: Path) -> None:
    sides = np.stack([silence(1), hiss(1)], 1)
    sound = heard(tmp_path, wave(pcm(sides), channels=2))
    assert (sound.channels, sound.warnings) == (
        1,
        ("only channel 1 of 2 carries sound: taken as mono",),
    )


SAME = ("both channels carry the same sound: taken as mono",)


@pytest.mark.parametrize("late", [0, 1, -1, 80])
@pytest.mark.parametrize("gain", [1.0, -1.0, 0.5])
def test_a_copy_is_one_be_it_turned_round_softer_or_late(
    tmp_path: Path, late: int, gain: float
) -> None:
    whole = hiss(5)
    sides = np.stack([whole, gain * np.roll(whole, late)], 1)
    sound = heard(tmp_path, wave(pcm(sides), channels=2))
    assert (sound.channels, sound.warnings) == (1, SAME)


@pytest.mark.parametrize(("waits_s", "loud"), [(60, 0.3), (600, 0.3), (600, 0.05)])
def test_two_sides_that_hear_the_same_music_are_two_sides(
    tmp_path: Path, waits_s: float, loud: float
) -> None:
    music, rest = hiss(waits_s, level=loud), silence(5)
    agent = np.concatenate([hiss(5, level=0.03, seed=1), rest, music])
    customer = np.concatenate([rest, hiss(5, level=0.03, seed=2), music])
    sound = heard(tmp_path, wave(pcm(np.stack([agent, customer], 1)), channels=2))
    assert (sound.channels, sound.warnings) == (2, ())


def test_a_word_beside_the_echo_of_the_other_side_is_a_side_of_its_own(tmp_path: Path) -> None:
    agent = hiss(60)
    customer = np.roll(agent, 80) / 2
    customer[80_000:84_000] += hiss(0.5, seed=2)
    sound = heard(tmp_path, wave(pcm(np.stack([agent, customer], 1)), channels=2))
    assert (sound.channels, sound.warnings) == (2, ())


def test_a_side_that_says_one_word_in_five_minutes_softly_is_a_side(tmp_path: Path) -> None:
    agent = silence(300)
    agent[8_000:16_000] = hiss(1, level=0.002, seed=1)
    sides = np.stack([agent, hiss(300, level=0.05)], 1)
    sound = heard(tmp_path, wave(pcm(sides), channels=2))
    assert (sound.channels, sound.warnings) == (2, ())


def test_the_idle_code_of_a_law_is_no_sound(tmp_path: Path) -> None:
    idle = np.full(8_000, 8 / 32_768, np.float32)
    sound = heard(tmp_path, wave(pcm(np.stack([hiss(1), idle], 1)), channels=2))
    assert (sound.channels, sound.warnings) == (
        1,
        ("only channel 0 of 2 carries sound: taken as mono",),
    )


def test_an_offset_is_no_sound_that_two_sides_share(tmp_path: Path) -> None:
    sides = np.stack([hiss(5, level=0.01, seed=1), hiss(5, level=0.01, seed=2)], 1)
    plain = heard(tmp_path, wave(pcm(sides), channels=2))
    offset = heard(tmp_path, wave(pcm(sides + np.float32(0.05)), channels=2))
    assert (offset.channels, offset.warnings) == (2, ())
    assert offset.gain_db == pytest.approx(plain.gain_db, abs=0.05)


def test_of_six_channels_the_two_that_sound_are_taken(tmp_path: Path) -> None:
    sides = np.stack([silence(1)] * 6, 1)
    sides[:, 2], sides[:, 5] = hiss(1, seed=1), hiss(1, seed=2)
    sound = heard(tmp_path, wave(pcm(sides), channels=6))
    assert (sound.channels, sound.warnings) == (
        2,
        ("6 channels, of which 2 and 5 carry sound: taken as stereo",),
    )


def test_sixty_channels_are_mixed_and_break_nothing(tmp_path: Path) -> None:
    sides = np.stack([hiss(1, seed=seed) for seed in range(60)], 1)
    sound = heard(tmp_path, wave(pcm(sides), channels=60))
    assert (sound.channels, sound.warnings) == (
        1,
        ("60 of 60 channels carry sound: mixed to mono",),
    )


def test_samples_that_are_no_numbers_are_silence_and_counted(tmp_path: Path) -> None:
    samples = tone(1, 440, rate=SAMPLE_RATE)
    samples[100:260], samples[300] = np.nan, np.inf
    data = samples.astype("<f4").tobytes()
    sound = heard(tmp_path, wave(data, rate=SAMPLE_RATE, bits=32, code=FLOAT))
    assert sound.warnings == ("161 samples (1.0 %) are NaN or infinite and were taken as silence",)
    expected = np.where(np.isfinite(samples), samples, 0).reshape(1, -1)
    np.testing.assert_allclose(as_recorded(sound), expected, rtol=ROUNDED, atol=1e-6)


def test_samples_beyond_full_scale_are_clipped(tmp_path: Path) -> None:
    data = (4 * tone(1, 440, rate=SAMPLE_RATE, level=1)).astype("<f4").tobytes()
    sound = heard(tmp_path, wave(data, rate=SAMPLE_RATE, bits=32, code=FLOAT))
    assert float(np.abs(as_recorded(sound)).max()) == pytest.approx(1.0, rel=ROUNDED)


@pytest.mark.parametrize("level", [0.01, 0.1, 1.0])
def test_every_recording_is_brought_to_one_level(tmp_path: Path, level: float) -> None:
    sound = heard(tmp_path, wave(pcm(tone(1, 440, level=level))))
    assert level_dbfs(sound.samples) == pytest.approx(NOMINAL_DBFS, abs=0.1)
    assert level_dbfs(as_recorded(sound)) == pytest.approx(20 * np.log10(level) - 3.01, abs=0.1)


def test_tags_in_another_encoding_do_not_cost_the_call(tmp_path: Path) -> None:
    sound = heard(tmp_path, wave(pcm(tone(1, 440)), tags="客服錄音".encode("gbk")))
    assert (sound.duration_ms, sound.warnings) == (1_000, ())


def test_a_cut_wave_file_is_heard_and_said_to_be_cut(tmp_path: Path) -> None:
    data = pcm(tone(2, 440))
    sound = heard(tmp_path, wave(data[:16_000], promised=len(data)))
    assert (sound.duration_ms, sound.warnings) == (
        1_000,
        ("truncated: the header promises 32044 bytes, the file has 16044",),
    )


@pytest.mark.parametrize(
    "spoil",
    [
        lambda whole: whole + b"LIST\x00\x10\x00\x00INFO",  # a chunk behind the sound, cut
        lambda whole: whole[:4] + struct.pack("<I", len(whole) + 300) + whole[8:],
        lambda whole: whole[:12] + b"JUNK\x05\x00\x00\x00junk!\x00" + whole[12:],
    ],
)
def test_a_wave_file_whose_sound_is_whole_is_not_cut(
    tmp_path: Path, spoil: Callable[[bytes], bytes]
) -> None:
    sound = heard(tmp_path, spoil(wave(pcm(tone(2, 440)))))
    assert (sound.duration_ms, sound.warnings) == (2_000, ())


def test_what_lies_behind_a_whole_sound_is_told_as_such(tmp_path: Path) -> None:
    file = encoded(tmp_path / "call.mp3", tone(30, 440, rate=16_000), "libmp3lame", 16_000)
    file.write_bytes(file.read_bytes() + bytes(4_000))
    assert [one for one in decode(file).warnings if one.startswith((TRUNCATED, STOPPED))] == []


@pytest.mark.parametrize("promised", [0xFFFF_FFFF, 0x7FFF_FFFF])
def test_a_header_that_does_not_know_the_end_yet_is_no_cut_file(
    tmp_path: Path, promised: int
) -> None:
    sound = heard(tmp_path, wave(pcm(tone(2, 440)), promised=promised))
    assert (sound.duration_ms, sound.warnings) == (2_000, ())


def with_duration(file: Path, seconds: float) -> Path:
    """The Matroska file with another duration in its header (RFC 9559: element 0x4489, in milliseconds)."""
    data = bytearray(file.read_bytes())
    at = data.index(b"\x44\x89\x88") + 3
    data[at : at + 8] = struct.pack(">d", 1_000 * seconds)
    file.write_bytes(data)
    return file


@pytest.mark.parametrize("told", [-5.0, -1e12])
def test_a_header_that_promises_less_than_nothing_promises_nothing(
    tmp_path: Path, told: float
) -> None:
    file = with_duration(encoded(tmp_path / "call.mka", tone(2, 440), "pcm_s16le"), told)
    assert promised_duration_ms(file) is None
    assert (decode(file).duration_ms, decode(file).warnings) == (2_000, ())


def test_a_cut_mp3_file_is_heard_and_said_to_be_cut(tmp_path: Path) -> None:
    file = encoded(tmp_path / "call.mp3", tone(10, 440, rate=16_000), "libmp3lame", 16_000)
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    sound = decode(file)
    assert 4_000 <= sound.duration_ms <= 5_500
    assert [warning.partition(":")[0] for warning in sound.warnings] == ["truncated"]


@pytest.mark.parametrize(("suffix", "codec"), [("aac", "aac"), ("mp3", "libmp3lame")])
def test_a_length_that_is_only_guessed_is_no_promise(
    tmp_path: Path, suffix: str, codec: str
) -> None:
    """Silence first, so that what FFmpeg reckons from the first frames is many times too long."""
    call = np.concatenate([silence(20, 16_000), hiss(20, 16_000)])
    file = encoded(tmp_path / f"call.{suffix}", call, codec, 16_000)
    if suffix == "mp3":  # without the frame that counts the others
        whole = file.read_bytes()
        file.write_bytes(whole[whole.index(b"\xff", whole.index(b"Info")) :])
    sound = decode(file, Limits(longest_h=0.02))
    assert (abs(sound.duration_ms - 40_000) <= 200, sound.warnings) == (True, ())


def test_of_two_streams_of_sound_the_first_is_heard_and_the_other_told(tmp_path: Path) -> None:
    file = tmp_path / "call.mka"
    with av.open(str(file), "w") as container:
        streams = [container.add_stream("pcm_s16le", rate=8_000, layout="mono") for _ in range(2)]
        whole = np.asarray(tone(1, 440) * 32_767, np.int16).reshape(1, -1)
        for stream in streams:
            frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
            frame.sample_rate = 8_000
            container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    assert decode(file).warnings == ("2 streams of sound: only the first was heard",)


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (b"", "an empty file (0 bytes)"),
        (
            "這是文字\n".encode() * 20,
            "260 bytes that are no sound FFmpeg knows (Invalid data found when processing input)",
        ),
        (
            wave(pcm(tone(1, 440)), rate=0),
            "16044 bytes that are no sound FFmpeg knows (Invalid data found when processing input)",
        ),
        (wave(b""), "an audio stream without samples"),
        (
            wave(pcm(tone(1, 440)), code=0x1234),
            "an audio stream in an encoding FFmpeg does not know",
        ),
        (
            wave(np.full(8_000, np.nan, "<f4").tobytes(), bits=32, code=FLOAT),
            "samples that are all NaN or infinite",
        ),
    ],
)
def test_what_is_no_sound_is_said(tmp_path: Path, content: bytes, got: str) -> None:
    assert refused(tmp_path, content) == (
        got,
        "a sound file such as wav, mp3, flac, ogg or m4a",
    )


@pytest.mark.parametrize(
    ("content", "got"),
    [
        (wave(pcm(tone(1, 440))[:2]), "1 sample (0 ms) of sound"),
        (wave(pcm(tone(0.09, 440, rate=16_000)), rate=16_000), "1440 samples (90 ms) of sound"),
    ],
)
def test_what_is_too_short_to_hold_a_syllable_is_said(
    tmp_path: Path, content: bytes, got: str
) -> None:
    assert refused(tmp_path, content) == (got, "at least 100 ms")


def test_what_is_too_long_for_a_call_is_said(tmp_path: Path) -> None:
    content = wave(bytes(30_000), rate=1, bits=8)
    assert refused(tmp_path, content) == ("a recording of 8.3 hours", "at most 6 hours")


def test_a_picture_has_no_sound(tmp_path: Path) -> None:
    pixels = b"P6\n8 8\n255\n" + bytes(range(192))
    assert refused(tmp_path, pixels)[1] == "a sound file such as wav, mp3, flac, ogg or m4a"


@pytest.mark.parametrize(
    "playlist",
    [
        "ffconcat version 1.0\nfile other.wav\n",
        "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=audio {port} RTP/AVP 0\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:{port}/a.ts\n#EXT-X-ENDLIST\n",
    ],
    ids=["concat", "session description", "playlist"],
)
def test_a_file_that_names_other_sound_opens_nothing(
    tmp_path: Path, playlist: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "other.wav").write_bytes(wave(pcm(tone(1, 440))))
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0)
        refused(tmp_path, playlist.format(port=server.getsockname()[1]).encode())
        with pytest.raises(BlockingIOError):
            server.accept()


@pytest.mark.parametrize(
    ("target", "got"),
    [
        ("nowhere.wav", "cannot be read (No such file or directory)"),
        ("call.wav", "cannot be read (Too many levels of symbolic links)"),
    ],
)
def test_a_link_that_leads_nowhere_is_said(tmp_path: Path, target: str, got: str) -> None:
    (tmp_path / "call.wav").symlink_to(target)
    with pytest.raises(RecordingError) as error:
        decode(tmp_path / "call.wav")
    assert (error.value.got, error.value.expected) == (got, "a readable sound file")


@pytest.mark.parametrize(
    ("code", "got"),
    [
        (errno.EACCES, "cannot be read (Permission denied)"),
        (errno.EIO, "cannot be read (Input/output error)"),
        (errno.ESTALE, "cannot be read (Stale file handle)"),
    ],
)
def test_a_file_that_cannot_be_opened_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int, got: str
) -> None:
    file = tmp_path / "call.wav"
    file.write_bytes(wave(pcm(tone(1, 440))))

    def closed(*_: object, **__: object) -> BytesIO:
        raise OSError(code, os.strerror(code), str(file))

    monkeypatch.setattr(Path, "open", closed)
    with pytest.raises(RecordingError) as error:
        decode(file)
    assert (error.value.got, error.value.expected) == (got, "a readable sound file")


def decodes_or_says_why(folder: Path, content: bytes) -> None:
    try:
        sound = heard(folder, content)
    except RecordingError as error:
        assert all((error.where, error.got, error.expected, error.hint))
    else:
        assert sound.samples.dtype == np.float16
        assert np.isfinite(sound.samples).all()
        assert float(np.abs(as_recorded(sound)).max()) <= 1 + ROUNDED


QUICK = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@QUICK
@given(st.binary(max_size=4_000))
def test_any_bytes_are_sound_or_a_clear_error(tmp_path: Path, content: bytes) -> None:
    decodes_or_says_why(tmp_path, content)


@QUICK
@given(
    data=st.binary(max_size=2_000),
    rate=st.integers(0, 2**32 - 1) | st.sampled_from(RATES),
    channels=st.integers(0, 300),
    bits=st.sampled_from([0, 4, 8, 16, 24, 32, 64]),
    code=st.sampled_from([0, 1, 2, 3, 6, 7, 0x11, 0x31, 0x55, 0xFFFE]) | st.integers(0, 0xFFFF),
    promised=st.none() | st.integers(0, 2**32 - 1),
)
def test_any_wave_header_is_sound_or_a_clear_error(
    tmp_path: Path,
    data: bytes,
    rate: int,
    channels: int,
    bits: int,
    code: int,
    promised: int | None,
) -> None:
    content = wave(data, rate=rate, channels=channels, bits=bits, code=code, promised=promised)
    decodes_or_says_why(tmp_path, content)


@QUICK
@given(data=st.data())
def test_any_damage_to_an_mp3_is_sound_or_a_clear_error(
    tmp_path: Path, mp3: bytes, data: st.DataObject
) -> None:
    spoilt = bytearray(mp3)
    for at in data.draw(st.lists(st.integers(0, len(mp3) - 1), max_size=30)):
        spoilt[at] = data.draw(st.integers(0, 255))
    decodes_or_says_why(tmp_path, bytes(spoilt[: data.draw(st.integers(1, len(mp3)))]))


@pytest.fixture(scope="module")
def mp3(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    file = tmp_path_factory.mktemp("mp3") / "call.mp3"
    return encoded(file, tone(0.5, 440, rate=16_000), "libmp3lame", 16_000).read_bytes()
