"""Is a phrase of a lexicon in this text? Three ways to say yes, the strictest first.

1. *characters*: a wording stands there letter by letter.
2. *words*: its jieba words stand there in order, with a little in between (請您*先*稍等).
3. *syllables*: it sounds like it, toneless, within a cost that grows with the phrase's length. A
   phrase of two syllables must sound exactly so and be cut off as a word; one of a single syllable
   never matches by sound.

A text is gone through once for all lexicons: what a judgement costs hardly grows with their number.
"""

from __future__ import annotations

from collections.abc import Container, Iterable
from threading import Lock

import msgspec

from pipeline.wording.lexicon import Lexicon
from pipeline.wording.normalise import Normalised
from pipeline.wording.search import Hit, Hits, Index, search
from pipeline.wording.search import Level as Level
from pipeline.wording.together import search_together

LEVELS: tuple[Level, ...] = ("characters", "words", "syllables")

MOST_KEPT = 32
"""Texts kept with what was found in them: the calls at hand."""


class Match(msgspec.Struct, frozen=True):
    """A phrase found: ``start`` and ``end`` count characters of the original text.

    ``phrase`` is the line of the lexicon, ``wording`` the one of its variants that stands there,
    normalised; ``weight`` is that of the line.
    """

    lexicon: str
    phrase: str
    wording: str
    start: int
    end: int
    level: Level
    cost: float
    weight: float = 1.0


class Matcher:
    """Finds the phrases of some lexicons; built once a standard.

    Those of a lexicon named in ``confirmed`` are listened to again where they only sound alike, and so
    are searched by sound more freely. ``index`` is the same compiled earlier.
    """

    def __init__(
        self,
        lexicons: Iterable[Lexicon],
        confirmed: Container[str] = (),
        *,
        index: Index | None = None,
    ) -> None:
        self._lexicons = {lexicon.name: lexicon for lexicon in lexicons}
        self._index = index or Index(self._lexicons.values(), confirmed)
        self._lock = Lock()
        self._kept: dict[tuple[str, tuple[Level, ...]], Hits] = {}

    def lexicon(self, name: str) -> Lexicon:
        return self._lexicons[name]

    def find(
        self, text: Normalised, lexicon: str, levels: tuple[Level, ...] = LEVELS
    ) -> tuple[Match, ...]:
        """Every place where a phrase of the lexicon stands, in order; no two overlap.

        At one place the strictest level wins, then the cheapest, then the longest wording.
        """
        self.lexicon(lexicon)
        hits = self._searched(text.text, levels).get(lexicon, ())
        return _matches(text, lexicon, hits)

    def find_all(self, text: Normalised) -> dict[str, tuple[Match, ...]]:
        """The same of every lexicon of which something stands there."""
        found = self._searched(text.text, LEVELS)
        return {lexicon: _matches(text, lexicon, hits) for lexicon, hits in found.items()}

    def is_excepted(self, text: str, lexicons: Container[str]) -> bool:
        """Whether an exception of one of the lexicons stands in a normalised text."""
        return any(
            lexicon in lexicons
            for _, _, excepted_by in self._index.exceptions.find(text)
            for lexicon in excepted_by
        )

    def look_ahead(self, texts: Iterable[Normalised]) -> None:
        """Search some texts, at most ``MOST_KEPT``, that will be asked about next.

        Together they cost less than each when it is asked about.
        """
        new = [text.text for text in texts]
        with self._lock:
            for text, found in zip(new, search_together(new, self._index, LEVELS), strict=True):
                self._keep(text, LEVELS, found)

    def _searched(self, text: str, levels: tuple[Level, ...]) -> Hits:
        """The text searched once, however many lexicons are looked for in it."""
        with self._lock:  # threads may share a matcher; its tables of sounds grow while it searches
            found = self._kept.get((text, levels))
            if found is None:
                found = self._keep(text, levels, search(text, self._index, levels))
        return found

    def _keep(self, text: str, levels: tuple[Level, ...], found: Hits) -> Hits:
        for hits in found.values():
            hits.sort(key=lambda pair: pair[0].start)
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[text, levels] = found
        return found


def _matches(
    text: Normalised, lexicon: str, hits: Iterable[tuple[Hit, Level]]
) -> tuple[Match, ...]:
    return tuple(
        Match(
            lexicon,
            hit.wording.phrase.written,
            hit.wording.text,
            *text.original_range(hit.start, hit.end),
            level,
            round(hit.cost, 3),
            hit.wording.phrase.weight,
        )
        for hit, level in hits
    )
