"""A night on a real Ray cluster of two machines (on one), of which workers and one machine are lost."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import pytest
import ray
from ray.cluster_utils import Cluster as Machines

from pipeline import lock, summary
from pipeline.batch import score_folder
from pipeline.cluster import MOST_TRIES, Cluster, Order, Station, connected
from pipeline.errors import CallqaError, UsageError, WeightsError
from pipeline.intake import Found
from pipeline.judge.load import load_standard
from pipeline.listen.audio import SAMPLE_RATE
from pipeline.records import CallRecord, Failure, Recording
from pipeline.settings import PACKAGE, Settings, default_standard
from pipeline.store import Store
from pipeline.work import Outcome, Scored, Task
from tests.sound import pcm, samples_of, wave

ROOT = PACKAGE.parent
CUTS = {
    "01_perfect_repair.wav": (0, 10),
    "06_hold_without_return.wav": (0, 8),
    "07_quarrel.wav": (14, 22),
    "12_office_engineering.wav": (0, 8),
}
"""Sample calls and the seconds of them that are scored; one of them on one channel as well."""

PATIENCE_S = 300.0
"""How long a run may take that is not stuck: other tests go on beside this one, on two slow cores."""


@pytest.fixture(scope="module")
def machines() -> Iterator[Machines]:
    """Two machines of one core each; what runs there finds this checkout."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        made = Machines(
            initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False}
        )
        made.add_node(num_cpus=1)
    yield made
    made.shutdown()


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Short cuts of sample calls, one that is no sound, and what is known of them."""
    folder = tmp_path_factory.mktemp("shared")
    rows = ["file,agent_channel,rings"]
    for name, (start_s, end_s) in CUTS.items():
        samples = samples_of(ROOT / "samples" / "recordings" / name)
        cut = samples[:, start_s * SAMPLE_RATE : end_s * SAMPLE_RATE].T
        (folder / name).write_bytes(wave(pcm(cut), rate=SAMPLE_RATE, channels=2))
        rows.append(f"{name},0,3")
    mono = wave(pcm(cut.mean(1)), rate=SAMPLE_RATE)
    (folder / "mono.wav").write_bytes(mono)
    (folder / "text.wav").write_bytes(b"no sound")
    (folder / "calls.csv").write_text("\n".join(rows), encoding="utf-8")
    return folder


def results(out: Path) -> dict[str, bytes]:
    """Every result file by its name, but for the store and what tells of the one run itself."""
    return {
        str(path.relative_to(out)): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.suffix != ".db" and path.name not in (lock.NAME, summary.NAME)
    }


def working() -> dict[int, int]:
    """Processes that score a recording just now, each with the raylet it belongs to."""
    found = {}
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdecimal() and (entry / "cmdline").read_bytes().startswith(
                b"ray::Station.do"
            ):
                status = (entry / "stat").read_text(encoding="utf-8")
                found[int(entry.name)] = int(status.rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return found


def wait_for(what: Callable[[], Any], run: subprocess.Popen[str]) -> Any:
    """What holds at last, while the run goes on."""
    until = monotonic() + PATIENCE_S
    while monotonic() < until and run.poll() is None:
        if value := what():
            return value
        sleep(0.02)
    raise AssertionError(f"the run ended or took too long: {run.communicate()}")


def test_lost_workers_and_a_lost_machine_change_no_byte_of_the_results(
    machines: Machines, recordings: Path, tmp_path: Path
) -> None:
    second = machines.list_all_nodes()[-1]
    raylet = second.all_processes["raylet"][0].process.pid
    out = tmp_path / "ray"
    command = [sys.executable, "-m", "pipeline", "score", str(recordings), "--out", str(out)]
    run = subprocess.Popen(
        [*command, "--executor", "ray", "--address", machines.address, "--json"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )

    def elsewhere() -> int | None:
        return next((pid for pid, parent in working().items() if parent != raylet), None)

    os.kill(wait_for(elsewhere, run), signal.SIGKILL)
    wait_for(lambda: raylet in working().values(), run)
    machines.remove_node(second, allow_graceful=False)
    machines.add_node(num_cpus=1)
    said, complained = run.communicate(timeout=PATIENCE_S)
    assert (run.returncode, complained) == (3, "")
    assert '"scored": 5,' in said

    standard = load_standard(default_standard())
    with Store(f"sqlite:///{tmp_path / 'local.db'}") as store:
        score_folder(recordings, tmp_path / "local", standard, store, Settings(threads=2))
    here, there = results(tmp_path / "local"), results(out)
    assert {name: text == here[name] for name, text in there.items()} == dict.fromkeys(here, True)


class Odd(Station):
    """Dies of some recordings, says where it is of others."""

    def ready(self) -> CallqaError | None:
        return None

    def do(self, task: Task) -> Outcome:
        if task.found.recording.file.startswith("poison"):
            os._exit(1)
        return Outcome(Failure(task.found.recording.file, str(task.found.path), "", ""))


def task(file: str, path: Path | None = None, identity: str = "") -> Task:
    return Task(Found(Recording(identity or file, file, 1, CallRecord(file)), path or Path(file)))


@pytest.fixture
def order() -> Order:
    return Order.of(Settings(device="cpu"), default_standard())


def test_a_recording_that_kills_its_workers_is_given_up_and_the_rest_is_done(
    machines: Machines, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.cluster.Station", Odd)
    asked = [task("a.wav"), task("poison.wav"), *(task(f"{i}.wav") for i in range(20))]
    with connected(order, machines.address, 2, 0.0) as cluster:
        done = {one.found.recording.file: outcome.result for one, outcome in cluster.run(asked)}
    assert done.pop("poison.wav") == Failure(
        "poison.wav",
        f"a recording whose worker was lost {MOST_TRIES} times",
        "a worker that lasts until it is done",
        "Look in Ray's logs whether memory sufficed, and run again.",
        "poison.wav",
    )
    assert done == {
        one.found.recording.file: Failure(
            one.found.recording.file, str(one.found.path.absolute()), "", ""
        )
        for one in asked
        if one.found.recording.file != "poison.wav"
    }


def test_a_second_round_is_done_by_the_workers_of_the_first(
    machines: Machines, order: Order, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is suspect, or was in another run's hand, is asked for later, of the same cluster."""
    (tmp_path / "a.wav").write_bytes(b"no sound")
    one = task("a.wav", tmp_path / "a.wav", hashlib.sha256(b"no sound").hexdigest())
    hired = []
    start = Cluster._start

    def counted(self: Cluster, failed: int = 0) -> None:
        hired.append(failed)
        start(self, failed)

    monkeypatch.setattr(Cluster, "_start", counted)
    with connected(order, machines.address, 1, 0.0) as cluster:
        for _ in range(2):
            ((_, outcome),) = cluster.run([one])
            assert isinstance(outcome.result, Failure)
    assert hired == [0]


