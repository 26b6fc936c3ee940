"""Who speaks when on one channel: powerset segmentation, speaker embeddings, clustering.

Segmentation cuts the speech wherever a voice begins, ends or changes; embeddings say which stretches
are one voice's; then every stretch is looked through once more for a change the segmentation missed,
as it does between two like voices with little pause. Roles come later, from the words (speakers.py).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice, pairwise, permutations
from threading import Lock

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.listen.audio import SAMPLE_RATE, FloatArray, SoundArray
from pipeline.listen.clustering import Matrix, cluster
from pipeline.listen.segmentation import (
    FIRST_FRAME_SAMPLES,
    FRAME_SAMPLES,
    LOCAL_VOICES,
    Activity,
    Segmentation,
)
from pipeline.listen.speaker_weights import load_speaker_weights
from pipeline.listen.voiceprint import Embedding, Voiceprint
from pipeline.listen.windows import piece_of
from pipeline.records import Span

STEP_MS = 5_000
"""Windows of ten seconds overlap by half: voices are matched across, and each frame is taken from the
window that has it further from its edge."""

SPEAKING = 0.5
"""Probability from which a voice of a window speaks."""

SHORTEST_MS = 60
"""A voice for less than this is a click or an echo."""

TELLING_MS = 400
"""Sound alone of which an embedding counts in clustering. Shorter ones are only put to the nearest voice."""

FEW = 8
PIECE_MS = 2_500
"""Of fewer stretches than that, long ones are clustered in pieces: a voice heard once has several then.
Where there are enough, whole ones tell like voices better apart."""

MOSTLY = 0.5
"""Share of a stretch that voice activity must hear as well: ring tones and music have no speaker."""

PAUSE_MS = 120
PAUSE_DB = 15.0
"""A dip this long, this far below its stretch's median level, may hide a change of voice."""

CHANGE_MARGIN = 0.1
"""How much liker another voice a part of a stretch must be to be cut off."""

SHORT_REPLY_MS = 150
"""A clipped 「嗯」: the shortest part of which an embedding says more than what stands around it."""

LEVEL_FRAME_MS = 20


@dataclass(frozen=True, slots=True)
class Turn:
    """A stretch of one voice, which may overlap another's."""

    span: Span
    speaker: int


@dataclass(frozen=True, slots=True)
class Networks:
    """What cuts speech where voices change, and what tells voices apart."""

    segmentation: Segmentation
    voiceprint: Voiceprint


def load_networks() -> Networks:
    """Both, from the weights that are installed.

    Raises:
        WeightsError: see :func:`~pipeline.listen.speaker_weights.load_speaker_weights`
    """
    weights = load_speaker_weights()
    return Networks(Segmentation(weights.segmentation), Voiceprint(weights.voiceprint))


class Diarizer:
    """Its networks are loaded for the first mono recording: a night of stereo saves their 60 MB."""

    def __init__(self, load: Callable[[], Networks] = load_networks) -> None:
        self._load = load
        self._loading = Lock()

    @property
    def networks(self) -> Networks:
        """Both, loaded if they are not yet."""
        with self._loading:  # once, whichever threads ask first
            return self._loaded

    @cached_property
    def _loaded(self) -> Networks:
        return self._load()

    def turns(self, samples: SoundArray, speech: tuple[Span, ...]) -> tuple[Turn, ...]:
        """Who speaks when: one channel, shape (n,), 16 kHz, and its voice activity.

        Speakers are numbered in the order they are first heard. A single number means that the voices
        could not be told apart, or that there is one.
        """
        if not speech:
            return ()
        with _one_thread():
            stretches = [
                stretch
                for stretch in _stretches(self._activity(samples))
                if _heard_ms(stretch.span, speech) >= MOSTLY * stretch.span.duration_ms
            ]
            in_pieces = len(stretches) < FEW
            cut = [_cut(samples, one, in_pieces=in_pieces) for one in stretches]
            parts = self._heard(samples, cut)
        centres = _voices(parts, in_pieces=in_pieces)
        found = [
            turn
            for stretch, own in zip(stretches, parts, strict=True)
            for turn in _parted(stretch, own, centres)
        ]
        return _numbered(found)

    def _activity(self, samples: SoundArray) -> Activity:
        """The windows joined: local voices keep their number as long as windows share one."""
        last_frame = max(0, samples.size - FIRST_FRAME_SAMPLES) // FRAME_SAMPLES + 1
        joined = np.zeros((last_frame, LOCAL_VOICES), np.float32)
        filled = 0
        for start, found in self.networks.segmentation.windows(samples, STEP_MS):
            first = round(start / FRAME_SAMPLES)
            window = found[: last_frame - first]
            before = joined[first : min(filled, first + len(window))]
            order = _matching(before, window[: len(before)])
            seam = first + len(before) // 2
            joined[seam : first + len(window)] = window[seam - first :, order]
            filled = first + len(window)
        return joined

    def _heard(
        self, samples: SoundArray, cut: Sequence[tuple[_Cut, ...]]
    ) -> list[tuple[_Part, ...]]:
        """Each part with the embeddings of its pieces, all of which go through the network together."""
        pieces = chain.from_iterable(one.pieces(samples) for own in cut for one in own)
        prints = self.networks.voiceprint.embed(pieces)
        return [
            tuple(_Part(one.span, one.alone_ms, _rows(islice(prints, one.count))) for one in own)
            for own in cut
        ]


