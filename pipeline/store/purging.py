"""What is deleted when it is old enough: what was said, or everything kept of a call.

A call is as old as its ``started_at``, else as when it was listened to. Deletion is real as far as the
database reaches: see :meth:`~pipeline.store.database.Database.vacuum`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from msgspec import DecodeError
from sqlalchemy import LargeBinary, cast, delete, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session
from sqlalchemy.sql import ColumnElement

from pipeline.days import in_utc
from pipeline.records import Evidence, Reason, Scorecard, from_json, to_json
from pipeline.store.database import Database, of_another_version
from pipeline.store.schema import (
    AnswerRow,
    CallRow,
    ClaimRow,
    FailureRow,
    Meta,
    ScorecardRow,
    VoiceRow,
)

BLOCK = 200
"""Calls of one transaction: kept as a whole or gone as a whole."""

PURGED = "purged before"
"""Property of a store: the moment from before which calls were last purged as a whole."""


@dataclass(frozen=True, slots=True)
class Old:
    """A call that is old enough. ``stored_bytes`` is the room its words and scorecards take in the store.

    ``worded`` tells whether what was said is still there.
    """

    recording_id: str
    file: str
    size_bytes: int
    began: datetime
    stored_bytes: int
    worded: bool


def older_than(database: Database, moment: datetime) -> tuple[Old, ...]:
    """The calls from before a moment, in the order of their files."""
    cards = (
        select(
            ScorecardRow.recording_id,
            func.sum(_bytes_of(ScorecardRow.scorecard, database)).label("size"),
        )
        .group_by(ScorecardRow.recording_id)
        .subquery()
    )
    query = select(
        CallRow.recording_id,
        CallRow.file,
        CallRow.size_bytes,
        CallRow.started_at,
        CallRow.listened_at,
        _bytes_of(CallRow.call, database),
        func.coalesce(cards.c.size, 0),
    ).outerjoin(cards, cards.c.recording_id == CallRow.recording_id)
    found = []
    with database.reading() as session:
        for identity, file, size, started_at, listened_at, words, judged in session.execute(query):
            began = in_utc(datetime.fromisoformat(started_at)) if started_at else listened_at
            if began < moment:
                one = Old(identity, file, size, began, int(words) + int(judged), words > 0)
                found.append(one)
    return tuple(sorted(found, key=lambda one: (one.file, one.recording_id)))


def purge_words(database: Database, ids: Sequence[str]) -> None:
    """Delete what was said in some calls; verdicts, scores and what made them, the voice's too, stay.

    Gone are transcript, thrown-away words and call record, the answers of closer listens, and of
    scorecards the quotes and the details of reasons.

    Raises:
        StoreError: a scorecard was kept by another version
    """
    for at in range(0, len(ids), BLOCK):
        block = ids[at : at + BLOCK]
        with database.writing() as session:
            session.execute(update(CallRow).where(CallRow.recording_id.in_(block)).values(call=""))
            session.execute(delete(AnswerRow).where(AnswerRow.recording_id.in_(block)))
            cards = select(ScorecardRow).where(ScorecardRow.recording_id.in_(block))
            for row in session.scalars(cards):
                try:
                    card = from_json(Scorecard, row.scorecard)
                except DecodeError as error:
                    raise of_another_version(database.shown, row.recording_id) from error
                row.scorecard = to_json(without_words(card))


def purge_calls(database: Database, ids: Sequence[str], moment: datetime) -> None:
    """Delete everything kept of some calls, and failures that were last met before a moment."""
    for at in range(0, len(ids), BLOCK):
        block = ids[at : at + BLOCK]
        with database.writing() as session:
            for table in (AnswerRow, ScorecardRow, ClaimRow, FailureRow, VoiceRow, CallRow):
                session.execute(delete(table).where(table.recording_id.in_(block)))
    with database.writing() as session:
        session.execute(delete(FailureRow).where(FailureRow.last_at < moment))
        if not ids:
            return
        known = session.get(Meta, PURGED)
        latest = max(moment, datetime.fromisoformat(known.value)) if known else moment
        session.merge(Meta(name=PURGED, value=in_utc(latest).isoformat()))


def purged_before(database: Database) -> datetime | None:
    """Calls from before this moment may have been purged as a whole; ``None`` if none ever was."""
    with database.reading() as session:
        known = session.get(Meta, PURGED)
        return datetime.fromisoformat(known.value) if known else None


def _bytes_of(text: InstrumentedAttribute[str], database: Database) -> ColumnElement[int]:
    """How many bytes a text takes, of which a Chinese character takes three."""
    if database.dialect == "postgresql":
        return func.octet_length(text)
    return func.length(cast(text, LargeBinary))  # SQLite knows octet_length only since 3.43


def purged(session: Session, ids: Iterable[str]) -> set[str]:
    """Those of some recordings that are known, but whose words were purged."""
    query = select(CallRow.recording_id).where(CallRow.recording_id.in_(list(ids)))
    return set(session.scalars(query.where(CallRow.call == "")))


def worded(session: Session, ids: Iterable[str]) -> set[str]:
    """Those of some recordings whose words are kept; none is purged before the transaction ends."""
    query = select(CallRow.recording_id).where(CallRow.recording_id.in_(list(ids)))
    return set(session.scalars(query.where(CallRow.call != "").with_for_update(read=True)))


def without_words(card: Scorecard) -> Scorecard:
    """The scorecard without anything that was said: its rulings, times and measurements."""
    return replace(
        card,
        verdicts=tuple(
            replace(one, reason=_bare(one.reason), evidence=_unquoted(one.evidence))
            for one in card.verdicts
        ),
        situations=tuple(replace(one, evidence=_unquoted(one.evidence)) for one in card.situations),
    )


def _bare(reason: Reason) -> Reason:
    return Reason(reason.code, (), tuple(_bare(part) for part in reason.parts))


def _unquoted(evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
    return tuple(replace(one, quote=None) for one in evidence)
