"""The tables, as they are now. How they came to be is in :mod:`pipeline.store.migrations`.

Every call says which sound it is of and what listened, every scorecard which standard it was judged by,
and both name the run that made them, with its version and settings. The values themselves are JSON
of :mod:`pipeline.records`; a column stands beside them only where something is searched by, or where
somebody with SQL would ask for it. The views are for them: see :mod:`pipeline.store.views`.
"""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import BigInteger, DateTime, Dialect, Float, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import TypeDecorator


def now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


class Moment(TypeDecorator[datetime]):
    """A point in time, always in UTC; SQLite, which knows no time zones, keeps it without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """All tables of the store."""


class Meta(Base):
    """One row a property of the store itself, such as how fast a worker hears."""

    __tablename__ = "meta"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class RunRow(Base):
    """One run of ``callqa score`` or ``rescore``: what everything it made was made by.

    ``settings`` is JSON of :class:`pipeline.settings.Settings`. A run that was killed never gets an
    ``ended_at``; that it is gone shows by ``seen_at``, which a living one renews.
    """

    __tablename__ = "runs"
    run_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    callqa_version: Mapped[str]
    settings: Mapped[str] = mapped_column(Text)
    standard: Mapped[str]
    standard_sha256: Mapped[str]
    host: Mapped[str]
    pid: Mapped[int]
    process_began: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(Moment)
    seen_at: Mapped[datetime] = mapped_column(Moment)
    ended_at: Mapped[datetime | None] = mapped_column(Moment)


class CallRow(Base):
    """One call, as listened to. ``recording_id`` is the SHA-256 of its sound file.

    ``provenance`` is JSON of :class:`pipeline.records.Provenance`, which the columns after it repeat.
    ``call`` may be empty: then its transcript was purged, and the columns are what is left.
    ``folder`` is where the recording was last met, ``None`` where that is not known, at ``met_at``, which is
    after all that was met before under its name, whatever the clock said then.
    """

    __tablename__ = "calls"
    recording_id: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(index=True)
    provenance: Mapped[str] = mapped_column(Text)
    call: Mapped[str] = mapped_column(Text)
    listened_at: Mapped[datetime] = mapped_column(Moment, default=now)
    callqa_version: Mapped[str]
    engine: Mapped[str]
    model: Mapped[str]
    weights_sha256: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    duration_ms: Mapped[int] = mapped_column(BigInteger)
    agent_id: Mapped[str | None]
    started_at: Mapped[str | None]
    kind: Mapped[str | None]
    line: Mapped[str | None]
    direction: Mapped[str | None]
    run_id: Mapped[str | None]
    folder: Mapped[str | None]
    met_at: Mapped[datetime | None] = mapped_column(Moment, default=now)


class AnswerRow(Base):
    """What a closer listen answered about a call. ``question_sha256`` is that of the question's JSON."""

    __tablename__ = "answers"
    recording_id: Mapped[str] = mapped_column(primary_key=True)
    question_sha256: Mapped[str] = mapped_column(primary_key=True)
    answer: Mapped[str] = mapped_column(Text)


class ScorecardRow(Base):
    """The newest scorecard of a call under a standard."""

    __tablename__ = "scorecards"
    recording_id: Mapped[str] = mapped_column(primary_key=True)
    standard: Mapped[str] = mapped_column(primary_key=True)
    standard_sha256: Mapped[str]
    score: Mapped[float | None] = mapped_column(Float)
    scorecard: Mapped[str] = mapped_column(Text)
    judged_at: Mapped[datetime] = mapped_column(Moment, default=now)
    callqa_version: Mapped[str | None]
    run_id: Mapped[str | None]


class VoiceRow(Base):
    """The calm voice of a call whose agent is known: see :class:`pipeline.records.CallVoice`.

    ``started_at`` is in UTC, ``kept_at`` when the call was first listened to.
    """

    __tablename__ = "voices"
    recording_id: Mapped[str] = mapped_column(primary_key=True)
    agent_id: Mapped[str] = mapped_column(index=True)
    started_at: Mapped[datetime | None] = mapped_column(Moment)
    kept_at: Mapped[datetime] = mapped_column(Moment, default=now)
    utterances: Mapped[int]
    pitch_st: Mapped[float] = mapped_column(Float)
    flux_db: Mapped[float] = mapped_column(Float)


class ClaimRow(Base):
    """A recording that a run has in hand, so that no other listens to it as well."""

    __tablename__ = "claims"
    recording_id: Mapped[str] = mapped_column(primary_key=True)
    run_id: Mapped[str]
    claimed_at: Mapped[datetime] = mapped_column(Moment, default=now)


class FailureRow(Base):
    """A recording that could not be judged. ``name`` is its SHA-256, or ``file:folder:file`` without one.

    ``attempts`` counts the times its own content was the reason, ``callqa_version`` is who tried last.
    """

    __tablename__ = "failures"
    name: Mapped[str] = mapped_column(primary_key=True)
    recording_id: Mapped[str | None] = mapped_column(index=True)
    file: Mapped[str]
    folder: Mapped[str]
    got: Mapped[str] = mapped_column(Text)
    expected: Mapped[str] = mapped_column(Text)
    hint: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int]
    callqa_version: Mapped[str]
    first_at: Mapped[datetime] = mapped_column(Moment)
    last_at: Mapped[datetime] = mapped_column(Moment)
    run_id: Mapped[str]
