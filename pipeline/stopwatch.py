"""Where the time of a run goes, by stage; measured always, since it costs microseconds.

A stage's time is that of the clock on the wall while a worker is in it, less the stages inside it.
Processor time would say less: a library may compute in threads of its own, which no clock of the calling
thread sees. As long as there are no more workers than cores the two are alike.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from time import perf_counter


class Stopwatch:
    """Seconds by stage of whatever runs in :func:`watching`; of one thread."""

    def __init__(self) -> None:
        self.seconds: Counter[str] = Counter()
        self._inside = 0.0

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time what runs inside, less what stages inside it take."""
        began, outside = perf_counter(), self._inside
        self._inside = 0.0
        try:
            yield
        finally:
            took = perf_counter() - began
            self.seconds[name] += took - self._inside  # type: ignore[assignment]  # typed for int
            self._inside = outside + took


_running: ContextVar[Stopwatch | None] = ContextVar("stopwatch", default=None)


@contextmanager
def watching() -> Iterator[Stopwatch]:
    """A stopwatch for the stages that this thread goes through inside."""
    watch = Stopwatch()
    token = _running.set(watch)
    try:
        yield watch
    finally:
        _running.reset(token)


@contextmanager
def stage(name: str) -> Iterator[None]:
    """Time what runs inside as a stage of the run that is being watched; nothing if none is."""
    watch = _running.get()
    if watch is None:
        yield
        return
    with watch.stage(name):
        yield
