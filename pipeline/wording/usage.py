"""Which words are usual at a front desk, which follow which, and what they sound like.

A language model of word pairs, interpolated after Witten and Bell (1991): learned from talk.txt, sentences
people say at a front desk, and from how frequent words are in jieba's dictionary, where those say nothing.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from math import log
from pathlib import Path

import msgspec

from pipeline.wording.compiled import recall_made
from pipeline.wording.normalise import common_forms
from pipeline.wording.segment import Segmenter, shipped_frequencies
from pipeline.wording.syllables import rune, syllables

TALK = Path(__file__).with_name("talk.txt")

HAN = re.compile("[\u4e00-\u9fff]+")

START = "^"
"""Stands before the first word of a piece of talk."""

LEAST_FREQUENT = 100
"""Of jieba's 349,000 words those at least so frequent, 36,000, and whatever was said. With
142,000 words 0.06 % fewer of the characters in homophones.py are wrong, at three times the memory."""

TALK_SHARE = 0.7
"""Of a word's likelihood by itself, from the talk; the rest from jieba's dictionary. With half, 0.1 % more
are wrong."""

UNHEARD_OF = 1e-10
"""Likelihood of a word that neither holds."""

LONGEST = 6
"""Characters of the longest word that anything is put into."""

ALTERNATIVES = 16
"""Characters of one sound, the likeliest: 「yi」 and what it is confused with are 200."""


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A word, its syllables, and the logarithm of how likely it is by itself."""

    word: str
    sounds: tuple[str, ...]
    alone: float


@dataclass(frozen=True)
class Usage:
    """``by_sound`` holds words by their runes (see :func:`~pipeline.wording.syllables.rune`), ``characters``
    the logarithm of each single one's likelihood by itself, ``after`` that of the pairs that were said,
    ``other`` what is added to a word's own for any other after a given one.
    """

    by_sound: Mapping[str, tuple[Entry, ...]]
    characters: Mapping[str, float]
    after: Mapping[str, Mapping[str, float]]
    other: Mapping[str, float]

    def log_prob(self, word: str, alone: float, before: str) -> float:
        """The logarithm of how likely a word is after another."""
        pairs = self.after.get(before)
        if pairs is None:
            return alone
        known = pairs.get(word)
        return self.other[before] + alone if known is None else known


@cache
def front_desk_usage() -> Usage:
    """What talk.txt teaches; learned once, then read back from the cache folder."""
    content = TALK.read_bytes()
    talk = [line for line in content.decode().splitlines() if not line.startswith("#")]
    return recall_made("usage", content, lambda: learn(talk))


def learn(talk: Iterable[str]) -> Usage:
    """From sentences, one each, in either script."""
    segmenter = Segmenter()
    said: Counter[str] = Counter()
    pairs: dict[str, Counter[str]] = defaultdict(Counter)
    for piece in (found for text in _pieces(talk) for found in HAN.findall(text)):
        words = [word for word, _ in segmenter.words(piece)]
        said.update(words)
        for before, word in pairwise([START, *words]):
            pairs[before][word] += 1
    alone = _alone(said)
    after, other = {}, {}
    for before, following in pairs.items():
        total, kinds = following.total(), len(following)
        share = total / (total + kinds)
        other[before] = log(1 - share)
        after[before] = {
            word: log(share * count / total + (1 - share) * alone[word])
            for word, count in following.items()
        }
    logs = {word: log(value) for word, value in alone.items()}
    characters = {word: value for word, value in logs.items() if len(word) == 1}
    return Usage(_by_sound(logs), characters, after, other)


def _pieces(talk: Iterable[str]) -> list[str]:
    """What is said without a pause, normalised."""
    return common_forms([piece for line in talk for piece in re.split(r"[^\w]+", line) if piece])


def _alone(said: Counter[str]) -> dict[str, float]:
    """How likely each word is by itself."""
    shipped = shipped_frequencies()
    kept = {
        word: count
        for word, count in shipped.items()
        if (count >= LEAST_FREQUENT or word in said)
        and len(word) <= LONGEST
        and HAN.fullmatch(word)
    }
    written, spoken = sum(kept.values()), said.total() or 1
    return {
        word: (1 - TALK_SHARE) * kept.get(word, 0) / written
        + TALK_SHARE * said[word] / spoken
        + UNHEARD_OF
        for word in dict.fromkeys([*kept, *said])
    }


def _by_sound(alone: Mapping[str, float]) -> dict[str, tuple[Entry, ...]]:
    found: dict[str, list[Entry]] = defaultdict(list)
    for word, value in alone.items():
        if len(word) > LONGEST:
            continue
        sounds = syllables(word)
        found["".join(map(rune, sounds))].append(Entry(word, sounds, value))
    return {
        sound: tuple(
            sorted(words, key=lambda one: -one.alone)[: ALTERNATIVES if len(sound) == 1 else None]
        )
        for sound, words in found.items()
    }
