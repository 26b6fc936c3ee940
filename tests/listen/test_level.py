"""A recording is brought to one level; how loud its sides are beside each other stays."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.listen.level import (
    NOMINAL_DBFS,
    frame_levels,
    frame_power,
    held_at,
    noise_db,
    nominal_gain_db,
)
from tests.sound import hiss, silence, tone

RATE = 16_000


def _call(level: float) -> np.ndarray:
    """An agent, and a customer 12 dB softer, who speaks twice as long."""
    agent = np.concatenate([tone(2.0, 400, rate=RATE, level=level), silence(4.0, RATE)])
    customer = np.concatenate([silence(2.0, RATE), tone(4.0, 300, rate=RATE, level=level / 4)])
    return np.stack([agent, customer])


@pytest.mark.parametrize("level", [0.001, 0.02, 0.2, 1.0])
def test_the_loud_parts_come_to_the_nominal_level_whatever_they_were(level: float) -> None:
    gain_db = nominal_gain_db(_call(level))
    samples = held_at(_call(level), gain_db)
    agent, customer = (10 * np.log10(frame_power(one).max()) for one in samples)
    assert (round(float(agent), 1), round(float(agent - customer), 1)) == (NOMINAL_DBFS, 12.0)
    assert gain_db == pytest.approx(NOMINAL_DBFS - 20 * np.log10(level) + 3.01, abs=0.05)


def test_the_power_of_halves_is_reckoned_in_single_precision() -> None:
    halves = (1e-3 * np.random.default_rng(1).standard_normal(90 * RATE)).astype(np.float16)
    np.testing.assert_array_equal(frame_power(halves), frame_power(halves.astype(np.float32)))


def test_a_blow_of_a_few_frames_does_not_make_the_voices_softer() -> None:
    samples = _call(0.1)
    samples[0, 50_000:50_800] = 1.0
    told = nominal_gain_db(samples)
    assert told == pytest.approx(nominal_gain_db(_call(0.1)), abs=0.05)
    assert held_at(samples, told).max() > 1.0


@pytest.mark.parametrize(
    "samples", [np.zeros((2, RATE), np.float32), np.ones((1, 100), np.float32)]
)
def test_silence_and_what_is_too_short_to_have_a_level_stay(samples: np.ndarray) -> None:
    assert nominal_gain_db(samples) == 0.0
    np.testing.assert_array_equal(held_at(samples.copy(), 0.0), samples)


def test_a_softer_recording_comes_to_the_same() -> None:
    samples = np.random.default_rng(2).standard_normal((2, 90 * RATE)).astype(np.float32) * 0.1
    softer = samples * np.float32(10 ** (-10 / 20))
    loud, soft = (held_at(one, nominal_gain_db(one)) for one in (samples, softer))
    assert np.mean(loud != soft) < 0.001


@pytest.mark.parametrize("count", [1, 7, 320, 1_500_001])
def test_samples_keep_their_places_in_half_of_their_memory(count: int) -> None:
    tape = np.random.default_rng(3).uniform(-1, 1, (2, count + 5)).astype(np.float32)
    samples = tape[:, :count]
    expected = (samples * np.float32(10 ** (6 / 20))).astype(np.float16)
    held = held_at(samples, 6.0)
    np.testing.assert_array_equal(held, expected)
    assert np.shares_memory(held, tape)


def test_what_was_not_recorded_is_no_noise_of_the_line() -> None:
    line = frame_levels(hiss(10, RATE, level=0.001))
    nothing = frame_levels(silence(5, RATE))
    assert noise_db(np.concatenate([nothing, line])) == pytest.approx(noise_db(line), abs=0.2)


def test_the_short_pauses_of_a_line_without_noise_are_its_floor() -> None:
    said = frame_levels(hiss(1, RATE))
    pause = frame_levels(silence(0.5, RATE))
    assert noise_db(np.concatenate([said, pause] * 5)) == pytest.approx(-90)


def test_of_nothing_at_all_there_is_no_noise() -> None:
    assert noise_db(frame_levels(silence(10, RATE))) == pytest.approx(-90)
    assert noise_db(frame_levels(silence(0, RATE))) == 0.0
