"""What wordings cost against stretches of a text, for many pairs of them at once.

Sellers' algorithm: an edit distance over syllables whose alignment may begin anywhere in its stretch.
A pair costs some 150 steps, and a call has hundreds of pairs, so the pairs are one axis of an array.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipeline.wording.sound import GAP, STUTTER, Sound, Sounding
from pipeline.wording.syllables import distances, hundredths

Ints = NDArray[np.int64]

PLACES = 1 << 14
"""A cell holds cost times this plus where its alignment began, so that the smaller cell is the cheaper
alignment, and of two as cheap the one that began earlier."""

Cells = NDArray[np.signedinteger[Any]]

LONGEST_IN_32_BITS = 300
"""Syllables of a wording up to which cells of 32 bits hold every cost: some four times as many are put
in, dropped and replaced at most. Twice as many such cells are worked on at once."""

HOPES = 512
"""Pairs whose syllables are held against each other all at once: of a long wording half a million."""

PAIRS = 4096
"""Pairs in one array: what its rows take fits a processor's cache."""

MOST_HEARD = 2048
"""Syllables whose distances are kept. Mandarin has some 410; the rest are letters of other scripts."""

Aligned = tuple[int, int, int, float]
"""The number of a sound, start and end in the text, and the cost."""


class Aligner:
    """Aligns some sounds, known by their number, with texts."""

    def __init__(self, sounds: Sequence[Sound]) -> None:
        longest = max((len(sound.wanted) for sound in sounds), default=0)
        self._cell = np.dtype(np.int32 if longest <= LONGEST_IN_32_BITS else np.int64)
        self._known = sorted({syllable for sound in sounds for syllable in sound.wanted})
        self._wanted = _padded([sound.wanted for sound in sounds], self._known)
        self._lengths = _numbers([len(sound.wanted) for sound in sounds])
        self._bounds = _numbers([hundredths(sound.bound) for sound in sounds])
        self._heard: dict[str, int] = {}
        self._table = self._saved([])

    def align(
        self, sounding: Sounding, sounds: Ints, firsts: Ints, lasts: Ints
    ) -> Iterator[Aligned]:
        """For each sound, in its stretch, and each end the cheapest alignment within the bound.

        A stretch is its first syllable and one past its last.
        """
        text = self._columns(sounding.heard)
        adding = np.where(sounding.repeats, hundredths(STUTTER), hundredths(GAP)).astype(self._cell)
        adding *= PLACES
        # the longest stretches stand last, so that a chunk's stretches are about as long
        order = np.argsort(lasts - firsts)
        chunks = [order[at : at + HOPES] for at in range(0, len(order), HOPES)]
        hopes = [self._hope(text, sounds[of], firsts[of], lasts[of]) for of in chunks]
        order = order[np.concatenate(hopes)] if hopes else order
        for at in range(0, len(order), PAIRS):
            chunk = order[at : at + PAIRS]
            yield from self._chunk(text, adding, sounds[chunk], firsts[chunk], lasts[chunk])

    def _columns(self, heard: Sequence[str]) -> Ints:
        """A text's syllables as columns of the table of distances, which grows as new ones are heard."""
        new = sorted(set(heard) - self._heard.keys())
        if new:
            if len(self._heard) > MOST_HEARD:
                self._heard, new = {}, sorted(set(heard))
                self._table = self._table[:, :0]
            self._table = np.hstack([self._table, self._saved(new)])
            self._heard.update(zip(new, count(len(self._heard))))
        return np.array([self._heard[syllable] for syllable in heard], np.int64)

    def _saved(self, heard: Sequence[str]) -> Cells:
        """What it costs that one syllable was said and another heard, less what dropping it costs."""
        return ((distances(self._known, heard) - hundredths(GAP)) * PLACES).astype(self._cell)

    def _hope(self, text: Ints, sounds: Ints, firsts: Ints, lasts: Ints) -> NDArray[np.bool]:
        """Whether a sound may be within its bound in its stretch: most cannot.

        No alignment costs less than each wanted syllable dropped or put for the nearest one heard.
        """
        lengths = self._lengths[sounds]
        wanted = self._wanted[sounds, : lengths.max()].T.astype(np.int64, order="C")
        at = np.minimum(firsts + np.arange((lasts - firsts).max())[:, np.newaxis], lasts - 1)
        places = wanted * self._table.shape[1] + text[at][:, np.newaxis]
        nearest = self._table.ravel().take(places).min(axis=0)
        nearest[np.arange(len(wanted))[:, np.newaxis] >= lengths] = 0  # these only fill up
        least: Ints = nearest.sum(axis=0) // PLACES + lengths * hundredths(GAP)
        return least <= self._bounds[sounds]

    def _chunk(
        self, text: Ints, adding: Cells, sounds: Ints, firsts: Ints, lasts: Ints
    ) -> Iterator[Aligned]:
        lengths, sizes, bounds = self._lengths[sounds], lasts - firsts, self._bounds[sounds]
        wanted = self._wanted[sounds, : lengths.max()].T.astype(np.int64, order="C")
        # where in the table the row of each wanted syllable begins, and in a column what all together cost
        table, rows = self._table.ravel(), wanted * self._table.shape[1]
        whole = lengths * len(sounds) + np.arange(len(sounds))
        at = np.minimum(firsts + np.arange(sizes.max())[:, np.newaxis], len(text) - 1)
        heard, adding = text[at], adding[at]
        # column[i]: the first i wanted syllables against what was heard so far, less what it costs to
        # drop all i of them; so to drop the next one changes nothing
        column = np.zeros((len(wanted) + 1, len(sounds)), self._cell)
        ends = np.empty(heard.shape, self._cell)
        most_dropped = int(bounds.max()) // hundredths(GAP)
        for step, done in enumerate(np.searchsorted(sizes, np.arange(len(ends)), "right")):
            live = column[:, done:]
            replaced = table.take(rows[:, done:] + heard[step, done:])
            replaced += live[:-1]
            live += adding[step, done:]
            live[0] = step + 1
            np.minimum(live[1:], replaced, out=live[1:])
            for _ in range(most_dropped):
                np.minimum(live[1:], live[:-1], out=live[1:])
            ends[step] = column.take(whole)
        ends += (lengths * hundredths(GAP) * PLACES).astype(self._cell)
        within = ends // PLACES <= bounds
        within &= np.arange(len(ends))[:, np.newaxis] < sizes
        for step, pair in np.argwhere(within).tolist():
            cost, begun = divmod(int(ends[step, pair]), PLACES)
            if begun <= step:
                first = int(firsts[pair])
                yield int(sounds[pair]), first + begun, first + step + 1, cost / 100


def _padded(rows: Sequence[Sequence[str]], known: Sequence[str]) -> NDArray[np.int32]:
    """Rows of sounds as their places in ``known``, filled up to the longest."""
    place = {sound: i for i, sound in enumerate(known)}
    padded = np.zeros((len(rows), max(map(len, rows), default=0)), np.int32)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = [place[sound] for sound in row]
    return padded


def _numbers(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)
