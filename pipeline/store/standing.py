"""How a store stands, looked at without changing it: not even its tables are brought up to date."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy import make_url, select, text, update
from sqlalchemy.exc import ArgumentError

from pipeline.errors import StoreError
from pipeline.store.database import WRITING, Database
from pipeline.store.migrate import known, newest
from pipeline.store.runs import lives
from pipeline.store.schema import ClaimRow, Meta, RunRow
from pipeline.store.troubles import troubles


@dataclass(frozen=True, slots=True)
class Standing:
    """A store as it is. ``revision`` is that of its tables, ``None`` where there are none yet.

    What is counted is 0 unless the tables are up to date. ``left_behind`` are recordings that were in hand
    when a run was killed, ``failures`` could not be judged, of which ``set_aside`` are not tried any more.
    """

    kind: str
    shown: str
    revision: str | None
    newest: str
    known: bool
    in_hand: int = 0
    left_behind: int = 0
    failures: int = 0
    set_aside: int = 0


def standing(url: str, to_be_made: Path | None = None) -> Standing:
    """Look at a store by its URL. A file that is not there is not made.

    ``to_be_made`` is a folder that a run would make if it is not there.

    Raises:
        StoreError: it cannot be reached, read or written
    """
    file = _file(url)
    if file is not None and not file.exists():
        if not file.parent.is_dir() and file.parent != to_be_made:
            raise StoreError(
                f"sqlite:///{file}",
                "no such folder",
                "a file, or a folder in which it can be made",
                "Make the folder, or correct the URL.",
            )
        return Standing("sqlite", f"sqlite:///{file}", None, newest(), known=True)
    database = Database(url, migrate=False)
    try:
        revision = database.revision()
        recognised = revision is None or revision in known()
        at_rest = Standing(database.dialect, database.shown, revision, newest(), recognised)
        if revision == newest():
            return _counted(database, at_rest)
        if recognised:
            _try_to_change(database)
        return at_rest
    finally:
        database.close()


def _file(url: str) -> Path | None:
    """The file of a SQLite store, unless its URL is one of SQLite's own, or wrong: others say so."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return None if parsed.query.get("uri") else Path(str(parsed.database))


def _try_to_change(database: Database) -> None:
    """See that tables can be made and changed, as the next run will, and leave none."""
    with database.reading() as session:
        session.connection(execution_options=WRITING)
        session.execute(text("CREATE TABLE callqa_doctor (probe INTEGER)"))
        session.rollback()


def _counted(database: Database, at_rest: Standing) -> Standing:
    with database.reading() as session:
        claims = session.execute(
            select(ClaimRow.recording_id, RunRow).outerjoin(
                RunRow, ClaimRow.run_id == RunRow.run_id
            )
        ).all()
    left_behind = sum(run is None or not lives(run) for _, run in claims)
    failed = troubles(database)
    with database.writing() as session:
        # no row has this name: that it may be written is all there is to see
        session.execute(update(Meta).where(Meta.name == "").values(value=""))
    return replace(
        at_rest,
        in_hand=len(claims) - left_behind,
        left_behind=left_behind,
        failures=len(failed),
        set_aside=sum(one.set_aside for one in failed),
    )
