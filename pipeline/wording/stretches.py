"""The stretches of a text in which a wording can lie by sound: only there is it aligned.

It can where one of its parts stands whole and enough of its other runs stand around. The former holds
at thousands of places in a call, nearly all of which the latter rules out; so what stands around a place
is one machine word, a bit a kind of run, and all places are looked at as one array.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from functools import reduce
from itertools import chain
from operator import or_

import numpy as np
from numpy.typing import NDArray

from pipeline.wording.automaton import Automaton
from pipeline.wording.sound import GAP, Sound, Sounding

Ints = NDArray[np.int64]
Masks = NDArray[np.uint64]

BITS = (64, 61)
"""Bits of the machine words in which kinds of runs are told apart. Mandarin has some 280; those that
share a bit in one word do not in the other. What is still mistaken is aligned to no avail."""


Frame = tuple[int, int, int]
"""What a part of a sound asks of its surroundings: how many runs before it, and how many in all, can be
the sound's, and how many kinds of runs may be missing there."""


class Stretches:
    """Some sounds, known by their number, each on the list of an owner, known by number too."""

    def __init__(self, sounds: Sequence[Sound], owners: Sequence[int]) -> None:
        kinds = dict.fromkeys(run for sound in sounds for run in sound.runs)
        self._bits = [{run: 1 << kind % bits for kind, run in enumerate(kinds)} for bits in BITS]
        seeds: dict[str, dict[Frame, list[int]]] = defaultdict(lambda: defaultdict(list))
        for number, sound in enumerate(sounds):
            reach = len(sound.runs) + 2 * sound.slack
            for seed, before in sound.parts():
                seeds[seed][before + sound.slack, reach, sound.edits].append(number)
        self._seeds = Automaton(dict(zip(seeds, range(len(seeds)), strict=True)))
        self._framed = _rows(list(_places(seeds.values())), 2)
        frames = [frame for framed in seeds.values() for frame in framed]
        self._longest = max((reach for _, reach, _ in frames), default=1)
        # those of one seed and frame stand together: asked sound by sound, their masks would come from
        # all over the memory
        framed = [numbers for framed in seeds.values() for numbers in framed.values()]
        # one row a frame: what is asked together lies together
        self._frames = _rows([(*a, *b) for a, b in zip(frames, _places(framed), strict=True)], 5)
        self._sounds = _ints([number for numbers in framed for number in numbers])
        self._masks = [_masks(sounds, bits)[self._sounds] for bits in self._bits]
        self._fewest = _ints([len(s.wanted) - int(max(0.0, s.bound) / GAP) for s in sounds])
        self._owners = _ints(owners)

    def within(self, sounding: Sounding, taken: Sequence[bytearray]) -> Ints:
        """Each sound and stretch in which it can lie: numbers, first syllables, and one past the last.

        ``taken`` tells of each owner which syllables are out of bounds for it; no stretch has any.
        """
        numbers, begins, stops, firsts, ends = self._surrounded(sounding.runs)
        if not numbers.size:
            return np.empty((3, 0), np.int64)
        starts = np.array(sounding.starts, np.int64)
        which, touched, until = _touched(starts, firsts, ends)
        numbers, begins, stops = numbers[which], begins[which], stops[which]
        free_from, free_to = _free(taken)
        place = self._owners[numbers], touched
        earliest = np.maximum(starts[np.maximum(begins, 0)], free_from[place])
        latest = np.minimum(starts[np.minimum(stops, len(starts) - 1)], free_to[place])
        roomy = (latest >= until) & (latest - earliest >= self._fewest[numbers])
        return _distinct(numbers[roomy], earliest[roomy], latest[roomy])

    def _surrounded(self, runs: str) -> Ints:
        """Where a seed of a sound stands, and around it enough of the sound's other runs.

        Rows: the number of the sound, where the stretch begins and ends in which it can lie, and where
        the seed does; all in runs.
        """
        firsts, ends, numbers = _rows(self._seeds.find(runs), 3).T
        seeds, frames = _spread(*self._framed[numbers].T)
        leads, reaches, edits, begun, sizes = self._frames[frames].T
        firsts, ends = firsts[seeds], ends[seeds]
        begins = firsts - leads
        which, parts = _spread(begun, sizes)
        for bits, masks in zip(self._bits, self._masks, strict=True):
            around = self._around(runs, bits)[reaches, begins + self._longest]
            missing = np.bitwise_count(masks[parts] & ~around[which])
            enough = np.flatnonzero(missing <= edits[which])
            which, parts = which[enough], parts[enough]
        rows = begins, begins + reaches, firsts, ends
        return np.stack([self._sounds[parts], *(row[which] for row in rows)])

    def _around(self, runs: str, bits: Mapping[str, int]) -> Masks:
        """For each reach (rows) and place (columns) the kinds of runs from there on within reach.

        Places are counted from where the longest reach could begin, before the text.
        """
        around = np.zeros((self._longest + 1, len(runs) + 2 * self._longest), np.uint64)
        around[1, self._longest :][: len(runs)] = [bits.get(run, 0) for run in runs]
        known = 1
        while known < self._longest:
            more = min(known, self._longest - known)
            # as far as is known, and from there on as far again
            further = around[1 : more + 1, known:] | around[known, :-known]
            around[known + 1 : known + more + 1, :-known] = further
            known += more
        return around


