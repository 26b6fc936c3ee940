"""How like some examples an answer is: a weight for each piece of it, added up.

Wordings that are forbidden can be listed. Ways of not answering a question cannot: of 860 examples by
authors who had not seen the lexicons, 117 lexicons of 159,000 wordings find 29 %. What vague answers
share are small things (a particle, 「再」, 「看」), and what they lack: times, numbers, 「我」 and a verb. So
they are known by all their pieces together, each with a weight that was learned from examples of both
(:mod:`~pipeline.wording.learning`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np

from pipeline.wording.automaton import Automaton
from pipeline.wording.syllables import rune, syllables

LONGEST = 4
"""Characters, or syllables, of the longest pieces."""

APART = "⍿"
"""Stands between an answer's characters and its sounds."""

THOUSAND = 1_000

TELLING = 12
"""Pieces of an answer, those of most weight, by which an example like it is looked for."""

END = "⌁"
"""Stands before and behind an answer: how it begins and ends tells more than what lies between."""


def with_sounds(text: str) -> str:
    """Normalised text as its pieces are looked for in: its characters, and apart from them its sounds,
    confusable ones taken for the same, since recognition writes what sounds alike.
    """
    return f"{END}{text}{END}{APART}{''.join(map(rune, syllables(text)))}"


def pieces(text: str) -> frozenset[str]:
    """What may tell something in normalised text: every run of up to four characters, its ends among them,
    and of two to four syllables.

    >>> sorted(pieces("看"))
    ['⌁看', '⌁看⌁', '看', '看⌁']
    """
    characters, sounds = with_sounds(text).split(APART)
    return (_runs(characters, 1) | _runs(sounds, 2)) - {END}


def _runs(text: str, shortest: int) -> frozenset[str]:
    size = len(text)
    return frozenset(
        [
            text[start : start + length]
            for length in range(shortest, LONGEST + 1)
            for start in range(size - length + 1)
        ]
    )


@dataclass(frozen=True)
class Likeness:
    """The weights of pieces; what an answer scores without any; and the examples it is to be like, as
    written and normalised.

    Weights are thousandths: whole numbers come to the same in whatever order they are added up.
    """

    weights: dict[str, int]
    bias: int
    examples: tuple[str, ...]
    heard: tuple[str, ...]

    def score(self, text: str) -> float:
        """The natural logarithm of how much likelier an answer, with its sounds, is one of the examples than
        not, as often as either stands in the file.
        """
        weights = [weight for _, weight in self._pieces.values(text)]
        return (self.bias + sum(weights)) / THOUSAND

    def nearest(self, text: str) -> str:
        """An example in which much stands of what tells most in an answer with its sounds, for its length."""
        weights = {text[start:end]: weight for start, end, (_, weight) in self._pieces.find(text)}
        spoken = sorted(piece for piece in weights if END not in piece)
        telling = sorted(spoken, key=lambda piece: -weights[piece])[:TELLING]
        likely = (
            [number for number, heard in enumerate(self.heard) if piece in heard]
            for piece in telling
        )
        some = next(filter(None, likely), [0])
        return self.examples[max(some, key=lambda number: self._shared(telling, number))]

    @cached_property
    def _pieces(self) -> Automaton[tuple[int, int]]:
        """Each piece's number and weight: so one that stands twice in an answer counts once."""
        return Automaton(
            {piece: (number, self.weights[piece]) for number, piece in enumerate(self.weights)}
        )

    def _shared(self, telling: Iterable[str], number: int) -> float:
        heard = self.heard[number]
        common = sum(self.weights.get(piece, 0) for piece in telling if piece in heard)
        return common / sqrt(len(heard))


class Likenesses:
    """Several likenesses, looked for in one pass over a text."""

    def __init__(self, by_name: Mapping[str, Likeness]) -> None:
        self.by_name = by_name
        pieces = dict.fromkeys(piece for one in by_name.values() for piece in one.weights)
        self._weights = np.array(
            [[one.weights.get(piece, 0) for one in by_name.values()] for piece in pieces], np.int64
        ).reshape(len(pieces), len(by_name))
        self._biases = np.array([one.bias for one in by_name.values()], np.int64)
        self._rows = Automaton({piece: row for row, piece in enumerate(pieces)})

    def scores(self, text: str) -> dict[str, float]:
        """What :meth:`Likeness.score` says of each, by its name."""
        rows = self._rows.values(text)
        found = np.fromiter(rows, np.int64, len(rows))
        totals = self._biases + self._weights[found].sum(0)
        return {
            name: total / THOUSAND
            for name, total in zip(self.by_name, totals.tolist(), strict=True)
        }
