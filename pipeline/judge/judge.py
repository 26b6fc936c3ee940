"""Call x Standard -> Scorecard, and the questions that only a closer listen can answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.judge.checks import Case, absent, phrase, silence, voice
from pipeline.judge.finding import Finding, all_of, any_of
from pipeline.judge.load import Standard
from pipeline.judge.reading import Reading
from pipeline.judge.score import deductions, total
from pipeline.judge.situation import assess
from pipeline.judge.standard import Clause, Condition
from pipeline.records import Answer, Call, Evidence, Question, Reason, Scorecard, Verdict


@dataclass(frozen=True, slots=True)
class Judgement:
    """A scorecard, and what would have to be listened to again to settle the rest of it."""

    scorecard: Scorecard
    questions: tuple[Question, ...]


def judge(call: Call, standard: Standard, answers: Iterable[Answer] = ()) -> Judgement:
    """Rule every clause of a standard on one call. Opens no audio."""
    reading = Reading(call, standard.matcher)
    situation = assess(reading, standard.model.hold, standard.model.defaults)
    case = Case(reading, situation, standard, {answer.question: answer for answer in answers})
    findings = [(clause, _rule(clause, case)) for clause in standard.model.clauses]
    verdicts = tuple(
        Verdict(clause.id, finding.status, finding.reason, finding.evidence, finding.confidence)
        for clause, finding in findings
    )
    lost = deductions(verdicts, standard.model)
    passed = sum(verdict.status == "pass" for verdict in verdicts)
    failed = sum(verdict.status == "fail" for verdict in verdicts)
    scorecard = Scorecard(
        recording_id=call.recording.id,
        file=call.recording.file,
        standard=standard.model.id,
        standard_sha256=standard.sha256,
        kind=situation.kind,
        score=total(lost) if passed + failed else None,
        passed=passed,
        applicable=passed + failed,
        flags=_flags(call, standard, verdicts),
        deductions=lost,
        verdicts=verdicts,
    )
    questions = dict.fromkeys(q for _, finding in findings for q in finding.questions)
    return Judgement(scorecard, tuple(questions))


def _flags(call: Call, standard: Standard, verdicts: tuple[Verdict, ...]) -> tuple[str, ...]:
    """What a manager should see before anything else."""
    failed = {verdict.clause for verdict in verdicts if verdict.status == "fail"}
    flags = []
    if any(clause.critical and clause.id in failed for clause in standard.model.clauses):
        flags.append("critical")
    if not call.speech:
        flags.append("no_speech")
    elif not call.roles_known:
        flags.append("roles_unknown")
    if call.warnings:
        flags.append("warning")
    return tuple(flags)


def _rule(clause: Clause, case: Case) -> Finding:
    """One clause on one call."""
    situation = case.situation
    if clause.manual is not None:
        return Finding("unjudged", Reason.of("manual", what=clause.manual), confidence=0.0)
    applies = clause.applies
    if applies.kind and situation.kind not in applies.kind:
        return Finding("not_applicable", Reason.of("wrong_kind", kind=situation.kind))
    if applies.line and situation.line not in applies.line:
        return Finding("not_applicable", Reason.of("wrong_line", line=situation.line))
    if clause.not_yet is not None or clause.require is None:
        return Finding("unjudged", Reason.of("not_yet", what=clause.not_yet or ""), confidence=0.0)
    if not case.reading.call.speech:
        return Finding("unjudged", Reason.of("nobody_speaks"), confidence=0.0)
    if clause.when is not None:
        return _each_hold(clause.require, case)
    return _weigh(clause.require, case)


def _each_hold(condition: Condition, case: Case) -> Finding:
    """A clause about holds: every one of them must keep it."""
    if not case.situation.holds:
        if case.situation.unclear:
            spans = (silence.span for silence in case.situation.unclear)
            evidence = tuple(
                Evidence(s, None, None, s.duration_ms / 1000, None, "s") for s in spans
            )
            return Finding("unjudged", Reason.of("hold_unclear"), evidence, 0.5)
        return Finding("not_applicable", Reason.of("no_hold"))
    return all_of([_weigh(condition, replace(case, hold=hold)) for hold in case.situation.holds])


def _weigh(condition: Condition, case: Case) -> Finding:
    """One condition, with those inside it."""
    if condition.all_of is not None:
        return all_of([_weigh(part, case) for part in condition.all_of])
    if condition.any_of is not None:
        return any_of([_weigh(part, case) for part in condition.any_of])
    if condition.phrase is not None:
        return phrase.check(case, condition.phrase)
    if condition.absent is not None:
        return absent.check(case, condition.absent)
    if condition.silence is not None:
        return silence.check(case, condition.silence)
    if condition.raised_voice is not None:
        return voice.check(case, condition.raised_voice)
    raise ValueError("a condition without a demand; the schema lets none through")
