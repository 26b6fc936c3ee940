"""Any sound file -> samples at the one rate everything else listens at.

Decoding is FFmpeg's (through PyAV), so whatever container a recorder writes can be read. What this
module adds is a frank account of what was wrong with the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain
from os import SEEK_END
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from pipeline.errors import NotNowError, RecordingError

FloatArray = NDArray[np.float32]

SAMPLE_RATE = 16_000
"""Hz. What Whisper and the voice activity model were trained on; telephone sound is 8 kHz inside it."""

SHORTEST_MS = 100
"""Less than a syllable: nothing can be said about such a file."""

LONGEST_MS = 6 * 3_600_000
"""Longer than any shift at a desk: almost surely not a call, and it would not fit into memory."""

UNFINISHED_BYTES = 0x7FFF_FFF0
"""Sizes from here on in a WAV header are what a recorder writes that does not know the end yet."""

WAVE_SLACK_BYTES = 64
"""Recorders that count a header twice or forget a padding byte promise too much by less than this."""

SAME_SOUND = 0.995
"""Correlation from which two channels are one sound recorded twice. G.711 coding noise on two
copies of one signal leaves about 0.999; two ends of a call stay below 0.5."""

SILENT_DBFS = -75.0
"""A channel below this never carried a voice: G.711's smallest step is about -72 dBFS."""

BLOCK = 1 << 20
"""Samples, a minute of sound, of which temporary copies are made at a time."""

DECODER_ERRORS = (av.FFmpegError, ValueError, EOFError)


@dataclass(frozen=True, slots=True)
class Sound:
    """Decoded sound. ``samples`` has shape (channels, samples), float32 in -1 to 1, at 16 kHz.

    ``channels`` is 2 only when the two sides of the call are really apart.
    """

    samples: FloatArray
    warnings: tuple[str, ...]

    @property
    def channels(self) -> int:
        return int(self.samples.shape[0])

    @property
    def duration_ms(self) -> int:
        return int(self.samples.shape[1]) * 1000 // SAMPLE_RATE


def decode(path: Path) -> Sound:
    """Decode a file, keep its two sides apart where it has two.

    Raises:
        RecordingError: nothing usable could be decoded; says what was found instead.
    """
    samples, warnings = _read(path)
    samples, doubts = _repair(samples, path)
    duration_ms = samples.shape[1] * 1000 // SAMPLE_RATE
    if duration_ms < SHORTEST_MS:
        raise _too_short(path, samples.shape[1], duration_ms)
    samples, layout = _separate_sides(samples)
    return Sound(samples, (*warnings, *doubts, *layout))


def promised_duration_ms(path: Path) -> int | None:
    """How long a file says it is; ``None`` if it does not. Nothing is decoded.

    Raises:
        RecordingError: it cannot be read, or is no sound.
    """
    with _opened(path) as container:
        return _promised_ms(container, _audio_stream(container, path))


