"""``scores.csv`` and ``verdicts.csv``: the night as tables, for spreadsheets and programs.

Both are UTF-8 without a byte order mark, with ``\\n`` line ends and rows in order of file name.
Their first columns are a contract (README: Results); new ones are added behind.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import TextIO

import regex

from pipeline.records import (
    PARTIES,
    Evidence,
    Failure,
    Judged,
    Measures,
    Outline,
    Scorecard,
    Span,
    Verdict,
)
from pipeline.show.files import written_whole
from pipeline.show.language import Language
from pipeline.show.reasons import say
from pipeline.show.verdicts import failed_clauses, of_status, telling

Cell = str | float | int | None

LIST_BREAK = ";"
"""Stands between flags or clauses in one cell; a comma would make every such cell quoted."""

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""A spreadsheet runs a text cell that begins so, some with the full-width forms too (OWASP, CSV
Injection): a customer's words or a file's name must never be run."""

FORMULA = regex.compile(r"^(?:[\t\r\n]|[\s\p{Cf}\p{Cc}]*[=+\-@＝＋－＠﹦﹢﹣﹫⁼₌])")
"""The same behind blanks and invisible characters, which some trim, and in compatibility forms."""

FORMULA_INSIDE = regex.compile(r"([;\t\r\n])([\s\p{Cf}\p{Cc}]*[=+\-@＝＋－＠])")
"""What would begin a cell where semicolons or tabs part the cells, whatever quotes are around it."""

VERDICT_COLUMNS = (
    "file", "clause", "status", "confidence", "reason", "start_s", "end_s", "quote", "measured",
    "threshold", "unit", "role", "title", "reason_code",
)  # fmt: skip

PARTY_MEASURES = ("talk_share", "turns", "interruptions", "rate", "reply_s")
MEASURE_COLUMNS = (
    "longest_silence_s", "hold_s", "overlap_s",
    *(f"{party}_{measure}" for party in PARTIES for measure in PARTY_MEASURES),
    "holds_told", "holds_untold",
)  # fmt: skip


def verdict_rows(judged: Judged, outline: Outline, language: Language) -> str:
    """The call's lines of ``verdicts.csv``: one a clause, with the most telling of its evidence."""
    titles = {clause.id: clause.title for clause in outline.clauses}
    file = judged.scorecard.file
    return _lines(
        (
            _verdict_row(file, verdict, titles[verdict.clause], language)
            for verdict in judged.scorecard.verdicts
        ),
        VERDICT_COLUMNS,
    )


def write_scores(
    path: Path,
    scored: Iterable[Mapping[str, Cell]],
    failures: Sequence[Failure],
    outline: Outline,
) -> None:
    """One row a recording: the :func:`score_row` of each, and those that could not be listened to."""
    import pandas as pd  # 30 MB that are not needed while recordings are heard

    columns = _score_columns(outline)
    rows = [*scored, *map(_failure_row, failures)]
    rows.sort(key=lambda row: str(row["file"]))
    # Cells stay Python objects: pandas would make whole numbers with one blank among them floats.
    table = pd.DataFrame(
        [[guarded(row.get(column)) for column in columns] for row in rows],
        columns=pd.Index(columns),
        dtype=object,
    )
    with written_whole(path) as file:
        table.to_csv(file, index=False, lineterminator="\n")


@contextmanager
def verdicts_written(path: Path) -> Iterator[TextIO]:
    """``verdicts.csv``, to which the calls' :func:`verdict_rows` are written in order of their files."""
    with written_whole(path) as file:
        file.write(_heading(VERDICT_COLUMNS))
        yield file


def guarded(cell: Cell) -> Cell:
    """The cell, with text that a spreadsheet would run as a formula made plain text.

    >>> guarded("=1+1"), guarded("您好"), guarded(-5), guarded("a;=1+1")
    ("'=1+1", '您好', -5, "a;'=1+1")
    """
    return _guarded_text(cell) if isinstance(cell, str) else cell


@lru_cache(maxsize=4096)  # clauses, titles and reasons come again with every call
def _guarded_text(cell: str) -> str:
    inside = FORMULA_INSIDE.sub(r"\1'\2", cell)
    return f"'{inside}" if FORMULA.match(cell) else inside


