"""Any sound file -> samples at the one rate everything else listens at.

Decoding is FFmpeg's, in a process apart, so whatever container a recorder writes can be read. What
this module adds is a frank account of what was wrong with the file.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path

import numpy as np

from pipeline.errors import RecordingError
from pipeline.listen.container import (
    SAMPLE_RATE,
    Ended,
    FloatArray,
    Halves,
    Opened,
    SoundArray,
    Stream,
    opened,
    unreadable,
)
from pipeline.listen.level import held_at, nominal_gain_db
from pipeline.listen.sandbox import unpacked_apart
from pipeline.listen.sides import separate_sides, without_offset
from pipeline.settings import DECODE_S, LONGEST_H, Settings
from pipeline.sounds import STOPPED, TRUNCATED

__all__ = [
    "SAMPLE_RATE",
    "FloatArray",
    "Limits",
    "Sound",
    "SoundArray",
    "decode",
    "promised_duration_ms",
]

SHORTEST_MS = 100
"""Less than a syllable: nothing can be said about such a file."""

UNFINISHED_BYTES = 0x7FFF_FFF0
"""Sizes from here on in a WAV header are what a recorder writes that does not know the end yet."""

MOST_CHUNKS = 100
"""Of a WAV file that are looked at for the one that holds the sound."""

BEHIND = "behind the sound lies what cannot be decoded: "
"""How a note begins of a file that has all the sound it promised, and more."""

WAVE_SLACK_BYTES = 64
"""Recorders that count a header twice or forget a padding byte promise too much by less than this."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What one recording may take: hours of sound, and seconds until it is unpacked."""

    longest_h: float = LONGEST_H
    decode_s: int = DECODE_S

    @classmethod
    def of(cls, settings: Settings) -> Limits:
        """Those of a run."""
        return cls(settings.longest_h, settings.decode_s)

    @property
    def longest_ms(self) -> int:
        return round(self.longest_h * 3_600_000)

    def most_samples(self, channels: int) -> int:
        """Of each channel: of more than two, as much as makes the same number of bytes."""
        longest = self.longest_ms * SAMPLE_RATE // 1000
        return longest * 2 // max(2, channels)


LIMITS = Limits()

WHOLE = 0.9
PADDING_MS = 200
"""Share of what the header promises, and what coders add to it, below which a recording lacks its end."""


@dataclass(frozen=True, slots=True)
class Sound:
    """Decoded sound. ``samples`` has shape (channels, samples), at 16 kHz, in half precision.

    ``channels`` is 2 only when the two sides of the call are really apart. It is ``gain_db`` louder than
    the recording, whose full scale is 1: see :mod:`pipeline.listen.level`.
    """

    samples: Halves
    warnings: tuple[str, ...]
    gain_db: float = 0.0

    @property
    def channels(self) -> int:
        return int(self.samples.shape[0])

    @property
    def duration_ms(self) -> int:
        return int(self.samples.shape[1]) * 1000 // SAMPLE_RATE


def decode(path: Path, limits: Limits = LIMITS) -> Sound:
    """Decode a file, keep its two sides apart where it has two, and bring it to the usual level.

    Raises:
        RecordingError: nothing usable could be decoded; says what was found instead.
    """
    samples, warnings = _read(path, limits)
    duration_ms = samples.shape[1] * 1000 // SAMPLE_RATE
    if duration_ms < SHORTEST_MS:
        raise _too_short(path, samples.shape[1], duration_ms)
    without_offset(samples)
    samples, layout = separate_sides(samples)
    gain_db = nominal_gain_db(samples)
    return Sound(held_at(samples, gain_db), (*warnings, *layout), gain_db)


def promised_duration_ms(path: Path, limits: Limits = LIMITS) -> int | None:
    """How long a file says it is; ``None`` if it does not. Nothing is decoded.

    Raises:
        RecordingError: it cannot be read, or is no sound.
    """
    with opened(path) as source:
        told = list(unpacked_apart(source, limits.decode_s, header_only=True))
    return next((event.promised_ms for event in told if isinstance(event, Opened)), None)


def _read(path: Path, limits: Limits) -> tuple[FloatArray, list[str]]:
    """All samples, shape (channels, samples), within full scale, and what went wrong on the way."""
    promised_ms, ended = None, Ended(0, None)
    tape = _Tape(path, limits)
    with opened(path) as source, closing(unpacked_apart(source, limits.decode_s)) as events:
        warnings = _cut_wave(source.stream)
        for event in events:
            if isinstance(event, Opened):
                promised_ms = None if event.guessed else event.promised_ms
                tape.expect(event.promised_ms or 0, surely=not event.guessed)
                if event.others:
                    warnings.append(
                        f"{1 + event.others} streams of sound: only the first was heard"
                    )
            elif isinstance(event, Ended):
                ended = event
            else:
                tape.add(event)
    samples = tape.samples
    heard_ms = samples.shape[1] * 1000 // SAMPLE_RATE
    lacking = promised_ms is not None and heard_ms < WHOLE * promised_ms - PADDING_MS
    whole = promised_ms is not None and not lacking
    trouble = ended.trouble and f"{BEHIND if whole else STOPPED}{ended.trouble}"
    if not samples.size and ended.decoded and not trouble:
        raise _too_short(path, ended.decoded, 0)
    if not samples.size:
        raise unreadable(str(path), trouble or "an audio stream without samples")
    if lacking and promised_ms is not None:
        warnings.insert(
            0,
            f"{TRUNCATED}the header promises {promised_ms / 1000:.1f} s, "
            f"{heard_ms / 1000:.1f} s could be decoded",
        )
    return samples, [*([trouble] if trouble else []), *warnings, *tape.doubts()]


