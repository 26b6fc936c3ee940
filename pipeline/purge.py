"""Retention: what is older than it may be is deleted, from store, results and recordings.

First the recordings' files, then the results that tell what was said, then the store: a purge that is
interrupted has left what it was about in the store, and the next one finishes it.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from pipeline.errors import UsageError
from pipeline.show.documents import FOLDER
from pipeline.show.files import sweep
from pipeline.show.results import Written
from pipeline.show.tables import guarded
from pipeline.store import Store
from pipeline.store.purging import Old, older_than, purge_calls, purge_words
from pipeline.store.runs import under_way

AGE = re.compile(r"(\d{1,6})\s*([hdw])")
HOURS = {"h": 1, "d": 24, "w": 24 * 7}


@dataclass(frozen=True, slots=True)
class Retention:
    """What goes of calls older than ``age``.

    ``words``: what was said goes, statistics stay. ``audio``: the recordings' files go. ``calls``:
    everything kept of the calls goes, and their files where ``recordings`` names their folder.
    """

    age: timedelta
    words: bool = False
    audio: bool = False
    recordings: Path | None = None

    @property
    def calls(self) -> bool:
        return not self.words and not self.audio


@dataclass(frozen=True, slots=True)
class Gone:
    """A file that went, or would go."""

    path: Path
    size_bytes: int


@dataclass
class Purged:
    """What went, or would go in a dry run.

    ``calls`` are those of the store, ``recordings`` sound files, ``documents`` what results tell of the
    calls, ``reports`` those of the whole night in which some of them stand. ``kept`` are files that could
    not be deleted, with the reason. ``emptied`` is false where the store's log still holds what went.
    """

    before: datetime
    calls: tuple[Old, ...] = ()
    recordings: list[Gone] = field(default_factory=list)
    documents: list[Gone] = field(default_factory=list)
    reports: list[Gone] = field(default_factory=list)
    kept: list[tuple[Path, str]] = field(default_factory=list)
    emptied: bool = True

    @property
    def files(self) -> list[Gone]:
        return [*self.recordings, *self.documents, *self.reports]


def age_of(text: str) -> timedelta:
    """An age such as ``180d``.

    >>> age_of("26w").days
    182

    Raises:
        UsageError: it is none
    """
    found = AGE.fullmatch(text.strip().lower())
    if found is None:
        raise UsageError(
            "--older-than",
            repr(text),
            "a whole number and h, d or w, such as 12h, 180d or 26w",
            "There is no unit for months or years, which are not all equally long.",
        )
    return timedelta(hours=int(found[1]) * HOURS[found[2]])


def purge(
    store: Store,
    out: Path,
    retention: Retention,
    *,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Purged:
    """Delete what is too old, or tell what would be.

    ``out`` is the folder of results: what in it tells of the calls goes with their words. Ages are
    reckoned from ``now``, else from the clock's time.

    Raises:
        UsageError: a run is under way, or the age reaches back before all calendars
        StoreError: the store cannot be read or written
    """
    before = _moment(now or datetime.now(UTC), retention.age)
    if not dry_run and (runs := under_way(store.database)):
        raise UsageError(
            store.database.shown, runs[0], "a store that nobody writes to", "Purge when it is done."
        )
    old = older_than(store.database, before)
    # of calls whose words went before, there is nothing more to take but all of it
    stored = (
        ()
        if not (retention.words or retention.calls)
        else tuple(one for one in old if retention.calls or one.worded)
    )
    done = Purged(before, stored)
    if retention.recordings is not None and (retention.audio or retention.calls):
        done.recordings = list(_recordings(retention.recordings, old, done))
    if retention.words or retention.calls:
        done.documents = list(_documents(out, old))
        done.reports = list(_reports(out, old, with_scores=retention.calls))
    if not dry_run:
        for kind in (done.recordings, done.documents, done.reports):
            kind[:] = [gone for gone in kind if _delete(gone, done)]
        if retention.words or retention.calls:
            sweep(out)  # results that a killed run left unfinished tell what was said as well
        _delete_stored(store, stored, retention, done)
    return done


def _moment(now: datetime, age: timedelta) -> datetime:
    try:
        return now - age
    except OverflowError as error:
        raise UsageError(
            "--older-than", f"{age.days} days", "an age within the calendar", "Give a smaller one."
        ) from error


def _delete_stored(store: Store, stored: Sequence[Old], retention: Retention, done: Purged) -> None:
    ids = [one.recording_id for one in stored]
    if retention.calls:
        purge_calls(store.database, ids, done.before)
    elif retention.words:
        purge_words(store.database, ids)
    else:
        return
    # also when nothing went now: an earlier purge may have been interrupted before this
    done.emptied = store.database.vacuum()


def _delete(gone: Gone, done: Purged) -> bool:
    try:
        gone.path.unlink()
    except FileNotFoundError:
        return True
    except OSError as error:
        done.kept.append((gone.path, error.strerror or str(error)))
        return False
    return True


def _recordings(folder: Path, old: Sequence[Old], done: Purged) -> Iterator[Gone]:
    """Files below the folder that are, byte for byte, recordings of old calls; no link is followed.

    They are known by their content, so that renamed ones and copies go too, and nothing else does.
    """
    ids = {one.recording_id for one in old}
    sizes = {one.size_bytes for one in old}

    def closed(error: OSError) -> None:
        done.kept.append((Path(error.filename), error.strerror or str(error)))

    for path, size in _plain_files(folder, closed):
        if size not in sizes:
            continue
        try:
            with path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            closed(error)
            continue
        if found in ids:
            yield Gone(path, size)


def _documents(out: Path, old: Sequence[Old]) -> Iterator[Gone]:
    """The documents of old calls, known by the recording they say they are of."""
    ids = {one.recording_id for one in old}
    for path, size in _plain_files(out / FOLDER, lambda _: None):
        if path.suffix == ".json" and _recording_of(path) in ids:
            yield Gone(path, size)


class _Card(msgspec.Struct):
    recording_id: str


class _Document(msgspec.Struct):
    """As much of a document as tells whose it is."""

    scorecard: _Card


def _recording_of(path: Path) -> str | None:
    try:
        return msgspec.json.decode(path.read_bytes(), type=_Document).scorecard.recording_id
    except (OSError, msgspec.DecodeError):
        return None  # not a document of ours


def _reports(out: Path, old: Sequence[Old], *, with_scores: bool) -> Iterator[Gone]:
    """Report and tables in which some of the calls stand; the scores alone tell nothing that was said.

    The page is written between the two tables of its run: what stands in it stands in one of them.
    """
    written = Written.below(out)
    files = {str(guarded(one.file)) for one in old}
    scores, verdicts = (_stand_in(path, files) for path in (written.scores, written.verdicts))
    for path, concerned in (
        (written.report, scores is not False or verdicts is not False),
        (written.verdicts, verdicts is not False),
        (written.scores, scores is not False and with_scores),
    ):
        if concerned and path.is_file() and not path.is_symlink():
            yield Gone(path, path.stat().st_size)


def _stand_in(table: Path, files: set[str]) -> bool | None:
    """Whether a table has a row of any of the files; ``None`` where there is no table to tell."""
    try:
        with table.open(encoding="utf-8", newline="") as lines:
            return any(row and row[0] in files for row in csv.reader(lines))
    except (OSError, ValueError, csv.Error):
        return None


def _plain_files(folder: Path, on_error: Callable[[OSError], object]) -> Iterator[tuple[Path, int]]:
    """Every file below a folder that is no link, in order, with its size; no linked folder is entered."""
    for root, folders, names in os.walk(folder, onerror=on_error, followlinks=False):
        folders.sort()
        for name in sorted(names):
            path = Path(root, name)
            try:
                found = path.lstat()
            except OSError:
                continue  # gone since it was listed
            if stat.S_ISREG(found.st_mode):
                yield path, found.st_size
