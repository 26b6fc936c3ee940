"""What may end the process that hears it is heard in one of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import sleep

import psutil
import pytest

from pipeline.apart import Apart
from pipeline.errors import WeightsError
from pipeline.intake import Found
from pipeline.records import CallRecord, Failure, Recording
from pipeline.work import Outcome, Task, Worker

NO_WEIGHTS = WeightsError("base", "nothing", "weights", "Fetch them.")


class Odd:
    """A worker that does what a file's name says, and tells in which process."""

    def do(self, task: Task) -> Outcome:
        name = task.found.recording.file
        if name.startswith("kill"):
            os.kill(os.getpid(), signal.SIGKILL)
        if name.startswith("exit"):
            os._exit(7)
        if name.startswith("weights"):
            raise NO_WEIGHTS
        if name.startswith("bug"):
            raise ZeroDivisionError
        if name.startswith("slow"):
            sleep(60)
        return Outcome(Failure(name, str(os.getpid()), "", ""))


def odd() -> Worker:
    return Odd()  # type: ignore[return-value]


def tasks(*names: str) -> list[Task]:
    return [Task(Found(Recording(name, name, 1, CallRecord(name)), Path(name))) for name in names]


def done(*names: str, make: Callable[[], Worker] = odd) -> list[tuple[str, str]]:
    """What came of each, by its name."""
    outcomes = []
    for task, outcome in Apart(make).run(tasks(*names)):
        assert isinstance(outcome.result, Failure)
        outcomes.append((task.found.recording.file, outcome.result.got))
    return outcomes


def test_recordings_are_heard_in_one_process_that_is_not_ours() -> None:
    (_, first), (_, second) = done("a.wav", "b.wav")
    assert first == second != str(os.getpid())


def test_one_that_ends_the_process_costs_only_itself(capfd: pytest.CaptureFixture[str]) -> None:
    outcomes = done("a.wav", "kill.wav", "b.wav", "exit.wav", "c.wav", "bug.wav", "d.wav")
    heard, ended = outcomes[::2], outcomes[1::2]
    said = "a recording that ends whoever hears it: the process"
    assert ended == [
        ("kill.wav", f"{said} was ended by SIGKILL"),
        ("exit.wav", f"{said} ended with 7"),
        ("bug.wav", f"{said} ended with 1"),
    ]
    assert [name for name, _ in heard] == ["a.wav", "b.wav", "c.wav", "d.wav"]
    assert len({process for _, process in heard if process.isdecimal()}) == 4
    assert "ZeroDivisionError" in capfd.readouterr().err


def test_what_stops_a_night_stops_it() -> None:
    with pytest.raises(WeightsError) as error:
        done("a.wav", "weights.wav", "b.wav")
    assert error.value == NO_WEIGHTS


def test_no_process_is_left_behind() -> None:
    before = set(psutil.Process().children(recursive=True))
    outcomes = Apart(odd).run(tasks("a.wav", "slow.wav"))
    next(outcomes)
    outcomes.close()
    assert set(psutil.Process().children(recursive=True)) - before <= {
        one for one in psutil.Process().children() if "resource_tracker" in " ".join(one.cmdline())
    }


WAITS = """
import os, sys
sys.path.insert(0, {root!r})
from tests.test_apart import Apart, odd, tasks
if __name__ == "__main__":
    outcomes = Apart(odd).run(tasks("a.wav", "slow.wav"))
    print(next(outcomes)[1].result.got, flush=True)
    next(outcomes)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends a process with its parent")
def test_the_process_ends_with_the_run(tmp_path: Path) -> None:
    script = tmp_path / "waits.py"
    script.write_text(WAITS.format(root=str(Path(__file__).parents[1])), encoding="utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        child = psutil.Process(int(run.stdout.readline()))
        run.send_signal(signal.SIGKILL)
    psutil.wait_procs([child], timeout=10)
    assert not child.is_running()


def test_it_is_the_first_to_go_when_memory_is_short() -> None:
    """The kernel ends the process of the highest score, not the run that waits for it."""
    assert done("a.wav", make=partial(_scored)) == [("a.wav", "1000")]


class Score:
    """Tells how willing its process is to go."""

    def do(self, task: Task) -> Outcome:
        score = Path("/proc/self/oom_score_adj").read_text(encoding="ascii").strip()
        return Outcome(Failure(task.found.recording.file, score, "", ""))


def _scored() -> Worker:
    return Score()  # type: ignore[return-value]
