"""One small module a family of checks. Each takes a :class:`Case` and its part of a clause's
condition, and answers with a :class:`~pipeline.judge.finding.Finding`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.judge.gist import Gist
from pipeline.judge.load import Standard
from pipeline.judge.reading import Reading
from pipeline.judge.situation import Situation
from pipeline.judge.structure import Structure
from pipeline.records import Answer, Kind, Line, Question, Span, Status


@dataclass(frozen=True, slots=True)
class Case:
    """All that a check may look at. ``occurrence`` is the one that an ``each`` or ``some`` asks about.

    ``gists``: what the call as a whole is like, by the names of the likenesses. ``turned``: the demand stands
    inside a ``not``, so that it accuses by passing.
    """

    reading: Reading
    kind: Kind
    line: Line
    structure: Structure
    gists: Mapping[str, Gist]
    situations: Mapping[str, Situation]
    standard: Standard
    answers: Mapping[Question, Answer]
    occurrence: Span | None = None
    turned: bool = False

    @property
    def accusing(self) -> Status:
        """The answer to a demand that speaks against somebody."""
        return "pass" if self.turned else "fail"
