"""Phrases found by how they sound: toneless syllables, within a cost that grows with length.

A phrase of two syllables must sound exactly so, and begin and end where words do; each further
syllable allows ``COST_A_SYLLABLE`` more. One of a single syllable never matches by sound.

What a phrase costs at a place is an edit distance over syllables. Computing it everywhere for every
phrase is too slow, so it is computed only where it can be within the bound: around a part of the
phrase that stands there whole. To find such parts, confusable sounds are made one and a syllable
said twice is taken for one, in phrase and text alike; then, within the bound, at most ``bound /
NEAR`` syllables differ, and of one part more than that, one part is whole (the pigeonhole principle).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from pipeline.wording.syllables import NEAR, rune, syllables

COST_A_SYLLABLE = 0.25
"""What each syllable past the second adds to the bound: a phrase of three may hold one confusable
syllable, one of six a wrong one. On the held-out half of tests/bench/false_matches.py (55 lexicons,
43,500 wordings) there are 43 matches by sound in 10,000 syllables of ordinary speech, all lexicons
together, and 88 % of wordings are found after errors as on a line. With 0.3 it would be 87 and 92 %."""

CONFIRMED_COST_A_SYLLABLE = 0.35
CONFIRMED_LENGTHS = range(4, 6)
"""The same where a match by sound only leads to a closer listen (a ban), for phrases of so many syllables.
In 68 composed calls it adds some ten places to listen to, at two of which the phrase was said (沒空理你,
written 没扣离你). Longer ones allow enough as it is; with them judging would cost half as much again."""

GAP = 1.0
"""Cost of a syllable dropped or put in: a phrase of six may lack one. At 0.75 a phrase of five might too,
for 30 more false matches in 10,000 syllables (half `tune` of the bench)."""

STUTTER = 0.25
"""Cost of a syllable put in that only repeats the one before: speakers stutter (請請稍等), and
recognition doubles what is drawn out. The other way round, 我看 for 我看看, is another phrase."""


PAUSE = "ⵂ"
"""Stands in a text where its words do not belong together: a letter of no lexicon, so that neither a
phrase nor an exception (「不知道。」 … 「您好」 is no 「不知道您」) reaches across."""

DIVIDER = "ⵀⵁⵄⵅ"
"""Stands between texts that are searched together: letters of no lexicon, none like its neighbour."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A normalised wording as it sounds.

    A run is a syllable with its repetitions, confusable sounds taken for the same; ``runs`` holds
    one character a run. ``edits`` is how many syllables can differ beyond confusion, ``slack`` how
    many runs more or less that can make.
    """

    wanted: tuple[str, ...]
    bound: float
    runs: str
    edits: int
    slack: int

    @classmethod
    def of(cls, wording: str, *, confirmed: bool = False) -> Sound:
        """The sound of a normalised wording; ``confirmed``: whether matches are listened to again."""
        wanted = syllables(wording)
        alike = "".join(map(rune, wanted))
        bound = sound_bound(len(wanted), confirmed=confirmed)
        runs = "".join(alike[at] for at in _starts(alike))
        edits = int(max(0.0, bound) / NEAR)
        return cls(
            wanted=wanted,
            bound=bound,
            runs=runs,
            edits=edits,
            # an edit inside a run makes three of it
            slack=edits if len(runs) == len(wanted) else 2 * edits,
        )

    def parts(self) -> Iterator[tuple[str, int]]:
        """Parts of which one at least stands whole wherever the wording is within its bound.

        Each with the number of runs before it.
        """
        if self.bound >= 0.0:
            count = min(len(self.runs), self.edits + 1)
            cuts = [round(len(self.runs) * i / count) for i in range(count + 1)]
            for start, end in pairwise(cuts):
                yield self.runs[start:end], start


class Sounding:
    """A normalised text as it sounds; ``runs`` as in :class:`Sound`, ``starts`` where each begins.

    Texts with a :data:`DIVIDER` between them sound as each does alone. ``repeats`` tells of each
    syllable whether it repeats the one before.
    """

    def __init__(self, text: str) -> None:
        first, *others = map(syllables, text.split(DIVIDER))
        self.heard = first + tuple(one for other in others for one in (*DIVIDER, *other))
        alike = "".join(map(rune, self.heard))
        starts = _starts(alike)
        self.runs = "".join(alike[at] for at in starts)
        self.starts = (*starts, len(self.heard))
        begins = frozenset(starts)
        self.repeats = [at not in begins for at in range(len(self.heard))]


def sound_bound(length: int, *, confirmed: bool = False) -> float:
    """The greatest sound distance at which a phrase of this many syllables still counts.

    >>> [sound_bound(n) for n in (1, 2, 3, 6)]
    [-1.0, 0.0, 0.25, 1.0]
    >>> [sound_bound(n, confirmed=True) for n in (3, 4, 6)]
    [0.25, 0.7, 1.0]
    """
    if length < 2:
        return -1.0
    loose = confirmed and length in CONFIRMED_LENGTHS
    return (CONFIRMED_COST_A_SYLLABLE if loose else COST_A_SYLLABLE) * (length - 2)


def _starts(alike: str) -> list[int]:
    """Where each run of the same character begins.

    >>> _starts("aabcc")
    [0, 2, 3]
    """
    return [at for at, char in enumerate(alike) if at == 0 or char != alike[at - 1]]
