"""Judging every kept call again, on all cores, without opening audio.

Calls go through as text, a few at a time: this process reads them from the store, others read, judge
and show them, and what comes back, in order, is kept and written here. Nobody ever holds more than
some chunks of calls, so that a store of any size needs the memory of a small one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from pipeline import __version__
from pipeline.journal import (
    Journal,
    RecordingFailed,
    RecordingScored,
    RecordingSetAside,
    RunStarted,
    unwritten,
)
from pipeline.judge.judge import Judgement, judge_read
from pipeline.judge.load import Standard
from pipeline.judge.reading import Reading, read_together
from pipeline.pool import workers
from pipeline.records import Failure, Judged
from pipeline.settings import cores
from pipeline.show import Results, Sheet, Written, sheet_of
from pipeline.show.brief import Brief
from pipeline.show.documents import document_paths, write_document
from pipeline.show.files import ready, sweep
from pipeline.show.language import Language, language_named
from pipeline.store import Bearers, CardText, Kept, KeptText, Store, Trouble
from pipeline.traces import mark_unmasked, tidy
from pipeline.wording.normalise import normalise
from pipeline.wording.shown import as_shown

TOGETHER = 512
"""Scorecards kept at a time: each time waits for the disk."""


@dataclass(frozen=True, slots=True)
class Rejudged:
    """What judging again did; as much of a :class:`~pipeline.batch.Night` as there is without audio.

    ``unanswered`` counts questions that only the audio could settle and that were not asked; ``purged``
    calls have no words any more and are left out.
    """

    calls: tuple[Brief, ...]
    written: Written
    unanswered: int
    failures: tuple[Failure, ...]
    heard: int = 0
    ignored: int = 0
    gone: int = 0
    purged: int = 0

    @property
    def known(self) -> int:
        return len(self.calls)

    @property
    def unjudgeable(self) -> int:
        """Recordings without a score: they failed when last tried, or nothing in them could be judged."""
        return len(self.failures) + sum(one.score is None for one in self.calls)


@dataclass(frozen=True, slots=True)
class Desk:
    """What every process must have to judge and show a call."""

    standard: Standard
    language: Language
    unmasked: bool


@dataclass(frozen=True, slots=True)
class ToJudge:
    """A call to judge. ``document`` is where its document goes; none if another call bears its name."""

    text: KeptText
    document: Path | None


@dataclass(frozen=True, slots=True)
class Ruled:
    """A call judged: what to keep and what to write of it."""

    card: CardText
    sheet: Sheet
    unanswered: int
    seconds: float


def rescore(
    out: Path,
    standard: Standard,
    store: Store,
    *,
    language: str = "zh-Hant",
    unmasked: bool = False,
    processes: int = 0,
    journal: Journal = unwritten,
) -> Rejudged:
    """Judge every kept call again, opening no audio, and write the reports.

    A call that was replaced, in its folder and under its name, by one met later is left out. What could not
    be judged when it was last tried is a failure still. A question the changed standard asks for the first
    time stays open: its clause is unjudged.
    ``processes`` is how many judge at once; 0 means as many as there are cores for us.

    Raises:
        StoreError, OutputError: what stops a whole run
    """
    ready(out)
    sweep(out)
    bearers = store.bearers()
    recordings = [one for one in store.recordings() if one[1] not in bearers.replaced]
    if unmasked:
        mark_unmasked(out, [file for file, _ in recordings])
    desk = Desk(standard, language_named(language), unmasked)
    # one that is judged now, by what is kept of it, has not failed
    judged = frozenset(recordings)
    troubles = [
        one
        for one in store.troubles()
        if (one.failure.file, one.failure.recording_id) not in judged
    ]
    failures = tuple(one.told() for one in troubles)
    unanswered = 0
    # what is read for the first text is there before they fork
    standard.matcher.find_all(normalise("您好"))
    with (
        store.run("rescore", "{}", standard.outline) as run_kept,
        workers(processes or cores(), len(recordings), desk) as team,
        Results(out, standard.outline, language) as results,
    ):
        journal(_started(len(recordings) + len(failures), standard, store, run_kept.id))
        for trouble in troubles:
            journal(_failed(trouble))
        tasks = _tasks(store, recordings, bearers, out)
        cards: list[CardText] = []
        for chunk in team.in_order(_judge_chunk, tasks):
            run_kept.keep_pulse()  # processes are forked by now
            for one in chunk:
                cards.append(one.card)
                results.add(one.sheet)
                journal(_scored(one))
                unanswered += one.unanswered
            if len(cards) >= TOGETHER:
                store.keep_cards(cards, run_kept)
                cards = []
        store.keep_cards(cards, run_kept)

        def in_full(places: Sequence[int]) -> Iterator[Judged]:
            chosen = store.kept_texts([recordings[at] for at in places])
            for chunk in team.in_order(_judge_in_full, chosen):
                yield from chunk

        results.finish(failures, in_full)
    tidy(out, dict(recordings), bearers.replaced, unmasked=unmasked)
    return Rejudged(
        tuple(results.calls), results.written, unanswered, failures, purged=store.purged()
    )


def _started(recordings: int, standard: Standard, store: Store, run_id: str) -> RunStarted:
    return RunStarted(
        version=__version__,
        run_id=run_id,
        folder="",
        recordings=recordings,
        size_bytes=0,
        ignored=0,
        settings={},
        model=None,
        engine=None,
        weights_sha256=None,
        standard=standard.model.id,
        standard_sha256=standard.sha256,
        store=store.database.shown,
    )


def _failed(trouble: Trouble) -> RecordingFailed | RecordingSetAside:
    told, failed = RecordingSetAside if trouble.set_aside else RecordingFailed, trouble.told()
    four = (failed.got, failed.expected, failed.hint, trouble.attempts)
    return told(failed.file, failed.recording_id, *four)


def _scored(done: Ruled) -> RecordingScored:
    brief = done.sheet.brief
    return RecordingScored(
        brief.file,
        brief.recording_id,
        False,
        done.seconds,
        brief.duration_ms,
        brief.score,
        brief.flags,
    )


def _tasks(
    store: Store, recordings: Sequence[tuple[str, str]], bearers: Bearers, out: Path
) -> Iterator[ToJudge]:
    """Every call of ``recordings``, in their order; of several under one name one has the document."""
    paths = document_paths([file for file, _ in recordings])
    named = {recording_id: file for file, recording_id in recordings}
    for text in store.kept_texts(recordings):
        # as it was: another run may just have met it under another name
        file = named[text.recording_id]
        bears = bearers.by_file.get(file) == text.recording_id
        yield ToJudge(text, out / paths[file] if bears else None)


def _judge_chunk(desk: Desk, chunk: Sequence[ToJudge]) -> list[Ruled]:
    """Judge some calls and write their documents."""
    done = []
    began = perf_counter()
    kept = _read(desk, [task.text for task in chunk])
    reading = (perf_counter() - began) / len(chunk)  # a call's share
    for task, one in zip(chunk, kept, strict=True):
        began = perf_counter()
        judged, judgement = _judged(desk, *one)
        if task.document is not None:
            write_document(task.document, judged)
        sheet = sheet_of(judged, desk.standard.outline, desk.language)
        card = CardText.of(judgement.scorecard)
        seconds = round(reading + perf_counter() - began, 3)
        done.append(Ruled(card, sheet, len(judgement.questions), seconds))
    return done


def _judge_in_full(desk: Desk, chunk: Sequence[KeptText]) -> list[Judged]:
    """Some calls as the page shows them in full."""
    return [_judged(desk, *one)[0] for one in _read(desk, chunk)]


def _read(desk: Desk, chunk: Sequence[KeptText]) -> list[tuple[Kept, Reading]]:
    """Some calls, their words searched together."""
    kept = [text.read() for text in chunk]
    readings = read_together([one.call for one in kept], desk.standard.matcher)
    return list(zip(kept, readings, strict=True))


def _judged(desk: Desk, kept: Kept, reading: Reading) -> tuple[Judged, Judgement]:
    """The call as it may be shown, and the judgement as it is kept."""
    judgement = judge_read(reading, desk.standard, kept.answers)
    judged = Judged(kept.call, judgement.scorecard, judgement.measures)
    return as_shown(judged, unmasked=desk.unmasked), judgement
