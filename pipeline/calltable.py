"""The bytes of ``calls.csv`` -> its rows.

Exports of telephone systems come in whatever encoding the office uses, with commas, semicolons or tabs, and
with whatever was in the cells.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from operator import itemgetter
from pathlib import Path, PurePosixPath
from typing import NamedTuple

import regex

from pipeline.errors import CallRecordError
from pipeline.filenames import is_named_as_sound

ENCODINGS = ("utf-8-sig", "gb18030", "big5hkscs", "utf-16")
"""Tried in this order; of those that decode, the one whose file names exist in the folder wins."""

LATIN = "[\u00a0\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u024f]"
ACCENTED = regex.compile(f"(?<=[A-Za-z][a-z]){LATIN}|{LATIN}(?=[a-z]{{2}})")
"""Beside plain letters, of which one is small; GB18030 read as UTF-8 gives some in a row, or Aģ for A模."""

DRIVE_OR_URL = regex.compile(r"[A-Za-z]:/|[A-Za-z][A-Za-z0-9+.\-]*://")

CONTROL = regex.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""All but tab and line end."""


SEPARATORS = ",;\t"

SAYS_SEPARATOR = regex.compile(r'"?sep=([,;\t|])"?')
"""The line that Excel puts first, or wants there, where a table is not separated as its locale does it."""

BLANK = SEPARATORS + '" \r\n'

OF_A_CALL = regex.compile(r"\.[a-z0-9]{3,4}$|\.v\d$|\d{4}|@")
"""A file's name, a number or an address, which no heading is."""

FIGURE = regex.compile(r"\d")


class Row(NamedTuple):
    """The number of its last line, its cells by the small-lettered name of their column, and what of it was
    passed over.
    """

    line: int
    values: dict[str, str]
    lost: tuple[str, ...]


Rows = Sequence[Row]


def rows_of(data: bytes, path: Path, folder: Path) -> Rows:
    """The rows, in the encoding under which most of the named files exist and the text is plainest.

    Raises:
        CallRecordError: it cannot be decoded or parsed, or has no ``file`` column.
    """
    best: tuple[tuple[int, float], Rows] | None = None
    problem = (-1.0, "a file in no encoding we know")
    for encoding in ENCODINGS:
        if encoding == "utf-16" and data[:2] not in (b"\xff\xfe", b"\xfe\xff"):
            continue
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        try:
            rows = _rows(text)
        except (csv.Error, KeyError) as error:
            what = "columns {}" if isinstance(error, KeyError) else "not a table ({})"
            # as it stands in the plainest text, since it is quoted
            problem = max(
                problem, (_plainness(text), what.format(error.args[0])), key=itemgetter(0)
            )
            continue
        hits = sum(1 for row in rows if _is_there(folder, row.values["file"]))
        fit = (hits, _plainness(text))
        if best is None or fit > best[0]:
            best = (fit, rows)
    if best is None:
        raise wrong(
            path, problem[1], "a CSV with at least the column `file`, in UTF-8, GB18030 or Big5"
        )
    return best[1]


def _rows(text: str) -> Rows:
    """The rows that are not blank. Raises ``KeyError`` with the columns when `file` is none of them."""
    parsed = _parsed(text)
    headings = next((cells for _, cells in parsed if not _is_preamble(cells)), [])
    columns = [_plain(name).lower() for name in headings]
    if "file" not in columns:
        raise KeyError(", ".join(_shown(columns)) or "none")
    rows = []
    for line, cells in parsed:
        named = zip(columns, map(_plain, cells), strict=False)
        # of a column that is there twice the one that says something
        values = {"file": "", **dict.fromkeys(columns, "")} | {n: cell for n, cell in named if cell}
        values["file"] = values["file"].replace("\\", "/").removeprefix("./")
        if any(cell.strip() for cell in cells):
            rows.append(Row(line, values, tuple(_lost(columns, cells))))
    return rows


def _is_preamble(cells: Sequence[str]) -> bool:
    """A blank row, or one that tells a spreadsheet the separator."""
    told = "".join(map(_plain, cells)).lower()
    return not told.strip(BLANK) or SAYS_SEPARATOR.fullmatch(told) is not None or told == "sep="


def _shown(columns: Sequence[str]) -> Iterator[str]:
    """Headings without their figures; a table that has none begins with a call, which is masked."""
    is_call = any(OF_A_CALL.search(name) or is_named_as_sound(name) for name in columns)
    for name in columns:
        yield masked(name) if is_call else FIGURE.sub("＊", name)


def _parsed(text: str) -> Iterator[tuple[int, list[str]]]:
    """The number of each row's last line, and its cells. Raises ``csv.Error`` that tells the line."""
    reader = csv.reader(StringIO(text), delimiter=_separator(text), strict=True)
    try:
        for cells in reader:
            yield reader.line_num, cells
    except csv.Error as error:
        raise csv.Error(f"line {reader.line_num}: {error}") from error


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
    """Comma, or what a spreadsheet of another locale writes: semicolon or tab; or what it says."""
    for line in StringIO(text):
        if told := SAYS_SEPARATOR.match(line.strip().lower()):
            return str(told[1])
        if line.strip(BLANK):
            return max(SEPARATORS, key=line.count)
    return SEPARATORS[0]


def _is_there(folder: Path, name: str) -> bool:
    try:
        return bool(name) and is_inside(name) and (folder / name).exists()
    except OSError:  # a name longer than a name may be
        return False


def is_inside(name: str) -> bool:
    """Whether it can name a file in the folder or below, rather than one elsewhere."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and not DRIVE_OR_URL.match(name)


def masked(value: str) -> str:
    """A wrong value as it may be shown: a telephone's column put in another's place is no rare mistake."""
    from pipeline.wording.masking import mask_value  # with its dictionaries, which few tables need

    return mask_value(value)


def wrong(path: Path, got: str, expected: str) -> CallRecordError:
    """What stops a night: the table as a whole is of no use."""
    return CallRecordError(
        str(path), got, expected, "Correct calls.csv, or take it out of the folder."
    )