def _score_columns(outline: Outline) -> tuple[str, ...]:
    lost = tuple(f"lost_{dimension.id}" for dimension in outline.dimensions)
    return (
        "file", "score", "kind", "flags",
        "agent_id", "started_at", "line", "passed", "applicable", "passed_share",
        "failed_clauses", "unjudged", "duration_s", *lost, "error", "situations", *MEASURE_COLUMNS,
    )  # fmt: skip


def score_row(judged: Judged, outline: Outline) -> dict[str, Cell]:
    """The call's row of ``scores.csv``."""
    card, record = judged.scorecard, judged.call.recording.record
    lost = {deduction.dimension: deduction.points for deduction in card.deductions}
    return {
        **card_cells(card),
        "agent_id": record.agent_id,
        "started_at": record.started_at.isoformat() if record.started_at else None,
        "line": record.line,
        "duration_s": _seconds(judged.call.duration_ms),
        **{f"lost_{one.id}": lost.get(one.id, 0.0) for one in outline.dimensions},
        **(_measure_cells(judged.measures) if judged.measures else {}),
    }


def card_cells(card: Scorecard) -> dict[str, Cell]:
    """What a scorecard says in the row of its call, by column, wherever such rows are written."""
    return {
        "file": card.file,
        "score": card.score,
        "kind": card.kind,
        "flags": LIST_BREAK.join(card.flags),
        "passed": card.passed,
        "applicable": card.applicable,
        "passed_share": round(card.passed / card.applicable, 4) if card.applicable else None,
        "failed_clauses": LIST_BREAK.join(failed_clauses(card)),
        "unjudged": len(of_status(card, "unjudged")),
        "situations": LIST_BREAK.join(one.id for one in card.situations if one.sure),
    }


def _measure_cells(measures: Measures) -> dict[str, Cell]:
    """Blank where something was not measured: by party while the voices are not told apart."""
    cells: dict[str, Cell] = {
        "longest_silence_s": _seconds_of(measures.longest_silence),
        "hold_s": _seconds(measures.hold_ms),
        "overlap_s": None if measures.overlap_ms is None else _seconds(measures.overlap_ms),
    }
    if measures.holds_told is not None:
        cells["holds_told"] = measures.holds_told
        cells["holds_untold"] = measures.holds - measures.holds_told
    for one in measures.parties:
        cells |= {
            f"{one.role}_talk_share": one.talk_share,
            f"{one.role}_turns": one.turns,
            f"{one.role}_interruptions": one.interruptions,
            f"{one.role}_rate": one.rate,
            f"{one.role}_reply_s": (
                None if one.reply_delay_ms is None else _seconds(one.reply_delay_ms)
            ),
        }
    return cells


def _failure_row(failure: Failure) -> dict[str, Cell]:
    message = f"{failure.got}; expected {failure.expected}. {failure.hint}"
    return {"file": failure.file, "error": message}


def _verdict_row(file: str, verdict: Verdict, title: str, language: Language) -> dict[str, Cell]:
    said = say(verdict.reason, language)
    return {"file": file, "title": title, "reason": said, **verdict_cells(verdict)}


def verdict_cells(verdict: Verdict) -> dict[str, Cell]:
    """What a verdict says in its row, by column, wherever such rows are written; blank without evidence."""
    evidence = telling(verdict) or Evidence()
    span = evidence.span
    return {
        "clause": verdict.clause,
        "status": verdict.status,
        "confidence": round(verdict.confidence, 4),
        "reason_code": verdict.reason.code,
        "start_s": _seconds(span.start_ms) if span else None,
        "end_s": _seconds(span.end_ms) if span else None,
        "quote": evidence.quote,
        "measured": _rounded(evidence.measured),
        "threshold": _rounded(evidence.threshold),
        "unit": evidence.unit,
        "role": evidence.role,
    }


def _seconds(time_ms: int) -> float:
    return time_ms / 1000


def _seconds_of(span: Span | None) -> float:
    return 0.0 if span is None else _seconds(span.duration_ms)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _heading(columns: Sequence[str]) -> str:
    return _lines([dict(zip(columns, columns, strict=True))], columns)


def _lines(rows: Iterable[Mapping[str, Cell]], columns: Sequence[str]) -> str:
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    writer.writerows([guarded(row.get(column)) for column in columns] for row in rows)
    return lines.getvalue()
