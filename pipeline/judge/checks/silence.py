"""Dead air: the agent silent for long while owing the customer a reply (4.1.5).

A reply is owed after the customer's words, while the customer asks whether anybody is there, and once
the agent has picked up. A hold of which the customer was told is another matter (4.1.8.1), and so is
music. A silence after the agent's own words is the customer's, unless it is the customer who breaks it by
asking whether anybody is there.
"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

from pipeline.judge.attention import lasted, seconds, sounds_of, waits
from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.sound_rules import LongSilence
from pipeline.judge.structure import asked_to_wait, customers_own, handed_over, left_alone
from pipeline.records import Reason, Span, merge_spans
from pipeline.spans import gaps

CUT_SHARE = 0.8
"""A last ring shorter than this share of those before it was cut off by the answer."""


def check(case: Case, rule: LongSilence) -> Finding:
    """Whether the agent left the customer without a sound for longer than the rule allows."""
    call, hold = case.reading.call, case.standard.model.hold
    # a murmur ends a silence, and so does another desk
    answered = merge_spans([*sounds_of(call, "agent"), *handed_over(case.reading, hold)])
    music = {silence.span for silence in case.structure.silences if silence.music}
    held = {hold.span for hold in case.structure.holds if hold.announced or hold.span in music}
    owed = sorted(
        {
            quiet
            for span in _owed(case, rule, held)
            if not customers_own(case.reading, span.start_ms, rule.excused_by, rule.sent_by)
            for quiet in gaps(span, answered)
        }
    )
    unknown = [
        s.span for s in case.structure.silences if s.before == "unknown" and s.span not in held
    ]
    longest = max((span.duration_ms for span in owed), default=0)
    details = {"longest": seconds(longest), "limit": seconds(rule.longest)}
    over = [span for span in owed if span.duration_ms >= rule.longest]
    if over:
        evidence = tuple(lasted(span, rule.longest) for span in over)
        confidence = min(0.98, 0.8 + (longest - rule.longest) / 50_000)
        return Finding("fail", Reason.of("silence_long", **details), evidence, round(confidence, 2))
    near = [span for span in owed if span.duration_ms >= rule.longest - rule.doubt]
    if near:
        evidence = tuple(lasted(span, rule.longest) for span in near)
        return Finding("unjudged", Reason.of("silence_doubtful", **details), evidence, 0.5)
    unclear = [span for span in unknown if span.duration_ms >= rule.longest - rule.doubt]
    if unclear:
        evidence = tuple(lasted(span, rule.longest) for span in unclear)
        return Finding("unjudged", Reason.of("roles_unknown"), evidence, 0.5)
    if not call.speech:
        return Finding("unjudged", Reason.of("nobody_speaks"), confidence=0.0)
    if not owed:
        begun_ms = min(speech.span.start_ms for speech in call.speech)
        if any(e.kind == "ring" and e.span.start_ms > begun_ms for e in call.events):
            return Finding(
                "pass", Reason.of("silence_rings", limit=details["limit"]), confidence=0.7
            )
        details["longest"] = seconds(hold.shortest // 2)  # shorter ones are not looked at
        return Finding("pass", Reason.of("silence_short", **details), confidence=0.95)
    return Finding("pass", Reason.of("silence_none", **details), confidence=0.95)


def _owed(case: Case, rule: LongSilence, held: set[Span]) -> Iterator[Span]:
    """Where the agent should have spoken and nobody from the desk did."""
    called = [
        wait
        for wait in (waits(case.reading, rule.pressed_by) if rule.pressed_by else ())
        if not asked_to_wait(case.reading, case.standard.model.hold, wait.start_ms)
        and not any(wait.overlap_ms(hold) for hold in held)
    ]
    yield from called
    for silence in case.structure.silences:
        within = any(wait.overlap_ms(silence.span) for wait in called)
        if silence.before == "customer" and silence.span not in held and not within:
            yield silence.span
    if rule.pressed_by is not None:
        yield from _left_alone(case, rule.pressed_by, held)
    picked_up = _after_the_answer(case)
    if picked_up is not None:
        yield picked_up


def _left_alone(case: Case, pressed_by: str, held: set[Span]) -> Iterator[Span]:
    """After the agent's own words, which asked nothing: until the customer calls out, 「喂，還在嗎？」

    Whoever was away meanwhile, and had not said so, left him without a sound all the same.
    """
    reading, hold = case.reading, case.standard.model.hold
    for silence in case.structure.silences:
        if silence.span in held or asked_to_wait(reading, hold, silence.span.start_ms):
            continue
        if left_alone(reading, silence, pressed_by, hold):
            yield silence.span


def _after_the_answer(case: Case) -> Span | None:
    """From an answer that cut a ring short to the first voice: then it is known when it was answered.

    A whole ring tells nothing, since it may have rung on unheard.
    """
    call = case.reading.call
    direction = call.recording.record.direction or case.standard.model.defaults.direction
    if direction != "inbound" or not call.speech:
        return None
    first_ms = min(speech.span.start_ms for speech in call.speech)
    before = sorted(
        (e for e in call.events if e.impact is None and e.span.start_ms < first_ms),
        key=lambda event: event.span,
    )
    rings = [event.span for event in before if event.kind == "ring"]
    if len(rings) < 2 or before[-1].kind != "ring":
        return None
    whole_ms = median(ring.duration_ms for ring in rings[:-1])
    last = rings[-1]
    if last.duration_ms >= CUT_SHARE * whole_ms or last.end_ms >= first_ms:
        return None
    return Span(last.end_ms, first_ms)
