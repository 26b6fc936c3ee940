"""A clause by the call as a whole, beside what was said where.

Whether somebody stays calm, is civil, or answers exactly shows in single answers, but not in each: a sharp
one may be the only one of a kind talk, and a vague one stand in a call that is vague from end to end. So
answers are also seen by the calls they stand in (:class:`~pipeline.judge.standard.AsAWhole`): nobody is
accused without an answer to point at, nor for one in a call that otherwise has nothing of such calls. What
was measured in the sound, a raised voice or a slammed handset, stands whatever was said.
"""

from __future__ import annotations

from dataclasses import replace

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.standard import AsAWhole
from pipeline.judge.turns import ScoredTurn, scored_turns
from pipeline.records import Evidence, Reason

SURE = 0.85
"""Confidence in a clause that is broken by the whole: of 803 composed calls by 31 authors, each held against
those of others, two were found to break one so that kept it, of some ninety."""


def seen_whole(case: Case, rule: AsAWhole, finding: Finding) -> Finding:
    """What is found of a clause, by the light of the call as a whole; once all is listened for."""
    gist = case.gists.get(rule.like)
    if gist is None or finding.questions:
        return finding
    called = gist.rule.called
    by_sound = any(one.unit for one in finding.evidence)  # which no words make good
    if finding.status == "fail" and gist.is_unlike and not by_sound:
        reason = Reason("parts", parts=(Reason.of("call_unlike", called=called), finding.reason))
        return replace(finding, status="unjudged", reason=reason, confidence=0.5)
    if finding.status == "fail" or not gist.is_like:
        return finding
    shown = _shown(case, rule)
    if shown is None and finding.status == "unjudged":
        return finding
    if shown is None:
        return Finding("unjudged", Reason.of("call_perhaps", called=called), confidence=0.5)
    turn, score = shown.turn, shown.surest(rule.shown_by)
    evidence = Evidence(turn.span, turn.role, turn.text, round(score, 1), rule.at_least)
    return Finding("fail", Reason.of("call_alike", called=called), (evidence,), SURE)


def _shown(case: Case, rule: AsAWhole) -> ScoredTurn | None:
    """The agent's answer that has most of a likeness, if one has enough of it."""
    answers = [
        one
        for one in scored_turns(case.reading, case.standard.likenesses)
        if one.turn.role == "agent" and one.surely_reaches(rule.shown_by, rule.at_least)
    ]
    return max(answers, key=lambda one: one.surest(rule.shown_by), default=None)
