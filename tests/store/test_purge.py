"""What is too old is gone from store, results and recordings, and nothing else is."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, inspect, make_url, select, text, update

from pipeline.errors import StoreError, UsageError
from pipeline.judge.load import Standard, load_standard
from pipeline.purge import Gone, Purged, Retention, age_of, purge
from pipeline.records import (
    Answer,
    Dropped,
    Failure,
    Judged,
    Question,
    Reason,
    SituationHeard,
    Span,
    to_json,
)
from pipeline.rejudge import rescore
from pipeline.settings import default_standard
from pipeline.show import write_reports
from pipeline.store import Kept, Store
from pipeline.store.extract import Wanted, entries
from pipeline.store.purging import older_than, purged_before, without_words
from pipeline.store.schema import CallRow, FailureRow, ScorecardRow
from tests.export.made import begun
from tests.show.build import GREETING, NO_FAREWELL, OUTLINE, RAISED, UNIFORM, judged

NOW = datetime(2026, 9, 1, tzinfo=UTC)
HALF_A_YEAR = timedelta(days=180)
WORDS = Retention(HALF_A_YEAR, words=True)
ALL = Retention(HALF_A_YEAR)

SECRET = "三棟二單元五零二的林太太"
QUESTION = Question((f"再見{SECRET}",), "agent", Span(0, 900))
ANSWER = Answer(QUESTION, -1.0, f"再見{SECRET}", Span(100, 800))


def told(file: str, started_at: datetime | None, sound: bytes) -> Judged:
    """A call in every part of which the secret is said."""
    quoting = replace(
        RAISED,
        reason=Reason("parts", (), (Reason.of("phrase_said", phrase=SECRET),)),
        evidence=(replace(RAISED.evidence[0], quote=SECRET),),
    )
    made = begun(
        judged(file, verdicts=(GREETING, NO_FAREWELL, quoting, UNIFORM), tags=(("x", SECRET),)),
        started_at,
    )
    identity = hashlib.sha256(sound).hexdigest()
    talk = made.call.utterances
    first = replace(talk[0], words=(replace(talk[0].words[0], text=SECRET),))
    heard = SituationHeard("repair", "報修", True, (replace(GREETING.evidence[0], quote=SECRET),))
    return replace(
        made,
        call=replace(
            made.call,
            recording=replace(made.call.recording, id=identity, size_bytes=len(sound)),
            utterances=(first, *talk[1:]),
            dropped=(Dropped("loop", 0, Span(0, 900), SECRET),),
        ),
        scorecard=replace(made.scorecard, recording_id=identity, situations=(heard,)),
    )


OLD_SOUND, NEW_SOUND = b"an old recording", b"a new recording"
OLD = told("old.wav", datetime(2026, 2, 1, 9, 0, tzinfo=UTC), OLD_SOUND)
NEW = told("new.wav", datetime(2026, 8, 1, 9, 0, tzinfo=UTC), NEW_SOUND)
OLD_ID, NEW_ID = OLD.scorecard.recording_id, NEW.scorecard.recording_id


@pytest.fixture
def store(any_url: str) -> Iterator[Store]:
    with Store(any_url) as opened:
        for one in (OLD, NEW):
            opened.keep_call(one.call, [ANSWER])
        opened.keep_scorecards([OLD.scorecard, NEW.scorecard])
        yield opened


@pytest.fixture
def out(tmp_path: Path) -> Path:
    write_reports([OLD, NEW], [], OUTLINE, tmp_path / "out")
    return tmp_path / "out"


@pytest.fixture
def recordings(tmp_path: Path) -> Path:
    folder = tmp_path / "recordings"
    (folder / "copies").mkdir(parents=True)
    (folder / "old.wav").write_bytes(OLD_SOUND)
    (folder / "copies" / "renamed.wav").write_bytes(OLD_SOUND)
    (folder / "new.wav").write_bytes(NEW_SOUND)
    (folder / "stranger.wav").write_bytes(OLD_SOUND.upper())
    (folder / "calls.csv").write_text("file\nold.wav\n")
    return folder


def below(folder: Path) -> list[str]:
    return sorted(
        str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_symlink() or not p.is_dir()
    )


def everything(store: Store, url: str) -> str:
    """Every value of every table, as a reader with SQL gets it."""
    engine = create_engine(url)
    with engine.connect() as connection:
        return "\n".join(
            str(tuple(row))
            for table in inspect(engine).get_table_names()
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        )


def execute(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()


# --- what was said --------------------------------------------------------------------------------


def test_words_go_and_what_counts_stays(store: Store, out: Path, any_url: str) -> None:
    before = everything(store, any_url).count(SECRET)
    done = purge(store, out, WORDS, now=NOW)
    assert [one.file for one in done.calls] == ["old.wav"]
    # the other call's are all that is left
    assert everything(store, any_url).count(SECRET) == before // 2
    assert store.kept(OLD_ID) is None
    assert store.kept(NEW_ID) == Kept(NEW.call, (ANSWER,))
    found = {one.card.file: one for one in entries(store.database, Wanted(OUTLINE.id))}
    assert (found["old.wav"].call, found["new.wav"].call) == (None, NEW.call)
    assert found["old.wav"].card == without_words(OLD.scorecard)
    assert found["new.wav"].card == NEW.scorecard
    kept = [getattr(found["old.wav"], name) for name in ("engine", "model", "agent_id", "line")]
    assert kept == ["faster-whisper", "base", "A07", "front_desk"]


def test_a_scorecard_without_words_keeps_rulings_times_and_measurements() -> None:
    card = without_words(OLD.scorecard)
    assert SECRET not in str(card)
    assert replace(
        card,
        verdicts=OLD.scorecard.verdicts,
        situations=OLD.scorecard.situations,
    ) == OLD.scorecard  # fmt: skip
    raised = card.verdict("4.1.8.2")
    assert raised == replace(
        OLD.scorecard.verdict("4.1.8.2"),
        reason=Reason("parts", (), (Reason("phrase_said"),)),
        evidence=(replace(RAISED.evidence[0], quote=None),),
    )


def test_nothing_that_was_said_is_left_in_the_files_of_the_database(
    tmp_path: Path, out: Path
) -> None:
    file = tmp_path / "callqa.db"
    secret = SECRET.encode()
    with Store(f"sqlite:///{file}") as store:
        store.keep_call(OLD.call, [ANSWER])
        store.keep_scorecards([OLD.scorecard])
        assert any(secret in path.read_bytes() for path in tmp_path.glob("callqa.db*"))
        done = purge(store, out, WORDS, now=NOW)
        assert done.emptied
        # the store is still open, so that its log is still there
        files = {path.name: path.read_bytes() for path in tmp_path.glob("callqa.db*")}
        assert {"callqa.db", "callqa.db-wal"} <= set(files)
        assert [name for name, content in files.items() if secret in content] == []
    left = {path.name: path.read_bytes() for path in tmp_path.glob("callqa.db*")}
    assert [name for name, content in left.items() if secret in content] == []


def test_nothing_that_was_said_is_left_in_the_tables_files_of_postgresql(
    postgres_url: str, out: Path
) -> None:
    base = Path(str(make_url(postgres_url).query["host"])) / "data" / "base"

    def holding() -> list[str]:
        execute(postgres_url, "CHECKPOINT")
        files = [path for path in base.rglob("*") if path.is_file()]
        return [path.name for path in files if SECRET.encode() in path.read_bytes()]

    asked = [
        replace(ANSWER, score=float(at), question=replace(QUESTION, span=Span(0, at)))
        for at in range(9)
    ]
    with Store(postgres_url) as store:
        store.keep_call(OLD.call, asked)
        store.keep_scorecards([OLD.scorecard])
        assert holding() != []
        # the planner's statistics would hold samples
        execute(postgres_url, "ANALYZE")
        assert purge(store, out, WORDS, now=NOW).emptied
        assert holding() == []
        with store.database.reading() as session:
            sampled = session.execute(
                text("SELECT tablename, attname, histogram_bounds::text FROM pg_stats")
            )
            assert [row for row in sampled if SECRET in str(row)] == []


def test_a_log_that_somebody_reads_is_said_and_emptied_by_the_next_purge(
    tmp_path: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.store.database.PATIENCE_S", 0.1)
    file = tmp_path / "callqa.db"
    url = f"sqlite:///{file}"
    with Store(url) as store, Store(url) as reader:
        store.keep_call(OLD.call)
        with reader.database.reading() as session:
            session.execute(select(CallRow.file)).all()
            assert not purge(store, out, WORDS, now=NOW).emptied
        assert purge(store, out, WORDS, now=NOW).emptied
        assert not any(SECRET.encode() in path.read_bytes() for path in tmp_path.glob("callqa.db*"))


def test_what_was_purged_is_left_out_of_a_rescore(
    store: Store, tmp_path: Path, out: Path, standard: Standard
) -> None:
    purge(store, out, WORDS, now=NOW)
    night = rescore(tmp_path / "again", standard, store, processes=1)
    assert ([one.file for one in night.calls], night.purged) == (["new.wav"], 1)
    assert below(tmp_path / "again" / "calls") == ["new.json"]
    assert SECRET not in str(without_words(OLD.scorecard))
    cards = {one.card.file: one.card for one in entries(store.database, Wanted(OUTLINE.id))}
    assert cards["old.wav"] == without_words(OLD.scorecard)


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


def test_what_is_purged_while_it_is_judged_stays_so(store: Store, out: Path) -> None:
    purge(store, out, WORDS, now=NOW)
    with store.run("score", "{}", OUTLINE) as run:
        store.keep_scored(run, None, [ANSWER], OLD.scorecard)
        store.keep_scored(run, OLD.call, [ANSWER], OLD.scorecard)
    assert store.kept(OLD_ID) is None
    (card,) = [one.card for one in entries(store.database, Wanted(OUTLINE.id)) if one.call is None]
    assert card == without_words(OLD.scorecard)


def test_asking_why_says_that_the_words_are_gone(store: Store, out: Path) -> None:
    purge(store, out, WORDS, now=NOW)
    with pytest.raises(StoreError) as error:
        store.find("old.wav")
    assert (error.value.got, error.value.hint) == (
        "call old.wav, whose words were purged",
        "Its verdicts and scores are left: see `callqa export`.",
    )


# --- everything -----------------------------------------------------------------------------------


def test_whole_calls_go_with_all_that_is_kept_of_them(
    store: Store, out: Path, any_url: str
) -> None:
    failure = Failure("old.wav", "broken", "sound", "Mend it.", OLD_ID)
    with store.run("score", "{}", OUTLINE) as run:
        for one in (failure, replace(failure, recording_id=NEW_ID)):
            run.fail(one, "/night")
    done = purge(store, out, ALL, now=NOW)
    assert [one.file for one in done.calls] == ["old.wav"]
    assert store.recordings() == (("new.wav", NEW_ID),)
    assert [one.card for one in entries(store.database, Wanted(OUTLINE.id))] == [NEW.scorecard]
    assert [one.failure.recording_id for one in store.troubles()] == [NEW_ID]
    assert OLD_ID not in everything(store, any_url)
    assert not store.is_purged(OLD_ID)


def test_a_store_knows_from_before_when_calls_went_as_a_whole(store: Store, out: Path) -> None:
    assert purged_before(store.database) is None
    purge(store, out, WORDS, now=NOW)
    assert purged_before(store.database) is None
    purge(store, out, ALL, now=NOW)
    purge(store, out, ALL, now=NOW - timedelta(days=30))
    assert purged_before(store.database) == NOW - ALL.age


def test_what_is_kept_is_counted_in_bytes(store: Store) -> None:
    (old,) = [one for one in older_than(store.database, NOW) if one.file == "old.wav"]
    kept = [to_json(OLD.call), to_json(OLD.scorecard)]
    assert old.stored_bytes == sum(len(text.encode()) for text in kept)


def test_a_scorecard_of_another_version_is_said(store: Store, out: Path) -> None:
    with store.database.writing() as session:
        session.execute(update(ScorecardRow).values(scorecard="{}"))
    with pytest.raises(StoreError) as error:
        purge(store, out, WORDS, now=NOW)
    assert error.value.got.endswith("in a form this version does not know")


def test_failures_as_old_go_as_well(store: Store, out: Path) -> None:
    with store.run("score", "{}", OUTLINE) as run:
        run.fail(Failure("a.wav", "broken", "sound", "Mend it."), "/night")
        with store.database.writing() as session:
            session.scalars(select(FailureRow)).one().last_at = NOW - timedelta(days=181)
    purge(store, out, ALL, now=NOW)
    assert store.troubles() == ()


# --- how old? -------------------------------------------------------------------------------------


def test_a_call_is_as_old_as_its_start_or_else_as_when_it_was_heard(store: Store) -> None:
    unknown = told("unknown.wav", None, b"when?")
    with_zone = told("zone.wav", datetime.fromisoformat("2026-03-05T07:59:00+08:00"), b"east")
    for one in (unknown, with_zone):
        store.keep_call(one.call)
    with store.database.writing() as session:
        row = session.get_one(CallRow, unknown.scorecard.recording_id)
        row.listened_at = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)

    def files(moment: datetime) -> list[str]:
        return [one.file for one in older_than(store.database, moment)]

    assert files(datetime(2026, 3, 5, 0, 0, tzinfo=UTC)) == ["old.wav", "unknown.wav", "zone.wav"]
    assert files(datetime(2026, 3, 4, 23, 59, tzinfo=UTC)) == ["old.wav", "unknown.wav"]
    assert files(datetime(2026, 3, 4, 12, 0, tzinfo=UTC)) == ["old.wav"]


def test_a_time_without_a_zone_is_the_same_moment_on_every_machine(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.keep_call(told("zoneless.wav", datetime.fromisoformat("2026-03-05T00:00:00"), b"?").call)
    monkeypatch.setenv("TZ", "Asia/Taipei")
    time.tzset()
    try:
        old = older_than(store.database, datetime(2026, 3, 5, 0, 0, tzinfo=UTC))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert [one.file for one in old] == ["old.wav"]


@pytest.mark.parametrize(
    ("text", "age"),
    [
        ("180d", timedelta(days=180)),
        ("26w", timedelta(days=182)),
        ("12h", timedelta(hours=12)),
        (" 1 D ", timedelta(days=1)),
    ],
)
def test_ages_are_hours_days_and_weeks(text: str, age: timedelta) -> None:
    assert age_of(text) == age


@pytest.mark.parametrize("text", ["180", "d", "", "-1d", "1.5d", "6m", "2y", "1d1h", "9" * 9 + "d"])
def test_other_ages_are_said(text: str) -> None:
    with pytest.raises(UsageError) as error:
        age_of(text)
    assert error.value == UsageError(
        "--older-than",
        repr(text),
        "a whole number and h, d or w, such as 12h, 180d or 26w",
        "There is no unit for months or years, which are not all equally long.",
    )


def test_an_age_before_all_calendars_is_said(store: Store, out: Path) -> None:
    with pytest.raises(UsageError) as error:
        purge(store, out, Retention(age_of("999999w")), now=NOW)
    assert error.value.got == "6999993 days"


# --- results --------------------------------------------------------------------------------------


def test_results_that_tell_what_was_said_go(store: Store, out: Path) -> None:
    tables = ["report.html", "scores.csv", "verdicts.csv"]
    assert below(out) == ["calls/new.json", "calls/old.json", *tables]
    (out / "calls" / "mine.json").write_text('{"scorecard": 1}')
    (out / "calls" / "link.json").symlink_to(out / "calls" / "new.json")
    done = purge(store, out, WORDS, now=NOW)
    assert below(out) == ["calls/link.json", "calls/mine.json", "calls/new.json", "scores.csv"]
    assert [gone.path for gone in done.documents] == [out / "calls" / "old.json"]
    assert [gone.path for gone in done.reports] == [out / "report.html", out / "verdicts.csv"]


def test_results_that_a_killed_run_left_unfinished_go(store: Store, out: Path) -> None:
    (out / ".callqa-0123.part").write_text(SECRET, encoding="utf-8")
    purge(store, out, WORDS, now=NOW)
    assert below(out) == ["calls/new.json", "scores.csv"]


def test_scores_go_with_whole_calls(store: Store, out: Path) -> None:
    purge(store, out, ALL, now=NOW)
    assert below(out) == ["calls/new.json"]


def test_a_report_of_other_calls_stays(store: Store, tmp_path: Path) -> None:
    write_reports([NEW], [], OUTLINE, tmp_path / "out")
    before = below(tmp_path / "out")
    done = purge(store, tmp_path / "out", ALL, now=NOW)
    assert (done.documents, done.reports, below(tmp_path / "out")) == ([], [], before)


REPORTS = ["report.html", "scores.csv", "verdicts.csv"]
UNTOLD = "no table tells whose calls stand in it"


def test_a_report_of_which_no_table_tells_stays_and_is_said(store: Store, tmp_path: Path) -> None:
    write_reports([NEW], [], OUTLINE, tmp_path / "out")
    (tmp_path / "out" / "scores.csv").unlink()
    done = purge(store, tmp_path / "out", WORDS, now=NOW)
    assert below(tmp_path / "out") == ["calls/new.json", "report.html", "verdicts.csv"]
    assert done.kept == [(tmp_path / "out" / "report.html", UNTOLD)]


def test_a_report_without_tables_goes_with_the_documents_of_its_calls(
    store: Store, out: Path
) -> None:
    (out / "scores.csv").unlink()
    (out / "verdicts.csv").unlink()
    done = purge(store, out, WORDS, now=NOW)
    assert (below(out), done.kept) == (["calls/new.json"], [])


def test_no_report_goes_where_no_call_is_old(store: Store, out: Path) -> None:
    for name in REPORTS:
        (out / name).write_bytes(b"\xff")
    done = purge(store, out, replace(ALL, age=timedelta(days=3650)), now=NOW)
    assert [name for name in REPORTS if not (out / name).exists()] == []
    assert (done.calls, done.files, done.kept) == ((), [], [])


def test_a_table_that_cannot_be_read_stays_and_is_said(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_reports([NEW], [], OUTLINE, out)
    with (out / "scores.csv").open("ab") as table:
        table.write(b"\xff")
    done = purge(store, out, ALL, now=NOW)
    assert below(out) == ["calls/new.json", *REPORTS]
    assert [path for path, _ in done.kept] == [out / "scores.csv", out / "report.html"]
    assert done.kept[0][1].startswith("cannot be read: 'utf-8' codec can't decode byte 0xff")
    # the next purge would not know any more whose words stand there
    assert (done.calls, store.recordings()) == ((), (("new.wav", NEW_ID), ("old.wav", OLD_ID)))


def test_tables_of_others_are_left_alone(store: Store, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in REPORTS:
        (out / name).write_text("file,mark\nold.wav,7\n")
    done = purge(store, out, ALL, now=NOW)
    assert (below(out), done.files, done.kept) == (REPORTS, [], [])


# --- recordings -----------------------------------------------------------------------------------


def audio(folder: Path) -> Retention:
    return Retention(HALF_A_YEAR, audio=True, recordings=folder)


def test_old_recordings_go_by_what_they_hold(store: Store, out: Path, recordings: Path) -> None:
    done = purge(store, out, audio(recordings), now=NOW)
    assert below(recordings) == ["calls.csv", "new.wav", "stranger.wav"]
    assert done.recordings == [
        Gone(recordings / "old.wav", 16),
        Gone(recordings / "copies" / "renamed.wav", 16),
    ]
    assert (done.calls, done.documents, done.reports) == ((), [], [])
    assert store.kept(OLD_ID) == Kept(OLD.call, (ANSWER,))


def test_no_link_is_followed_out_of_the_folder(
    store: Store, out: Path, recordings: Path, tmp_path: Path
) -> None:
    outside = tmp_path / "elsewhere"
    outside.mkdir()
    (outside / "old.wav").write_bytes(OLD_SOUND)
    (recordings / "to-folder").symlink_to(outside, target_is_directory=True)
    (recordings / "to-file.wav").symlink_to(outside / "old.wav")
    purge(store, out, audio(recordings), now=NOW)
    assert below(outside) == ["old.wav"]
    assert below(recordings) == ["calls.csv", "new.wav", "stranger.wav", "to-file.wav", "to-folder"]


def test_recordings_go_with_whole_calls_where_their_folder_is_given(
    store: Store, out: Path, recordings: Path
) -> None:
    purge(store, out, replace(ALL, recordings=recordings), now=NOW)
    assert below(recordings) == ["calls.csv", "new.wav", "stranger.wav"]
    assert store.recordings() == (("new.wav", NEW_ID),)


def test_a_file_that_cannot_be_deleted_is_said(
    store: Store, out: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, missing_ok: bool = False) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(Path, "unlink", refuse)
    done = purge(store, out, audio(recordings), now=NOW)
    assert (done.recordings, done.kept) == (
        [],
        [
            (recordings / "old.wav", "Operation not permitted"),
            (recordings / "copies" / "renamed.wav", "Operation not permitted"),
        ],
    )


def refusing(monkeypatch: pytest.MonkeyPatch, method: str, name: str) -> None:
    """Make a method of paths fail for files of that name, as permissions do of whoever is not root."""
    real = getattr(Path, method)

    def refuse(path: Path, *arguments: object, **named: object) -> object:
        if path.name == name:
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **named)

    monkeypatch.setattr(Path, method, refuse)


@pytest.mark.parametrize("name", ["renamed.wav", "old.json", "report.html"])
def test_a_call_whose_files_cannot_all_be_deleted_is_not_forgotten(
    store: Store, out: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as locked:
        refusing(locked, "unlink", name)
        done = purge(store, out, replace(ALL, recordings=recordings), now=NOW)
    assert ([(path.name, why) for path, why in done.kept], done.calls) == (
        [(name, "Permission denied")],
        (),
    )
    assert store.recordings() == (("new.wav", NEW_ID), ("old.wav", OLD_ID))
    done = purge(store, out, replace(ALL, recordings=recordings), now=NOW)
    assert ([one.file for one in done.calls], done.kept) == (["old.wav"], [])
    assert (store.recordings(), below(out)) == ((("new.wav", NEW_ID),), ["calls/new.json"])


def test_a_call_is_not_forgotten_while_a_file_as_long_cannot_be_read(
    store: Store, out: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, "open", "renamed.wav")
    done = purge(store, out, replace(ALL, recordings=recordings), now=NOW)
    assert (done.kept, done.calls) == (
        [(recordings / "copies" / "renamed.wav", "Permission denied")],
        (),
    )
    assert store.kept(OLD_ID) == Kept(OLD.call, (ANSWER,))


@pytest.mark.parametrize("dry_run", [True, False])
def test_no_call_is_forgotten_while_a_folder_cannot_be_searched(
    store: Store, out: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch, dry_run: bool
) -> None:
    copies = str(recordings / "copies")
    real = os.scandir

    def scandir(path: str) -> object:
        if path == copies:
            raise PermissionError(13, "Permission denied", path)
        return real(path)

    monkeypatch.setattr("os.scandir", scandir)
    done = purge(store, out, replace(ALL, recordings=recordings), now=NOW, dry_run=dry_run)
    assert (done.kept, done.calls) == (
        [(recordings / "copies", "Permission denied; the store forgets no call")],
        (),
    )
    assert store.recordings() == (("new.wav", NEW_ID), ("old.wav", OLD_ID))


def test_a_folder_that_lists_its_files_but_shows_none_is_said(
    store: Store, out: Path, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    refusing(monkeypatch, "lstat", "renamed.wav")
    done = purge(store, out, replace(ALL, recordings=recordings), now=NOW)
    assert ([path.name for path, _ in done.kept], done.calls) == (["renamed.wav"], ())


def test_an_empty_folder_of_recordings_is_refused(
    store: Store, out: Path, tmp_path: Path, any_url: str
) -> None:
    empty = tmp_path / "not mounted"
    empty.mkdir()
    before = everything(store, any_url), below(out)
    with pytest.raises(UsageError) as error:
        purge(store, out, replace(ALL, recordings=empty), now=NOW)
    assert error.value == UsageError(
        "--recordings",
        f"{empty}, which holds no file",
        "the folder in which the recordings are",
        "Mount its disk, or leave out --recordings if there are none any more.",
    )
    assert (everything(store, any_url), below(out)) == before
    nothing = Retention(timedelta(days=3650), recordings=empty)
    assert purge(store, out, nothing, now=NOW).calls == ()


# --- not now --------------------------------------------------------------------------------------


def test_a_dry_run_tells_the_same_and_changes_nothing(
    store: Store, out: Path, recordings: Path, any_url: str
) -> None:
    def state() -> tuple[str, list[str], list[str]]:
        return everything(store, any_url), below(out), below(recordings)

    before, retention = state(), replace(ALL, recordings=recordings)
    dry = purge(store, out, retention, dry_run=True, now=NOW)
    assert state() == before
    assert dry == purge(store, out, retention, now=NOW)
    assert isinstance(dry, Purged)
    assert (len(dry.calls), len(dry.recordings), len(dry.documents), len(dry.reports)) == (
        1,
        2,
        1,
        3,
    )
    assert dry.calls[0].stored_bytes > 2_000


def test_nothing_is_purged_under_a_run(store: Store, out: Path) -> None:
    with store.run("score", "{}", OUTLINE):
        with pytest.raises(UsageError) as error:
            purge(store, out, WORDS, now=NOW)
        assert len(purge(store, out, WORDS, dry_run=True, now=NOW).calls) == 1
    assert error.value.got.startswith("callqa score since ")
    assert (error.value.expected, error.value.hint) == (
        "a store that nobody writes to",
        "Purge when it is done.",
    )
