"""A recording that fails is tried a few times, then set aside, until somebody asks for it again."""

from __future__ import annotations

import json
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from sqlalchemy import update

from pipeline.batch import Night
from pipeline.errors import Exit
from pipeline.records import Failure
from pipeline.settings import Settings
from pipeline.store import ATTEMPTS
from pipeline.store.schema import FailureRow, now
from tests import test_batch
from tests.fakes import Repeating, fake_models
from tests.test_batch import SAID, Desk, counts
from tests.test_cli import Run, run

__all__ = ["run"]

desk, standard = test_batch.desk, test_batch.standard


def attempts(desk: Desk) -> dict[str, int]:
    with desk.store() as store:
        return {one.failure.file: one.attempts for one in store.troubles()}


def hints(night: Night) -> list[tuple[str, bool]]:
    return [(one.file, "`callqa failures --retry`" in one.hint) for one in night.failures]


def test_a_recording_is_set_aside_after_some_nights_and_stays_in_the_results(desk: Desk) -> None:
    desk.put("a.wav")
    (desk.folder / "bad.wav").write_bytes(b"no sound")
    for _ in range(ATTEMPTS):
        assert hints(desk.score()) == [("bad.wav", False)]
    assert attempts(desk) == {"bad.wav": ATTEMPTS}
    night = desk.score()
    assert hints(night) == [("bad.wav", True)]
    assert f"It was tried {ATTEMPTS} times and is set aside" in night.failures[0].hint
    assert (attempts(desk), counts(night)) == ({"bad.wav": ATTEMPTS}, (0, 1))
    with desk.store() as store:
        store.try_again()
    assert hints(desk.score()) == [("bad.wav", False)]
    assert attempts(desk) == {"bad.wav": 1}


def test_a_file_that_cannot_be_read_is_tried_every_night(desk: Desk) -> None:
    desk.put("a.wav", "b.wav")
    content = (desk.folder / "b.wav").read_bytes()
    for _ in range(ATTEMPTS + 1):
        (desk.folder / "b.wav").write_bytes(content)
        desk.on_window = lambda: (desk.folder / "b.wav").unlink(missing_ok=True)
        night = desk.score(Settings(threads=1, language="yue"))  # hears a.wav anew
        with desk.store() as store:
            desk_calls = store.files()
        assert desk_calls == ("a.wav",)
        assert [one.passing for one in night.failures] == [True]
        with desk.store() as store, store.database.writing() as session:
            session.connection().exec_driver_sql("DELETE FROM calls")
    assert attempts(desk) == {"b.wav": 0}
    desk.on_window = lambda: None
    (desk.folder / "b.wav").write_bytes(content)
    desk.score()
    assert attempts(desk) == {}


def test_a_recording_that_is_still_being_written_is_left_to_the_next_night(desk: Desk) -> None:
    desk.put("a.wav")
    path = desk.folder / "a.wav"

    def write_on() -> None:
        with path.open("ab") as file:
            file.write(b"\0" * 4000)

    desk.on_window = write_on
    night = desk.score()
    assert [(one.file, one.got, one.passing) for one in night.failures] == [
        ("a.wav", "a file that changed while it was read", True)
    ]
    with desk.store() as store:
        assert store.files() == ()
    desk.on_window = lambda: None
    night = desk.score()
    assert (counts(night), night.failures) == ((1, 0), ())


def test_names_that_are_wrong_are_known_until_they_are_mended(desk: Desk) -> None:
    desk.put("a.wav")
    (desk.folder / "empty.wav").touch()
    desk.calls_csv("file,kind\na.wav,parcel\ngone.wav,call\n")
    for _ in range(ATTEMPTS + 1):
        desk.score()
    assert attempts(desk) == {"a.wav": 0, "empty.wav": 0, "gone.wav": 0}
    (desk.folder / "empty.wav").unlink()
    desk.calls_csv("file,kind\na.wav,call\n")
    desk.score()
    assert attempts(desk) == {}


def test_what_was_mended_or_removed_is_no_failure_any_more(desk: Desk) -> None:
    desk.put("a.wav")
    for name in ("mended.wav", "removed.wav", "kept.wav"):
        (desk.folder / name).write_bytes(f"no sound {name}".encode())
    desk.score()
    assert attempts(desk) == {"kept.wav": 1, "mended.wav": 1, "removed.wav": 1}
    desk.put("mended.wav")
    (desk.folder / "removed.wav").unlink()
    desk.score()
    assert attempts(desk) == {"kept.wav": 2}


