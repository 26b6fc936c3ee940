"""What a run leaves behind besides its results: summary.json and a log, however it ends."""

from __future__ import annotations

import fcntl
import json
import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Timer
from typing import Any

import pytest
from sqlalchemy import update

from pipeline import __version__
from pipeline.batch import score_folder
from pipeline.errors import Exit
from pipeline.journal import Event, Waiting
from pipeline.judge.load import load_standard
from pipeline.lock import NAME
from pipeline.settings import Settings, default_standard
from pipeline.shift import Silent
from pipeline.store import Store, standing
from pipeline.store.schema import RunRow
from tests import test_cli
from tests.fakes import WEIGHTS, Repeating, fake_models, press_ctrl_c
from tests.test_cli import SAID, Run, kept

run, recordings = test_cli.run, test_cli.recordings

OUT = Path("callqa-out")
MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"


def summary() -> dict[str, Any]:
    """The summary that was written; its times, which must be there, put aside."""
    found: dict[str, Any] = json.loads((OUT / "summary.json").read_text(encoding="utf-8"))
    assert re.fullmatch(MOMENT, found.pop("started_at"))
    assert re.fullmatch(MOMENT, found.pop("ended_at"))
    assert 0 < found.pop("seconds") < 60
    if found["run_id"] is not None:
        assert re.fullmatch("[0-9a-f]{32}", found.pop("run_id"))
    return found


