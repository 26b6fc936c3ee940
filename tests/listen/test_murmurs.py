"""A soft or clipped 「嗯」 is found where voice activity passes over it; echoes, clicks and noise are not."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.listen import listen
from pipeline.listen.murmurs import murmurs
from pipeline.listen.prosody import Prosody
from pipeline.records import (
    Call,
    CallRecord,
    Murmurs,
    Recording,
    Span,
    from_json,
    to_json,
    to_plain,
)
from pipeline.settings import Settings
from tests.fakes import Repeating, fake_listener
from tests.sound import hiss, pcm, wave
from tests.stereo import laid, leaking, piece, sides, spoken

GREETING = Span(500, 4_500)
STORY = Span(5_000, 15_000)
HUM_MS = 160
HUM_AT = (7_000, 12_000)


@pytest.fixture(scope="module")
def prosody() -> Prosody:
    return Prosody()


@pytest.fixture(scope="module")
def voices() -> dict[str, FloatArray]:
    """An agent's and a customer's words of a sample, one after the other, each as long as is wanted."""
    channels = sides("01_perfect_repair.wav")
    found = {}
    for role, span in (("agent", GREETING), ("customer", STORY)):
        clips = [
            max((piece(one, turn.span) for one in channels), key=np.std)
            for turn in spoken(role)
            if turn.file == "01_perfect_repair.wav"
        ]
        found[role] = np.resize(np.concatenate(clips), span.duration_ms * 16)
    return found


def hum(softer_db: float, voice: FloatArray, ms: int = HUM_MS) -> FloatArray:
    """A nasal of 140 Hz in the telephone band, so many dB below a voice."""
    time_s = np.arange(ms * 16) / SAMPLE_RATE
    tone = sum(np.sin(2 * np.pi * 140 * n * time_s) / n for n in range(2, 20))
    ramp = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / 0.02)
    shape = np.asarray(tone * ramp, np.float32)
    wanted = np.std(voice) * 10 ** (-softer_db / 20)
    return np.asarray(shape * wanted / np.std(shape), np.float32)


def call(voices: dict[str, FloatArray], sounds: list[FloatArray]) -> FloatArray:
    """The agent greets, the customer tells; in the meantime sounds on the agent's channel."""
    placed = [
        (0, GREETING.start_ms, voices["agent"]),
        (1, STORY.start_ms, voices["customer"]),
        *((0, at, sound) for at, sound in zip(HUM_AT, sounds, strict=False)),
    ]
    return laid(placed, 16_000)


def of_agent(samples: FloatArray, prosody: Prosody) -> Murmurs:
    return murmurs(0, samples, (GREETING,), (), prosody)


@pytest.mark.parametrize("softer_db", [0.0, 10.0, 15.0])
def test_a_hum_is_found_where_it_is(
    voices: dict[str, FloatArray], prosody: Prosody, softer_db: float
) -> None:
    hums = [hum(softer_db, voices["agent"])] * 2
    found = of_agent(call(voices, hums), prosody).spans
    assert len(found) == 2
    for span, at in zip(found, HUM_AT, strict=True):
        assert abs(span.start_ms - at) <= 40
        assert abs(span.end_ms - at - HUM_MS) <= 40


@pytest.mark.parametrize("ms", [40, 1_500])
def test_what_is_shorter_or_longer_is_no_murmur(
    voices: dict[str, FloatArray], prosody: Prosody, ms: int
) -> None:
    assert of_agent(call(voices, [hum(0, voices["agent"], ms)]), prosody).spans == ()


def test_clicks_and_breath_have_no_pitch(voices: dict[str, FloatArray], prosody: Prosody) -> None:
    breath = hiss(0.3, SAMPLE_RATE, 0.03)
    assert of_agent(call(voices, [breath, hiss(0.1, SAMPLE_RATE, 0.2)]), prosody).spans == ()


def test_somebody_else_in_the_room_is_far_below_the_agent_s_voice(
    voices: dict[str, FloatArray], prosody: Prosody
) -> None:
    assert of_agent(call(voices, [hum(28, voices["agent"])]), prosody).spans == ()


@pytest.mark.parametrize("down_db", [15.0, 25.0, 35.0])
def test_an_echo_of_the_customer_is_no_murmur(
    voices: dict[str, FloatArray], prosody: Prosody, down_db: float
) -> None:
    assert of_agent(leaking(call(voices, []), down_db), prosody).spans == ()


def test_what_voice_activity_has_and_what_is_a_tone_is_not_told_twice(
    voices: dict[str, FloatArray], prosody: Prosody
) -> None:
    samples = call(voices, [hum(0, voices["agent"])] * 2)
    speech, tones = (GREETING, Span(6_900, 7_500)), (Span(11_900, 12_300),)
    assert murmurs(0, samples, speech, tones, prosody).spans == ()


def test_headroom_shrinks_with_noise_and_echo(
    voices: dict[str, FloatArray], prosody: Prosody
) -> None:
    clean = call(voices, [])
    noisy = clean + hiss(16, SAMPLE_RATE, 0.01, seed=3)
    room = [
        of_agent(samples, prosody).headroom_db for samples in (clean, noisy, leaking(clean, 15))
    ]
    assert room[0] is not None and room[0] > 20
    assert room[1] is not None and 0 < room[1] < 15
    assert room[2] is not None and room[2] < 10


def test_a_side_on_which_nobody_speaks_has_no_headroom(prosody: Prosody) -> None:
    quiet = laid([], 4_000)
    assert murmurs(0, quiet, (), (), prosody) == Murmurs(0, ())
    assert murmurs(0, np.zeros((2, 0), np.float32), (), (), prosody) == Murmurs(0, ())


def test_murmurs_are_kept_with_two_channels_and_not_with_one(tmp_path: Path) -> None:
    def heard(channels: int) -> Call:
        path = tmp_path / f"{channels}.wav"
        sound = np.stack([hiss(2, SAMPLE_RATE, 0.1, seed) for seed in range(channels)], axis=1)
        path.write_bytes(wave(pcm(sound), rate=SAMPLE_RATE, channels=channels))
        recording = Recording("0" * 64, path.name, 1, CallRecord(path.name))
        return listen(recording, path, fake_listener(Settings(), Repeating("您好")))

    assert [one.channel for one in heard(2).murmurs] == [0, 1]
    assert heard(1).murmurs == ()


def test_a_call_kept_by_a_version_without_murmurs_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(wave(pcm(hiss(1, SAMPLE_RATE)), rate=SAMPLE_RATE))
    recording = Recording("0" * 64, "a.wav", 1, CallRecord("a.wav"))
    call = listen(recording, path, fake_listener(Settings(), Repeating("您好")))
    murmured = replace(call, murmurs=(Murmurs(0, (Span(1, 2),), 3.5),))
    assert from_json(Call, to_json(murmured)) == murmured
    old = to_plain(murmured)
    del old["murmurs"]
    assert from_json(Call, json.dumps(old)) == call