def test_what_a_clock_that_was_ahead_saw_fail_is_tried_again(desk: Desk) -> None:
    (desk.folder / "bad.wav").write_bytes(b"no sound")
    for attempt in range(1, ATTEMPTS + 1):
        desk.score()
        assert attempts(desk) == {"bad.wav": attempt}
        with desk.store() as store, store.database.writing() as session:
            session.execute(update(FailureRow).values(last_at=now() + timedelta(days=365)))
    with desk.store() as store:
        store.try_again()
    assert hints(desk.score()) == [("bad.wav", False)]
    assert attempts(desk) == {"bad.wav": 1}


def test_what_another_run_has_just_failed_to_hear_is_not_tried_at_once(desk: Desk) -> None:
    """Though that one's clock is behind."""
    desk.put("a.wav")
    identity = sha256((desk.folder / "a.wav").read_bytes()).hexdigest()
    failed = Failure("a.wav", "no room", "room", "Free some.", identity)
    with desk.store() as store, store.run("score", "{}", desk.standard.outline) as other:
        other.claim(identity)

        def fail() -> None:
            other.fail(failed, str(desk.folder))
            with store.database.writing() as session:
                session.execute(update(FailureRow).values(last_at=now() - timedelta(days=365)))

        Timer(1.5, fail).start()
        night = desk.score()
    assert (night.failures, desk.heard) == ((failed,), [])


def test_what_is_set_aside_stays_so_though_it_is_not_tried(desk: Desk) -> None:
    (desk.folder / "bad.wav").write_bytes(b"no sound")
    for _ in range(ATTEMPTS + 2):
        desk.score()
    assert attempts(desk) == {"bad.wav": ATTEMPTS}


def test_what_failed_in_another_folder_is_a_failure_still(desk: Desk) -> None:
    (desk.folder / "bad.wav").write_bytes(b"no sound")
    desk.score()
    desk.folder = desk.folder.with_name("tuesday")
    desk.folder.mkdir()
    desk.put("bad.wav")
    desk.score()
    assert attempts(desk) == {"bad.wav": 1}


def test_what_was_mended_in_a_folder_that_is_now_spelt_otherwise_is_no_failure_any_more(
    desk: Desk,
) -> None:
    desk.put("a.wav", "gone.wav")
    (desk.folder / "calls.csv").write_text("file\na.wav\ngone.wav\n")
    (desk.folder / "bad.wav").write_bytes(b"no sound")
    desk.score()
    (desk.folder / "bad.wav").unlink()
    (desk.folder / "gone.wav").unlink()  # heard, and kept for as long as it may be
    desk.folder = desk.folder / ".." / desk.folder.name
    assert (desk.score().failures, attempts(desk)) == ((), {})


def test_a_file_that_was_scored_since_by_a_run_that_did_not_end_is_no_failure(desk: Desk) -> None:
    desk.put("a.wav")
    desk.score()
    with desk.store() as store, store.run("score", "{}", desk.standard.outline) as run:
        run.fail(Failure("a.wav", "no sound", "sound", "Mend it.", "0" * 64), str(desk.folder))
        assert [one.failure.file for one in store.troubles()] == ["a.wav"]
        (night,) = desk.score().judged
        run.fail(Failure("b.wav", "no sound", "sound", "Mend it.", "1" * 64), str(desk.folder))
        assert [one.failure.file for one in store.troubles()] == ["b.wav"]
    assert night.scorecard.file == "a.wav"


# --- the command ----------------------------------------------------------------------------------


