"""Call x Standard -> Scorecard, and the questions that only a closer listen can answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from pipeline.days import day_of
from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.gist import gists
from pipeline.judge.load import Standard
from pipeline.judge.measures import measures_of
from pipeline.judge.reading import Reading
from pipeline.judge.score import deductions, total
from pipeline.judge.situation import Situation, recognise
from pipeline.judge.standard import Applies, Clause
from pipeline.judge.structure import structure_of
from pipeline.judge.weigh import weigh
from pipeline.judge.whole import seen_whole
from pipeline.records import (
    Answer,
    Call,
    Evidence,
    Measures,
    Question,
    Reason,
    Scorecard,
    SituationHeard,
    Span,
    Status,
    Verdict,
)
from pipeline.roles import is_doubt

CloserListen = Callable[[Sequence[Question]], Sequence[Answer]]
"""Answers questions about the call at hand, in their order."""

MOST_ROUNDS = 3
"""How often at most the sound is asked again: one phrase heard, where was the other?"""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A scorecard and measures, and what would have to be listened to again to settle the rest."""

    scorecard: Scorecard
    questions: tuple[Question, ...]
    measures: Measures


def judge(call: Call, standard: Standard, answers: Iterable[Answer] = ()) -> Judgement:
    """Rule every clause of a standard on one call. Opens no audio."""
    return judge_read(Reading(call, standard.matcher), standard, answers)


def judge_read(reading: Reading, standard: Standard, answers: Iterable[Answer] = ()) -> Judgement:
    """The same on a call that the standard's matcher has read already."""
    case = _case(reading, standard, answers)
    return Judgement(*_ruled(case), _measured(case))


def settle(
    call: Call, standard: Standard, answers: Iterable[Answer], closer_listen: CloserListen
) -> Judgement:
    """Judge, have what is in doubt listened to again, and judge by the answers.

    An answer may lead to a further question; after ``MOST_ROUNDS`` what is open stays unjudged.
    """
    case = case_of(call, standard, answers)
    scorecard, questions = _ruled(case)
    for _ in range(MOST_ROUNDS):
        if not questions:
            break
        case = replace(case, answers={**case.answers, **_known(closer_listen(questions))})
        scorecard, questions = _ruled(case)
    return Judgement(scorecard, questions, _measured(case))


def _measured(case: Case) -> Measures:
    return measures_of(case.reading.call, case.structure, case.reading.floor)


def _ruled(case: Case) -> tuple[Scorecard, tuple[Question, ...]]:
    """The scorecard of a call, and what would have to be listened to again to settle the rest."""
    call, standard = case.reading.call, case.standard
    findings = [(clause, _rule(clause, case)) for clause in standard.model.clauses]
    verdicts = tuple(
        Verdict(
            clause.id,
            finding.status,
            finding.reason,
            _within(call, finding.evidence),
            finding.confidence,
        )
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
        kind=case.kind,
        score=total(lost) if passed + failed else None,
        passed=passed,
        applicable=passed + failed,
        flags=_flags(call, standard, verdicts),
        deductions=lost,
        verdicts=verdicts,
        situations=_heard(case),
    )
    questions = dict.fromkeys(q for _, finding in findings for q in finding.questions)
    return scorecard, tuple(questions)


def case_of(call: Call, standard: Standard, answers: Iterable[Answer] = ()) -> Case:
    """A call made ready for its checks: read, and its holds and situations found."""
    return _case(Reading(call, standard.matcher), standard, answers)


def _case(reading: Reading, standard: Standard, answers: Iterable[Answer]) -> Case:
    record, defaults = reading.call.recording.record, standard.model.defaults
    kind = record.kind or defaults.kind
    # examples are telephone calls
    whole = kind == "call" and not reading.cut_short
    likened = gists(reading, standard.model.likenesses, standard.gists) if whole else {}
    return Case(
        reading=reading,
        kind=kind,
        line=record.line or defaults.line,
        structure=structure_of(reading, standard.model.hold),
        gists=likened,
        situations=recognise(reading, standard.model.situations, likened),
        standard=standard,
        answers=_known(answers),
    )


