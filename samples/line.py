"""The telephone line: what a narrow-band line does to a voice, and the sounds of its own.

Pure functions on float32 arrays of shape (samples,) at 8 kHz, full scale 1.0. Levels are in dBov:
decibels under the overload point, 20 log10 of the RMS. Randomness comes from a given generator.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, resample_poly, sosfilt, sosfiltfilt
from voices import Wave

RATE_HZ = 8_000
PASS_BAND_HZ = (300.0, 3_400.0)
BAND_ORDER = 4
SPEECH_DBOV = -26.0
MUSIC_DBOV = -28.0
TONE_DBOV = -21.0
LIMIT_KNEE = 0.5
"""Samples under half of full scale pass the limiter untouched."""
FRAME_S = 0.02
ACTIVE_RANGE_DB = 30.0
TONE_RAMP_S = 0.005
FULL_SCALE_INT16 = 32_767


# --- what the line does to a sound ---------------------------------------------------------------


def carried(wave: Wave, rate_hz: int) -> Wave:
    """A clip of any sample rate as the far end hears it: 8 kHz, 300 to 3400 Hz, same length."""
    return banded(resample_poly(wave, RATE_HZ, rate_hz).astype(np.float32))


def banded(wave: Wave) -> Wave:
    """The telephone band of an 8 kHz clip, not delayed."""
    band = butter(BAND_ORDER, PASS_BAND_HZ, "bandpass", fs=RATE_HZ, output="sos")
    padding = min(len(wave) - 1, round(0.1 * RATE_HZ))
    return np.asarray(sosfiltfilt(band, wave, padlen=padding), np.float32)


def active_dbov(wave: Wave) -> float:
    """The level of a clip's sounding part: frames within 30 dB of the loudest."""
    frame = round(FRAME_S * RATE_HZ)
    padded = np.pad(wave, (0, -len(wave) % frame))
    power = np.mean(padded.reshape(-1, frame) ** 2, axis=1)
    active = power[power > power.max() * 10 ** (-ACTIVE_RANGE_DB / 10)]
    return float(10 * np.log10(active.mean()))


def levelled(wave: Wave, dbov: float = SPEECH_DBOV) -> Wave:
    """A clip brought to a level."""
    return np.asarray(wave * 10 ** ((dbov - active_dbov(wave)) / 20), np.float32)


def limited(wave: Wave) -> Wave:
    """A soft limiter: loud samples bend towards full scale and never reach it."""
    size = np.abs(wave)
    room = 1.0 - LIMIT_KNEE
    bent = LIMIT_KNEE + room * np.tanh((size - LIMIT_KNEE) / room)
    return np.asarray(np.sign(wave) * np.where(size > LIMIT_KNEE, bent, size), np.float32)


def noise(samples: int, dbov: float, rng: np.random.Generator) -> Wave:
    """Line noise in the telephone band."""
    hiss = banded(rng.standard_normal(samples).astype(np.float32))
    return np.asarray(hiss * 10 ** (dbov / 20) / np.sqrt(np.mean(hiss**2)), np.float32)


# --- G.711 ---------------------------------------------------------------------------------------


def through_mu_law(wave: Wave) -> NDArray[np.int16]:
    """What is left of a clip after G.711 µ-law, as 16-bit samples."""
    return _through_codec(wave, bias=132, finest_step=8, centre_zero=True)


def through_a_law(wave: Wave) -> NDArray[np.int16]:
    """What is left of a clip after G.711 A-law, as 16-bit samples."""
    return _through_codec(wave, bias=0, finest_step=16, centre_zero=False)


CODECS: dict[str, Callable[[Wave], NDArray[np.int16]]] = {
    "mu": through_mu_law,
    "a": through_a_law,
}


def _through_codec(
    wave: Wave, *, bias: int, finest_step: int, centre_zero: bool
) -> NDArray[np.int16]:
    """Both laws are one idea: sixteen steps an octave, and each sample moves to its step's centre.

    µ-law adds a bias so that the finest octave starts at zero and one step lies across it.
    """
    pcm = np.clip(np.rint(wave * FULL_SCALE_INT16), -32_635, 32_635).astype(np.int32)
    biased = np.abs(pcm) + bias
    octave = np.floor(np.log2(np.maximum(biased, 1))).astype(np.int32)
    step = np.maximum(2.0 ** (octave - 4), finest_step).astype(np.int32)
    size = biased // step * step + step // 2 - bias
    sign = np.sign(pcm) if centre_zero else np.where(pcm < 0, -1, 1)
    return np.asarray(sign * size, np.int16)


