"""The rows of ``calls.csv`` and file names -> CallRecords.

A row that is wrong costs that row what it says, never the night. A wrong ``kind`` or ``line``
would judge a call by the wrong clauses, so such a row is refused; other wrong values count as not
given, with a warning.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from unicodedata import normalize

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
    """What calls.csv says: a record a file, warnings a file, rows that were refused.

    ``name`` is its own, in whatever case.
    """

    records: Mapping[str, CallRecord] = field(default_factory=dict)
    warnings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    failures: tuple[Failure, ...] = ()
    name: str = CALLS_CSV

    @property
    def refused(self) -> frozenset[str]:
        """Files that must not be judged until their row is corrected."""
        return frozenset(failure.file for failure in self.failures)


def read_call_records(folder: Path, files: Iterable[str] = ()) -> RecordTable:
    """Read a folder's calls.csv; an empty table when there is none.

    A row may name one of ``files`` in another form of Unicode, as other systems spell it.

    Raises:
        CallRecordError: it cannot be read, decoded or parsed, or has no ``file`` column; or several
            files could be it.
    """
    path = _table_in(folder)
    if path is None:
        return RecordTable()
    if leads_out(path, folder):
        raise wrong(path, "a link to a file elsewhere", "a file in the folder itself")
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise wrong(path, f"more than {MOST_BYTES >> 20} MB", "a table of the folder's calls")
        data = path.read_bytes()
    except OSError as error:
        raise wrong(path, f"cannot be read ({error.strerror})", "a readable file") from error
    table, spelt = rows_of(data, path, folder), Spelling(files)
    records: dict[str, CallRecord] = {}
    warnings: dict[str, tuple[str, ...]] = {}
    failures: list[Failure] = []
    outside: dict[str, list[str]] = {}
    for line, values, lost in table:
        file = spelt(values["file"])
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
    return RecordTable(records, warnings, tuple(failures), path.name)


def _table_in(folder: Path) -> Path | None:
    """Where calls.csv is; one in other letters, such as Calls.csv, if there is none in these."""
    path = folder / CALLS_CSV
    if path.exists() or path.is_symlink():
        return path
    try:
        alike = sorted(one for one in folder.iterdir() if one.name.lower() == CALLS_CSV)
        others = [one for one in alike if not one.is_dir()]
    except OSError:
        return None  # a folder that cannot be searched is an entry already
    if len(others) > 1:
        named = " and ".join(one.name for one in others)
        raise wrong(folder, named, f"one {CALLS_CSV}")
    return others[0] if others else None


class Spelling:
    """How a folder spells a file's name: é is one character to some systems and two to others."""

    def __init__(self, files: Iterable[str]) -> None:
        self._files = frozenset(files)
        self._alike: dict[str, list[str]] = {}
        for file in self._files:
            self._alike.setdefault(normalize("NFC", file), []).append(file)

    def __call__(self, name: str) -> str:
        """The one file that is called so; the name itself where several are, or none."""
        alike = self._alike.get(normalize("NFC", name), [])
        return alike[0] if name not in self._files and len(alike) == 1 else name


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
    if sheet := SHEET_DATE.fullmatch(value.translate(DATE_IN_CHINESE).strip()):
        half = sheet["half"]
        year, month, day, hour, minute, second = (
            int(sheet[part] or 0) for part in ("year", "month", "day", "hour", "minute", "second")
        )
        moment = datetime(year, month, day, _hour(hour, half), minute, second)
    else:
        moment = datetime.fromisoformat(value)
    if not YEARS[0] <= moment.year <= YEARS[1]:
        raise ValueError(value)
    return moment


def _hour(hour: int, half: str | None) -> int:
    """Of the day. Twelve is the first hour of its half; some write 下午 before hours of the day as well."""
    if half == "上午" and hour > NOON:
        raise ValueError(hour)
    if half is None or hour > NOON:
        return hour
    return hour % NOON + (NOON if half == "下午" else 0)


NOON = 12

DATE_IN_CHINESE = str.maketrans({"年": "/", "月": "/", "日": " "})

SHEET_DATE = re.compile(
    r"(?P<year>\d{4})[/.-](?P<month>\d{1,2})[/.-](?P<day>\d{1,2})"
    r"(?:(?:[T ]+|(?=[上下]))(?:(?P<half>[上下]午) *)?"
    r"(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2}))?)?",
    re.ASCII,
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
