"""What the call record says: rings, who hung up, any further column (4.1.1, 4.1.7.2)."""

from __future__ import annotations

from math import isfinite

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.record_rules import Comparison
from pipeline.records import CallRecord, Evidence, Reason

CONFIDENCE = 0.99
"""A telephone system counts without error; what it writes may still be mapped wrongly."""


def check(case: Case, wanted: Comparison) -> Finding:
    """Whether a field of the call record holds what it should."""
    name = wanted.field or wanted.tag or ""
    value = _value(case.reading.call.recording.record, wanted)
    if value is None:
        return Finding("unjudged", Reason.of("no_record", field=name), confidence=0.0)
    limit = wanted.at_least if wanted.at_least is not None else wanted.at_most
    if limit is None:
        allowed = [str(one) for one in wanted.one_of or (wanted.equals,)]
        holds = str(value) in allowed
        evidence: tuple[Evidence, ...] = ()
        wants = "/".join(allowed)
    else:
        number = _number(value)
        if number is None:
            reason = Reason.of("record_no_number", field=name, value=value)
            return Finding("unjudged", reason, confidence=0.0)
        holds = number >= limit if wanted.at_least is not None else number <= limit
        evidence = (Evidence(measured=number, threshold=limit),)
        wants = f"{'≥' if wanted.at_least is not None else '≤'}{limit:g}"
    code = "record_kept" if holds else "record_broken"
    reason = Reason.of(code, field=name, value=value, wanted=wants)
    return Finding("pass" if holds else "fail", reason, evidence, CONFIDENCE)


def _value(record: CallRecord, wanted: Comparison) -> object | None:
    if wanted.tag is not None:
        return dict(record.tags).get(wanted.tag) or None
    value: object | None = getattr(record, wanted.field or "")
    return value


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if isfinite(number) else None
