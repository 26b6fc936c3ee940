"""What a call as a whole is like: everything that is said in it, held against example calls.

Words that stand for a situation can be missing, misheard, or said of something else: who asks whether the
report on his leak has come wants no repair. What both talk about for a minute is another matter. So a
situation may also name a likeness of whole calls, learned from examples (:mod:`pipeline.wording.likeness`);
where that is sure, words do not decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from pipeline.judge.reading import Reading
from pipeline.judge.standard import LikenessRule
from pipeline.records import Role
from pipeline.wording.likeness import Likenesses, with_sounds
from pipeline.wording.normalise import normalise

ENOUGH = 120
"""Syllables of a call from which it can be held against whole calls. The examples have 350 on average, few of
them less than this; of shorter calls words tell more."""

ORDER: tuple[Role, ...] = ("customer", "unknown", "agent")
"""In which what is said is put together, as examples have it."""


@dataclass(frozen=True, slots=True)
class Gist:
    """How like some kind of call a call is: the score, and the bounds it is held to."""

    rule: LikenessRule
    score: float

    @property
    def is_like(self) -> bool:
        return self.score >= self.rule.sure

    @property
    def may_be_like(self) -> bool:
        return self.score >= self.rule.doubt

    @property
    def is_unlike(self) -> bool:
        return self.rule.clear is not None and self.score <= self.rule.clear


def gists(
    reading: Reading, rules: Iterable[LikenessRule], likenesses: Likenesses
) -> Mapping[str, Gist]:
    """What a call is like, by the names of the likenesses; of one too short to tell, nothing."""
    wanted = [one for one in rules if one.of == "call"]
    if not wanted:
        return {}
    said = "".join(
        normalise(one.text).text
        for role in ORDER
        for one in reading.call.utterances
        if one.role == role
    )
    if len(said) < ENOUGH:
        return {}
    scores = likenesses.scores(with_sounds(said))
    return {one.id: Gist(one, scores[one.id]) for one in wanted}
