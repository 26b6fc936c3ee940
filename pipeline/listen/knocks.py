"""Knocks at a door: series of short blows on wood, alike and a fraction of a second apart.

A knuckle on wood makes a door ring at one low place: sudden, gone within a tenth of a second, its energy in
a few bands below 800 Hz. One such blow may be anything; a series is known by its likeness to itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.listen.audio import SoundArray
from pipeline.listen.blows import HOP_MS, Envelope, Floats, Shape, fall_ms, peaks, rise_ms, shape_of
from pipeline.records import Span

OVER_FLOOR_DB = 15.0
APART_MS = 60
"""Nobody knocks faster: the fastest of ten clips (DCASE 2013) come 110 ms after one another."""

LONGEST_REST_MS = 500
"""In the clips 110 to 350 ms pass between two blows. People walk at 520 ms a step and slower, and two blows
so far apart are not held to be one knocking."""

LEVEL_DB = 15.0
"""One blow and the next differ by less; of the clips tuned on by at most 13.5."""

ALIKE = 0.8
"""Cosine between the spectra of two blows."""

FEWEST = 2

# Ranges that hold all blows but one of the clips tuned on (every second of ten), and no laughter; speech
# leaves them by its pitch, all else by its spectrum.
LONGEST_RISE_MS = 20
FALL_MS = (32, 180)
LEAST_LOW_DB = -5.0
LEAST_PEAKED_DB = -8.0
MOST_PERIODIC = 0.65


@dataclass(frozen=True)
class Series:
    """Knocks without a longer rest between them. ``level_db`` is of the loudest, re full scale;
    ``likeness`` the mean cosine between one blow and the next.
    """

    span: Span
    blows: int
    level_db: float
    likeness: float


@dataclass(frozen=True)
class _Blow:
    at_ms: int
    level_db: float
    shape: Shape


def knocks(
    samples: SoundArray, envelope: Envelope, levels: Floats, floor_db: float
) -> list[Series]:
    """Series of knocks in one channel, shape (n,), 16 kHz.

    ``levels`` are the envelope's, minus infinity where nothing is to be looked for; ``floor_db`` is the
    line's noise.
    """
    blows: list[_Blow] = []
    for frame in peaks(levels, floor_db + OVER_FLOOR_DB, APART_MS):
        if not _is_short(envelope, int(frame)):
            continue
        shape = shape_of(samples, envelope, int(frame))
        if _is_knock(shape):
            blows.append(_Blow(int(frame) * HOP_MS, float(levels[frame]), shape))
    return [_series(run) for run in _runs(blows) if len(run) >= FEWEST]


def _is_short(envelope: Envelope, frame: int) -> bool:
    """Looked at first: spectra cost more."""
    shortest, longest = FALL_MS
    return (
        rise_ms(envelope.levels_db, frame) <= LONGEST_RISE_MS
        and shortest <= fall_ms(envelope.power, frame) <= longest
    )


def _is_knock(shape: Shape) -> bool:
    return (
        shape.low_db >= LEAST_LOW_DB
        and shape.flatness_db <= LEAST_PEAKED_DB
        and shape.periodicity <= MOST_PERIODIC
    )


def _runs(blows: list[_Blow]) -> list[list[_Blow]]:
    """Blows that follow one another soon and sound alike."""
    runs: list[list[_Blow]] = []
    for blow in blows:
        if runs and _goes_on(runs[-1][-1], blow):
            runs[-1].append(blow)
        else:
            runs.append([blow])
    return runs


def _goes_on(before: _Blow, after: _Blow) -> bool:
    return (
        after.at_ms - before.at_ms <= LONGEST_REST_MS
        and abs(after.level_db - before.level_db) <= LEVEL_DB
        and _alike(before, after) >= ALIKE
    )


def _alike(one: _Blow, other: _Blow) -> float:
    return float(np.dot(one.shape.bands, other.shape.bands))


def _series(blows: list[_Blow]) -> Series:
    last = blows[-1]
    return Series(
        span=Span(max(0, blows[0].at_ms - blows[0].shape.rise_ms), last.at_ms + last.shape.fall_ms),
        blows=len(blows),
        level_db=max(blow.level_db for blow in blows),
        likeness=round(float(np.mean([_alike(a, b) for a, b in pairwise(blows)])), 2),
    )