def _cut(samples: SoundArray, stretch: _Stretch, *, in_pieces: bool) -> tuple[_Cut, ...]:
    """The stretch cut at its pauses. Where no part tells by what sounds alone, it stays whole."""
    found = []
    for span in _at_pauses(samples, stretch.span):
        alone = tuple(one.clipped(span) for one in stretch.alone if one.overlap_ms(span))
        alone_ms = sum(one.duration_ms for one in alone)
        count = max(1, round(alone_ms / PIECE_MS)) if in_pieces else 1
        found.append(_Cut(span, alone_ms, alone, count if alone_ms >= SHORT_REPLY_MS else 0))
    if not any(one.count for one in found):
        return (_Cut(stretch.span, 0, (stretch.span,), 1),)
    return tuple(found)


def _rows(prints: Iterable[Embedding]) -> Matrix:
    rows = [np.asarray(one, np.float64) for one in prints]
    return np.stack(rows) if rows else NO_PRINT


def _voices(parts: Sequence[tuple[_Part, ...]], *, in_pieces: bool) -> Matrix:
    """The centre of each voice, from the stretches long enough to tell; none without such."""
    telling = [own for own in parts if sum(part.alone_ms for part in own) >= TELLING_MS]
    if not telling:
        return NO_PRINT
    prints, seconds = [], []
    for own in telling:
        told = [part.prints for part in own if len(part.prints)]
        rows = np.concatenate(told) if in_pieces else _whole(own)[None]
        prints.append(rows)
        seconds += [sum(part.alone_ms for part in own) / 1000 / len(rows)] * len(rows)
    return cluster(np.concatenate(prints), seconds).centres


def _whole(parts: tuple[_Part, ...]) -> Matrix:
    """What a stretch is like: its parts' embeddings, the longer the weightier."""
    total = np.sum(
        [part.prints.sum(0) * max(1, part.alone_ms) for part in parts if len(part.prints)], 0
    )
    return np.asarray(total / (np.linalg.norm(total) or 1.0))


def _parted(stretch: _Stretch, parts: tuple[_Part, ...], centres: Matrix) -> Iterator[Turn]:
    """The stretch, cut at pauses where a part of it is clearly another's than the whole."""
    if len(centres) < 2:
        yield Turn(stretch.span, 0)
        return
    own = int(np.argmax(centres @ _whole(parts)))
    for part in parts:
        likeness = centres @ part.prints.sum(0) if len(part.prints) else np.zeros(len(centres))
        other = int(np.argmax(likeness))
        yield Turn(part.span, other if likeness[other] - likeness[own] >= CHANGE_MARGIN else own)


def _matching(before: Activity, after: Activity) -> list[int]:
    """Which voice of ``after`` each voice of ``before`` is: those that speak at the same time."""
    together = (before.T @ after).tolist()
    orders = permutations(range(LOCAL_VOICES))
    return list(max(orders, key=lambda order: sum(map(list.__getitem__, together, order))))


