"""The executor of one machine: threads that share one set of models, each busy with one recording.

Threads, since nearly all the work is done in libraries that let go of Python's lock, and models are
loaded once. Each computes with one thread of its own, so that cores are filled by recordings, decoding
of one runs beside recognition of another, and a result never depends on how many cores there are.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from threading import get_ident

import torch

from pipeline.listen.engines import on_gpu
from pipeline.listen.sandbox import end_busy
from pipeline.settings import Settings
from pipeline.work import Outcome, Outcomes, Task, Worker

AHEAD = 2
"""Tasks in hand for each worker: one it does, one so that it need not wait for the next."""


HEED_S = 1.0
"""How long one waits at a time. A signal that comes in just before the waiting begins is heeded only
after it: without an end, Ctrl-C would then have to wait for a recording of hours."""


class _GivenUp(BaseException):
    """Raised inside a worker whose recording nobody waits for any more."""


class Threads:
    """See :class:`pipeline.work.Executor`."""

    def __init__(self, worker: Worker, threads: int) -> None:
        """Let ``threads`` threads share a worker."""
        self._worker, self._threads = worker, threads
        # No lock guards it: a thread that is given up right after it took one would never let go of it,
        # and adding, discarding and copying are each one step to Python.
        self._busy: set[int] = set()

    def run(self, tasks: Iterable[Task]) -> Outcomes:
        pool = ThreadPoolExecutor(
            self._threads, "callqa", initializer=torch.set_num_threads, initargs=(1,)
        )
        pending: dict[Future[Outcome], Task] = {}
        try:
            for task in tasks:
                pending[pool.submit(self._do, task)] = task
                if len(pending) >= AHEAD * self._threads:
                    yield from _done(pending)
            while pending:
                yield from _done(pending)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            self._give_up()
            pool.shutdown()

    def _do(self, task: Task) -> Outcome:
        self._busy.add(get_ident())
        try:
            return self._worker.do(task)
        finally:
            self._busy.discard(get_ident())

    def _give_up(self) -> None:
        """End what workers are at, as Ctrl-C would: when the library call they are in returns.

        Python has no other way to end a thread, and a recording of hours must not hold up the exit. What
        a decoder hangs on does not return: it is ended, after the threads were told, so that none can
        begin to wait for one unseen.
        """
        given_up = tuple(self._busy)
        for thread in given_up:
            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(thread), ctypes.py_object(_GivenUp)
            )
        end_busy(given_up)


def _done(pending: dict[Future[Outcome], Task]) -> Outcomes:
    """Wait until something is done; take it from what is pending."""
    done: set[Future[Outcome]] = set()
    while not done:
        done = wait(pending, HEED_S, FIRST_COMPLETED).done
    for future in [one for one in pending if one in done]:
        yield pending.pop(future), future.result()


def threads_of(settings: Settings) -> int:
    """How many recordings this machine hears at once: one a core, or one where a GPU does the work."""
    return 1 if on_gpu(settings) else settings.cores
