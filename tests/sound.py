"""Sound made by arithmetic, and WAV files whose headers say whatever a test wants."""

from __future__ import annotations

import struct
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import decode

Samples = NDArray[np.float32]

PCM, FLOAT = 1, 3


def tone(seconds: float, *hz: float, rate: int = 8_000, level: float = 0.2) -> Samples:
    """Sines added up, shape (n,)."""
    time = np.arange(round(seconds * rate)) / rate
    return np.asarray(level * sum(np.sin(2 * np.pi * f * time) for f in hz), np.float32)


def silence(seconds: float, rate: int = 8_000) -> Samples:
    return np.zeros(round(seconds * rate), np.float32)


def hiss(seconds: float, rate: int = 8_000, level: float = 0.1, seed: int = 7) -> Samples:
    """White noise, the same every time."""
    noise = np.random.default_rng(seed).standard_normal(round(seconds * rate))
    return np.asarray(level * noise, np.float32)


def pcm(samples: Samples) -> bytes:
    """16-bit samples of shape (n,) or, interleaved, (n, channels)."""
    single = np.asarray(samples, np.float32)
    return np.asarray(np.clip(single, -1, 1) * 32_767, "<i2").tobytes()


def samples_of(path: Path) -> Samples:
    """What a file holds as it is heard, shape (channels, n), 16 kHz, to reckon with."""
    return decode(path).samples.astype(np.float32)


def wave(
    data: bytes,
    *,
    rate: int = 8_000,
    channels: int = 1,
    bits: int = 16,
    code: int = PCM,
    promised: int | None = None,
    tags: bytes = b"",
) -> bytes:
    """A WAV file. ``promised`` is the size its header claims for the data, ``tags`` an INFO title."""
    block = channels * bits // 8
    form = struct.pack("<HHIIHH", code, channels, rate, rate * block % 2**32, block, bits)
    size = len(data) if promised is None else promised
    info = b"INFOINAM" + struct.pack("<I", len(tags)) + tags + b"\0" * (len(tags) % 2)
    chunks = b"WAVEfmt " + struct.pack("<I", 16) + form
    if tags:
        chunks += b"LIST" + struct.pack("<I", len(info)) + info
    chunks += b"data" + struct.pack("<I", size)
    whole = len(chunks) + size
    return b"RIFF" + struct.pack("<I", min(whole, 2**32 - 1)) + chunks + data


def encoded(path: Path, samples: Samples, codec: str, rate: int = 8_000) -> Path:
    """One channel, encoded into the container that the file's suffix names."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream(codec, rate=rate, layout="mono")
        whole = np.asarray(samples * 32_767, np.int16).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
        frame.sample_rate = rate
        resampler = av.AudioResampler(
            format=stream.format, layout="mono", rate=rate, frame_size=stream.frame_size or None
        )
        for piece in (*resampler.resample(frame), *resampler.resample(None)):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return path