class _Tape:
    """Samples in one piece of memory, which holds as much as was promised and grows if more comes.

    An hour of stereo is 460 MB: it must not be there twice.
    """

    def __init__(self, path: Path, limits: Limits) -> None:
        self._path, self._limits = path, limits
        self._expected = 0
        self._held = np.empty((0, 0), np.float32)
        self._filled = 0
        self._broken = 0

    def expect(self, promised_ms: int, *, surely: bool) -> None:
        """Prepare for so much sound.

        Raises:
            RecordingError: it surely is too long
        """
        self._expected = (promised_ms + 1_000) * SAMPLE_RATE // 1000
        if surely and promised_ms > self._limits.longest_ms:
            said = f"a recording of {promised_ms / 3_600_000:.1f} hours"
            raise _too_long(self._path, said, self._limits)

    def add(self, piece: FloatArray) -> None:
        """Put samples, shape (channels, n), behind the others, unless they have other channels.

        They are made numbers within full scale.

        Raises:
            RecordingError: there is more now than a recording may have
        """
        if not self._filled:
            most = self._limits.most_samples(piece.shape[0])
            self._held = np.empty((piece.shape[0], min(self._expected, most)), np.float32)
        if piece.shape[0] != self._held.shape[0]:
            return
        end = self._filled + piece.shape[1]
        most = self._limits.most_samples(piece.shape[0])
        if end > most:
            raise _too_much(self._path, piece.shape[0], self._limits)
        if end > self._held.shape[1]:
            longer = np.empty((self._held.shape[0], min(end + end // 2, most)), np.float32)
            longer[:, : self._filled] = self._held[:, : self._filled]
            self._held = longer
        broken = ~np.isfinite(piece)
        self._broken += int(broken.sum())
        self._held[:, self._filled : end] = np.clip(np.where(broken, 0, piece), -1.0, 1.0)
        self._filled = end

    @property
    def samples(self) -> FloatArray:
        return self._held[:, : self._filled]

    def doubts(self) -> list[str]:
        """What is to be said of samples that were no numbers.

        Raises:
            RecordingError: none was one
        """
        if not self._broken:
            return []
        size = self.samples.size
        if self._broken == size:
            raise unreadable(str(self._path), "samples that are all NaN or infinite")
        share = 100 * self._broken / size
        return [
            f"{self._broken} samples ({share:.1f} %) are NaN or infinite and were taken as silence"
        ]


def _cut_wave(stream: Stream) -> list[str]:
    """Whether a WAV file ends before its sound should; FFmpeg silently believes the file.

    What else a recorder writes, before the sound or behind it, may be cut or wrongly measured.
    """
    header, at = stream.read(12), 12
    size = stream.seek(0, SEEK_END)
    if header[:4] != b"RIFF" or header[8:] != b"WAVE":
        return []
    for _ in range(MOST_CHUNKS):
        stream.seek(at)
        chunk = stream.read(8)
        length = int.from_bytes(chunk[4:], "little")
        if len(chunk) < 8:
            return []
        at += 8
        if chunk[:4] == b"data":
            promised = at + length
            if length >= UNFINISHED_BYTES or promised - size <= WAVE_SLACK_BYTES:
                return []
            return [f"{TRUNCATED}the header promises {promised} bytes, the file has {size}"]
        at += length + length % 2  # chunks begin at even places
    return []


def _too_short(path: Path, samples: int, duration_ms: int) -> RecordingError:
    return RecordingError(
        str(path),
        f"{samples} sample{'s' * (samples != 1)} ({duration_ms} ms) of sound",
        f"at least {SHORTEST_MS} ms",
        "Look whether the recorder stopped early, or remove the file.",
    )


def _too_long(path: Path, got: str, limits: Limits) -> RecordingError:
    return RecordingError(
        str(path), got, f"at most {limits.longest_h:g} hours", "Split it into calls first."
    )


def _too_much(path: Path, channels: int, limits: Limits) -> RecordingError:
    """More than was promised, or of many channels."""
    most = f"{limits.longest_h:g} hours"
    if channels <= 2:
        return _too_long(path, f"a recording of more than {most}", limits)
    own = limits.most_samples(channels) / SAMPLE_RATE / 3600
    return RecordingError(
        str(path),
        f"a recording of {channels} channels and more than {own:.2g} hours",
        f"as much sound as {most} of two channels",
        "Split it into calls first.",
    )


def silence(duration_ms: int) -> FloatArray:
    """Nothing, for as long: shape (n,), 16 kHz."""
    return np.zeros(duration_ms * SAMPLE_RATE // 1000, np.float32)
