"""What is kept comes back as it was; a store that cannot be used says so."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from pipeline.errors import StoreError
from pipeline.judge.dialogue import call_of, dialogue
from pipeline.records import Answer, Call, Loudness, Question, Recording, Scorecard, Span
from pipeline.store import Kept, Store
from pipeline.store.migrate import newest
from tests.show.build import judged

QUESTION = Question(("再見", "拜拜"), "agent", Span(50_000, 60_000))
ANSWER = Answer(QUESTION, -1.25, "再見", Span(51_000, 51_440))
UNHEARD = Answer(replace(QUESTION, role="customer"), None)


def call(file: str, identity: str | None = None) -> Call:
    heard = call_of(dialogue([{"agent": "您好，物業管理處。"}, {"customer": "我家漏水了。"}]))
    identity = identity or hashlib.sha256(file.encode()).hexdigest()
    recording = Recording(identity, file, 9, replace(heard.recording.record, file=file))
    return replace(heard, recording=recording)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'callqa.db'}"


@pytest.fixture
def store(any_url: str) -> Iterator[Store]:
    with Store(any_url) as opened:
        yield opened


def execute(url: str, statement: str) -> list[tuple[object, ...]]:
    """What the database says to a statement that goes past the store."""
    engine = create_engine(url)
    with engine.begin() as connection:
        done = connection.execute(text(statement))
        rows = [tuple(row) for row in done] if done.returns_rows else []
    engine.dispose()
    return rows


def test_a_call_and_its_answers_come_back_as_they_were(store: Store, any_url: str) -> None:
    kept = call("a.wav")
    store.keep_call(kept)
    store.keep_answers(kept.recording.id, [ANSWER, UNHEARD])
    with Store(any_url) as again:
        found = again.kept(kept.recording.id)
    assert found is not None
    assert (found.call, set(found.answers)) == (kept, {ANSWER, UNHEARD})


def test_a_call_kept_before_its_sounds_were_measured_is_read(url: str, tmp_path: Path) -> None:
    store = Store(url)
    kept = call("a.wav")
    store.keep_call(replace(kept, loudness=Loudness(500, ((-26, -60),))))
    later = ("loudness", "murmurs", "impacts_heard")
    with sqlite3.connect(tmp_path / "callqa.db") as database:
        for field in later:
            database.execute("update calls set call = json_remove(call, ?)", (f"$.{field}",))
    earlier = replace(kept, loudness=None, murmurs=(), impacts_heard=False)
    assert store.kept(kept.recording.id) == Kept(earlier, ())


def test_an_unknown_recording_is_none(store: Store) -> None:
    assert store.kept("0" * 64) is None
    assert not store.heard_by("0" * 64, call("a.wav").provenance)


def test_a_newer_answer_takes_the_place_of_the_older(store: Store) -> None:
    kept = call("a.wav")
    store.keep_call(kept)
    store.keep_answers(kept.recording.id, [ANSWER])
    store.keep_answers(kept.recording.id, [replace(ANSWER, score=-0.5)])
    assert store.kept(kept.recording.id) == Kept(kept, (replace(ANSWER, score=-0.5),))


def test_a_new_listen_takes_the_old_answers_away(store: Store) -> None:
    old = call("a.wav")
    new = replace(old, provenance=replace(old.provenance, model="small"))
    store.keep_call(old)
    store.keep_answers(old.recording.id, [ANSWER])
    store.keep_call(new)
    assert store.kept(old.recording.id) == Kept(new, ())
    assert not store.heard_by(old.recording.id, old.provenance)
    assert store.heard_by(old.recording.id, new.provenance)


def test_a_relabelled_call_keeps_the_answers_it_is_given(store: Store) -> None:
    old = call("a.wav")
    store.keep_call(old)
    store.keep_answers(old.recording.id, [ANSWER, UNHEARD])
    store.keep_call(call("b.wav", old.recording.id), [ANSWER])
    assert store.kept(old.recording.id) == Kept(call("b.wav", old.recording.id), (ANSWER,))


def test_all_calls_come_in_the_order_of_their_files(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.store.store.BLOCK", 3)
    files = [f"{number:02}.wav" for number in range(8)]
    for file in [*reversed(files), "03.wav"]:
        store.keep_call(call(file, f"{file}-{len(store.files())}"))
    assert store.files() == tuple(sorted([*files, "03.wav"]))
    assert [one.call.recording.file for one in store.all_kept()] == sorted([*files, "03.wav"])


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("lobby/a.wav", "lobby/a.wav"),
        ("b.wav", "lobby/b.wav"),
        ("a.wav", "a.wav"),
        ("c.wav", None),
        ("y/b.wav", None),
        ("%.wav", None),
        ("d_d.wav", None),
        ("e.wav", None),
    ],
)
def test_a_call_is_found_by_its_name_or_the_end_of_it(
    store: Store, asked: str, found: str | None
) -> None:
    for file in ("a.wav", "lobby/a.wav", "lobby/b.wav", "lobby/dxd.wav", "x/e.wav", "y/e.wav"):
        store.keep_call(call(file))
    kept = store.find(asked)
    assert (kept.call.recording.file if kept else None) == found


@pytest.mark.parametrize("ids", [("1", "2"), ("2", "1")])
def test_of_several_calls_under_one_name_the_one_met_last_is_found(
    store: Store, ids: tuple[str, str]
) -> None:
    for one in ids:
        store.keep_call(call("x/a.wav", one * 64))
    last = Kept(call("x/a.wav", ids[-1] * 64), ())
    assert [store.find(name) for name in ("x/a.wav", "a.wav")] == [last, last]


def test_the_newest_scorecard_under_a_standard_is_kept(store: Store, any_url: str) -> None:
    first = judged("a.wav").scorecard
    second = replace(first, score=60.0, standard_sha256="1" * 64)
    other = replace(first, standard="my-standard")
    for cards in ([first], [second, other]):
        store.keep_scorecards(cards)
    assert set(rows(any_url)) == {
        ("property-reception", "1" * 64, 60.0),
        ("my-standard", first.standard_sha256, first.score),
    }


def rows(url: str) -> list[tuple[object, ...]]:
    return execute(url, "select standard, standard_sha256, score from scorecards")


def refused(url: str) -> tuple[str, str]:
    with pytest.raises(StoreError) as error:
        Store(url)
    return error.value.where, error.value.got


def test_a_store_of_a_later_version_is_refused(any_url: str) -> None:
    Store(any_url).database.close()
    execute(any_url, "update alembic_version set version_num = '0099'")
    with pytest.raises(StoreError) as error:
        Store(any_url)
    assert (error.value.got, error.value.expected, error.value.hint) == (
        "tables of version 0099",
        f"version {newest()} or earlier",
        "Use the callqa that wrote it, or another store.",
    )


@pytest.mark.parametrize(
    ("url", "got"),
    [
        ("nonsense", "no database we can speak to (Could not parse SQLAlchemy URL"),
        ("mysql://somewhere/calls", "no database we can speak to (No module named 'MySQLdb')"),
        ("sqlite+odd:///calls.db", "no database we can speak to (Can't load plugin"),
        ("postgresql://host:port/calls", "no database we can speak to (invalid literal for int()"),
        ("sqlite:////dev/full", "the database says: database or disk is full"),
        ("sqlite:////nowhere/at/all.db", "the database says: unable to open database file"),
        ("sqlite:////proc/calls.db", "the database says: unable to open database file"),
    ],
)
def test_a_store_that_cannot_be_opened_is_said(url: str, got: str) -> None:
    where, found = refused(url)
    assert where == url
    assert found.startswith(got)


def test_a_file_that_is_no_database_is_said(url: str, tmp_path: Path) -> None:
    (tmp_path / "callqa.db").write_text("這是文字" * 100, encoding="utf-8")
    assert refused(url) == (url, "the database says: file is not a database")


def test_a_damaged_database_is_said(url: str, tmp_path: Path) -> None:
    with Store(url) as store:
        store.keep_call(call("a.wav"))
    file = tmp_path / "callqa.db"
    content = bytearray(file.read_bytes())
    content[200:] = b"\xff" * (len(content) - 200)
    file.write_bytes(content)
    where, got = refused(url)
    assert (where, got) == (url, "the database says: database disk image is malformed")


def test_a_store_that_may_not_be_written_is_said(url: str) -> None:
    Store(url).database.close()
    file = url.removeprefix("sqlite:///")
    with (
        Store(f"sqlite:///file:{file}?mode=ro&uri=true") as closed,
        pytest.raises(StoreError) as error,
    ):
        closed.keep_call(call("a.wav"))
    assert error.value.got == "the database says: attempt to write a readonly database"


def test_a_call_in_a_form_of_another_version_is_said(url: str, tmp_path: Path) -> None:
    store = Store(url)
    kept = call("a.wav")
    store.keep_call(kept)
    with sqlite3.connect(tmp_path / "callqa.db") as database:
        database.execute("""update calls set call = '{"recording": 1}'""")
    with pytest.raises(StoreError) as error:
        store.kept(kept.recording.id)
    assert error.value == StoreError(
        url,
        "call a.wav in a form this version does not know",
        "calls kept by this version",
        "Score the recordings again into another store.",
    )


def test_a_password_is_shown_to_nobody() -> None:
    where, _ = refused("mysql://qa:secret@somewhere/calls")
    assert where == "mysql://qa:***@somewhere/calls"


def test_a_scorecard_with_an_unjudged_call_is_kept(store: Store, any_url: str) -> None:
    card: Scorecard = replace(judged("a.wav").scorecard, score=None)
    store.keep_scorecards([card])
    assert rows(any_url) == [("property-reception", card.standard_sha256, None)]


def test_a_connection_that_was_lost_is_made_anew(postgres_url: str) -> None:
    with Store(postgres_url) as store:
        store.keep_call(call("a.wav"))
        execute(
            postgres_url,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
            "AND datname = current_database()",
        )
        store.keep_call(call("b.wav"))
        assert store.files() == ("a.wav", "b.wav")


def test_a_server_that_is_gone_is_said() -> None:
    where, got = refused("postgresql+psycopg://qa@127.0.0.1:1/calls")
    assert where == "postgresql+psycopg://qa@127.0.0.1:1/calls"
    assert got.startswith("the database says: connection failed")


def test_the_views_tell_scores_verdicts_and_agents(store: Store, any_url: str) -> None:
    one = judged("a.wav")
    store.keep_call(one.call)
    store.keep_scorecards([one.scorecard])
    card, record = one.scorecard, one.call.recording.record
    assert execute(any_url, "SELECT file, agent_id, kind, score, passed FROM call_scores") == [
        ("a.wav", record.agent_id, card.kind, card.score, card.passed)
    ]
    told = execute(any_url, "SELECT clause, status, reason, confidence FROM call_verdicts")
    assert told == [
        (one.clause, one.status, one.reason.code, one.confidence) for one in card.verdicts
    ]
    assert execute(any_url, "SELECT agent_id, calls, scored, mean_score FROM agent_scores") == [
        (record.agent_id, 1, 1, card.score)
    ]


def test_what_is_deleted_is_not_in_the_file_any_more(url: str, tmp_path: Path) -> None:
    with Store(url) as store:
        store.keep_call(call("a.wav"))
        with store.database.writing() as session:
            session.connection().exec_driver_sql("DELETE FROM calls")
        store.database.vacuum()
        content = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert "漏水".encode() not in content


@pytest.mark.parametrize(
    "url",
    [
        "postgresql//u:secret@h/db",
        "postgresql://u:secret@h:54x2/db",
        "postgresql+psycopg://u:se@cret@127.0.0.1:1/db",
        "postgresql+psycopg://u@127.0.0.1:1/db?sslpassword=secret",
        "mysql://u:secret@h/db",
    ],
)
def test_no_error_repeats_a_password_however_it_was_written(url: str) -> None:
    with pytest.raises(StoreError) as error:
        Store(url)
    assert "cret" not in str(error.value)
