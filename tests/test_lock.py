"""One run at a time writes a folder; whoever dies lets go of it."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Timer
from time import monotonic

import pytest

from pipeline.errors import BusyError, OutputError
from pipeline.lock import NAME, Holder, held, holder

ROOT = Path(__file__).parent.parent

HOLDS = """
import os, sys, time
from pathlib import Path
from pipeline.lock import held
with held(Path(sys.argv[1]), "score"):
    forks = len(sys.argv) > 2
    if not (forks and os.fork()):
        # The forked one speaks for itself: only then has it let go of what it was born with.
        print("held", os.getpid() if forks else 0, flush=True)
    time.sleep(60)
"""

MOMENT = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d"


@contextmanager
def another(out: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A process that has the folder, and the number of the one it forked, if it was to."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDS, str(out), *arguments],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:
        assert process.stdout is not None
        word, forked = process.stdout.readline().split()
        assert word == "held"
        try:
            yield process, int(forked)
        finally:
            process.kill()


def timeless(text: str) -> str:
    return re.sub(MOMENT, "MOMENT", text)


def test_a_second_run_is_refused_at_once_and_told_who_has_the_folder(tmp_path: Path) -> None:
    with another(tmp_path) as (process, _):
        began = monotonic()
        with pytest.raises(BusyError) as error, held(tmp_path, "rescore"):
            pass
        assert monotonic() - began < 1
        assert timeless(str(error.value)) == (
            f"{tmp_path}: in use by callqa score, process {process.pid} on {socket.gethostname()}, "
            "since MOMENT; expected a folder that no other run writes to. Let it end, or give "
            "another --out. `callqa score` and `rescore` wait with --wait SECONDS."
        )


def test_a_killed_run_lets_go(tmp_path: Path) -> None:
    with another(tmp_path) as (process, _):
        process.kill()
        process.wait()
        with held(tmp_path, "score"):
            found = holder(tmp_path)
    assert found is not None
    assert (found.command, found.pid, found.host) == ("score", os.getpid(), socket.gethostname())


def test_a_killed_run_lets_go_even_while_a_process_it_forked_lives_on(tmp_path: Path) -> None:
    with another(tmp_path, "fork") as (process, forked):
        process.kill()
        process.wait()
        try:
            with held(tmp_path, "score"):
                os.kill(forked, 0)  # it is there
        finally:
            os.kill(forked, signal.SIGKILL)


def test_one_that_waits_is_told_once_for_whom_and_goes_on_when_that_ends(tmp_path: Path) -> None:
    told: list[Holder | None] = []
    with another(tmp_path) as (process, _):
        Timer(1.5, process.kill).start()
        with held(tmp_path, "score", 30, told.append):
            pass
    assert [one and one.pid for one in told] == [process.pid]


def test_waiting_ends(tmp_path: Path) -> None:
    with another(tmp_path) as (process, _):
        began = monotonic()
        with pytest.raises(BusyError) as error, held(tmp_path, "score", 0.6):
            pass
        assert 0.6 <= monotonic() - began < 3
    assert timeless(error.value.got) == (
        f"in use after 0.6 s of waiting by callqa score, process {process.pid} on "
        f"{socket.gethostname()}, since MOMENT"
    )


def test_two_folders_are_two_locks_and_a_folder_can_be_had_again(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    with held(tmp_path / "a", "score"), held(tmp_path / "b", "score"):
        pass
    with held(tmp_path / "a", "rescore"):
        pass


def test_a_holder_that_left_no_name_is_no_error(tmp_path: Path) -> None:
    assert holder(tmp_path) is None
    for odd in (b"", b"[1]", b"{}", b'{"pid": 1}', b"\xff"):
        (tmp_path / NAME).write_bytes(odd)
        assert holder(tmp_path) is None
    with (tmp_path / NAME).open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(BusyError) as error, held(tmp_path, "score"):
            pass
    assert error.value.got == "in use by a run that does not say which"


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS, errno.ESTALE])
def test_a_disk_that_knows_no_locks_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(OutputError) as error, held(tmp_path, "score"):
        pass
    assert error.value == OutputError(
        str(tmp_path / NAME),
        f"cannot be locked ({os.strerror(number)})",
        "a folder on a disk whose files can be locked",
        "Give an --out on another disk.",
    )


def test_the_lock_is_free_again_after_an_error(tmp_path: Path) -> None:
    with pytest.raises(KeyError), held(tmp_path, "score"):
        raise KeyError
    with held(tmp_path, "score"):
        pass
