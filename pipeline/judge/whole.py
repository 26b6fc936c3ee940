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
from pipeline.judge.finding import Finding, in_doubt
from pipeline.judge.gist import Gist
from pipeline.judge.standard import AsAWhole
from pipeline.judge.turns import ScoredTurn, scored_turns
from pipeline.records import Evidence, Reason

SURE = 0.85
"""Confidence in a clause that is broken by the whole. Of 1,223 composed calls by 46 authors, each held
against those of others (make bench-likeness), two to five in a thousand that kept a clause are surely like
those that broke it, and of those that surely are 71 to 97 in a hundred broke it; an answer that shows it is
asked for besides."""

OF_SOUND = ("dB", "sd")
"""Units of what is measured in the sound."""

OF_WORDS = frozenset({"forbidden_said", "answer_alike"})
"""What is found where something was said that must not be: by a lexicon, and by what it is like. In seventeen
written sets of calls six breaches of civility were left open by the whole, all of them true."""


def seen_whole(case: Case, rule: AsAWhole, finding: Finding) -> Finding:
    """What is found of a clause, by the light of the call as a whole; once all is listened for.

    Where its own rule finds nothing to judge, a call like those in which it was broken breaks it all the
    same: nobody need have been angry in so many words.
    """
    gist = case.gists.get(rule.like)
    if gist is None or finding.questions or _is_exempt(case, rule):
        return finding
    if finding.status == "fail":
        return _doubted(case, finding, gist) if gist.is_unlike else finding
    return _accused(case, rule, finding, gist) if gist.is_like else finding


def _is_exempt(case: Case, rule: AsAWhole) -> bool:
    return any(case.situations[name].clarity != "absent" for name in rule.unless)


def _doubted(case: Case, finding: Finding, gist: Gist) -> Finding:
    """A breach in a call that is nothing like those with one: doubtful, but for sound and two answers."""
    if any(one.unit in OF_SOUND for one in finding.evidence) or _said_again(case, finding):
        return finding
    unlike = Reason.of("call_unlike", called=gist.rule.called)
    reason = Reason("parts", parts=(unlike, *(finding.reason.parts or (finding.reason,))))
    return replace(finding, status="unjudged", reason=reason, confidence=0.5)


def _said_again(case: Case, finding: Finding) -> bool:
    """Whether what was said in breach stands in two answers, known by a list and by examples.

    One answer may have been misheard, or a joke; and a list that is too wide errs twice as easily.
    """
    if {one.code for one in finding.reason.parts} != OF_WORDS:
        return False
    said = [one.span.middle_ms for one in finding.evidence if one.span and one.role == "agent"]
    turns = (one.turn for one in scored_turns(case.reading, case.standard.likenesses))
    answers = [one.span for one in turns if one.role == "agent"]
    return sum(any(span.holds(at_ms) for at_ms in said) for span in answers) > 1


def _accused(case: Case, rule: AsAWhole, finding: Finding, gist: Gist) -> Finding:
    """No breach, or a doubtful one, in a call that is like those with one."""
    called = gist.rule.called
    shown = _shown(case, rule)
    if shown is None:
        return finding if finding.status == "unjudged" else in_doubt("call_perhaps", called=called)
    turn, score = shown.turn, shown.surest(rule.shown[0])
    evidence = Evidence(turn.span, turn.role, turn.text, round(score, 1), rule.at_least)
    if turn.role == "unknown":
        return in_doubt("roles_unknown", (evidence,))
    return Finding("fail", Reason.of("call_alike", called=called), (evidence,), SURE)


def _shown(case: Case, rule: AsAWhole) -> ScoredTurn | None:
    """The answer that has most of a likeness, if one has enough: the agent's, else nobody knows whose."""
    answers = [
        one
        for one in scored_turns(case.reading, case.standard.likenesses)
        if one.turn.role in ("agent", "unknown")
        and all(one.surely_reaches(name, rule.at_least) for name in rule.shown)
    ]
    return max(
        answers, key=lambda one: (one.turn.role == "agent", one.surest(rule.shown[0])), default=None
    )