def events(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def names(log: Path) -> list[str]:
    return [row["event"] for row in events(log)]


NOTHING = {
    "schema": 1,
    "callqa_version": __version__,
    "command": "score",
    "run_id": None,
    "exit_code": 2,
    "folder": None,
    "recordings": None,
    "scored": 0,
    "heard": 0,
    "known": 0,
    "purged": 0,
    "ignored": 0,
    "failed": 0,
    "set_aside": 0,
    "unjudged": 0,
    "below_threshold": 0,
    "fail_under": None,
    "mean_score": None,
    "failures": [],
    "model": None,
    "engine": None,
    "weights_sha256": None,
    "standard": None,
    "standard_sha256": None,
    "store": None,
}
"""The summary of a run that stopped before it began; ``error`` is to be added."""


@pytest.fixture(scope="module")
def standard_sha256() -> str:
    return load_standard(default_standard()).sha256


def test_the_summary_of_a_night(
    run: Run, recordings: Path, standard_sha256: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_models(monkeypatch, Repeating("喂？你等一下。"))
    (recordings / "text.wav").write_text("no sound")
    (recordings / "empty.wav").touch()
    code, out, _ = run("score", recordings, "--fail-under", 100, "--json")
    printed = json.loads(out)
    scores = [call["score"] for call in printed["calls"]]
    found = summary()
    failures = found.pop("failures")
    assert code == Exit.BELOW_THRESHOLD
    assert found == {
        "schema": 1,
        "callqa_version": __version__,
        "command": "score",
        "exit_code": 1,
        "error": None,
        "folder": str(recordings),
        "recordings": 4,
        "scored": 2,
        "heard": 2,
        "known": 0,
        "purged": 0,
        "ignored": 0,
        "failed": 2,
        "set_aside": 0,
        "unjudged": 0,
        "below_threshold": sum(score < 100 for score in scores),
        "fail_under": 100.0,
        "mean_score": sum(scores) / 2,
        "model": "base",
        "engine": "faster-whisper",
        "weights_sha256": WEIGHTS.sha256,
        "standard": "property-reception",
        "standard_sha256": standard_sha256,
        "store": "sqlite:///callqa-out/callqa.db",
    }
    assert [(one["file"], one["attempts"], one["set_aside"]) for one in failures] == [
        ("empty.wav", 0, False),
        ("text.wav", 1, False),
    ]
    four = ("file", "got", "expected", "hint", "recording_id")
    assert [{key: one[key] for key in four} for one in failures] == [
        {key: one[key] for key in four} for one in printed["failures"]
    ]


def test_a_later_run_tells_what_was_known(run: Run, recordings: Path) -> None:
    run("score", recordings)
    first = summary()
    run("score", recordings)
    assert summary() == {**first, "heard": 0, "known": 2}


def test_a_later_run_tells_what_was_purged(run: Run, recordings: Path) -> None:
    run("score", recordings)
    run("purge", "--older-than", "0h", "--transcripts")
    run("score", recordings)
    told = summary()
    names = ("recordings", "scored", "heard", "known", "purged", "exit_code")
    assert {name: told[name] for name in names} == {
        "recordings": 2,
        "scored": 0,
        "heard": 0,
        "known": 0,
        "purged": 2,
        "exit_code": 0,
    }


def test_the_summary_of_judging_again(run: Run, recordings: Path) -> None:
    run("score", recordings)
    first = summary()
    assert run("rescore", "--log", "log", "--log-format", "json")[0] == Exit.DONE
    assert summary() == {
        **first,
        "command": "rescore",
        "folder": "",
        "heard": 0,
        "known": 2,
        "purged": 0,
        "ignored": 0,
        "model": None,
        "engine": None,
        "weights_sha256": None,
    }
    assert names(Path("log")) == ["run_started", *["recording_scored"] * 2, "run_ended"]


def test_the_log_of_a_night(run: Run, recordings: Path) -> None:
    (recordings / "text.wav").write_text("no sound")
    arguments = ("score", recordings, "--threads", 1, "--log", "log", "--log-format", "json")
    code, _, _ = run(*arguments)
    started, *scored, failed, ended = events(Path("log"))
    assert code == Exit.SOME_UNJUDGED
    assert {row["command"] for row in (started, *scored, failed, ended)} == {"score"}
    assert (started["event"], started["recordings"], started["ignored"]) == ("run_started", 3, 0)
    assert started["size_bytes"] == sum(file.stat().st_size for file in recordings.glob("*.wav"))
    assert started["settings"] == Settings(threads=1).model_dump()
    assert [(row["event"], row["file"], row["duration_ms"], row["heard"]) for row in scored] == [
        ("recording_scored", "a.wav", 2_000, True),
        ("recording_scored", "b.wav", 2_000, True),
    ]
    assert all(0 < row["seconds"] < 60 and len(row["sha256"]) == 64 for row in scored)
    assert [row["score"] is None for row in scored] == [False, False]
    assert (failed["event"], failed["level"], failed["file"], failed["attempt"]) == (
        "recording_failed",
        "warning",
        "text.wav",
        1,
    )
    assert (ended["event"], ended["exit_code"], ended["counts"]["failed"]) == ("run_ended", 3, 1)


def test_neither_log_nor_summary_holds_a_word_that_was_said(run: Run, recordings: Path) -> None:
    run("score", recordings, "--log", "log", "--unmasked")
    kept_text = Path("log").read_text() + (OUT / "summary.json").read_text()
    assert [word for word in re.findall(r"\w{2,}", SAID) if word in kept_text] == []


def test_a_recording_that_failed_three_times_is_told_as_set_aside(
    run: Run, recordings: Path
) -> None:
    (recordings / "text.wav").write_text("no sound")
    told = []
    for night in range(4):
        run("score", recordings, "--log", f"log{night}", "--log-format", "json")
        (row,) = [row for row in events(Path(f"log{night}")) if row.get("file") == "text.wav"]
        found = summary()
        attempts = row.get("attempt", row.get("attempts"))
        told.append((row["event"], attempts, found["failed"], found["set_aside"]))
    assert told == [
        ("recording_failed", 1, 1, 0),
        ("recording_failed", 2, 1, 0),
        ("recording_set_aside", 3, 1, 1),
        ("recording_set_aside", 3, 1, 1),
    ]


def test_a_run_that_is_stopped_by_an_error_says_which(run: Run, recordings: Path) -> None:
    arguments = ("--standard", "nowhere", "--log", "log", "--log-format", "json")
    assert run("score", recordings, *arguments)[0] == Exit.USAGE
    error = {
        "where": "nowhere/standard.yaml",
        "got": "cannot be read (No such file or directory)",
        "expected": "a standard's folder with a standard.yaml in it",
        "hint": "Check the path given to --standard.",
    }
    assert summary() == {**NOTHING, "error": error}
    (stopped,) = events(Path("log"))
    assert {key: stopped[key] for key in ("event", "level", "exit_code", *error)} == {
        "event": "run_stopped",
        "level": "error",
        "exit_code": 2,
        **error,
    }


def test_a_stores_password_is_written_nowhere(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CALLQA_STORE", "postgresql+psycopg://qa:s3cret@127.0.0.1:1/calls")
    code, out, err = run("score", recordings, "--log", "log")
    assert code == Exit.USAGE
    assert summary()["error"]["where"] == "postgresql+psycopg://qa:***@127.0.0.1:1/calls"
    said = out + err + Path("log").read_text() + (OUT / "summary.json").read_text()
    assert "s3cret" not in said


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_lets_go_and_says_how_far_it_came(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch, sent: signal.Signals
) -> None:
    before = signal.getsignal(sent)
    windows: list[int] = []

    def interrupt() -> None:
        windows.append(1)
        if len(windows) == 3:
            press_ctrl_c(lambda: kept("callqa-out/callqa.db") == 1, sent)

    fake_models(monkeypatch, Repeating(SAID, interrupt))
    assert run("score", recordings, "--threads", 1, "--log", "log")[0] == Exit.INTERRUPTED
    found = summary()
    assert (found["exit_code"], found["error"]) == (130, None)
    assert (found["recordings"], signal.getsignal(sent)) == (2, before)
    assert standing("sqlite:///callqa-out/callqa.db").left_behind == 0
    assert "event=run_stopped command=score" in Path("log").read_text()


def test_a_bug_is_told_by_its_name_only(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("陳小姐")

    monkeypatch.setattr("pipeline.work.load_listener", broken)
    assert run("score", recordings, "--log", "log")[0] == Exit.BUG
    found = summary()
    assert (found["exit_code"], found["error"]) == (
        4,
        {
            "where": "callqa",
            "got": "RuntimeError",
            "expected": "a run that ends",
            "hint": "It is a bug of ours: report what is on stderr.",
        },
    )
    assert "陳小姐" not in Path("log").read_text()


def test_a_summary_without_an_end_is_of_a_run_that_is_not_over(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[dict[str, Any]] = []

    def look() -> None:
        seen.append(json.loads((OUT / "summary.json").read_text()))

    fake_models(monkeypatch, Repeating(SAID, look))
    run("score", recordings)
    assert {(one["recordings"], one["ended_at"], one["exit_code"]) for one in seen} == {
        (2, None, None)
    }


@pytest.fixture
def in_use(run: Run) -> Iterator[None]:
    """The results' folder is in another run's hand."""
    OUT.mkdir()
    holder = {"command": "score", "pid": 7, "host": "qa1", "since": "2026-11-28T01:00:00+08:00"}
    (OUT / NAME).write_text(json.dumps(holder))
    with (OUT / NAME).open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


REFUSED = (
    "callqa: callqa-out: in use by callqa score, process 7 on qa1, since 2026-11-28T01:00:00+08:00; "
    "expected a folder that no other run writes to. Let it end, or give another "
    "--out. `callqa score` and `rescore` wait with --wait SECONDS.\n"
)


@pytest.mark.usefixtures("in_use")
def test_a_run_beside_another_is_refused_and_touches_nothing(run: Run, recordings: Path) -> None:
    for command in (("score", recordings), ("rescore",)):
        assert run(*command, "--log", "log") == (Exit.USAGE, "", REFUSED)
    assert [path.name for path in OUT.iterdir()] == [NAME]
    assert Path("log").read_text().count("event=run_stopped") == 2


@pytest.mark.usefixtures("in_use")
def test_waiting_for_another_run_is_logged(run: Run, recordings: Path) -> None:
    code, _, err = run("score", recordings, "--wait", 0.6, "--log", "log", "--log-format", "json")
    assert (code, "in use after 0.6 s of waiting by callqa score, process 7" in err) == (2, True)
    assert names(Path("log")) == ["waiting", "run_stopped"]
    assert events(Path("log"))[0]["holder"] == (
        "callqa score, process 7 on qa1, since 2026-11-28T01:00:00+08:00"
    )


class Terminal(Silent):
    """Somebody who looks on."""

    def __init__(self) -> None:
        self.waited_for: list[str] = []

    def waits(self, holder: str) -> None:
        self.waited_for.append(holder)


def test_waiting_for_recordings_in_another_runs_hand_is_told(
    recordings: Path, tmp_path: Path
) -> None:
    standard = load_standard(default_standard())
    told: list[Event] = []
    terminal = Terminal()
    with Store(f"sqlite:///{tmp_path / 'callqa.db'}") as store:
        first = score_folder(recordings, tmp_path / "a", standard, store, Settings())
        (one, _) = (judged.call.recording.id for judged in first.judged)
        with (
            store.run("rescore", "{}", standard.outline),
            store.run("score", "{}", standard.outline) as other,
        ):
            other.claim(one)
            began = datetime(2026, 11, 28, 1, 0, tzinfo=UTC)
            with store.database.writing() as session:
                of_other = update(RunRow).where(RunRow.run_id == other.id)
                session.execute(of_other.values(host="qa1 7", started_at=began))
            Timer(1.5, other.release, [one]).start()
            score_folder(
                recordings,
                tmp_path / "b",
                standard,
                store,
                Settings(language="yue"),
                progress=terminal,
                journal=told.append,
            )
    holder = "callqa score since 2026-11-28 01:00 UTC on qa1"
    assert [event for event in told if isinstance(event, Waiting)] == [
        Waiting("recordings in another run's hand", holder, 1)
    ]
    assert terminal.waited_for == [holder]


def test_a_log_that_cannot_be_written_stops_before_any_work(run: Run, recordings: Path) -> None:
    assert run("score", recordings, "--log", "nowhere/log") == (
        Exit.USAGE,
        "",
        "callqa: --log nowhere/log: cannot be written (No such file or directory); expected a file "
        "we may write to, in a folder that is there. Make the folder, correct its permissions, or "
        "give another file.\n",
    )
    assert not OUT.exists()


def test_a_log_on_a_full_disk_does_not_end_the_run(run: Run, recordings: Path) -> None:
    code, out, err = run("score", recordings, "--log", "/dev/full")
    assert (code, err) == (
        Exit.DONE,
        "callqa: /dev/full: the log cannot be written (No space left on device); the run goes on.\n",
    )
    assert "2 calls scored" in out


def test_a_log_on_standard_error_is_all_that_is_there(run: Run, recordings: Path) -> None:
    code, _, err = run("score", recordings, "--log", "-")
    assert code == Exit.DONE
    assert [line.split()[2] for line in err.splitlines()] == [
        "event=run_started",
        "event=recording_scored",
        "event=recording_scored",
        "event=run_ended",
    ]
