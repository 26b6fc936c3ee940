"""Who listens to what: runs, the recordings they have in hand, and those that could not be judged.

A run claims a recording before it listens, and lets go of it in the transaction that keeps what came of it.
So of several runs on one store only one listens to a recording, and a run that was killed leaves claims
behind by which the next one knows what it was at: any of those recordings may be what killed it.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from enum import Enum
from pathlib import Path
from threading import Event, Thread
from types import TracebackType
from uuid import uuid4

import psutil
from sqlalchemy import CursorResult, Dialect, Update, delete, select, text, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from pipeline import __version__
from pipeline.errors import CallqaError, StoreError
from pipeline.records import Failure
from pipeline.store.bearers import failing
from pipeline.store.database import Database
from pipeline.store.schema import ClaimRow, FailureRow, RunRow, now
from pipeline.store.troubles import Trouble, forget_gone, trouble_of

SEEN_EVERY_S = 30
"""How often a run says that it is alive."""

GONE_AFTER = timedelta(minutes=5)
"""After how long without a word a run on another machine counts as dead; clocks may differ by less."""

SAME_PROCESS_S = 5
"""Start times of one process, asked for twice, differ by less: clocks are set while it runs."""


FORESEEN = (CallqaError, KeyboardInterrupt, GeneratorExit)
"""What ends a run without a recording in hand being the reason."""


CLAIMS = 0x636C61696D
"""Number of the advisory lock of claims and failures in PostgreSQL: "claim" in ASCII."""

_ours: set[str] = set()
"""The runs of this process that are not over."""


class Claim(Enum):
    """What came of claiming a recording.

    ``SUSPECT`` is ours too, but the run that had it died; ``HELD`` is another living run's.
    """

    OURS = "ours"
    SUSPECT = "suspect"
    HELD = "held"


class Run:
    """A run of ``callqa score`` or ``rescore`` in the store, from entering its block to leaving it.

    A run that ends lets go of what it had in hand, unless it was killed or a bug of ours ended it:
    then one of those recordings may be the reason, and the next run treats them as suspects.
    """

    def __init__(
        self, database: Database, kind: str, settings: str, standard: str, standard_sha256: str
    ) -> None:
        self._database = database
        self.id = uuid4().hex
        began = now()
        me = psutil.Process()
        self._row = RunRow(
            run_id=self.id,
            kind=kind,
            callqa_version=__version__,
            settings=settings,
            standard=standard,
            standard_sha256=standard_sha256,
            host=_here(),
            pid=me.pid,
            process_began=str(me.create_time()),
            started_at=began,
            seen_at=began,
        )
        self._failed_by: dict[str, str] = {}
        self._over = Event()
        self._pulse = Thread(target=self._tell_alive, name="callqa-pulse", daemon=True)

    def __enter__(self) -> Run:
        with self._database.writing() as session:
            session.add(self._row)
            failed = select(FailureRow.name, FailureRow.run_id)
            self._failed_by = dict(session.execute(failed).all())
        _ours.add(self.id)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._over.set()
        if self._pulse.ident is not None:
            self._pulse.join()
        _ours.discard(self.id)
        try:
            with self._alone() as session:
                if error is None or isinstance(error, FORESEEN):
                    session.execute(delete(ClaimRow).where(ClaimRow.run_id == self.id))
                session.execute(_mine(self.id).values(ended_at=now(), seen_at=now()))
        except StoreError:
            if error is None:
                raise
            # what ended the run is what counts; its claims are let go when it is seen to be gone

    def keep_pulse(self) -> None:
        """Say from now on, every so often, that the run is alive.

        Not before processes are forked: a thread would not come along, and what it holds would.
        """
        if self._pulse.ident is None:
            self._pulse.start()

    @contextmanager
    def _alone(self) -> Iterator[Session]:
        """A transaction beside which no other run claims, lets go or fails."""
        with self._database.writing() as session:
            _lock(session)
            yield session

    def claim(self, recording_id: str) -> Claim:
        """Take a recording in hand, if no other living run has it."""
        self.keep_pulse()
        with self._alone() as session:
            if _insert_new(
                session, ClaimRow, recording_id=recording_id, run_id=self.id, claimed_at=now()
            ):
                return Claim.OURS
            holder = session.scalars(
                select(RunRow).join(ClaimRow, ClaimRow.run_id == RunRow.run_id)
                .where(ClaimRow.recording_id == recording_id)
            ).first()  # fmt: skip
            if holder is not None and holder.run_id == self.id:
                return Claim.OURS
            if holder is not None and lives(holder):
                return Claim.HELD
            session.execute(
                update(ClaimRow)
                .where(ClaimRow.recording_id == recording_id)
                .values(run_id=self.id, claimed_at=now())
            )
            return Claim.SUSPECT

    def holders(self, recording_ids: Collection[str]) -> tuple[str, ...]:
        """The other runs that have some recordings in hand, each in words."""
        with self._database.reading() as session:
            claims = session.execute(
                select(ClaimRow.recording_id, RunRow)
                .join(RunRow, ClaimRow.run_id == RunRow.run_id)
                .where(RunRow.run_id != self.id)
            )
            return tuple(sorted({_in_words(row) for one, row in claims if one in recording_ids}))

    def let_go(self, session: Session, recording_id: str) -> None:
        """In somebody's transaction: the recording is no longer in hand, nor in trouble."""
        _lock(session)
        self._unclaim(session, recording_id)
        session.execute(delete(FailureRow).where(FailureRow.name == recording_id))

    def release(self, recording_id: str) -> None:
        """Let go of a recording that nothing was done with after all."""
        with self._alone() as session:
            self._unclaim(session, recording_id)

    def _unclaim(self, session: Session, recording_id: str) -> None:
        mine = ClaimRow.recording_id == recording_id, ClaimRow.run_id == self.id
        session.execute(delete(ClaimRow).where(*mine))

    def fail(self, failure: Failure, folder: str) -> Trouble:
        """Keep why a recording of ours could not be judged, as an attempt unless that is passing."""
        name = failure.recording_id or _name(failure, folder)
        with self._alone() as session:
            row = self._put(session, name, failure, folder, attempt=not failure.passing)
            self._unclaim(session, name)
            return trouble_of(row)

    def fail_names(self, failures: Sequence[Failure], folder: str) -> None:
        """Keep what in a folder is no recording at all; what was wrong there before is mended, or gone.

        An unreadable file, one that is there twice, a wrong row of calls.csv: looked at anew by every run.
        """
        with self._alone() as session:
            for failure in failures:
                self._put(session, _name(failure, folder), failure, folder, attempt=False)
            session.execute(
                delete(FailureRow).where(
                    FailureRow.name.startswith(NAMED),
                    FailureRow.folder == folder,
                    FailureRow.run_id != self.id,
                )
            )

    def forget_gone(
        self, folder: str, present: Collection[str], failures: Sequence[Failure]
    ) -> None:
        """Drop what failed before and is no longer in a folder; ``present`` are the ids of what is.

        ``failures`` are of the folder's names: folders among them could not be searched.
        """
        with self._alone() as session:
            forget_gone(session, folder, present, [one.file for one in failures])

    def _put(
        self, session: Session, name: str, failure: Failure, folder: str, *, attempt: bool
    ) -> FailureRow:
        row = session.get(FailureRow, name)
        tried = row.attempts if row and row.callqa_version == __version__ else 0
        return session.merge(
            FailureRow(
                name=name,
                recording_id=failure.recording_id,
                file=failure.file,
                folder=folder,
                got=failure.got,
                expected=failure.expected,
                hint=failure.hint,
                attempts=tried + attempt,
                callqa_version=__version__,
                first_at=row.first_at if row else now(),
                last_at=failing(session, folder, failure.file),
                run_id=self.id,
            )
        )

    def trouble(self, recording_id: str) -> Trouble | None:
        """How a recording failed before, if it did."""
        with self._database.reading() as session:
            row = session.get(FailureRow, recording_id)
            return trouble_of(row) if row else None

    def saw_fail(self, recording_id: str) -> bool:
        """Whether a recording has failed since this run began. No clock is asked: one may have been ahead."""
        with self._database.reading() as session:
            row = session.get(FailureRow, recording_id)
            return row is not None and row.run_id != self._failed_by.get(recording_id)

    def _tell_alive(self) -> None:
        while not self._over.wait(SEEN_EVERY_S):
            # a store that is gone ends the run where it keeps something, not here
            with suppress(StoreError), self._database.writing() as session:
                session.execute(_mine(self.id).values(seen_at=now()))


