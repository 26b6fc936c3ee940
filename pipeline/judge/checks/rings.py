"""How often it rang before the agent answered (4.1.1): the call record's count, else the rings heard.

A count may be too low, for the recording may have begun while it rang, or the caller heard music
instead; it is hardly ever too high. So too many rings fail in any case, and few pass only where
nothing speaks for more.
"""

from __future__ import annotations

from itertools import pairwise
from statistics import median

from pipeline.judge.checks import Case, record
from pipeline.judge.finding import Finding, in_doubt
from pipeline.judge.record_rules import Comparison
from pipeline.judge.sound_rules import Rings
from pipeline.records import Call, Evidence, Reason, Span, merge_spans

CONFIDENCE = 0.9
"""298 of 300 composed recordings are counted exactly (tests/bench/tones.py); real lines are harder."""

ANSWERED_MS = 300
"""A ring may go on for so long under the first words."""

LONGEST_WAIT_MS = 7_500
"""Longest rest between two rings (6 s, ITU-T E.180) and a breath before the first word: who takes
longer has answered after more than the rings heard, or something else was played."""

UNEVEN = 1.5
"""A rest so many times as long as the shortest holds a ring that was not heard: a plan's rests are equal."""

DOUBLE_MS = 1_500
"""A rest inside a double ring is shorter (0.2 to 0.5 s); between two rings it is 2 to 6 s (ITU-T E.180)."""

EDGE_MS = 150
WHOLE_SHARE = 0.8
SHORTEST_WHOLE_MS = 900
"""A ring that sounds from the very start of the recording and is shorter was running already."""

GLANCE_SHARE = 0.5
"""A last ring cut to less than half was answered as it began: careful people would differ."""


def check(case: Case, rule: Rings) -> Finding:
    """Whether the agent answered within so many rings."""
    call = case.reading.call
    if call.recording.record.rings is not None:
        return record.check(case, Comparison(field="rings", at_most=rule.at_most))
    own = [speech.span for speech in call.speech if speech.role != "customer"]
    if not own:
        return in_doubt("no_agent_speech")
    answered = min(own).start_ms
    heard = _rings(call, answered)
    music = any(e.kind == "music" and e.span.start_ms < answered for e in call.events)
    if not heard:
        return in_doubt("rings_colour" if music else "rings_unheard")
    rings = max(heard, key=len)
    details = {"count": len(rings), "most": rule.at_most}
    evidence = _evidence(rings, rule)
    if min(map(len, heard)) <= rule.at_most < len(rings):
        return in_doubt("rings_differ", evidence, **details)
    if len(rings) > rule.at_most:
        if len(rings) == rule.at_most + 1 and _barely(rings):
            return in_doubt("rings_barely", evidence, **details)
        if _may_be_double(rings, rule.at_most):
            return in_doubt("rings_uneven", evidence, **details)
        return Finding("fail", Reason.of("rings_many", **details), evidence, CONFIDENCE)
    if _under_way(rings):
        return in_doubt("rings_under_way", evidence, **details)
    if music:
        return in_doubt("rings_colour", evidence)
    if _may_lack_some(rings):
        return in_doubt("rings_uneven", evidence, **details)
    if _goes_on(call, rings):
        return in_doubt("rings_go_on", evidence, **details)
    if answered - rings[-1].end_ms > LONGEST_WAIT_MS:
        return in_doubt("rings_stopped", evidence, **details)
    return Finding("pass", Reason.of("rings_few", **details), evidence, CONFIDENCE)


def _rings(call: Call, answered: int) -> list[list[Span]]:
    """Rings before the answer on each channel that has any: the legs of one call ring apart."""
    channels = [
        [
            event.span
            for event in call.events
            if event.kind == "ring"
            and event.channel == channel
            and event.span.end_ms <= answered + ANSWERED_MS
        ]
        for channel in range(call.channels)
    ]
    return [rings for rings in channels if rings]


def _barely(rings: list[Span]) -> bool:
    """Whether the last ring had hardly begun."""
    before = [ring.duration_ms for ring in rings[:-1]]
    return bool(before) and rings[-1].duration_ms < GLANCE_SHARE * median(before)


def _under_way(rings: list[Span]) -> bool:
    """Whether it rang already when the recording began."""
    first, others = rings[0], [ring.duration_ms for ring in rings[1:]]
    whole = WHOLE_SHARE * max(others) if others else SHORTEST_WHOLE_MS
    return first.start_ms <= EDGE_MS and first.duration_ms < whole


def _may_be_double(rings: list[Span], most: int) -> bool:
    """Whether it rang no oftener than it may, if bursts in a row that are near each other are one ring."""
    return len(merge_spans(rings, DOUBLE_MS)) <= most


def _may_lack_some(rings: list[Span]) -> bool:
    """Whether a rest between them is too long for one."""
    rests = [then.start_ms - one.end_ms for one, then in pairwise(rings)]
    return bool(rests) and (
        max(rests) > LONGEST_WAIT_MS or max(rests) > UNEVEN * max(min(rests), EDGE_MS)
    )


def _goes_on(call: Call, rings: list[Span]) -> bool:
    """Whether it rings on after what was taken for the answer: a cough, or somebody else in the room."""
    last = rings[-1]
    channels = {e.channel for e in call.events if e.kind == "ring" and e.span == last}
    return any(
        event.kind == "ring"
        and event.channel in channels
        and 0 < event.span.start_ms - last.end_ms <= LONGEST_WAIT_MS
        for event in call.events
    )


def _evidence(rings: list[Span], rule: Rings) -> tuple[Evidence, ...]:
    whole = Span(rings[0].start_ms, rings[-1].end_ms)
    return (Evidence(whole, None, None, len(rings), rule.at_most, "rings"),)
