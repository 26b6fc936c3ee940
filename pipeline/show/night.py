"""The night in totals: what the head of the report says before it comes to single calls."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import fmean

from pipeline.records import ClauseText, Failure, Outline, Reason, Status
from pipeline.show.brief import Brief

BIN_POINTS = 5
USUAL_LOWEST = 60
"""Four dimensions of ten points each: no call of the shipped standard scores lower."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Calls whose score lies in ``[low, high)``; the last bin is the full score alone."""

    low: int
    high: int
    calls: int

    @property
    def label(self) -> str:
        return str(self.low) if self.low == 100 else f"{self.low}–{self.high - 1}"


@dataclass(frozen=True, slots=True)
class ClauseCount:
    """How one clause fared over the night."""

    clause: ClauseText
    counts: tuple[tuple[Status, int], ...]

    def of(self, status: Status) -> int:
        return dict(self.counts).get(status, 0)

    @property
    def judged(self) -> int:
        return self.of("pass") + self.of("fail")

    @property
    def fail_share(self) -> float:
        """Share of judged calls that failed it, 0 to 1."""
        return self.of("fail") / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class Unjudged:
    """Verdicts left open for one kind of reason; ``reason`` is the first of them."""

    reason: Reason
    verdicts: int
    calls: int
    clauses: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agent:
    """One agent's night. ``score`` is the mean of the scored calls, None without any."""

    id: str
    calls: int
    score: float | None
    critical: int
    often: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Night:
    """All totals of a report. Shares are 0 to 1; None where nothing was there to share."""

    calls: int
    scored: int
    failures: tuple[Failure, ...]
    duration_ms: int
    first: datetime | None
    last: datetime | None
    score: float | None
    kept: float | None
    critical: int
    bins: tuple[Bin, ...]
    clauses: tuple[ClauseCount, ...]
    unjudged: tuple[Unjudged, ...]
    manual: int
    agents: tuple[Agent, ...]

    @property
    def most_failed(self) -> tuple[ClauseCount, ...]:
        """Clauses that failed, most often first; equal counts in order of their share."""
        failed = [count for count in self.clauses if count.of("fail")]
        failed.sort(key=lambda count: (-count.of("fail"), -count.fail_share))
        return tuple(failed)


def night_of(calls: Sequence[Brief], failures: Sequence[Failure], outline: Outline) -> Night:
    """Totals over all calls judged and all recordings that could not be listened to."""
    scores = [one.score for one in calls if one.score is not None]
    # By the clock on the wall: recordings with and without a time zone cannot be compared.
    starts = [one.started_at.replace(tzinfo=None) for one in calls if one.started_at is not None]
    applicable = sum(one.applicable for one in calls)
    return Night(
        calls=len(calls),
        scored=len(scores),
        failures=tuple(sorted(failures, key=lambda failure: failure.file)),
        duration_ms=sum(one.duration_ms for one in calls),
        first=min(starts, default=None),
        last=max(starts, default=None),
        score=fmean(scores) if scores else None,
        kept=sum(one.passed for one in calls) / applicable if applicable else None,
        critical=sum(one.critical for one in calls),
        bins=bins_of(scores),
        clauses=_clause_counts(calls, outline),
        unjudged=_unjudged(calls),
        manual=sum(one.manual for one in calls),
        agents=_agents(calls),
    )


def bins_of(scores: Iterable[float]) -> tuple[Bin, ...]:
    """The distribution of scores, from the usual lowest or the worst seen up to full score."""
    counts = Counter(int(score // BIN_POINTS) * BIN_POINTS for score in scores)
    lowest = min([USUAL_LOWEST, *counts])
    return tuple(
        Bin(low, low + BIN_POINTS, counts[low]) for low in range(lowest, 100 + 1, BIN_POINTS)
    )


def _clause_counts(calls: Sequence[Brief], outline: Outline) -> tuple[ClauseCount, ...]:
    counts: defaultdict[str, Counter[Status]] = defaultdict(Counter)
    for one in calls:
        for clause, status in one.statuses:
            counts[clause][status] += 1
    return tuple(
        ClauseCount(clause, tuple(sorted(counts[clause.id].items()))) for clause in outline.clauses
    )


def _unjudged(calls: Sequence[Brief]) -> tuple[Unjudged, ...]:
    """Why verdicts stayed open, the commonest reason first; manual clauses are counted apart."""
    found: dict[str, list[tuple[str, str, Reason]]] = defaultdict(list)
    for one in calls:
        for clause, reason in one.open:
            found[reason.code].append((one.file, clause, reason))
    groups = [
        Unjudged(
            reason=rows[0][2],
            verdicts=len(rows),
            calls=len({file for file, _, _ in rows}),
            clauses=tuple(dict.fromkeys(clause for _, clause, _ in rows)),
        )
        for rows in found.values()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.verdicts, group.reason.code)))


def _agents(calls: Sequence[Brief]) -> tuple[Agent, ...]:
    """Agents whose calls say who they are, lowest mean score first."""
    by_agent: dict[str, list[Brief]] = defaultdict(list)
    for one in calls:
        if one.agent_id:
            by_agent[one.agent_id].append(one)
    agents = [_agent(agent_id, own) for agent_id, own in by_agent.items()]
    return tuple(
        sorted(agents, key=lambda agent: (agent.score is None, agent.score or 0.0, agent.id))
    )


def _agent(agent_id: str, calls: Sequence[Brief]) -> Agent:
    scores = [one.score for one in calls if one.score is not None]
    failed = Counter(clause for one in calls for clause in one.failed)
    return Agent(
        id=agent_id,
        calls=len(calls),
        score=fmean(scores) if scores else None,
        critical=sum(one.critical for one in calls),
        often=tuple(failed.most_common(3)),
    )
