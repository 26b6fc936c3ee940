"""The database under the store: opened, brought up to date, spoken to in transactions.

SQLite is kept in write-ahead mode, so that who reads never waits for who writes, and a process killed at
any moment leaves either the whole of a transaction or nothing of it. It wants a disk of its own
machine: several machines share a store through PostgreSQL.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import unquote

from sqlalchemy import URL, Connection, Engine, StaticPool, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, OperationalError, SQLAlchemyError
from sqlalchemy.orm import Session

from pipeline.errors import StoreError
from pipeline.store.migrate import bring_up_to_date, revision_of

PATIENCE_S = 60
"""How long a transaction waits for another one's to end; the longest is a thousandth of that."""

WRITING = {"callqa_writing": True}
"""Execution option of a transaction that writes.

SQLite gives it the write lock at its beginning, since it would refuse one that asks for it halfway.
"""


SPOKEN = ("calls", "answers", "scorecards", "failures", "voices")
"""The tables in which something that was said, or whose call it was, may stand."""


class Database:
    """A database by URL, open until closed. ``migrate`` brings its tables up to date first.

    Raises:
        StoreError: here and within every transaction: it cannot be opened, read or written, or its
            tables are of a later version.
    """

    def __init__(self, url: str, *, migrate: bool = True) -> None:
        # of what cannot be read as a URL, all that may be a password goes
        self.shown = re.sub(r"//.*@", "//***@", url, flags=re.DOTALL)
        try:
            parsed = make_url(url)
            self.shown = _without_secrets(parsed)
            self._engine = _engine(parsed)
        except (ArgumentError, ModuleNotFoundError, ValueError) as error:
            raise StoreError(
                self.shown,
                f"no database we can speak to ({str(error).replace(url, self.shown)})",
                "a URL such as sqlite:///calls.db or postgresql+psycopg://user@host/calls",
                "Correct --store, or install that database's driver.",
            ) from error
        try:
            with self._wording():
                if migrate:
                    bring_up_to_date(self._engine, self.shown)
        except StoreError:
            self._engine.dispose()
            raise

    @property
    def dialect(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self._engine.dialect.name

    def revision(self) -> str | None:
        """The revision its tables are of; ``None`` when there are none."""
        with self._wording(), self._engine.connect() as connection:
            return revision_of(connection)

    def close(self) -> None:
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """One look at the store: nothing changes while it lasts."""
        with self._wording(), Session(self._engine, expire_on_commit=False) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """One change: kept as a whole when the block ends, not at all when it raises."""
        with self.reading() as session:
            session.connection(execution_options=WRITING)
            yield session
            session.commit()

    def vacuum(self) -> bool:
        """Give back the room of what was deleted, so that nothing of it is left in the database's files.

        False where SQLite's log could not be emptied, since another process was reading: what was
        deleted is then left there until the last one closes. PostgreSQL writes its tables anew; what
        was deleted is left in its log (WAL) until that is recycled, in archives of it, and in backups.
        """
        with self._wording():
            if self.dialect == "sqlite":
                return self._vacuum_sqlite()
            autocommit = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
            with autocommit as connection:
                connection.exec_driver_sql("VACUUM (FULL, ANALYZE) " + ", ".join(SPOKEN))
            return True

    def _vacuum_sqlite(self) -> bool:
        # Past SQLAlchemy, whose connections begin a transaction with whatever is asked first.
        connection = self._engine.raw_connection()
        try:
            cursor = connection.cursor()
            cursor.execute("VACUUM")
            busy, *_ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            return not busy
        except sqlite3.Error as error:
            raise OperationalError("VACUUM", None, error) from error
        finally:
            connection.close()

    @contextmanager
    def _wording(self) -> Iterator[None]:
        """The database's errors in our words."""
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            # a driver repeats what it took for the host; a password with an @ of its own is part of that
            said = re.sub(r"'[^']*@", "'***@", str(cause).splitlines()[0])
            raise StoreError(
                self.shown,
                f"the database says: {said}",
                "a database that can be read and written, and room on its disk",
                "Check its path, permissions, free space and that nothing else holds it.",
            ) from error


def of_another_version(shown: str, file: str) -> StoreError:
    """What is kept of a call cannot be read: ``shown`` is the store's name."""
    return StoreError(
        shown,
        f"call {file} in a form this version does not know",
        "calls kept by this version",
        "Score the recordings again into another store.",
    )


def _without_secrets(url: URL) -> str:
    """The URL as it may be shown: drivers take a password among the options as well."""
    secrets = [key for key in url.query if "pass" in key.lower()]
    url = url.update_query_dict(dict.fromkeys(secrets, "***"))
    if url.host and "@" in url.host:  # the password's own @, which should have been written %40
        url = url.set(host=url.host.rpartition("@")[2])
    return unquote(url.render_as_string(hide_password=True))


def _engine(url: URL) -> Engine:
    if url.get_backend_name() != "sqlite":
        # a connection that was lost while calls were listened to is opened again
        return create_engine(url, pool_pre_ping=True)
    in_memory = url.database in (None, "", ":memory:")
    # what is in memory is one connection's, and all threads are to see the same
    pool = {"poolclass": StaticPool} if in_memory else {}
    engine = create_engine(
        url, connect_args={"timeout": PATIENCE_S, "check_same_thread": False}, **pool
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, changes of tables included
    connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
    if connection.execute("PRAGMA query_only").fetchone() == (0,):
        connection.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get("callqa_writing")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
