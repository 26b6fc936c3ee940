"""Phrases found by how they sound: toneless syllables, within a cost that grows with length.

A phrase of two syllables must sound exactly so; each further syllable allows ``COST_A_SYLLABLE``
more. One of a single syllable never matches by sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise

from pipeline.wording.syllables import NEAR, merged, sound_distance, syllables

COST_A_SYLLABLE = 0.25
"""What each syllable past the second adds to the bound: a phrase of three may hold one confusable
syllable, one of six a wrong one. False matches over ordinary speech are measured by
tests/bench/false_matches.py."""

GAP = 1.0
"""Cost of a syllable dropped or put in."""

Hit = tuple[int, int, float]
"""Start and end, in characters of the text, and the sound distance."""


class Sounding:
    """A normalised text as syllables, one a character."""

    def __init__(self, text: str) -> None:
        self.heard = syllables(text)
        self._merged = tuple(merged(sound) for sound in self.heard)
        self._joined = _joined(self._merged)

    def find(self, wording: str) -> Iterator[Hit]:
        """Ends of the cheapest alignments of a normalised wording anywhere in the text."""
        bound = sound_bound(len(wording))
        if bound < 0:
            return
        wanted = syllables(wording)
        for start, end in self._neighbourhoods(wording):
            if bound < NEAR:
                yield from self._confusable(wanted, bound, start, end)
            else:
                yield from self._aligned(wanted, bound, start, end)

    def _neighbourhoods(self, wording: str) -> Iterator[tuple[int, int]]:
        """Where the wording can lie at all: around places where one of its seeds stands whole."""
        reach = len(wording) + 1
        spots = sorted(
            self._joined.count(" ", 0, at) // 2
            for seed in _seeds(wording)
            for at in places(self._joined, seed)
        )
        start = end = -reach - 1  # below any place
        for spot in spots:
            if spot - reach > end:
                if end >= 0:
                    yield start, end
                start = max(0, spot - reach)
            end = min(len(self.heard), spot + reach)
        if end >= 0:
            yield start, end

    def _confusable(
        self, wanted: tuple[str, ...], bound: float, first: int, last: int
    ) -> Iterator[Hit]:
        """Where every syllable is the same or one that speakers do not keep apart."""
        size = len(wanted)
        goal = tuple(merged(sound) for sound in wanted)
        for at in range(first, last - size + 1):
            if self._merged[at : at + size] == goal:
                pairs = zip(wanted, self.heard[at : at + size], strict=True)
                cost = sum(sound_distance(want, sound) for want, sound in pairs)
                if cost <= bound:
                    yield at, at + size, cost

    def _aligned(
        self, wanted: tuple[str, ...], bound: float, first: int, last: int
    ) -> Iterator[Hit]:
        """Sellers' algorithm: an edit distance whose alignment may begin anywhere in the text."""
        # column[i] = (cost of the first i wanted syllables ending here, where that alignment began)
        column = [(GAP * i, first) for i in range(len(wanted) + 1)]
        for at in range(first, last):
            sound, before = self.heard[at], column
            column = [(0.0, at + 1)]
            for i, want in enumerate(wanted):
                begun = at if i == 0 else before[i][1]
                column.append(
                    min(
                        (before[i][0] + sound_distance(want, sound), begun),
                        (before[i + 1][0] + GAP, before[i + 1][1]),
                        (column[i][0] + GAP, column[i][1]),
                    )
                )
            cost, start = column[-1]
            if cost <= bound and start < at + 1:
                yield start, at + 1, cost


def sound_bound(length: int) -> float:
    """The greatest sound distance at which a phrase of this many syllables still counts.

    >>> [sound_bound(n) for n in (1, 2, 3, 6)]
    [-1.0, 0.0, 0.25, 1.0]
    """
    return COST_A_SYLLABLE * (length - 2) if length > 1 else -1.0


@lru_cache(maxsize=16384)
def _seeds(wording: str) -> tuple[str, ...]:
    """Parts of a wording of which at least one stands unchanged wherever the wording matches.

    Within its bound at most ``bound / NEAR`` syllables can differ beyond confusion, so of one part
    more than that, one part is whole (the pigeonhole principle).
    """
    sounds = tuple(merged(sound) for sound in syllables(wording))
    count = min(len(sounds), int(max(0.0, sound_bound(len(sounds))) / NEAR) + 1)
    cuts = [round(len(sounds) * i / count) for i in range(count + 1)]
    return tuple(_joined(sounds[a:b]) for a, b in pairwise(cuts))


def _joined(sounds: tuple[str, ...]) -> str:
    return "".join(f" {sound} " for sound in sounds)


def places(text: str, part: str) -> Iterator[int]:
    """Where a part stands in a text, overlapping places too."""
    at = text.find(part)
    while at >= 0:
        yield at
        at = text.find(part, at + 1)
