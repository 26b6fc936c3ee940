"""Tables of any earlier version -> tables as they are now, with what they hold.

Steps are Alembic revisions in :mod:`pipeline.store.migrations`. The versions up to 0.5.0 had no Alembic:
their tables say ``schema 1`` in ``meta`` and stand at revision ``0001``. All steps are one transaction,
under a lock, so that of two runs that open an old store at once one waits, and a killed one changes nothing.
"""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, text

from pipeline.errors import StoreError

FIRST = "0001"
"""The tables that callqa 0.1 to 0.5 made."""

LOCK = 0x63616C6C7161
"""Number of the advisory lock in PostgreSQL: "callqa" in ASCII."""


def newest() -> str:
    """The revision that this version's tables are of."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    return head or FIRST


def known() -> frozenset[str]:
    """Every revision that this version can bring up to date, the newest among them."""
    return frozenset(
        one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()
    )


def bring_up_to_date(engine: Engine, shown: str, revision: str = "head") -> None:
    """Make the tables, or change those that are there into what they are at a revision.

    Raises:
        StoreError: they are of a version that this one does not know. ``shown`` is the store's name.
        sqlalchemy.exc.SQLAlchemyError: the database cannot be read or written.
    """
    wanted = newest() if revision == "head" else revision
    with engine.connect() as connection, connection.begin():
        if revision_of(connection) == wanted:
            return
    with engine.connect().execution_options(callqa_writing=True) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        found = revision_of(connection)
        if found is not None and found not in known():
            raise StoreError(
                shown,
                f"tables of version {found}",
                f"version {newest()} or earlier",
                "Use the callqa that wrote it, or another store.",
            )
        config = _config(connection)
        if found == FIRST and not _is_stamped(connection):
            command.stamp(config, FIRST)
        command.upgrade(config, wanted)


def revision_of(connection: Connection) -> str | None:
    """The revision of the tables that are there; ``None`` when there are none."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is not None or not inspect(connection).has_table("meta"):
        return revision
    found = connection.execute(text("SELECT value FROM meta WHERE name = 'schema'")).scalar()
    return FIRST if found == "1" else str(found)


def _is_stamped(connection: Connection) -> bool:
    return MigrationContext.configure(connection).get_current_revision() is not None


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", "pipeline.store:migrations")
    config.set_main_option("path_separator", "os")
    if connection is not None:
        config.attributes["connection"] = connection
    return config
