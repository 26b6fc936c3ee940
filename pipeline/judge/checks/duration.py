"""How long the talk of one situation lasts (4.1.8.3: private calls are kept short)."""

from __future__ import annotations

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.rules import LongCall
from pipeline.records import Evidence, Reason, Span


def check(case: Case, rule: LongCall) -> Finding:
    """Whether talk of a situation lasts no longer than it may.

    The whole conversation, when the call is about nothing else; beside another matter only the time
    from the first words that speak for the situation to the last.
    """
    situation = case.situations[rule.situation]
    talk = situation.span
    if situation.clarity == "absent" or talk is None:
        return Finding("not_applicable", Reason.of("no_situation", situation=situation.rule.title))
    others = [
        other
        for name, other in case.situations.items()
        if name != rule.situation and other.clarity != "absent"
    ]
    sure = talk.duration_ms
    most = sure if others else case.reading.extent.duration_ms
    span = talk if others else case.reading.extent
    details = {"seconds": round(most / 1000), "limit": round(rule.longest / 1000)}
    evidence = (_evidence(span, rule), *situation.evidence)
    if most <= rule.longest:
        return Finding("pass", Reason.of("talk_short", **details), evidence, 0.9)
    if max(sure, most - rule.doubt) <= rule.longest:
        return Finding("unjudged", Reason.of("talk_doubtful", **details), evidence, 0.5)
    return Finding("fail", Reason.of("talk_long", **details), evidence, 0.9)


def _evidence(span: Span, rule: LongCall) -> Evidence:
    seconds = round(span.duration_ms / 1000, 1)
    return Evidence(span, None, None, seconds, rule.longest / 1000, "s")
