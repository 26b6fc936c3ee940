"""The executor of many machines: workers on a Ray cluster that is already there.

Nothing but plain values travels: settings and the files of the standard once to each worker, then one
recording after another. Sound does not: workers read it from a folder that all machines share. A
recording whose worker is lost, with its machine or alone, goes to another, a few times.
"""

from __future__ import annotations

import hashlib
import logging
import os
import socket
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import ray
import torch
from ray.exceptions import RayError, RayTaskError

from pipeline import __version__
from pipeline.errors import CallqaError, NotNowError, RecordingError, UsageError, WeightsError
from pipeline.judge.load import Standard, files_of, load_standard
from pipeline.models import resolve
from pipeline.settings import Settings
from pipeline.work import Ears, Outcome, Outcomes, Task, Worker, failure, failure_of

MOST_TRIES = 3
"""Workers that a recording may lose, and starts that may fail in place of one worker."""

REACHED_S = 5.0
"""How long a cluster's address may take to answer. Ray itself would try for five minutes."""

STARTED_S = 300.0
"""How long nobody may be at work while workers start: a machine that has to be fetched takes minutes."""


@dataclass(frozen=True)
class Order:
    """What all workers are told: how to listen, and a standard's files by name."""

    settings: Settings
    weights_sha256: str
    standard: dict[str, bytes]
    version: str = __version__

    @classmethod
    def of(cls, settings: Settings, standard: Path) -> Order:
        """Order work by a standard's folder, with the weights that this machine has.

        Raises:
            WeightsError: there are none of this name here.
        """
        files = {path.name: path.read_bytes() for path in files_of(standard)}
        return cls(settings, resolve(settings.model).sha256, files)


class Station:
    """A worker in a process of its own, somewhere in the cluster; what it raises goes back as a value."""

    def __init__(self, order: Order) -> None:
        torch.set_num_threads(1)
        self._order = order
        self._ears = Ears(order.settings)
        self._worker: Worker | None = None

    def ready(self) -> CallqaError | None:
        """Get ready to work; what is in the way, if this machine is not as the one that asks."""
        order, here = self._order, socket.gethostname()
        if order.version != __version__:
            return UsageError(
                here,
                f"callqa {__version__}",
                f"callqa {order.version}, as where the run was started",
                "Install the same version on every machine of the cluster.",
            )
        try:
            found = self._ears.weights.sha256
        except WeightsError as error:
            return WeightsError(f"{here}: {error.where}", error.got, error.expected, error.hint)
        if found != order.weights_sha256:
            return WeightsError(
                f"{here}: {order.settings.model}",
                f"weights of SHA-256 {found}",
                f"{order.weights_sha256}, as where the run was started",
                "Bring the same weights to every machine of the cluster.",
            )
        self._worker = Worker(_standard_of(order.standard), self._ears)
        return None

    def do(self, task: Task) -> Outcome | CallqaError:
        """Score a recording; see :meth:`pipeline.work.Worker.do`."""
        if self._worker is None:
            return UsageError("a worker", "not ready", "to be asked first", "Ask `ready`.")
        try:
            _check_same(task)
            return self._worker.do(task)
        except RecordingError as error:
            return Outcome(failure_of(task, error))
        except CallqaError as error:
            return error


def _standard_of(files: dict[str, bytes]) -> Standard:
    with TemporaryDirectory(prefix="callqa-") as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        return load_standard(Path(folder))


def _check_same(task: Task) -> None:
    """The path must mean the same file on this machine; of a known call it may never be opened."""
    if task.kept is not None:
        return
    path, here = task.found.path, socket.gethostname()
    try:
        with path.open("rb") as stream:
            found = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise NotNowError(
            str(path),
            f"cannot be read on {here} ({error.strerror})",
            "a folder that all machines of the cluster share, under one path",
            "Mount it there, or leave out --executor ray.",
        ) from error
    if found != task.found.recording.id:
        raise NotNowError(
            str(path),
            f"another file on {here}",
            "a folder that all machines of the cluster share, under one path",
            "Mount it there, or leave out --executor ray.",
        )


@dataclass(frozen=True, slots=True)
class _Try:
    task: Task
    lost: int = 0


