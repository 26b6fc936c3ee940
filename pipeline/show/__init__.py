"""What people and programs see of a night: tables, documents, a page, and text for the terminal.

:func:`write_reports` writes the four results that are a contract with the outside; ``explain`` and
``console`` speak to a terminal. Nothing here judges or measures: it shows values of
``pipeline.records``, already masked for personal data, and the words of one standard's outline.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.records import Failure, Judged, Outline
from pipeline.show import documents, report, tables
from pipeline.show.language import language_named

__all__ = ["Written", "write_reports"]


@dataclass(frozen=True, slots=True)
class Written:
    """Where the results lie."""

    scores: Path
    verdicts: Path
    calls: Path
    report: Path


def write_reports(
    judged: Sequence[Judged],
    failures: Sequence[Failure],
    outline: Outline,
    out: Path,
    language: str = "zh-Hant",
) -> Written:
    """Writes ``scores.csv``, ``verdicts.csv``, ``calls/*.json`` and ``report.html`` into ``out``.

    Raises:
        OutputError: a file cannot be written; those written before it are whole
        UsageError: reports do not speak the language
    """
    spoken = language_named(language)
    written = Written(
        scores=out / "scores.csv",
        verdicts=out / "verdicts.csv",
        calls=out / documents.FOLDER,
        report=out / "report.html",
    )
    tables.write_scores(written.scores, judged, failures, outline)
    tables.write_verdicts(written.verdicts, judged, outline, spoken)
    documents.write_documents(out, judged)
    report.write_report(written.report, judged, failures, outline, spoken)
    return written
