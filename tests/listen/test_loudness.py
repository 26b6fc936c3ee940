"""The loudness curve: whole decibels, a bounded number of them."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.listen.audio import Sound
from pipeline.listen.loudness import MOST_VALUES, QUIETEST_DB, loudness
from pipeline.records import Loudness, from_json, to_json
from tests.sound import silence, tone

RATE = 16_000


def test_each_half_second_of_each_channel_has_its_level() -> None:
    quiet, loud = tone(0.5, 400, rate=RATE, level=0.02), tone(0.5, 400, rate=RATE, level=0.2)
    first = np.concatenate([quiet, loud, silence(0.25, RATE)])
    second = silence(1.25, RATE)
    samples = np.stack([first, second])
    assert loudness(Sound(samples, ())) == Loudness(
        500, ((-37, -17, QUIETEST_DB), (QUIETEST_DB,) * 3)
    )


def test_levels_are_those_of_the_recording_not_of_what_was_made_of_it() -> None:
    samples = tone(0.5, 400, rate=RATE, level=0.2)[np.newaxis]
    assert loudness(Sound(samples, (), gain_db=10.0)) == Loudness(500, ((-27,),))


@settings(max_examples=30, deadline=None)
@given(minutes=st.floats(0.001, 130.0))
def test_a_long_call_takes_longer_steps_not_more_values(minutes: float) -> None:
    samples = np.broadcast_to(np.float32(0.5), (1, round(minutes * 60 * RATE)))
    curve = loudness(Sound(samples, ()))
    (levels,) = curve.channels
    assert len(levels) <= MOST_VALUES
    assert curve.step_ms * (len(levels) - 1) < minutes * 60_000 + 1
    assert curve.step_ms * len(levels) >= minutes * 60_000 - 1
    assert set(levels) == {-6}


def test_the_curve_survives_json() -> None:
    curve = Loudness(500, ((-26, -60), (-61, -60)))
    assert from_json(Loudness, to_json(curve)) == curve
