"""Totals over exported calls, added up one call at a time: memory for agents and clauses, not for calls."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from pipeline.export.columns import Row
from pipeline.records import Status
from pipeline.show.tables import LIST_BREAK
from pipeline.show.verdicts import CRITICAL, failed_clauses
from pipeline.store.extract import Entry

OFTEN = 3
"""How many clauses an agent's row names."""

MADE = (
    "engine", "model", "weights_sha256", "callqa_version", "standard", "standard_sha256",
    "judged_version", "judged_run",
)  # fmt: skip


@dataclass
class Sum:
    """Totals of some calls. ``made`` are the values met of each column that says what made them."""

    calls: int = 0
    purged: int = 0
    scores: Counter[float] = field(default_factory=Counter)
    critical: int = 0
    passed: int = 0
    applicable: int = 0
    duration_ms: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    first: date | None = None
    last: date | None = None
    made: dict[str, dict[str, None]] = field(default_factory=dict)

    @property
    def scored(self) -> int:
        return self.scores.total()

    @property
    def mean_score(self) -> float | None:
        if not self.scored:
            return None
        return sum(score * count for score, count in self.scores.items()) / self.scored

    @property
    def kept_share(self) -> float | None:
        return self.passed / self.applicable if self.applicable else None

    def add(self, entry: Entry, made: Row) -> None:
        card = entry.card
        self.calls += 1
        self.purged += entry.call is None
        if card.score is not None:
            self.scores[card.score] += 1
        self.critical += CRITICAL in card.flags
        self.passed += card.passed
        self.applicable += card.applicable
        self.duration_ms += entry.duration_ms
        self.failed.update(failed_clauses(card))
        self.first = min(self.first or entry.day, entry.day)
        self.last = max(self.last or entry.day, entry.day)
        for name in MADE:
            if made[name] is not None:
                self.made.setdefault(name, {})[str(made[name])] = None

    def joined(self, name: str) -> str | None:
        """The values met of a column, in order."""
        return LIST_BREAK.join(sorted(self.made.get(name, ()))) or None


@dataclass
class Totals:
    """Totals of everything exported, of each agent's calls, and of each clause.

    ``clauses`` are in the order they were met; ``newest`` is when the last of the calls was judged.
    """

    all: Sum = field(default_factory=Sum)
    by_agent: dict[str | None, Sum] = field(default_factory=dict)
    clauses: dict[str, Counter[Status]] = field(default_factory=dict)
    newest: datetime | None = None

    def add(self, entry: Entry, made: Row) -> None:
        """The next call; ``made`` is what made it."""
        for one in (self.all, self.by_agent.setdefault(entry.agent_id, Sum())):
            one.add(entry, made)
        for verdict in entry.card.verdicts:
            self.clauses.setdefault(verdict.clause, Counter())[verdict.status] += 1
        self.newest = max(self.newest or entry.judged_at, entry.judged_at)

    def agent_rows(self) -> Iterator[Row]:
        """The rows of ``agents``, by their names; calls that name no agent come last."""
        for agent_id, one in sorted(
            self.by_agent.items(), key=lambda pair: (pair[0] is None, pair[0] or "")
        ):
            yield {
                "agent_id": agent_id,
                "calls": one.calls,
                "scored": one.scored,
                "mean_score": _rounded(one.mean_score, 2),
                "lowest_score": min(one.scores, default=None),
                "critical": one.critical,
                "passed": one.passed,
                "applicable": one.applicable,
                "passed_share": _rounded(one.kept_share, 4),
                "often_failed": LIST_BREAK.join(clause for clause, _ in _most(one.failed, OFTEN)),
                "first_day": one.first,
                "last_day": one.last,
                **{name: one.joined(name) for name in MADE},
            }

    def most_failed(self) -> list[tuple[str, int, int]]:
        """Clauses that failed, most often first: their number, failures, and calls judged."""
        failed = {clause: counts["fail"] for clause, counts in self.clauses.items()}
        return [
            (clause, count, count + self.clauses[clause]["pass"])
            for clause, count in _most(Counter(failed), None)
            if count
        ]


def _most(counts: Counter[str], most: int | None) -> list[tuple[str, int]]:
    """The commonest first, equals in order of their names."""
    return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:most]


def _rounded(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
