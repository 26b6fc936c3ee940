"""Every recording at one level, so that what is heard in a call does not hang on how loud its line was.

Whisper's features and those of voice activity keep the level of the sound: of 608 verdicts on the sample
calls 9 changed when all was 10 dB softer, and at 30 dB softer voice activity hears nothing in a babble of
voices. All channels are raised or lowered by the same number of decibels, for how loud one side is beside
the other tells which voice is whose.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.heap import give_back_rows
from pipeline.listen.container import SAMPLE_RATE, FloatArray, Halves, SoundArray

Levels = NDArray[np.float64]

NOMINAL_DBFS = -20.0
"""What is usual already, so that thresholds chosen on calls as they come still fit: the median of the
samples, of 30 composed calls and of real telephone clips is between -20.5 and -19.9. It comes of speech at
-26 dBov (ITU-T P.56)."""

LOUD_PERCENT = 99
"""Of the frames of all channels: the loud syllables. One in a hundred may be louder, as a slam is."""

SILENT_DBFS = -75.0
"""Below this there never was a voice: G.711's smallest step is about -72 dBFS."""

NOISE_PERCENTILE = 10

UNRECORDED_MS = 2_000
SAME_DB = 0.05
"""The least level of a channel, held for so long to so little, is no noise: nothing was recorded. G.711's
idle code is such a level too. With 14 % of zeros before the samples, which made their floor, 3 to 5
interruptions were found in each of seven calls that have none."""

FRAME_MS = 20
FRAME = FRAME_MS * SAMPLE_RATE // 1000

BLOCK = 3_000
"""Frames, a minute of sound, of which single-precision copies are made at a time."""


def frame_power(samples: SoundArray) -> FloatArray:
    """Mean square of each whole frame of a channel, shape (n,) to (frames,)."""
    frames = samples[: samples.size // FRAME * FRAME].reshape(-1, FRAME)
    power = np.empty(len(frames), np.float32)
    for first in range(0, len(frames), BLOCK):
        block = np.asarray(frames[first : first + BLOCK], np.float32)
        power[first : first + BLOCK] = np.einsum("ij,ij->i", block, block) / FRAME
    return power


def minutes(samples: SoundArray) -> Iterator[FloatArray]:
    """The samples a minute at a time, shape (..., n), single precision, so that little memory is needed."""
    for start in range(0, samples.shape[-1], BLOCK * FRAME):
        yield np.asarray(samples[..., start : start + BLOCK * FRAME], np.float32)


def level_dbfs(samples: SoundArray) -> float:
    """Mean power in dB re full scale; -120 for digital silence.

    >>> round(level_dbfs(np.ones(8, dtype=np.float32)))
    0
    """
    power = sum(float(np.square(part, dtype=np.float64).sum()) for part in minutes(samples))
    return float(10 * np.log10(power / samples.size + 1e-12))


def frame_levels(samples: SoundArray) -> Levels:
    """Mean power of each whole frame in dB re full scale, shape (frames,); -90 is the floor.

    A floor above digital silence keeps a gate's openings from looking like an envelope.
    """
    return np.asarray(10 * np.log10(frame_power(samples) + 1e-9), np.float64)


def noise_db(levels: Levels, frame_ms: int = FRAME_MS) -> float:
    """The level of a channel's noise, in dB: a tenth of its frames, shape (n,), lie below.

    Where nothing was recorded for long, while a call is set up or a hold is muted, there is no line to hear.
    Short gaps of digital silence are the pauses of a line without noise.
    """
    nothing = levels <= levels.min(initial=np.inf) + SAME_DB
    edges = np.flatnonzero(np.diff(nothing, prepend=False, append=False))
    heard = np.ones(levels.size, bool)
    for first, last in edges.reshape(-1, 2).tolist():
        if (last - first) * frame_ms >= UNRECORDED_MS:
            heard[first:last] = False
    chosen = levels[heard] if heard.any() else levels
    return float(np.percentile(chosen, NOISE_PERCENTILE)) if chosen.size else 0.0


def nominal_gain_db(samples: SoundArray) -> float:
    """By how many dB to raise samples, shape (channels, n), 16 kHz, to the usual level; 0 for silence."""
    power = np.concatenate([frame_power(channel) for channel in samples])
    if not power.size:
        return 0.0
    loud = float(np.percentile(power, LOUD_PERCENT))
    if loud <= 10 ** (SILENT_DBFS / 10):
        return 0.0
    return NOMINAL_DBFS - 10 * float(np.log10(loud))


def held_at(samples: FloatArray, gain_db: float) -> Halves:
    """The samples, shape (channels, n), so many dB louder, in half precision and in half of their own memory:
    they are gone afterwards, and an hour is never there twice.

    Beyond full scale, where a blow may come to lie, nothing is cut off. They are rounded once, at their new
    level, so that a recording comes to the same whatever its level was.
    """
    count = samples.shape[1]
    held = samples.view(np.float16)[:, :count]
    factor = np.float32(10 ** (gain_db / 20))
    for first in range(0, count, BLOCK * FRAME):
        block = np.s_[:, first : first + BLOCK * FRAME]
        held[block] = samples[block] * factor  # written over what has been read
    give_back_rows(samples[:, (count + 1) // 2 :])
    return held
