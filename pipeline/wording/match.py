"""Is a phrase of a lexicon in this text? Three ways to say yes, the strictest first.

1. *characters*: a wording stands there letter by letter.
2. *words*: its jieba words stand there in order, with a little in between (請您*先*稍等).
3. *syllables*: it sounds like it, toneless, within a cost that grows with the phrase's length. A
   phrase of two syllables must sound exactly so; one of a single syllable never matches by sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from pipeline.wording.lexicon import Lexicon
from pipeline.wording.normalise import Normalised
from pipeline.wording.segment import Segmenter
from pipeline.wording.syllables import sound_distance, syllables

Level = Literal["characters", "words", "syllables"]
LEVELS: tuple[Level, ...] = ("characters", "words", "syllables")

MOST_INSERTED = 3
"""Characters between the first and the last word of a phrase that do not belong to it."""

NEGATIONS = frozenset("不没未别勿")
"""A word in between that turns the phrase round is no insertion."""

COST_A_SYLLABLE = 0.25
"""What each syllable past the second adds to the bound on a phrase's sound distance: a phrase of
three may hold one confusable syllable, one of six a wrong one. Issue wording: at a bounded cost
that grows with length; calibrated on zh_tw and CASIA (see tests/bench)."""

GAP = 1.0
"""Cost of a syllable dropped or put in."""


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: ``start`` and ``end`` count characters of the original text."""

    lexicon: str
    phrase: str
    start: int
    end: int
    level: Level
    cost: float


class Matcher:
    """Finds the phrases of some lexicons; built once a standard."""

    def __init__(self, lexicons: Iterable[Lexicon]) -> None:
        self._lexicons = {lexicon.name: lexicon for lexicon in lexicons}
        self._segmenter = Segmenter(self._lexicons.values())
        self._words = {
            wording: tuple(word for word, _ in self._segmenter.words(wording))
            for lexicon in self._lexicons.values()
            for wording in lexicon.variants
        }

    def lexicon(self, name: str) -> Lexicon:
        return self._lexicons[name]

    def find(
        self, text: Normalised, lexicon: str, levels: tuple[Level, ...] = LEVELS
    ) -> tuple[Match, ...]:
        """Every place where a phrase of the lexicon stands, in order; no two overlap.

        At one place the strictest level wins, then the longest wording.
        """
        source = self._lexicons[lexicon]
        barred = [
            (at, at + len(wording))
            for wording in source.exceptions
            for at in _places(text.text, wording)
        ]
        found: list[tuple[int, float, int, int, str, Level]] = []
        for rank, level in enumerate(levels):
            for phrase in source.phrases:
                for wording in phrase.variants:
                    for start, end, cost in self._at_level(level, text.text, wording):
                        if not any(start < stop and first < end for first, stop in barred):
                            found.append((rank, cost, start, end, phrase.written, level))
        found.sort(key=lambda hit: (hit[0], hit[1], hit[2] - hit[3]))
        kept: list[tuple[int, float, int, int, str, Level]] = []
        for hit in found:
            if not any(hit[2] < other[3] and other[2] < hit[3] for other in kept):
                kept.append(hit)
        return tuple(
            Match(lexicon, written, *text.original_range(start, end), level, round(cost, 3))
            for _, cost, start, end, written, level in sorted(kept, key=lambda hit: hit[2])
        )

    def _at_level(self, level: Level, text: str, wording: str) -> Iterator[tuple[int, int, float]]:
        if level == "characters":
            return ((at, at + len(wording), 0.0) for at in _places(text, wording))
        if level == "words":
            return self._by_words(text, wording)
        return _by_sound(text, wording)

    def _by_words(self, text: str, wording: str) -> Iterator[tuple[int, int, float]]:
        wanted = self._words[wording]
        if len(wanted) < 2 or not all(word in text for word in wanted):
            return
        tokens = self._segmenter.words(text)
        for index, (word, start) in enumerate(tokens):
            if word != wanted[0]:
                continue
            end = _follow(tokens, index, wanted)
            if end is not None:
                yield start, end, (end - start - len(wording)) * 0.1


def _follow(tokens: tuple[tuple[str, int], ...], index: int, wanted: tuple[str, ...]) -> int | None:
    """Where the wanted words, the first of which stands at ``index``, end; ``None`` if they do not."""
    inserted, need = 0, 1
    for word, start in tokens[index + 1 :]:
        if word == wanted[need]:
            need += 1
            if need == len(wanted):
                return start + len(word)
        else:
            inserted += len(word)
            if inserted > MOST_INSERTED or NEGATIONS & set(word):
                return None
    return None


def _places(text: str, wording: str) -> Iterator[int]:
    at = text.find(wording)
    while at >= 0:
        yield at
        at = text.find(wording, at + 1)


def sound_bound(length: int) -> float:
    """The greatest sound distance at which a phrase of this many syllables still counts.

    >>> [sound_bound(n) for n in (1, 2, 3, 6)]
    [-1.0, 0.0, 0.25, 1.0]
    """
    return COST_A_SYLLABLE * (length - 2) if length > 1 else -1.0


def _by_sound(text: str, wording: str) -> Iterator[tuple[int, int, float]]:
    """Ends of the cheapest alignments of the wording anywhere in the text (Sellers' algorithm)."""
    bound = sound_bound(len(wording))
    if bound < 0:
        return
    wanted, heard = syllables(wording), syllables(text)
    if bound == 0:
        size = len(wanted)
        for at in range(len(heard) - size + 1):
            if heard[at : at + size] == wanted:
                yield at, at + size, 0.0
        return
    if len(set(wanted) & set(heard)) * 2 < len(set(wanted)):
        return
    # column[i] = (cost of the first i wanted syllables ending here, where that alignment began)
    column = [(GAP * i, 0) for i in range(len(wanted) + 1)]
    for at, sound in enumerate(heard):
        last = column
        column = [(0.0, at + 1)]
        for i, want in enumerate(wanted):
            begun = at if i == 0 else last[i][1]
            column.append(
                min(
                    (last[i][0] + sound_distance(want, sound), begun),
                    (last[i + 1][0] + GAP, last[i + 1][1]),
                    (column[i][0] + GAP, column[i][1]),
                )
            )
        cost, start = column[-1]
        if cost <= bound and start < at + 1:
            yield start, at + 1, cost
