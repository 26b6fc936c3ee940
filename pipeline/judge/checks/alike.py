"""Answers that are like examples: vague ones, rude ones. No list holds every wording of them.

An accusation, and not for words that somebody can point at: so the turn is quoted, and an example like it
is named. What was not clearly understood may be like anything: it must be much more like them.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

from pipeline.judge.calltext import Found
from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding, in_doubt
from pipeline.judge.rules import Alike
from pipeline.judge.standard import LikenessRule
from pipeline.judge.turns import ScoredTurn, Turn, scored_turns, scored_within
from pipeline.judge.windows import windows
from pipeline.records import Evidence, Reason, Role, Span
from pipeline.wording.likeness import with_sounds
from pipeline.wording.normalise import normalise

MOST_SURE = 0.95

ENDS = re.compile("[。！？!?；;]")
"""What ends a sentence, where recognition writes it."""


@dataclass(frozen=True, slots=True)
class AlikeTurn:
    """A turn that is, or may be, like the examples of some likenesses; ``bound`` is the score from which it
    surely is like those of the first.
    """

    scored: ScoredTurn
    names: tuple[str, ...]
    bound: float
    sure: bool

    @property
    def turn(self) -> Turn:
        return self.scored.turn

    @property
    def score(self) -> float:
        """By the first of them, which looks at everything, however it is spelt."""
        return self.scored.surest(self.names[0])

    @property
    def example(self) -> str:
        """One like it, of the last of them, which tells what is meant."""
        return self.scored.nearest(self.names[-1])

    @property
    def evidence(self) -> Evidence:
        score, bound = round(self.score, 1), round(self.bound, 1)
        return Evidence(self.turn.span, self.turn.role, self.turn.text, score, bound)

    def reason(self, called: str) -> Reason:
        """What it was taken for, surely or perhaps."""
        code = "answer_alike" if self.sure else "answer_doubtful"
        return Reason.of(code, called=called, example=self.example)


def check(case: Case, rule: Alike) -> Finding:
    """Whether a turn is like the examples, which none should be."""
    if not windows(case.reading, rule.within, rule.by, case.occurrence):
        return Finding("not_applicable", Reason.of("nothing_to_answer"))
    called = called_of(case, rule)
    found = alike(case, rule)
    if not found:
        return Finding("pass", Reason.of("answer_unlike", called=called), confidence=0.9)
    worst = max(found, key=lambda one: (one.sure, one.score))
    evidence = tuple(one.evidence for one in found if one.sure == worst.sure)
    if not worst.sure:
        return in_doubt("answer_doubtful", evidence, called=called, example=worst.example)
    confidence = round(min(MOST_SURE, 1 / (1 + exp(-worst.score))), 2)
    return Finding("fail", worst.reason(called), evidence, confidence)


def alike(case: Case, rule: Alike) -> Sequence[AlikeTurn]:
    """The turns of a role that are, or may be, like the examples, in order of time."""
    stretches = windows(case.reading, rule.within, rule.by, case.occurrence)
    every = case.reading.once(("alike", rule.names, rule.by), lambda: _alike(case, rule))
    return [one for one in every if any(at.holds(one.turn.span.middle_ms) for at in stretches)]


def put_otherwise(
    case: Case, name: str, by: Role, stretches: tuple[Span, ...]
) -> tuple[AlikeTurn, ...]:
    """The turns of a role in some stretches that have, or may have, a likeness; the surest first."""
    bounds = _rule(case, name)
    found = [
        AlikeTurn(one, (name,), one.held_to(bounds.sure), one.surely_reaches(name, bounds.sure))
        for one in scored_within(case.reading, case.standard.likenesses, by, stretches)
        if one.reaches(name, bounds.doubt)
    ]
    return tuple(sorted(found, key=lambda one: (one.sure, one.score), reverse=True))


def cleared(case: Case, name: str | None, hit: Found) -> bool:
    """Whether words stand in an answer that was well understood, and as a whole is clear of a likeness.

    The sentence they stand in must at least be unlike the examples, whatever is said before and after it.
    """
    if name is None or (bound := _rule(case, name).clear) is None:
        return False
    turn = _turn_of(case, hit)
    if turn is None or hit.quote not in turn.turn.text:
        return False
    if not turn.understood or turn.score(name) > bound:
        return False
    sentence = normalise(_sentence(turn.turn.text, hit.quote, _place(case, turn.turn, hit))).text
    return case.standard.likenesses.scores(with_sounds(sentence))[name] <= 0


def spoils(case: Case, name: str | None, hit: Found) -> bool:
    """Whether words stand in an answer that surely has a likeness."""
    if name is None:
        return False
    turn = _turn_of(case, hit)
    return turn is not None and turn.surely_reaches(name, _rule(case, name).sure)


def called_of(case: Case, rule: Alike) -> str:
    """What reports call such answers."""
    return _rule(case, rule.names[-1]).called


def _turn_of(case: Case, hit: Found) -> ScoredTurn | None:
    """The turn in which words stand."""
    at = hit.span.middle_ms
    return next(
        (
            one
            for one in scored_turns(case.reading, case.standard.likenesses)
            if one.turn.role == hit.role and one.turn.span.holds(at)
        ),
        None,
    )


def _alike(case: Case, rule: Alike) -> list[AlikeTurn]:
    """Of the whole call. The words of nobody knows whom are doubt, where they would be surely alike."""
    bounds = [_rule(case, name) for name in rule.names]
    found = []
    for one in scored_turns(case.reading, case.standard.likenesses):
        if one.turn.role not in (rule.by, "unknown"):
            continue
        known = one.turn.role == rule.by
        if not all(one.reaches(b.id, b.doubt if known else b.sure) for b in bounds):
            continue
        sure = known and all(one.surely_reaches(b.id, b.sure) for b in bounds)
        found.append(AlikeTurn(one, rule.names, one.held_to(bounds[0].sure), sure))
    return found


def _place(case: Case, turn: Turn, hit: Found) -> int:
    """How many characters of a turn are said before the word with which a hit begins."""
    return sum(
        len(word.text)
        for one in case.reading.call.utterances
        if one.role == turn.role
        for word in one.words
        if turn.span.start_ms <= word.span.start_ms < hit.span.start_ms
    )


def _sentence(text: str, quote: str, place: int) -> str:
    """The sentence in which words stand, at a place or behind it.

    >>> _sentence("好了。他囉嗦死了，我說。走吧。", "囉嗦", 3)
    '他囉嗦死了，我說'
    >>> _sentence("好的。你囉嗦死了。請稍等。", "囉嗦", 9)
    '你囉嗦死了'
    >>> _sentence("我不清楚。價錢我也不清楚，您打去問。", "不清楚", 6)
    '價錢我也不清楚，您打去問'
    """
    at = text.find(quote, place)
    if at < 0:
        at = max(text.rfind(quote), 0)  # times of words may be out of order
    return ENDS.split(text[:at])[-1] + ENDS.split(text[at:])[0]


def _rule(case: Case, name: str) -> LikenessRule:
    return next(one for one in case.standard.model.likenesses if one.id == name)
