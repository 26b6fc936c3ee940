"""The weights of a likeness, learned from examples: logistic regression over their pieces.

Run as a program it is the process apart of :mod:`~pipeline.wording.lessons`: what to learn is read from
standard input, and what was learned written to standard output.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Sequence

import msgspec
import numpy as np
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression

from pipeline.wording.examples import Example
from pipeline.wording.lessons import Lesson, Lessons
from pipeline.wording.likeness import THOUSAND, Likeness, pieces
from pipeline.wording.normalise import common_forms

SHRUNK = 1.0
"""Inverse strength of regularisation (scikit-learn's C): leaving out one author at a time, 0.3 to 3 part
the other authors' answers as well."""

IN_EXAMPLES = 2
"""A piece of fewer tells of one example only."""

LEAST = 10
"""Weight, in thousandths, of a piece that is kept: of 2,500 turns none came out otherwise without the third
of the pieces that weigh less."""

EXACT = 1e-8
ROUNDS = 5_000
"""The best weights are the same everywhere, but only so close to them: with scikit-learn's own tolerance
two machines' scores could differ by half a point."""


def learn(examples: Sequence[Example], like: Collection[str]) -> Likeness:
    """What tells the examples of some kinds from the others. There must be both.

    The same examples give the same weights.
    """
    counter = CountVectorizer(analyzer=pieces, binary=True, min_df=IN_EXAMPLES)
    heard = common_forms([one.answer for one in examples])
    found = counter.fit_transform(heard)
    wanted = [one.kind in like for one in examples]
    model = LogisticRegression(C=SHRUNK, tol=EXACT, max_iter=ROUNDS).fit(found, wanted)
    weights = np.rint(model.coef_[0] * THOUSAND).astype(int).tolist()
    by_piece = {piece: weights[at] for piece, at in sorted(counter.vocabulary_.items())}
    return Likeness(
        {piece: weight for piece, weight in by_piece.items() if abs(weight) >= LEAST},
        round(float(model.intercept_[0]) * THOUSAND),
        tuple(one.answer for one in examples if one.kind in like),
        tuple(text for one, text in zip(examples, heard, strict=True) if one.kind in like),
    )


def main() -> None:
    """Learn what standard input asks for."""
    asked = msgspec.json.decode(sys.stdin.buffer.read(), type=Lessons)
    learned = {name: _taught(lesson) for name, lesson in asked.items()}
    sys.stdout.buffer.write(msgspec.json.encode(learned))


def _taught(lesson: Lesson) -> Likeness:
    return learn(lesson.examples, lesson.like)


if __name__ == "__main__":
    main()