def _read(path: Path) -> tuple[FloatArray, list[str]]:
    """All samples, shape (channels, samples), and what went wrong on the way."""
    warnings: list[str] = []
    with _opened(path) as container:
        stream = _audio_stream(container, path)
        promised_ms = _promised_ms(container, stream)
        if promised_ms and promised_ms > LONGEST_MS:
            raise _too_long(path, promised_ms)
        resampler = av.AudioResampler(format="flt", rate=SAMPLE_RATE)
        tape = _Tape(promised_ms or 0)
        decoded = resampled = 0
        try:
            for frame in chain(container.decode(stream), [None]):
                decoded += frame.samples if frame else 0
                for piece in resampler.resample(frame):
                    tape.add(_samples(piece))
                    resampled += piece.samples
                if resampled > LONGEST_MS * SAMPLE_RATE // 1000:
                    raise _too_long(path, resampled * 1000 // SAMPLE_RATE)
        except DECODER_ERRORS as error:
            warnings.append(f"decoding stopped early: {_said(error)}")
    samples = tape.samples
    if not samples.size and decoded and not warnings:
        raise _too_short(path, decoded, 0)
    if not samples.size:
        raise _unreadable(path, warnings[0] if warnings else "an audio stream without samples")
    heard_ms = samples.shape[1] * 1000 // SAMPLE_RATE
    if promised_ms and heard_ms < 0.9 * promised_ms - 200:
        warnings.append(
            f"truncated: the header promises {promised_ms / 1000:.1f} s, "
            f"{heard_ms / 1000:.1f} s could be decoded"
        )
    return samples, [*warnings, *_cut_wave(path)]


class _Tape:
    """Samples in one piece of memory, which holds as much as was promised and grows if more comes.

    An hour of stereo is 460 MB: it must not be there twice.
    """

    def __init__(self, promised_ms: int) -> None:
        self._capacity = (promised_ms + 1_000) * SAMPLE_RATE // 1000
        self._held = np.empty((0, 0), np.float32)
        self._filled = 0

    def add(self, piece: FloatArray) -> None:
        """Put samples, shape (channels, n), behind the others, unless they have other channels."""
        if not self._filled:
            self._held = np.empty((piece.shape[0], self._capacity), np.float32)
        if piece.shape[0] != self._held.shape[0]:
            return
        end = self._filled + piece.shape[1]
        if end > self._held.shape[1]:
            longer = np.empty((self._held.shape[0], end + end // 2), np.float32)
            longer[:, : self._filled] = self._held[:, : self._filled]
            self._held = longer
        self._held[:, self._filled : end] = piece
        self._filled = end

    @property
    def samples(self) -> FloatArray:
        return self._held[:, : self._filled]


def _audio_stream(
    container: av.container.InputContainer, path: Path
) -> av.audio.stream.AudioStream:
    """The container's first audio stream, if it can be decoded at all."""
    if not container.streams.audio:
        raise _unreadable(path, "a file without an audio stream")
    stream = container.streams.audio[0]
    if stream.codec_context is None:
        raise _unreadable(path, "an audio stream in an encoding FFmpeg does not know")
    if not stream.rate or stream.rate <= 0:
        raise _unreadable(path, f"an audio stream of {stream.rate or 0} Hz")
    return stream


def _cut_wave(path: Path) -> list[str]:
    """Whether a WAV file ends before its header says; FFmpeg silently believes the file."""
    with path.open("rb") as stream:
        header = stream.read(12)
        size = stream.seek(0, SEEK_END)
    promised = int.from_bytes(header[4:8], "little") + 8
    if header[:4] != b"RIFF" or header[8:] != b"WAVE" or promised >= UNFINISHED_BYTES:
        return []
    if promised - size <= WAVE_SLACK_BYTES:
        return []
    return [f"truncated: the header promises {promised} bytes, the file has {size}"]


def _samples(frame: av.AudioFrame) -> FloatArray:
    """A packed float frame as (channels, samples). PyAV crashes on planar ones of more than 8 channels."""
    packed: FloatArray = frame.to_ndarray()
    return packed.reshape(-1, frame.layout.nb_channels).T


@contextmanager
def _opened(path: Path) -> Iterator[av.container.InputContainer]:
    """The open container, or one error that says what the file is instead of sound."""
    try:
        size = path.stat().st_size
        if size == 0:
            raise _unreadable(path, "an empty file (0 bytes)")
        # FFmpeg would take a name such as "a:b.wav" for a protocol; an open file has no name.
        # A playlist or session description named .wav must not make it open anything else.
        with (
            path.open("rb") as stream,
            av.open(
                stream, options={"protocol_whitelist": "none"}, metadata_errors="replace"
            ) as container,
        ):
            yield container
    except DECODER_ERRORS as error:
        raise _unreadable(
            path, f"{size} bytes that are no sound FFmpeg knows ({_said(error)})"
        ) from error
    except OSError as error:
        raise NotNowError(
            str(path),
            f"cannot be read ({error.strerror})",
            "a readable sound file",
            "Check the file's permissions and that it is still there.",
        ) from error


def _said(error: Exception) -> str:
    """What a decoder complains of, without the path and number that FFmpeg puts around it."""
    return getattr(error, "strerror", None) or str(error)


def _unreadable(path: Path, got: str) -> RecordingError:
    return RecordingError(
        str(path),
        got,
        "a sound file such as wav, mp3, flac, ogg or m4a",
        "Export it again from the recorder, or remove it from the folder.",
    )


def _too_short(path: Path, samples: int, duration_ms: int) -> RecordingError:
    return RecordingError(
        str(path),
        f"{samples} sample{'s' * (samples != 1)} ({duration_ms} ms) of sound",
        f"at least {SHORTEST_MS} ms",
        "Look whether the recorder stopped early, or remove the file.",
    )


def _too_long(path: Path, duration_ms: int) -> RecordingError:
    return RecordingError(
        str(path),
        f"a recording of {duration_ms / 3_600_000:.1f} hours",
        f"at most {LONGEST_MS // 3_600_000} hours",
        "Split it into calls first.",
    )


def _promised_ms(
    container: av.container.InputContainer, stream: av.audio.stream.AudioStream
) -> int | None:
    if stream.duration and stream.time_base:
        return int(stream.duration * stream.time_base * 1000)
    return int(container.duration // 1000) if container.duration else None


def _repair(samples: FloatArray, path: Path) -> tuple[FloatArray, list[str]]:
    """The same samples, made numbers within full scale where they lie."""
    count = 0
    for part in _blocks(samples):
        broken = ~np.isfinite(part)
        count += int(broken.sum())
        part[broken] = 0
        np.clip(part, -1.0, 1.0, out=part)
    if not count:
        return samples, []
    if count == samples.size:
        raise _unreadable(path, "samples that are all NaN or infinite")
    share = 100 * count / samples.size
    return samples, [
        f"{count} samples ({share:.1f} %) are NaN or infinite and were taken as silence"
    ]


def _blocks(samples: FloatArray) -> Iterator[FloatArray]:
    """The samples piece by piece, shape (..., ``BLOCK``): what is reckoned of one needs little memory."""
    for start in range(0, samples.shape[-1], BLOCK):
        yield samples[..., start : start + BLOCK]


def level_dbfs(samples: FloatArray) -> float:
    """Mean power in dB re full scale; -120 for digital silence.

    >>> round(level_dbfs(np.ones(8, dtype=np.float32)))
    0
    """
    power = sum(float(np.square(part, dtype=np.float64).sum()) for part in _blocks(samples))
    return float(10 * np.log10(power / samples.size + 1e-12))


def _separate_sides(samples: FloatArray) -> tuple[FloatArray, list[str]]:
    """Two channels when they are the two sides of the call, else one."""
    channels = samples.shape[0]
    if channels == 1:
        return samples, []
    sounding = [i for i in range(channels) if level_dbfs(samples[i]) > SILENT_DBFS]
    if not sounding:
        return samples[:1], []
    if len(sounding) == 1:
        return samples[sounding], [
            f"only channel {sounding[0]} of {channels} carries sound: taken as mono"
        ]
    if len(sounding) == 2:
        first, second = samples[sounding[0]], samples[sounding[1]]
        if _correlation(first, second) > SAME_SOUND:
            return samples[sounding[:1]], ["both channels carry the same sound: taken as mono"]
        if channels == 2:
            return samples, []
        return samples[sounding], [
            f"{channels} channels, of which {sounding[0]} and {sounding[1]} carry sound: taken as stereo"
        ]
    return samples[sounding].mean(0, keepdims=True), [
        f"{len(sounding)} of {channels} channels carry sound: mixed to mono"
    ]


def _correlation(first: FloatArray, second: FloatArray) -> float:
    energy = float(np.sqrt(np.vdot(first, first) * np.vdot(second, second)))
    return float(np.vdot(first, second)) / energy if energy else 0.0


def silence(duration_ms: int) -> FloatArray:
    """Nothing, for as long: shape (n,), 16 kHz."""
    return np.zeros(duration_ms * SAMPLE_RATE // 1000, np.float32)
