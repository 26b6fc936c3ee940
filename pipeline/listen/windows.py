"""Speech -> windows for Whisper, and the way back from window time to call time.

Whisper listens to at most 30 s at once. So stretches of speech are laid one behind the other, their long
pauses cut, into as few windows as hold them, all of about one length: a short rest would be read worse, and
windows of one length are decoded together for little more than one. Words come back with times in the
window and are put where they were spoken.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

import numpy as np

from pipeline.listen.audio import SAMPLE_RATE, FloatArray, SoundArray
from pipeline.records import Span, merge_spans

WINDOW_MS = 24_000
"""Less than Whisper's 30 s, because encoding grows with the square. 16 and 20 s are read worse: of the
characters of the samples 11.3 % are wrong at 24 s, 12.0 % at 20 s and 14.0 % at 16 s; of CASIA's neutral and
happy sentences on a line 19.1, 22.3 and 21.8 %."""

PAD_MS = 200
"""Kept around each stretch of speech: voice activity begins late on soft consonants."""

PAUSE_MS = 500
"""What a cut pause is shortened to: long enough for Whisper to end a sentence."""

QUIET_MS = 100
"""Length of the quietest place at which speech longer than a window is cut."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the call inside a window that begins ``at_ms`` after the window's start."""

    source: Span
    at_ms: int


@dataclass(frozen=True, slots=True)
class Window:
    """At most 30 s for the engine, cut out of a channel, shape (n,), when they are asked for: an hour's
    windows are a quarter of a gigabyte.
    """

    channel: SoundArray
    pieces: tuple[Piece, ...]

    @property
    def samples(self) -> FloatArray:
        """What the engine listens to, shape (n,), 16 kHz."""
        pause = np.zeros(PAUSE_MS * SAMPLE_RATE // 1000, np.float32)
        pieces = (piece_of(self.channel, piece.source) for piece in self.pieces)
        return np.concatenate(
            [*islice(chain.from_iterable((pause, one) for one in pieces), 1, None)]
        )

    def to_call(self, span: Span) -> Span | None:
        """Where a span of window time lies in the call; ``None`` where it lies in cut silence."""
        for piece in self.pieces:
            inside = Span(piece.at_ms, piece.at_ms + piece.source.duration_ms)
            if inside.start_ms <= span.middle_ms < inside.end_ms:
                clipped = span.clipped(inside)
                shift = piece.source.start_ms - piece.at_ms
                return Span(clipped.start_ms + shift, clipped.end_ms + shift)
        return None


def cut_windows(
    samples: SoundArray, speech: Iterable[Span], longest_ms: int = WINDOW_MS
) -> tuple[Window, ...]:
    """Windows of at most ``longest_ms`` with all the speech of one channel, shape (n,), 16 kHz."""
    duration_ms = samples.size * 1000 // SAMPLE_RATE
    limits = Span(0, duration_ms)
    padded = [span.padded(PAD_MS, PAD_MS).clipped(limits) for span in speech]
    parts = [
        part
        for stretch in merge_spans(padded, PAUSE_MS)
        for part in _no_longer_than(longest_ms, samples, stretch)
    ]
    return tuple(_window(samples, group) for group in _shared_out(parts, longest_ms))


def _shared_out(parts: list[Span], longest_ms: int) -> Iterator[list[Span]]:
    """The parts in order, in windows of at most ``longest_ms`` that are as few and as equal as can be.

    Windows are filled up to a measure; the least measure that needs no window more is found by halving.
    """
    fewest = len(_filled(parts, longest_ms))
    least, most = max((part.duration_ms for part in parts), default=0), longest_ms
    while least < most:
        middle = (least + most) // 2
        if len(_filled(parts, middle)) > fewest:
            least = middle + 1
        else:
            most = middle
    yield from _filled(parts, most)


def _filled(parts: list[Span], measure_ms: int) -> list[list[Span]]:
    """The parts in windows, each filled until the next part would make it longer than the measure."""
    groups: list[list[Span]] = []
    filled_ms = measure_ms
    for part in parts:
        if filled_ms + PAUSE_MS + part.duration_ms > measure_ms:
            groups.append([])
            filled_ms = -PAUSE_MS
        groups[-1].append(part)
        filled_ms += PAUSE_MS + part.duration_ms
    return groups


def _window(samples: SoundArray, parts: list[Span]) -> Window:
    pieces: list[Piece] = []
    at_ms = 0
    for part in parts:
        pieces.append(Piece(part, at_ms))
        at_ms += part.duration_ms + PAUSE_MS
    return Window(samples, tuple(pieces))


def piece_of(samples: SoundArray, span: Span) -> FloatArray:
    """The samples of a span, shape (n,), to reckon with."""
    piece = samples[span.start_ms * SAMPLE_RATE // 1000 : span.end_ms * SAMPLE_RATE // 1000]
    return np.asarray(piece, np.float32)


def _no_longer_than(longest_ms: int, samples: SoundArray, stretch: Span) -> list[Span]:
    """The stretch, cut at its quietest places where it is longer than a window."""
    parts = []
    while stretch.duration_ms > longest_ms:
        cut = _quietest(
            samples, Span(stretch.start_ms + longest_ms // 2, stretch.start_ms + longest_ms)
        )
        parts.append(Span(stretch.start_ms, cut))
        stretch = Span(cut, stretch.end_ms)
    return [*parts, stretch]


def _quietest(samples: SoundArray, within: Span) -> int:
    """The middle of the quietest ``QUIET_MS`` of a span, in ms."""
    size = QUIET_MS * SAMPLE_RATE // 1000
    region = piece_of(samples, within)
    frames = region[: region.size // size * size].reshape(-1, size)
    quietest = int(np.argmin(np.square(frames).mean(1)))
    return within.start_ms + quietest * QUIET_MS + QUIET_MS // 2
