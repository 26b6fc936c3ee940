"""The executor of recordings that may end the process that hears them: each is heard in one of its own.

A run that was killed cannot say what killed it. What it had in hand is heard here by the next one: if the
process ends as well, it was that recording, and it costs an entry in the results; if not, nothing is lost
but the seconds in which models load.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

import torch

from pipeline.children import end_with_parent, go_first
from pipeline.errors import CallqaError
from pipeline.judge.load import Standard
from pipeline.records import Failure
from pipeline.settings import Settings
from pipeline.work import Ears, Outcome, Outcomes, Task, Worker, failure


class Apart:
    """See :class:`pipeline.work.Executor`. One process at a time, kept until it ends by itself."""

    def __init__(self, make: Callable[[], Worker]) -> None:
        """``make`` is called in each process, to which it must be able to travel."""
        self._make = make

    def run(self, tasks: Iterable[Task]) -> Outcomes:
        process: BaseProcess | None = None
        try:
            for task in tasks:
                if process is None:
                    process, line = self._start()
                outcome = _asked(line, task)
                if isinstance(outcome, CallqaError):
                    raise outcome
                if outcome is None:
                    process.join()
                    outcome = Outcome(_ended(task, process.exitcode or 0))
                    process = None
                yield task, outcome
        finally:
            if process is not None:
                process.kill()  # it waits for more, or is at what nobody waits for any longer
                process.join()

    def _start(self) -> tuple[BaseProcess, Connection]:
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._make), daemon=True)
        process.start()
        theirs.close()  # so that the line is dead when the process is
        return process, ours


def worker_like(standard: Standard, settings: Settings) -> Callable[[], Worker]:
    """What makes a worker of a standard and settings in another process."""
    return partial(_made, standard, settings)


def _made(standard: Standard, settings: Settings) -> Worker:
    return Worker(standard, Ears(settings))


def _asked(line: Connection, task: Task) -> Outcome | CallqaError | None:
    """What the process at the other end of the line makes of a task; ``None`` if it ended."""
    try:
        line.send(task)
        outcome: Outcome | CallqaError = line.recv()
    except (EOFError, ConnectionError):
        return None
    return outcome


def _serve(line: Connection, make: Callable[[], Worker]) -> None:
    """The life of such a process: it works until nobody is left to work for."""
    end_with_parent()
    go_first()
    torch.set_num_threads(1)
    worker = make()
    while True:
        try:
            task = line.recv()
        except EOFError:
            return
        try:
            line.send(worker.do(task))
        except CallqaError as error:
            line.send(error)


def _ended(task: Task, exit_code: int) -> Failure:
    how = (
        f"was ended by {signal.Signals(-exit_code).name}"
        if -exit_code in signal.valid_signals()
        else f"ended with {exit_code}"
    )
    return failure(
        task,
        f"a recording that ends whoever hears it: the process {how}",
        "a recording that can be heard with the memory there is",
        "Look in the system's log whether memory ran out (about 1.5 GB an hour of stereo), or convert it.",
    )
