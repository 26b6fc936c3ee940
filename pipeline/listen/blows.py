"""Blows in a channel: where its level jumps, and the shape of what jumps.

A blow is a thing struck: a handset on its cradle, a knuckle on a door, a drawer shut, keys dropped. It is
there within a few milliseconds and dies away by itself. Everything is measured in the telephone band and
against the blow's own peak or the channel's own speech, so that neither the line's loudness nor its
bandwidth matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SAMPLE_RATE, SoundArray
from pipeline.listen.spectrum import powers
from pipeline.records import Span

Floats = NDArray[np.float64]

FRAME = 128
HOP = 64
HOP_MS = HOP * 1000 // SAMPLE_RATE
"""Frames of 8 ms every 4 ms: the rise of a blow is seen, a single sample's spike is not."""

BAND_HZ = (250.0, 3_450.0)
LOW_HZ = (300.0, 800.0)
BANDS_HZ = np.arange(300.0, 3_500.0, 100.0)
"""Edges of the 31 bands that flatness and likeness are reckoned in."""

BEFORE_MS, AFTER_MS = 40, 140
"""What of a blow its spectrum is taken of."""
VOICED_MS = (10, 70)
"""The same for its periodicity: after 70 ms a room echoes."""
TRANSFORM = 4096
PITCH_LAGS = slice(SAMPLE_RATE // 400, SAMPLE_RATE // 67)
"""Periods of voices, 67 to 400 Hz."""

FALL_DB = 20.0
LONGEST_FALL_MS = 480
SMOOTH = 5
JUMP_DB = 15.0
LONGEST_RISE_MS = 100
CORE_MS = (40, 80)
LATER_MS = 500
FAINTEST = 1e-11
"""-110 dB re full scale: the foot of digital silence."""


@dataclass(frozen=True)
class Envelope:
    """The level of one channel. ``power``: shape (frames,), mean square in :data:`BAND_HZ` re full scale;
    ``levels_db`` the same in decibels.
    """

    power: Floats
    levels_db: Floats

    def within(self, spans: tuple[Span, ...]) -> NDArray[np.bool_]:
        """Which frames have their middle in one of the spans."""
        inside = np.zeros(self.levels_db.size, dtype=np.bool_)
        for span in spans:
            inside[-(-span.start_ms // HOP_MS) : -(-span.end_ms // HOP_MS)] = True
        return inside


@dataclass(frozen=True)
class Shape:
    """What one blow looks like, whatever its loudness.

    ``rise_ms``: from 15 dB below the peak to the peak; ``fall_ms``: from there to 20 dB below; ``low_db``:
    the power of 300-800 Hz in the whole band's; ``flatness_db``: geometric over arithmetic mean of the
    power of 31 bands, 0 where all are equal; ``periodicity``: 0 to 1, how well it repeats at the period of
    some voice; ``later_db``: what sounds from 80 to 500 ms after it over the blow itself; ``bands``: the
    share of each band as amplitudes of length 1, shape (31,).
    """

    rise_ms: int
    fall_ms: int
    low_db: float
    flatness_db: float
    periodicity: float
    later_db: float
    bands: Floats


def envelope_of(samples: SoundArray) -> Envelope:
    """The level of a channel, shape (n,), 16 kHz, every :data:`HOP_MS`."""
    window = np.hanning(FRAME)
    scale = 2.0 / (FRAME * float(np.square(window).sum()))
    hz = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE)
    band = slice(*np.searchsorted(hz, BAND_HZ))
    found = [part.sum(1) for _, part in powers(samples, FRAME, HOP, band, FRAME // 2)]
    power = np.concatenate([np.zeros(0), *found]) * scale
    power += FAINTEST
    return Envelope(power, 10 * np.log10(power))


def peaks(levels_db: Floats, least_db: float, apart_ms: int) -> NDArray[np.intp]:
    """Frames at least so loud, none louder within ``apart_ms``, in order of time."""
    reach = apart_ms // HOP_MS
    padded = np.pad(levels_db, reach, constant_values=-np.inf)
    loud = levels_db >= least_db
    top = levels_db >= np.maximum(padded[reach - 1 : -reach - 1], padded[reach + 1 :][: loud.size])
    found = np.flatnonzero(loud & top)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray(found[levels_db[found] >= around[found].max(1)])


def shape_of(samples: SoundArray, envelope: Envelope, frame: int) -> Shape:
    """The shape of the blow whose peak is at a frame. ``samples``: the channel, shape (n,), 16 kHz."""
    spectrum, hz = _spectrum(samples, frame, -BEFORE_MS, AFTER_MS)
    low, whole = (_power(spectrum, hz, band) for band in (LOW_HZ, (BANDS_HZ[0], BANDS_HZ[-1])))
    bands = np.add.reduceat(spectrum, np.searchsorted(hz, BANDS_HZ))[:-1] + FAINTEST
    before, after = CORE_MS
    core = _sum(envelope, frame, -before, after)
    return Shape(
        rise_ms=rise_ms(envelope.levels_db, frame),
        fall_ms=fall_ms(envelope.power, frame),
        low_db=_db(low / whole),
        flatness_db=_db(float(np.exp(np.log(bands).mean()) / bands.mean())),
        periodicity=_periodicity(samples, frame),
        later_db=_db(_sum(envelope, frame, after, LATER_MS) / core),
        bands=np.asarray(np.sqrt(bands / bands.sum())),
    )


def _db(ratio: float) -> float:
    return float(10 * np.log10(ratio + 1e-6))


def rise_ms(levels_db: Floats, frame: int) -> int:
    """From :data:`JUMP_DB` below a frame to it, at most :data:`LONGEST_RISE_MS`."""
    before = levels_db[max(0, frame - LONGEST_RISE_MS // HOP_MS) : frame][::-1]
    far = np.flatnonzero(before < levels_db[frame] - JUMP_DB)
    return (int(far[0]) + 1) * HOP_MS if far.size else LONGEST_RISE_MS


def fall_ms(power: Floats, frame: int) -> int:
    """From a frame to :data:`FALL_DB` below it, smoothed over 20 ms: one gap between two waves of a rattle
    is no end.
    """
    after = np.pad(power[max(0, frame - SMOOTH // 2) : frame + LONGEST_FALL_MS // HOP_MS], SMOOTH)
    smooth = np.convolve(after, np.ones(SMOOTH) / SMOOTH, "same")[
        SMOOTH + min(frame, SMOOTH // 2) :
    ]
    quiet = np.flatnonzero(smooth < smooth[0] * 10 ** (-FALL_DB / 10))
    return min(LONGEST_FALL_MS, int(quiet[0]) * HOP_MS) if quiet.size else LONGEST_FALL_MS


def _sum(envelope: Envelope, frame: int, start_ms: int, end_ms: int) -> float:
    first, last = (max(0, frame + ms // HOP_MS) for ms in (start_ms, end_ms))
    return float(envelope.power[first:last].sum())


def _piece(samples: SoundArray, frame: int, start_ms: int, end_ms: int) -> Floats:
    """What lies around a frame, windowed; at least one sample long."""
    first, last = (frame * HOP + ms * SAMPLE_RATE // 1000 for ms in (start_ms, end_ms))
    piece = samples[max(0, first) : max(1, last)]
    return np.asarray(piece * np.hanning(piece.size + 2)[1:-1])


def _spectrum(samples: SoundArray, frame: int, start_ms: int, end_ms: int) -> tuple[Floats, Floats]:
    """Power around a frame and the frequencies it is of."""
    transform = np.fft.rfft(_piece(samples, frame, start_ms, end_ms), TRANSFORM)
    power = np.asarray(np.abs(transform) ** 2, np.float64)
    return power, np.fft.rfftfreq(TRANSFORM, 1 / SAMPLE_RATE).astype(np.float64)


def _power(spectrum: Floats, hz: Floats, band_hz: tuple[float, float]) -> float:
    first, last = np.searchsorted(hz, band_hz)
    return float(spectrum[first:last].sum()) + FAINTEST


def _periodicity(samples: SoundArray, frame: int) -> float:
    """The highest normalised autocorrelation at the period of a voice, the window's own taken out."""
    start_ms, end_ms = VOICED_MS
    spectrum, hz = _spectrum(samples, frame, -start_ms, end_ms)
    spectrum[(hz < BAND_HZ[0]) | (hz > BAND_HZ[1])] = 0
    own = np.fft.irfft(spectrum)
    size = _piece(samples, frame, -start_ms, end_ms).size
    window = np.fft.irfft(np.abs(np.fft.rfft(np.hanning(size + 2)[1:-1], TRANSFORM)) ** 2)
    repeated = own[PITCH_LAGS] / (own[0] + FAINTEST) / (window[PITCH_LAGS] / window[0] + 1e-3)
    return float(np.clip(repeated.max(), 0, 1))
