"""Which call bears a name: recordings are replaced under theirs, and several folders have an ``a.wav``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from pipeline.store.schema import CallRow, FailureRow, now

LATEST = (CallRow.met_at.desc(), CallRow.recording_id.desc())
"""The order in which the first of several calls bears their name."""


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
    met = update(CallRow).where(CallRow.recording_id == recording_id)
    session.execute(met.values(folder=folder, met_at=now()))
