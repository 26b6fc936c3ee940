"""Call-progress tones: ringing and busy signals, told from speech by being one steady pitch.

A tone is a run of frames whose energy sits almost wholly in one or two spectral lines that do not
move. Cadence then names it: ring tones sound for about a second (0.4 s twice in Hong Kong), busy and
disconnect tones for 0.25-0.5 s, again and again (ITU-T E.180 and its table of national tones).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SAMPLE_RATE, FloatArray, level_dbfs
from pipeline.records import Event, Span

FRAME = 1024
"""64 ms: two lines 40 Hz apart (440 + 480 Hz) fall into neighbouring bins and count as one peak."""
HOP = 320
HOP_MS = 20

PEAK_BINS = 3
"""Bins to each side of a spectral line that its window spreads it over."""

PURITY = 0.9
"""Share of a frame's energy in its line. A held vowel has harmonics and stays below 0.8."""

FAINTEST_DBFS = -55.0
TONE_BAND_HZ = (330.0, 650.0)
"""Every national ring, busy and disconnect tone of ITU-T E.180 lies in this band."""

SHORTEST_TONE_MS = 180
DRIFT_HZ = 8.0
"""A tone generator does not move; a held vowel wanders more than this within 0.2 s."""
ANCHOR = 50
"""Frames (1 s) whose middle pitch is the tone's; every later one is held against it."""
UNSTEADY_DB = 3.0
"""Standard deviation of a tone's level. Measured: 0-0.6 dB in real ring tones, 5-14 dB in the vowels
of CASIA and zh_tw that hold one pitch for as long."""

BUSY_ON_MS = 600
BUSY_OFF_MS = 800
BUSY_REPEATS = 3
RING_ON_MS = 350


def call_progress(samples: FloatArray, channel: int) -> tuple[Event, ...]:
    """Ring and busy tones of one channel, shape (n,), 16 kHz, in order of time.

    Each ring burst is one event; a train of busy bursts is one event.
    """
    bursts = _bursts(samples)
    events: list[Event] = []
    index = 0
    while index < len(bursts):
        train = _train(bursts, index)
        if len(train) >= BUSY_REPEATS:
            events.append(
                Event("busy", channel, Span(train[0].start_ms, train[-1].end_ms)),
            )
        else:
            rings = [span for span in train if span.duration_ms >= RING_ON_MS]
            events.extend(Event("ring", channel, span) for span in rings)
        index += len(train)
    return tuple(events)


def _train(bursts: tuple[Span, ...], first: int) -> tuple[Span, ...]:
    """The bursts from ``first`` on that are short and follow each other closely, at least one."""
    end = first + 1
    while (
        end < len(bursts)
        and bursts[end - 1].duration_ms <= BUSY_ON_MS
        and bursts[end].duration_ms <= BUSY_ON_MS
        and bursts[end].start_ms - bursts[end - 1].end_ms <= BUSY_OFF_MS
    ):
        end += 1
    return bursts[first:end]


def _bursts(samples: FloatArray) -> tuple[Span, ...]:
    """Stretches of one steady pitch in the band of call-progress tones."""
    return tuple(
        burst
        for burst in _without_glides(_steady(_line_hz(samples)))
        if burst.duration_ms >= SHORTEST_TONE_MS and _is_level(samples, burst)
    )


@dataclass(frozen=True, slots=True)
class _Steady:
    """A stretch within ``DRIFT_HZ`` of one pitch."""

    span: Span
    hz: float

    def touches(self, other: _Steady) -> bool:
        return other.span.start_ms - self.span.end_ms <= 2 * HOP_MS

    def sounds_as(self, other: _Steady) -> bool:
        return abs(self.hz - other.hz) <= DRIFT_HZ


def _steady(pitch: NDArray[np.float64]) -> list[_Steady]:
    """Stretches of one pitch each, in order; those that touch and sound alike are one."""
    found: list[_Steady] = []
    start = 0
    for frame in range(1, len(pitch) + 1):
        middle = (
            float(np.median(pitch[start : min(frame, start + ANCHOR)])) if pitch[start] else 0.0
        )
        if frame < len(pitch) and abs(pitch[frame] - middle) <= DRIFT_HZ:
            continue
        if pitch[start] > 0:
            end_ms = frame * HOP_MS + FRAME * 1000 // SAMPLE_RATE - HOP_MS
            new = _Steady(Span(start * HOP_MS, end_ms), middle)
            if found and found[-1].touches(new) and found[-1].sounds_as(new):
                new = replace(new, span=Span(found.pop().span.start_ms, end_ms))
            found.append(new)
        start = frame
    return found


def _without_glides(stretches: list[_Steady]) -> tuple[Span, ...]:
    """Those that hold their pitch: a short one that goes on at another pitch is a voice gliding."""
    return tuple(
        one.span
        for index, one in enumerate(stretches)
        if one.span.duration_ms >= RING_ON_MS
        or not any(
            before.touches(after)
            for before, after in pairwise(stretches[max(0, index - 1) : index + 2])
        )
    )


def _is_level(samples: FloatArray, burst: Span) -> bool:
    """Whether the burst holds its level, its first and last frame aside."""
    first = burst.start_ms * SAMPLE_RATE // 1000 + FRAME
    last = burst.end_ms * SAMPLE_RATE // 1000 - FRAME
    levels = [level_dbfs(samples[at : at + HOP]) for at in range(first, last - HOP, HOP)]
    return len(levels) < 2 or float(np.std(levels)) <= UNSTEADY_DB


def _line_hz(samples: FloatArray, block: int = 4096) -> NDArray[np.float64]:
    """Frequency of each frame's single spectral line, 0 where there is none; shape (frames,)."""
    count = max(0, (samples.size - FRAME) // HOP + 1)
    lines = np.zeros(count)
    window = np.hanning(FRAME)
    hz = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE)
    in_band = (hz >= TONE_BAND_HZ[0]) & (hz <= TONE_BAND_HZ[1])
    for first in range(0, count, block):
        frames = np.lib.stride_tricks.sliding_window_view(samples, FRAME)[::HOP][
            first : first + block
        ]
        power = np.abs(np.fft.rfft(frames * window)) ** 2
        total = power[:, hz > 100].sum(1) + 1e-12
        peak = np.argmax(np.where(in_band, power, 0), 1)
        around = peak[:, None] + np.arange(-PEAK_BINS, PEAK_BINS + 1)
        share = np.take_along_axis(power, around, 1).sum(1) / total
        loud = 10 * np.log10(np.mean(np.square(frames), 1) + 1e-12) > FAINTEST_DBFS
        tonal = (share > PURITY) & loud
        centre = (np.take_along_axis(power, around, 1) * hz[around]).sum(1) / (
            np.take_along_axis(power, around, 1).sum(1) + 1e-12
        )
        lines[first : first + block] = np.where(tonal, centre, 0.0)
    return lines
