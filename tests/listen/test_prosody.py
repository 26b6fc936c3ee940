"""Level, pitch, tilt and flux of an utterance, as a telephone line leaves them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pipeline.errors import WeightsError
from pipeline.listen.audio import SAMPLE_RATE
from pipeline.listen.prosody import LOWEST_FLOOR_DB, Prosody
from pipeline.records import Span, Utterance, Voice, Word
from tests.sound import Samples, hiss, silence


def test_a_pitch_model_that_was_exchanged_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.listen.prosody.SHA256", "0" * 64)
    with pytest.raises(WeightsError) as error:
        Prosody()
    assert error.value.expected == f"{'0' * 64} (callqa's own list)"
    assert error.value.where.endswith("model.onnx")


TEN_DB = np.float32(10 ** (10 / 20))


@pytest.fixture(scope="module")
def prosody() -> Prosody:
    return Prosody()


def vowel(
    hz: float, seconds: float = 1.5, slope_db: float = -9.0, band: tuple[int, int] = (300, 3400)
) -> Samples:
    """A gliding harmonic tone with its partials in a band; ``slope_db`` an octave; RMS 0.05."""
    time = np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE
    phase = 2 * np.pi * hz * (time + 0.01 * np.sin(2 * np.pi * 2 * time) / (4 * np.pi))
    partials = [n for n in range(1, int(band[1] / hz)) if n * hz >= band[0]]
    wave = sum(10 ** (slope_db * np.log2(n) / 20) * np.sin(n * phase) for n in partials)
    level = np.sqrt(np.mean(np.square(wave)))
    return np.asarray(wave / level * 0.05, np.float32) + hiss(seconds, SAMPLE_RATE, level=0.0005)


def measured(prosody: Prosody, samples: Samples, *speech: Span) -> Voice | None:
    whole = Span(0, samples.size * 1000 // SAMPLE_RATE)
    said = Span(speech[0].start_ms, speech[-1].end_ms) if speech else whole
    utterance = Utterance("agent", 0, (Word("您好請問", said, 0.9),))
    return prosody.measure(utterance, 7, speech or (whole,), samples)


def heard(prosody: Prosody, samples: Samples, *speech: Span) -> Voice:
    found = measured(prosody, samples, *speech)
    if found is None:
        pytest.fail("nothing measured")
    return found


def told(value: float | None) -> float:
    if value is None:
        pytest.fail("not measured")
    return value


@pytest.mark.parametrize("hz", [90.0, 120.0, 200.0, 280.0])
def test_pitch_is_right_without_its_fundamental(prosody: Prosody, hz: float) -> None:
    voice = heard(prosody, vowel(hz))
    assert voice.f0_median_hz == pytest.approx(hz, rel=0.03)
    assert voice.f0_p90_hz == pytest.approx(hz, rel=0.03)


def test_a_voice_that_moves_has_a_range_and_a_flat_one_has_none(prosody: Prosody) -> None:
    low, high = vowel(150.0), vowel(225.0)
    flat, lively = heard(prosody, low), heard(prosody, np.concatenate([low, high]))
    assert flat.f0_range_st == pytest.approx(0.0, abs=0.5)
    assert lively.f0_range_st == pytest.approx(12 * np.log2(1.5), abs=0.5)


def test_a_line_10_db_louder_moves_the_level_and_nothing_else(prosody: Prosody) -> None:
    quiet = heard(prosody, vowel(180.0))
    loud = heard(prosody, vowel(180.0) * TEN_DB)
    assert loud.level_db == pytest.approx(quiet.level_db + 10, abs=0.02)
    assert replace(loud, level_db=quiet.level_db) == quiet


def test_level_is_the_power_of_the_voice(prosody: Prosody) -> None:
    assert heard(prosody, vowel(180.0)).level_db == pytest.approx(20 * np.log10(0.05), abs=0.3)


def test_a_pause_makes_no_utterance_quieter(prosody: Prosody) -> None:
    said = vowel(180.0)
    with_pause = np.concatenate([said, hiss(1.0, SAMPLE_RATE, level=0.0005), said])
    whole = heard(prosody, with_pause)
    assert whole.level_db == pytest.approx(heard(prosody, said).level_db, abs=0.2)


def test_effort_brightens(prosody: Prosody) -> None:
    dull, bright = (heard(prosody, vowel(180.0, slope_db=slope)) for slope in (-12.0, -6.0))
    assert bright.tilt_db - dull.tilt_db > 5
    assert told(bright.upper_tilt_db) - told(dull.upper_tilt_db) > 5


def test_the_floor_is_the_noise_around_the_voice(prosody: Prosody) -> None:
    hushed = [hiss(1.0, SAMPLE_RATE, level=level) for level in (0.0005, 0.005)]
    voice = vowel(180.0)
    over = [
        told(heard(prosody, np.concatenate([n, voice, n]), Span(1000, 2500)).over_floor_db)
        for n in hushed
    ]
    assert over == pytest.approx([40.0, 20.0], abs=1.5)


def test_a_gain_that_follows_the_voice_changes_nothing_but_the_level(prosody: Prosody) -> None:
    noise = hiss(1.0, SAMPLE_RATE, level=0.0005)
    call = np.concatenate([noise, vowel(180.0), noise])
    gain_db = np.interp(np.arange(call.size) / SAMPLE_RATE, [0.5, 3.0], [0.0, -10.0])
    plain, moved = (
        heard(prosody, samples, Span(1000, 2500))
        for samples in (call, np.asarray(call * 10 ** (gain_db / 20), np.float32))
    )
    assert plain.level_db - moved.level_db > 4
    assert told(moved.over_floor_db) == pytest.approx(told(plain.over_floor_db), abs=3.0)
    assert told(moved.upper_tilt_db) == pytest.approx(told(plain.upper_tilt_db), abs=0.1)
    assert told(moved.flux_db) == pytest.approx(told(plain.flux_db), abs=0.01)


def test_a_long_utterance_without_a_pause_has_the_floor_beside_it(prosody: Prosody) -> None:
    noise = hiss(1.0, SAMPLE_RATE, level=0.0005)
    voice = heard(prosody, np.concatenate([noise, vowel(180.0, 8.0), noise]), Span(1000, 9000))
    assert told(voice.over_floor_db) == pytest.approx(40.0, abs=1.5)


def test_digital_silence_is_no_floor(prosody: Prosody) -> None:
    nothing = silence(1.0, SAMPLE_RATE)
    voice = heard(prosody, np.concatenate([nothing, vowel(180.0), nothing]), Span(1000, 2500))
    assert told(voice.over_floor_db) == pytest.approx(voice.level_db - LOWEST_FLOOR_DB, abs=0.01)


def test_a_spectrum_that_changes_has_flux(prosody: Prosody) -> None:
    steady = vowel(180.0)
    bright = vowel(180.0, slope_db=0.0)
    turns = np.arange(steady.size) // (SAMPLE_RATE // 10) % 2
    restless = np.where(turns, steady, bright).astype(np.float32)
    assert told(heard(prosody, restless).flux_db) > told(heard(prosody, steady).flux_db) + 0.2


def test_rate_is_syllables_a_second_of_speech(prosody: Prosody) -> None:
    samples = np.concatenate([vowel(180.0, 1.0), silence(1.0, SAMPLE_RATE), vowel(180.0, 1.0)])
    voice = heard(prosody, samples, Span(0, 1000), Span(2000, 3000))
    assert (voice.utterance, voice.rate) == (7, 2.0)


@pytest.mark.parametrize(
    "samples",
    [silence(2.0, SAMPLE_RATE), hiss(2.0, SAMPLE_RATE), vowel(180.0, 0.15), silence(0.0)],
    ids=["silence", "noise", "too short", "nothing"],
)
def test_without_voice_nothing_is_measured(prosody: Prosody, samples: Samples) -> None:
    assert measured(prosody, samples) is None


def test_what_is_not_speech_is_not_measured(prosody: Prosody) -> None:
    samples = np.concatenate([vowel(180.0), vowel(300.0) * TEN_DB])
    assert heard(prosody, samples, Span(0, 1350)).f0_median_hz == pytest.approx(180, rel=0.03)
