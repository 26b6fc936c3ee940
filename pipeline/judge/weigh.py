"""One condition of a clause -> a finding, with those inside it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from pipeline.judge.calltext import Found
from pipeline.judge.checks import (
    Case,
    absent,
    alike,
    anger,
    backchannel,
    delivery,
    duration,
    impact,
    knocks,
    phrase,
    quarrel,
    reaction,
    record,
    released,
    rings,
    silence,
    slot,
    voice,
    wish,
)
from pipeline.judge.checks.certain import heard_again, is_certain
from pipeline.judge.finding import NOT_DONE, Finding, all_of, any_of, in_doubt, opposite
from pipeline.judge.rules import Choose, Condition, Each, Reply, Said, Trigger, Within
from pipeline.judge.situation import Situation
from pipeline.judge.sound_rules import Anger
from pipeline.judge.windows import said
from pipeline.records import Evidence, Reason, Role, Span


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One time that something happened. ``sure`` is whether it did, and by whom it should.

    ``span`` is where, ``None`` of what no words but the call as a whole tells.
    ``hit``: the words that are not certain, where a closer listen could make them so. ``taken_for``: what it
    was taken for, surely or not, where that is not to be seen in its words.
    """

    span: Span | None
    evidence: Evidence
    sure: bool
    hit: Found | None = None
    taken_for: Reason | None = None


def weigh(condition: Condition, case: Case) -> Finding:
    """One condition on one call."""
    finding = _weighed(condition, case)
    if condition.called is not None and finding.status == "fail":
        return replace(finding, reason=Reason.of(NOT_DONE, called=condition.called))
    return finding


def _weighed(condition: Condition, case: Case) -> Finding:
    if condition.all_of is not None:
        return all_of([weigh(part, case) for part in condition.all_of])
    if condition.any_of is not None:
        return any_of([weigh(part, case) for part in condition.any_of])
    if condition.not_ is not None:
        return opposite(weigh(condition.not_, replace(case, turned=not case.turned)))
    if condition.each is not None:
        return _each(condition.each, case, every=True)
    if condition.some is not None:
        return _each(condition.some, case, every=False)
    if condition.choose is not None:
        return _choose(condition.choose, case)
    if condition.reply is not None:
        return _each(_as_each(condition.reply), case, every=True)
    return CHECKS[condition.family](case, getattr(condition, condition.family))


CHECKS: Mapping[str, Callable[[Case, Any], Finding]] = {
    "phrase": phrase.check,
    "absent": absent.check,
    "unlike": alike.check,
    "order": phrase.in_order,
    "slot": slot.check,
    "record": record.check,
    "rings": rings.check,
    "released": released.check,
    "wish": wish.check,
    "duration": duration.check,
    "silence": silence.check,
    "backchannel": backchannel.check,
    "reaction": reaction.check,
    "raised_voice": voice.check,
    "quarrel": quarrel.check,
    "delivery": delivery.check,
    "impact": impact.check,
    "knocks": knocks.check,
}
"""The check of each demand that holds no other, by its key in the rule language."""


def _each(rule: Each, case: Case, *, every: bool) -> Finding:
    """A demand on every occurrence, or on some one of them."""
    found = occurrences(rule.of, case)
    if not found:
        return _nothing_happened(rule.of, case)
    findings = [
        _after(case, one, weigh(rule.require, replace(case, occurrence=one.span))) for one in found
    ]
    return all_of(findings) if every else any_of(findings)


def _after(case: Case, occurrence: Occurrence, finding: Finding) -> Finding:
    """What a demand's answer is worth: after something that may not have happened it accuses nobody."""
    evidence = (occurrence.evidence, *finding.evidence)
    if finding.status == case.accusing and occurrence.sure and occurrence.taken_for:
        missed = finding.reason.parts or (finding.reason,)
        reason = Reason("parts", parts=(occurrence.taken_for, *missed))
        return replace(finding, reason=reason, evidence=evidence)
    if finding.status != case.accusing or occurrence.sure:
        return replace(finding, evidence=evidence)
    heard, asked = heard_again(case, occurrence.hit) if occurrence.hit else (False, ())
    if heard:
        return replace(finding, evidence=evidence)
    words = Reason.of("trigger_doubtful", quote=occurrence.evidence.quote or "")
    reason = occurrence.taken_for or words
    return Finding("unjudged", reason, evidence, 0.5, asked)


