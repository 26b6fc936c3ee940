"""Words, by jieba, with the lexicons as its user dictionary."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import jieba

from pipeline.settings import cache_folder
from pipeline.wording.lexicon import Lexicon

LONGEST_WORD = 2
"""Characters of a lexicon wording that goes into the dictionary as one word (稍候, 再見). Longer ones
are cut into words, so that a match may allow for something in between (請您*先*稍等)."""

jieba.setLogLevel(logging.WARNING)


class Segmenter:
    """jieba with its own dictionary, so that two standards in one process do not mix."""

    def __init__(self, lexicons: Iterable[Lexicon] = ()) -> None:
        self._tokenizer = jieba.Tokenizer()
        # jieba would keep its compiled dictionary in the shared temporary folder, where anybody
        # could put another in its place
        kept = cache_folder() / "jieba"
        kept.mkdir(parents=True, exist_ok=True)
        self._tokenizer.tmp_dir = str(kept)
        self._tokenizer.initialize()
        for lexicon in lexicons:
            for wording in lexicon.variants:
                if 2 <= len(wording) <= LONGEST_WORD:
                    self._tokenizer.add_word(wording)

    def words(self, text: str) -> tuple[tuple[str, int], ...]:
        """The words of normalised text with the place each begins at."""
        return tuple((word, start) for word, start, _ in self._tokenizer.tokenize(text))

    def parts(self, wording: str) -> tuple[str, ...]:
        """The words of a phrase, cut finer than in running text.

        jieba knows some phrases whole (請稍等); those are cut once more, where their parts are the
        commonest words, since something may be put in between (請您先稍等).
        """
        parts: list[str] = []
        for word, _ in self.words(wording):
            splits = [(word[:i], word[i:]) for i in range(1, len(word))] if len(word) > 2 else []
            known = [pair for pair in splits if all(part in self._tokenizer.FREQ for part in pair)]
            if known:
                parts += max(known, key=lambda pair: min(map(self._frequency, pair)))
            else:
                parts.append(word)
        return tuple(parts)

    def _frequency(self, word: str) -> int:
        return int(self._tokenizer.FREQ.get(word) or 0)
