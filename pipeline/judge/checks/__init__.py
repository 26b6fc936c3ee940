"""One small module a family of checks. Each takes a :class:`Case` and its part of a clause's
condition, and answers with a :class:`~pipeline.judge.finding.Finding`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pipeline.judge.load import Standard
from pipeline.judge.reading import Reading
from pipeline.judge.situation import Hold, Situation
from pipeline.records import Answer, Question


@dataclass(frozen=True, slots=True)
class Case:
    """All that a check may look at. ``hold`` is the one in question for clauses about holds."""

    reading: Reading
    situation: Situation
    standard: Standard
    answers: Mapping[Question, Answer]
    hold: Hold | None = None
