"""Stores of every earlier version are brought up to date with what they hold."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, create_engine, inspect, select, text

from pipeline.errors import StoreError
from pipeline.records import Answer, Question, Span
from pipeline.store import Store
from pipeline.store.migrate import FIRST, _config, bring_up_to_date, newest
from pipeline.store.schema import Base, CallRow
from pipeline.store.views import NAMES

EARLIER = Path(__file__).with_name("callqa-0.5.0.sql")
"""A store that callqa 0.5.0 wrote, whose tables are those of 0.1: two calls, answers, scorecards."""

A, B = (hashlib.sha256(name.encode()).hexdigest() for name in ("a.wav", "lobby/b.wav"))

REVISIONS = [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]

TABLES = ("meta", "calls", "answers", "scorecards")


@pytest.fixture
def engine(any_url: str) -> Engine:
    return create_engine(any_url)


def earlier_rows() -> dict[str, list[tuple[Any, ...]]]:
    with sqlite3.connect(":memory:") as database:
        database.executescript(EARLIER.read_text(encoding="utf-8"))
        return {name: database.execute(f"select * from {name}").fetchall() for name in TABLES}


def fill(connection: Connection, *, schema: bool) -> None:
    """The rows of the earlier store, into tables of revision 0001."""
    for name, rows in earlier_rows().items():
        for row in rows:
            if name == "meta" and row[0] == "schema" and not schema:
                continue
            values = {f"v{at}": value for at, value in enumerate(row)}
            places = ", ".join(f":{value}" for value in values)
            connection.execute(text(f"INSERT INTO {name} VALUES ({places})"), values)


def as_0_5_0_left_it(engine: Engine, url: str) -> None:
    """Tables as callqa 0.5.0 made them, without any word of Alembic."""
    bring_up_to_date(engine, url, FIRST)
    with engine.begin() as connection:
        fill(connection, schema=True)
        connection.execute(text("DROP TABLE alembic_version"))


def held(url: str) -> dict[str, Any]:
    """What a store holds, as the program sees it."""
    with Store(url) as store:
        kept = {one.call.recording.file: one for one in store.all_kept()}
        speed = store.speed("a" * 64)
        with store.database.reading() as session:
            columns = session.execute(
                select(
                    CallRow.file, CallRow.callqa_version, CallRow.engine, CallRow.size_bytes,
                    CallRow.duration_ms, CallRow.agent_id, CallRow.started_at, CallRow.kind,
                ).order_by(CallRow.file)
            ).all()  # fmt: skip
            scores = session.execute(
                text("SELECT file, standard, score FROM call_scores ORDER BY file")
            ).all()
    return {
        "answers": {file: one.answers for file, one in kept.items()},
        "columns": [tuple(row) for row in columns],
        "scores": [tuple(row) for row in scores],
        "speed": speed,
    }


ANSWER = Answer(
    Question(("再見", "拜拜"), "agent", Span(50_000, 60_000)), -1.25, "再見", Span(51_000, 51_440)
)


def test_a_store_of_0_5_0_keeps_all_it_holds(engine: Engine, any_url: str) -> None:
    as_0_5_0_left_it(engine, any_url)
    duration_ms = json.loads(earlier_rows()["calls"][0][3])["duration_ms"]
    score = earlier_rows()["scorecards"][0][3]
    assert held(any_url) == {
        "answers": {"a.wav": (ANSWER,), "lobby/b.wav": (ANSWER,)},
        "columns": [
            ("a.wav", "0.5.0", "faster-whisper", 9, duration_ms, "A01", "2026-11-24T09:30:00", "call"),
            ("lobby/b.wav", "0.5.0", "faster-whisper", 9, duration_ms, None, None, None),
        ],
        "scores": [
            ("a.wav", "property-reception", score),
            ("lobby/b.wav", "property-reception", score),
        ],
        "speed": 11.5,
    }  # fmt: skip


@pytest.mark.parametrize("revision", REVISIONS)
def test_every_earlier_revision_is_brought_up_with_its_data(
    engine: Engine, any_url: str, revision: str
) -> None:
    bring_up_to_date(engine, any_url, FIRST)
    with engine.begin() as connection:
        fill(connection, schema=True)
    bring_up_to_date(engine, any_url, revision)
    assert [row[0] for row in held(any_url)["columns"]] == ["a.wav", "lobby/b.wav"]
    assert held(any_url)["speed"] == 11.5


def test_times_of_listening_are_utc_before_and_after(any_url: str) -> None:
    with create_engine(any_url).begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET TIME ZONE 'Asia/Taipei'"))
    engine = create_engine(any_url)
    bring_up_to_date(engine, any_url, FIRST)
    with engine.begin() as connection:
        fill(connection, schema=True)
        connection.execute(text("UPDATE calls SET listened_at = '2026-11-24 09:30:00'"))
    with Store(any_url) as store, store.database.reading() as session:
        assert set(session.scalars(select(CallRow.listened_at))) == {
            datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
        }


def test_the_tables_are_those_that_the_program_knows(engine: Engine, any_url: str) -> None:
    Store(any_url).database.close()
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert compare_metadata(context, Base.metadata) == []
        assert set(inspect(connection).get_view_names()) == set(NAMES)


def test_callqa_0_5_0_sees_that_it_must_not_touch_a_newer_store(any_url: str) -> None:
    with Store(any_url) as store, store.database.reading() as session:
        assert session.execute(text("SELECT value FROM meta WHERE name='schema'")).scalar() == "2"


def test_tables_that_say_another_number_are_refused(engine: Engine, any_url: str) -> None:
    as_0_5_0_left_it(engine, any_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE meta SET value = '99' WHERE name = 'schema'"))
    with pytest.raises(StoreError) as error:
        Store(any_url)
    assert (error.value.got, error.value.expected) == (
        "tables of version 99",
        f"version {newest()} or earlier",
    )


def _open(url: str) -> None:
    Store(url).database.close()


def test_several_that_open_an_old_store_at_once_bring_it_up_once(
    engine: Engine, any_url: str
) -> None:
    as_0_5_0_left_it(engine, any_url)
    engine.dispose()
    spawn = get_context("spawn")
    opening = [spawn.Process(target=_open, args=(any_url,)) for _ in range(4)]
    for process in opening:
        process.start()
    for process in opening:
        process.join()
    assert [process.exitcode for process in opening] == [0] * 4
    assert len(held(any_url)["columns"]) == 2


def test_a_step_that_fails_changes_nothing(engine: Engine, any_url: str) -> None:
    as_0_5_0_left_it(engine, any_url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE claims (odd INTEGER)"))
    before = sorted(inspect(engine).get_table_names())
    with pytest.raises(StoreError, match="already exists"):
        Store(any_url)
    engine.dispose()
    with engine.connect() as connection:
        assert sorted(inspect(connection).get_table_names()) == before
        columns = {column["name"] for column in inspect(connection).get_columns("calls")}
    assert columns == {"recording_id", "file", "provenance", "call", "listened_at"}
