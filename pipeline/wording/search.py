"""All lexicons compiled for one pass over a text, and what such a pass finds, lexicon by lexicon.

What a text costs is mostly jieba, pypinyin and the passes of the automatons, whose time does not grow
with the number of wordings. Only around a hit is a wording looked at by itself.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from sys import intern
from typing import Literal

import msgspec

from pipeline.wording.alignment import Aligner
from pipeline.wording.automaton import Automaton
from pipeline.wording.lexicon import Lexicon, Phrase
from pipeline.wording.pairs import Pairs
from pipeline.wording.segment import Segmenter
from pipeline.wording.sound import DIVIDER, PAUSE, Sound, Sounding
from pipeline.wording.stretches import Stretches
from pipeline.wording.syllables import same_tones

Level = Literal["characters", "words", "syllables"]

MOST_INSERTED = 3
"""Characters between two words of a phrase that do not belong to it. With 2 the bench has 31 matches by
words in 10,000 syllables of ordinary speech instead of 44, but 請陳先生稍等 is lost."""

COST_A_CHARACTER = 0.1
"""What each character in between adds to a match by words: less sure than one without."""

NEGATIONS = re.compile("[不没未别勿]")
"""A word in between that turns the phrase round is no insertion."""

EDGES = re.compile(f"{DIVIDER}|{PAUSE}")
"""What no match touches. A match by words would else bridge a pause, be no phrase, and hide one beside it."""

Word = tuple[int, int, int, str]
"""A word in a text: where it begins and ends, its number, and itself."""

TWO_CUTS, ONE_CUT = 2, 3
"""Syllables up to which a match by sound must begin and end where jieba cuts, or do one of both; and be
no other word of the dictionary with other tones (刻意 is not 可以, 師父 may be 師傅). On the held-out half
of tests/bench/false_matches.py (55 lexicons, 43,500 wordings) matches by sound in 10,000 syllables of
ordinary speech fall from 102 to 43, and wordings found after errors as on a line from 88.6 to 88.3 %."""


class Wording(msgspec.Struct, frozen=True, gc=False):
    """One wording of one line of one lexicon. Of equal matches the one of lowest ``number`` counts."""

    lexicon: str
    text: str
    phrase: Phrase
    number: int


class Hit(msgspec.Struct, frozen=True):
    """A wording at ``start`` to ``end`` of a normalised text."""

    start: int
    end: int
    cost: float
    wording: Wording

    @property
    def rank(self) -> tuple[float, int, int, int]:
        """Sorts hits of one level: the cheapest, then the longest, then as the lexicon has them."""
        return self.cost, self.start - self.end, self.wording.number, self.start


Hits = dict[str, list[tuple[Hit, Level]]]
"""What stands in a text, by lexicon."""


class _Node(msgspec.Struct, gc=False):
    """A place in the tree of the wordings' words: what may follow, and what ends here.

    Of two in three nothing follows: a dictionary for each would be half of what the tree takes.
    """

    after: dict[str, _Node] | None = None
    ends: Sequence[Wording] = ()


class _Key(msgspec.Struct, gc=False):
    """What it means that some characters stand in a text: which wordings they are, which lexicons have
    them as an exception, and their number as a word of longer wordings.
    """

    wordings: Sequence[Wording] = ()
    excepted_by: Sequence[str] = ()
    part: int | None = None


class Index:
    """The wordings of all lexicons, ready to be looked for together; those ``confirmed`` as in Matcher."""

    def __init__(self, lexicons: Iterable[Lexicon], confirmed: Container[str] = ()) -> None:
        lexicons = tuple(lexicons)
        self.segmenter = Segmenter.knowing(lexicons)
        self.all = list(_wordings(lexicons))
        self.names = [lexicon.name for lexicon in lexicons]
        self.stretches, self.aligner = self._sounding(confirmed)
        texts: dict[str, list[Wording]] = defaultdict(list)
        for wording in self.all:
            texts[wording.text].append(wording)
        keys: dict[str, _Key] = defaultdict(_Key)
        for lexicon in lexicons:
            for exception in lexicon.exceptions:
                key = keys[exception]
                key.excepted_by = (*key.excepted_by, lexicon.name)
        self.exceptions = Automaton({text: key.excepted_by for text, key in keys.items()})
        parts: dict[str, int] = {}
        self.tree = _Node()
        for text, wordings in texts.items():
            meant = keys[text].wordings = tuple(wordings)
            # the same words come again and again: each is kept once
            words = [intern(word) for word in self.segmenter.parts(text)]
            if len(words) > 1:
                self._grow(words, meant)
                for word in words:
                    parts.setdefault(word, len(parts))
        for word, number in parts.items():
            keys[word].part = number
        self.keys = Automaton(keys)  # one pass over a text for all three
        self.pairs = Pairs(len(parts), _neighbours(self.tree, parts))

    def _sounding(self, confirmed: Container[str]) -> tuple[Stretches, Aligner]:
        """What finds wordings by sound. The sounds themselves, 40 MB, are needed for nothing else: made
        first, they leave their room to the tree.
        """
        sounds = [Sound.of(one.text, confirmed=one.lexicon in confirmed) for one in self.all]
        owners = {name: number for number, name in enumerate(self.names)}
        return Stretches(sounds, [owners[one.lexicon] for one in self.all]), Aligner(sounds)

    def _grow(self, words: Iterable[str], meant: Sequence[Wording]) -> None:
        node = self.tree
        for word in words:
            if node.after is None:
                node.after = {}
            if word not in node.after:
                node.after[word] = _Node()
            node = node.after[word]
        node.ends = meant


def _neighbours(node: _Node, numbers: Mapping[str, int]) -> Iterator[tuple[int, int]]:
    """Every two words that follow each other somewhere below a place in the tree."""
    for word, below in (node.after or {}).items():
        for following in below.after or ():
            yield numbers[word], numbers[following]
        yield from _neighbours(below, numbers)


def _wordings(lexicons: Iterable[Lexicon]) -> Iterator[Wording]:
    number = 0
    for lexicon in lexicons:
        for phrase in lexicon.phrases:
            for text in phrase.variants:
                yield Wording(lexicon.name, text, phrase, number)
                number += 1


def search(text: str, index: Index, levels: Iterable[Level]) -> Hits:
    """What stands in a normalised text, by lexicon; no two hits of one lexicon overlap.

    At one place the first level wins, then the cheapest, then the longest wording. Nothing touches a
    :data:`~pipeline.wording.sound.DIVIDER` or a :data:`~pipeline.wording.sound.PAUSE`.
    """
    passage = _Passage(text, index)
    kept: Hits = defaultdict(list)
    for level in levels:
        for hit in sorted(passage.hits(level), key=lambda hit: hit.rank):
            if passage.free(hit):
                passage.take(hit.wording.lexicon, hit.start, hit.end)
                kept[hit.wording.lexicon].append((hit, level))
    return kept


class _Passage:
    """One text while it is gone through, and what each lexicon has taken of it or may not touch."""

    def __init__(self, text: str, index: Index) -> None:
        self.text = text
        self.index = index
        starts = (start for _, start in index.segmenter.words(text))
        self.cuts = frozenset((*starts, len(text)))
        edged = bytearray(len(text))
        for edge in EDGES.finditer(text):
            edged[edge.start() : edge.end()] = b"\1" * (edge.end() - edge.start())
        self.taken = {lexicon: edged.copy() for lexicon in index.names}
        self.keys = index.keys.find(text)
        for start, end, key in self.keys:
            for lexicon in key.excepted_by:
                self.take(lexicon, start, end)

    def take(self, lexicon: str, start: int, end: int) -> None:
        """Let no further hit of a lexicon touch a stretch."""
        self.taken[lexicon][start:end] = b"\1" * (end - start)

    def free(self, hit: Hit) -> bool:
        """Whether a hit touches nothing taken."""
        return self.taken[hit.wording.lexicon].find(1, hit.start, hit.end) < 0

    def hits(self, level: Level) -> Iterator[Hit]:
        """All hits of one level, some of which may touch what is taken."""
        if level == "characters":
            return self._by_characters()
        return self._by_words() if level == "words" else self._by_sound()

    def _by_characters(self) -> Iterator[Hit]:
        for start, end, key in self.keys:
            for wording in key.wordings:
                yield Hit(start, end, 0.0, wording)

    def _by_words(self) -> Iterator[Hit]:
        # a word counts if jieba cuts on one side of it at least: 请 in 请您 does, 等 in 等级 does,
        # 点 in 一点钟 does not
        found = sorted(
            (start, end, key.part, self.text[start:end])
            for start, end, key in self.keys
            if key.part is not None and (start in self.cuts or end in self.cuts)
        )
        steps = self.index.pairs.steps([one[:3] for one in found], MOST_INSERTED)
        first, hits = self.index.tree.after or {}, list[Hit]()
        for at in steps:
            start, _, _, word = found[at]
            if word in first:
                self._follow(first[word], found, steps, start, at, hits)
        return iter(hits)

    def _follow(
        self,
        node: _Node,
        found: Sequence[Word],
        steps: Mapping[int, Sequence[int]],
        start: int,
        at: int,
        hits: list[Hit],
    ) -> None:
        """The wordings from ``start`` to the word found at ``at``, whole or with what comes next."""
        end = found[at][1]
        for wording in node.ends:
            cost = (end - start - len(wording.text)) * COST_A_CHARACTER
            hits.append(Hit(start, end, cost, wording))
        after = node.after
        if not after:
            return
        gone: set[str] = set()
        for following in steps.get(at, ()):
            begun, _, _, word = found[following]
            if word in after and word not in gone:
                if NEGATIONS.search(self.text, end, begun):
                    return
                gone.add(word)  # where it stands twice, the nearer one is meant
                self._follow(after[word], found, steps, start, following, hits)

    def _by_sound(self) -> Iterator[Hit]:
        sounding = Sounding(self.text)
        found: dict[tuple[int, int], Hit] = {}
        taken = [self.taken[name] for name in self.index.names]
        stretches = self.index.stretches.within(sounding, taken)
        for number, start, end, cost in self.index.aligner.align(sounding, *stretches):
            wording = self.index.all[number]
            if not self._cut_off(start, end, wording) or self._other_word(start, end, wording):
                continue
            known = found.get((number, end))
            if known is None or (cost, start) < (known.cost, known.start):
                found[number, end] = Hit(start, end, cost, wording)
        return iter(found.values())

    def _cut_off(self, start: int, end: int, wording: Wording) -> bool:
        """Whether jieba cuts before or after a stretch as often as the wording's size asks for."""
        cuts, size = (start in self.cuts) + (end in self.cuts), len(wording.text)
        return cuts >= (size <= ONE_CUT) + (size <= TWO_CUTS)

    def _other_word(self, start: int, end: int, wording: Wording) -> bool:
        """Whether something else was said: one word that only sounds like a short wording but for tones."""
        return (
            len(wording.text) == end - start <= ONE_CUT
            and not any(at in self.cuts for at in range(start + 1, end))
            and self.index.segmenter.knows(self.text[start:end])
            and not same_tones(self.text[start:end], wording.text)
        )
