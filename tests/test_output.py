"""A run whose output nobody can take exits as it would have."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from io import BytesIO, TextIOWrapper
from pathlib import Path

import pytest

from pipeline.errors import Exit
from tests import test_cli
from tests.test_cli import Run, program

run, recordings = test_cli.run, test_cli.recordings

FULL = (
    "callqa: standard output: cannot be written (No space left on device); expected a terminal, pipe or "
    "file with room for what is printed. What was asked for is done all the same.\n"
)


@pytest.mark.parametrize("encoding", ["big5", "iso-8859-1", "ascii"])
def test_a_character_that_the_terminal_has_not_is_escaped(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    (recordings / "é喂🙂.wav").touch()
    (recordings / "calls.csv").unlink()
    (recordings / "a.wav").rename(recordings / "喂é🙂.wav")
    terminal = TextIOWrapper(BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", terminal)
    code, _, err = run("score", recordings, "--json")
    terminal.seek(0)
    night = json.loads(terminal.read())
    assert (code, err) == (Exit.SOME_UNJUDGED, "")
    assert [call["file"] for call in night["calls"]] == ["b.wav", "喂é🙂.wav"]
    assert [failure["file"] for failure in night["failures"]] == ["é喂🙂.wav"]


def test_a_table_for_people_is_escaped_as_well(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (recordings / "calls.csv").unlink()
    (recordings / "a.wav").rename(recordings / "é.wav")
    terminal = TextIOWrapper(BytesIO(), encoding="big5")
    monkeypatch.setattr(sys, "stdout", terminal)
    assert run("score", recordings)[0] == Exit.DONE
    terminal.seek(0)
    assert "\\u00e9.wav" in terminal.read()


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["for people", "as JSON"])
def test_a_night_that_nobody_can_be_told_of_exits_as_it_would_have(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch, form: list[str]
) -> None:
    (recordings / "empty.wav").touch()
    monkeypatch.setattr(sys, "stdout", open("/dev/full", "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    code, _, err = run("score", recordings, *form)
    assert (code, err.splitlines(keepends=True)[-1]) == (Exit.SOME_UNJUDGED, FULL)


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_a_full_disk_is_told_in_one_line(encoding: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            program("standard", "show"),
            env={**os.environ, "PYTHONIOENCODING": encoding},
            stdout=full,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr.decode()) == (Exit.DONE, FULL)


def test_what_is_asked_wrongly_of_a_closed_output_is_told() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -m pipeline failures --out nowhere >&-', sys.executable],
        capture_output=True,
        check=False,
    )
    assert done.returncode == Exit.USAGE
    assert done.stderr.startswith(b"callqa: nowhere: no callqa.db")


def test_who_stops_reading_of_a_night_does_not_change_its_exit_code(
    run: Run, recordings: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (recordings / "empty.wav").touch()
    read, write = os.pipe()
    os.close(read)
    monkeypatch.setattr(sys, "stdout", open(write, "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    assert run("score", recordings, "--json") == (Exit.SOME_UNJUDGED, "", "")
