"""A call read for judging: its words as text a matcher can search, and matches as times and voices."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Callable, Hashable, Iterable, Mapping
from functools import cached_property
from itertools import product
from statistics import fmean
from typing import TypeVar, cast

from msgspec.structs import replace

from pipeline.judge.calltext import CallText, Found
from pipeline.judge.floor import Floor, floor_of
from pipeline.records import Call, Role, Span, Word
from pipeline.sounds import STOPPED, TRUNCATED
from pipeline.wording.match import Match, Matcher
from pipeline.wording.normalise import Normalised, normalise
from pipeline.wording.segment import log_probability
from pipeline.wording.sound import PAUSE
from pipeline.wording.syllables import CONFUSABLE, same_tones

T = TypeVar("T")

NEAR_MS = 1_500
"""Where the closer listen places a phrase is true to about a second."""

WEAK = 0.2
"""Probability of the least certain word. Rightly decoded words of the samples lie above it; below, words
neither pass nor accuse anybody until the sound is asked once more."""

BETWEEN = re.compile(rf"[^\W{PAUSE}您你請请]{{0,14}}")
"""What may stand between the words of a pair: a few syllables of one clause. No punctuation, no pause; and as
recognition leaves punctuation out, nothing that begins by addressing the other."""

TELLING_WORDS = 10
"""Words whose mean probability tells how well a stretch was understood. In three blind sets three of four
accusations over a stretch of as many words below 0.73 were wrong, above it 14 of 84; of shorter ones, whose
mean may be anything, 10 of 10 below were right."""

QUESTION = ("?", "？")

NEARBY = 5
"""Characters before and after a phrase that tell with it how likely words are: hardly a word is longer."""

MISHEARD_SAME_TONES = 3.0
MISHEARD_OTHER_TONES = 5.0
"""How much likelier, as natural logarithms, a phrase must be than the words of the same sound that stand
there: twenty times where they have its tones, 150 times where they have not, or are no more than alike. In
318 composed calls of eleven blind sets 70 short phrases of situations were so by the first, three of them
not said (「小夜」, of 宵夜, for 小葉), and 68 by the second, five of them not (「機店」, of 機電, for 幾點).
Were one bound enough, 「漏到天花板」 would be 樓道 and 「打個電話」 大哥."""

CLOSE = CONFUSABLE
"""Sound distance up to which words count as the phrase itself: one syllable of a kind that speakers do
not keep apart."""


class Reading:
    """One call and a matcher. Searches of one lexicon are made once and kept."""

    def __init__(self, call: Call, matcher: Matcher) -> None:
        self.call = call
        self.matcher = matcher
        self._words = CallText(call)
        self._found: dict[str, tuple[Found, ...]] = {}
        self._once: dict[Hashable, object] = {}

    def find(self, lexicon: str) -> tuple[Found, ...]:
        """Every place where a phrase of the lexicon was said, whoever said it, in order of time."""
        known = self._found.get(lexicon)
        if known is None:
            self.matcher.lexicon(lexicon)  # none of that name is an error
            matches = self._matches.get(lexicon)
            known = self._found[lexicon] = self._said(matches) if matches else ()
        return known

    def pairs(
        self, first: str, then: str, believed: Callable[[Found], bool], *, stated: bool = False
    ) -> tuple[Found, ...]:
        """Where a phrase of one lexicon stands, and soon after it, in the same clause, one of another.

        Found is what is said from the one to the end of the other; of several beginnings and ends the
        nearest. ``believed`` is whether words may be either; ``stated`` leaves out questions.
        """
        begins, ends = (
            [
                match
                for match in self._matches.get(name, ())
                if (hit := self._words.found(match)) is not None and believed(hit)
            ]
            for name in (first, then)
        )
        text, nearest = self.text.original, dict[int, Match]()
        for end, begin in product(ends, begins):  # in order: a later beginning is nearer
            asked = text[end.end : end.end + 1] in QUESTION
            if BETWEEN.fullmatch(text, begin.end, end.start) and not (stated and asked):
                nearest[end.start] = replace(begin, end=end.end)
        shortest = {match.start: match for match in reversed(nearest.values())}
        return self._said(shortest.values())

    def slots(self, kind: str) -> tuple[Found, ...]:
        """Every name, address, telephone number or definite time said, in order of time."""
        key = f"{{{kind}}}"
        if key not in self._found:
            matches = (
                Match("", key, "", start, end, "characters", 0.0)
                for start, end in self._words.slots(kind)
            )
            self._found[key] = self._said(matches)
        return self._found[key]

    def _said(self, matches: Iterable[Match]) -> tuple[Found, ...]:
        """Those of some matches that one voice said in one go, in order of time."""
        found = (self._words.found(match) for match in matches)
        return tuple(sorted((hit for hit in found if hit is not None), key=lambda hit: hit.span))

    def said(self, lexicon: str, role: Role, window: Span) -> tuple[Found, ...]:
        """Where ``role`` surely said a phrase of the lexicon, its middle inside the window."""
        return tuple(
            hit
            for hit in self.find(lexicon)
            if hit.role == role and window.holds(hit.span.middle_ms)
        )

    def said_by_unknown(self, lexicon: str, window: Span) -> tuple[Found, ...]:
        """Where somebody said it and nobody can tell who."""
        return self.said(lexicon, "unknown", window)

    def is_misheard(self, hit: Found) -> bool:
        """Whether words that sound like a phrase make so little sense that the phrase was said.

        Whisper writes 「水管低水」 for 滴水: no dictionary has 低水. 「有個人」 begins with the sound of
        游哥, but there the words as written are the likelier ones.
        """
        if not hit.quote.isalnum():
            return False  # the phrase would reach over punctuation
        text = self.text
        start = bisect_left(text.offsets, (hit.at,))
        end = bisect_left(text.offsets, (hit.at + len(hit.quote),))
        before, written = text.text[max(0, start - NEARBY) : start], text.text[start:end]
        after = text.text[end : end + NEARBY]
        gain = log_probability(before + hit.wording + after) - log_probability(
            before + written + after
        )
        alike = hit.cost == 0 and same_tones(written, hit.wording)
        return gain >= (MISHEARD_SAME_TONES if alike else MISHEARD_OTHER_TONES)

    def speaks(self, role: Role, window: Span) -> bool:
        """Whether that role's voice sounds in the window, whether or not its words were understood."""
        return any(s.role == role and s.span.overlap_ms(window) for s in self.call.speech)

    def perhaps(self, role: Role) -> tuple[Role, ...]:
        """The voices that are that role's, and those that may be: nobody knows whose they are."""
        heard = {speech.role for speech in self.call.speech}
        if "unknown" not in heard:
            return (role,)
        return (role, "unknown") if role in heard else ("unknown",)

    def words_near(self, role: Role, span: Span) -> str:
        """What a role said there, normalised, with a few words before and after."""
        wide = span.padded(NEAR_MS, NEAR_MS)
        own = (
            word
            for one in self.call.utterances
            if one.role == role and one.span.overlap_ms(wide)
            for word in one.words
        )
        return normalise("".join(w.text for w in own if w.span.overlap_ms(wide))).text

    def clearness(self, role: Role) -> float:
        """How sure recognition is of a role's words: their mean probability, 1 when there are none."""
        return self.once(("clearness", role), lambda: _mean_probability(self._words_of(role)))

    def clearness_within(self, role: Role, span: Span) -> float:
        """The same of the whole call, or of a stretch with enough words to tell, where that is lower."""
        there = [word for word in self._words_of(role) if span.holds(word.span.middle_ms)]
        whole = self.clearness(role)
        return min(whole, _mean_probability(there)) if len(there) >= TELLING_WORDS else whole

    def has_words(self, role: Role, span: Span) -> bool:
        """Whether a role's words lie in a stretch."""
        return any(span.holds(word.span.middle_ms) for word in self._words_of(role))

    def _words_of(self, role: Role) -> list[Word]:
        return [word for one in self.call.utterances if one.role == role for word in one.words]

    def once(self, key: Hashable, work_out: Callable[[], T]) -> T:
        """What several checks ask of the call, worked out for the first of them; the key tells it apart."""
        if key not in self._once:
            self._once[key] = work_out()
        return cast(T, self._once[key])

    @property
    def text(self) -> Normalised:
        """The words of the call as one text, voice after voice."""
        return self._words.text

    @cached_property
    def _matches(self) -> Mapping[str, tuple[Match, ...]]:
        return self.matcher.find_all(self.text)

    @cached_property
    def floor(self) -> Floor:
        """Who has the floor when."""
        return floor_of(self.call)

    @cached_property
    def cut_short(self) -> bool:
        """Whether the end of the call is known to be missing: what was not said may have been said there."""
        return any(one.startswith((TRUNCATED, STOPPED)) for one in self.call.warnings)

    def may_go_on(self, stretches: Iterable[Span]) -> bool:
        """Whether some of a recording's stretches reach into an end that is missing."""
        return self.cut_short and any(one.end_ms >= self.extent.end_ms for one in stretches)

    @cached_property
    def extent(self) -> Span:
        """From the first voice to the end of the last; empty when nobody speaks."""
        spans = [speech.span for speech in self.call.speech]
        if not spans:
            return Span(0, 0)
        return Span(min(s.start_ms for s in spans), max(s.end_ms for s in spans))


def _mean_probability(words: list[Word]) -> float:
    return fmean(word.probability for word in words) if words else 1.0


def read_together(calls: Iterable[Call], matcher: Matcher) -> tuple[Reading, ...]:
    """Some calls, their words searched together: that costs less than one by one."""
    readings = tuple(Reading(call, matcher) for call in calls)
    matcher.look_ahead(reading.text for reading in readings)
    return readings
