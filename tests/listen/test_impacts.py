"""Blows composed by arithmetic: which are slams, clicks or knocks, wherever and on whatever line."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.listen.audio import SAMPLE_RATE as RATE
from pipeline.listen.audio import FloatArray
from pipeline.listen.blows import FRAME, HOP, envelope_of
from pipeline.listen.impacts import CUT_OFF_LIKENESS, impacts
from pipeline.listen.spectrum import BLOCK_SAMPLES
from pipeline.records import Event, Span
from tests.sound import hiss, silence, tone

SPEECH = Span(500, 2900)
NOISE = 0.0005
SLAM_AT = 3.6


def struck(seconds: float, *bands: tuple[float, float, float], fall_s: float = 0.1) -> FloatArray:
    """Noise in bands of Hz, each with its amplitude, that falls by 20 dB in ``fall_s``; peak about 1."""
    noise = hiss(seconds, RATE, 1.0)
    spectrum = np.fft.rfft(noise)
    hz = np.fft.rfftfreq(noise.size, 1 / RATE)
    gains = sum(gain * ((hz >= low) & (hz < high)) for low, high, gain in bands)
    wave = np.fft.irfft(spectrum * gains, noise.size)
    wave *= np.exp(-np.arange(wave.size) / RATE / fall_s * np.log(10))
    return np.asarray(wave / np.abs(wave).max(), np.float32)


DOOR = struck(0.5, (300, 800, 1.0), (800, 3400, 0.3))
KNUCKLE = struck(0.25, (300, 700, 1.0), (700, 1500, 0.1), fall_s=0.07)
KEYS = struck(0.4, (1500, 3400, 1.0), fall_s=0.15)
KEY = struck(0.1, (1500, 3400, 1.0), fall_s=0.02)
BELL = struck(1.0, (1000, 1100, 1.0), fall_s=0.9)


def voice() -> FloatArray:
    """Syllables of a voice of 150 Hz, 2.4 s of them, loudest at about 0.1."""
    vowel = tone(0.2, *range(300, 1500, 150), rate=RATE, level=0.02)
    swell = np.sin(np.linspace(0, np.pi, vowel.size)).astype(np.float32)
    return np.concatenate([vowel * swell, silence(0.1, RATE)] * 8)


def line(*sounds: tuple[float, FloatArray], seconds: float = 5.0) -> FloatArray:
    """Sounds, each at its second, on a quiet line."""
    whole = hiss(seconds, RATE, NOISE, seed=3)
    for at, sound in sounds:
        start = round(at * RATE)
        whole[start : start + sound.size] += sound[: whole.size - start]
    return whole


def after_speech(*sounds: tuple[float, FloatArray]) -> FloatArray:
    return line((0.5, voice()), *sounds)


def heard(samples: FloatArray, *speech: Span, covered: tuple[Span, ...] = ()) -> tuple[Event, ...]:
    return impacts(samples, 0, speech or (SPEECH,), covered)


def kinds(events: tuple[Event, ...]) -> list[str]:
    return [event.kind for event in events]


def test_a_strong_blow_that_fills_the_band_and_dies_away_is_a_slam() -> None:
    (slam,) = heard(after_speech((SLAM_AT, DOOR * 0.6)))
    assert slam.kind == "slam"
    assert slam.span.start_ms == pytest.approx(SLAM_AT * 1000, abs=30)
    assert slam.span.duration_ms == pytest.approx(100, abs=60)
    assert slam.impact is not None
    assert slam.impact.strength_db is not None
    assert slam.impact.strength_db > 10
    assert slam.impact.likeness > 0.8


@pytest.mark.parametrize("gain", [0.1, 0.3, 1.5])
def test_how_loud_the_line_is_does_not_matter(gain: float) -> None:
    samples = after_speech((SLAM_AT, DOOR * 0.6))
    assert heard(samples * np.float32(gain)) == heard(samples)


def test_the_same_blow_no_stronger_than_speech_is_a_click() -> None:
    (click,) = heard(after_speech((SLAM_AT, DOOR * 0.03)))
    assert click.kind == "click"
    assert click.impact is not None
    assert click.impact.strength_db is not None
    assert click.impact.strength_db < 0


@pytest.mark.parametrize(
    "sound",
    [
        pytest.param(KEYS, id="keys dropped"),
        pytest.param(KEY, id="a key struck"),
        pytest.param(BELL, id="a bell"),
        pytest.param(voice() * 8, id="a shout"),
        pytest.param(hiss(1.0, RATE, 0.2), id="a rush of air"),
        pytest.param(np.concatenate([KEYS] * 4), id="a rattle"),
    ],
)
def test_other_loud_sounds_are_no_slams(sound: FloatArray) -> None:
    assert "slam" not in kinds(heard(after_speech((SLAM_AT, sound * 0.6))))


def test_a_blow_in_the_middle_of_speech_is_a_syllable_of_it() -> None:
    samples = after_speech((1.5, DOOR * 0.6))
    assert heard(samples) == ()


def test_a_blow_that_the_recording_cuts_off_may_be_a_word() -> None:
    samples = after_speech((SLAM_AT, DOOR * 0.6))[: round((SLAM_AT + 0.1) * RATE)]
    (slam,) = heard(samples)
    assert slam.impact is not None
    assert slam.impact.likeness <= CUT_OFF_LIKENESS


def test_nothing_is_looked_for_in_tones_and_music() -> None:
    samples = after_speech((SLAM_AT, DOOR * 0.6))
    assert heard(samples, covered=(Span(3000, 5000),)) == ()


@pytest.mark.parametrize("count", [2, 3, 6])
@pytest.mark.parametrize("apart", [0.15, 0.3])
def test_knocks_are_counted(count: int, apart: float) -> None:
    blows = [(1 + apart * nth, KNUCKLE * 0.2) for nth in range(count)]
    (series,) = heard(line(*blows), Span(4000, 4500))
    assert series.kind == "knock"
    assert series.span.start_ms == pytest.approx(1000, abs=30)
    assert series.impact is not None
    assert series.impact.blows == count


def test_knocks_after_a_rest_are_another_series() -> None:
    blows = [(at, KNUCKLE * 0.2) for at in (0.5, 0.75, 3.0, 3.25, 3.5)]
    found = heard(line(*blows), Span(4500, 4800))
    assert [one.impact.blows for one in found if one.impact] == [2, 3]


@pytest.mark.parametrize(
    "blows",
    [
        pytest.param([(1.0, KNUCKLE)], id="one alone"),
        pytest.param([(0.5 + 0.56 * n, KNUCKLE) for n in range(6)], id="steps"),
        pytest.param([(1.0 + 0.2 * n, KEY) for n in range(6)], id="typing"),
        pytest.param([(1.0, voice() * 2)], id="syllables"),
        pytest.param([(1.0, KNUCKLE), (1.3, KEYS), (1.6, KNUCKLE)], id="unlike"),
    ],
)
def test_what_does_not_repeat_itself_soon_is_no_knocking(
    blows: list[tuple[float, FloatArray]],
) -> None:
    samples = line(*((at, sound * np.float32(0.2)) for at, sound in blows))
    assert "knock" not in kinds(heard(samples, Span(4500, 4800)))


def test_a_channel_without_speech_has_nothing_to_measure_a_slam_by() -> None:
    samples = line((1.0, KNUCKLE * 0.2), (1.25, KNUCKLE * 0.2), (3.0, DOOR))
    (series,) = impacts(samples, 1, (), ())
    assert (series.kind, series.channel) == ("knock", 1)
    assert series.impact is not None
    assert series.impact.strength_db is None


@pytest.mark.parametrize("samples", [silence(2.0, RATE), silence(0.1, RATE), hiss(0.1, RATE)])
def test_nothing_is_heard_where_nothing_is(samples: FloatArray) -> None:
    assert impacts(samples, 0, (), ()) == ()


def test_a_long_channel_is_looked_at_in_blocks_that_leave_no_seam() -> None:
    samples = hiss(BLOCK_SAMPLES / FRAME * HOP * 2.5 / RATE, RATE)
    whole, later = envelope_of(samples), envelope_of(samples[100 * HOP :])
    assert np.allclose(whole.levels_db[101:], later.levels_db[1:], atol=1e-3)
