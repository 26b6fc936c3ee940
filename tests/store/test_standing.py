"""How a store stands is told without changing it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from sqlalchemy import create_engine

from pipeline.errors import StoreError
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.records import Failure, Outline
from pipeline.store import ATTEMPTS, Standing, Store, standing
from pipeline.store.migrate import FIRST, bring_up_to_date, newest
from pipeline.store.schema import RunRow
from tests.show.build import OUTLINE

OUTLINED: Outline = OUTLINE


def shown(url: str) -> tuple[str, str]:
    with Store(url) as store:
        return store.database.dialect, store.database.shown


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    file = tmp_path / "callqa.db"
    assert standing(f"sqlite:///{file}") == Standing(
        "sqlite", f"sqlite:///{file}", None, newest(), known=True
    )
    assert list(tmp_path.iterdir()) == []


def test_its_folder_may_be_one_that_a_run_would_make(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert standing(f"sqlite:///{out / 'callqa.db'}", out).revision is None
    assert not out.exists()


def test_a_file_that_is_no_database_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "callqa.db").write_bytes(b"no database" * 100)
    with pytest.raises(StoreError) as error:
        standing(f"sqlite:///{tmp_path / 'callqa.db'}")
    assert error.value.got == "the database says: file is not a database"


@pytest.mark.parametrize("revision", [None, FIRST])
def test_tables_that_could_not_be_changed_are_an_error(
    tmp_path: Path, revision: str | None
) -> None:
    file = tmp_path / "callqa.db"
    if revision:
        engine = create_engine(f"sqlite:///{file}")
        bring_up_to_date(engine, "", revision)
        engine.dispose()
    file.touch()
    with pytest.raises(StoreError) as error:
        standing(f"sqlite:///file:{file}?mode=ro&uri=true")
    assert error.value.got == "the database says: attempt to write a readonly database"


def test_a_fresh_store_has_nothing_to_tell(any_url: str) -> None:
    kind, name = shown(any_url)
    assert standing(any_url) == Standing(kind, name, newest(), newest(), known=True)


def test_what_is_in_hand_left_behind_failed_and_set_aside_is_counted(any_url: str) -> None:
    kind, name = shown(any_url)
    with Store(any_url) as store:
        dead = store.run("score", "{}", OUTLINED)
        dead.__enter__()
        for one in ("a", "b"):
            dead.claim(one)
        with store.database.writing() as session:
            row = session.get(RunRow, dead.id)
            assert row is not None
            row.pid, row.process_began = 2**22 + 1, "0"  # no process has this number
        with store.run("score", "{}", OUTLINED) as run:
            run.claim("c")
            for tried in range(ATTEMPTS):
                run.fail(Failure("d.wav", "g", "e", "h", "d"), "/calls")
                if not tried:
                    run.fail(Failure("e.wav", "g", "e", "h", "e"), "/calls")
            assert standing(any_url) == Standing(
                kind,
                name,
                newest(),
                newest(),
                known=True,
                in_hand=1,
                left_behind=2,
                failures=2,
                set_aside=1,
            )
        dead.__exit__(None, None, None)


def test_an_earlier_store_is_left_as_it_is(any_url: str) -> None:
    engine = create_engine(any_url)
    bring_up_to_date(engine, any_url, FIRST)
    found = standing(any_url)
    assert (found.revision, found.newest, found.known) == (FIRST, newest(), True)
    assert standing(any_url) == found
    engine.dispose()


def test_a_later_store_is_told_as_unknown(any_url: str) -> None:
    Store(any_url).database.close()
    engine = create_engine(any_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '0099'")
    engine.dispose()
    found = standing(any_url)
    assert (found.revision, found.known) == ("0099", False)


def test_a_store_with_calls_is_not_written_to(any_url: str) -> None:
    call = call_of(dialogue([{"agent": "您好。"}]))
    with Store(any_url) as store:
        store.keep_call(call)
    standing(any_url)
    with Store(any_url) as store:
        kept = store.kept(call.recording.id)
    assert kept is not None and kept.call == call


@pytest.mark.parametrize(
    ("url", "got"),
    [
        ("nonsense", "no database we can speak to (Could not parse SQLAlchemy URL"),
        ("sqlite:////nowhere/at/all.db", "no such folder"),
        ("postgresql+psycopg://qa:secret@127.0.0.1:1/calls", "the database says: connection "),
    ],
)
def test_a_store_that_cannot_be_reached_is_an_error(url: str, got: str) -> None:
    with pytest.raises(StoreError) as error:
        standing(url)
    assert error.value.got.startswith(got)
    assert "secret" not in str(error.value)


def test_a_store_that_may_not_be_written_is_an_error(tmp_path: Path) -> None:
    file = tmp_path / "callqa.db"
    Store(f"sqlite:///{file}").database.close()
    with sqlite3.connect(file) as database:
        database.execute("pragma journal_mode = delete")
    with pytest.raises(StoreError) as error:
        standing(f"sqlite:///file:{file}?mode=ro&uri=true")
    assert error.value.got == "the database says: attempt to write a readonly database"
