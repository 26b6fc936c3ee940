"""Dead air: the agent silent for long while owing the customer a reply (4.1.5)."""

from __future__ import annotations

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.sound_rules import LongSilence
from pipeline.judge.structure import TURN_EDGE_MS, Silence
from pipeline.records import Evidence, Reason, Span

ASKED_WITHIN_MS = 6_000
"""How long before a silence the customer's request for time may lie: the rest of the sentence."""


def check(case: Case, rule: LongSilence) -> Finding:
    """Whether the agent left the customer without a sound for longer than the rule allows.

    A hold is another matter (4.1.8.1); a silence after the agent's own words is the customer's.
    """
    held = {hold.span for hold in case.structure.holds}
    owed = [
        s
        for s in case.structure.silences
        if s.before == "customer" and s.span not in held and not _asked_for(case, s, rule)
    ]
    unknown = [s for s in case.structure.silences if s.before == "unknown" and s.span not in held]
    longest = max((s.span.duration_ms for s in owed), default=0)
    details = {"longest": _seconds(longest), "limit": _seconds(rule.longest)}
    over = [s for s in owed if s.span.duration_ms >= rule.longest]
    if over:
        evidence = tuple(_evidence(s, rule) for s in over)
        confidence = min(0.98, 0.8 + (longest - rule.longest) / 50_000)
        return Finding("fail", Reason.of("silence_long", **details), evidence, round(confidence, 2))
    near = [s for s in owed if s.span.duration_ms >= rule.longest - rule.doubt]
    if near:
        evidence = tuple(_evidence(s, rule) for s in near)
        return Finding("unjudged", Reason.of("silence_doubtful", **details), evidence, 0.5)
    unclear = [s for s in unknown if s.span.duration_ms >= rule.longest - rule.doubt]
    if unclear:
        evidence = tuple(_evidence(s, rule) for s in unclear)
        return Finding("unjudged", Reason.of("roles_unknown"), evidence, 0.5)
    if not case.reading.call.speech:
        return Finding("unjudged", Reason.of("nobody_speaks"), confidence=0.0)
    return Finding("pass", Reason.of("silence_none", **details), confidence=0.95)


def _asked_for(case: Case, silence: Silence, rule: LongSilence) -> bool:
    """Whether the customer asked for the time: 「你等我找一找」. Then nothing is owed."""
    if rule.excused_by is None:
        return False
    start = silence.span.start_ms
    before = Span(start - ASKED_WITHIN_MS, start + TURN_EDGE_MS)
    return bool(case.reading.said(rule.excused_by, "customer", before))


def _evidence(silence: Silence, rule: LongSilence) -> Evidence:
    seconds = round(silence.span.duration_ms / 1000, 1)
    return Evidence(silence.span, "agent", None, seconds, rule.longest / 1000, "s")


def _seconds(ms: int) -> str:
    return f"{ms / 1000:.1f}"
