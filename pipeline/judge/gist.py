"""What a call as a whole is like: everything that is said in it, held against example calls.

Words that stand for a situation can be missing, misheard, or said of something else: who asks whether the
report on his leak has come wants no repair. What both talk about for a minute is another matter. So a
situation may also name a likeness of whole calls, learned from examples (:mod:`pipeline.wording.likeness`);
where that is sure, words do not decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from pipeline.judge.reading import Reading
from pipeline.judge.standard import LikenessRule
from pipeline.judge.turns import CLEAR, UNCLEAR
from pipeline.records import Call, Role, Utterance
from pipeline.wording.likeness import Likenesses, with_sounds
from pipeline.wording.normalise import normalise

ENOUGH = 120
"""Syllables of a call from which it can be held against whole calls. Of 1,223 examples, which have 216 on
average, 42 are shorter; of shorter calls words tell more."""

ORDER: tuple[Role, ...] = ("customer", "unknown", "agent")
"""In which what is said is put together, as examples have it."""


@dataclass(frozen=True, slots=True)
class Gist:
    """How like some kind of call a call is: its score as it is spelt and as the engine wrote it, whichever is
    lower and higher; and how much further than its bounds it must reach, as little of it was understood.
    """

    rule: LikenessRule
    lowest: float
    highest: float
    further: float = 0.0

    @property
    def score(self) -> float:
        """What it surely has of the likeness."""
        return self.lowest

    @property
    def is_like(self) -> bool:
        return self.lowest >= self.rule.sure + self.further

    @property
    def may_be_like(self) -> bool:
        return self.lowest >= self.rule.doubt + self.further

    @property
    def is_unlike(self) -> bool:
        return self.rule.clear is not None and self.highest <= self.rule.clear - self.further


def gists(
    reading: Reading, rules: Iterable[LikenessRule], likenesses: Likenesses
) -> Mapping[str, Gist]:
    """What a call is like, by the names of the likenesses; of one too short to tell, nothing."""
    wanted = [one for one in rules if one.of == "call"]
    said = _put_together(reading.call, lambda one: one.text) if wanted else ""
    if len(said) < ENOUGH:
        return {}
    heard = _put_together(reading.call, lambda one: one.heard or one.text)
    spelt = likenesses.scores(with_sounds(said))
    written = spelt if heard == said else likenesses.scores(with_sounds(heard))
    words = [word.probability for one in reading.call.utterances for word in one.words]
    further = UNCLEAR * max(CLEAR - fmean(words), 0.0)
    found = {}
    for rule in wanted:
        lowest, highest = sorted((spelt[rule.id], written[rule.id]))
        found[rule.id] = Gist(rule, lowest, highest, further)
    return found


def _put_together(call: Call, words_of: Callable[[Utterance], str]) -> str:
    """All that is said in a call, normalised, role by role."""
    return "".join(
        normalise(words_of(one)).text
        for role in ORDER
        for one in call.utterances
        if one.role == role
    )
