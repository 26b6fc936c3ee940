"""Stereo calls put together from turns of the samples, and lines that leak."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.records import Span
from pipeline.settings import PACKAGE
from tests.sound import hiss, samples_of

SAMPLES = PACKAGE.parent / "samples"

NOISE = 0.0007
"""The samples' own line noise, about -63 dBFS."""

ECHO_HZ = (400.0, 3_000.0)
ECHO_MS = 50


@dataclass(frozen=True, slots=True)
class Spoken:
    """A turn of a sample as it truly sounds."""

    file: str
    role: str
    span: Span
    text: str


def spoken(*roles: str) -> Iterator[Spoken]:
    """Every stretch of ``turns.csv`` of those roles."""
    with (SAMPLES / "turns.csv").open(encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["role"] in roles:
                span = Span.of_seconds(float(row["start_s"]), float(row["end_s"]))
                yield Spoken(row["file"], row["role"], span, row["text"])


def sides(file: str) -> FloatArray:
    """A sample's channels, shape (channels, n), 16 kHz."""
    return samples_of(SAMPLES / "recordings" / file)


def piece(samples: FloatArray, span: Span) -> FloatArray:
    """What a channel, shape (n,), holds in a span."""
    rate = SAMPLE_RATE // 1000
    return samples[span.start_ms * rate : span.end_ms * rate]


def laid(pieces: list[tuple[int, int, FloatArray]], duration_ms: int) -> FloatArray:
    """Pieces, each at its channel and millisecond, on two quiet lines; shape (2, n)."""
    whole = np.stack(
        [hiss(duration_ms / 1000, SAMPLE_RATE, NOISE, seed) for seed in (1, 2)]
    ).astype(np.float32)
    for channel, start_ms, sound in pieces:
        start = start_ms * SAMPLE_RATE // 1000
        whole[channel, start : start + sound.size] += sound
    return whole


def leaking(samples: FloatArray, down_db: float) -> FloatArray:
    """Two channels, shape (2, n), each with an echo of the other so many dB below it."""
    return np.stack([samples[side] + _echo(samples[1 - side], down_db) for side in (0, 1)]).astype(
        np.float32
    )


def _echo(samples: FloatArray, down_db: float) -> FloatArray:
    spectrum = np.fft.rfft(samples)
    hz = np.fft.rfftfreq(samples.size, 1 / SAMPLE_RATE)
    spectrum[(hz < ECHO_HZ[0]) | (hz > ECHO_HZ[1])] = 0
    late = ECHO_MS * SAMPLE_RATE // 1000
    echo = np.fft.irfft(spectrum, samples.size) * 10 ** (-down_db / 20)
    return np.asarray(np.concatenate([np.zeros(late), echo[:-late]]), np.float32)
