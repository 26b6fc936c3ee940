"""Tables as files that programs read: CSV, JSON lines, Parquet; a folder of them, a file a table.

No file takes its name before all are complete, and none is held in memory.
"""

from __future__ import annotations

import csv
import json
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from pipeline.errors import OutputError
from pipeline.export.columns import TABLES, Column, Kind, Row, Table, Value
from pipeline.export.totals import Totals
from pipeline.show.files import HoldsOpen, written_whole, written_whole_bytes
from pipeline.show.tables import guarded

TOGETHER = 10_000
"""Rows of one group in a Parquet file: some megabytes."""


class Writer(Protocol):
    """Takes rows of tables; a context manager that gives the files their names at its end.

    Raises:
        OutputError: a file cannot be written
    """

    tables: tuple[Table, ...]
    written: tuple[Path, ...]

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def add(self, table: Table, rows: Iterable[Row]) -> None:
        """The next rows of a table."""

    def finish(self, totals: Totals) -> None:
        """What can be written only once all calls are known."""


class _Folder(HoldsOpen, ABC):
    """A folder with a file a table."""

    suffix: str
    tables: tuple[Table, ...] = TABLES

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.written: tuple[Path, ...] = tuple(
            folder / f"{table.name}.{self.suffix}" for table in self.tables
        )
        self._files: dict[str, Any] = {}

    def __enter__(self) -> Self:
        with ExitStack() as opening:
            for table, path in zip(self.tables, self.written, strict=True):
                self._files[table.name] = self._opened(table, path, opening)
            self._open = opening.pop_all()
        return self

    def finish(self, totals: Totals) -> None:
        """Nothing more: totals are for people."""

    @abstractmethod
    def add(self, table: Table, rows: Iterable[Row]) -> None:
        """The next rows of a table."""

    @abstractmethod
    def _opened(self, table: Table, path: Path, opening: ExitStack) -> Any:
        """What takes a table's rows, open until ``opening`` is closed."""


class CsvFolder(_Folder):
    """UTF-8 without a byte order mark; text that a spreadsheet would run begins with an apostrophe."""

    suffix = "csv"

    def _opened(self, table: Table, path: Path, opening: ExitStack) -> Any:
        names = [column.name for column in table.columns]
        if not _may_be_written(path, names):
            raise OutputError(
                str(path),
                "a file that is no export",
                "a folder of its own for the tables",
                "Name another folder, or move the file away.",
            )
        writer = csv.writer(opening.enter_context(written_whole(path)), lineterminator="\n")
        writer.writerow(names)
        return writer

    def add(self, table: Table, rows: Iterable[Row]) -> None:
        self._files[table.name].writerows(
            [guarded(as_text(row[column.name])) for column in table.columns] for row in rows
        )


def _may_be_written(path: Path, names: Sequence[str]) -> bool:
    """Whether nothing is there, or a table that begins as ours do: a ``calls.csv`` of recordings must never
    be written over.
    """
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            return file.readline().startswith(",".join(names[:3]) + ",")
    except FileNotFoundError:
        return True
    except OSError:  # a folder, or a file that we may not read
        return False


class JsonLines(_Folder):
    """One object a line, its keys in the order of the columns; dates and times are ISO 8601."""

    suffix = "jsonl"

    def _opened(self, table: Table, path: Path, opening: ExitStack) -> Any:
        return opening.enter_context(written_whole(path))

    def add(self, table: Table, rows: Iterable[Row]) -> None:
        file = self._files[table.name]
        for row in rows:
            ordered = {column.name: as_text(row[column.name]) for column in table.columns}
            file.write(json.dumps(ordered, ensure_ascii=False) + "\n")


class Parquet(_Folder):
    """Typed columns: days are dates, moments UTC timestamps in milliseconds."""

    suffix = "parquet"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._waiting: dict[str, list[Row]] = {table.name: [] for table in self.tables}

    def _opened(self, table: Table, path: Path, opening: ExitStack) -> Any:
        from pyarrow.parquet import ParquetWriter

        file = opening.enter_context(written_whole_bytes(path))
        return opening.enter_context(ParquetWriter(file, schema_of(table), compression="zstd"))

    def add(self, table: Table, rows: Iterable[Row]) -> None:
        waiting = self._waiting[table.name]
        waiting.extend(rows)
        if len(waiting) >= TOGETHER:
            self._write(table)

    def finish(self, totals: Totals) -> None:
        for table in self.tables:
            self._write(table)

    def _write(self, table: Table) -> None:
        import pyarrow

        waiting = self._waiting[table.name]
        if waiting:
            block = pyarrow.Table.from_pylist(waiting, schema_of(table))
            self._files[table.name].write_table(block)
            waiting.clear()


def schema_of(table: Table) -> Any:
    """The table's columns as ``pyarrow.schema``."""
    import pyarrow

    return pyarrow.schema([(column.name, _parquet_type(column)) for column in table.columns])


def _parquet_type(column: Column) -> Any:
    import pyarrow

    numbers: tuple[Kind, ...] = ("number", "score", "share")
    if column.kind in numbers:
        return pyarrow.float64()
    others = {
        "whole": pyarrow.int64(),
        "day": pyarrow.date32(),
        "moment": pyarrow.timestamp("ms", tz="UTC"),
    }
    return others.get(column.kind, pyarrow.string())


def as_text(value: Value) -> str | float | int | None:
    """Dates and times as ISO 8601, all else as it is.

    >>> as_text(date(2026, 3, 2)), as_text(80.0)
    ('2026-03-02', 80.0)
    """
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else value
