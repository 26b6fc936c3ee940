"""The workbook for people: a summary with charts, calls, verdicts, agents; rows go to disk as they come.

Strings are written as strings: nothing a caller said or a file is called becomes a formula or a link. The
same calls give the same bytes: the workbook is dated by the newest judgement in it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from datetime import UTC, date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self
from zipfile import BadZipFile, ZipFile

import xlsxwriter

from pipeline.errors import OutputError
from pipeline.export.columns import SHEETS, Column, Row, Table, Value
from pipeline.export.summary import About, Summary
from pipeline.export.totals import Totals
from pipeline.show.files import PART, HoldsOpen, written_whole_bytes
from pipeline.show.language import Language
from pipeline.show.text import (
    DIRECTIONS,
    FLAGS,
    KINDS,
    LINES,
    ROLES,
    STATUSES,
    UNITS,
    WORDS,
    name_of,
)

MOST_ROWS = 1_048_576
"""Excel's limit, headings included."""

LONGEST = 32_767
"""Characters in a cell; Excel's limit."""

OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}

HEADING = {
    "bold": True,
    "text_wrap": True,
    "valign": "vcenter",
    "bg_color": "#1F3A5F",
    "font_color": "#FFFFFF",
    "border": 1,
    "border_color": "#D0D7DE",
}
RED, GREEN, AMBER = "#F8D0CC", "#CFEBD3", "#FCE8B2"
COLOURS = (("fail", RED), ("pass", GREEN), ("unjudged", AMBER))
SCALE = {
    "type": "3_color_scale",
    "min_type": "num",
    "min_value": 60,
    "min_color": RED,
    "mid_type": "num",
    "mid_value": 80,
    "mid_color": AMBER,
    "max_type": "num",
    "max_value": 100,
    "max_color": GREEN,
}
"""60 is the least of the shipped standard: four dimensions of ten points."""

NUMBERS = {
    "number": "0.0##",
    "whole": "0",
    "score": "0.0",
    "share": "0.0%",
    "day": "yyyy-mm-dd",
    "clock": "yyyy-mm-dd hh:mm",
    "moment": "yyyy-mm-dd hh:mm",
}
NAMES = {
    "status": STATUSES,
    "kind": KINDS,
    "line": LINES,
    "direction": DIRECTIONS,
    "role": ROLES,
    "unit": UNITS,
    "flags": FLAGS,
    "words": WORDS,
}
"""Columns whose codes are shown by their names."""


