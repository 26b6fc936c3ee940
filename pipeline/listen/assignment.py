"""Words and voice activity -> the speakers they belong to.

Whisper's word times are true to about 0.2 s, and turns change faster than that. A word belongs to the
voice whose turn is nearest to it, but for a small price of changing voices between two words.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence

from pipeline.listen.diarization import Turn
from pipeline.listen.speech import without
from pipeline.records import Span, Word, merge_spans

CHANGE_MS = 100
"""What a change of voice costs, as distance of a word from its voice's turns. Of 3584 words of 34
synthetic calls mixed to mono (tests/bench/roles.py), 8 go to a wrong voice at 50-150, 10 at 300."""

WITHIN_WORD = 0.6
"""The place in a word that tells whose it is. Whisper begins the word after a pause early, in the pause:
of the same words 12 go wrong by their middle, 8 by any place from 0.6 to 0.7."""


def assign(words: Sequence[Word], turns: Sequence[Turn]) -> tuple[int, ...]:
    """The speaker of each word: the cheapest way through all of them (Viterbi).

    >>> hello, yes = Word("您好。", Span(0, 600), 0.9), Word("嗯。", Span(700, 1500), 0.9)
    >>> assign([hello, yes], [Turn(Span(0, 650), 0), Turn(Span(1300, 1500), 1)])
    (0, 1)
    """
    speakers = sorted({turn.speaker for turn in turns})
    if not words or len(speakers) < 2:
        return tuple(speakers[:1] or [0]) * len(words)
    own = [
        merge_spans([turn.span for turn in turns if turn.speaker == speaker])
        for speaker in speakers
    ]
    costs = [float(_distance_ms(words[0].span, spans)) for spans in own]
    came_from: list[list[int]] = []
    for word in words[1:]:
        best = min(range(len(own)), key=lambda index: costs[index])
        step = [
            index if costs[index] < costs[best] + CHANGE_MS else best for index in range(len(own))
        ]
        costs = [
            costs[origin] + CHANGE_MS * (origin != index) + _distance_ms(word.span, own[index])
            for index, origin in enumerate(step)
        ]
        came_from.append(step)
    path = [min(range(len(own)), key=lambda index: costs[index])]
    for step in reversed(came_from):
        path.append(step[path[-1]])
    return tuple(speakers[index] for index in reversed(path))


def _distance_ms(word: Span, spans: Sequence[Span]) -> int:
    """How far a word lies from the nearest of the spans, which are in order and disjoint."""
    place = round(word.start_ms + WITHIN_WORD * word.duration_ms)
    at = bisect_right(spans, Span(place, place))
    return min(
        max(span.start_ms - place, place - span.end_ms, 0)
        for span in spans[max(0, at - 1) : at + 1]
    )


def speech_of_speakers(
    speech: Sequence[Span], turns: Sequence[Turn]
) -> tuple[tuple[Span, int], ...]:
    """Voice activity with its speakers: every stretch of it has one, or two where both speak.

    Where nobody's turn is, the stretch belongs to the nearest.
    """
    found: list[tuple[Span, int]] = []
    for span in speech:
        inside = [turn for turn in turns if turn.span.overlap_ms(span)]
        if not inside:
            near = min(turns, key=lambda turn: turn.span.gap_ms(span), default=None)
            found.append((span, near.speaker if near else 0))
            continue
        found += _filled(span, inside)
    return tuple(sorted(found))


def _filled(span: Span, turns: Sequence[Turn]) -> list[tuple[Span, int]]:
    """The turns clipped to the span, and grown to the middle of what is left between them."""
    pieces = [(turn.span.clipped(span), turn.speaker) for turn in turns]
    for gap in without((span,), tuple(piece for piece, _ in pieces)):
        before = [speaker for piece, speaker in pieces if piece.end_ms == gap.start_ms]
        after = [speaker for piece, speaker in pieces if piece.start_ms == gap.end_ms]
        middle = gap.middle_ms if before and after else gap.end_ms if before else gap.start_ms
        pieces += [(Span(gap.start_ms, middle), speaker) for speaker in before[:1]]
        pieces += [(Span(middle, gap.end_ms), speaker) for speaker in after[:1]]
    return [
        (whole, speaker)
        for speaker in sorted({speaker for _, speaker in pieces})
        for whole in merge_spans([piece for piece, other in pieces if other == speaker])
    ]
