"""One run's recordings, from the first to the last: claimed, heard by workers, kept.

Here alone the store is written to while a night runs. Each recording is kept as soon as it is heard, in one
transaction, so that a run that is killed at any moment loses no more than what was in hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from time import sleep
from typing import Protocol

from pipeline import LISTENS_AS
from pipeline.intake import Found
from pipeline.journal import (
    Journal,
    RecordingFailed,
    RecordingPurged,
    RecordingScored,
    RecordingSetAside,
    Waiting,
    unwritten,
)
from pipeline.listen.engines import ENGINES
from pipeline.listen.listen import provenance_of
from pipeline.records import Failure, Judged, UsualVoice
from pipeline.stopwatch import stage
from pipeline.store import Claim, Kept, Run, Store, Trouble
from pipeline.work import LOADING, Ears, Executor, Outcome, Scored, Task

BYTES_A_SECOND = {
    **dict.fromkeys((".wav", ".w64", ".aiff", ".aif", ".au", ".caf", ".sln"), 24_000),
    **dict.fromkeys((".flac", ".ape", ".wv", ".tta"), 14_000),
}
COMPRESSED_BYTES_A_SECOND = 4_000
"""What recorders' files take: 8 kHz in one or two channels, of 8 or 16 bits; lossless; and all others, mostly
of 16 to 64 kbit/s."""

WAITING_S = 1.0
"""How often one looks whether another run is done with a recording that it has in hand."""


class Progress(Protocol):
    """Who is told how far the night is; sizes in bytes stand for the work a recording is.

    Nothing goes on while it ``waits`` for other runs, told in words, that have recordings in hand.
    """

    def begin(self, recordings: int, size_bytes: int) -> None: ...

    def done(self, file: str, size_bytes: int) -> None: ...

    def waits(self, holder: str) -> None: ...

    def end(self) -> None: ...


class Silent:
    """Tells nobody."""

    def begin(self, recordings: int, size_bytes: int) -> None: ...

    def done(self, file: str, size_bytes: int) -> None: ...

    def waits(self, holder: str) -> None: ...

    def end(self) -> None: ...


@dataclass
class Done:
    """What workers have brought back so far, by the recording's id.

    ``purged`` were known, but what was said in them is no longer kept, so that they are left out.
    ``hearing_s`` is what they spent on recordings that had to be heard, without loading models.
    """

    judged: dict[str, Judged] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    purged: list[str] = field(default_factory=list)
    seconds: Counter[str] = field(default_factory=Counter)
    hearing_s: float = 0.0


@dataclass
class Shift:
    """The recordings of one run, from the first to the last: this alone writes to the store.

    ``suspects`` were in hand when an earlier run was killed, ``held`` are in another run's hand.
    ``usual`` is how agents sounded in calls kept before, by the recording's id; it is asked for before
    anything is kept, so that what comes out does not depend on which recording is done first.
    """

    folder: str
    ears: Ears
    store: Store
    run: Run
    told: Progress
    journal: Journal = unwritten
    done: Done = field(default_factory=Done)
    suspects: list[Task] = field(default_factory=list)
    held: list[Found] = field(default_factory=list)
    usual: dict[str, UsualVoice] = field(default_factory=dict)

    def work(self, recordings: Sequence[Found], executor: Executor, apart: Executor) -> Done:
        """Have every recording scored, and keep each as soon as it is."""
        with stage("store"):
            self.usual = self.store.usual_voices(found.recording for found in recordings)
        self.run.keep_pulse()
        size_bytes = sum(found.recording.size_bytes for found in recordings)
        self.told.begin(len(recordings), size_bytes)
        try:
            # the longest may not begin last
            self._score(self._tasks(sorted(recordings, key=_seconds, reverse=True)), executor)
            self._score(self.suspects, apart)
            if self.held:
                self._tell_waiting()
            while self.held:
                sleep(WAITING_S)
                waiting, self.held, self.suspects = self.held, [], []
                self._score(self._tasks(waiting), executor)
                self._score(self.suspects, apart)
        finally:
            self.told.end()
        return self.done

    def _tell_waiting(self) -> None:
        holders = self.run.holders({found.recording.id for found in self.held})
        holder = "; ".join(holders) or None  # they may have let go since
        self.journal(Waiting("recordings in another run's hand", holder, len(self.held)))
        self.told.waits(holder or "another run")

    def _tasks(self, recordings: Iterable[Found]) -> Iterator[Task]:
        """What there is to do of some recordings; nothing of those that are set aside or not ours."""
        for found in recordings:
            with stage("store"):
                task = self._task(found)
            if task is not None:
                yield task

    def _task(self, found: Found) -> Task | None:
        identity = found.recording.id
        if self._is_purged(found):
            return None
        usual = self.usual.get(identity)
        if kept := self._known(identity):
            return Task(found, kept, usual)
        trouble = self.run.trouble(identity)
        # one that another run has just failed to hear is no better for being heard again at once
        if trouble and (trouble.set_aside or self.run.saw_fail(identity)):
            self._failed(found, replace(trouble.told(), file=found.recording.file), trouble)
            return None
        claim = self.run.claim(identity)
        if claim is Claim.HELD:
            self.held.append(found)
            return None
        if self._is_purged(found):  # since we looked
            self.run.release(identity)
            return None
        if kept := self._known(identity):  # heard by another run since we looked
            self.run.release(identity)
            return Task(found, kept, usual)
        if claim is Claim.SUSPECT:
            self.suspects.append(Task(found, usual=usual))
            return None
        return Task(found, usual=usual)

    def _is_purged(self, found: Found) -> bool:
        """Whether what was said has been purged, and is not to be heard again, whatever would listen."""
        if not self.store.is_purged(found.recording.id):
            return False
        self.done.purged.append(found.recording.id)
        self.journal(RecordingPurged(found.recording.file, found.recording.id))
        self.told.done(found.recording.file, found.recording.size_bytes)
        return True

    def _known(self, identity: str) -> Kept | None:
        heard = heard_alike(identity, self.ears, self.store)
        return self.store.kept(identity) if heard else None

    def _score(self, tasks: Iterable[Task], executor: Executor) -> None:
        with closing(executor.run(tasks)) as outcomes:
            for task, outcome in outcomes:
                self.done.seconds.update(outcome.seconds)
                if isinstance(outcome.result, Failure):
                    with stage("store"):
                        trouble = self.run.fail(outcome.result, self.folder)
                    self._failed(task.found, outcome.result, trouble)
                else:
                    with stage("store"):
                        self._keep(task, outcome.result)
                    self._scored(task, outcome, outcome.result)

    def _failed(self, found: Found, failed: Failure, trouble: Trouble) -> None:
        """Note a failure, and whether it is not tried any more."""
        self.done.failures.append(failed)
        told = RecordingSetAside if trouble.set_aside else RecordingFailed
        self.journal(
            told(
                failed.file,
                found.recording.id,
                failed.got,
                failed.expected,
                failed.hint,
                trouble.attempts,
            )
        )
        self.told.done(found.recording.file, found.recording.size_bytes)

    def _scored(self, task: Task, outcome: Outcome, scored: Scored) -> None:
        recording = task.found.recording
        self.done.judged[recording.id] = scored.judged
        seconds = sum(spent for name, spent in outcome.seconds.items() if name != LOADING)
        if task.kept is None:
            self.done.heard.append(recording.id)
            self.done.hearing_s += seconds
        card = scored.judged.scorecard
        self.journal(
            RecordingScored(
                recording.file,
                recording.id,
                task.kept is None,
                round(seconds, 3),
                scored.judged.call.duration_ms,
                card.score,
                card.flags,
            )
        )
        self.told.done(recording.file, recording.size_bytes)

    def _keep(self, task: Task, scored: Scored) -> None:
        """Keep what is new: the call, or the answers it has had, and the scorecard."""
        call, before = scored.judged.call, task.kept
        changed = before is None or before.call != call
        answers = [
            one for one in scored.answers if changed or not before or one not in before.answers
        ]
        self.store.keep_scored(
            self.run, call if changed else None, answers, scored.judged.scorecard, self.folder
        )


def _seconds(found: Found) -> float:
    """About how long a recording is: its header is not read, which would take a process."""
    suffix = found.path.suffix.lower()
    return found.recording.size_bytes / BYTES_A_SECOND.get(suffix, COMPRESSED_BYTES_A_SECOND)


def heard_before(recording_id: str, ears: Ears, store: Store) -> bool:
    """Whether there is nothing to hear: such models have listened, or what any heard was purged."""
    return store.is_purged(recording_id) or heard_alike(recording_id, ears, store)


def heard_alike(recording_id: str, ears: Ears, store: Store) -> bool:
    """Whether just these models have listened to a recording, in a version that listens as this one."""
    engines = ENGINES if ears.settings.engine == "auto" else (ears.settings.engine,)
    now = [provenance_of(ears.settings, engine, ears.weights) for engine in engines]
    alike = [replace(one, version=version) for one in now for version in LISTENS_AS]
    return store.heard_by(recording_id, *alike)
