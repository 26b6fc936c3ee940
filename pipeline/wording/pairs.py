"""Which words of a text can be neighbours in a phrase: the only steps worth trying in the tree of phrases.

A hundred words of phrases stand in a call, each with some five behind it, and nearly none of these are
neighbours in any phrase. The tree is all over the memory; which words are neighbours in it somewhere is
a bit each, and all of a call are looked up as one array.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

import numpy as np


class Pairs:
    """Words, known by their number, of which some follow some others in phrases."""

    def __init__(self, words: int, pairs: Iterable[tuple[int, int]]) -> None:
        self._follows = np.zeros((words, -(-words // 8)), np.uint8)  # a bit a pair
        for first, second in pairs:
            self._follows[first, second // 8] |= 1 << second % 8

    def steps(
        self, found: Sequence[tuple[int, int, int]], most_between: int
    ) -> Mapping[int, Sequence[int]]:
        """From each place in ``found`` the places, in order, of words that may follow in a phrase.

        ``found`` holds start, end and number of the words in a text, in order of their starts; at
        most ``most_between`` characters stand between two.

        >>> Pairs(2, [(0, 1)]).steps([(0, 1, 0), (1, 2, 1), (2, 3, 1)], 1)
        {0: [1, 2]}
        """
        if not found:
            return {}
        starts, ends, numbers = (np.array(row, np.int64) for row in zip(*found, strict=True))
        first = np.searchsorted(starts, ends)
        counts = np.searchsorted(starts, ends + most_between, "right") - first
        which = np.repeat(np.arange(len(found)), counts)
        behind = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts - first, counts)
        seconds = numbers[behind]
        follows = self._follows[numbers[which], seconds >> 3] >> (seconds & 7) & 1
        steps: dict[int, list[int]] = defaultdict(list)
        taken = np.flatnonzero(follows)
        for before, after in zip(which[taken].tolist(), behind[taken].tolist(), strict=True):
            steps[before].append(after)
        return dict(steps)
