"""Which words of a text begin a phrase: those with a second word of one close enough behind.

Of the hundred places in a call where some phrase's first word stands, one in ten has such a second word.
All places are looked at as one array, since going through the tree of phrases from each costs more than
all that follows.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class Pairs:
    """Words, known by their number, of which some may follow some others."""

    def __init__(self, words: int, pairs: Iterable[tuple[int, int]]) -> None:
        self._follows = np.zeros((words, -(-words // 8)), np.uint8)  # a bit a pair
        for first, second in pairs:
            self._follows[first, second // 8] |= 1 << second % 8

    def begun(self, found: Sequence[tuple[int, int, int]], most_between: int) -> list[int]:
        """Places in ``found`` of words that one of their followers stands behind, in order.

        ``found`` holds start, end and number of the words in a text, in order of their starts; at
        most ``most_between`` characters stand between the two.
        """
        if not found:
            return []
        starts, ends, numbers = np.array(found, np.int64).T
        first = np.searchsorted(starts, ends)
        counts = np.searchsorted(starts, ends + most_between, "right") - first
        which = np.repeat(np.arange(len(found)), counts)
        behind = np.arange(len(which)) - np.repeat(np.cumsum(counts) - counts - first, counts)
        seconds = numbers[behind]
        follows = self._follows[numbers[which], seconds >> 3] >> (seconds & 7) & 1
        begun = np.zeros(len(found), np.bool)
        begun[which[follows.astype(np.bool)]] = True
        return np.flatnonzero(begun).tolist()
