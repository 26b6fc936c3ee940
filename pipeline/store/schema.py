"""The tables. ``SCHEMA`` counts their changes; a store of another count is refused, not guessed at."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SCHEMA = 1


def _now() -> datetime:
    return datetime.now(UTC)


class Base(DeclarativeBase):
    """All tables of the store."""


class Meta(Base):
    """One row a property of the store itself."""

    __tablename__ = "meta"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]


class CallRow(Base):
    """One call, as listened to. ``provenance`` tells what listened."""

    __tablename__ = "calls"
    recording_id: Mapped[str] = mapped_column(primary_key=True)
    file: Mapped[str] = mapped_column(index=True)
    provenance: Mapped[str] = mapped_column(Text)
    call: Mapped[str] = mapped_column(Text)
    listened_at: Mapped[datetime] = mapped_column(default=_now)


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
    score: Mapped[float | None]
    scorecard: Mapped[str] = mapped_column(Text)
    judged_at: Mapped[datetime] = mapped_column(default=_now)
