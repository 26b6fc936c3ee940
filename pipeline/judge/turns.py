"""What each party says in one go, and how like the examples of a standard it is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from statistics import fmean

from pipeline.judge.floor import ACKNOWLEDGEMENT
from pipeline.judge.reading import Reading
from pipeline.records import Role, Span, Utterance
from pipeline.wording.likeness import Likeness, pieces
from pipeline.wording.normalise import normalise

CLEAR = 0.7
"""Mean probability of a turn's words from which it was understood well enough to tell anything surely."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Utterances of one role in a row, the words between two turns of the other. ``heard`` is their text
    normalised, ``clearness`` how sure their words are on average.
    """

    role: Role
    span: Span
    text: str
    heard: str
    clearness: float


@dataclass(frozen=True)
class ScoredTurn:
    """A turn, and how like it is to the examples of each likeness, reckoned when it is asked for."""

    turn: Turn
    likenesses: Mapping[str, Likeness]
    _scores: dict[str, float] = field(default_factory=dict)

    @cached_property
    def pieces(self) -> frozenset[str]:
        return pieces(self.turn.heard)

    @property
    def understood(self) -> bool:
        return self.turn.clearness >= CLEAR

    def score(self, name: str) -> float:
        if name not in self._scores:
            self._scores[name] = round(self.likenesses[name].score(self.pieces), 2)
        return self._scores[name]


def scored_turns(reading: Reading, likenesses: Mapping[str, Likeness]) -> Sequence[ScoredTurn]:
    """The turns of a call, in order; the same for all that ask."""
    return reading.once(
        "scored turns",
        lambda: [ScoredTurn(turn, likenesses) for turn in turns_of(reading.call.utterances)],
    )


def turns_of(utterances: Iterable[Utterance]) -> tuple[Turn, ...]:
    """The turns of a call, in order. Who only says 「嗯」 or 「好的」 meanwhile takes no turn."""
    rows: list[list[Utterance]] = []
    for one in utterances:
        row = rows[-1] if rows else None
        if row and row[-1].role == one.role:
            row.append(one)
        elif row and ACKNOWLEDGEMENT.fullmatch(normalise(one.text).text):
            continue
        else:
            rows.append([one])
    return tuple(_turn(row) for row in rows)


def _turn(row: list[Utterance]) -> Turn:
    words = [word.probability for one in row for word in one.words]
    return Turn(
        row[0].role,
        Span(row[0].span.start_ms, max(one.span.end_ms for one in row)),
        "".join(one.text for one in row),
        "".join(normalise(one.text).text for one in row),
        fmean(words) if words else 0.0,
    )