def _masks(sounds: Iterable[Sound], bits: Mapping[str, int]) -> Masks:
    """The kinds of runs in each sound."""
    return np.array([reduce(or_, map(bits.__getitem__, one.runs), 0) for one in sounds], np.uint64)


def _touched(starts: Ints, firsts: Ints, ends: Ints) -> tuple[Ints, Ints, Ints]:
    """A syllable that a match on a seed touches for sure, and up to where it touches all that follow.

    A match may leave out repetitions at the seed's ends. Where the seed is one run of several syllables,
    any of them can be the one touched, and each is given; hence also which seed each is of.

    >>> [list(map(int, of)) for of in _touched(np.array([0, 1, 3, 5]), np.array([0, 1]), np.array([3, 2]))]
    [[0, 1, 1], [0, 2, 1], [4, 2, 2]]
    """
    inner, outer = starts[firsts + 1] - 1, starts[ends - 1] + 1
    times = np.maximum(inner - outer + 2, 1)
    which = np.repeat(np.arange(len(firsts)), times)
    back = np.arange(len(which)) - np.repeat(np.cumsum(times) - times, times)
    return which, inner[which] - back, outer[which]


def _free(taken: Sequence[bytearray]) -> tuple[Ints, Ints]:
    """Of each owner (rows) and each syllable the stretch around it in which nothing is taken.

    >>> [of.tolist() for of in _free([bytearray([0, 0, 1, 0])])]
    [[[0, 0, 3, 3]], [[2, 2, 2, 4]]]
    """
    size = len(taken[0])
    cells = np.frombuffer(b"".join(taken), np.bool).reshape(-1, size)
    places = np.arange(size, dtype=np.int32)  # with 64 bits it would not stay in a cache
    begins = np.maximum.accumulate(np.where(cells, places + 1, 0), axis=1)
    ends = np.minimum.accumulate(np.where(cells, places, size)[:, ::-1], axis=1)[:, ::-1]
    return begins, ends


def _distinct(numbers: Ints, begins: Ints, ends: Ints) -> Ints:
    """The same rows, none twice."""
    base = int(ends.max(initial=0)) + 1
    codes, ends = np.divmod(np.unique((numbers * base + begins) * base + ends), base)
    return np.stack([*np.divmod(codes, base), ends])


def _places(groups: Iterable[Sized]) -> Iterator[tuple[int, int]]:
    """Where each group begins if all are put together, and its size.

    >>> list(_places(["ab", "c"]))
    [(0, 2), (2, 1)]
    """
    begun = 0
    for group in groups:
        yield begun, len(group)
        begun += len(group)


def _spread(begun: Ints, sizes: Ints) -> tuple[Ints, Ints]:
    """The places of groups' members: which group each is of, and where it stands.

    >>> [of.tolist() for of in _spread(np.array([4, 0]), np.array([2, 1]))]
    [[0, 0, 1], [4, 5, 0]]
    """
    which = np.repeat(np.arange(len(sizes)), sizes)
    return which, np.arange(len(which)) + (begun - np.cumsum(sizes) + sizes)[which]


def _rows(rows: Sequence[Sequence[int]], width: int) -> Ints:
    """Rows of numbers, of which there may be none."""
    return np.fromiter(chain.from_iterable(rows), np.int64).reshape(-1, width)


def _ints(values: Sequence[int]) -> Ints:
    return np.array(values, np.int64)
