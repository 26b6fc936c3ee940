"""Crosstalk: the other side's voice, faint, on a channel whose own side is silent.

An echo of the line, or an earpiece too near its microphone, puts each voice on both channels. Voice
activity then finds two people talking at once, and recognition writes down one's words as the
other's. What leaks has the envelope of the voice it comes from, a constant number of dB below it. So:

* a channel leaks into another if, wherever it is the louder by far, the other's level rises and falls
  with it. Two people's levels do not, nor does a line's noise;
* where that is so, speech on the other channel counts only where it is louder than what leaks.

On a pair of channels without crosstalk nothing is changed.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SoundArray
from pipeline.listen.level import FRAME_MS, Levels, frame_levels, noise_db
from pipeline.records import Span, merge_spans

OVER_FLOOR_DB = 15.0
"""How far a channel must lie over its own floor for what it holds to be heard on the other."""

FAINTER_DB = 3.0
"""What leaks is fainter than where it comes from; frames that are not hold the other's own voice."""

LATEST_MS = 240
"""An echo comes at most this late (ITU-T G.131 asks for cancellers from 25 ms one way on; a mobile
network's round trip is about 200 ms). Later than that it is a long-distance line of another age."""

BLOCK_MS = 1_000
"""Levels are compared within a second, so that ringing, holds and noise that begins when the line is
through do not pass for an envelope."""

FEWEST_BLOCKS = 3
"""Seconds of one-sided speech without which nothing is said about a line."""

ALIKE = 0.5
"""Correlation of the two envelopes from which one leaks into the other. In the twelve stereo samples,
which have no crosstalk, it is at most 0.20; with a copy (400-3000 Hz, 50 ms late) 25 dB below their
voices 0.79 and more, 35 dB below, at the height of their noise, 0.51 and more."""

MARGIN_DB = 6.0
"""How far own speech must lie over what leaks, and over noise. Of frames that hold only a leak 10-25 dB
down, 95 of 100 lie less than 1.8 dB above the loudest that may be arriving, 99 less than 7.8."""

NEAR_FRAMES = 2
"""An echo is smeared by the room and the codec, and its delay is no whole number of frames."""

PAUSE_MS = 200
"""Own speech is joined over its quieter consonants up to this."""

SHORTEST_MS = 80
"""A clipped 「嗯」; single frames above the leak are its clicks."""


@dataclass(frozen=True, slots=True)
class Leak:
    """How one channel sounds on the other: ``gain_db`` against itself, below 0, and ``delay_ms`` later."""

    gain_db: float
    delay_ms: int
    alike: float


def own_speech(speech: tuple[Span, ...], own: SoundArray, other: SoundArray) -> tuple[Span, ...]:
    """The speech of a channel without what leaks from the other; unchanged where nothing does.

    Args:
        speech: where voice activity found a voice on the channel, in order
        own: the channel's samples, shape (n,), 16 kHz
        other: the other channel's, of the same shape
    """
    levels, others = frame_levels(own), frame_levels(other)
    leak = find_leak(levels, others)
    if leak is None:
        return speech
    leaking = _arriving(others, leak) + MARGIN_DB
    louder = levels > np.maximum(leaking, noise_db(levels) + MARGIN_DB)
    return tuple(piece for span in speech for piece in _louder_pieces(span, louder))


def arriving_levels(levels: Levels, others: Levels) -> Levels:
    """The loudest that may be leaking from the other channel in each frame, in dB, shape (frames,).

    -inf throughout where nothing leaks.
    """
    leak = find_leak(levels, others)
    return np.full(levels.shape, -np.inf) if leak is None else _arriving(others, leak)


def find_leak(levels: Levels, others: Levels) -> Leak | None:
    """How the other channel leaks into this one, if it does; levels of frames, in dB, same shape."""
    if others.size < FEWEST_BLOCKS * BLOCK_MS // FRAME_MS:
        return None
    sounding = others > noise_db(others) + OVER_FLOOR_DB
    best: Leak | None = None
    for late in range(LATEST_MS // FRAME_MS + 1):
        here, there = levels[late:], others[: others.size - late]
        chosen = sounding[: there.size] & (here < there - FAINTER_DB)
        alike = _alike(here, there, chosen)
        if alike >= ALIKE and (best is None or alike > best.alike):
            gains = (here - there)[chosen]
            best = Leak(float(np.median(gains)), late * FRAME_MS, alike)
    return best


def _arriving(others: Levels, leak: Leak) -> Levels:
    late = leak.delay_ms // FRAME_MS
    arriving = np.concatenate([np.full(late, others.min()), others])[: others.size]
    return _loudest_near(arriving) + leak.gain_db


def _alike(here: Levels, there: Levels, chosen: NDArray[np.bool_]) -> float:
    """Correlation of two levels within blocks, over the chosen frames; 0 when they are too few."""
    frames = BLOCK_MS // FRAME_MS
    if int(chosen.sum()) < FEWEST_BLOCKS * frames:
        return 0.0
    block = (np.arange(here.size) // frames)[chosen]
    first, second = _within(here[chosen], block), _within(there[chosen], block)
    energy = float(np.sqrt((first @ first) * (second @ second)))
    return float(first @ second) / energy if energy else 0.0


def _within(levels: Levels, block: NDArray[np.int_]) -> Levels:
    """The levels less the mean of their block."""
    counts = np.maximum(1, np.bincount(block))
    return levels - (np.bincount(block, levels) / counts)[block]


def _loudest_near(levels: Levels) -> Levels:
    """Each frame's level, or that of the loudest of its neighbours."""
    padded = np.pad(levels, NEAR_FRAMES, mode="edge")
    near = [padded[shift : shift + levels.size] for shift in range(2 * NEAR_FRAMES + 1)]
    return np.asarray(np.max(near, axis=0))


def _louder_pieces(span: Span, louder: NDArray[np.bool_]) -> list[Span]:
    """The pieces of a span that lie above the leak, each from its first to its last louder frame."""
    frames = range(span.start_ms // FRAME_MS, min(louder.size, -(-span.end_ms // FRAME_MS)))
    own = [Span(at * FRAME_MS, (at + 1) * FRAME_MS) for at in frames if louder[at]]
    pieces = merge_spans(own, PAUSE_MS)
    return [
        piece.clipped(span)
        for piece in pieces
        if sum(one.overlap_ms(piece) for one in own) >= SHORTEST_MS
    ]
