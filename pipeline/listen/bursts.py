"""Bursts of steady tone: stretches whose energy stands in one or two spectral lines that do not move.

A burst is known by the shape of its spectrum between 300 and 700 Hz. A generator holds that shape
for as long as it sounds and comes back with the same; a voice, a note and noise do not. One line
(450 Hz), two (440 + 480, 480 + 620) and a modulated one (400 Hz by 16 Hz) are all one shape.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SAMPLE_RATE, SoundArray
from pipeline.listen.spectrum import powers
from pipeline.records import Span

Floats = NDArray[np.float64]

FRAME = 2048
"""128 ms: tells 440 from 480 Hz, and holds two swings of a 16 Hz modulation."""
HOP = 320
HOP_MS = 20
BLOCK = 3_000
"""Frames (a minute) of which temporary copies are made at a time."""

HEARD_HZ = (180.0, 3_400.0)
"""What a tone's energy is held against: a telephone's band, down to the pitch of most voices."""
SHAPE_HZ = (300.0, 700.0)
LINES_HZ = (330.0, 650.0)
"""Every ring, busy and disconnect tone of ITU-T E.180 Supplement 2 lies in this band."""


def _bins(band_hz: tuple[float, float]) -> slice:
    """The bins of a spectrum that lie in a band."""
    resolution = SAMPLE_RATE / FRAME
    return slice(ceil(band_hz[0] / resolution), floor(band_hz[1] / resolution) + 1)


SHAPE_BINS = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE)[_bins(SHAPE_HZ)]
"""Hz of each bin of a shape, shape (51,)."""

LINE_BINS = 3
"""Bins to each side of a line (23 Hz) that its window, and a 16-20 Hz modulation, spread it over."""

PURITY = 0.72
"""Share of a frame's energy in its two strongest lines. A square wave, a tone wholly clipped, keeps
0.81; noise 15 dB below leaves 0.97 on the average and 0.8 where babble peaks."""

MEAN_PURITY = 0.8
FAINTEST_DBFS = -55.0
ALIKE = 0.9
"""Cosine between two spectral shapes. A line that moves by 5 Hz falls to 0.85."""

FEWEST_FRAMES = 3
LINE_FLOOR = 0.02
"""Share of the strongest bin from which a bin belongs to a line."""

SHORTEST_MS = 120
"""Fast busy tones are on for 0.2-0.25 s (E.180: 0.1-0.66)."""
EDGE_DB = 6.0
"""A window half full of tone is this far below a full one: where the tone begins."""
SWELL_DB = 5.0
PARTLY = FRAME // HOP // 2
"""Frames at a burst's edge whose window is not yet full of it."""
PURE_SHARE = 0.5
"""Of a burst this much must be pure; the rest may lie under a voice."""
GROWN_MS = 400
"""How far a tone is followed under a voice that has begun over it."""
UNSTEADY_DB = 1.0
"""Standard deviation of a burst's level between its edges. Measured on composed tones with noise 15 dB
below: at most 0.7 (a 16 Hz modulation); 1.3 and more in notes of music that last 0.3 s or longer."""
WOBBLE_HZ = 1.5
"""Standard deviation of its strongest line. Measured likewise: at most 0.3. Of the stretches of speech
that are as level (CASIA, zh_tw, samples: 2,700 s) none that lasts 0.26 s stays below."""
JOIN_MS = 60
SAME_LEVEL_DB = 6.0
"""A generator's bursts differ by less, unless the recorder's gain control moves between them."""


@dataclass(frozen=True)
class Spectra:
    """One channel in frames of :data:`FRAME` samples every :data:`HOP`.

    ``shapes``: power in the bins of :data:`SHAPE_HZ`, shape (frames, bins); ``total``: power in
    :data:`HEARD_HZ`, shape (frames,), both of a Hann window.
    """

    shapes: Floats
    total: Floats


@dataclass(frozen=True)
class Burst:
    """A stretch of one tone. ``shape`` is its spectrum as amplitudes of length 1, one for each of
    :data:`SHAPE_BINS`; ``level_db`` is re full scale.
    """

    span: Span
    shape: tuple[float, ...]
    level_db: float

    def sounds_like(self, other: Burst) -> bool:
        """Whether one generator made both."""
        same_level = abs(self.level_db - other.level_db) <= SAME_LEVEL_DB
        return same_level and float(np.dot(self.shape, other.shape)) >= ALIKE


def bursts(samples: SoundArray) -> tuple[Burst, ...]:
    """Bursts of tone in one channel, shape (n,), 16 kHz, in order of time."""
    spectra = _spectra(samples)
    found: list[Burst] = []
    for first, last in _seeds(spectra):
        burst = _burst(spectra, first, last)
        if burst is None:
            continue
        if found and _goes_on(found[-1], burst):
            before = found.pop()
            end_ms = max(before.span.end_ms, burst.span.end_ms)
            burst = replace(before, span=Span(before.span.start_ms, end_ms))
        elif found and found[-1].span.overlap_ms(burst.span):
            burst = max(found.pop(), burst, key=lambda one: one.span.duration_ms)
        found.append(burst)
    return tuple(one for one in found if one.span.duration_ms >= SHORTEST_MS)


def _goes_on(before: Burst, after: Burst) -> bool:
    return after.span.start_ms - before.span.end_ms <= JOIN_MS and before.sounds_like(after)


