"""What each party says in one go, and how like the examples of a standard it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from pipeline.judge.floor import ACKNOWLEDGEMENT
from pipeline.judge.reading import Reading
from pipeline.records import Role, Span, Utterance
from pipeline.wording.likeness import Likenesses, with_sounds
from pipeline.wording.normalise import normalise

CLEAR = 0.7
"""Mean probability of a turn's words from which it was understood well enough to tell anything surely."""

UNCLEAR = 30.0
"""How much more a turn must score for each that its words are less sure than ``CLEAR``: three for 0.6. Of 17
turns below 0.75 in seven sets of composed calls that score as surely bad two stood in good calls, both
below 0.7 and under this bound."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Utterances of one role in a row, the words between two turns of the other.

    ``plain`` is their text normalised, ``heard`` that of what the engine wrote, ``clearness`` how sure their
    words are on average.
    """

    role: Role
    span: Span
    text: str
    plain: str
    heard: str
    clearness: float


@dataclass(frozen=True)
class ScoredTurn:
    """A turn, and how like it is to the examples of each likeness, reckoned when it is asked for."""

    turn: Turn
    likenesses: Likenesses
    _scores: dict[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def understood(self) -> bool:
        return self.turn.clearness >= CLEAR

    def score(self, name: str) -> float:
        return self._score(name, self.turn.plain)

    def held_to(self, bound: float) -> float:
        """What it must score to reach a bound: the more, the less of it was understood."""
        return bound + UNCLEAR * max(CLEAR - self.turn.clearness, 0.0)

    def reaches(self, name: str, bound: float) -> bool:
        return self.score(name) >= self.held_to(bound)

    def surely_reaches(self, name: str, bound: float) -> bool:
        """Whether it does as the engine wrote it too: what only another spelling makes it say is doubt."""
        return self.surest(name) >= self.held_to(bound)

    def surest(self, name: str) -> float:
        """What it scores at least, as it is spelt and as it was written at first."""
        return min(self.score(name), self._score(name, self.turn.heard))

    def nearest(self, name: str) -> str:
        """An example like it."""
        return self.likenesses.nearest(name, with_sounds(self.turn.plain))

    def _score(self, name: str, text: str) -> float:
        if text not in self._scores:
            self._scores[text] = self.likenesses.scores(with_sounds(text))
        return round(self._scores[text][name], 2)


def scored_turns(reading: Reading, likenesses: Likenesses) -> Sequence[ScoredTurn]:
    """The turns of a call, in order; the same for all that ask."""
    return reading.once(
        "scored turns",
        lambda: [ScoredTurn(turn, likenesses) for turn in turns_of(reading.call.utterances)],
    )


def scored_within(
    reading: Reading,
    likenesses: Likenesses,
    role: Role,
    stretches: tuple[Span, ...],
) -> Sequence[ScoredTurn]:
    """The turns of a role as far as they lie in some stretches: of one that spans a hold, what is before.

    Words over which nobody speaks were made up by the engine, and are left out.
    """

    def within() -> Sequence[ScoredTurn]:
        every = reading.call.utterances
        kept = [
            [_cut(reading, one, at) if one.role == role else one for one in every]
            for at in stretches
        ]
        if any(tuple(some) == every for some in kept):
            return [one for one in scored_turns(reading, likenesses) if one.turn.role == role]
        return [
            ScoredTurn(turn, likenesses)
            for some in kept
            for turn in turns_of(filter(None, some))
            if turn.role == role
        ]

    return reading.once(("turns", role, stretches), within)


def _cut(reading: Reading, one: Utterance, stretch: Span) -> Utterance | None:
    """The words of an utterance that lie in a stretch, and over speech; ``None`` where there are none."""
    pairs = [
        (word, wrote)
        for word, wrote in zip(one.words, one.words_heard, strict=True)
        if stretch.holds(word.span.middle_ms) and reading.speaks(one.role, word.span)
    ]
    if len(pairs) == len(one.words):
        return one
    if not pairs:
        return None
    heard = "".join(wrote.text for _, wrote in pairs) if one.heard else ""
    return replace(one, words=tuple(word for word, _ in pairs), heard=heard)


def turns_of(utterances: Iterable[Utterance]) -> tuple[Turn, ...]:
    """The turns of a call, in order. Who only says 「嗯」 or 「好的」 meanwhile takes no turn."""
    rows: list[list[_Said]] = []
    for one in utterances:
        said = _Said(one, one.text)
        row = rows[-1] if rows else None
        if row and row[-1].utterance.role == one.role:
            row.append(said)
        elif row and ACKNOWLEDGEMENT.fullmatch(normalise(said.text).text):
            continue
        else:
            rows.append([said])
    return tuple(_turn(row) for row in rows)


class _Said(NamedTuple):
    """An utterance with its text, which is put together of words each time it is asked for."""

    utterance: Utterance
    text: str


def _turn(row: Sequence[_Said]) -> Turn:
    words = [word.probability for one, _ in row for word in one.words]
    first = row[0].utterance
    return Turn(
        first.role,
        Span(first.span.start_ms, max(one.span.end_ms for one, _ in row)),
        "".join([text for _, text in row]),
        "".join([normalise(text).text for _, text in row]),
        "".join([normalise(one.heard or text).text for one, text in row]),
        sum(words) / len(words) if words else 0.0,
    )
