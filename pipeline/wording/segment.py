"""Words, by jieba, with the lexicons as its user dictionary.

The cut is jieba's own, to the word, from its dictionary and its model of unknown words. Only the loop
is ours: jieba builds a graph of all words in a text and then goes through it, which takes twice as long
as doing both at once, and asks its model again each time the same characters come.
"""

from __future__ import annotations

import logging
import os
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property, lru_cache
from math import log
from pathlib import Path
from tempfile import TemporaryDirectory

import jieba
from jieba import finalseg

from pipeline.settings import cache_folder
from pipeline.wording.lexicon import Lexicon

LONGEST_WORD = 2
"""Characters of a lexicon wording that goes into the dictionary as one word (稍候, 再見). Longer ones
are cut into words, so that a match may allow for something in between (請您*先*稍等)."""

BLOCK = re.compile("[一-\u9fd5a-z]+|.", re.DOTALL)
"""What jieba looks up in its dictionary, or one character of another script, which it leaves alone."""

NEVER = float("-inf")
"""The logarithm of no chance."""

jieba.setLogLevel(logging.WARNING)


class Segmenter:
    """jieba with its own dictionary, so that two standards in one process do not mix.

    It is read when the first text is cut, which takes a second: who only looks at a standard need not wait.
    """

    def __init__(self, words: Iterable[str] = ()) -> None:
        self._added = tuple(words)

    @cached_property
    def _tokenizer(self) -> jieba.Tokenizer:
        tokenizer = jieba.Tokenizer()
        tokenizer.FREQ, tokenizer.total = dict(_shipped().FREQ), _shipped().total
        tokenizer.initialized = True
        for word in self._added:
            tokenizer.add_word(word)
        return tokenizer

    @cached_property
    def _frequencies(self) -> dict[str, int]:
        frequencies: dict[str, int] = self._tokenizer.FREQ
        return frequencies

    @cached_property
    def _log_total(self) -> float:
        return log(self._tokenizer.total)

    @classmethod
    def knowing(cls, lexicons: Iterable[Lexicon]) -> Segmenter:
        """One that takes the short wordings of some lexicons for words."""
        wordings = (wording for lexicon in lexicons for wording in lexicon.variants)
        return cls(wording for wording in wordings if 2 <= len(wording) <= LONGEST_WORD)

    def __reduce__(self) -> tuple[Callable[[Iterable[str]], Segmenter], tuple[tuple[str, ...]]]:
        return Segmenter, (self._added,)  # jieba's dictionary is read faster than it is unpickled

    def words(self, text: str) -> tuple[tuple[str, int], ...]:
        """The words of normalised text with the place each begins at."""
        words: list[tuple[str, int]] = []
        at = 0
        for block in BLOCK.findall(text):
            for word in self._cut(block) if len(block) > 1 else (block,):
                words.append((word, at))
                at += len(word)
        return tuple(words)

    def _cut(self, text: str) -> list[str]:
        """The likeliest words; runs of single characters once more, by jieba's hidden Markov model."""
        stops, words = self._stops(text), list[str]()
        at = single = 0  # from single to at: characters that are words by themselves
        while at < len(text):
            stop = stops[at]
            if stop - at > 1:
                if single < at:
                    words += self._unknown(text[single:at])
                words.append(text[at:stop])
                single = stop
            at = stop
        words += self._unknown(text[single:])
        return words

    def _stops(self, text: str) -> list[int]:
        """Where the word ends that begins at each character, on the likeliest way to the end."""
        return _likeliest_way(text, self._frequencies, self._log_total)[1]

    def _unknown(self, text: str) -> Iterable[str]:
        return text if len(text) < 2 or self._frequencies.get(text) else _guessed(text)

    def parts(self, wording: str) -> tuple[str, ...]:
        """The words of a phrase, cut finer than in running text.

        jieba knows some phrases whole (請稍等); those are cut once more, where their parts are the
        commonest words, since something may be put in between (請您先稍等).
        """
        parts: list[str] = []
        for word, _ in self.words(wording):
            splits = [(word[:i], word[i:]) for i in range(1, len(word))] if len(word) > 2 else []
            known = [pair for pair in splits if all(part in self._frequencies for part in pair)]
            if known:
                parts += max(known, key=lambda pair: min(map(self._frequency, pair)))
            else:
                parts.append(word)
        return tuple(parts)

    def knows(self, word: str) -> bool:
        """Whether the dictionary has this word."""
        return self._frequency(word) > 0

    def _frequency(self, word: str) -> int:
        return int(self._frequencies.get(word) or 0)


def _likeliest_way(
    text: str, frequencies: Mapping[str, int], log_total: float
) -> tuple[float, list[int]]:
    """The likeliest words of a text: their log probability, and where each ends that begins at a place."""
    frequency_of, size = frequencies.get, len(text)
    scores, stops = [0.0] * (size + 1), [0] * size
    for start in range(size - 1, -1, -1):
        best, best_stop = NEVER, start + 1
        for stop in range(start + 1, size + 1):
            known = frequency_of(text[start:stop])
            if known is None:
                break  # no word begins so
            if known:
                score = log(known) - log_total + scores[stop]
                if score >= best:
                    best, best_stop = score, stop
        if best == NEVER:
            best = -log_total + scores[start + 1]
        scores[start], stops[start] = best, best_stop
    return scores[0], stops


def likeliest_words(text: str) -> list[str]:
    """The words of a text by jieba's own dictionary, no lexicon and no model of unknown words."""
    return list(_shipped().cut(text, HMM=False))


def log_probability(text: str) -> float:
    """Natural logarithm of how likely normalised text is as words in a row, by jieba's own dictionary.

    Each word by itself: what the text is about counts for nothing.
    """
    return _likeliest_way(text, _shipped().FREQ, _log_total())[0]


@cache
def _log_total() -> float:
    return log(_shipped().total)


def frequency(word: str) -> int:
    """How often jieba's own dictionary has seen the word; 0 when it does not know it."""
    return int(_shipped().FREQ.get(word) or 0)


def shipped_frequencies() -> Mapping[str, int]:
    """How often jieba's own dictionary has seen each of its words; 0 of what only begins one."""
    frequencies: Mapping[str, int] = _shipped().FREQ
    return frequencies


@cache
def _shipped() -> jieba.Tokenizer:
    """The tokenizer with jieba's own dictionary, read once a process."""
    tokenizer = jieba.Tokenizer()
    # jieba would keep its compiled dictionary in the shared temporary folder, where anybody could
    # put another in its place
    with TemporaryDirectory(prefix="callqa-") as nowhere_else:
        tokenizer.tmp_dir = str(_kept() or nowhere_else)
        tokenizer.initialize()
    return tokenizer


def _kept() -> Path | None:
    """Where jieba's compiled dictionary is kept; ``None``: nowhere, so that each time takes a second."""
    kept = cache_folder() / "jieba"
    try:
        kept.mkdir(parents=True, exist_ok=True)
    except OSError:
        return None
    return kept if os.access(kept, os.W_OK) else None


@lru_cache(maxsize=16384)
def _guessed(text: str) -> tuple[str, ...]:
    """Characters of which the dictionary knows no word, as jieba's hidden Markov model cuts them."""
    return tuple(finalseg.cut(text))