def under_way(database: Database) -> tuple[str, ...]:
    """The runs that are alive, each in words."""
    with database.reading() as session:
        rows = session.scalars(select(RunRow).where(RunRow.ended_at.is_(None)))
        return tuple(_in_words(row) for row in rows if lives(row))


def _in_words(run: RunRow) -> str:
    return f"callqa {run.kind} since {run.started_at:%Y-%m-%d %H:%M} UTC on {run.host.split()[0]}"


NAMED = "file:"
"""How the name of a failure begins that has no recording's."""


def _name(failure: Failure, folder: str) -> str:
    return f"{NAMED}{folder}:{failure.file}"


def _mine(run_id: str) -> Update:
    return update(RunRow).where(RunRow.run_id == run_id)


def _lock(session: Session) -> None:
    """Let other runs wait until this transaction ends. SQLite's have the database to themselves anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CLAIMS})


def _insert_new(session: Session, table: type[ClaimRow], **values: object) -> bool:
    """Whether the row was not there before; the database decides, so that of two runs one succeeds."""
    dialect: Dialect = session.get_bind().dialect
    words = postgresql if dialect.name == "postgresql" else sqlite
    done = session.execute(words.insert(table).values(**values).on_conflict_do_nothing())
    return isinstance(done, CursorResult) and done.rowcount == 1


# --- is it alive? ---------------------------------------------------------------------------------


def _here() -> str:
    """Where a process's number means that process: a machine since it was started, or a container on it."""
    boot, space = Path("/proc/sys/kernel/random/boot_id"), Path("/proc/self/ns/pid")
    with suppress(OSError):
        return f"{socket.gethostname()} {boot.read_text().strip()} {space.stat().st_ino}"
    return socket.gethostname()


def lives(run: RunRow) -> bool:
    """Whether the process of a run is still there, or, on another machine, has just said so.

    This process may have outlived a run of its own, which a lost database ended and that could not say so.
    """
    if run.ended_at is not None:
        return False
    if run.host != _here():
        # what a clock that was ahead has written is no sign of life however long one waits
        return abs(now() - run.seen_at) < GONE_AFTER
    try:
        process = psutil.Process(run.pid)
        began = float(process.create_time())
        same = abs(began - float(run.process_began)) < SAME_PROCESS_S
        if same and run.pid == os.getpid():
            return run.run_id in _ours
        return same and process.status() != str(psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
