"""The silences of a call: who was silent after whom, and with what it ended."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from pipeline.judge.reading import Reading
from pipeline.records import Call, Role, Span, Utterance, merge_spans
from pipeline.spans import gaps
from pipeline.wording.normalise import normalise

REST_MS = 15_000
"""Where it rings again and again, a shorter gap is a rest between two rings (at most 6 s, ITU-T E.180), or
one with a ring in it that was not heard."""

SHORT_CALL = 8
"""Syllables of 「喂，請問有人在嗎」: what is longer says something, and neither calls nor asks for time."""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody speaks. ``before`` and ``after`` are who spoke last and who speaks next."""

    span: Span
    before: Role
    after: Role
    music: bool


def silences_of(call: Call, shortest_ms: int) -> tuple[Silence, ...]:
    """Gaps in all voices of at least half the shortest hold, and all music, between two voices.

    One ring is another telephone's; what rings again and again is no silence, nor is anything after a busy
    tone, when one party has left.
    """
    voices = sorted(call.speech, key=lambda speech: speech.span)
    music = [event.span for event in call.events if event.kind == "music"]
    rings = merge_spans([event.span for event in call.events if event.kind == "ring"])
    busy = [event.span for event in call.events if event.kind == "busy"]
    spoken = merge_spans([speech.span for speech in voices])
    found = []
    for first, second in pairwise(spoken):
        between = Span(first.end_ms, second.start_ms)
        if any(between.overlap_ms(tone) for tone in busy):
            continue
        before = max(
            (s for s in voices if s.span.end_ms <= first.end_ms), key=lambda s: s.span.end_ms
        )
        after = next(s for s in voices if s.span.start_ms >= second.start_ms)
        ringing = tuple(ring for ring in rings if between.overlap_ms(ring))
        if len(ringing) > 1:
            found += [
                Silence(rest, before.role, after.role, False)
                for rest in gaps(between, ringing)
                if rest.duration_ms >= REST_MS
            ]
            continue
        with_music = any(between.overlap_ms(span) >= span.duration_ms // 2 for span in music)
        if with_music or between.duration_ms >= shortest_ms // 2:
            found.append(Silence(between, before.role, after.role, with_music))
    return tuple(found)


def calls_out(reading: Reading, utterance: Utterance, lexicon: str) -> bool:
    """Whether somebody says no more than such words."""
    return len(normalise(utterance.text).text) <= SHORT_CALL and bool(
        reading.said(lexicon, utterance.role, utterance.span.padded(0, 1))
    )


def broken_by_call(reading: Reading, silence: Silence, lexicon: str) -> bool:
    """Whether the customer breaks a silence with no more than a call: 「喂，還在嗎？」"""
    said = (one for one in reading.call.utterances if one.role == "customer")
    first = next((one for one in said if one.span.end_ms > silence.span.end_ms), None)
    return silence.after == "customer" and first is not None and calls_out(reading, first, lexicon)
