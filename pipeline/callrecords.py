"""``calls.csv`` and file names -> CallRecords.

Exports of telephone systems come in whatever encoding the office uses and with whatever somebody
typed. A row that is wrong costs that row what it says, never the night. A wrong ``kind`` or ``line``
would judge a call by the wrong clauses, so such a row is refused; other wrong values count as not
given, with a warning.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from io import StringIO
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

import regex

from pipeline.errors import CallRecordError, UsageError
from pipeline.places import leads_out
from pipeline.records import DIRECTIONS, KINDS, LINES, PARTIES, CallRecord, Failure

CALLS_CSV = "calls.csv"
ENCODINGS = ("utf-8-sig", "gb18030", "big5hkscs", "utf-16")
"""Tried in this order; of those that decode, the one whose file names exist in the folder wins."""

LATIN = "[\u00a0\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
ACCENTED = regex.compile(f"(?<=[A-Za-z][a-z]){LATIN}|{LATIN}(?=[a-z]{{2}})")
"""Beside plain letters, of which one is small; GB18030 read as UTF-8 gives some in a row, or Aģ for A模."""

STRICT = frozenset({"kind", "line"})

DRIVE_OR_URL = regex.compile(r"[A-Za-z]:/|[A-Za-z][A-Za-z0-9+.\-]*://")

MOST_BYTES = 64 << 20
"""A year of calls at a desk is a few megabytes."""

CONTROL = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""All but tab and line end."""

MOST_RINGS = 999

YEARS = (1970, 2100)
"""What a telephone system's clock may say. Calendars end not far from either year 1 or 9999."""

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
        raise _wrong(path, "a link to a file elsewhere", "a file in the folder itself")
    try:
        if path.is_file() and path.stat().st_size > MOST_BYTES:
            raise _wrong(path, f"more than {MOST_BYTES >> 20} MB", "a table of the folder's calls")
        data = path.read_bytes()
    except OSError as error:
        raise _wrong(path, f"cannot be read ({error.strerror})", "a readable file") from error
    table = _table(data, path, folder)
    records: dict[str, CallRecord] = {}
    warnings: dict[str, tuple[str, ...]] = {}
    failures: list[Failure] = []
    for line, values, lost in table:
        file = values["file"]
        if not file:
            failures.append(
                Failure(f"{CALLS_CSV}:{line}", "no file name", "a file name", "Fill in `file`.")
            )
        elif not _is_inside(file):
            failures.append(
                Failure(
                    file,
                    f"{CALLS_CSV}:{line}: a path that leads out of the folder",
                    f"the file's path from {CALLS_CSV}, in its folder or below",
                    "Correct the name, or bring the file.",
                )
            )
        elif file in records:
            warnings[file] = (
                *warnings.get(file, ()),
                f"{CALLS_CSV}:{line}: a second row for this file was passed over",
            )
        else:
            record, doubts, refused = _record(file, values, f"{CALLS_CSV}:{line}")
            records[file] = record
            warnings[file] = (*doubts, *(f"{CALLS_CSV}:{line}: {one}" for one in lost))
            failures.extend(refused)
    return RecordTable(records, warnings, tuple(failures))


def record_from_name(
    file: str, pattern: regex.Pattern[str]
) -> tuple[CallRecord, tuple[str, ...], tuple[Failure, ...]]:
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
        return CallRecord(file), (f"the name does not fit the pattern {pattern.pattern}",), ()
    groups = {name: value for name, value in found.groupdict().items() if value}
    record, doubts, refused = _record(file, groups, "the file's name")
    return record, tuple(doubts), tuple(refused)


class Row(NamedTuple):
    """The number of its last line, its cells by the small-lettered name of their column, and what of it was
    passed over.
    """

    line: int
    values: dict[str, str]
    lost: tuple[str, ...]


Rows = Sequence[Row]


def _table(data: bytes, path: Path, folder: Path) -> Rows:
    """The rows, in the encoding under which most of the named files exist and the text is plainest."""
    best: tuple[tuple[int, float], Rows] | None = None
    problem = "a file in no encoding we know"
    for encoding in ENCODINGS:
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            text = data.decode(encoding)
            rows = _rows(text)
        except UnicodeDecodeError:
            continue
        except csv.Error as error:
            problem = f"not a table ({error})"
            continue
        except KeyError as error:
            problem = f"columns {error.args[0]}"
            continue
        hits = sum(1 for row in rows if _is_there(folder, row.values["file"]))
        fit = (hits, _plainness(text))
        if best is None or fit > best[0]:
            best = (fit, rows)
    if best is None:
        raise _wrong(
            path, problem, "a CSV with at least the column `file`, in UTF-8, GB18030 or Big5"
        )
    return best[1]


