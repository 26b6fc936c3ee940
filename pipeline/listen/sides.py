"""Which channels of a recording are the two sides of a call, each without the offset of its recorder."""

from __future__ import annotations

import numpy as np

from pipeline.listen.container import SAMPLE_RATE, FloatArray
from pipeline.listen.level import frame_power, minutes

OFFSET = 0.001
"""A mean from here on (-60 dBFS) is the offset of a converter, no sound: what is taken for the level of noise
would be its, and two channels that share one would look alike. G.711 and 16 bits round to less."""

SOUNDING_DBFS = -70.0
SOUNDING_FRAMES = 10
"""So many frames (0.2 s) above so much make a channel one that holds sound, be it only a word in an hour.
A-law's idle noise lies at -72 dBFS."""

LATEST = SAMPLE_RATE // 50
"""Samples (20 ms) by which one of two copies of a sound may come later."""

EXCERPT = 1 << 18
"""Samples (16 s), the loudest of a recording, by which two channels are laid side by side."""

ALIKE = 0.05
APART = 0.3
"""Share of its energy by which a second differs from its copy. G.711 coding twice leaves 0.002 of it; of two
ends of a call nearly all is left. Copies are alike nearly throughout, and nowhere apart: hold music on both
channels is the same sound, a word that is said before it is not."""

ALIKE_SECONDS = 0.95

SOUNDING_SHARE = 10**-4
"""Of the energy of the loudest second, from which a second sounds: a word may lie 30 dB below a tone."""


def without_offset(samples: FloatArray) -> None:
    """Take the offset off each channel, shape (channels, n), that has one; in place, within full scale."""
    for index, channel in enumerate(samples):
        mean = float(channel.mean(dtype=np.float64)) if channel.size else 0.0
        if abs(mean) >= OFFSET:
            samples[index] -= np.float32(mean)
            np.clip(samples[index], -1.0, 1.0, out=samples[index])


def separate_sides(samples: FloatArray) -> tuple[FloatArray, list[str]]:
    """Two channels when they are the two sides of the call, else one; and what is to be said of it."""
    channels = samples.shape[0]
    if channels == 1:
        return samples, []
    sounding = [index for index in range(channels) if _sounds(samples[index])]
    if not sounding:
        return samples[:1], []
    if len(sounding) == 1:
        return samples[sounding], [
            f"only channel {sounding[0]} of {channels} carries sound: taken as mono"
        ]
    if len(sounding) == 2:
        first, second = samples[sounding[0]], samples[sounding[1]]
        if same_sound(first, second):
            return samples[sounding[:1]], ["both channels carry the same sound: taken as mono"]
        if channels == 2:
            return samples, []
        return samples[sounding], [
            f"{channels} channels, of which {sounding[0]} and {sounding[1]} carry sound: taken as stereo"
        ]
    return samples[sounding].mean(0, keepdims=True), [
        f"{len(sounding)} of {channels} channels carry sound: mixed to mono"
    ]


def same_sound(first: FloatArray, second: FloatArray) -> bool:
    """Whether two channels, shape (n,), hold one sound, be it turned round, louder or a little later."""
    late = _lateness(first, second)
    one, other = (first[-late:], second) if late < 0 else (first, second[late:])
    seconds = min(one.size, other.size) // SAMPLE_RATE
    size = SAMPLE_RATE if seconds else min(one.size, other.size)
    if not size:
        return False
    one, other = (part[: max(seconds, 1) * size].reshape(-1, size) for part in (one, other))
    own, others, shared = (
        np.einsum("ij,ij->i", a, b, dtype=np.float64)
        for a, b in ((one, one), (other, other), (one, other))
    )
    gain = shared.sum() / max(float(others.sum()), 1e-12)
    copied = gain * gain * others
    sounds = own + copied > SOUNDING_SHARE * (own + copied).max()
    residue = (own - 2 * gain * shared + copied)[sounds] / (own + copied)[sounds]
    alike = residue.size > 0 and (residue <= ALIKE).mean() >= ALIKE_SECONDS
    return bool(alike and residue.max() <= APART)


def _sounds(samples: FloatArray) -> bool:
    """Whether a channel holds sound: something that moves, and more than idle noise."""
    level = np.float32(np.median(samples[:: max(1, samples.size // 65_536)]))
    loud, frames = 0, 0
    for minute in minutes(samples):
        power = frame_power(minute - level)
        loud += int((power > 10 ** (SOUNDING_DBFS / 10)).sum())
        frames += power.size
    return loud >= min(SOUNDING_FRAMES, frames)


def _lateness(first: FloatArray, second: FloatArray) -> int:
    """By how many samples the second channel is later, were it a copy of the first."""
    power = frame_power(first)
    frames = min(power.size, EXCERPT * power.size // max(1, first.size))
    if not frames:
        return 0
    run = np.convolve(power, np.ones(frames, np.float32), "valid")
    start = int(run.argmax()) * (first.size // power.size)
    pieces = (side[start : start + EXCERPT] for side in (first, second))
    one, other = (np.fft.rfft(piece, 2 * EXCERPT) for piece in pieces)
    shared = np.abs(np.fft.irfft(other * one.conj(), 2 * EXCERPT))
    lags = np.concatenate([np.arange(LATEST + 1), np.arange(-LATEST, 0)])
    return int(lags[int(shared[lags].argmax())])
