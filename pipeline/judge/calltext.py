"""The words of a call as one text that can be searched, and what stands in it as something said."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from functools import cached_property

import msgspec

from pipeline.records import Call, Evidence, Role, Span, Word
from pipeline.wording.match import Level, Match
from pipeline.wording.normalise import Normalised, normalise
from pipeline.wording.slots import find_slots
from pipeline.wording.sound import PAUSE

LONGEST_PAUSE_MS = 1_500
"""A phrase whose words lie further apart than this was not said as one."""


class Found(msgspec.Struct, frozen=True):
    """A phrase of a lexicon heard in the call, as a :class:`~pipeline.wording.match.Match` has it.

    ``probability`` is that of its least certain word; ``at`` is where it begins in the text of the call.
    ``respelt``: the engine wrote other characters of the same sound.
    """

    lexicon: str
    phrase: str
    wording: str
    quote: str
    role: Role
    span: Span
    probability: float
    level: Level
    cost: float
    at: int
    weight: float = 1.0
    respelt: bool = False

    @property
    def syllables(self) -> int:
        """How long the words are, punctuation aside."""
        return len(normalise(self.quote).text)

    @property
    def evidence(self) -> Evidence:
        return Evidence(span=self.span, role=self.role, quote=self.quote)

    @property
    def confidence(self) -> float:
        """How sure the words are: their probability, less for a match by sound only."""
        return round(float(max(0.3, self.probability) ** 0.5) * (1.0 - 0.2 * self.cost), 2)


class CallText:
    """The words of a call as one text, voice after voice, and the way from a place back to a word.

    :data:`~pipeline.wording.sound.PAUSE` stands where a long pause was and between two voices.
    """

    def __init__(self, call: Call) -> None:
        self._words: list[tuple[Word, Role]] = []
        self._starts: list[int] = []
        pieces: list[str] = []
        heard: list[str] = []
        at = 0
        for voice in sorted({(one.channel, one.speaker) for one in call.utterances}):
            ended_ms: int | None = None
            for utterance in call.utterances:
                if (utterance.channel, utterance.speaker) != voice:
                    continue
                for word, wrote in zip(utterance.words, utterance.words_heard, strict=True):
                    if at and (
                        ended_ms is None or word.span.start_ms - ended_ms > LONGEST_PAUSE_MS
                    ):
                        pieces.append(PAUSE)
                        heard.append(PAUSE)
                        at += len(PAUSE)
                    self._words.append((word, utterance.role))
                    self._starts.append(at)
                    pieces.append(word.text)
                    heard.append(wrote.text)
                    at += len(word.text)
                    ended_ms = word.span.end_ms
        self.text: Normalised = normalise("".join(pieces))
        self._heard = "".join(heard)

    def slots(self, kind: str) -> Iterator[tuple[int, int]]:
        """Values in each stretch without a long pause: two numbers in a row are not one."""
        for begun, stretch in self._stretches:
            for start, end in find_slots(stretch, kind):
                yield begun + start, begun + end

    @cached_property
    def _stretches(self) -> tuple[tuple[int, Normalised], ...]:
        """The text between long pauses, and where each part of it begins."""
        parts, begun = [], 0
        for part in self.text.original.split(PAUSE):
            parts.append((begun, normalise(part)))
            begun += len(part) + len(PAUSE)
        return tuple(parts)

    def found(self, match: Match) -> Found | None:
        """The match as something said; ``None`` when a pause or another voice parts its words."""
        quote = self.text.original[match.start : match.end]
        first = bisect_right(self._starts, match.start) - 1
        last = bisect_right(self._starts, match.end - 1) - 1
        words = [word for word, _ in self._words[first : last + 1]]
        roles = {role for _, role in self._words[first : last + 1]}
        if len(roles) > 1 or PAUSE in quote:
            return None
        return Found(
            lexicon=match.lexicon,
            phrase=match.phrase,
            wording=match.wording,
            quote=quote,
            role=roles.pop(),
            span=Span(words[0].span.start_ms, words[-1].span.end_ms),
            probability=min(word.probability for word in words),
            level=match.level,
            cost=match.cost,
            at=match.start,
            weight=match.weight,
            respelt=quote != self._heard[match.start : match.end],
        )


def said_within(call: Call, role: Role, span: Span) -> str:
    """What a role says in a stretch, normalised: its words whose middles lie there."""
    words = [word for one in call.utterances if one.role == role for word in one.words]
    said = "".join(word.text for word in words if span.holds(word.span.middle_ms))
    return normalise(said).text


def syllables_within(call: Call, role: Role, span: Span) -> int:
    """How much a role says in a stretch."""
    return len(said_within(call, role, span))
