"""Forbidden phrases. An accusation, so precision comes first: see :mod:`~pipeline.judge.checks.certain`."""

from __future__ import annotations

from pipeline.judge.calltext import Found
from pipeline.judge.checks import Case
from pipeline.judge.checks.alike import cleared
from pipeline.judge.checks.certain import heard_again, is_certain, stands
from pipeline.judge.finding import Finding, in_doubt, not_heard
from pipeline.judge.rules import AbsentPhrase
from pipeline.judge.windows import windows
from pipeline.records import Question, Reason, Role, Span


def check(case: Case, ban: AbsentPhrase) -> Finding:
    """Whether a forbidden phrase was said by the person it is forbidden to."""
    reading = case.reading
    called = ban.called or f"「{case.standard.lexicon_title(ban.lexicon)}」"
    stretches = windows(reading, ban.within, ban.by, case.occurrence)
    if not stretches:
        return Finding("not_applicable", Reason.of("nothing_to_answer"))
    hits = [
        hit
        for stretch in stretches
        for hit in reading.said(ban.lexicon, ban.by, stretch)
        if not cleared(case, ban.cleared_by, hit)
    ]
    guilty = [hit for hit in hits if is_certain(hit)]
    doubtful: list[Found] = []
    questions: list[Question] = []
    for hit in hits:
        if is_certain(hit):
            continue
        heard, asked = heard_again(case, hit)
        if heard:
            guilty.append(hit)
        elif asked:
            doubtful.append(hit)
            questions += asked
    if guilty:
        reason = Reason.of("forbidden_said", count=len(guilty), called=called)
        evidence = tuple(hit.evidence for hit in sorted(guilty, key=lambda hit: hit.span))
        return Finding("fail", reason, evidence, max(hit.confidence for hit in guilty))
    by_someone = [
        hit
        for stretch in stretches
        for hit in reading.said(ban.lexicon, "unknown", stretch)
        if stands(hit)
    ]
    if by_someone:
        evidence = tuple(hit.evidence for hit in by_someone)
        phrase = "、".join(dict.fromkeys(hit.quote for hit in by_someone))
        return Finding("unjudged", Reason.of("said_by_unknown", phrase=phrase), evidence, 0.5)
    if doubtful:
        evidence = tuple(hit.evidence for hit in doubtful)
        return Finding(
            "unjudged",
            Reason.of("forbidden_doubtful", called=called),
            evidence,
            0.5,
            tuple(questions),
        )
    if not any(reading.speaks(who, at) for who in reading.perhaps(ban.by) for at in stretches):
        return Finding("unjudged", not_heard(ban.by), confidence=0.0)
    objections = _objections(case, ban, stretches)
    if objections:
        quotes = "、".join(dict.fromkeys(hit.quote for hit in objections))
        evidence = tuple(hit.evidence for hit in objections)
        return in_doubt("forbidden_objected", evidence, called=called, quotes=quotes)
    return Finding("pass", Reason.of("forbidden_none", called=called), confidence=0.9)


def _objections(case: Case, ban: AbsentPhrase, stretches: tuple[Span, ...]) -> list[Found]:
    """Where the other one surely objects to how he is spoken to."""
    if ban.objection is None:
        return []
    other: Role = "customer" if ban.by == "agent" else "agent"
    return [
        hit
        for stretch in stretches
        for hit in case.reading.said(ban.objection, other, stretch)
        if stands(hit)
    ]
