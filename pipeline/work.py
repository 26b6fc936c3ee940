"""One recording, from file to scorecard: what every worker does, on this machine or another.

A worker knows nothing of the store and of other recordings. What was kept of a recording comes with its
:class:`Task`, what there is to keep goes back in its :class:`Outcome`; both are plain values that can be
sent to another process.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property, partial
from threading import Lock
from typing import Protocol

from pipeline.errors import NotNowError, RecordingError
from pipeline.garbage import spare_what_stays
from pipeline.heap import give_back_memory, share_heap
from pipeline.intake import Found, mark_of
from pipeline.judge.judge import settle
from pipeline.judge.load import Standard
from pipeline.listen.audio import Limits, Sound, decode
from pipeline.listen.listen import LONG_MS, Listener, hear_call, load_listener
from pipeline.listen.speakers import with_roles
from pipeline.listen.spotting import answer
from pipeline.models import Weights, resolve
from pipeline.records import Answer, Call, Failure, Judged, Question, UsualVoice
from pipeline.settings import Settings
from pipeline.stopwatch import stage, watching
from pipeline.store import Kept

ABOUT_RECORD = "call record: "
"""Begins a warning that a corrected calls.csv takes back."""

NO_MEMORY = ("bad_alloc", "can't allocate memory", "cannot allocate memory", "out of memory")
"""What libraries say that have no error of their own for it: CTranslate2, PyTorch, CUDA."""


LOADING = "loading models"
"""The stage that a worker goes through once a night."""


@dataclass(frozen=True, slots=True)
class Task:
    """A recording to score. ``kept`` is what is known of it, if just these models listened to it.

    ``usual`` is how its agent sounded before this run.
    """

    found: Found
    kept: Kept | None = None
    usual: UsualVoice | None = None


@dataclass(frozen=True, slots=True)
class Scored:
    """A call judged, and every answer that is true of it."""

    judged: Judged
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a task, and the seconds its stages took (see :mod:`pipeline.stopwatch`)."""

    result: Scored | Failure
    seconds: Mapping[str, float] = field(default_factory=dict)


Outcomes = Generator[tuple[Task, Outcome], None, None]
"""Tasks with what came of them; closing it gives up what is not done yet."""


class Executor(Protocol):
    """Has tasks done by workers."""

    def run(self, tasks: Iterable[Task]) -> Outcomes:
        """Do the tasks, and give each back with its outcome as soon as it is done, in any order.

        Tasks are taken as workers come free, so that few are held at a time.

        Raises:
            CallqaError: other than of one recording: what stops a whole night.
        """
        ...


@dataclass
class Ears:
    """The models, loaded when first needed: a night of known calls loads none."""

    settings: Settings
    _loading: Lock = field(default_factory=Lock, repr=False)

    @cached_property
    def weights(self) -> Weights:
        return resolve(self.settings.model)

    @property
    def listener(self) -> Listener:
        with self._loading:
            return self._listener

    @cached_property
    def _listener(self) -> Listener:
        with stage(LOADING):
            return load_listener(self.settings)


