"""What a standard has learned from examples, and a process of its own that learns it.

scikit-learn takes 100 MB, and is needed only when a standard was changed: so it is imported in a process that
only runs :mod:`~pipeline.wording.learning`, and ends. Both sides speak JSON.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass

import msgspec

from pipeline.wording.examples import Example
from pipeline.wording.likeness import Likeness, Likenesses

LEARNING = "pipeline.wording.learning"


@dataclass(frozen=True, slots=True)
class Lesson:
    """The kinds among some examples that are to be told from others; ``whole``: the examples are calls.

    ``examples`` is the name they go by.
    """

    examples: str
    like: tuple[str, ...]
    others: tuple[str, ...]
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Lessons:
    """All that is to be learned: examples by name, and lessons by the likeness they teach."""

    examples: dict[str, tuple[Example, ...]]
    lessons: dict[str, Lesson]


@dataclass(frozen=True, slots=True)
class Learned:
    """What answers may be like, and what whole calls."""

    answers: Likenesses
    calls: Likenesses

    @classmethod
    def of(cls, asked: Lessons, taught: Mapping[str, Likeness]) -> Learned:
        """What came of some lessons."""
        answers, calls = (
            {name: one for name, one in taught.items() if asked.lessons[name].whole == whole}
            for whole in (False, True)
        )
        return cls(Likenesses(answers), Likenesses(calls))


def learned_apart(lessons: Lessons) -> dict[str, Likeness]:
    """What :func:`pipeline.wording.learning.learn` makes of each lesson, in a process of its own.

    Raises:
        subprocess.CalledProcessError: it failed, which no examples make it do
    """
    # looked for where this process found it: a folder named pipeline in the current one is none of ours
    program = f"import sys; sys.path[:] = {sys.path!r}; from {LEARNING} import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=msgspec.json.encode(lessons),
        stdout=subprocess.PIPE,
        check=True,
    )
    return msgspec.json.decode(done.stdout, type=dict[str, Likeness])