@dataclass(frozen=True, slots=True)
class _Stretch:
    """A run of one local voice, and those parts of it in which no other speaks."""

    span: Span
    alone: tuple[Span, ...]

    @property
    def alone_ms(self) -> int:
        return sum(span.duration_ms for span in self.alone)


@dataclass(frozen=True, slots=True)
class _Cut:
    """A stretch between two of its pauses, and the sound that tells whose it is: that of some spans, in
    ``count`` pieces. It is taken from the recording when it is needed.
    """

    span: Span
    alone_ms: int
    telling: tuple[Span, ...]
    count: int

    def pieces(self, samples: SoundArray) -> list[FloatArray]:
        if not self.count:
            return []
        sound = np.concatenate([piece_of(samples, span) for span in self.telling])
        return np.array_split(sound, self.count)


@dataclass(frozen=True, slots=True)
class _Part:
    """A stretch between two of its pauses: how long its voice sounds alone, and its embeddings.

    ``prints`` has the shape (pieces, dimensions), without a row where that is too short to tell.
    """

    span: Span
    alone_ms: int
    prints: Matrix


NO_PRINT: Matrix = np.zeros((0, 0))


def _stretches(activity: Activity) -> list[_Stretch]:
    speaking = activity > SPEAKING
    single = speaking.sum(1) == 1
    found = [
        _Stretch(span, tuple(_spans(speaking[:, voice] & single, span)))
        for voice in range(LOCAL_VOICES)
        for span in _spans(speaking[:, voice])
    ]
    return sorted(
        (one for one in found if one.span.duration_ms >= SHORTEST_MS), key=lambda one: one.span
    )


def _spans(frames: NDArray[np.bool_], limits: Span | None = None) -> Iterator[Span]:
    """The runs of true frames as time."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], frames.astype(np.int8), [0]])))
    for first, last in edges.reshape(-1, 2):
        span = Span(_edge_ms(int(first)), _edge_ms(int(last)))
        if limits is None or span.overlap_ms(limits):
            yield span


def _edge_ms(frame: int) -> int:
    """Where a frame begins: half a step before its centre."""
    return (FIRST_FRAME_SAMPLES + frame * FRAME_SAMPLES - FRAME_SAMPLES // 2) * 1000 // SAMPLE_RATE


def _heard_ms(span: Span, speech: tuple[Span, ...]) -> int:
    return sum(span.overlap_ms(other) for other in speech)


def _at_pauses(samples: SoundArray, span: Span) -> list[Span]:
    """The span cut in the middle of each dip of its level."""
    size = LEVEL_FRAME_MS * SAMPLE_RATE // 1000
    sound = piece_of(samples, span)
    frames = sound[: sound.size // size * size].reshape(-1, size)
    if not len(frames):
        return [span]
    levels = 10 * np.log10(np.square(frames, dtype=np.float64).mean(1) + 1e-12)
    low = np.concatenate([[0], (levels < np.median(levels) - PAUSE_DB).astype(np.int8), [0]])
    dips = np.flatnonzero(np.diff(low)).reshape(-1, 2)
    cuts = [
        span.start_ms + int(first + last) * LEVEL_FRAME_MS // 2
        for first, last in dips
        if (last - first) * LEVEL_FRAME_MS >= PAUSE_MS and first > 0 and last < len(levels)
    ]
    return [Span(a, b) for a, b in pairwise((span.start_ms, *cuts, span.end_ms))]


def _numbered(turns: list[Turn]) -> tuple[Turn, ...]:
    """In order of time, speakers numbered as they come."""
    ordered = sorted(turns, key=lambda turn: (turn.span, turn.speaker))
    numbers = {old: new for new, old in enumerate(dict.fromkeys(turn.speaker for turn in ordered))}
    return tuple(Turn(turn.span, numbers[turn.speaker]) for turn in ordered)


@contextmanager
def _one_thread() -> Iterator[None]:
    """Both networks are hundreds of small steps: where other work kept two cores busy, a second thread
    made them four to eight times slower.
    """
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(threads)
