"""The night's run: discover, skip what is done, listen, judge, keep, show.

Each recording is kept as soon as it is heard, so that an interrupted night goes on where it stopped,
and one that cannot be heard costs a line in the results and nothing of the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import perf_counter, process_time
from typing import Protocol

from pipeline.intake import Found, Intake, take_in
from pipeline.judge.load import Standard
from pipeline.listen.engines import ENGINES
from pipeline.listen.listen import provenance_of
from pipeline.local import Threads, threads_of
from pipeline.records import Failure, Judged
from pipeline.settings import Settings
from pipeline.show import Written, write_reports
from pipeline.show.brief import Brief, brief_of
from pipeline.show.files import ready
from pipeline.stopwatch import stage, watching
from pipeline.store import Store
from pipeline.wording.masking import mask_judged
from pipeline.work import LOADING, Ears, Executor, Scored, Task, Worker

TELLING_MS = 60_000
"""Sound from which a run tells how fast workers are."""


class Progress(Protocol):
    """Who is told how far the night is; sizes in bytes stand for the work a recording is."""

    def begin(self, recordings: int, size_bytes: int) -> None: ...

    def done(self, file: str, size_bytes: int) -> None: ...

    def end(self) -> None: ...


class Silent:
    """Tells nobody."""

    def begin(self, recordings: int, size_bytes: int) -> None: ...

    def done(self, file: str, size_bytes: int) -> None: ...

    def end(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Spent:
    """Where the time of a run went: seconds by stage, over all workers (see :mod:`pipeline.stopwatch`).

    ``heard_ms`` of sound were listened to; ``clock_s`` passed from beginning to end, in which this process
    alone took ``processor_s``.
    """

    seconds: Counter[str] = field(default_factory=Counter)
    heard_ms: int = 0
    clock_s: float = 0.0
    processor_s: float = 0.0


@dataclass(frozen=True)
class Night:
    """What a run did. ``heard`` were listened to now, ``known`` before; ``ignored`` are not sound.

    ``unanswered`` counts questions that only the audio could settle and that were not asked.
    """

    judged: tuple[Judged, ...]
    failures: tuple[Failure, ...]
    written: Written
    heard: int = 0
    known: int = 0
    ignored: int = 0
    unanswered: int = 0
    spent: Spent = field(default_factory=Spent, compare=False)

    @cached_property
    def calls(self) -> tuple[Brief, ...]:
        """The judged calls in brief."""
        return tuple(brief_of(one) for one in self.judged)

    @property
    def unjudgeable(self) -> int:
        """Recordings without a score: unreadable, or nothing in them could be judged."""
        silent = sum(one.scorecard.score is None for one in self.judged)
        return len(self.failures) + silent


def score_folder(
    folder: Path,
    out: Path,
    standard: Standard,
    store: Store,
    settings: Settings,
    *,
    executor: Executor | None = None,
    name_pattern: str | None = None,
    language: str = "zh-Hant",
    unmasked: bool = False,
    progress: Progress | None = None,
) -> Night:
    """Score every recording of a folder and write the reports.

    ``executor`` has the work done; without one it is done here, by as many threads as ``settings`` say.

    Raises:
        UsageError, CallRecordError, WeightsError, StoreError, OutputError: what stops a whole night.
    """
    ready(out)
    began, worked = perf_counter(), process_time()
    with watching() as watch:
        with stage("intake"):
            intake = take_in(folder, name_pattern)
        ears = Ears(settings)
        if executor is None:
            threads = max(1, min(threads_of(settings), len(intake.found)))
            executor = Threads(Worker(standard, ears), threads)
        done = _work(intake, ears, store, executor, progress or Silent())
        failures = sorted((*intake.failures, *done.failures), key=lambda failure: failure.file)
        # as they lie in the folder, whichever was done first
        judged = [
            done.judged[f.recording.id] for f in intake.found if f.recording.id in done.judged
        ]
        with stage("reports"):
            written = _write(judged, failures, standard, out, language, unmasked)
    heard_ms = sum(done.judged[identity].call.duration_ms for identity in done.heard)
    if heard_ms >= TELLING_MS:
        store.keep_speed(ears.weights.sha256, heard_ms / 1000 / done.hearing_s)
    return Night(
        judged=tuple(judged),
        failures=tuple(failures),
        written=written,
        heard=len(done.heard),
        known=len(judged) - len(done.heard),
        ignored=intake.ignored,
        spent=Spent(
            done.seconds + watch.seconds,
            heard_ms,
            perf_counter() - began,
            process_time() - worked,
        ),
    )


@dataclass
class _Done:
    """What workers have brought back so far, by the recording's id.

    ``hearing_s`` is what they spent on recordings that had to be heard, without loading models.
    """

    judged: dict[str, Judged] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)
    hearing_s: float = 0.0


def _work(intake: Intake, ears: Ears, store: Store, executor: Executor, told: Progress) -> _Done:
    """Have every recording scored, and keep each as soon as it is: this alone writes to the store."""
    done = _Done()
    told.begin(len(intake.found), sum(one.recording.size_bytes for one in intake.found))
    try:
        with closing(executor.run(_tasks(intake, ears, store))) as outcomes:
            for task, outcome in outcomes:
                recording = task.found.recording
                done.seconds.update(outcome.seconds)
                if isinstance(outcome.result, Failure):
                    done.failures.append(outcome.result)
                else:
                    with stage("store"):
                        _keep(task, outcome.result, store)
                    done.judged[recording.id] = outcome.result.judged
                    if task.kept is None:
                        done.heard.append(recording.id)
                        done.hearing_s += sum(
                            spent for name, spent in outcome.seconds.items() if name != LOADING
                        )
                told.done(recording.file, recording.size_bytes)
    finally:
        told.end()
    return done


def _tasks(intake: Intake, ears: Ears, store: Store) -> Iterator[Task]:
    """Recordings with what is known of them, the largest first: the longest may not begin last."""
    for found in sorted(intake.found, key=_size, reverse=True):
        with stage("store"):
            identity = found.recording.id
            kept = store.kept(identity) if heard_before(identity, ears, store) else None
        yield Task(found, kept)


def _size(found: Found) -> int:
    return found.recording.size_bytes


def heard_before(recording_id: str, ears: Ears, store: Store) -> bool:
    """Whether just these models have listened to a recording."""
    engines = ENGINES if ears.settings.engine == "auto" else (ears.settings.engine,)
    return any(
        store.heard_by(recording_id, provenance_of(ears.settings, engine, ears.weights))
        for engine in engines
    )


def _keep(task: Task, scored: Scored, store: Store) -> None:
    """Keep what is new: the call, or the answers it has had, and the scorecard."""
    call, before = scored.judged.call, task.kept
    if before is None or before.call != call:
        store.keep_call(call, scored.answers)
    elif new := [one for one in scored.answers if one not in before.answers]:
        store.keep_answers(call.recording.id, new)
    store.keep_scorecards([scored.judged.scorecard])


def _write(
    judged: list[Judged],
    failures: list[Failure],
    standard: Standard,
    out: Path,
    language: str,
    unmasked: bool,
) -> Written:
    shown = judged if unmasked else [mask_judged(one) for one in judged]
    return write_reports(shown, failures, standard.outline, out, language)
