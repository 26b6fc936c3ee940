"""Work done chunk by chunk, in its order, by processes that all have the same on their desks."""

from __future__ import annotations

import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from multiprocessing import get_context
from typing import Any, Generic, TypeVar

from pipeline.children import end_with_parent
from pipeline.errors import UsageError
from pipeline.garbage import spare_what_stays

CHUNK = 16
"""Items that travel together: of calls some hundred milliseconds of work, a megabyte of text."""

AHEAD = 3
"""Chunks in flight for each process, so that none waits while the one that asks writes."""

WORTH_IT = 8 * CHUNK
"""Fewer items are done sooner than processes are ready."""

Desk = TypeVar("Desk")
Item = TypeVar("Item")
T = TypeVar("T")
Work = Callable[[Desk, Sequence[Item]], list[T]]


@dataclass(frozen=True, slots=True)
class Workers(Generic[Desk]):
    """Who does the work: other processes, or without a pool this one."""

    desk: Desk
    pool: ProcessPoolExecutor | None = None
    processes: int = 1

    def in_order(self, work: Work[Desk, Item, T], items: Iterable[Item]) -> Iterator[list[T]]:
        """What becomes of the items, chunk by chunk in their order, with some under way.

        Raises:
            UsageError: a process was ended, as a system does that has no memory left
        """
        items = iter(items)
        chunks = iter(lambda: tuple(islice(items, CHUNK)), ())
        if self.pool is None:
            for chunk in chunks:
                yield work(self.desk, chunk)
            return
        under_way: deque[Future[list[T]]] = deque()
        try:
            for chunk in chunks:
                under_way.append(self.pool.submit(_at_desk, work, chunk))
                if len(under_way) > AHEAD * self.processes:
                    yield under_way.popleft().result()
            while under_way:
                yield under_way.popleft().result()
        except BrokenProcessPool as error:
            raise UsageError(
                f"--processes {self.processes}",
                "a process that was ended from outside",
                "memory for each (some 800 MB)",
                "Look in the system's log whether memory ran out, or run again with fewer.",
            ) from error


@contextmanager
def workers(processes: int, items: int, desk: Desk) -> Iterator[Workers[Desk]]:
    """As many processes as are asked for, if so many items are worth it."""
    if processes == 1 or items < WORTH_IT:
        yield Workers(desk)
        return
    # a forked process has the desk at once; elsewhere each gets one of its own
    context = get_context("fork" if sys.platform == "linux" else "spawn")
    with ProcessPoolExecutor(processes, context, _take_seat, (desk,)) as pool:
        try:
            yield Workers(desk, pool, processes)
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


_seat: list[Any] = []
"""The desk of this process, if it is one of a pool."""


def _take_seat(desk: object) -> None:
    """Begin as one of a pool."""
    end_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the process that asked
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    spare_what_stays()
    _seat[:] = [desk]


def _at_desk(work: Callable[[Any, Sequence[Item]], list[T]], chunk: Sequence[Item]) -> list[T]:
    return work(_seat[0], chunk)
