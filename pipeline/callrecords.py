"""The rows of ``calls.csv`` and file names -> CallRecords.

A row that is wrong costs that row what it says, never the night. A wrong ``kind`` or ``line``
would judge a call by the wrong clauses, so such a row is refused; other wrong values count as not
given, with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import regex

from pipeline.calltable import is_inside, masked, rows_of, wrong
from pipeline.days import YEARS
from pipeline.errors import UsageError
from pipeline.places import leads_out
from pipeline.records import DIRECTIONS, KINDS, LINES, PARTIES, CallRecord, Failure

CALLS_CSV = "calls.csv"

STRICT = frozenset({"kind", "line"})

MOST_BYTES = 64 << 20
"""A year of calls at a desk is a few megabytes."""

MOST_RINGS = 999

PATTERN_S = 1.0
"""Seconds that a pattern may take over one name. One that backtracks without end takes years."""


@dataclass(frozen=True, slots=True)
class RecordTable:
    """What calls.csv says: a record a file, warnings a file, rows that were refused."""

    records: Mapping[str, CallRecord] = field(default_factory=dict)
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()

    @property
    def refused(self) -> frozenset[str]:
        """Files that must not be judged until their row is corrected."""
        return frozenset(failure.file for failure in self.failures)


def read_call_records(folder: Path) -> RecordTable:
    """Read a folder's calls.csv; an empty table when there is none.

    Raises:
        CallRecordError: it cannot be read, decoded or parsed, or has no ``file`` column.
    """
    path = folder / CALLS_CSV
    if not path.exists() and not path.is_symlink():
        return RecordTable()
    if leads_out(path, folder):
        raise wrong(path, "a link to a file elsewhere", "a file in the folder itself")
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise wrong(path, f"more than {MOST_BYTES >> 20} MB", "a table of the folder's calls")
        data = path.read_bytes()
    except OSError as error:
        raise wrong(path, f"cannot be read ({error.strerror})", "a readable file") from error
    table = rows_of(data, path, folder)
    records: dict[str, CallRecord] = {}
    warnings: dict[str, tuple[str, ...]] = {}
    failures: list[Failure] = []
    outside: dict[str, list[str]] = {}
    for line, values, lost in table:
        file = values["file"]
        if not file:
            failures.append(
                Failure(f"{CALLS_CSV}:{line}", "no file name", "a file name", "Fill in `file`.")
            )
        elif not is_inside(file):
            outside.setdefault(file, []).append(str(line))
        elif file in records:
            warnings[file] = (
                *warnings.get(file, ()),
                f"{CALLS_CSV}:{line}: a second row for this file was passed over",
            )
        else:
            record, doubts, refused = _record(file, values, f"{CALLS_CSV}:{line}")
            records[file] = record
            warnings[file] = (*doubts, *(f"{CALLS_CSV}:{line}: {one}" for one in lost))
            failures += [refused] if refused else []
    failures += [_outside(file, lines) for file, lines in outside.items()]
    return RecordTable(records, warnings, tuple(failures))


def _outside(file: str, lines: Sequence[str]) -> Failure:
    return Failure(
        file,
        f"{CALLS_CSV}:{', '.join(lines)}: a path that leads out of the folder",
        f"the file's path from {CALLS_CSV}, in its folder or below",
        "Correct the name, or bring the file.",
    )


def record_from_name(
    file: str, pattern: regex.Pattern[str]
) -> tuple[CallRecord, tuple[str, ...], Failure | None]:
    """What a file's name says, by a pattern with named groups.

    And, as for a row of calls.csv: what of it was ignored, and why it must be refused if it must.

    Raises:
        UsageError: the pattern takes longer than ``PATTERN_S``
    """
    try:
        found = pattern.search(file, timeout=PATTERN_S)
    except TimeoutError as error:
        raise UsageError(
            "--name-pattern",
            f"{pattern.pattern!r}, which takes more than {PATTERN_S:g} s over {file!r}",
            "a pattern without repetitions of repetitions, such as (a+)+",
            "Make the inner repetition one of single characters, such as [^_]+.",
        ) from error
    if not found:
        return CallRecord(file), (f"the name does not fit the pattern {pattern.pattern}",), None
    groups = {name: value for name, value in found.groupdict().items() if value}
    record, doubts, refused = _record(file, groups, "the file's name")
    return record, tuple(doubts), refused


def _record(
    file: str, values: Mapping[str, str], where: str
) -> tuple[CallRecord, list[str], Failure | None]:
    """One row as a record; what of it was ignored; and why it must be refused, if it must."""
    known: dict[str, Any] = {}
    doubts: list[str] = []
    refused: list[tuple[str, str]] = []
    for name, (read, expected) in COLUMNS.items():
        value = values.get(name, "")
        if not value:
            continue
        try:
            known[name] = read(value)
        except ValueError:
            got = f"{name} is {masked(value)!r}"
            if name in STRICT:
                refused.append((got, expected))
            else:
                doubts.append(f"{where}: {got}, expected {expected}; taken as not given")
    tags = tuple(
        (name, value) for name, value in values.items() if value and name not in (*COLUMNS, "file")
    )
    return CallRecord(file=file, tags=tags, **known), doubts, _refused(file, refused, where)


def _refused(file: str, wrong: Sequence[tuple[str, str]], where: str) -> Failure | None:
    """All that is wrong with a row, as one failure: a recording has one place in the results."""
    if not wrong:
        return None
    got = " and ".join(got for got, _ in wrong)
    expected = "; ".join(expected for _, expected in wrong)
    return Failure(file, f"{where}: {got}", expected, "Correct the row and run again.")


def _one_of(allowed: tuple[str, ...]) -> tuple[Callable[[str], str], str]:
    def read(value: str) -> str:
        if value.lower() not in allowed:
            raise ValueError(value)
        return value.lower()

    return read, f"one of {', '.join(allowed)}"


def _count(value: str) -> int:
    number = float(value)
    if not 0 <= number <= MOST_RINGS or not number.is_integer():
        raise ValueError(value)
    return int(number)


def _channel(value: str) -> int:
    number = _count(value)
    if number > 1:
        raise ValueError(value)
    return number


def _moment(value: str) -> datetime:
    # as spreadsheets in Chinese write it, year first
    if sheet := SHEET_DATE.fullmatch(value):
        year, month, day, hour, minute, second = (int(part or 0) for part in sheet.groups())
        moment = datetime(year, month, day, hour, minute, second)
    else:
        moment = datetime.fromisoformat(value)
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError(value)
    return moment


SHEET_DATE = re.compile(
    r"(\d{4})[/.](\d{1,2})[/.](\d{1,2})(?:[T ]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?", re.ASCII
)

COLUMNS: dict[str, tuple[Callable[[str], Any], str]] = {
    "agent_id": (str, "any text"),
    "started_at": (
        _moment,
        "a date and time as ISO 8601, such as 2025-03-11T09:42:10+08:00",
    ),
    "kind": _one_of(KINDS),
    "line": _one_of(LINES),
    "direction": _one_of(DIRECTIONS),
    "rings": (_count, "a whole number"),
    "released_by": _one_of(PARTIES),
    "agent_channel": (_channel, "0 or 1"),
}
