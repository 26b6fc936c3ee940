"""Disks and network folders that go away in the middle of a night, and models that do not load."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from sqlalchemy import text

from pipeline.errors import Exit, OutputError, WeightsError
from pipeline.show.files import ready, sweep, written_whole
from pipeline.store import Store
from tests import test_cli
from tests.fakes import Repeating, fake_models
from tests.test_cli import SAID, Run

run, recordings = test_cli.run, test_cli.recordings

AWAY = ("EIO", "ESTALE", "ENOTCONN", "EHOSTDOWN", "EHOSTUNREACH", "ETIMEDOUT")
BRING_IT_BACK = "Its disk or network folder failed: bring it back, or choose another output folder."


def failing(monkeypatch: pytest.MonkeyPatch, name: str, number: int) -> None:
    """Let a method of paths fail as the system would."""

    def fail(self: Path, *_: object, **__: object) -> None:
        raise OSError(number, os.strerror(number), str(self))

    monkeypatch.setattr(Path, name, fail)


@pytest.mark.parametrize("method", ["open", "replace", "mkdir"])
@pytest.mark.parametrize("code", AWAY)
def test_results_whose_disk_is_gone_say_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, method: str
) -> None:
    number = getattr(errno, code)
    with monkeypatch.context() as patch, pytest.raises(OutputError) as error:
        failing(patch, method, number)
        with written_whole(tmp_path / "scores.csv") as file:
            file.write("file,score\n")
    assert error.value == OutputError(
        str(tmp_path / "scores.csv"),
        os.strerror(number),
        "a file that can be written",
        BRING_IT_BACK,
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("code", AWAY)
def test_a_disk_that_is_gone_is_noticed_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    number = getattr(errno, code)
    failing(monkeypatch, "write_bytes", number)
    with pytest.raises(OutputError) as error:
        ready(tmp_path)
    assert error.value == OutputError(
        str(tmp_path),
        f"cannot be written ({os.strerror(number)})",
        "a folder we may write to, with room on its disk",
        BRING_IT_BACK,
    )


def test_runs_that_start_together_do_not_fail_over_each_others_probe(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.write_bytes

    def write_and_lose(path: Path, data: bytes) -> int:
        written = real(path, data)
        path.unlink()  # as the other run does
        return written

    monkeypatch.setattr(Path, "write_bytes", write_and_lose)
    ready(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_what_killed_runs_left_is_swept_and_no_more(tmp_path: Path) -> None:
    out, outside = tmp_path / "out", tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("kept")
    (out / "calls" / ".callqa-12.part" / "below").mkdir(parents=True)
    (out / "calls" / ".callqa-12.part" / "below" / "rows").write_text("said")
    (out / ".callqa-34.part").write_text("said")
    (out / ".callqa-56.part").symlink_to(outside, target_is_directory=True)
    (out / ".callqa-mine").mkdir()
    sweep(out)
    assert sorted(path.name for path in out.rglob("*")) == [".callqa-mine", "calls"]
    assert [path.name for path in outside.iterdir()] == ["kept"]


def test_results_whose_folder_fails_while_calls_are_heard_stop_the_run_and_lose_nothing(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        fake_models(patch, Repeating(SAID, lambda: failing(patch, "replace", errno.ESTALE)))
        code, out, err = run("score", recordings, "--log", "log", "--threads", 1)
    assert (code, out, err) == (
        Exit.USAGE,
        "",
        f"callqa: callqa-out/calls/a.json: Stale file handle; expected a file that can be "
        f"written. {BRING_IT_BACK}\n",
    )
    assert "event=run_stopped" in Path("log").read_text().splitlines()[-1]
    printed = json.loads(run("score", recordings, "--json")[1])
    assert (printed["scored"], printed["heard"], printed["known"]) == (2, 0, 2)


def test_recordings_that_vanish_halfway_are_heard_by_the_next_run(
    run: Run, recordings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("c.wav", "d.wav"):
        (recordings / name).write_bytes((recordings / "a.wav").read_bytes() + name.encode())
    away = tmp_path / "away"

    def vanish() -> None:
        if not away.exists():
            recordings.rename(away)

    for _ in range(4):  # more often than a recording may fail by its content
        with monkeypatch.context() as patch:
            fake_models(patch, Repeating(SAID, vanish))
            code, out, _ = run("score", recordings, "--json", "--threads", 1)
        printed = json.loads(out)
        failed = {one["file"]: one["got"] for one in printed["failures"]}
        assert (code, printed["scored"] + len(failed)) == (Exit.SOME_UNJUDGED, 4)
        assert set(failed.values()) == {"cannot be read (No such file or directory)"}
        assert json.loads(Path("callqa-out/summary.json").read_text())["set_aside"] == 0
        away.rename(recordings)
        if len(failed) == 1:
            break
    fake_models(monkeypatch, Repeating(SAID))
    code, out, _ = run("score", recordings, "--json")
    printed = json.loads(out)
    assert (code, printed["scored"], printed["failures"]) == (Exit.DONE, 4, [])


def test_a_model_that_does_not_load_stops_the_run_with_nothing_in_hand(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = WeightsError(
        "base", "CTranslate2 cannot load it", "a Whisper model", "Fetch it again."
    )

    def load(*_: object) -> None:
        raise broken

    with monkeypatch.context() as patch:
        patch.setattr("pipeline.work.load_listener", load)
        assert run("score", recordings) == (Exit.USAGE, "", f"callqa: {broken}\n")
    with Store("sqlite:///callqa-out/callqa.db") as store:
        with store.database.reading() as session:
            claims = session.execute(text("SELECT count(*) FROM claims")).scalar()
        assert (claims, store.troubles()) == (0, ())
    summary = json.loads(Path("callqa-out/summary.json").read_text())
    assert (summary["exit_code"], summary["error"]["got"]) == (2, "CTranslate2 cannot load it")
    printed = json.loads(run("score", recordings, "--json")[1])
    assert (printed["heard"], printed["failures"]) == (2, [])
