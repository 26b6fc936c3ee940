"""Stretches of a recording as it was recorded: at its own rate, with all its channels, parts silenced.

Listening hears at 16 kHz and may take channels together; a person who checks a verdict should hear what the
recorder wrote. Times are the same: both count samples from the first that can be decoded.
"""

from __future__ import annotations

import io
import wave
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from os import SEEK_END
from pathlib import Path
from typing import IO, Literal

import av
import numpy as np

from pipeline.errors import RecordingError
from pipeline.listen.audio import LIMITS
from pipeline.listen.container import Ended, Opened, Samples, Source
from pipeline.listen.sandbox import recorded_apart
from pipeline.records import Span

ClipFormat = Literal["wav", "flac"]

FADE_MS = 5
"""Down to silence and up again: long enough not to click, short enough to tell nothing."""

MOST_CHANNELS = 8
"""FLAC's limit; a call has two."""


@dataclass(frozen=True, slots=True)
class Clip:
    """Sound cut out: shape (channels, n), 16 bits, at ``rate`` Hz. ``span`` is what there was of it.

    It has the samples from ``start_ms * rate / 1000`` up to ``end_ms * rate / 1000``, both rounded down.
    """

    span: Span
    rate: int
    samples: Samples


def cut(
    stream: IO[bytes],
    path: Path,
    spans: Sequence[Span],
    silenced: Sequence[Span],
    decode_s: int = LIMITS.decode_s,
) -> list[Clip]:
    """Cut spans out of a recording, every channel of them silent within ``silenced``.

    What lies beyond the end of the recording is left out, so that a clip may be shorter than asked for,
    down to no samples. ``stream`` is the open file; ``path`` its name for errors and for raw formats.
    It is unpacked in a process apart, within ``decode_s`` seconds.

    Raises:
        RecordingError: it is no sound, or has no place in the limits
        OSError: it cannot be read
    """
    pieces: list[list[Samples]] = [[] for _ in spans]
    rate, channels = 0, 1
    for rate, start, frame in _pieces(stream, path, decode_s):
        channels = frame.shape[0]
        for span, held in zip(spans, pieces, strict=True):
            low, high = (max(0, at - start) for at in _samples_of(span, rate))
            if low < frame.shape[1] and high > 0:
                held.append(frame[:, low:high].copy())
        if all(start + frame.shape[1] >= _samples_of(span, rate)[1] for span in spans):
            break
    clips = []
    for span, held in zip(spans, pieces, strict=True):
        samples = np.concatenate(held, axis=1) if held else np.zeros((channels, 0), np.int16)
        start, end = _samples_of(span, rate)
        missing = samples.shape[1] < end - start
        end_ms = span.start_ms + samples.shape[1] * 1000 // rate if missing else span.end_ms
        held_span = Span(span.start_ms, end_ms)
        clips.append(Clip(held_span, rate, with_silence(samples, start, rate, silenced)))
    return clips


def with_silence(samples: Samples, start: int, rate: int, silenced: Sequence[Span]) -> Samples:
    """The samples, zero within some spans of the recording and faded towards them from outside.

    ``start`` is the place in the recording of the first of them. Their number stays.
    """
    count = samples.shape[1]
    gain = np.ones(count, np.float32)
    fade = max(1, FADE_MS * rate // 1000)
    down = np.linspace(1, 0, fade + 2, dtype=np.float32)[1:-1]
    for span in silenced:
        # a sample that is silent only in part is silent
        low = span.start_ms * rate // 1000 - start
        high = -(-span.end_ms * rate // 1000) - start
        for begin, ramp in ((low - fade, down), (low, np.zeros(high - low)), (high, down[::-1])):
            inside = slice(max(0, begin), min(count, begin + ramp.size))
            if inside.start < inside.stop:
                part = ramp[inside.start - begin : inside.stop - begin]
                gain[inside] = np.minimum(gain[inside], part)
    if not silenced:
        return samples
    return np.asarray(np.trunc(samples * gain), np.int16)


def encoded(clip: Clip, form: ClipFormat) -> bytes:
    """The clip as a file, the same bytes for the same sound."""
    file = io.BytesIO()
    if form == "wav":
        with wave.open(file, "wb") as target:
            target.setnchannels(clip.samples.shape[0])
            target.setsampwidth(2)
            target.setframerate(clip.rate)
            target.writeframes(clip.samples.T.astype("<i2").tobytes())
        return file.getvalue()
    layout = _layout(clip.samples.shape[0])
    with av.open(file, "w", format="flac") as container:
        stream = container.add_stream("flac", rate=clip.rate, layout=layout)
        packed = np.ascontiguousarray(clip.samples.T).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(packed, format="s16", layout=layout)
        frame.sample_rate = clip.rate
        sizes = av.AudioResampler("s16", layout, clip.rate, frame_size=4096)
        for piece in (*sizes.resample(frame), *sizes.resample(None)):
            container.mux(stream.encode(piece))
        container.mux(stream.encode(None))
    return file.getvalue()


def _pieces(stream: IO[bytes], path: Path, decode_s: int) -> Iterator[tuple[int, int, Samples]]:
    """The recording's rate, and its sound piece by piece with the place of each one's first sample.

    What can be decoded of a damaged file is taken, as in listening; so is what has as many channels as
    its beginning.
    """
    source = Source(str(path), path.suffix, stream.seek(0, SEEK_END), stream)
    rate, channels, place = 0, 0, 0
    with closing(recorded_apart(source, decode_s)) as events:
        for event in events:
            if isinstance(event, Opened):
                rate = event.rate
            elif not isinstance(event, Ended):
                channels = channels or event.shape[0]
                if channels > MOST_CHANNELS:
                    raise _too_many_channels(path)
                if event.shape[0] == channels:
                    yield rate, place, event
                    place += event.shape[1]


def _samples_of(span: Span, rate: int) -> tuple[int, int]:
    return span.start_ms * rate // 1000, span.end_ms * rate // 1000


def _layout(channels: int) -> str:
    return {1: "mono", 2: "stereo"}.get(channels, f"{channels}c")


def _too_many_channels(path: Path) -> RecordingError:
    return RecordingError(
        str(path),
        f"an audio stream of more than {MOST_CHANNELS} channels",
        "a call, which has two",
        "Listen to the recording itself.",
    )
