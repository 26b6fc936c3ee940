"""Who has the floor: each voice as units and spurts, and what happens where two of them meet.

A *unit* is speech without a pause of ``UNIT_PAUSE_MS``; a *spurt* is units of one voice without a
pause of ``SPURT_PAUSE_MS``. One who listens comes in with a unit; one who speaks holds the floor for a
spurt, breath included. :mod:`pipeline.measured` says what each kind of overlap means.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise, permutations

from pipeline.measured import Overlap, OverlapKind
from pipeline.records import Call, Role, Span, merge_spans
from pipeline.wording.normalise import normalise

UNIT_PAUSE_MS = 200
"""Shorter is a stop consonant, not a pause (Heldner and Edlund 2010 take 180 ms)."""

SPURT_PAUSE_MS = 600
"""A speaker who rests no longer still has the floor: the pause that ends an utterance, too."""

SHORTEST_OVERLAP_MS = 120
"""Below it people do not notice that two spoke at once (Heldner 2011), and voice activity is no
more exact."""

TOGETHER_MS = 200
"""Nobody reacts so fast to another's beginning: reaction to speech takes 200 ms and more (Levinson and
Torreira 2015)."""

LAST_SYLLABLES_MS = 300
"""Coming in this late is precise timing, not interruption: one or two syllables at five a second
(Jefferson's terminal overlap)."""

GAVE_WAY_MS = 1_000
"""Who stops within this of the other's coming in, and does not speak next, gave way."""

BACKCHANNEL_MS = 1_000
"""Longest a sign of listening sounds, pauses left out."""

ACKNOWLEDGEMENT = re.compile(
    "(?:嗯|恩|唔|哦|噢|喔|啊|呃|诶|欸|哎|唉|呀|哈|对|好|是|系|行|的|得|吧|没错|可以|没问题|是吗|这样"
    "|明白了?|知道了?|了解|清楚了?|ok|okay)+"
)
"""Whole utterances that ask for no turn (the reactive tokens of Clancy et al. 1996), in the common form of
:func:`normalise`. 「好了」 and 「不是」, which stop the other, are none."""

REFUSALS = "不别停"
"""Single syllables that are no sign of listening, should that be what was decoded."""


@dataclass(frozen=True, slots=True)
class Unit:
    """Speech of one voice without a pause. ``listening``: it only says that somebody listens."""

    span: Span
    listening: bool


@dataclass(frozen=True)
class Spurt:
    """Units of one voice without a long pause between them."""

    role: Role
    channel: int
    units: tuple[Unit, ...]

    @cached_property
    def span(self) -> Span:
        return Span(self.units[0].span.start_ms, self.units[-1].span.end_ms)

    @property
    def listening(self) -> bool:
        return all(unit.listening for unit in self.units)


@dataclass(frozen=True)
class Floor:
    """The spurts of each voice of a call, in order of time; a voice is a role on a channel."""

    voices: tuple[tuple[Spurt, ...], ...]

    @property
    def apart(self) -> bool:
        """Whether the voices are known to be different people's."""
        return len(self.voices) != 1 or self.voices[0][0].role != "unknown"

    @cached_property
    def overlaps(self) -> tuple[Overlap, ...]:
        """Every place where two voices sound at once, in order of time."""
        found = [
            overlap
            for holders, incomers in permutations(self.voices, 2)
            for spurt in incomers
            for holder in _touching(holders, spurt.span)
            if (holder.span.start_ms, holder.role, holder.channel)
            < (spurt.span.start_ms, spurt.role, spurt.channel)
            for overlap in self._overlaps(holder, spurt)
        ]
        return tuple(sorted(found, key=lambda one: (one.span, one.channel)))

    def turns(self) -> tuple[tuple[Spurt, ...], ...]:
        """The spurts of each turn, in order. Signs of listening within the other's spurt are left out."""
        taking = sorted(
            (
                spurt
                for voice in self.voices
                for spurt in voice
                if not (spurt.listening and self._during_another(spurt))
            ),
            key=lambda spurt: spurt.span,
        )
        turns: list[list[Spurt]] = []
        for spurt in taking:
            if not turns or turns[-1][-1].role != spurt.role:
                turns.append([])
            turns[-1].append(spurt)
        return tuple(tuple(turn) for turn in turns)

    def _during_another(self, spurt: Spurt) -> bool:
        return any(
            other.role != spurt.role or other.channel != spurt.channel
            for voice in self.voices
            for other in _touching(voice, spurt.span)
        )

    def _overlaps(self, holder: Spurt, spurt: Spurt) -> Iterator[Overlap]:
        for unit in spurt.units:
            shared = [
                unit.span.clipped(other.span)
                for other in holder.units
                if unit.span.overlap_ms(other.span)
            ]
            if sum(span.duration_ms for span in shared) < SHORTEST_OVERLAP_MS:
                continue
            span = Span(shared[0].start_ms, shared[-1].end_ms)
            kind = self._kind(holder, spurt, unit)
            yield Overlap(span, kind, spurt.role, holder.role, spurt.channel)

    def _kind(self, holder: Spurt, spurt: Spurt, unit: Unit) -> OverlapKind:
        start_ms = unit.span.start_ms
        if start_ms - holder.span.start_ms < TOGETHER_MS:
            return "simultaneous_start"
        if unit.listening or holder.listening:
            return "backchannel"
        left_ms = holder.span.end_ms - start_ms
        if left_ms < LAST_SYLLABLES_MS:
            return "terminal"
        if spurt.span.end_ms >= holder.span.end_ms:
            return "interruption"
        gave_way = left_ms <= GAVE_WAY_MS and self._next_to_speak(holder) == (
            spurt.role,
            spurt.channel,
        )
        return "interruption" if gave_way else "attempt"

    def _next_to_speak(self, spurt: Spurt) -> tuple[Role, int] | None:
        following = [
            voice[index]
            for voice in self.voices
            if (index := bisect_left(voice, spurt.span.end_ms, key=_start_ms)) < len(voice)
        ]
        first = min(following, key=_start_ms, default=None)
        return None if first is None else (first.role, first.channel)


def floor_of(call: Call) -> Floor:
    """The floor of a call: its voice activity, with what is known of the words."""
    spoken: dict[tuple[Role, int], list[Span]] = {}
    for speech in call.speech:
        spoken.setdefault((speech.role, speech.channel), []).append(speech.voice)
    for (_, channel), spans in spoken.items():
        spans.extend(_murmured(call, channel))
    return Floor(
        tuple(
            tuple(_spurts(call, role, channel, merge_spans(spans, UNIT_PAUSE_MS)))
            for (role, channel), spans in sorted(spoken.items())
        )
    )


def _murmured(call: Call, channel: int) -> list[Span]:
    """Murmurs on a channel while the other side speaks: signs of listening. Others take no turn."""
    others = [speech.voice for speech in call.speech if speech.channel != channel]
    return [
        span
        for one in call.murmurs
        if one.channel == channel
        for span in one.spans
        if any(span.overlap_ms(other) for other in others)
    ]


def _spurts(call: Call, role: Role, channel: int, spans: Sequence[Span]) -> Iterator[Spurt]:
    texts = _texts(call, role, channel, spans)
    group: list[Unit] = []
    for span, text in zip(spans, texts, strict=True):
        if group and span.start_ms - group[-1].span.end_ms > SPURT_PAUSE_MS:
            yield Spurt(role, channel, tuple(group))
            group = []
        group.append(Unit(span, span.duration_ms <= BACKCHANNEL_MS and is_listening(text)))
    if group:
        yield Spurt(role, channel, tuple(group))


def _texts(call: Call, role: Role, channel: int, spans: Sequence[Span]) -> list[str]:
    """The words of each unit: every word goes to the unit its middle is in, or nearest to."""
    texts = [""] * len(spans)
    # in half milliseconds, so that the middle is exact
    middles = [before.end_ms + after.start_ms for before, after in pairwise(spans)]
    for utterance in call.utterances:
        if (utterance.role, utterance.channel) != (role, channel):
            continue
        for word in utterance.words:
            texts[bisect_left(middles, 2 * word.span.middle_ms)] += word.text
    return texts


def is_listening(text: str) -> bool:
    """Whether a short unit of these words only says that somebody listens.

    Words that could not be made out, or only one of them, are given the benefit of the doubt.

    >>> is_listening("嗯，對對對。"), is_listening(""), is_listening("不是"), is_listening("好了")
    (True, True, False, False)
    """
    plain = normalise(text).text
    if len(plain) <= 1:
        return plain not in REFUSALS or not plain
    return ACKNOWLEDGEMENT.fullmatch(plain) is not None


def _touching(spurts: Sequence[Spurt], span: Span) -> Sequence[Spurt]:
    """Those of one voice's spurts, in order and apart from each other, that share time with the span."""
    first = bisect_right(spurts, span.start_ms, key=lambda spurt: spurt.span.end_ms)
    return spurts[first : bisect_left(spurts, span.end_ms, key=_start_ms)]


def _start_ms(spurt: Spurt) -> int:
    return spurt.span.start_ms
