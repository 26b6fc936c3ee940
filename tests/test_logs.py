"""A run's journal as lines: whole, one an event, on disks that fill and under rotation."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.journal import (
    Event,
    RecordingFailed,
    RecordingScored,
    RecordingSetAside,
    RunEnded,
    RunStarted,
    RunStopped,
    Waiting,
    unwritten,
)
from pipeline.logs import Form, kept_log

SCORED = RecordingScored("a.wav", "0" * 8, True, 1.25, 4_000, 90.0, ("critical", "warning"))
FAILED = RecordingFailed("b 1.wav", None, "no sound", "sound", "Export it again.", 1)

EVENTS: tuple[Event, ...] = (
    RunStarted(
        "0.5.0", "f00", "/calls", 2, 99, 1, {"model": "base", "threads": 0}, "base",
        "faster-whisper", "ab", "property-reception", "cd", "sqlite:///callqa.db",
    ),
    SCORED,
    FAILED,
    RecordingSetAside("c.wav", "1" * 8, "no sound", "sound", "Export it again.", 3),
    Waiting("out", "callqa score, process 7 on host, since then"),
    RunEnded(3, 2.5, {"scored": 1, "failed": 2}),
    RunStopped(2, 0.5, {"scored": 0}, "out", "no room", "room", "Free some."),
)  # fmt: skip

TEXT = """\
level=info event=run_started command=score version=0.5.0 run_id=f00 folder=/calls recordings=2 \
size_bytes=99 ignored=1 settings.model=base settings.threads=0 model=base engine=faster-whisper \
weights_sha256=ab standard=property-reception standard_sha256=cd store=sqlite:///callqa.db
level=info event=recording_scored command=score file=a.wav sha256=00000000 heard=true seconds=1.25 \
duration_ms=4000 score=90.0 flags=critical,warning
level=warning event=recording_failed command=score file="b 1.wav" sha256= got="no sound" \
expected=sound hint="Export it again." attempt=1
level=warning event=recording_set_aside command=score file=c.wav sha256=11111111 got="no sound" \
expected=sound hint="Export it again." attempts=3
level=warning event=waiting command=score what=out holder="callqa score, process 7 on host, since \
then" recordings=0
level=info event=run_ended command=score exit_code=3 seconds=2.5 counts.scored=1 counts.failed=2
level=error event=run_stopped command=score exit_code=2 seconds=0.5 counts.scored=0 where=out \
got="no room" expected=room hint="Free some."
"""

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"


def lines(path: Path) -> str:
    """A text log without its times, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert re.fullmatch(rf"(time={MOMENT} .*\n)*", text)
    return re.sub(rf"time={MOMENT} ", "", text)


def write(where: Path | str, *events: Event, form: Form | None = None) -> None:
    with kept_log(str(where), form, command="score") as tell:
        for event in events:
            tell(event)


def test_each_event_is_a_line(tmp_path: Path) -> None:
    write(tmp_path / "log", *EVENTS)
    assert lines(tmp_path / "log") == TEXT


def test_each_event_is_a_json_object(tmp_path: Path) -> None:
    write(tmp_path / "log", SCORED, FAILED, form="json")
    rows = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert all(re.fullmatch(MOMENT, row.pop("time")) for row in rows)
    assert rows == [
        {
            "level": "info",
            "event": "recording_scored",
            "command": "score",
            "file": "a.wav",
            "sha256": "00000000",
            "heard": True,
            "seconds": 1.25,
            "duration_ms": 4_000,
            "score": 90.0,
            "flags": ["critical", "warning"],
        },
        {
            "level": "warning",
            "event": "recording_failed",
            "command": "score",
            "file": "b 1.wav",
            "sha256": None,
            "got": "no sound",
            "expected": "sound",
            "hint": "Export it again.",
            "attempt": 1,
        },
    ]


def test_the_time_comes_first_and_is_utc(tmp_path: Path) -> None:
    write(tmp_path / "log", SCORED, form="json")
    assert next(iter(json.loads((tmp_path / "log").read_text()))) == "time"


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_name_cannot_begin_a_line_or_steer_a_terminal(tmp_path: Path, form: Form) -> None:
    odd = 'a\nlevel=info event=run_ended\r\x1b[2J\u2028"\\\udcbf.wav'
    write(tmp_path / "log", RecordingFailed(odd, None, "g", "e", "h", 0), form=form)
    (line,) = (tmp_path / "log").read_text(encoding="utf-8").splitlines()
    assert "\x1b" not in line
    if form == "json":
        assert json.loads(line)["file"] == odd


def test_a_log_is_added_to(tmp_path: Path) -> None:
    write(tmp_path / "log", SCORED)
    write(tmp_path / "log", SCORED)
    assert len((tmp_path / "log").read_text().splitlines()) == 2


def test_a_log_that_was_moved_away_is_begun_anew(tmp_path: Path) -> None:
    with kept_log(str(tmp_path / "log"), None) as tell:
        tell(SCORED)
        (tmp_path / "log").rename(tmp_path / "log.1")
        tell(FAILED)
    counts = [(tmp_path / name).read_text().count("event=") for name in ("log.1", "log")]
    assert counts == [1, 1]


def test_a_full_disk_costs_lines_and_is_said_once(capsys: pytest.CaptureFixture[str]) -> None:
    write("/dev/full", SCORED, FAILED)
    assert capsys.readouterr().err == (
        "callqa: /dev/full: the log cannot be written (No space left on device); the run goes on.\n"
    )


def test_a_folder_that_vanishes_costs_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    with kept_log(str(folder / "log"), None) as tell:
        tell(SCORED)
        folder.rename(tmp_path / "elsewhere")
        tell(FAILED)
        tell(FAILED)
        folder.mkdir()
        tell(SCORED)
    assert capsys.readouterr().err == (
        f"callqa: {folder / 'log'}: the log cannot be written (No such file or directory); "
        "the run goes on.\n"
    )
    assert (folder / "log").read_text().count("event=recording_scored") == 1


def test_standard_error_takes_a_log_as_well(capsys: pytest.CaptureFixture[str]) -> None:
    write("-", SCORED)
    assert capsys.readouterr().err.count("event=recording_scored") == 1


def test_other_libraries_loggers_are_left_alone(tmp_path: Path) -> None:
    before = list(logging.root.handlers), logging.root.level, set(logging.root.manager.loggerDict)
    with kept_log(str(tmp_path / "log"), None) as tell:
        tell(SCORED)
        logging.getLogger("somebody.else").error("theirs")
    after = list(logging.root.handlers), logging.root.level, set(logging.root.manager.loggerDict)
    assert after == (*before[:2], before[2] | {"somebody.else", "somebody"})
    assert "theirs" not in (tmp_path / "log").read_text()


def test_no_log_is_kept_unless_asked_for(tmp_path: Path) -> None:
    with kept_log(None, None) as tell:
        assert tell is unwritten


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("/nowhere/log", "No such file or directory"),
        ("/proc", "Is a directory"),
        ("/proc/log", "No such file or directory"),
    ],
)
def test_a_log_that_cannot_be_opened_is_a_usage_error(where: str, why: str) -> None:
    with pytest.raises(UsageError) as error, kept_log(where, None):
        pass
    assert error.value == UsageError(
        f"--log {where}",
        f"cannot be written ({why})",
        "a file we may write to, in a folder that is there",
        "Make the folder, correct its permissions, or give another file.",
    )


def test_a_form_without_a_log_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as error, kept_log(None, "json"):
        pass
    assert str(error.value) == (
        "--log-format: given without --log; expected a log. Add --log FILE, or leave it out."
    )
