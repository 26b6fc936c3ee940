"""Words, by jieba, with the lexicons as its user dictionary."""

from __future__ import annotations

import logging
from collections.abc import Iterable

import jieba

from pipeline.wording.lexicon import Lexicon

LONGEST_WORD = 4
"""Characters of a lexicon wording that goes into the dictionary as one word. Longer ones are
sentences: they are cut, so that a match may allow for words in between."""

jieba.setLogLevel(logging.WARNING)


class Segmenter:
    """jieba with its own dictionary, so that two standards in one process do not mix."""

    def __init__(self, lexicons: Iterable[Lexicon] = ()) -> None:
        self._tokenizer = jieba.Tokenizer()
        self._tokenizer.initialize()
        for lexicon in lexicons:
            for wording in lexicon.variants:
                if 2 <= len(wording) <= LONGEST_WORD:
                    self._tokenizer.add_word(wording)

    def words(self, text: str) -> tuple[tuple[str, int], ...]:
        """The words of normalised text with the place each begins at."""
        return tuple((word, start) for word, start, _ in self._tokenizer.tokenize(text))
