"""The night's calls as a table for a terminal; rich knows how wide Chinese characters are."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from rich.table import Table
from rich.text import Text as Styled

from pipeline.records import Failure
from pipeline.show.brief import Brief
from pipeline.show.figures import number, printable
from pipeline.show.language import Language, language_named
from pipeline.show.text import FLAGS, label, name_of


def night_table(
    calls: Sequence[Brief],
    failures: Sequence[Failure] = (),
    language: str = "en",
    limit: int | None = None,
) -> Table:
    """File, score, failed clauses, open clauses and flags, lowest score first; then the failures.

    At most ``limit`` rows are shown, and the caption says how many are left out.
    """
    spoken = language_named(language)
    table = Table(title=_title(calls, spoken), title_justify="left", expand=False)
    table.add_column(label("file", spoken), overflow="fold", ratio=3)
    table.add_column(label("score", spoken), justify="right", no_wrap=True)
    table.add_column(label("failed_clauses", spoken), overflow="fold", ratio=3)
    table.add_column(label("unjudged", spoken), justify="right", no_wrap=True)
    table.add_column(label("flags", spoken), overflow="fold", ratio=2)
    rows = [_call_row(one, spoken) for one in sorted(calls, key=lambda one: one.rank)[:limit]]
    rows += [
        _failure_row(failure, spoken) for failure in sorted(failures, key=lambda one: one.file)
    ]
    for row in rows[:limit]:
        table.add_row(*row)
    left_out = len(calls) + len(failures) - len(rows[:limit])
    if left_out:
        table.caption = label("more_rows", spoken, count=left_out)
    return table


def _title(calls: Sequence[Brief], language: Language) -> str:
    scores = [one.score for one in calls if one.score is not None]
    score = number(fmean(scores)) if scores else "–"
    return label("night", language, calls=len(calls), score=score)


def _call_row(call: Brief, language: Language) -> tuple[Styled, ...]:
    return (
        Styled(printable(call.file)),
        Styled("–" if call.score is None else number(call.score), style="bold"),
        Styled(" ".join(call.failed), style="red"),
        Styled(str(call.unjudged)),
        Styled(
            ", ".join(name_of(FLAGS, flag, language) for flag in call.flags),
            style="bold red" if call.critical else "yellow",
        ),
    )


def _failure_row(failure: Failure, language: Language) -> tuple[Styled, ...]:
    not_heard = label("not_heard", language)
    return (
        Styled(printable(failure.file)),
        Styled("–"),
        Styled(printable(f"{not_heard}: {failure.got}"), style="yellow"),
        Styled(""),
        Styled(""),
    )
