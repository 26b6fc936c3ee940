"""Verdicts -> deductions -> score.

100, less what each quality dimension (5.1-5.4) lost: a failed clause costs its ``points``, by default
all that its dimension may lose, and a dimension never loses more than that. Doubt never deducts.
"""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.judge.standard import StandardModel
from pipeline.records import Deduction, Verdict

FULL = 100.0


def deductions(verdicts: Iterable[Verdict], standard: StandardModel) -> tuple[Deduction, ...]:
    """What each dimension lost, in the standard's order; dimensions that lost nothing are left out."""
    failed = {verdict.clause for verdict in verdicts if verdict.status == "fail"}
    lost: list[Deduction] = []
    for dimension in standard.dimensions:
        clauses = [c for c in standard.clauses if c.dimension == dimension.id and c.id in failed]
        if clauses:
            points = sum(dimension.deduct if c.points is None else c.points for c in clauses)
            lost.append(
                Deduction(
                    dimension.id,
                    min(points, dimension.deduct),
                    tuple(clause.id for clause in clauses),
                )
            )
    return tuple(lost)


def total(lost: Iterable[Deduction]) -> float:
    """The score behind some deductions, never below 0.

    >>> total([Deduction("conduct", 10, ("4.1.7.1",)), Deduction("calm", 5, ("4.1.5",))])
    85.0
    """
    return max(0.0, FULL - sum(deduction.points for deduction in lost))
