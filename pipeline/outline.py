"""A standard as a reader needs it, without its rules: what reports print beside verdicts."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class ClauseText:
    """One clause as a reader needs it. ``also_manual``: what of it a person must look at."""

    id: str
    title: str
    demands: str
    dimension: str
    how: str
    critical: bool = False
    also_manual: str | None = None


@dataclass(frozen=True, slots=True)
class DimensionText:
    """One quality dimension as a reader needs it."""

    id: str
    clause: str
    title: str
    deduct: float


@dataclass(frozen=True, slots=True)
class Outline:
    """A standard as a reader needs it, without its rules: what reports print beside verdicts."""

    id: str
    title: str
    sha256: str
    dimensions: tuple[DimensionText, ...]
    clauses: tuple[ClauseText, ...] = field(default=())

    def clause(self, clause_id: str) -> ClauseText:
        return next(clause for clause in self.clauses if clause.id == clause_id)
