"""How like some examples an answer is: a weight for each piece of it, added up.

Wordings that are forbidden can be listed. Ways of not answering a question cannot: of 860 examples by
authors who had not seen the lexicons, 117 lexicons of 159,000 wordings find 29 %. What vague answers
share are small things (a particle, 「再」, 「看」), and what they lack: times, numbers, 「我」 and a verb. So
they are known by all their pieces together, each with a weight that was learned from examples of both
(:mod:`~pipeline.wording.learning`).
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import msgspec

from pipeline.wording.examples import Example
from pipeline.wording.syllables import rune, syllables

LEARNING = "pipeline.wording.learning"

LONGEST = 4
"""Characters, or syllables, of the longest pieces."""

THOUSAND = 1_000

TELLING = 12
"""Pieces of an answer, those of most weight, by which an example like it is looked for."""

END = "⌁"
"""Stands before and behind an answer: how it begins and ends tells more than what lies between."""


def pieces(text: str) -> frozenset[str]:
    """What stands in normalised text: every run of up to four characters, ends included, and of
    syllables, confusable ones taken for the same, since recognition writes what sounds alike.

    >>> sorted(pieces("看"))
    ['⌁看', '⌁看⌁', '看', '看⌁']
    """
    heard = "".join(map(rune, syllables(text)))
    return (_runs(f"{END}{text}{END}", 1) | _runs(heard, 2)) - {END}


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
class Lesson:
    """Examples, and the kinds among them that are to be told from the others."""

    examples: tuple[Example, ...]
    like: tuple[str, ...]


Lessons = dict[str, Lesson]
"""By the name of the likeness they teach."""


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

    def score(self, found: Iterable[str]) -> float:
        """The natural logarithm of how much likelier an answer of these pieces is one of the examples than
        not, as often as either stands in the file.
        """
        weight = self.weights.get
        return (self.bias + sum([weight(piece, 0) for piece in found])) / THOUSAND

    def nearest(self, found: Iterable[str]) -> str:
        """The example in which most stands of what tells most, for its length."""
        weight = self.weights.get
        spoken = sorted(piece for piece in found if END not in piece)
        telling = sorted(spoken, key=lambda piece: -weight(piece, 0))[:TELLING]
        shared = [
            sum([weight(piece, 0) for piece in telling if piece in heard]) / sqrt(len(heard))
            for heard in self.heard
        ]
        return self.examples[shared.index(max(shared))]


def learned_apart(lessons: Lessons) -> dict[str, Likeness]:
    """What :func:`pipeline.wording.learning.learn` makes of each lesson, in a process of its own.

    Raises:
        subprocess.CalledProcessError: it failed, which no examples make it do
    """
    root = str(Path(__file__).parents[2])
    paths = os.pathsep.join([root, *filter(None, [os.environ.get("PYTHONPATH")])])
    done = subprocess.run(
        [sys.executable, "-m", LEARNING],
        input=msgspec.json.encode(lessons),
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=dict[str, Likeness])