def _as_each(rule: Reply) -> Each:
    """A reply: every time somebody says one thing, another follows soon."""
    wanted = rule.phrase.model_copy(
        update={"within": Within.model_validate({"after": f"{rule.soon}ms"})}
    )
    return Each(of=Trigger(said=rule.to), require=Condition(phrase=wanted))


def _choose(rule: Choose, case: Case) -> Finding:
    """One demand or the other, by whether something happened; by neither when that is in doubt."""
    found = occurrences(rule.if_, case)
    branch = rule.then if found else rule.otherwise
    if branch is None:
        return Finding("not_applicable", Reason.of("nothing_to_answer"))
    if not found:
        return weigh(branch, case)
    sure = any(one.sure for one in found)
    best = max(found, key=lambda one: one.sure)
    finding = weigh(branch, replace(case, occurrence=best.span))
    ruled = _after(case, replace(best, sure=sure), finding)
    if sure or finding.status != case.accusing or rule.otherwise is None:
        return ruled
    other = weigh(rule.otherwise, case)
    if other.status == case.accusing:
        return all_of([finding, other])  # whether it happened or not
    return replace(ruled, questions=(*ruled.questions, *other.questions))


def occurrences(trigger: Trigger, case: Case) -> Sequence[Occurrence]:
    """Every time something happened, in order."""
    if trigger.said is not None:
        words = trigger.said
        return [
            _occurrence(hit, words.by)
            for hit in said(case.reading, words, case.occurrence)
            if not alike.cleared(case, words.cleared_by, hit)
        ]
    if trigger.slot is not None:
        return [
            Occurrence(hit.span, hit.evidence, hit.role == trigger.slot.by)
            for hit in slot.spoken(case, trigger.slot)
        ]
    if trigger.answer is not None:
        called = alike.called_of(case, trigger.answer)
        return [
            Occurrence(one.turn.span, one.evidence, one.sure, None, one.reason(called))
            for one in alike.alike(case, trigger.answer)
        ]
    if trigger.situation is not None:
        names = trigger.situation
        wanted = (names,) if isinstance(names, str) else names
        return [one for name in wanted for one in _recognised(case.situations[name], case)]
    if trigger.anger is not None:
        return _angered(trigger.anger, case)
    if trigger.event == "hold":
        return [
            Occurrence(hold.span, Evidence(hold.span, measured=_seconds(hold.span), unit="s"), True)
            for hold in case.structure.holds
        ]
    return [
        Occurrence(event.span, Evidence(event.span), True)
        for event in case.reading.call.events
        if event.kind == trigger.event
    ]


def _occurrence(hit: Found, by: Role) -> Occurrence:
    """Words of a trigger. Those of nobody knows whom are not made certain by hearing them again."""
    certain = is_certain(hit)
    known = hit.role == by
    return Occurrence(
        hit.span, hit.evidence, known and certain, hit if known and not certain else None
    )


def _recognised(one: Situation, case: Case) -> Sequence[Occurrence]:
    """A situation once, or not at all."""
    if one.clarity == "absent":
        return []
    evidence = one.evidence[0] if one.evidence else Evidence(case.reading.extent)
    sure = one.clarity == "present"
    doubt = None if sure else Reason.of("situation_unclear", situation=one.rule.title)
    return [Occurrence(one.span, evidence, sure, None, doubt)]


def _angered(rule: Anger, case: Case) -> Sequence[Occurrence]:
    """Every time the customer's voice rises or words of anger are said, in order."""
    words = said(case.reading, Said(lexicon=rule.words, by="customer"))
    raised = [Occurrence(span, evidence, True) for span, evidence in anger.raised(case, rule.voice)]
    found = [*(_occurrence(hit, "customer") for hit in words), *raised]
    return sorted(found, key=lambda one: one.span or case.reading.extent)


def _nothing_happened(trigger: Trigger, case: Case) -> Finding:
    if trigger.anger is not None and not case.reading.call.roles_known:
        return in_doubt("roles_unknown")
    if trigger.event == "hold" and case.structure.unclear:
        evidence = tuple(
            Evidence(silence.span, measured=_seconds(silence.span), unit="s")
            for silence in case.structure.unclear
        )
        return Finding("unjudged", Reason.of("hold_unclear"), evidence, 0.5)
    if trigger.anger is not None:
        return Finding("not_applicable", Reason.of("no_anger"))
    return Finding(
        "not_applicable", Reason.of("no_hold" if trigger.event == "hold" else "nothing_to_answer")
    )


def _seconds(span: Span) -> float:
    return round(span.duration_ms / 1000, 1)
