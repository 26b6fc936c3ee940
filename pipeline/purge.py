"""Retention: what is older than it may be is deleted, from store, results and recordings.

First the recordings' files, then the results that tell what was said, then the store: a purge that is
interrupted has left what it was about in the store, and the next one finishes it.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.show.documents import FOLDER
from pipeline.show.files import sweep
from pipeline.show.results import Written
from pipeline.show.tables import VERDICT_COLUMNS
from pipeline.store import Store
from pipeline.store.purging import Old, older_than, purge_calls, purge_words
from pipeline.store.runs import under_way
from pipeline.traces import is_plain, plain_files, read_table, recording_of

AGE = re.compile(r"(\d{1,6})\s*([hdw])")
HOURS = {"h": 1, "d": 24, "w": 24 * 7}

SCORES, VERDICTS = ("file", "score", "kind", "flags"), VERDICT_COLUMNS[:4]
"""The first columns of our tables, which never change: a table without them is somebody else's."""

FORGETS_NONE = "; the store forgets no call"

Owners = dict[Path, frozenset[str]]
"""The calls that a file tells of, or may: the store forgets none of them while the file is there."""


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
    calls, ``reports`` those of the whole night in which some of them stand. ``kept`` are files and folders
    that could not be deleted or read, with the reason: whole calls of which they are, or may be, stay.
    ``emptied`` is false where the store's log still holds what went.
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
        UsageError: a run is under way, the age precedes all calendars, or no recording is in their folder
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
    done, owners = Purged(before, stored), Owners()
    if retention.recordings is not None and (retention.audio or retention.calls):
        done.recordings = _recordings(retention.recordings, old, done, owners, retention.calls)
    if retention.words or retention.calls:
        done.documents = list(_documents(out, old, done, owners))
        done.reports = list(_reports(out, old, done, owners, with_scores=retention.calls))
    if not dry_run:
        for kind in (done.recordings, done.documents):
            kind[:] = [gone for gone in kind if _delete(gone, done)]
        # the page first: while it is there, the tables stay to tell the next purge whose calls are in it
        done.reports = list(takewhile(lambda gone: _delete(gone, done), done.reports))
        if retention.words or retention.calls:
            sweep(out)  # results that a killed run left unfinished tell what was said as well
    if retention.calls:
        held = {identity for path, _ in done.kept for identity in owners.get(path, ())}
        done.calls = tuple(one for one in stored if one.recording_id not in held)
    if not dry_run and (done.calls or not stored):  # else failures, too, stay
        _delete_stored(store, retention, done)
    return done


def _moment(now: datetime, age: timedelta) -> datetime:
    try:
        return now - age
    except OverflowError as error:
        raise UsageError(
            "--older-than", f"{age.days} days", "an age within the calendar", "Give a smaller one."
        ) from error


def _delete_stored(store: Store, retention: Retention, done: Purged) -> None:
    ids = [one.recording_id for one in done.calls]
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


def _recordings(
    folder: Path, old: Sequence[Old], done: Purged, owners: Owners, forgetting: bool
) -> list[Gone]:
    """Files below the folder that are, byte for byte, recordings of old calls; no link is followed.

    They are known by their content, so that renamed ones and copies go too, and nothing else does.
    ``forgetting``: the store is to forget these calls, after which nobody knows whose a file is.
    """
    ids, sizes = frozenset(one.recording_id for one in old), {one.size_bytes for one in old}
    gone, met = list[Gone](), 0

    def closed(error: OSError) -> None:
        _keep(error, ids, done, owners, FORGETS_NONE if forgetting else "")

    for path, size in plain_files(folder, closed):
        met += 1
        if size not in sizes:
            continue
        try:
            with path.open("rb") as stream:
                found = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as error:
            alike = frozenset(one.recording_id for one in old if one.size_bytes == size)
            _keep(error, alike, done, owners)
            continue
        if found in ids:
            owners[path] = frozenset({found})
            gone.append(Gone(path, size))
    if forgetting and old and not met and not done.kept:
        raise UsageError(
            "--recordings",
            f"{folder}, which holds no file",
            "the folder in which the recordings are",
            "Mount its disk, or leave out --recordings if there are none any more.",
        )
    return gone


def _keep(
    error: OSError, ids: frozenset[str], done: Purged, owners: Owners, behind: str = ""
) -> None:
    """Say of a file or folder that it is left, and which calls may be in it."""
    path = Path(error.filename)
    owners[path] = ids
    done.kept.append((path, (error.strerror or str(error)) + behind))


def _documents(out: Path, old: Sequence[Old], done: Purged, owners: Owners) -> Iterator[Gone]:
    """The documents of old calls, known by the recording they say they are of."""
    ids = frozenset(one.recording_id for one in old)

    def closed(error: OSError) -> None:
        if ids and not isinstance(error, FileNotFoundError):
            _keep(error, ids, done, owners)

    for path, size in plain_files(out / FOLDER, closed):
        try:
            identity = recording_of(path) if path.suffix == ".json" else None
        except OSError as error:
            closed(error)
            continue
        if identity in ids:
            owners[path] = frozenset({identity})
            yield Gone(path, size)


def _reports(
    out: Path, old: Sequence[Old], done: Purged, owners: Owners, *, with_scores: bool
) -> Iterator[Gone]:
    """Report and tables in which some of the calls stand; the scores alone tell nothing that was said.

    The page is written between the two tables of its run: what stands in it stands in one of them. Where
    they cannot tell, it goes with the documents of its calls.
    """
    if not old:
        return
    written = Written.below(out)
    scores = read_table(written.scores, SCORES, old)
    verdicts = read_table(written.verdicts, VERDICTS, old)
    every, behind = frozenset(one.recording_id for one in old), FORGETS_NONE if with_scores else ""
    for path, table in ((written.scores, scores), (written.verdicts, verdicts)):
        if table.trouble:
            owners[path] = every  # any of them may stand in it
            done.kept.append((path, f"cannot be read: {table.trouble}{behind}"))
    told, both = scores.calls | verdicts.calls, (scores, verdicts)
    if is_plain(written.report) and not told and not all(table.ours for table in both):
        told = frozenset(one for gone in done.documents for one in owners[gone.path])
        if not told and any(table.ours or table.trouble for table in both):
            owners[written.report] = every
            done.kept.append((written.report, f"no table tells whose calls stand in it{behind}"))
    for path, calls in (
        (written.report, told),
        (written.verdicts, verdicts.calls),
        (written.scores, scores.calls if with_scores else frozenset()),
    ):
        if calls and is_plain(path):
            owners[path] = calls
            yield Gone(path, path.stat().st_size)
