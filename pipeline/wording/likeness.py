"""How like some examples an answer is: a weight for each piece of it, added up.

Wordings that are forbidden can be listed. Ways of not answering a question cannot: of 860 examples by
authors who had not seen the lexicons, 117 lexicons of 159,000 wordings find 29 %. What vague answers
share are small things (a particle, 「再」, 「看」), and what they lack: times, numbers, 「我」 and a verb. So
they are known by all their pieces together, each with a weight that was learned from examples of both
(:mod:`~pipeline.wording.learning`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any

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


@dataclass(frozen=True, slots=True)
class Likeness:
    """The weights of pieces; what an answer scores without any; and the examples it is to be like, as
    written and normalised.

    Weights are thousandths: whole numbers come to the same in whatever order they are added up.
    """

    weights: dict[str, int]
    bias: int
    examples: tuple[str, ...]
    heard: tuple[str, ...]


class Likenesses:
    """Several likenesses, looked for in one pass over a text.

    Half a million weights are kept as one table of numbers, pieces by likenesses: as dictionaries they would
    take 70 MB.
    """

    def __init__(self, by_name: Mapping[str, Likeness]) -> None:
        self._columns = {name: at for at, name in enumerate(by_name)}
        self._pieces = tuple(
            dict.fromkeys(piece for one in by_name.values() for piece in one.weights)
        )
        rows = {piece: row for row, piece in enumerate(self._pieces)}
        self._weights = np.zeros((len(rows), len(by_name)), np.int32)
        for column, one in enumerate(by_name.values()):
            self._weights[[rows[piece] for piece in one.weights], column] = [*one.weights.values()]
        self._biases = np.array([one.bias for one in by_name.values()], np.int64)
        self._examples = {name: (one.examples, one.heard) for name, one in by_name.items()}
        self._rows = Automaton(rows)

    def __getstate__(self) -> dict[str, Any]:
        return {key: value for key, value in vars(self).items() if key != "_rows"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._rows = Automaton({piece: row for row, piece in enumerate(self._pieces)})

    def scores(self, text: str) -> dict[str, float]:
        """Of each likeness, by its name, the natural logarithm of how much likelier an answer, with its
        sounds, is one of the examples than not, as often as either stands in the file.
        """
        rows = self._rows.values(text)
        found = np.fromiter(rows, np.int64, len(rows))
        totals = self._biases + self._weights[found].sum(0)
        return {
            name: total / THOUSAND
            for name, total in zip(self._columns, totals.tolist(), strict=True)
        }

    def nearest(self, name: str, text: str) -> str:
        """An example in which much stands of what tells most in an answer with its sounds, for its length."""
        own = self._weights[:, self._columns[name]]
        weights = {
            text[start:end]: weight
            for start, end, row in self._rows.find(text)
            if (weight := int(own[row]))
        }
        examples, every = self._examples[name]
        spoken = sorted(piece for piece in weights if END not in piece)
        telling = sorted(spoken, key=lambda piece: -weights[piece])[:TELLING]
        likely = (
            [number for number, heard in enumerate(every) if piece in heard] for piece in telling
        )
        some = next(filter(None, likely), [0])

        def shared(number: int) -> float:
            common = sum(weights[piece] for piece in telling if piece in every[number])
            return common / sqrt(len(every[number]))

        return examples[max(some, key=shared)]
