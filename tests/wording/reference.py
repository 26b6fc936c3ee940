"""What pipeline.wording.match is to find, written down as plainly as possible, however slow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pipeline.wording.lexicon import Lexicon, Phrase
from pipeline.wording.match import LEVELS, Level, Match
from pipeline.wording.normalise import Normalised
from pipeline.wording.search import COST_A_CHARACTER, MOST_INSERTED, NEGATIONS, ONE_CUT, TWO_CUTS
from pipeline.wording.segment import Segmenter
from pipeline.wording.sound import GAP, STUTTER, sound_bound
from pipeline.wording.syllables import merged, same_tones, sound_distance, syllables

Spot = tuple[float, int, int]
"""Cost, start, end."""


class Reference:
    """Looks for every wording by itself, everywhere."""

    def __init__(self, lexicons: Iterable[Lexicon]) -> None:
        self.lexicons = {lexicon.name: lexicon for lexicon in lexicons}
        self.segmenter = Segmenter.knowing(self.lexicons.values())

    def find(self, text: Normalised, lexicon: str) -> tuple[Match, ...]:
        source, size = self.lexicons[lexicon], len(text.text)
        taken = [False] * size
        for wording in source.exceptions:
            for at in places(text.text, wording):
                taken[at : at + len(wording)] = [True] * len(wording)
        kept: list[tuple[int, int, float, Level, Phrase, str]] = []
        for level in LEVELS:
            hits = [
                (cost, start - end, order, start, phrase, wording)
                for order, (phrase, wording) in enumerate(
                    (phrase, wording) for phrase in source.phrases for wording in phrase.variants
                )
                for cost, start, end in self.spots(level, text.text, wording, taken)
            ]
            for cost, minus_size, _, start, phrase, wording in sorted(
                hits, key=lambda hit: hit[:4]
            ):
                end = start - minus_size
                if not any(taken[start:end]):
                    taken[start:end] = [True] * (end - start)
                    kept.append((start, end, cost, level, phrase, wording))
        return tuple(
            Match(
                lexicon,
                phrase.written,
                wording,
                *text.original_range(start, end),
                level,
                round(cost, 3),
                phrase.weight,
            )
            for start, end, cost, level, phrase, wording in sorted(kept, key=lambda hit: hit[0])
        )

    def spots(self, level: Level, text: str, wording: str, taken: list[bool]) -> Iterator[Spot]:
        if level == "characters":
            return ((0.0, at, at + len(wording)) for at in places(text, wording))
        if level == "words":
            return self.by_words(text, wording)
        return self.by_sound(text, wording, taken)

    def cuts(self, text: str) -> set[int]:
        return {start for _, start in self.segmenter.words(text)} | {len(text)}

    def by_words(self, text: str, wording: str) -> Iterator[Spot]:
        words, cuts = self.segmenter.parts(wording), self.cuts(text)
        if len(words) < 2 or not all(word in text for word in words):
            return
        for start in places(text, words[0]):
            end = start + len(words[0])
            if start not in cuts and end not in cuts:
                continue
            for word in words[1:]:
                end = self.after(text, word, end, cuts) if end else 0
            if end:
                yield (end - start - len(wording)) * COST_A_CHARACTER, start, end

    def after(self, text: str, word: str, end: int, cuts: set[int]) -> int:
        """Where the word ends that follows with little in between; 0 where none does."""
        for at in range(end, end + MOST_INSERTED + 1):
            stop = at + len(word)
            if text[at:stop] == word and (at in cuts or stop in cuts):
                return 0 if NEGATIONS.search(text[end:at]) else stop
        return 0

    def by_sound(self, text: str, wording: str, taken: list[bool]) -> Iterator[Spot]:
        bound = sound_bound(len(wording))
        if bound < 0:
            return
        wanted, heard = syllables(wording), syllables(text)
        for first, last in free_stretches(taken):
            for cost, start, end in aligned(wanted, heard[first:last], bound):
                if self.counts(text, first + start, first + end, wording):
                    yield cost, first + start, first + end

    def counts(self, text: str, start: int, end: int, wording: str) -> bool:
        """Whether a short wording is cut off and no other word stands there."""
        if len(wording) > ONE_CUT:
            return True
        cuts = self.cuts(text)
        if len({start, end} & cuts) < (2 if len(wording) <= TWO_CUTS else 1):
            return False
        said = text[start:end]
        inside = any(at in cuts for at in range(start + 1, end))
        is_word = len(said) == len(wording) and not inside and self.segmenter.knows(said)
        return same_tones(said, wording) if is_word else True


def places(text: str, part: str) -> Iterator[int]:
    return (at for at in range(len(text)) if text.startswith(part, at))


def free_stretches(taken: list[bool]) -> Iterator[tuple[int, int]]:
    first = 0
    for at, is_taken in enumerate([*taken, True]):
        if is_taken:
            if at > first:
                yield first, at
            first = at + 1


def aligned(wanted: tuple[str, ...], heard: tuple[str, ...], bound: float) -> Iterator[Spot]:
    """Sellers' algorithm: for each end the cheapest alignment, which may begin anywhere."""
    column = [(GAP * i, 0) for i in range(len(wanted) + 1)]
    for at, sound in enumerate(heard):
        repeated = at > 0 and merged(sound) == merged(heard[at - 1])
        adding = STUTTER if repeated else GAP
        before, column = column, [(0.0, at + 1)]
        for i, want in enumerate(wanted):
            ways = (
                (before[i][0] + sound_distance(want, sound), before[i][1]),
                (before[i + 1][0] + adding, before[i + 1][1]),
                (column[i][0] + GAP, column[i][1]),
            )
            column.append(min((round(cost, 6), start) for cost, start in ways))
        cost, start = column[-1]
        if cost <= bound and start <= at:
            yield cost, start, at + 1
