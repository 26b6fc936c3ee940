"""The night's run: discover, skip what is done, listen, judge, keep, show.

An interrupted night goes on where it stopped, and a recording that cannot be heard costs a line in the
results and nothing of the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from time import perf_counter, process_time

from pipeline import __version__
from pipeline.apart import Apart, worker_like
from pipeline.intake import Intake, take_in
from pipeline.journal import Journal, RecordingFailed, RunStarted, unwritten
from pipeline.judge.load import Standard
from pipeline.listen.engines import engine_of
from pipeline.local import Threads, threads_of
from pipeline.places import place_name
from pipeline.records import Failure, Judged
from pipeline.settings import Settings
from pipeline.shift import Progress, Shift, Silent
from pipeline.show import Written, write_reports
from pipeline.show.brief import Brief, brief_of
from pipeline.show.files import ready, sweep
from pipeline.stopwatch import stage, watching
from pipeline.store import Run, Store, purged_before
from pipeline.traces import mark_unmasked, tidy
from pipeline.wording.shown import as_shown
from pipeline.work import Ears, Executor, Worker

TELLING_MS = 60_000
"""Sound from which a run tells how fast workers are."""


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

    ``gone`` counts the recordings met in the folder before, if it holds none now: a disk may not be mounted.
    ``unanswered`` counts questions that only the audio could settle and that were not asked. ``purged``
    recordings are still there, but what was said in them was deleted: they are not heard again.
    """

    judged: tuple[Judged, ...]
    failures: tuple[Failure, ...]
    written: Written
    heard: int = 0
    known: int = 0
    ignored: int = 0
    gone: int = 0
    unanswered: int = 0
    purged: int = 0
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
    apart: Executor | None = None,
    name_pattern: str | None = None,
    language: str = "zh-Hant",
    unmasked: bool = False,
    progress: Progress | None = None,
    journal: Journal = unwritten,
) -> Night:
    """Score every recording of a folder and write the reports.

    ``executor`` has the work done; without one it is done here, by as many threads as ``settings`` say.
    ``apart`` has those recordings heard that may have killed an earlier run; by default ``executor`` if
    one is given, whose workers may be lost, else a process of their own.

    Raises:
        UsageError, CallRecordError, WeightsError, StoreError, OutputError: what stops a whole night.
    """
    ready(out)
    sweep(out)
    began, worked = perf_counter(), process_time()
    with watching() as watch:
        with stage("intake"):
            intake = intake_of(folder, name_pattern, store)
            gone = 0 if intake.found else len(store.met_in(place_name(folder)))
        ears = Ears(settings)
        if executor is None:
            executor, own = _here(standard, ears, len(intake.found))
            apart = apart or own
        place = place_name(folder)
        with store.run("score", settings.model_dump_json(), standard.outline) as run:
            journal(_started(place, intake, standard, store, run, ears))
            for refused in intake.failures:
                journal(_refused(refused))
            shift = Shift(place, ears, store, run, progress or Silent(), journal)
            done = shift.work(intake.found, executor, apart or executor)
            run.fail_names(intake.failures, place)
            run.forget_gone(place, {one.recording.id for one in intake.found}, intake.failures)
        failures = sorted((*intake.failures, *done.failures), key=lambda failure: failure.file)
        # as they lie in the folder, whichever was done first
        ids = [found.recording.id for found in intake.found]
        judged = [done.judged[one] for one in ids if one in done.judged]
        with stage("reports"):
            replaced = store.bearers().replaced
            written = _write(judged, failures, standard, out, language, unmasked, replaced)
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
        gone=gone,
        purged=len(done.purged),
        spent=Spent(
            done.seconds + watch.seconds,
            heard_ms,
            perf_counter() - began,
            process_time() - worked,
        ),
    )


def intake_of(folder: Path, name_pattern: str | None, store: Store) -> Intake:
    """What a folder holds; a recording that is gone, but is or was in the store, is not missed.

    Raises:
        UsageError, CallRecordError, StoreError: see :func:`pipeline.intake.take_in`
    """
    known = store.met_in(place_name(folder))
    return take_in(folder, name_pattern, known, purged_before(store.database))


def _here(standard: Standard, ears: Ears, recordings: int) -> tuple[Executor, Executor]:
    """Who has the work done on this machine: threads of ours, and a process for what may kill one."""
    threads = max(1, min(threads_of(ears.settings), recordings))
    return (
        Threads(Worker(standard, ears), threads),
        Apart(worker_like(standard, ears.settings)),
    )


def _refused(failure: Failure) -> RecordingFailed:
    """What was no recording from the start: it was never tried."""
    told = (failure.got, failure.expected, failure.hint)
    return RecordingFailed(failure.file, failure.recording_id, *told, attempt=0)


def _started(
    place: str, intake: Intake, standard: Standard, store: Store, run: Run, ears: Ears
) -> RunStarted:
    weights = ears.weights if intake.found else None
    return RunStarted(
        version=__version__,
        run_id=run.id,
        folder=place,
        recordings=len(intake.found) + len(intake.failures),
        size_bytes=sum(found.recording.size_bytes for found in intake.found),
        ignored=intake.ignored,
        settings=ears.settings.model_dump(),
        model=ears.settings.model,
        engine=engine_of(ears.settings, weights) if weights else None,
        weights_sha256=weights.sha256 if weights else None,
        standard=standard.model.id,
        standard_sha256=standard.sha256,
        store=store.database.shown,
    )


def _write(
    judged: list[Judged],
    failures: list[Failure],
    standard: Standard,
    out: Path,
    language: str,
    unmasked: bool,
    replaced: Collection[str],
) -> Written:
    if unmasked:
        mark_unmasked(out, [one.scorecard.file for one in judged])
    shown = [as_shown(one, unmasked=unmasked) for one in judged]
    written = write_reports(shown, failures, standard.outline, out, language)
    files = {one.scorecard.file: one.scorecard.recording_id for one in judged}
    tidy(out, files, replaced, unmasked=unmasked)
    return written
