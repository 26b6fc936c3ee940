"""What wordings cost against stretches of a text, for many pairs of them at once.

Sellers' algorithm: an edit distance over syllables whose alignment may begin anywhere in its stretch.
A pair costs some 150 steps, and a call has hundreds of pairs, so the pairs are one axis of an array.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

import numpy as np
from numpy.typing import NDArray

from pipeline.wording.sound import GAP, STUTTER, Sound, Sounding
from pipeline.wording.syllables import distances, hundredths

Ints = NDArray[np.int64]

PLACES = 1 << 32
"""A cell holds cost times this plus where its alignment began, so that the smaller cell is the cheaper
alignment, and of two as cheap the one that began earlier."""

PAIRS = 4096
"""Pairs in one array: what its rows take fits a processor's cache."""

MOST_HEARD = 2048
"""Syllables whose distances are kept. Mandarin has some 410; the rest are letters of other scripts."""

Pair = tuple[int, int, int]
"""The number of a sound, and a stretch of the text: its first syllable and one past its last."""

Aligned = tuple[int, int, int, float]
"""The number of a sound, start and end in the text, and the cost."""


class Aligner:
    """Aligns some sounds, known by their number, with texts."""

    def __init__(self, sounds: Sequence[Sound]) -> None:
        self._known = sorted({syllable for sound in sounds for syllable in sound.wanted})
        self._wanted = _padded([sound.wanted for sound in sounds], self._known)
        self._lengths = _numbers([len(sound.wanted) for sound in sounds])
        self._bounds = _numbers([hundredths(sound.bound) for sound in sounds])
        self._known_runs = sorted({run for sound in sounds for run in sound.runs})
        self._run_number = {run: i for i, run in enumerate(self._known_runs)}
        self._runs = _padded([sound.runs for sound in sounds], self._known_runs)
        self._sizes = _numbers([len(sound.runs) for sound in sounds])
        self._edits = _numbers([sound.edits for sound in sounds])
        self._slack = _numbers([sound.slack for sound in sounds])
        self._heard: dict[str, int] = {}
        self._table = distances(self._known, [])

    def windows(
        self, sounding: Sounding, numbers: Ints, befores: Ints, ats: Ints
    ) -> Iterator[Pair]:
        """Where sounds can lie of which a part stands at a run of a text, some runs into the sound.

        Only where enough of the other runs stand around, each about where it belongs.
        """
        sizes, slack = self._sizes[numbers], self._slack[numbers]
        begins = ats - befores
        runs = self._runs[numbers, : sizes.max(initial=0)]
        places = begins[:, np.newaxis] + np.arange(runs.shape[1])
        rows, following = self._following(sounding)
        last = following.shape[1] - 1
        earliest = np.clip(places - slack[:, np.newaxis], 0, last)
        standing = following[rows[runs], earliest] <= places + slack[:, np.newaxis]
        standing &= np.arange(runs.shape[1]) < sizes[:, np.newaxis]
        enough = standing.sum(axis=1) >= sizes - self._edits[numbers]
        starts = np.array(sounding.starts)
        first = starts[np.clip(begins - slack, 0, last)][enough]
        end = starts[np.clip(begins + sizes + slack, 0, last)][enough]
        yield from zip(numbers[enough].tolist(), first.tolist(), end.tolist(), strict=True)

    def _following(self, sounding: Sounding) -> tuple[Ints, Ints]:
        """A row for each run that sounds have, and in it for each place in a text where it stands next.

        Most runs are not in the text at all; they share row 0.
        """
        rows = np.zeros(len(self._known_runs), np.int64)
        size = len(sounding.runs)
        # a whole text's width past its end: further than any slack reaches
        never = 2 * size + MOST_HEARD
        following = np.full((len(set(sounding.runs)) + 1, size + 1), never, np.int64)
        used = 0
        for at, run in enumerate(sounding.runs):
            number = self._run_number.get(run)
            if number is None:
                continue
            if not rows[number]:
                used += 1
                rows[number] = used
            following[rows[number], at] = at
        return rows, np.minimum.accumulate(following[:, ::-1], axis=1)[:, ::-1]

    def align(self, sounding: Sounding, pairs: Sequence[Pair]) -> Iterator[Aligned]:
        """For each pair and each end the cheapest alignment within the sound's bound."""
        if not pairs:
            return
        text = self._columns(sounding.heard)
        adding = np.where(sounding.repeats, hundredths(STUTTER), hundredths(GAP)).astype(np.int64)
        # the longest stretches stand last, so that a chunk's stretches are about as long
        order = sorted(range(len(pairs)), key=lambda i: pairs[i][2] - pairs[i][1])
        for at in range(0, len(order), PAIRS):
            chunk = order[at : at + PAIRS]
            sounds, firsts, lasts = np.array([pairs[i] for i in chunk], np.int64).T
            for pair, start, end, cost in self._chunk(text, adding, sounds, firsts, lasts):
                yield pairs[chunk[pair]][0], start, end, cost

    def _columns(self, heard: Sequence[str]) -> Ints:
        """A text's syllables as columns of the table of distances, which grows as new ones are heard."""
        new = sorted(set(heard) - self._heard.keys())
        if new:
            if len(self._heard) > MOST_HEARD:
                self._heard, new = {}, sorted(set(heard))
                self._table = self._table[:, :0]
            self._table = np.hstack([self._table, distances(self._known, new)])
            self._heard.update(zip(new, count(len(self._heard))))
        return np.array([self._heard[syllable] for syllable in heard], np.int64)

    def _chunk(
        self, text: Ints, adding: Ints, sounds: Ints, firsts: Ints, lasts: Ints
    ) -> Iterator[Aligned]:
        lengths, sizes = self._lengths[sounds], lasts - firsts
        wanted = self._wanted[sounds, : lengths.max()]
        # column[:, i]: the first i wanted syllables against what was heard so far
        dropping = (hundredths(GAP) * PLACES * np.arange(wanted.shape[1] + 1)).astype(np.int64)
        column = np.repeat(dropping[np.newaxis], len(sounds), axis=0)
        rows = np.arange(len(sounds))
        ends = np.empty((len(sounds), sizes.max()), np.int64)
        for step in range(ends.shape[1]):
            at = np.minimum(firsts + step, len(text) - 1)
            here = np.empty_like(column)
            here[:, 0] = step + 1
            here[:, 1:] = np.minimum(
                column[:, :-1] + self._table[wanted, text[at][:, np.newaxis]] * PLACES,
                column[:, 1:] + adding[at][:, np.newaxis] * PLACES,
            )
            column = np.minimum.accumulate(here - dropping, axis=1) + dropping
            ends[:, step] = column[rows, lengths]
        within = ends // PLACES <= self._bounds[sounds][:, np.newaxis]
        within &= np.arange(ends.shape[1]) < sizes[:, np.newaxis]
        for pair, step in np.argwhere(within).tolist():
            cost, begun = divmod(int(ends[pair, step]), PLACES)
            if begun <= step:
                first = int(firsts[pair])
                yield pair, first + begun, first + step + 1, cost / 100


def _padded(rows: Sequence[Sequence[str]], known: Sequence[str]) -> Ints:
    """Rows of sounds as their places in ``known``, filled up to the longest."""
    place = {sound: i for i, sound in enumerate(known)}
    padded = np.zeros((len(rows), max(map(len, rows), default=0)), np.int64)
    for i, row in enumerate(rows):
        padded[i, : len(row)] = [place[sound] for sound in row]
    return padded


def _numbers(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)
