"""A telephone that rings in the room: two or more high lines, warbling, that come back unmoved.

A set's ringer differs from the tone a caller hears: it lies between 1 and 3.4 kHz and changes between
its lines ten to thirty times a second. Held against the mean of 0.6 s its spectrum stays the same,
and a few bins hold its energy. Measured at 8 kHz, G.711: eight of DCASE 2013's ten ringing sets are
0.92 to 0.98 like their mean with 0.57 to 0.97 of the energy in twelve bins and 0.85 to 1 of it above
900 Hz; nothing in 1,200 s of speech (CASIA, zh_tw), music, babble and office noises comes near all three.
The other two, mechanical bells with their weight at 500 Hz, are not told from other sounds.
"""

from __future__ import annotations

from itertools import pairwise
from math import ceil

import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SAMPLE_RATE, FloatArray, SoundArray
from pipeline.listen.spectrum import powers, stretch
from pipeline.records import Span, merge_spans

Floats = NDArray[np.float64]

FRAME = 2048
HOP = 640
HOP_MS = 40
LOOK = 15
"""Frames (0.6 s) that must look alike: a syllable never holds so long."""

BAND_HZ = (300.0, 3_400.0)
HIGH_HZ = 900.0
HIGH_SHARE = 0.8
LINES = 12
LINES_SHARE = 0.5
ALIKE = 0.9
ALIKE_PERCENTILE = 20
ONE_LINE = 0.93
"""A share of one line (23 Hz to each side) above this is a test tone or a fax, which does not warble."""
LINE_BINS = 3
FAINTEST_DBFS = -50.0
EDGE_DB = 12.0

JOIN_MS = 300
DOUBLE_MS = 1_200
"""The rest inside a double ring (0.2 to 0.5 s; British telephones, and many an office set) is shorter, that
between two rings at least 2 s (ITU-T E.180). Only where both are met are two bursts one ring."""
SHORTEST_REST_MS = 2_000
SHORTEST_MS = 500
LONGEST_MS = 5_000
"""Sets ring for 1 to 2.5 s at a time; what goes on longer is an alarm."""
BLOCK = 1_500
"""Frames (a minute) looked at together, so that memory stays flat."""


def set_rings(samples: SoundArray) -> tuple[Span, ...]:
    """Each time a set rings in one channel, shape (n,), 16 kHz, in order of time."""
    found: list[Span] = []
    count = samples.size // HOP + 1 if samples.size else 0
    for first in range(0, count, BLOCK - LOOK):
        start, last = first * HOP - FRAME // 2, min(count, first + BLOCK) - 1
        block = _spectra(stretch(samples, start, last * HOP + FRAME // 2))
        found += [
            Span((first + start) * HOP_MS, (first + end) * HOP_MS) for start, end in _alike(block)
        ]
    bursts = merge_spans(found, JOIN_MS)
    rests = [then.start_ms - one.end_ms for one, then in pairwise(bursts)]
    double = rests and min(rests) < DOUBLE_MS and max(rests) >= SHORTEST_REST_MS
    return tuple(
        span
        for span in merge_spans(found, DOUBLE_MS if double else JOIN_MS)
        if SHORTEST_MS <= span.duration_ms <= LONGEST_MS
    )


def _spectra(samples: FloatArray) -> Floats:
    """Power of each frame in the bins of :data:`BAND_HZ`, 1 for a full-scale sine's strongest bin."""
    band = slice(*(ceil(hz * FRAME / SAMPLE_RATE) for hz in BAND_HZ))
    found = [power for _, power in powers(samples, FRAME, HOP, band)]
    return np.asarray(np.concatenate(found) * (4 / np.hanning(FRAME).sum() ** 2), np.float64)


def _alike(power: Floats) -> list[tuple[int, int]]:
    """Stretches ``[first, last)`` of frames in which a set rings."""
    high = ceil((HIGH_HZ - BAND_HZ[0]) * FRAME / SAMPLE_RATE)
    total = power.sum(1)
    found: list[tuple[int, int]] = []
    loud = total > 10 ** (FAINTEST_DBFS / 10)
    above = power[:, high:].sum(1) >= HIGH_SHARE * total
    for start in np.flatnonzero(loud & above):
        stretch = power[start : start + LOOK]
        if len(stretch) == LOOK and _rings(stretch, high):
            found.append(_edges(total, int(start), int(start) + LOOK))
    return found


def _rings(stretch: Floats, high: int) -> bool:
    """Whether 0.6 s of frames are few high lines that keep their place and are more than one."""
    level = stretch.sum(1)
    if np.percentile(level, ALIKE_PERCENTILE) < level.max() * 10 ** (-EDGE_DB / 10):
        return False
    mean = stretch.mean(0)
    whole, upper = mean.sum(), mean[high:]
    if upper.sum() < HIGH_SHARE * whole or np.sort(upper)[-LINES:].sum() < LINES_SHARE * whole:
        return False
    peak = int(np.argmax(upper))
    line = upper[max(0, peak - LINE_BINS) : peak + LINE_BINS + 1].sum()
    if line > ONE_LINE * upper.sum():
        return False
    unit = _smooth(np.sqrt(stretch[:, high:]))
    middle = unit.mean(0)
    likeness = unit @ middle / (float(np.linalg.norm(middle)) + 1e-12)
    return float(np.percentile(likeness, ALIKE_PERCENTILE)) >= ALIKE


def _smooth(amplitude: Floats) -> Floats:
    """Each row spread over its neighbours, so that a warble's sidebands meet, and of length 1."""
    wide = amplitude.copy()
    wide[:, 1:] += amplitude[:, :-1] / 2
    wide[:, :-1] += amplitude[:, 1:] / 2
    return np.asarray(wide / (np.linalg.norm(wide, axis=1, keepdims=True) + 1e-12))


def _edges(total: Floats, first: int, last: int) -> tuple[int, int]:
    """The stretch without frames at its ends that are far below it."""
    loud = np.flatnonzero(total[first:last] >= total[first:last].max() * 10 ** (-EDGE_DB / 10))
    return first + int(loud[0]), first + int(loud[-1]) + 1
