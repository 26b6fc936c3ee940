"""How long will a night take, on how many workers? Reckoned from what files say of themselves."""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from pipeline.batch import intake_of
from pipeline.errors import RecordingError
from pipeline.listen.audio import Limits, promised_duration_ms
from pipeline.settings import Settings
from pipeline.shift import heard_before
from pipeline.store import Store
from pipeline.work import Ears

USUAL_SPEED = 10.0
"""Times real time that one worker hears Whisper base on one core, closer listen and judging included:
what is reckoned with where no run into the store has measured it."""


MOST_WORKERS = 64
"""Where the table of a plan ends, unless more are asked for."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A night not yet begun. ``speed`` is that of one worker, in times real time.

    ``durations_ms`` are of recordings to hear, by file; ``silent`` are those that do not say how long
    they are, ``unreadable`` those that are no sound, or set aside as such; ``known`` were heard before and
    take no time.
    """

    durations_ms: dict[str, int]
    silent: tuple[str, ...]
    unreadable: tuple[str, ...]
    known: int
    speed: float
    measured: bool

    @property
    def sound_ms(self) -> int:
        return sum(self.durations_ms.values())

    @property
    def longest(self) -> str | None:
        """The file of the longest recording: no number of workers is done before it is."""
        return max(self.durations_ms, key=self.durations_ms.__getitem__, default=None)

    def takes_s(self, workers: int) -> float:
        """Seconds from the first recording begun to the last one done."""
        return finished_ms(self.durations_ms.values(), workers) / self.speed / 1000

    def numbers_of_workers(self, at_least: int = 1) -> tuple[int, ...]:
        """1, 2, 4 and so on while more help, up to ``MOST_WORKERS`` or the number that is asked for."""
        floor_s = max(self.durations_ms.values(), default=0) / self.speed / 1000
        numbers = [1]
        while numbers[-1] < at_least or (
            numbers[-1] < MOST_WORKERS and self.takes_s(numbers[-1]) > floor_s
        ):
            numbers.append(2 * numbers[-1])
        return tuple(sorted({*numbers, at_least}))


def finished_ms(durations_ms: Iterable[int], workers: int) -> int:
    """When the last of some works is done, each given to the worker that is free first, longest first.

    >>> finished_ms([3, 3, 2, 2, 2], 2)
    7
    """
    free_ms = [0] * workers
    for duration_ms in sorted(durations_ms, reverse=True):
        heapq.heapreplace(free_ms, free_ms[0] + duration_ms)
    return max(free_ms)


def plan_night(
    folder: Path,
    store: Store,
    settings: Settings,
    *,
    speed: float | None = None,
    name_pattern: str | None = None,
) -> Plan:
    """What there is to hear in a folder; decodes nothing and writes nothing.

    ``speed`` is what the store has measured, or :data:`USUAL_SPEED`, unless it is given.

    Raises:
        UsageError, CallRecordError, WeightsError, StoreError: as when the night is run.
    """
    intake = intake_of(folder, name_pattern, store)
    ears = Ears(settings)
    durations_ms: dict[str, int] = {}
    silent: list[str] = []
    unreadable = [failure.file for failure in intake.failures]
    known = 0
    limits = Limits.of(settings)
    set_aside = frozenset(one.failure.recording_id for one in store.troubles() if one.set_aside)
    for found in intake.found:
        file = found.recording.file
        if heard_before(found.recording.id, ears, store):
            known += 1
            continue
        if found.recording.id in set_aside:
            unreadable.append(file)
            continue
        try:
            duration_ms = promised_duration_ms(found.path, limits)
        except RecordingError:
            unreadable.append(file)
            continue
        if duration_ms is None:
            silent.append(file)
        else:
            durations_ms[file] = duration_ms
    measured = store.speed(ears.weights.sha256) if intake.found and speed is None else None
    return Plan(
        durations_ms,
        tuple(silent),
        tuple(unreadable),
        known,
        speed or measured or USUAL_SPEED,
        measured is not None,
    )
