"""What a standard has learned from examples, and a process of its own that learns it.

scikit-learn takes 100 MB, and is needed only when a standard was changed: so it is imported in a process that
ends, which is :mod:`~pipeline.wording.learning`, run as a program. Both sides speak JSON.
"""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import msgspec

from pipeline.wording.examples import Example
from pipeline.wording.likeness import Likeness

LEARNING = "pipeline.wording.learning"


@dataclass(frozen=True, slots=True)
class Lesson:
    """Examples, and the kinds among them that are to be told from the others; ``whole``: they are calls."""

    examples: tuple[Example, ...]
    like: tuple[str, ...]
    whole: bool = False


Lessons = dict[str, Lesson]
"""By the name of the likeness they teach."""


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
