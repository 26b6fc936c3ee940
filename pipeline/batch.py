"""The night's run: discover, skip what is done, listen, judge, keep, show.

Each recording is kept as soon as it is heard, so that an interrupted night goes on where it stopped,
and one that cannot be heard costs a line in the results and nothing of the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property, partial
from pathlib import Path
from typing import Protocol

from pipeline.errors import RecordingError
from pipeline.intake import Found, take_in
from pipeline.judge.judge import Judgement, settle
from pipeline.judge.load import Standard
from pipeline.listen.audio import decode
from pipeline.listen.engines import ENGINES
from pipeline.listen.listen import Listener, listen, load_listener, provenance_of
from pipeline.listen.speakers import with_roles
from pipeline.listen.spotting import answer
from pipeline.models import Weights, resolve
from pipeline.records import Answer, Call, Failure, Judged, Question
from pipeline.settings import Settings
from pipeline.show import Written, write_reports
from pipeline.show.brief import Brief, brief_of
from pipeline.show.files import ready
from pipeline.store import Kept, Store
from pipeline.wording.masking import mask_judged

ABOUT_RECORD = "call record: "
"""Begins a warning that a corrected calls.csv takes back."""


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

    @cached_property
    def calls(self) -> tuple[Brief, ...]:
        """The judged calls in brief."""
        return tuple(brief_of(one) for one in self.judged)

    @property
    def unjudgeable(self) -> int:
        """Recordings without a score: unreadable, or nothing in them could be judged."""
        silent = sum(one.scorecard.score is None for one in self.judged)
        return len(self.failures) + silent


@dataclass
class Ears:
    """The models, loaded when first needed: a night of known calls loads none."""

    settings: Settings

    @cached_property
    def weights(self) -> Weights:
        return resolve(self.settings.model)

    @cached_property
    def listener(self) -> Listener:
        return load_listener(self.settings)

    def recall(self, recording_id: str, store: Store) -> Kept | None:
        """The kept call of a recording, if just these models listened to it."""
        engines = ENGINES if self.settings.engine == "auto" else (self.settings.engine,)
        heard = any(
            store.heard_by(recording_id, provenance_of(self.settings, engine, self.weights))
            for engine in engines
        )
        return store.kept(recording_id) if heard else None


def score_folder(
    folder: Path,
    out: Path,
    standard: Standard,
    store: Store,
    settings: Settings,
    *,
    name_pattern: str | None = None,
    language: str = "zh-Hant",
    unmasked: bool = False,
    progress: Progress | None = None,
) -> Night:
    """Score every recording of a folder and write the reports.

    Raises:
        UsageError, CallRecordError, WeightsError, StoreError, OutputError: what stops a whole night.
    """
    ready(out)
    intake = take_in(folder, name_pattern)
    ears, told = Ears(settings), progress or Silent()
    judged: list[Judged] = []
    failures = list(intake.failures)
    heard = 0
    told.begin(len(intake.found), sum(one.recording.size_bytes for one in intake.found))
    try:
        for found in intake.found:
            kept = ears.recall(found.recording.id, store)
            try:
                judged.append(_score(found, kept, standard, store, ears))
                heard += kept is None
            except RecordingError as error:
                failures.append(_failure(found, error))
            told.done(found.recording.file, found.recording.size_bytes)
    finally:
        told.end()
    written = _write(judged, failures, standard, out, language, unmasked)
    return Night(
        judged=tuple(judged),
        failures=tuple(sorted(failures, key=lambda failure: failure.file)),
        written=written,
        heard=heard,
        known=len(judged) - heard,
        ignored=intake.ignored,
    )


def _score(found: Found, kept: Kept | None, standard: Standard, store: Store, ears: Ears) -> Judged:
    """One recording: heard if it has to be, judged, kept."""
    if kept is None:
        kept = Kept(_labelled(listen(found.recording, found.path, ears.listener), found), ())
        store.keep_call(kept.call)
    elif (labelled := _labelled(kept.call, found)) != kept.call:
        # an answer about the agent is none once the agent is on the other channel
        answers = kept.answers if labelled.speech == kept.call.speech else ()
        kept = Kept(labelled, answers)
        store.keep_call(labelled, answers)
    judgement = _settle(kept, found.path, standard, store, ears)
    store.keep_scorecards([judgement.scorecard])
    return Judged(kept.call, judgement.scorecard, judgement.measures)


def _labelled(call: Call, found: Found) -> Call:
    """The call with what its call record says now, and what was wrong with that."""
    if call.recording != found.recording:
        call = with_roles(call, found.recording)
    others = tuple(note for note in call.warnings if not note.startswith(ABOUT_RECORD))
    return replace(
        call, warnings=(*others, *(ABOUT_RECORD + warning for warning in found.warnings))
    )


def _settle(kept: Kept, path: Path, standard: Standard, store: Store, ears: Ears) -> Judgement:
    """Judge, listen closer where the words leave doubt, and judge again."""
    sound = cache(partial(decode, path))

    def closer_listen(questions: Sequence[Question]) -> tuple[Answer, ...]:
        answers = answer(questions, kept.call, sound(), ears.listener.engine)
        store.keep_answers(kept.call.recording.id, answers)
        return answers

    return settle(kept.call, standard, kept.answers, closer_listen)


def _failure(found: Found, error: RecordingError) -> Failure:
    return Failure(found.recording.file, error.got, error.expected, error.hint, found.recording.id)


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
