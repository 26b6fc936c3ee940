"""How loud each channel is along a call: a curve to look at, small enough to keep with it."""

from __future__ import annotations

from pipeline.listen.audio import SAMPLE_RATE, Sound, SoundArray
from pipeline.listen.level import level_dbfs
from pipeline.records import Loudness
from pipeline.sounds import QUIETEST_DB

STEP_MS = 500
"""About two syllables: short enough for a shout, long enough not to flicker with every vowel."""

MOST_VALUES = 3_600
"""A channel's at most: half an hour at ``STEP_MS``. Longer calls take steps of 1 s, 2 s, 4 s …"""


def loudness(sound: Sound) -> Loudness:
    """The curve of each channel, re full scale of the recording.

    The last value covers what is left of the call, however short.
    """
    step_ms = STEP_MS
    while sound.samples.shape[1] > MOST_VALUES * step_ms * SAMPLE_RATE // 1000:
        step_ms *= 2
    size = step_ms * SAMPLE_RATE // 1000
    return Loudness(
        step_ms, tuple(_levels(channel, size, sound.gain_db) for channel in sound.samples)
    )


def _levels(samples: SoundArray, size: int, gain_db: float) -> tuple[int, ...]:
    steps = (samples[start : start + size] for start in range(0, samples.size, size))
    return tuple(max(QUIETEST_DB, round(level_dbfs(step) - gain_db)) for step in steps)