@dataclass(frozen=True)
class Worker:
    """Scores recordings by one standard, with one set of models. Any number of threads may use it."""

    standard: Standard
    ears: Ears

    def __post_init__(self) -> None:
        share_heap()
        spare_what_stays()
        give_back_memory()  # what compiling the standard took

    def do(self, task: Task) -> Outcome:
        """Score a recording; what is wrong with it alone, too little memory included, is a Failure.

        Raises:
            WeightsError, UsageError: the models cannot be loaded.
        """
        with watching() as watch:
            try:
                result: Scored | Failure = self._score(task)
            except RecordingError as error:
                result = failure_of(task, error)
            except (MemoryError, RuntimeError) as error:
                if not _is_about_memory(error):
                    raise
                result = failure(
                    task,
                    "a recording for which memory did not suffice",
                    "memory for a whole recording, about 1.5 GB an hour of stereo",
                    "Run again with fewer --threads, on a machine with more, or split it.",
                )
        if task.kept is None and _took_much(result):
            give_back_memory()
        return Outcome(result, dict(watch.seconds))

    def _score(self, task: Task) -> Scored:
        """Heard if it has to be, judged, listened to closer where the words leave doubt."""
        found = task.found
        sound = cache(partial(_decoded, found, self.ears.settings))
        if task.kept is None:
            heard = hear_call(found.recording, sound(), self.ears.listener)
            _check_complete(found)
            told = replace(with_roles(heard, found.recording), usual=task.usual)
            kept = Kept(_labelled(told, found), ())
        else:
            kept = _relabelled(task.kept, task)
        answers = list(kept.answers)

        def closer_listen(questions: Sequence[Question]) -> tuple[Answer, ...]:
            with stage("closer listen"):
                new = answer(questions, kept.call, sound(), self.ears.listener.engine)
            answers.extend(new)
            return new

        with stage("judging"):
            judgement = settle(kept.call, self.standard, kept.answers, closer_listen)
        judged = Judged(kept.call, judgement.scorecard, judgement.measures)
        return Scored(judged, tuple(answers))


def _took_much(result: Scored | Failure) -> bool:
    """Whether a recording took so much memory that it is given back: of one that failed nobody knows."""
    return not isinstance(result, Scored) or result.judged.call.duration_ms >= LONG_MS


def failure(task: Task, got: str, expected: str, hint: str) -> Failure:
    """A recording that could not be scored: its place in the results."""
    recording = task.found.recording
    return Failure(recording.file, got, expected, hint, recording.id)


def failure_of(task: Task, error: RecordingError) -> Failure:
    """What was wrong with a recording, as its place in the results."""
    failed = failure(task, error.got, error.expected, error.hint)
    return replace(failed, passing=isinstance(error, NotNowError))


def _decoded(found: Found, settings: Settings) -> Sound:
    """The recording's sound, if its file stays where it is while it is read."""
    try:
        with stage("decoding"):
            return decode(found.path, Limits.of(settings))
    except OSError as error:
        raise NotNowError(
            str(found.path),
            f"cannot be read ({error.strerror})",
            "a readable sound file",
            "Check that it is still there, and the disk or network it is on.",
        ) from error


def _check_complete(found: Found) -> None:
    """The file must be what it was when the recording's id was made of it.

    Raises:
        NotNowError: it grew or changed, as one does that is still being recorded or copied.
    """
    try:
        changed = found.mark is not None and mark_of(found.path) != found.mark
    except OSError:
        return  # it has gone since, after all of it was heard
    if changed:
        raise NotNowError(
            str(found.path),
            "a file that changed while it was read",
            "a recording that is complete",
            "It is still being written, it seems: the next run takes it up.",
        )


def _is_about_memory(error: MemoryError | RuntimeError) -> bool:
    said = str(error).lower()
    return isinstance(error, MemoryError) or any(words in said for words in NO_MEMORY)


def _relabelled(kept: Kept, task: Task) -> Kept:
    """What was kept, under the call record as it is now."""
    labelled = _labelled(kept.call, task.found)
    if labelled.recording.record.agent_id != kept.call.recording.record.agent_id:
        labelled = replace(labelled, usual=task.usual)  # what was known was of somebody else
    # an answer about the agent is none once the agent is on the other channel
    return Kept(labelled, kept.answers if labelled.speech == kept.call.speech else ())


def _labelled(call: Call, found: Found) -> Call:
    """The call with what its call record says now, and what was wrong with that."""
    if call.recording != found.recording:
        call = with_roles(call, found.recording)
    others = tuple(note for note in call.warnings if not note.startswith(ABOUT_RECORD))
    return replace(
        call, warnings=(*others, *(ABOUT_RECORD + warning for warning in found.warnings))
    )