@pytest.fixture
def failed(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Three nights in which one recording failed for good and one name is wrong."""
    fake_models(monkeypatch, Repeating(SAID))
    folder = tmp_path / "recordings"
    folder.mkdir()
    (folder / "bad.wav").write_bytes(b"no sound")
    (folder / "empty.wav").touch()
    for _ in range(ATTEMPTS):
        run("score", folder)
    return folder


def test_failures_are_listed_with_what_to_do(run: Run, failed: Path) -> None:
    code, out, err = run("failures")
    lines = out.splitlines()
    assert (code, err) == (Exit.DONE, "")
    assert lines[0].startswith("bad.wav: ") and lines[2].startswith("empty.wav: an empty file")
    assert lines[1].startswith(f"  failed {ATTEMPTS} times, set aside; since ")
    assert lines[3].startswith("  tried again next time; since ")
    assert lines[1].endswith(f"in {failed}") and lines[4:] == ["2 recordings could not be judged."]


def test_rescore_keeps_what_failed_in_its_results(run: Run, failed: Path, tmp_path: Path) -> None:
    code, _, _ = run("score", failed)
    before = {
        name: (tmp_path / "callqa-out" / name).read_text(encoding="utf-8")
        for name in ("scores.csv", "verdicts.csv")
    }
    told = summary(tmp_path)
    assert (code, told["failed"], told["set_aside"]) == (Exit.SOME_UNJUDGED, 2, 1)
    assert run("rescore")[0] == Exit.SOME_UNJUDGED
    assert before == {
        name: (tmp_path / "callqa-out" / name).read_text(encoding="utf-8") for name in before
    }
    again = summary(tmp_path)
    assert [
        again[key] for key in ("recordings", "failed", "set_aside", "failures", "exit_code")
    ] == [told[key] for key in ("recordings", "failed", "set_aside", "failures", "exit_code")]


def summary(folder: Path) -> dict[str, Any]:
    text = (folder / "callqa-out/summary.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def test_retry_takes_them_up(run: Run, failed: Path) -> None:
    code, out, _ = run("failures", "--retry", "bad.wav")
    assert (code, out.splitlines()[1].split(";")[0]) == (
        Exit.DONE,
        f"  failed {ATTEMPTS} times, tried again next time",
    )
    _, out, _ = run("failures", "--json")
    told = [(one["failure"]["file"], one["attempts"], one["set_aside"]) for one in json.loads(out)]
    assert told == [("bad.wav", 0, False), ("empty.wav", 0, False)]


def test_a_file_that_never_failed_is_said(run: Run, failed: Path) -> None:
    code, out, err = run("failures", "good.wav")
    assert (code, out) == (Exit.USAGE, "")
    assert err.startswith("callqa: good.wav: no recording that failed; expected")


# --- the store's address --------------------------------------------------------------------------


def test_the_store_is_named_by_the_environment(
    run: Run, failed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "callqa-out/callqa.db").rename(tmp_path / "other.db")
    monkeypatch.setenv("CALLQA_STORE", f"sqlite:///{tmp_path / 'other.db'}")
    code, out, err = run("failures")
    assert (code, out.splitlines()[-1], err) == (
        Exit.DONE,
        "2 recordings could not be judged.",
        "",
    )


def test_the_store_is_named_in_a_file(
    run: Run, failed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "callqa-out/callqa.db").rename(tmp_path / "other.db")
    (tmp_path / "store.url").write_text(f"sqlite:///{tmp_path / 'other.db'}\n", encoding="utf-8")
    monkeypatch.setenv("CALLQA_STORE_FILE", str(tmp_path / "store.url"))
    code, out, err = run("failures")
    assert (code, out.splitlines()[-1], err) == (
        Exit.DONE,
        "2 recordings could not be judged.",
        "",
    )
    monkeypatch.setenv("CALLQA_STORE_FILE", str(tmp_path / "nowhere"))
    code, _, err = run("failures")
    assert (code, err.split(";")[0]) == (
        Exit.USAGE,
        f"callqa: CALLQA_STORE_FILE={tmp_path / 'nowhere'}: cannot be read (No such file or directory)",
    )


@pytest.mark.parametrize("content", ["", " \n\n"])
def test_a_secret_that_was_not_filled_in_is_no_leave_to_use_another_store(
    run: Run, failed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str
) -> None:
    (tmp_path / "store.url").write_text(content, encoding="utf-8")
    monkeypatch.setenv("CALLQA_STORE_FILE", str(tmp_path / "store.url"))
    code, _, err = run("failures")
    assert (code, err.split(";")[0]) == (
        Exit.USAGE,
        f"callqa: CALLQA_STORE_FILE={tmp_path / 'store.url'}: an empty file",
    )


@pytest.mark.parametrize(
    "url",
    ["postgresql+psycopg://qa:secret@db/calls", "postgresql+psycopg://qa@db/calls?password=secret"],
)
def test_a_password_on_the_command_line_is_refused_and_not_repeated(run: Run, url: str) -> None:
    code, out, err = run("failures", "--store", url)
    assert (code, out) == (Exit.USAGE, "")
    assert err.startswith("callqa: --store: a password on the command line")
    assert "secret" not in err


def test_a_password_from_the_environment_is_told_to_nobody(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(
        "CALLQA_STORE", "postgresql+psycopg://qa:secret@127.0.0.1:1/calls?password=hidden"
    )
    code, out, err = run("failures")
    assert (code, out) == (Exit.USAGE, "")
    assert "secret" not in err and "hidden" not in err
