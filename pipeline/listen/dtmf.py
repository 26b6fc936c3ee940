"""Keys pressed on a telephone: one low and one high line at once (ITU-T Q.23, received as in Q.24)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SAMPLE_RATE, FloatArray, SoundArray
from pipeline.listen.spectrum import stretch
from pipeline.records import Span

LOW_HZ = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ = (1209.0, 1336.0, 1477.0, 1633.0)

FRAME = 640
"""40 ms, the shortest key Q.24 asks a receiver to hear; tells 697 from 770 Hz."""
HOP = 160
HOP_MS = 10
STEPS = FRAME // HOP
PURITY = 0.8
"""Share of the energy in the two lines. Noise 15 dB below leaves 0.97; a vowel has more than two."""
TWIST_DB = 10.0
"""Q.24 allows 4 to 8 dB between the lines, codecs and lines a little more."""
FAINTEST_DBFS = -45.0
FEWEST_FRAMES = 3
JOIN_FRAMES = 2
BLOCK = 6_000


def keys(samples: SoundArray) -> tuple[Span, ...]:
    """When keys are pressed in one channel, shape (n,), 16 kHz; a span for each key."""
    key = np.concatenate([np.zeros(0, np.int64), *_keys(samples)])
    found: list[tuple[int, int, int]] = []
    for change in np.split(np.arange(key.size), np.flatnonzero(np.diff(key)) + 1):
        if change.size < FEWEST_FRAMES or key[change[0]] < 0:
            continue
        first, last, which = int(change[0]), int(change[-1]), int(key[change[0]])
        if found and found[-1][2] == which and first - found[-1][1] <= JOIN_FRAMES + 1:
            first = found.pop()[0]
        found.append((first, last, which))
    return tuple(Span(first * HOP_MS, (last + 1) * HOP_MS) for first, last, _ in found)


def _keys(samples: SoundArray) -> list[NDArray[np.int64]]:
    """The key of each frame, block by block: 0 to 15, or -1 for none."""
    count = samples.size // HOP + 1 if samples.size else 0
    found = []
    for first in range(0, count, BLOCK):
        start, frames = first * HOP - FRAME // 2, min(BLOCK, count - first)
        lines, total = _lines(stretch(samples, start, start + (frames + STEPS - 1) * HOP))
        low, high = lines[:, :4], lines[:, 4:]
        strong = np.maximum(low.max(1), 1e-12), np.maximum(high.max(1), 1e-12)
        twist_db = np.abs(10 * np.log10(strong[0] / strong[1]))
        pressed = (
            (strong[0] + strong[1] >= PURITY * total)
            & (twist_db <= TWIST_DB)
            & (10 * np.log10(total) > FAINTEST_DBFS)
        )
        key = low.argmax(1) * 4 + high.argmax(1)
        found.append(np.where(pressed, key, -1))
    return found


def _lines(samples: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Power of each frame at each of the eight pitches, shape (frames, 8), and of all of it.

    Frames overlap by three hops of four, so each hop is multiplied once with what it may come to
    in each of four frames.
    """
    window = np.hanning(FRAME).astype(np.float32)
    turns = 2 * np.pi / SAMPLE_RATE * np.arange(FRAME)[:, None] * np.array(LOW_HZ + HIGH_HZ)
    waves = window[:, None] * np.concatenate([np.cos(turns), np.sin(turns)], 1)
    hops = samples.reshape(-1, HOP)
    parts = _summed(hops @ _beside(waves.astype(np.float32)))
    lines = 2 * (parts[:, :8] ** 2 + parts[:, 8:] ** 2) / window.sum() ** 2
    energy = _summed(np.square(hops) @ _beside(np.square(window)[:, None]))[:, 0]
    return lines, energy / np.square(window).sum() + np.float32(1e-12)


def _beside(of_frame: FloatArray) -> FloatArray:
    """Shape (FRAME, n) as (HOP, STEPS * n): what a frame's first hop is held against, then its second."""
    return np.concatenate(np.split(of_frame, STEPS), 1)


def _summed(products: FloatArray) -> FloatArray:
    """Those of the hops of each frame: (hops, STEPS * n) to (frames, n)."""
    parts = np.split(products, STEPS, 1)
    frames = len(products) - STEPS + 1
    return np.asarray(sum(part[step : step + frames] for step, part in enumerate(parts)))
