"""Are these words certain enough to accuse somebody, or to hang an accusation on?

Words written out, or a long phrase that sounds exactly so, stand as said. What only sounds alike, or is
short and was written otherwise by the engine, is put to a closer listen, and stays in doubt without it.
"""

from __future__ import annotations

from pipeline.judge.calltext import Found
from pipeline.judge.checks import Case
from pipeline.judge.reading import CLOSE, WEAK
from pipeline.records import Question

LONG_ENOUGH = 4
"""Syllables from which a phrase that sounds the same is taken as the phrase: two homophone words in
a row are rare, four in a row are the phrase."""

LITTLE_BETWEEN = 0.2
"""Cost of two characters between the words of a phrase: 「你自己*真的*看著辦」. A third makes it another
sentence too often (tests/bench/false_matches.py: 0.6 in 10,000 syllables with up to three)."""

SURELY_HEARD = 0.4
"""As spotting scores. Stricter than for a demanded phrase, since here hearing it accuses. In 68 composed
calls 253 places sound like a forbidden phrase that the words do not hold: the five where it was said score
0.5 to 1.6, the others at most -0.3."""

AROUND_MS = 2_000
"""Listened to before and after: where recognition was wrong about words it is so about their times."""


def is_certain(hit: Found) -> bool:
    """Whether words stand there that accuse without a closer listen."""
    return stands(hit) and (not hit.respelt or hit.syllables >= LONG_ENOUGH)


def stands(hit: Found) -> bool:
    """Whether words stand there at all, however they were written at first: enough for doubt."""
    if hit.probability < WEAK:
        return False
    if hit.level == "characters":
        return True
    if hit.level == "words":
        return hit.cost <= LITTLE_BETWEEN
    return hit.cost <= CLOSE and hit.syllables >= LONG_ENOUGH


def heard_again(case: Case, hit: Found) -> tuple[bool, tuple[Question, ...]]:
    """Whether a closer listen has surely heard what words only sound like, and what to ask if none has."""
    question = Question((_spoken(case, hit),), hit.role, hit.span.padded(AROUND_MS, AROUND_MS))
    answer = case.answers.get(question)
    if answer is None:
        return False, (question,)
    return answer.score is not None and answer.score >= SURELY_HEARD, ()


def _spoken(case: Case, hit: Found) -> str:
    """The wording that was meant, in the script its author wrote it in."""
    return case.standard.as_written(hit.lexicon, hit.phrase)[hit.wording]
