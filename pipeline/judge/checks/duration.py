"""How long the talk of one situation lasts (4.1.8.3: private calls are kept short)."""

from __future__ import annotations

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.rules import LongCall
from pipeline.records import Evidence, Reason, Span


def check(case: Case, rule: LongCall) -> Finding:
    """Whether talk of a situation lasts no longer than it may.

    The whole conversation, when the call is about nothing else; beside another matter only the time
    from the first words that speak for the situation to the last. Where the words of the other matter may
    belong to such talk, it may go on to the end: only what surely is such talk accuses.
    """
    situation = case.situations[rule.situation]
    if situation.clarity == "absent":
        return Finding("not_applicable", Reason.of("no_situation", situation=situation.rule.title))
    told, whole = situation.span is not None, case.reading.extent
    # not told: the call as a whole is such talk, and no words tell when it begins
    talk = situation.span or whole
    others = {
        name
        for name, other in case.situations.items()
        if name != rule.situation
        and other.clarity != "absent"
        and (other.clarity == "present" or name not in rule.heard_in_it)
    }
    sure = talk.duration_ms if told else 0  # no words tell when it began: nothing is
    if not others:
        span = whole
    elif others <= {*rule.heard_in_it}:
        span = Span(talk.start_ms, whole.end_ms)
    else:
        span = talk
    most = span.duration_ms
    details = {
        "situation": situation.rule.title,
        "seconds": round(most / 1000),
        "limit": round(rule.longest / 1000),
    }
    evidence = (_evidence(span, rule), *situation.evidence)
    if most <= rule.longest:
        return Finding("pass", Reason.of("talk_short", **details), evidence, 0.9)
    if (sure if others else max(sure, most - rule.doubt)) <= rule.longest:
        return Finding("unjudged", Reason.of("talk_doubtful", **details), evidence, 0.5)
    return Finding("fail", Reason.of("talk_long", **details), evidence, 0.9)


def _evidence(span: Span, rule: LongCall) -> Evidence:
    seconds = round(span.duration_ms / 1000, 1)
    return Evidence(span, None, None, seconds, rule.longest / 1000, "s")
