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

from pipeline.wording.lexicon import Lexicon, Phrase
from pipeline.wording.normalise import Normalised
from pipeline.wording.segment import Segmenter
from pipeline.wording.sound import Hit, Sounding, places

Level = Literal["characters", "words", "syllables"]
LEVELS: tuple[Level, ...] = ("characters", "words", "syllables")

MOST_INSERTED = 3
"""Characters between the first and the last word of a phrase that do not belong to it."""

COST_A_CHARACTER = 0.1
"""What each character in between adds to a match by words: less sure than one without."""

NEGATIONS = frozenset("不没未别勿")
"""A word in between that turns the phrase round is no insertion."""


@dataclass(frozen=True, slots=True)
class Match:
    """A phrase found: ``start`` and ``end`` count characters of the original text.

    ``weight`` is that of the phrase's line in the lexicon.
    """

    lexicon: str
    phrase: str
    start: int
    end: int
    level: Level
    cost: float
    weight: float = 1.0


MOST_KEPT = 8
"""Texts kept cut and sounded: the channels of the calls at hand."""


@dataclass(frozen=True, slots=True)
class _Prepared:
    """A normalised text with its word boundaries, and as sounds."""

    text: str
    starts: frozenset[int]
    ends: frozenset[int]
    sounding: Sounding

    def is_word(self, start: int, end: int) -> bool:
        """Whether jieba cuts on at least one side: 請 in 請您 counts, 等 in 等級 does, 點 in 一點鐘 not."""
        return start in self.starts or end in self.ends


class Matcher:
    """Finds the phrases of some lexicons; built once a standard."""

    def __init__(self, lexicons: Iterable[Lexicon]) -> None:
        self._lexicons = {lexicon.name: lexicon for lexicon in lexicons}
        self._segmenter = Segmenter(self._lexicons.values())
        self._words = {
            wording: self._segmenter.parts(wording)
            for lexicon in self._lexicons.values()
            for wording in lexicon.variants
        }
        self._kept: dict[str, _Prepared] = {}

    def lexicon(self, name: str) -> Lexicon:
        return self._lexicons[name]

    def find(
        self, text: Normalised, lexicon: str, levels: tuple[Level, ...] = LEVELS
    ) -> tuple[Match, ...]:
        """Every place where a phrase of the lexicon stands, in order; no two overlap.

        At one place the strictest level wins, then the longest wording.
        """
        source = self._lexicons[lexicon]
        prepared = self._prepared(text.text)
        barred = [
            (at, at + len(wording))
            for wording in source.exceptions
            for at in places(text.text, wording)
        ]
        found: list[tuple[int, float, int, int, Phrase, Level]] = []
        for rank, level in enumerate(levels):
            for phrase in source.phrases:
                for wording in phrase.variants:
                    for start, end, cost in self._at_level(level, prepared, wording):
                        if not any(start < stop and first < end for first, stop in barred):
                            found.append((rank, cost, start, end, phrase, level))
        found.sort(key=lambda hit: (hit[0], hit[1], hit[2] - hit[3]))
        kept: list[tuple[int, float, int, int, Phrase, Level]] = []
        for hit in found:
            if not any(hit[2] < other[3] and other[2] < hit[3] for other in kept):
                kept.append(hit)
        return tuple(
            Match(
                lexicon,
                phrase.written,
                *text.original_range(start, end),
                level,
                round(cost, 3),
                phrase.weight,
            )
            for _, cost, start, end, phrase, level in sorted(kept, key=lambda hit: hit[2])
        )

    def _prepared(self, text: str) -> _Prepared:
        """The text cut and sounded once, however many lexicons are looked for in it."""
        if text not in self._kept:
            words = self._segmenter.words(text)
            starts = frozenset(start for _, start in words)
            ends = frozenset(start + len(word) for word, start in words)
            if len(self._kept) >= MOST_KEPT:
                self._kept.clear()
            self._kept[text] = _Prepared(text, starts, ends, Sounding(text))
        return self._kept[text]

    def _at_level(self, level: Level, prepared: _Prepared, wording: str) -> Iterator[Hit]:
        if level == "characters":
            return ((at, at + len(wording), 0.0) for at in places(prepared.text, wording))
        if level == "words":
            return self._by_words(prepared, wording)
        return prepared.sounding.find(wording)

    def _by_words(self, prepared: _Prepared, wording: str) -> Iterator[Hit]:
        wanted = self._words[wording]
        if len(wanted) < 2 or not all(word in prepared.text for word in wanted):
            return
        for start in places(prepared.text, wanted[0]):
            end = start + len(wanted[0])
            if not prepared.is_word(start, end):
                continue
            for word in wanted[1:]:
                end = _next(prepared, word, end)
            if end > 0:
                yield start, end, (end - start - len(wording)) * COST_A_CHARACTER


def _next(prepared: _Prepared, word: str, after: int) -> int:
    """Where the word ends that follows ``after`` with little in between; -1 where none does."""
    if after < 0:
        return -1
    reach = prepared.text[after : after + MOST_INSERTED + len(word)]
    for offset in places(reach, word):
        start, end = after + offset, after + offset + len(word)
        if prepared.is_word(start, end):
            return -1 if NEGATIONS & set(prepared.text[after:start]) else end
    return -1
