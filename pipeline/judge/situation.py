"""What a call is about: repair, complaint, somebody asked for …, recognised by what is said in it.

Several at once are common (a repair that turns into a complaint), so that each is weighed by itself.
A call that only half sounds like one is ``unclear``, and the clauses that hang on it are unjudged. Where the
call as a whole is surely like other calls of that kind, or surely unlike them, single words do not decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import partial
from typing import Literal

from pipeline.judge.calltext import Found
from pipeline.judge.gist import Gist
from pipeline.judge.reading import CLOSE, Reading
from pipeline.judge.standard import Cue, SituationRule
from pipeline.records import Evidence, Span

SAME_SOUND = 3
LIKE_SOUND = 4
"""Syllables from which a phrase of the same sound, or of nearly the same, speaks for a situation."""

SCATTERED = 0.4
"""Cost of what stands between a phrase's words up to which they still tell of a situation: a short word."""

MISHEARD_WEIGHT = 1.0
"""The most that a short phrase by itself adds to a situation when only its sound is there."""

ANSWERED_MS = 20_000
"""How soon an answer follows: who takes a call for another asks once more who is calling."""

PLAIN = 2.0
"""Times ``sure`` from which words are so plain that they stand in a call unlike others too: a workman asked
for and refused. Of 17 composed calls whose words were wrongly taken for a repair or a complaint, and that
are unlike such calls, one has words so plain."""

Clarity = Literal["present", "unclear", "absent"]
CLEAR: tuple[Clarity, ...] = ("absent", "unclear", "present")


@dataclass(frozen=True, slots=True)
class Situation:
    """How clear a situation is, and what speaks for it. ``heard`` is in order of time.

    ``weight`` is what its words come to; ``gist``, how like such calls the whole is, where that decided.
    """

    rule: SituationRule
    clarity: Clarity
    heard: tuple[Found, ...]
    weight: float = 0.0
    gist: Gist | None = None

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        words = tuple(found.evidence for found in self.heard)
        if words or self.gist is None:
            return words
        return (Evidence(measured=round(self.gist.score, 1), threshold=self.gist.rule.sure),)

    @property
    def span(self) -> Span | None:
        """From the first words that speak for it to the last."""
        if not self.heard:
            return None
        return Span(self.heard[0].span.start_ms, max(found.span.end_ms for found in self.heard))


def recognise(
    reading: Reading, rules: Iterable[SituationRule], likened: Mapping[str, Gist]
) -> Mapping[str, Situation]:
    """Every situation of a standard, weighed on one call; ``likened`` is what the whole of it is like."""
    alone = {rule.id: _as_a_whole(_weigh(reading, rule), likened) for rule in rules}
    return {name: replace(one, clarity=_clarity(name, alone)) for name, one in alone.items()}


def _clarity(name: str, alone: Mapping[str, Situation]) -> Clarity:
    """How clear a situation is: no clearer than those it is a part of."""
    one = alone[name]
    if one.rule.needs is None:
        return one.clarity
    return min(one.clarity, _clarity(one.rule.needs, alone), key=CLEAR.index)


def _as_a_whole(words: Situation, likened: Mapping[str, Gist]) -> Situation:
    """A situation by all that is said, where that tells; else by its words alone."""
    other = likened.get(words.rule.unlike or "")
    if other is not None and other.is_like:
        return replace(words, clarity="absent", gist=other)
    own = likened.get(words.rule.like or "")
    if own is None:
        return words
    if own.is_unlike and words.weight < PLAIN * words.rule.sure:
        return replace(words, clarity="absent", gist=own)
    if own.is_like:
        return replace(words, clarity="present", gist=own)
    if own.may_be_like and words.clarity == "absent":
        return replace(words, clarity="unclear", gist=own)
    return words


