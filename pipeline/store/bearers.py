"""Which call bears a name: recordings are replaced under theirs, and several folders have an ``a.wav``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from pipeline.store.schema import CallRow, FailureRow, now

LATEST = (CallRow.met_at.desc(), CallRow.recording_id.desc())
"""The order in which the first of several calls bears their name."""

TICK = timedelta(microseconds=1)
"""What databases can tell two moments by."""


@dataclass(frozen=True, slots=True)
class Bearers:
    """``by_file`` is the id of the call that bears each name; calls that were ``replaced`` are none of them.

    Replaced is a call when another one was met later in the same folder under the same name, or what then lay
    there could not be judged. Of calls kept before folders were, nobody can tell.
    """

    by_file: Mapping[str, str]
    replaced: frozenset[str]


def bearers(session: Session) -> Bearers:
    """Of all calls, those included whose words were purged."""
    query = select(CallRow.file, CallRow.folder, CallRow.recording_id, CallRow.met_at)
    failed = select(FailureRow.folder, FailureRow.file, FailureRow.recording_id, FailureRow.last_at)
    troubles: dict[tuple[str, str], list[tuple[str | None, datetime]]] = {}
    for where, name, failed_id, last_at in session.execute(failed):
        troubles.setdefault((where, name), []).append((failed_id, last_at))
    by_file: dict[str, str] = {}
    met: set[tuple[str, str]] = set()
    replaced = set()
    for file, folder, recording_id, met_at in session.execute(query.order_by(*LATEST)):
        by_file.setdefault(file, recording_id)
        if folder is None:
            continue
        later = (
            other != recording_id and (met_at is None or last_at > met_at)
            for other, last_at in troubles.get((folder, file), ())
        )
        if (folder, file) in met or any(later):
            replaced.add(recording_id)
        met.add((folder, file))
    return Bearers(by_file, frozenset(replaced))


def bearer(session: Session, file: str) -> CallRow | None:
    """The call that bears just this name."""
    return session.scalars(select(CallRow).where(CallRow.file == file).order_by(*LATEST)).first()


def names_like(session: Session, file: str) -> tuple[str, ...]:
    """The name itself, if a call bears it, else those that end with it (``lobby/a.wav``), in order."""
    if bearer(session, file) is not None:
        return (file,)
    ending = CallRow.file.endswith("/" + file, autoescape=True)
    return tuple(sorted(session.scalars(select(CallRow.file).where(ending).distinct())))


def note_met(session: Session, recording_id: str, folder: str) -> None:
    """A call's recording has just been met in a folder, under the name that is kept."""
    this = CallRow.recording_id == recording_id
    file = session.scalars(select(CallRow.file).where(this)).one_or_none()
    if file is not None:
        met_at = meeting(session, recording_id, file, folder)
        session.execute(update(CallRow).where(this).values(folder=folder, met_at=met_at))


def meeting(session: Session, recording_id: str, file: str, folder: str | None = None) -> datetime:
    """When a recording that has just been met was so: after all others under its name.

    That is now, unless a clock that was ahead met one of those, or had one fail that lay in its folder.
    """
    met = select(func.max(CallRow.met_at)).where(
        CallRow.file == file, CallRow.recording_id != recording_id
    )
    failed = select(func.max(FailureRow.last_at)).where(
        FailureRow.folder == folder,
        FailureRow.file == file,
        FailureRow.recording_id.is_distinct_from(recording_id),
    )
    return _after(session.scalar(met), session.scalar(failed))


def failing(session: Session, folder: str, file: str) -> datetime:
    """The same of what has just failed: after the calls that were met in its place."""
    place = CallRow.folder == folder, CallRow.file == file
    return _after(session.scalar(select(func.max(CallRow.met_at)).where(*place)))


def _after(*moments: datetime | None) -> datetime:
    return max([now(), *(one + TICK for one in moments if one is not None)])
