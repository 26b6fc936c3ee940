"""How each utterance was spoken: level, pitch, spectral tilt, spectral flux, rate.

Measured on voiced frames only, so that pauses inside an utterance do not make it quieter. Nothing is
judged here; the judge compares these with the same speaker's other utterances.

An automatic gain on the line hides how loud a voice was, but not what it did to voice and noise alike:
the level over the noise right around an utterance stays, and so does whatever is measured within a
frame (32 ms, in which no gain moves much).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SAMPLE_RATE, FloatArray, SoundArray
from pipeline.listen.windows import piece_of
from pipeline.records import Span, Utterance, Voice
from pipeline.trust import checked_bytes, installed_file
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

UPPER_BAND_HZ = (2000.0, 3400.0)
"""For the tilt of each frame. Of the bands tried on CASIA in the telephone band this parts acted anger
from acted surprise, as loud and as high, best: AUC 0.82 and 0.84 (wangzhe, liuchanhg), 1-3.4 kHz 0.74."""

SHAPE_BANDS = 11
"""Bands of equal ratio over 0.3-3.4 kHz whose levels are a spectrum's shape, about third octaves. Fewer
tell acted anger from neutral less well: AUC 0.98 and 0.95 with 11, 0.93 with 6, 0.86-0.90 with 4."""

FLOOR_REACH_MS = 200
"""How far beside an utterance the line's noise is looked for: an automatic gain that lets go within 1-2 s
has moved little by then."""

FLOOR_FRAME_MS = 20
FLOOR_SHARE = 0.1
"""The quietest tenth of what is in reach is noise: gaps between words, and the pauses around."""

LONGEST_FLOOR_MS = 300
"""But no more than this: a long utterance without a pause has no noise but what lies at its two ends."""

PACKAGE, MODEL = "swift_f0", "model.onnx"
SHA256 = "6385e8c2ebc3872e82c9ff5946228de44cd3be77a750ea53698b7dbfe94b0a22"
"""Of the model in the wheel of swift-f0 0.3.0."""

LOWEST_FLOOR_DB = -72.0
"""The finest step of G.711; what lies under it is no noise of the line's."""


class Prosody:
    """The pitch model, loaded once."""

    def __init__(self, threads: int = 1) -> None:
        """Check the model of swift-f0, and load it.

        Raises:
            WeightsError: it cannot be read, or is not that of the version callqa asks for.
        """
        model = _checked_model()
        from swift_f0 import SwiftF0

        self._pitch = SwiftF0(threads=threads)
        # the same model, run as SwiftF0 runs it, but for what each run took being given back
        self._pitch.session = _frugal_session(model, threads)

    def measure(
        self, utterance: Utterance, index: int, speech: tuple[Span, ...], samples: SoundArray
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
        spectrum = _spectrum(sound)
        count = min(len(spectrum.power), len(found.pitch_hz))
        power = spectrum.power[:count]
        voiced = np.asarray(found.confidence[:count] >= VOICED)
        chosen = voiced & (power > power.max() * 10 ** (-WITHIN_DB / 10))
        if int(chosen.sum()) < FEWEST_FRAMES:
            return None
        pitch = np.asarray(found.pitch_hz[:count])[chosen]
        seconds = sum(span.duration_ms for span in spans) / 1000
        low, high, upper, shape = (
            part[:count] for part in (spectrum.low, spectrum.high, spectrum.upper, spectrum.shape)
        )
        level_db = _db(float(power[chosen].mean()))
        return Voice(
            utterance=index,
            level_db=level_db,
            f0_median_hz=round(float(np.median(pitch)), 1),
            f0_p90_hz=round(float(np.percentile(pitch, 90)), 1),
            tilt_db=round(_db(float(high[chosen].sum())) - _db(float(low[chosen].sum())), 2),
            rate=round(len(normalise(utterance.text).text) / seconds, 2),
            f0_range_st=round(_semitones(pitch), 2),
            over_floor_db=round(level_db - _floor_db(samples, utterance.span), 2),
            upper_tilt_db=round(float((_dbs(upper) - _dbs(low))[chosen].mean()), 2),
            flux_db=_flux_db(shape, chosen),
        )

    def voiced_share(self, samples: SoundArray, span: Span) -> float:
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


@dataclass(frozen=True, slots=True)
class _Spectrum:
    """Of each frame: mean power, power in three bands, and the levels of the shape bands in dB.

    Shape (frames,), ``shape`` (frames, ``SHAPE_BANDS``).
    """

    power: NDArray[np.float64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    upper: NDArray[np.float64]
    shape: NDArray[np.float64]


def _spectrum(sound: FloatArray) -> _Spectrum:
    frames = np.lib.stride_tricks.sliding_window_view(sound, FRAME)[::HOP]
    bins = np.abs(np.fft.rfft(frames * np.hanning(FRAME))) ** 2
    hz = np.fft.rfftfreq(FRAME, 1 / SAMPLE_RATE)
    low, high, upper = (
        bins[:, (hz >= band[0]) & (hz < band[1])].sum(1)
        for band in (LOW_BAND_HZ, HIGH_BAND_HZ, UPPER_BAND_HZ)
    )
    edges = np.searchsorted(hz, np.geomspace(LOW_BAND_HZ[0], HIGH_BAND_HZ[1], SHAPE_BANDS + 1))
    shape = np.add.reduceat(bins[:, : edges[-1]], edges[:-1], axis=1)
    return _Spectrum(np.square(frames, dtype=np.float64).mean(1), low, high, upper, _dbs(shape))


def _flux_db(shape: NDArray[np.float64], chosen: NDArray[np.bool_]) -> float:
    """Mean change of the spectrum's shape between neighbouring frames that are both voiced.

    Each frame is levelled first, so that no change of gain counts. Quick, forceful articulation and a
    high voice, whose harmonics wander through the bands, both raise it.
    """
    level = shape - shape.mean(1, keepdims=True)
    both = chosen[1:] & chosen[:-1]
    return round(float(np.abs(np.diff(level, axis=0))[both].mean()), 3) if both.any() else 0.0


def _floor_db(samples: SoundArray, span: Span) -> float:
    """The level of the noise around an utterance, re full scale."""
    sound = piece_of(samples, span.padded(FLOOR_REACH_MS, FLOOR_REACH_MS))
    size = FLOOR_FRAME_MS * SAMPLE_RATE // 1000
    frames = sound[: sound.size // size * size].reshape(-1, size)
    power = np.square(frames, dtype=np.float64).mean(1)
    noise = min(round(FLOOR_SHARE * power.size), LONGEST_FLOOR_MS // FLOOR_FRAME_MS)
    return max(LOWEST_FLOOR_DB, _db(float(np.partition(power, noise)[noise])))


def _at_rms(sound: FloatArray, rms: float) -> FloatArray:
    """The sound at a given level; silence stays silence."""
    own = float(np.sqrt(np.square(sound, dtype=np.float64).mean()))
    return np.asarray(sound * (rms / own if own else 1.0), np.float32)


def _db(power: float) -> float:
    return round(10 * float(np.log10(power + 1e-12)), 2)


def _dbs(power: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(10 * np.log10(power + 1e-12))


def _frugal_session(model: Path, threads: int) -> Any:
    """A session without a pool of its own, which would keep 90 MB of what a run took, and is no faster."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.enable_cpu_mem_arena = False
    return onnxruntime.InferenceSession(str(model), options, ["CPUExecutionProvider"])


def _checked_model() -> Path:
    path = installed_file(PACKAGE, MODEL)
    checked_bytes(path, SHA256, "install the swift-f0 version that pyproject.toml names")
    return path
