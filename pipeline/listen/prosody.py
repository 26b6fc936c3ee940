"""How each utterance was spoken: level, pitch, spectral tilt, rate.

Measured on voiced frames only, so that pauses inside an utterance do not make it quieter. Nothing is
judged here; the judge compares these with the same speaker's other utterances.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from swift_f0 import SwiftF0

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.windows import piece_of
from pipeline.records import Span, Utterance, Voice
from pipeline.wording.normalise import normalise

FRAME = 512
HOP = 256
"""swift-f0 gives a pitch every 256 samples (16 ms); the spectrum is taken at the same places."""

PITCH_HZ = (65.0, 600.0)
"""From a low man's creak to a shout of a high voice."""

VOICED = 0.5
"""swift-f0's confidence, at its own limit for voiced. The telephone band takes the fundamental away and
confidence with it, but not rightness: at 0.5, of 11 000 frames of CASIA (two speakers; neutral, angry,
surprise; 300-3400 Hz, G.711, noise 20 dB below) 0.1 % lie more than a semitone from the wide-band
pitch. At 0.8, 42 of wangzhe's 50 angry sentences keep too few frames, and what is kept is the clearest
vowels. tests/bench/raised_voice.py prints both."""

PITCH_RMS = 0.05
"""Level at which pitch is looked for, re full scale: a louder line must not change it."""

WITHIN_DB = 30.0
"""Frames this far under the loudest are an echo, another voice, or noise."""

FEWEST_FRAMES = 12
"""About 0.2 s of voiced sound: fewer give no stable median."""

CONTEXT_MS = 100
"""Looked at on both sides of a short sound: swift-f0 sees more than one frame at a time."""

LOW_BAND_HZ = (300.0, 1000.0)
HIGH_BAND_HZ = (1000.0, 3400.0)
"""Vocal effort lifts the upper half of the telephone band against the lower (Traunmüller and
Eriksson 2000)."""


class Prosody:
    """The pitch model, loaded once."""

    def __init__(self, threads: int = 1) -> None:
        self._pitch = SwiftF0(threads=threads)

    def measure(
        self, utterance: Utterance, index: int, speech: tuple[Span, ...], samples: FloatArray
    ) -> Voice | None:
        """The voice of one utterance of one channel (shape (n,), 16 kHz); ``None`` if too short."""
        limits = utterance.span.padded(100, 100)
        spans = [span.clipped(limits) for span in speech if span.overlap_ms(limits)]
        pieces = [piece_of(samples, span) for span in spans]
        sound = np.concatenate(pieces) if pieces else np.zeros(0, np.float32)
        if sound.size < FEWEST_FRAMES * HOP + FRAME:
            return None
        found = self._pitch.detect(
            _at_rms(sound, PITCH_RMS), SAMPLE_RATE, fmin=PITCH_HZ[0], fmax=PITCH_HZ[1]
        )
        power, low, high = _bands(sound)
        count = min(len(power), len(found.pitch_hz))
        voiced = np.asarray(found.confidence[:count] >= VOICED)
        loud = power[:count] > power[:count].max() * 10 ** (-WITHIN_DB / 10)
        chosen = voiced & loud
        if int(chosen.sum()) < FEWEST_FRAMES:
            return None
        pitch = np.asarray(found.pitch_hz[:count])[chosen]
        seconds = sum(span.duration_ms for span in spans) / 1000
        return Voice(
            utterance=index,
            level_db=_db(float(power[:count][chosen].mean())),
            f0_median_hz=round(float(np.median(pitch)), 1),
            f0_p90_hz=round(float(np.percentile(pitch, 90)), 1),
            tilt_db=round(
                _db(float(high[:count][chosen].sum())) - _db(float(low[:count][chosen].sum())), 2
            ),
            rate=round(len(normalise(utterance.text).text) / seconds, 2),
            f0_range_st=round(_semitones(pitch), 2),
        )

    def voiced_share(self, samples: FloatArray, span: Span) -> float:
        """How much of a span of a channel, shape (n,), 16 kHz, has a pitch: 0 to 1."""
        wide = span.padded(CONTEXT_MS, CONTEXT_MS)
        sound = piece_of(samples, wide)
        found = self._pitch.detect(
            _at_rms(sound, PITCH_RMS), SAMPLE_RATE, fmin=PITCH_HZ[0], fmax=PITCH_HZ[1]
        )
        first = (span.start_ms - wide.start_ms) * SAMPLE_RATE // 1000 // HOP
        count = max(1, span.duration_ms * SAMPLE_RATE // 1000 // HOP)
        return float(np.mean(found.confidence[first : first + count] >= VOICED))


def _semitones(pitch_hz: NDArray[np.float32]) -> float:
    """From the 10th to the 90th percentile of pitch: a few frames an octave off do not widen it."""
    low, high = np.percentile(pitch_hz, (10, 90))
    return 12 * float(np.log2(high / low))


def _at_rms(sound: FloatArray, rms: float) -> FloatArray:
    """The sound at a given level; silence stays silence."""
    own = float(np.sqrt(np.square(sound, dtype=np.float64).mean()))
    return np.asarray(sound * (rms / own if own else 1.0), np.float32)


def _bands(
    sound: FloatArray,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean power, and power in the low and the high band, of each frame; each of shape (frames,)."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP]
    spectrum = np.abs(np.fft.rfft(frames * np.hanning(FRAME))) ** 2
    hz = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE)
    low = spectrum[:, (hz >= LOW_BAND_HZ[0]) & (hz < LOW_BAND_HZ[1])].sum(1)
    high = spectrum[:, (hz >= HIGH_BAND_HZ[0]) & (hz < HIGH_BAND_HZ[1])].sum(1)
    power = np.square(frames, dtype=np.float64).mean(1)
    return power, low, high


def _db(power: float) -> float:
    return round(10 * float(np.log10(power + 1e-12)), 2)