def _spectra(samples: SoundArray) -> Spectra:
    """The frames of a channel; one that starts or ends within a tone is heard to its edge."""
    count = samples.size // HOP + 1 if samples.size else 0
    heard = _bins(HEARD_HZ)
    in_shape = slice(_bins(SHAPE_HZ).start - heard.start, _bins(SHAPE_HZ).stop - heard.start)
    scale = 2.0 / (np.hanning(FRAME).sum() ** 2)
    shapes = np.zeros((count, SHAPE_BINS.size))
    total = np.zeros(count)
    if count:
        for first, power in powers(samples, FRAME, HOP, heard, FRAME // 2):
            shapes[first : first + len(power)] = power[:, in_shape]
            total[first : first + len(power)] = power.sum(1)
    shapes *= scale
    return Spectra(shapes, total * scale + 1e-12)


def _seeds(spectra: Spectra) -> list[tuple[int, int]]:
    """Runs ``[first, last)`` of pure frames that keep one shape."""
    loud = 10 * np.log10(spectra.total) > FAINTEST_DBFS
    purity = [
        _purity(Spectra(spectra.shapes[first:][:BLOCK], spectra.total[first:][:BLOCK]))
        for first in range(0, len(loud), BLOCK)
    ]
    pure = np.flatnonzero(loud & (np.concatenate([np.zeros(0), *purity]) >= PURITY))
    runs = np.split(pure, np.flatnonzero(np.diff(pure) > 1) + 1) if pure.size else []
    found: list[tuple[int, int]] = []
    for run in runs:
        found += _of_one_shape(spectra, int(run[0]), int(run[-1]) + 1)
    return found


def _purity(spectra: Spectra) -> Floats:
    """Share of each frame's energy in its two strongest lines, shape (frames,)."""
    shapes = spectra.shapes.copy()
    rows = np.arange(len(shapes))[:, None]
    low, high = LINES_HZ
    in_band = np.array([low <= hz <= high for hz in SHAPE_BINS])
    inside = np.zeros(len(shapes))
    for _ in range(2):
        peak = np.argmax(np.where(in_band, shapes, 0), axis=1)
        around = peak[:, None] + np.arange(-LINE_BINS, LINE_BINS + 1)
        around = np.clip(around, 0, shapes.shape[1] - 1)
        inside += np.take_along_axis(shapes, around, 1).sum(1)
        shapes[rows, around] = 0
    return np.asarray(inside / spectra.total)


def _of_one_shape(spectra: Spectra, first: int, last: int) -> list[tuple[int, int]]:
    """Parts of a run whose frames look like the mean of those before."""
    parts: list[tuple[int, int]] = []
    start, mean = first, _unit(spectra.shapes[first])
    for frame in range(first + 1, last + 1):
        if frame < last:
            here = _unit(spectra.shapes[frame])
            if float(here @ mean) / (float(np.linalg.norm(mean)) + 1e-12) >= ALIKE:
                mean = mean + here
                continue
        if frame - start >= FEWEST_FRAMES:
            parts.append((start, frame))
        if frame < last:
            start, mean = frame, here
    return parts


def _unit(shape: Floats) -> Floats:
    """A shape as amplitudes of length 1."""
    amplitude = np.sqrt(shape)
    return np.asarray(amplitude / (np.linalg.norm(amplitude) + 1e-12))


def _burst(spectra: Spectra, first: int, last: int) -> Burst | None:
    """The burst around a seed, followed outwards to where its lines fade; ``None`` for an unsteady one."""
    mean = spectra.shapes[first:last].mean(0)
    lines = mean > mean.max() * LINE_FLOOR
    reach = min(GROWN_MS // HOP_MS, last - first + FRAME // HOP)
    before, after = max(0, first - reach), min(len(spectra.total), last + reach)
    level = 10 * np.log10(spectra.shapes[before:after, lines].sum(1) + 1e-12)
    plateau = float(np.median(level[first - before : last - before]))
    sounding = (level >= plateau - EDGE_DB) & (level <= plateau + SWELL_DB)
    start, end = first, last
    while start < last and not sounding[start - before]:
        start += 1
    while end > start and not sounding[end - 1 - before]:
        end -= 1
    while start > before and sounding[start - 1 - before]:
        start -= 1
    while end < after and sounding[end - before]:
        end += 1
    full = slice(max(first, start + PARTLY), min(last, end - PARTLY))
    if full.stop - full.start < max(1, PURE_SHARE * (end - start - 2 * PARTLY)):
        return None
    swing_db = float(np.std(level[full.start - before : full.stop - before]))
    purity = float(_purity(Spectra(spectra.shapes[full], spectra.total[full])).mean())
    wobble = _wobble_hz(spectra.shapes[full])
    if purity < MEAN_PURITY or swing_db > UNSTEADY_DB or wobble > WOBBLE_HZ:
        return None
    shape = _unit(spectra.shapes[full].mean(0))
    return Burst(Span(start * HOP_MS, end * HOP_MS), tuple(map(float, shape)), plateau)


def _wobble_hz(shapes: Floats) -> float:
    """How far the strongest line of some frames moves: a standard deviation."""
    peak = int(np.argmax(shapes.mean(0)))
    around = np.arange(max(0, peak - 2), min(shapes.shape[1], peak + 3))
    near = shapes[:, around]
    return float(np.std((near * around).sum(1) / (near.sum(1) + 1e-12)) * SAMPLE_RATE / FRAME)
