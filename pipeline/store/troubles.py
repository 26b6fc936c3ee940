"""What could not be judged: how it is told, when it is tried again, and when it is no trouble any more."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from pipeline import __version__
from pipeline.records import Failure
from pipeline.store.database import Database
from pipeline.store.schema import CallRow, FailureRow

ATTEMPTS = 3
"""How often a recording may fail by its own content before it is set aside: three nights."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """A failure as the store knows it. ``set_aside`` means it is not tried again unless asked for."""

    failure: Failure
    folder: str
    attempts: int
    first_at: datetime
    last_at: datetime
    set_aside: bool

    def told(self) -> Failure:
        """The failure, with what to do about it now."""
        if not self.set_aside:
            return self.failure
        return replace(
            self.failure,
            hint=f"{self.failure.hint} It was tried {self.attempts} times and is set aside: "
            "`callqa failures --retry` has it tried again.",
        )


def trouble_of(row: FailureRow) -> Trouble:
    return Trouble(
        Failure(row.file, row.got, row.expected, row.hint, row.recording_id),
        row.folder,
        row.attempts,
        row.first_at,
        row.last_at,
        row.attempts >= ATTEMPTS and row.callqa_version == __version__,
    )


def troubles(database: Database) -> tuple[Trouble, ...]:
    """Every recording that could not be judged when it was last tried, in the order of their files.

    A file that was scored since, with another content, is none.
    """
    scored_since = exists().where(
        CallRow.folder == FailureRow.folder,
        CallRow.file == FailureRow.file,
        CallRow.met_at > FailureRow.last_at,
    )
    with database.reading() as session:
        rows = session.scalars(select(FailureRow).where(~scored_since))
        found = [trouble_of(row) for row in rows]
    return tuple(sorted(found, key=lambda one: (one.failure.file, one.folder)))


def try_again(database: Database, files: Sequence[str]) -> tuple[str, ...]:
    """Have recordings tried again by the next run, all of them or some files'; gives their files."""
    with database.writing() as session:
        rows = session.scalars(select(FailureRow)).all()
        chosen = [row for row in rows if not files or row.file in files]
        for row in chosen:
            row.attempts = 0
        return tuple(sorted(row.file for row in chosen))


def forget_gone(
    session: Session, folder: str, present: Collection[str], closed: Collection[str]
) -> None:
    """Drop the failures of recordings that are no longer in a folder, removed or mended under their name.

    ``present`` are the ids of those that are; what lies below the folders ``closed`` nobody has seen.
    """
    rows = session.execute(
        select(FailureRow.name, FailureRow.recording_id, FailureRow.file)
        .where(FailureRow.folder == folder, FailureRow.name == FailureRow.recording_id)
    )  # fmt: skip
    gone = [
        name
        for name, recording_id, file in rows
        if recording_id not in present and not any(file.startswith(f"{one}/") for one in closed)
    ]
    for name in gone:
        session.execute(delete(FailureRow).where(FailureRow.name == name))