class Workbook(HoldsOpen):
    """One ``.xlsx`` file, as a :class:`~pipeline.export.writers.Writer`.

    Raises:
        OutputError: it cannot be written, or a sheet would have more rows than Excel allows
    """

    tables: tuple[Table, ...] = SHEETS

    def __init__(self, path: Path, language: Language, about: About) -> None:
        super().__init__()
        self.written: tuple[Path, ...] = (path,)
        self._path, self._language, self._about = path, language, about
        self._rows = dict.fromkeys((table.name for table in SHEETS), 0)
        self._sheets: dict[str, Any] = {}

    def __enter__(self) -> Self:
        if self._path.exists() and not _is_workbook(self._path):
            raise OutputError(
                str(self._path),
                "a file that is no workbook",
                "a new name for the workbook, or an older one's",
                "Name another file, or move this one away.",
            )
        with ExitStack() as opening:
            self._file = opening.enter_context(written_whole_bytes(self._path))
            # What is not packed yet lies beside the workbook, not where all users' temporary files do, and
            # under a name that is swept after a kill: it is what was said.
            before, behind = PART.split("*")
            beside = opening.enter_context(
                TemporaryDirectory(prefix=before, suffix=behind, dir=self._path.parent)
            )
            self._book = xlsxwriter.Workbook(self._file, {**OPTIONS, "tmpdir": beside})
            self._book.use_zip64()
            self._heading = self._book.add_format(HEADING)
            self._formats = {
                kind: self._book.add_format({"num_format": number})
                for kind, number in NUMBERS.items()
            }
            self._summary = Summary(self._book, self._language, self._about)
            for table in SHEETS:
                self._sheets[table.name] = self._sheet(table)
            self._open = opening.pop_all()
        return self

    def add(self, table: Table, rows: Iterable[Row]) -> None:
        sheet = self._sheets[table.name]
        for row in rows:
            self._rows[table.name] += 1
            at = self._rows[table.name]
            if at >= MOST_ROWS:
                raise _too_long(self._path, table)
            for place, column in enumerate(table.columns):
                self._write(sheet, at, place, column, row[column.name])

    def finish(self, totals: Totals) -> None:
        for table in SHEETS:
            self._dress(table, self._rows[table.name])
        self._summary.write(totals)
        made = totals.newest or datetime(2000, 1, 1, tzinfo=UTC)
        self._book.set_properties(
            {"created": made.replace(tzinfo=None, microsecond=0), "author": "callqa"}
        )
        self._book.close()

    def _sheet(self, table: Table) -> Any:
        sheet = self._book.add_worksheet(table.title.to(self._language))
        for place, column in enumerate(table.columns):
            sheet.set_column(place, place, column.width)
        sheet.set_row(0, 32)
        for place, column in enumerate(table.columns):
            sheet.write_string(0, place, column.title.to(self._language), self._heading)
        sheet.freeze_panes(1, table.frozen)
        return sheet

    def _dress(self, table: Table, last: int) -> None:
        """Filters and colours, once it is known how many rows there are."""
        sheet = self._sheets[table.name]
        sheet.autofilter(0, 0, last, len(table.columns) - 1)
        for place, column in enumerate(table.columns):
            reach = (1, place, max(1, last), place)
            if column.kind == "score":
                sheet.conditional_format(*reach, SCALE)
            elif column.kind == "status":
                for status, colour in COLOURS:
                    name = name_of(STATUSES, status, self._language)
                    rule = {"type": "cell", "criteria": "==", "value": f'"{name}"'}
                    paint = self._book.add_format({"bg_color": colour})
                    sheet.conditional_format(*reach, {**rule, "format": paint})

    def _write(self, sheet: Any, row: int, place: int, column: Column, value: Value) -> None:
        if column.kind == "clock" and isinstance(value, str):
            value = datetime.fromisoformat(value)
        look = self._formats.get(column.kind)
        if value is None or value == "":
            return
        if isinstance(value, datetime):
            # Excel knows no time zones: the clock on the wall, or UTC as the heading says
            sheet.write_datetime(row, place, value.replace(tzinfo=None), look)
        elif isinstance(value, date):
            sheet.write_datetime(row, place, value, look)
        elif isinstance(value, str):
            shown = shown_name(column.name, value, self._language)
            sheet.write_string(row, place, shown[:LONGEST])
        elif math.isfinite(value):
            sheet.write_number(row, place, value, look)
        else:
            sheet.write_string(row, place, str(value))


def shown_name(column: str, value: str, language: Language) -> str:
    """What a reader calls a code; several stand between semicolons.

    >>> shown_name("status", "fail", "en"), shown_name("quote", "fail", "en")
    ('not kept', 'fail')
    """
    names: Mapping[str, Any] | None = NAMES.get(column)
    if names is None:
        return value
    return ";".join(name_of(names, part, language) for part in value.split(";"))


def _too_long(path: Path, table: Table) -> OutputError:
    return OutputError(
        str(path),
        f"more {table.name} than a sheet holds",
        f"at most {MOST_ROWS - 1:,} rows",
        "Export fewer days with --since and --until, or to a folder of CSV or Parquet.",
    )


def _is_workbook(path: Path) -> bool:
    """Whether a file is one of Excel's: a store or a recording must never be written over."""
    try:
        with ZipFile(path) as parts:
            return "xl/workbook.xml" in parts.namelist()
    except (OSError, BadZipFile):
        return False