def test_the_cluster_is_left_when_the_night_is_over(machines: Machines, order: Order) -> None:
    with connected(order, machines.address, None, 0.0) as cluster:
        assert cluster.size == 2
        assert list(cluster.run([])) == []
    assert not ray.is_initialized()


def test_a_gpu_that_is_not_there_is_an_error(machines: Machines, order: Order) -> None:
    with pytest.raises(UsageError) as raised, connected(order, machines.address, None, 0.5):
        pass
    assert raised.value.got == "no worker could start: a cluster of 2 CPUs, 0 GPUs"


def test_workers_that_find_no_room_are_not_waited_for_without_end(
    machines: Machines, order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pipeline.cluster.STARTED_S", 2.0)
    with (
        connected(order, machines.address, 1, 8.0) as cluster,
        pytest.raises(UsageError, match="no worker could start: none within 2 s"),
    ):
        list(cluster.run([task("a.wav")]))


def test_another_version_or_other_weights_are_refused(order: Order) -> None:
    older = Station(replace(order, version="0.0.1")).ready()
    other = Station(replace(order, weights_sha256="0" * 64)).ready()
    gone = Station(replace(order, settings=Settings(model="nowhere.pt"))).ready()
    assert isinstance(older, UsageError)
    assert older.expected == "callqa 0.0.1, as where the run was started"
    assert isinstance(other, WeightsError)
    assert other.expected == f"{'0' * 64}, as where the run was started"
    assert isinstance(gone, WeightsError)
    assert gone.got == "no such file"


def test_a_path_must_mean_the_same_file_everywhere(order: Order, tmp_path: Path) -> None:
    station = Station(order)
    assert station.ready() is None
    (tmp_path / "a.wav").write_bytes(b"another")
    got = [
        outcome.result.got
        for file in ("a.wav", "b.wav")
        if isinstance(outcome := station.do(task(file, tmp_path / file)), Outcome)
        and not isinstance(outcome.result, Scored)
    ]
    assert [text.split(" on ")[0] for text in got] == ["another file", "cannot be read"]


def test_ray_sends_no_usage_statistics() -> None:
    from ray._common.usage.usage_lib import usage_stats_enabled

    assert not usage_stats_enabled()