# --- call-progress tones -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tone:
    """A signal that comes and goes."""

    frequencies_hz: tuple[float, ...]
    on_s: float
    off_s: float

    def play(self, times: int, last_off_s: float | None = None) -> Wave:
        """The tone a number of times; the pause after the last may be cut short by an answer."""
        burst = _sines(self.frequencies_hz, self.on_s)
        pauses = [self.off_s] * (times - 1) + [self.off_s if last_off_s is None else last_off_s]
        pieces = [piece for pause in pauses for piece in (burst, silence(pause))]
        return np.concatenate(pieces) if pieces else silence(0.0)


RING_BACK = {"cn": Tone((450.0,), 1.0, 4.0), "tw": Tone((440.0, 480.0), 1.0, 2.0)}
BUSY = {"cn": Tone((450.0,), 0.35, 0.35), "tw": Tone((480.0, 620.0), 0.5, 0.5)}


def silence(seconds: float) -> Wave:
    """No sound at all."""
    return np.zeros(round(seconds * RATE_HZ), np.float32)


def _sines(frequencies_hz: tuple[float, ...], seconds: float) -> Wave:
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    wave = sum(np.sin(2 * np.pi * frequency * time_s) for frequency in frequencies_hz)
    ramp = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / TONE_RAMP_S)
    return levelled(np.asarray(wave * ramp, np.float32), TONE_DBOV)


# --- hold music and the handset ------------------------------------------------------------------

ARPEGGIOS = ((0, 4, 7, 12), (-3, 0, 4, 9), (5, 9, 12, 17), (7, 11, 14, 19))
"""Four chords (I vi IV V) as semitones over the key note: a tune of our own, nobody's copyright."""
FIGURE = (0, 1, 2, 3, 2, 1)
NOTE_S = 0.22
NOTE_DECAY_S = 0.35
KEYS_HZ = (392.0, 440.0, 523.25)
MUSIC_FADE_S = 0.3


def hold_music(seconds: float, rng: np.random.Generator) -> Wave:
    """A music box that plays arpeggios, in a key drawn by lot."""
    key_hz = rng.choice(KEYS_HZ)
    wave = np.zeros(round((seconds + 2.0) * RATE_HZ), np.float32)
    for index in range(int(seconds / NOTE_S)):
        chord = ARPEGGIOS[index // len(FIGURE) % len(ARPEGGIOS)]
        semitone = chord[FIGURE[index % len(FIGURE)]]
        note = _plucked(key_hz * 2 ** (semitone / 12))
        start = round(index * NOTE_S * RATE_HZ)
        wave[start : start + len(note)] += note
    wave = levelled(banded(wave[: round(seconds * RATE_HZ)]), MUSIC_DBOV)
    time_s = np.arange(len(wave)) / RATE_HZ
    fade = np.minimum(1.0, np.minimum(time_s, time_s[::-1]) / MUSIC_FADE_S)
    return np.asarray(wave * fade, np.float32)


def _plucked(frequency_hz: float, seconds: float = 1.2) -> Wave:
    time_s = np.arange(round(seconds * RATE_HZ)) / RATE_HZ
    strings = sum(np.sin(2 * np.pi * n * frequency_hz * time_s) / n**2 for n in (1, 2, 3))
    return np.asarray(strings * np.exp(-time_s / NOTE_DECAY_S), np.float32)


CLUNK_DBOV = -28.0
SLAM_DBOV = -10.0
CLUNK_BAND_HZ = (250.0, 1_400.0)
CLUNK_DECAY_S = 0.018
CLUNK_S = 0.16


def handset_clunk(rng: np.random.Generator, dbov: float = CLUNK_DBOV) -> Wave:
    """A handset laid down: two short knocks, the second weaker. Slammed, it is only louder."""
    samples = round(CLUNK_S * RATE_HZ)
    time_s = np.arange(samples) / RATE_HZ
    band = butter(2, CLUNK_BAND_HZ, "bandpass", fs=RATE_HZ, output="sos")
    rattle = sosfilt(band, rng.standard_normal(samples))
    blows = np.zeros(samples)
    for start_s, weight in ((0.0, 1.0), (rng.uniform(0.05, 0.08), 0.5)):
        after = np.maximum(time_s - start_s, 0.0)
        blows += weight * np.where(time_s >= start_s, np.exp(-after / CLUNK_DECAY_S), 0.0)
    return levelled(np.asarray(rattle * blows, np.float32), dbov)