@dataclass
class Cluster:
    """See :class:`pipeline.work.Executor`. ``size`` workers, each of one core and a part of a GPU."""

    order: Order
    size: int
    gpus: float
    _starting: dict[Any, tuple[Any, int]] = field(default_factory=dict)
    _busy: dict[Any, tuple[Any, _Try]] = field(default_factory=dict)
    _free: list[Any] = field(default_factory=list)

    def run(self, tasks: Iterable[Task]) -> Outcomes:
        upcoming, again = map(_Try, tasks), deque[_Try]()
        following = next(upcoming, None)
        if following is not None:
            # those of an earlier round may still be there
            for _ in range(self.size - len(self._free) - len(self._starting)):
                self._start()
        while following or again or self._busy:
            while self._free and (following or again):
                if again:
                    self._give(again.popleft())
                elif following:
                    self._give(following)
                    following = next(upcoming, None)
            for ref in self._returned():
                if ref in self._starting:
                    self._started(ref)
                    continue
                actor, one = self._busy.pop(ref)
                outcome = _fetched(ref)
                if isinstance(outcome, CallqaError):
                    raise outcome
                if outcome is not None:
                    self._free.append(actor)
                    yield one.task, outcome
                    continue
                self._replace(actor)
                if one.lost + 1 < MOST_TRIES:
                    again.append(replace(one, lost=one.lost + 1))
                else:
                    yield one.task, Outcome(_given_up(one.task))

    def _give(self, one: _Try) -> None:
        found = one.task.found
        # a relative path means something else where the worker stands
        task = replace(one.task, found=replace(found, path=found.path.absolute()))
        actor = self._free.pop()
        self._busy[actor.do.remote(task)] = actor, one

    def _start(self, failed: int = 0) -> None:
        hired = ray.remote(Station).options(
            num_cpus=1, num_gpus=self.gpus, scheduling_strategy="SPREAD", max_restarts=0
        )
        actor = hired.remote(self.order)
        self._starting[actor.ready.remote()] = actor, failed

    def _started(self, ref: Any) -> None:
        """A worker is ready, cannot be, or was lost before it was: then another is, a few times."""
        actor, failed = self._starting.pop(ref)
        try:
            wrong = ray.get(ref)
        except RayTaskError:
            raise  # a bug of ours
        except RayError as error:
            if failed + 1 < MOST_TRIES:
                self._start(failed + 1)
            elif not (self._starting or self._busy or self._free):
                raise _no_worker(str(error).strip().splitlines()[-1].strip()) from error
            return
        if wrong is not None:
            raise wrong
        self._free.append(actor)

    def _replace(self, actor: Any) -> None:
        ray.kill(actor)  # it may be unreachable rather than dead
        self._start()

    def _returned(self) -> list[Any]:
        """Wait until something comes back."""
        patience_s = None if self._busy else STARTED_S
        refs = [*self._busy, *self._starting]
        if not refs:
            return []
        ready, _ = ray.wait(refs, num_returns=1, timeout=patience_s)
        if not ready:
            raise _no_worker(f"none within {STARTED_S:.0f} s")
        return list(ready)


def _fetched(ref: Any) -> Outcome | CallqaError | None:
    """What a worker gave back; ``None`` if it was lost, by itself, for want of memory, or its machine."""
    try:
        back: Outcome | CallqaError = ray.get(ref)
    except RayTaskError:
        raise  # the worker is well; the error is a bug of ours
    except RayError:
        return None
    return back


def _given_up(task: Task) -> Any:
    return failure(
        task,
        f"a recording whose worker was lost {MOST_TRIES} times",
        "a worker that lasts until it is done",
        "Look in Ray's logs whether memory sufficed, and run again.",
    )


def _no_worker(got: str) -> UsageError:
    return UsageError(
        "--executor ray",
        f"no worker could start: {got}",
        f"machines with callqa {__version__}, its extra `cluster`, and free CPUs (and GPUs)",
        "See `ray status`, and ask for fewer --workers or a smaller --gpus-per-worker.",
    )


@contextmanager
def connected(
    order: Order, address: str | None, workers: int | None, gpus: float
) -> Iterator[Cluster]:
    """An executor on the cluster at an address, by default that of RAY_ADDRESS or of this machine.

    ``workers`` is as many as the cluster has room for, unless said otherwise. No cluster is started.

    Raises:
        UsageError: no cluster is there, or it has no room for a worker.
    """
    _connect(address or os.environ.get("RAY_ADDRESS") or "auto")
    try:
        size = workers or _room(gpus)
        if not size:
            raise _no_worker(
                f"a cluster of {_resources('CPU'):.0f} CPUs, {_resources('GPU'):.0f} GPUs"
            )
        yield Cluster(replace(order, settings=_settings_of(order.settings, gpus)), size, gpus)
    finally:
        ray.shutdown()


def _connect(address: str) -> None:
    absent = UsageError(
        "--address",
        f"no Ray cluster at {address}",
        "the HOST:PORT of a running cluster's head, or auto for one on this machine",
        "Start one with `ray start --head --disable-usage-stats`, or leave out --executor ray.",
    )
    if address != "auto":
        host, _, port = address.rpartition(":")
        if not host or not port.isdecimal():
            raise absent
        try:
            socket.create_connection((host, int(port)), REACHED_S).close()
        except (OSError, OverflowError) as error:
            raise absent from error
    try:
        ray.init(address, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, SystemExit) as error:
        # Ray calls sys.exit() where something listens but never answers
        raise absent from error


def _resources(kind: str) -> float:
    return float(ray.cluster_resources().get(kind, 0))


def _room(gpus: float) -> int:
    """How many workers the cluster can hold."""
    cores = int(_resources("CPU"))
    return min(cores, int(_resources("GPU") / gpus)) if gpus else cores


def _settings_of(settings: Settings, gpus: float) -> Settings:
    """A worker's settings: one thread, and the device that Ray gives it."""
    if settings.device == "cuda" and not gpus:
        raise UsageError(
            "--device",
            "cuda without a GPU for the workers",
            "--gpus-per-worker above 0",
            "Say which part of a GPU a worker takes, such as 0.25.",
        )
    device = settings.device if settings.device != "auto" else "cuda" if gpus else "cpu"
    return settings.model_copy(update={"threads": 1, "device": device})