def _weigh(reading: Reading, rule: SituationRule) -> Situation:
    """One situation by its own words."""
    told = paired = against = 0.0
    heard: list[Found] = []
    for cue in rule.cues:
        pairs = _pairs(reading, cue)
        if pairs is not None:
            found = pairs
            paired = max(paired, cue.times if found else 0.0)
        else:
            said = _by(cue, reading.find(cue.lexicon))
            worth = {hit: value for hit in said if (value := _worth(reading, cue, hit))}
            found, weight = [*worth], _together(worth)
            told, against = told + max(weight, 0.0), against + min(weight, 0.0)
        if cue.times > 0:
            heard.extend(found)
    weight = max(told, paired) + against
    clarity: Clarity = "absent"
    if weight >= rule.doubt:
        clarity = "present" if weight >= rule.sure else "unclear"
    return Situation(rule, clarity, tuple(sorted(heard, key=lambda hit: hit.span)), weight)


def _worth(reading: Reading, cue: Cue, hit: Found) -> float:
    """What one phrase adds: nothing when the words are too unlike it.

    The sound alone of a short one speaks against nothing, and for a situation as one sign of several:
    「姓熊」 is no 行兇.
    """
    if _is_like(hit) and not _is_guess(hit):
        return cue.times * hit.weight
    if cue.times > 0 and (_is_guess(hit) or _is_misheard(reading, hit)):
        return min(cue.times * hit.weight, MISHEARD_WEIGHT)
    return 0.0


def _together(worth: Mapping[Found, float]) -> float:
    """What phrases weigh together. Each counts once, however often it is said; the heaviest wording of it."""
    heaviest: dict[str, float] = {}
    for hit, value in worth.items():
        heaviest[hit.phrase] = max(heaviest.get(hit.phrase, 0.0), value, key=abs)
    return sum(heaviest.values())


def _pairs(reading: Reading, cue: Cue) -> list[Found] | None:
    """Where words of two lexicons tell something together, in one clause or said and answered.

    ``None``: the cue has but one lexicon.
    """
    telling = partial(_is_telling, reading)
    if cue.then is not None:
        return _by(cue, reading.pairs(cue.lexicon, cue.then, telling))
    if cue.answered is None:
        return None
    asked = filter(telling, _by(cue, reading.find(cue.lexicon)))
    answers = [hit for hit in reading.find(cue.answered) if hit.role != cue.by and telling(hit)]
    return [hit for hit in asked if any(_follows(answer, hit) for answer in answers)]


def _follows(answer: Found, asked: Found) -> bool:
    return 0 <= answer.span.start_ms - asked.span.end_ms <= ANSWERED_MS


def _by(cue: Cue, found: Iterable[Found]) -> list[Found]:
    """Those said by the cue's role; where voices are not told apart, by whoever said them."""
    return [hit for hit in found if hit.role in (cue.by, "unknown")]


def _is_telling(reading: Reading, hit: Found) -> bool:
    """Whether words are one end of a pair: a phrase, or like enough, or no sense otherwise."""
    return _is_like(hit) or _is_misheard(reading, hit)


def _is_misheard(reading: Reading, hit: Found) -> bool:
    return hit.level == "syllables" and hit.cost <= CLOSE and reading.is_misheard(hit)


def _is_guess(hit: Found) -> bool:
    """Whether a short phrase was written otherwise at first: by its sound 「好早」 may be 「好吵」."""
    return hit.respelt and hit.syllables < SAME_SOUND


def _is_like(hit: Found) -> bool:
    """Whether words that are not a phrase to the letter are long enough, and like enough, to be it.

    「里沒說」 is no 「你沒說」: three syllables of which one is merely like prove no situation. Nor do a
    phrase's own words with others between them: 「其他的回家再說」 tells of nobody who has gone home. And a
    word of two syllables is none where a comma parts them: 「保安部嗎，我」 was written 「報案不罵，我」.
    """
    if hit.level == "characters":
        return hit.syllables >= SAME_SOUND or hit.quote.isalnum()
    if hit.level == "words":
        return hit.cost <= (SCATTERED if len(hit.wording) >= LIKE_SOUND else 0.0)
    length = hit.syllables
    return (hit.cost == 0 and length >= SAME_SOUND) or (hit.cost <= CLOSE and length >= LIKE_SOUND)