def _known(answers: Iterable[Answer]) -> dict[Question, Answer]:
    return {answer.question: answer for answer in answers}


def _heard(case: Case) -> tuple[SituationHeard, ...]:
    """The situations a manager should see: those that are there, and those that may be."""
    return tuple(
        SituationHeard(
            one.rule.id,
            one.rule.title,
            one.clarity == "present",
            _within(case.reading.call, one.evidence),
        )
        for one in case.situations.values()
        if one.clarity != "absent"
    )


def _within(call: Call, evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    """The evidence as far as the recording reaches: a window of 30 s may be longer than that."""
    whole = Span(0, call.duration_ms)
    return tuple(
        replace(one, span=one.span.clipped(whole))
        if one.span is not None and one.span.end_ms > call.duration_ms
        else one
        for one in evidence
    )


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
    if any(map(is_doubt, call.warnings)):
        flags.append("warning")
    return tuple(flags)


def _rule(clause: Clause, case: Case) -> Finding:
    """One clause on one call."""
    misfit = _misfit(clause.applies, case)
    if misfit is not None and (clause.manual is None or misfit.status == "not_applicable"):
        return misfit
    if clause.manual is not None:
        return Finding("unjudged", Reason.of("manual", what=clause.manual), confidence=0.0)
    if clause.not_yet is not None or clause.require is None:
        return Finding("unjudged", Reason.of("not_yet", what=clause.not_yet or ""), confidence=0.0)
    finding = weigh(clause.require, case)
    if not case.reading.call.speech and finding.reason.code not in FROM_RECORD:
        return Finding("unjudged", Reason.of("nobody_speaks"), confidence=0.0)
    return seen_whole(case, clause.whole, finding) if clause.whole else finding


FROM_RECORD = ("record_kept", "record_broken", "no_record", "no_festival")
"""What can be said of a recording in which nobody speaks."""


def _misfit(applies: Applies, case: Case) -> Finding | None:
    """Why a clause has nothing to say of a call, or cannot tell whether it has; ``None``: it has."""
    record, defaults = case.reading.call.recording.record, case.standard.model.defaults
    if applies.kind and case.kind not in applies.kind:
        return Finding("not_applicable", Reason.of("wrong_kind", kind=case.kind))
    if applies.line and case.line not in applies.line:
        return Finding("not_applicable", Reason.of("wrong_line", line=case.line))
    direction = record.direction or defaults.direction
    if applies.direction and direction not in applies.direction:
        return Finding("not_applicable", Reason.of("wrong_direction", direction=direction))
    if applies.since or applies.until:
        if record.started_at is None:
            return Finding("unjudged", Reason.of("no_record", field="started_at"), confidence=0.0)
        day = day_of(record.started_at)
        if not (applies.since or date.min) <= day <= (applies.until or date.max):
            return Finding("not_applicable", Reason.of("wrong_date", date=day))
    if not case.reading.call.speech:
        return None
    return _wrong_situation(applies, case)


def _wrong_situation(applies: Applies, case: Case) -> Finding | None:
    """Whether the call is about something else; one unclear situation leaves it open."""
    barring = [case.situations[name] for name in applies.unless]
    present = [one for one in barring if one.clarity == "present"]
    if present:
        return _situation("not_applicable", "other_situation", present)
    wanted = [case.situations[name] for name in applies.situation]
    if wanted and not any(one.clarity == "present" for one in wanted):
        unclear = [one for one in wanted if one.clarity == "unclear"]
        if not unclear:
            return _situation("not_applicable", "no_situation", wanted)
        return _situation("unjudged", "situation_unclear", unclear)
    unclear = [one for one in barring if one.clarity == "unclear"]
    return _situation("unjudged", "situation_unclear", unclear) if unclear else None


def _situation(status: Status, code: str, about: list[Situation]) -> Finding:
    titles = "、".join(one.rule.title for one in about)
    evidence = tuple(evidence for one in about for evidence in one.evidence)
    return Finding(status, Reason.of(code, situation=titles), evidence, 0.5)
