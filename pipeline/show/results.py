"""The four results of a night, written call by call, so that no night is too long for memory.

What one call adds to them is a :class:`Sheet`, which any process can make.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.records import Failure, Judged, Outline
from pipeline.show import documents, report, tables
from pipeline.show.brief import Brief, brief_of
from pipeline.show.files import HoldsOpen
from pipeline.show.language import Language, language_named


@dataclass(frozen=True, slots=True)
class Written:
    """Where the results lie."""

    scores: Path
    verdicts: Path
    calls: Path
    report: Path

    @classmethod
    def below(cls, out: Path) -> Written:
        return cls(
            scores=out / "scores.csv",
            verdicts=out / "verdicts.csv",
            calls=out / documents.FOLDER,
            report=out / "report.html",
        )


@dataclass(frozen=True, slots=True)
class Sheet:
    """What one call adds to the tables and totals: its row of scores, its lines of verdicts."""

    score: Mapping[str, tables.Cell]
    verdicts: str
    brief: Brief


def sheet_of(judged: Judged, outline: Outline, language: Language) -> Sheet:
    """A call's sheet, masked as far as the call is."""
    return Sheet(
        score=tables.score_row(judged, outline),
        verdicts=tables.verdict_rows(judged, outline, language),
        brief=brief_of(judged),
    )


class Results(HoldsOpen):
    """The results while they are written; a context manager. Tables take their names at its end.

    Raises:
        OutputError: a file cannot be written; those written before it are whole
        UsageError: reports do not speak the language
    """

    def __init__(self, out: Path, outline: Outline, language: str) -> None:
        super().__init__()
        self.written = Written.below(out)
        self.calls: list[Brief] = []
        self._outline = outline
        self._language = language_named(language)
        self._scores: list[Mapping[str, tables.Cell]] = []

    def __enter__(self) -> Results:
        self._verdicts = self._open.enter_context(tables.verdicts_written(self.written.verdicts))
        return self

    def add(self, sheet: Sheet) -> None:
        """The next call, in order of their files. Its document is written by whoever judged it."""
        self.calls.append(sheet.brief)
        self._scores.append(sheet.score)
        self._verdicts.write(sheet.verdicts)

    def finish(self, failures: Sequence[Failure], in_full: report.InFull) -> None:
        """What can be written only once all calls are known: scores and the page."""
        tables.write_scores(self.written.scores, self._scores, failures, self._outline)
        report.write_report(
            self.written.report, self.calls, in_full, failures, self._outline, self._language
        )


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
    calls = sorted(judged, key=lambda one: one.scorecard.file)
    paths = documents.document_paths([one.scorecard.file for one in calls])
    with Results(out, outline, language) as results:
        for one in calls:
            results.add(sheet_of(one, outline, spoken))
            documents.write_document(out / paths[one.scorecard.file], one)
        results.finish(failures, lambda places: (calls[at] for at in places))
    return results.written