def _rows(text: str) -> Rows:
    """The rows that are not blank. Raises ``KeyError`` with the columns when `file` is none of them."""
    reader = csv.reader(StringIO(text), delimiter=_separator(text), strict=True)
    columns = [name.strip().lower() for name in next(reader, [])]
    if "file" not in columns:
        # a table without headings begins with a call
        raise KeyError(", ".join(map(_masked, columns)) or "none")
    rows = []
    for cells in reader:
        named = zip(columns, map(_plain, cells), strict=False)
        # of a column that is there twice the one that says something
        values = {"file": "", **dict.fromkeys(columns, "")} | {n: cell for n, cell in named if cell}
        values["file"] = values["file"].replace("\\", "/").removeprefix("./")
        if any(cell.strip() for cell in cells):
            rows.append(Row(reader.line_num, values, tuple(_lost(columns, cells))))
    return rows


def _lost(columns: Sequence[str], cells: Sequence[str]) -> Iterator[str]:
    """What a row says and nobody reads."""
    filled = [_plain(cell) for cell in cells]
    beyond = sum(map(bool, filled[len(columns) :]))
    if beyond:
        yield f"{beyond} cell(s) beyond the last column were passed over"
    named: dict[str, set[str]] = {}
    for name, cell in zip(columns, filled, strict=False):
        named.setdefault(name, set()).update([cell] if cell else [])
    for name, said in named.items():
        if len(said) > 1:
            yield f"column {name} is there twice and says two things; the last was taken"


def _plain(cell: str) -> str:
    """A cell without the blanks around it, and without what steers a terminal or no database takes."""
    plain: str = CONTROL.sub("", cell)
    return plain.strip()


def _plainness(text: str) -> float:
    """The share of characters beyond ASCII that everyday writing uses.

    Big5 read as GB18030, or the other way round, gives rare ones: 陳 comes out as 朝, but 文 as ゅ. José read
    as GB18030 gives Jos茅, which is as plain: of equals the first counts.
    """
    beyond = [char for char in text if char > "\x7f"]
    plain = sum(map(_is_everyday, beyond)) + len(ACCENTED.findall(text))
    return plain / len(beyond) if beyond else 1.0


def _is_everyday(char: str) -> bool:
    """Whether it stands among the frequent characters of GB 2312 (rows 16-55) or of Big5 (A4-C6)."""
    simplified, traditional = char.encode("gb2312", "ignore"), char.encode("big5", "ignore")
    return b"\xb0" <= simplified[:1] <= b"\xd7" or b"\xa4" <= traditional[:1] <= b"\xc6"


def _separator(text: str) -> str:
    """Comma, or what a spreadsheet of another locale writes: semicolon or tab."""
    header = text.split("\n", 1)[0]
    return max(",;\t", key=header.count)


def _is_there(folder: Path, name: str) -> bool:
    try:
        return bool(name) and _is_inside(name) and (folder / name).exists()
    except OSError:  # a name longer than a name may be
        return False


def _is_inside(name: str) -> bool:
    """Whether it can name a file in the folder or below, rather than one elsewhere."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and not DRIVE_OR_URL.match(name)


def _wrong(path: Path, got: str, expected: str) -> CallRecordError:
    return CallRecordError(
        str(path), got, expected, "Correct calls.csv, or take it out of the folder."
    )


def _record(
    file: str, values: Mapping[str, str], where: str
) -> tuple[CallRecord, list[str], list[Failure]]:
    """One row as a record; what of it was ignored; and why it must be refused, if it must."""
    known: dict[str, Any] = {}
    doubts: list[str] = []
    refused: list[Failure] = []
    for name, (read, expected) in COLUMNS.items():
        value = values.get(name, "")
        if not value:
            continue
        try:
            known[name] = read(value)
        except ValueError:
            got = f"{where}: {name} is {_masked(value)!r}"
            if name in STRICT:
                refused.append(Failure(file, got, expected, "Correct the row and run again."))
            else:
                doubts.append(f"{got}, expected {expected}; taken as not given")
    tags = tuple(
        (name, value) for name, value in values.items() if value and name not in (*COLUMNS, "file")
    )
    return CallRecord(file=file, tags=tags, **known), doubts, refused


def _masked(value: str) -> str:
    """A wrong value as it may be shown: a telephone's column put in another's place is no rare mistake."""
    from pipeline.wording.masking import mask_value  # with its dictionaries, which few tables need

    return mask_value(value)


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
