"""A folder -> Recordings: find the sound files, know each by its content, join what calls.csv says."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import regex

from pipeline.callrecords import (
    CALLS_CSV,
    RecordTable,
    Spelling,
    read_call_records,
    record_from_name,
)
from pipeline.days import in_utc
from pipeline.errors import UsageError
from pipeline.filenames import is_named_as_sound, may_be_sound
from pipeline.places import leads_out, led_to, walk
from pipeline.records import CallRecord, Failure, Recording

CLIPS = "clips.csv"
"""The list that `callqa export --audio` writes beside the clips it cuts."""

CONTROL = regex.compile(r"[\x00-\x1f\x7f-\x9f]")
"""Characters that no line of a table, a terminal or a log may hold."""

MOST_BYTES = 16 << 30
"""Of a file, which is read through to know it. Six hours of two channels of 32 bits at 48 kHz are 8 GB."""


@dataclass(frozen=True, slots=True)
class Found:
    """A recording, where its file is, and what was wrong with its call record.

    ``mark`` is its size and time of change when its id was made of it.
    """

    recording: Recording
    path: Path
    warnings: tuple[str, ...] = ()
    mark: tuple[int, float] | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Intake:
    """What a folder holds: recordings in a stable order, and entries that cannot be one."""

    found: tuple[Found, ...]
    failures: tuple[Failure, ...]
    ignored: int


def take_in(
    folder: Path,
    name_pattern: str | None = None,
    known: Collection[str] = (),
    purged_before: datetime | None = None,
) -> Intake:
    """Search a folder, and those inside it, for recordings.

    Args:
        folder: may hold ``calls.csv``; a path or what :func:`pipeline.places.place` makes of a URL
        name_pattern: a regular expression whose named groups (``agent_id``, ``started_at`` …) give
            what calls.csv does not
        known: files that were heard before: calls.csv may name them when they are gone, as recordings
            are that are kept for a month
        purged_before: calls from before then may be gone with all that is known of them, and so may their
            files that calls.csv names

    Raises:
        UsageError: not a folder, or a pattern that is no regular expression or takes too long.
        CallRecordError: calls.csv cannot be read at all.
    """
    _check_folder(folder)
    pattern = _compiled(name_pattern)
    closed: list[OSError] = []
    names = sorted(_files(folder, closed))
    present = {_shown(path, folder) for path in names}
    table = read_call_records(folder, present)
    found: dict[str, Found] = {}
    failures = [*table.failures, *(_closed(error, folder) for error in closed)]
    ignored = 0
    aliases = _aliases(names, folder, table)
    # of twins, that which calls.csv names is listened to
    for path in sorted(names, key=lambda path: _shown(path, folder) not in table.records):
        file = _shown(path, folder)
        if file == table.name:
            continue
        if path in aliases and file in table.records:
            failures.append(_named_twice(file, _shown(aliases[path], folder)))
            continue
        if path in aliases or not may_be_sound(path.name):
            ignored += 1
            continue
        one = _met(path, file, folder, table, pattern)
        if isinstance(one, Found) and one.recording.id in found:
            one = _twin(one.recording, found[one.recording.id].recording)
        if isinstance(one, Failure):
            failures.append(one)
        elif one is not None:
            found[one.recording.id] = one
    failures.extend(_named_but_absent(table, {*present, *known}, purged_before))
    return Intake(
        tuple(sorted(found.values(), key=lambda one: one.path.relative_to(folder).parts)),
        _one_a_file(failures),
        ignored,
    )


def _one_a_file(failures: Sequence[Failure]) -> tuple[Failure, ...]:
    """Of what is wrong with a file the first: it has one place in the results, which are counted."""
    first = {failure.file: failure for failure in reversed(failures)}
    return tuple(first[file] for file in sorted(first))


def _check_folder(folder: Path) -> None:
    try:
        what = "a folder" if folder.is_dir() else "a file" if folder.exists() else "nothing"
    except OSError as error:
        what = f"a path that cannot be followed ({error.strerror})"
    if what != "a folder":
        raise UsageError(str(folder), what, "a folder of recordings", "Check the path.")


def _met(
    path: Path, file: str, folder: Path, table: RecordTable, pattern: regex.Pattern[str] | None
) -> Found | Failure | None:
    """What lies at a path; ``None`` where its row is refused, which is an entry already."""
    if leads_out(path, folder):
        return _leading_out(path, file)
    if path.is_dir():
        return Failure(file, "a folder", "a sound file", "Rename it; what is inside was searched.")
    if file in table.refused:
        return None
    return _take(path, file, table, pattern)


def _aliases(names: list[Path], folder: Path, table: RecordTable) -> dict[Path, Path]:
    """Links to recordings that are found themselves, which are no second ones; for each what is taken.

    Where calls.csv names the link and not the recording, the link is taken and the recording left out.
    """
    recordings = {path for path in names if may_be_sound(path.name)}
    aliases: dict[Path, Path] = {}
    for path in recordings:
        target = led_to(path, folder)
        if target is None or target not in recordings:
            continue
        link_named, file_named = (_shown(one, folder) in table.records for one in (path, target))
        left_out, taken = (target, path) if link_named and not file_named else (path, target)
        aliases[left_out] = taken
    return aliases


def _named_twice(file: str, taken: str) -> Failure:
    return Failure(
        file,
        f"a link to {taken}, which has a row of its own in {CALLS_CSV}",
        "one row a call",
        "Remove one of the two rows.",
    )


def _twin(one: Recording, first: Recording) -> Failure:
    return Failure(
        one.file,
        f"the same sound, byte for byte, as {first.file}",
        "each call once",
        "Remove one of the two; only the other is listened to.",
        one.id,
    )


def _shown(path: Path, folder: Path) -> str:
    return display_name(path.relative_to(folder))


def display_name(path: Path) -> str:
    r"""The path with forward slashes; what is no UTF-8, or a control character, is shown as ``\x..``."""
    text = path.as_posix().encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    shown: str = CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)
    return shown


def _leading_out(path: Path, file: str) -> Failure:
    what = "folder" if path.is_dir() else "file"
    return Failure(
        file,
        f"a link to a {what} elsewhere",
        "recordings that lie in the folder itself",
        f"Copy or mount the {what} there, or score it where it lies.",
    )


def _compiled(pattern: str | None) -> regex.Pattern[str] | None:
    if pattern is None:
        return None
    try:
        re.compile(pattern)  # says best what is wrong
        return regex.compile(pattern)
    except (re.error, regex.error) as error:
        raise UsageError(
            "--name-pattern",
            f"{pattern!r} ({error})",
            "a regular expression with named groups, such as (?P<agent_id>[^_]+)_(?P<started_at>\\d{8})",
            "Correct the expression.",
        ) from error


def _files(folder: Path, closed: list[OSError]) -> Iterator[Path]:
    """Every file below the folder, and every folder that is a link or named like a sound file.

    What folders could not be searched is added to ``closed``.
    """
    for root, folders, files in walk(folder, closed.append):
        if CLIPS in files and root != folder:
            folders.clear()  # cut out of calls by an export
            continue
        folders[:] = [name for name in folders if not name.startswith(".")]
        for name in folders:
            if is_named_as_sound(name) or leads_out(root / name, folder):
                yield root / name
        for name in files:
            if not name.startswith("."):
                yield root / name


def _closed(error: OSError, folder: Path) -> Failure:
    # what lists a URL does not tell which of its folders it is about
    where = Path(error.filename).relative_to(folder) if error.filename else Path()
    return Failure(
        display_name(where),
        f"a folder that cannot be searched ({error.strerror})",
        "a folder we may read",
        "Check its permissions.",
    )


def _take(
    path: Path, file: str, table: RecordTable, pattern: regex.Pattern[str] | None
) -> Found | Failure:
    try:
        if path.exists() and not path.is_file():
            return Failure(
                file, "a pipe or device", "a sound file", "Remove it, or record into a file."
            )
        if path.stat().st_size > MOST_BYTES:
            return Failure(
                file,
                f"a file of {path.stat().st_size / 2**30:.0f} GB",
                f"at most {MOST_BYTES >> 30} GB",
                "Look whether it is a recording at all, or split it into calls.",
            )
        mark = mark_of(path)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            size = stream.seek(0, os.SEEK_END)
    except OSError as error:
        return Failure(
            file,
            f"cannot be read ({error.strerror})",
            "a readable sound file",
            "Check its permissions and that it is still there.",
        )
    if not size:
        return Failure(
            file,
            "an empty file (0 bytes)",
            "a sound file such as wav, mp3, flac, ogg or m4a",
            "Look whether the recorder had room on its disk, or remove the file.",
        )
    record, warnings = table.records.get(file, CallRecord(file)), table.warnings.get(file, ())
    if pattern is not None:
        named, doubts, refused = record_from_name(file, pattern)
        if refused:
            return replace(refused, recording_id=digest)
        given = {name: v for name in named.__slots__ if (v := getattr(named, name)) is not None}
        known = {name for name in record.__slots__ if getattr(record, name) not in (None, ())}
        tags = {**dict(named.tags), **dict(record.tags)}
        told = {k: v for k, v in given.items() if k not in known}
        record = replace(record, **{**told, "tags": tuple(tags.items())})
        warnings = (*warnings, *doubts)
    return Found(Recording(digest, file, size, record), path, warnings, mark)


def mark_of(path: Path) -> tuple[int, float]:
    """By what one sees that a file was written to: its size in bytes, its time of change."""
    found = path.stat()
    return found.st_size, found.st_mtime


def _named_but_absent(
    table: RecordTable, present: set[str], purged_before: datetime | None
) -> Iterator[Failure]:
    spelt = Spelling(present)
    for file, record in table.records.items():
        began = record.started_at and in_utc(record.started_at)
        is_purged = began and purged_before and began < purged_before
        if spelt(file) not in present and not is_purged:
            yield Failure(
                file,
                f"named in {CALLS_CSV} but not in the folder",
                "the file beside calls.csv, by its path from there",
                "Correct the name in calls.csv, or bring the file.",
            )
