"""A call in brief: what totals and tables need of it, so small that ten thousand fit in memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.records import Judged, Reason, Status
from pipeline.show.verdicts import CRITICAL, checklist, failed_clauses, open_questions


@dataclass(frozen=True, slots=True)
class Brief:
    """One call's row. ``statuses`` are of the standard's clauses, in their order.

    ``failed`` names the clauses not kept, ``open`` those left unjudged that a better recording or
    record could have settled, with the reason; ``manual`` counts those left to a person.
    """

    recording_id: str
    file: str
    score: float | None
    passed: int
    applicable: int
    flags: tuple[str, ...]
    duration_ms: int
    agent_id: str | None
    started_at: datetime | None
    statuses: tuple[tuple[str, Status], ...]
    failed: tuple[str, ...]
    open: tuple[tuple[str, Reason], ...]
    manual: int

    @property
    def unjudged(self) -> int:
        """How many clauses were not ruled on, for whatever reason."""
        return len(self.open) + self.manual

    @property
    def critical(self) -> bool:
        return CRITICAL in self.flags

    @property
    def rank(self) -> tuple[bool, float, bool, str]:
        """Sorts calls lowest score first, of one score the critical ones; calls without a score come last."""
        return (self.score is None, self.score or 0.0, not self.critical, self.file)


def brief_of(judged: Judged) -> Brief:
    """The call in brief, masked as far as it is."""
    card, call = judged.scorecard, judged.call
    record = call.recording.record
    return Brief(
        recording_id=card.recording_id,
        file=card.file,
        score=card.score,
        passed=card.passed,
        applicable=card.applicable,
        flags=card.flags,
        duration_ms=call.duration_ms,
        agent_id=record.agent_id,
        started_at=record.started_at,
        statuses=tuple((verdict.clause, verdict.status) for verdict in card.verdicts),
        failed=failed_clauses(card),
        open=tuple((verdict.clause, verdict.reason) for verdict in open_questions(card)),
        manual=len(checklist(card)),
    )
