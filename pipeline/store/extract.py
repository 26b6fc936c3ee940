"""Scored calls as they leave the store, a block at a time: what was said, ruled, and by what.

Whatever leaves here is not masked yet.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from msgspec import DecodeError
from sqlalchemy import select

from pipeline.errors import UsageError
from pipeline.records import Call, Scorecard, from_json
from pipeline.store.bearers import bearers
from pipeline.store.database import Database, of_another_version
from pipeline.store.schema import CallRow, ScorecardRow

BLOCK = 100
"""Calls read at a time: some ten megabytes of text."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which calls: under one standard, of days (both included), of agents, scored below."""

    standard: str
    since: date | None = None
    until: date | None = None
    agents: tuple[str, ...] = ()
    below: float | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A call under a standard, and what made it.

    ``call`` is ``None`` where what was said was purged. ``day`` is that of ``started_at`` (ISO 8601
    as calls.csv gave it), else that of ``listened_at`` in UTC, as in the view ``agent_scores``.
    """

    card: Scorecard
    call: Call | None
    day: date
    agent_id: str | None
    started_at: str | None
    line: str | None
    direction: str | None
    duration_ms: int
    size_bytes: int
    listened_at: datetime
    engine: str
    model: str
    weights_sha256: str
    heard_version: str
    heard_run: str | None
    judged_at: datetime
    judged_version: str | None
    judged_run: str | None


def standard_in_store(database: Database, asked: str | None) -> str:
    """The standard to export: the one asked for, or the only one there is.

    Raises:
        UsageError: no calls were judged by it, or several were and none is asked for.
    """
    with database.reading() as session:
        known = sorted(session.scalars(select(ScorecardRow.standard).distinct()))
    if asked in known:
        return str(asked)
    if asked is None and len(known) == 1:
        return known[0]
    listed = ", ".join(known)
    if not known:
        raise UsageError(
            database.shown, "no scored calls", "a store that was scored into", "Score calls first."
        )
    got = "calls judged by several standards" if asked is None else f"no standard {asked!r}"
    raise UsageError(database.shown, got, f"one of {listed}", "Name it with --standard.")


def agents_in_store(database: Database) -> tuple[str, ...]:
    """Every agent of whom a call is kept, in order."""
    with database.reading() as session:
        named = select(CallRow.agent_id).where(CallRow.agent_id.is_not(None)).distinct()
        return tuple(sorted(one for one in session.scalars(named) if one))


def entries(database: Database, wanted: Wanted) -> Iterator[Entry]:
    """The calls that are wanted, in the order of their files; as in reports, none that was replaced.

    Raises:
        StoreError: the store cannot be read, or holds something of another version.
    """
    chosen = _chosen(database, wanted)
    for at in range(0, len(chosen), BLOCK):
        yield from _block(database, wanted.standard, chosen[at : at + BLOCK])


def day_counted(started_at: str | None, listened_at: datetime) -> date:
    """The day a call counts to, by the clock of whoever stamped it, as in the views.

    >>> day_counted("2026-03-02T23:30:00+08:00", datetime(2026, 3, 9))
    datetime.date(2026, 3, 2)
    """
    return date.fromisoformat(started_at[:10]) if started_at else listened_at.date()


def _chosen(database: Database, wanted: Wanted) -> list[str]:
    query = (
        select(
            CallRow.file,
            CallRow.recording_id,
            CallRow.started_at,
            CallRow.listened_at,
            CallRow.agent_id,
            ScorecardRow.score,
        )
        .join(ScorecardRow, ScorecardRow.recording_id == CallRow.recording_id)
        .where(ScorecardRow.standard == wanted.standard)
    )
    found = []
    with database.reading() as session:
        replaced = bearers(session).replaced
        for file, identity, started_at, listened_at, agent_id, score in session.execute(query):
            day = day_counted(started_at, listened_at)
            if (
                identity not in replaced
                and (wanted.since is None or day >= wanted.since)
                and (wanted.until is None or day <= wanted.until)
                and (not wanted.agents or agent_id in wanted.agents)
                and (wanted.below is None or (score is not None and score < wanted.below))
            ):
                found.append((file, identity))
    return [identity for _, identity in sorted(found)]


def _block(database: Database, standard: str, ids: Sequence[str]) -> Iterator[Entry]:
    query = (
        select(CallRow, ScorecardRow)
        .join(ScorecardRow, ScorecardRow.recording_id == CallRow.recording_id)
        .where(ScorecardRow.standard == standard, CallRow.recording_id.in_(ids))
    )
    with database.reading() as session:
        found = {call.recording_id: (call, card) for call, card in session.execute(query)}
    for identity in ids:
        if identity in found:
            yield _entry(database, *found[identity])


def _entry(database: Database, row: CallRow, judged: ScorecardRow) -> Entry:
    try:
        card = from_json(Scorecard, judged.scorecard)
        call = from_json(Call, row.call) if row.call else None
    except DecodeError as error:
        raise of_another_version(database.shown, row.file) from error
    return Entry(
        card=card,
        call=call,
        day=day_counted(row.started_at, row.listened_at),
        agent_id=row.agent_id,
        started_at=row.started_at,
        line=row.line,
        direction=row.direction,
        duration_ms=row.duration_ms,
        size_bytes=row.size_bytes,
        listened_at=row.listened_at,
        engine=row.engine,
        model=row.model,
        weights_sha256=row.weights_sha256,
        heard_version=row.callqa_version,
        heard_run=row.run_id,
        judged_at=judged.judged_at,
        judged_version=judged.callqa_version,
        judged_run=judged.run_id,
    )
