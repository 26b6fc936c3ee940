"""Keys pressed on a telephone: one low and one high line at once (ITU-T Q.23, received as in Q.24)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.records import Span

LOW_HZ = (697.0, 770.0, 852.0, 941.0)
HIGH_HZ = (1209.0, 1336.0, 1477.0, 1633.0)

FRAME = 640
"""40 ms, the shortest key Q.24 asks a receiver to hear; tells 697 from 770 Hz."""
HOP = 160
HOP_MS = 10
PURITY = 0.8
"""Share of the energy in the two lines. Noise 15 dB below leaves 0.97; a vowel has more than two."""
TWIST_DB = 10.0
"""Q.24 allows 4 to 8 dB between the lines, codecs and lines a little more."""
FAINTEST_DBFS = -45.0
FEWEST_FRAMES = 3
JOIN_FRAMES = 2
BLOCK = 6_000


def keys(samples: FloatArray) -> tuple[Span, ...]:
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


def _keys(samples: FloatArray) -> list[NDArray[np.int64]]:
    """The key of each frame, block by block: 0 to 15, or -1 for none."""
    padded = np.pad(samples, FRAME // 2)
    if not samples.size:
        return []
    frames = np.lib.stride_tricks.sliding_window_view(padded, FRAME)[::HOP]
    window = np.hanning(FRAME).astype(np.float32)
    time_s = np.arange(FRAME) / SAMPLE_RATE
    hz = np.array(LOW_HZ + HIGH_HZ)
    sines = np.exp(-2j * np.pi * time_s[:, None] * hz).astype(np.complex64)
    found = []
    for first in range(0, len(frames), BLOCK):
        windowed = frames[first : first + BLOCK] * window
        lines = 2 * np.abs(windowed @ sines) ** 2 / window.sum() ** 2
        total = np.square(windowed).sum(1) / np.square(window).sum() + 1e-12
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
