"""What a manager expects beside the verdicts: who talked how much, how fast, over whom.

:mod:`pipeline.measured` says what each number means. Nothing here rules on anything.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from itertools import pairwise
from statistics import median_low

from pipeline.judge.floor import Floor, Spurt, floor_of
from pipeline.judge.structure import Structure
from pipeline.measured import Measures, Overlap, PartyMeasures
from pipeline.records import PARTIES, Call, Party, Span, merge_spans
from pipeline.wording.normalise import normalise

FEWEST_SYLLABLES = 10
"""About two seconds of speech: the rate of less is chance."""

WORD_EDGE_MS = 100
"""Whisper's word times and voice activity may differ by this much at the edge of an utterance."""


def measures_of(call: Call, structure: Structure, floor: Floor | None = None) -> Measures:
    """The measures of a call; those by party only where every voice's role is known.

    ``floor`` is the call's own, where it has been worked out already.
    """
    floor = floor or floor_of(call)
    overlaps = floor.overlaps if floor.apart else None
    holds = [hold.span for hold in structure.holds]
    parties: dict[Party, PartyMeasures] = {}
    if call.speech and call.roles_known and overlaps is not None:
        turns = floor.turns()
        parties = {role: _party(role, call, turns, overlaps, holds) for role in PARTIES}
    return Measures(
        agent=parties.get("agent"),
        customer=parties.get("customer"),
        longest_silence=longest_silence(call),
        holds=len(holds),
        hold_ms=sum(hold.duration_ms for hold in merge_spans(holds)),
        overlaps=overlaps,
        holds_told=_told(structure) if call.speech and call.roles_known else None,
    )


def _told(structure: Structure) -> int:
    """How many holds the customer was told of beforehand."""
    return sum(hold.request is not None or hold.hint is not None for hold in structure.holds)


def longest_silence(call: Call) -> Span | None:
    """The longest time between two voices without voice, tone or music; the first of equals."""
    if not call.speech:
        return None
    voices = [speech.voice for speech in call.speech]
    talk = Span(min(v.start_ms for v in voices), max(v.end_ms for v in voices))
    tones = (event.span for event in call.events if event.impact is None)
    sounds = merge_spans([*voices, *tones])
    gaps = [Span(before.end_ms, after.start_ms) for before, after in pairwise(sounds)]
    within = [gap for gap in gaps if gap.overlap_ms(talk)]
    return max(within, key=lambda gap: (gap.duration_ms, -gap.start_ms), default=None)


def _party(
    role: Party,
    call: Call,
    turns: Sequence[Sequence[Spurt]],
    overlaps: Sequence[Overlap],
    holds: Sequence[Span],
) -> PartyMeasures:
    own = merge_spans([speech.voice for speech in call.speech if speech.role == role])
    others = merge_spans([speech.voice for speech in call.speech if speech.role != role])
    talk_ms, others_ms = (sum(span.duration_ms for span in spans) for spans in (own, others))
    came_in = [overlap.kind for overlap in overlaps if overlap.incomer == role]
    return PartyMeasures(
        role=role,
        talk_ms=talk_ms,
        talk_share=round(talk_ms / (talk_ms + others_ms), 4) if talk_ms + others_ms else None,
        turns=sum(turn[0].role == role for turn in turns),
        interruptions=came_in.count("interruption"),
        attempts=came_in.count("attempt"),
        backchannels=came_in.count("backchannel"),
        rate=_rate(role, call, own),
        reply_delay_ms=_reply_delay_ms(role, turns, holds),
    )


def _rate(role: Party, call: Call, own: Sequence[Span]) -> float | None:
    """Syllables a second of the speech in which words were made out."""
    said = [utterance for utterance in call.utterances if utterance.role == role]
    syllables = sum(len(normalise(utterance.text).text) for utterance in said)
    heard = merge_spans([one.span.padded(WORD_EDGE_MS, WORD_EDGE_MS) for one in said])
    spoken_ms = sum(_shared_ms(span, own) for span in heard)
    if syllables < FEWEST_SYLLABLES or not spoken_ms:
        return None
    return round(1000 * syllables / spoken_ms, 2)


def _shared_ms(span: Span, spans: Sequence[Span]) -> int:
    """Time that a span shares with any of some, which are in order and apart from each other."""
    first = bisect_left(spans, span.start_ms, key=lambda one: one.end_ms)
    last = bisect_left(spans, span.end_ms, key=lambda one: one.start_ms)
    return sum(span.overlap_ms(one) for one in spans[first:last])


def _reply_delay_ms(
    role: Party, turns: Sequence[Sequence[Spurt]], holds: Sequence[Span]
) -> int | None:
    """The median wait before this party's turns that follow the other's; the lower of two."""
    delays = []
    for before, after in pairwise(turns):
        if after[0].role != role:
            continue
        ended_ms = max(spurt.span.end_ms for spurt in before)
        gap = Span(ended_ms, max(ended_ms, after[0].span.start_ms))
        if not any(gap.overlap_ms(hold) for hold in holds):
            delays.append(gap.duration_ms)
    return median_low(delays) if delays else None
