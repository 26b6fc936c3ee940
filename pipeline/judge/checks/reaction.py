"""How soon the staff say something to a visitor's first words (4.2.1.2).

A proxy: whether a nod came first cannot be heard, nor, here, whether the voice was warm. What is
measured is not the time from the first word but how long nobody says anything until the staff do,
so that a visitor who talks on is listened to and a short answer given to the wrong voice is no harm.
"""

from __future__ import annotations

from pipeline.judge.attention import lasted, seconds, sounds_of, waits
from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding, in_doubt
from pipeline.judge.sound_rules import Reaction
from pipeline.records import Call, Reason, Span, merge_spans
from pipeline.spans import gaps

DEAD_DB = -80
"""A channel that is never louder was not recorded, or holds digital silence only: the finest step of G.711
lies at -72 dB and above, whatever noise a line has."""

FEW_MS = 1_500
"""On one channel a voice is told from its sound, and a greeting is too short for that: what was said before
the silence may have been the staff's own 「您好」. A second and a half is ours, one sentence."""


def check(case: Case, rule: Reaction) -> Finding:
    """Whether the staff answered the visitor's first words within the time the rule gives."""
    call = case.reading.call
    if not call.speech:
        return in_doubt("nobody_speaks")
    staff = sounds_of(call, "agent")
    voices = merge_spans([speech.voice for speech in call.speech])
    begun = voices[0]
    if staff and staff[0].start_ms <= begun.start_ms:
        return Finding("pass", Reason.of("reaction_first"), confidence=0.95)
    if not staff:
        return _nobody_answers(case, begun, rule)
    before = Span(begun.start_ms, staff[0].start_ms)
    longest = _longest(case, rule, before)
    details = {"longest": seconds(longest.duration_ms), "limit": seconds(rule.within)}
    evidence = (lasted(longest, rule.within),)
    if longest.duration_ms < rule.within - rule.doubt:
        return Finding("pass", Reason.of("reaction_prompt", **details), evidence, 0.9)
    if any(one.role == "unknown" and one.span.overlap_ms(before) for one in call.speech):
        return in_doubt("roles_unknown", evidence)
    said_ms = sum(one.overlap_ms(before) for one in sounds_of(call, "customer"))
    if call.channels == 1 and said_ms < FEW_MS:
        return in_doubt("reaction_voice", evidence, **details)
    if longest.duration_ms < rule.within:
        return in_doubt("reaction_doubtful", evidence, **details)
    return Finding("fail", Reason.of("reaction_late", **details), evidence, 0.8)


def _longest(case: Case, rule: Reaction, before: Span) -> Span:
    """The longest that nobody said anything, or that the visitor only called out."""
    call = case.reading.call
    quiet = list(gaps(before, sounds_of(call, "agent", "customer", "unknown")))
    if rule.pressed_by is not None:
        quiet += [one.clipped(before) for one in waits(case.reading, rule.pressed_by)]
    start = Span(before.start_ms, before.start_ms)
    return max(quiet, key=lambda span: (span.duration_ms, -span.start_ms), default=start)


def _nobody_answers(case: Case, first: Span, rule: Reaction) -> Finding:
    """Whether that nobody of the staff is heard proves that nobody answered."""
    call = case.reading.call
    if not call.roles_known:
        return in_doubt("roles_unknown")
    longest = _longest(case, rule, Span(first.start_ms, call.duration_ms))
    if longest.duration_ms < rule.within or not _recorded(call):
        return in_doubt("no_agent_speech")
    return Finding("fail", Reason.of("reaction_none"), (lasted(longest, rule.within),), 0.8)


def _recorded(call: Call) -> bool:
    """Whether the staff's channel holds sound at all."""
    taken = {speech.channel for speech in call.speech}
    if call.channels != 2 or call.loudness is None:
        return False
    return any(
        max(levels, default=DEAD_DB) > DEAD_DB
        for channel, levels in enumerate(call.loudness.channels)
        if channel not in taken
    )
