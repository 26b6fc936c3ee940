"""Which verdict, and which of its evidence, a reader should meet first."""

from __future__ import annotations

from collections.abc import Iterable

from pipeline.records import Evidence, Scorecard, Status, Verdict

URGENCY: tuple[Status, ...] = ("fail", "unjudged", "pass", "not_applicable")
"""The order in which a reader cares."""

MANUAL = "manual"
"""Reason code of clauses that no recording can answer: a person's checklist."""

CRITICAL = "critical"
"""Flag of a call that failed a clause which counts whatever the score."""


def of_status(scorecard: Scorecard, status: Status) -> tuple[Verdict, ...]:
    """The verdicts of one status, in the standard's order."""
    return tuple(verdict for verdict in scorecard.verdicts if verdict.status == status)


def failed_clauses(scorecard: Scorecard) -> tuple[str, ...]:
    """Numbers of the clauses not kept, in the standard's order."""
    return tuple(verdict.clause for verdict in of_status(scorecard, "fail"))


def open_questions(scorecard: Scorecard) -> tuple[Verdict, ...]:
    """Verdicts left unjudged that a better recording or record could have settled."""
    return tuple(v for v in of_status(scorecard, "unjudged") if v.reason.code != MANUAL)


def checklist(scorecard: Scorecard) -> tuple[Verdict, ...]:
    """Verdicts that only a person on the spot can give."""
    return tuple(v for v in of_status(scorecard, "unjudged") if v.reason.code == MANUAL)


def worst(statuses: Iterable[Status]) -> Status:
    """The most urgent of some statuses."""
    return min(statuses, key=URGENCY.index)


def telling(verdict: Verdict) -> Evidence | None:
    """The evidence to show where there is room for one: a quote before a measurement, of a failure the
    agent's before that of who was owed something.
    """
    quotes = [evidence for evidence in verdict.evidence if evidence.quote]
    if verdict.status == "fail":
        quotes.sort(key=lambda evidence: evidence.role != "agent")
    if quotes:
        return quotes[0]
    for evidence in verdict.evidence:
        if evidence.measured is not None:
            return evidence
    return verdict.evidence[0] if verdict.evidence else None
