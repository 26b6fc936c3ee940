"""One call's rulings as plain text, for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from rich.cells import cell_len

from pipeline.errors import UsageError
from pipeline.records import PARTIES, ClauseText, Evidence, Judged, Measures, Outline, Verdict
from pipeline.show.figures import clock_span, number, percent, printable
from pipeline.show.language import Language, language_named
from pipeline.show.measures import measure
from pipeline.show.notes import note
from pipeline.show.reasons import say
from pipeline.show.talk import offences, overlap_text, party_rows, whole_rows
from pipeline.show.text import ROLES, STATUSES, label, name_of
from pipeline.show.verdicts import URGENCY

INDENT = "  "
KEY_CELLS = 12
MEASURE_CELLS = 30
"""Width of a column of keys, in terminal cells (a Chinese character takes two)."""


def explain(judged: Judged, outline: Outline, clause: str | None, language: str = "en") -> str:
    """Why each clause, or the one asked for, was ruled as it was: what failed comes first.

    Raises:
        UsageError: the clause is not one of the standard's, or reports do not speak the language
    """
    spoken = language_named(language)
    texts = {text.id: text for text in outline.clauses}
    verdicts = sorted(judged.scorecard.verdicts, key=lambda verdict: URGENCY.index(verdict.status))
    if clause is not None:
        verdicts = [verdict for verdict in verdicts if verdict.clause == clause]
        if not verdicts:
            raise _unknown(clause, tuple(texts))
    blocks = [_head(judged, outline, spoken)]
    if clause is None and judged.measures is not None:
        blocks.append("\n".join(_measures(judged.measures, spoken)))
    blocks += ["\n".join(_ruling(one, texts[one.clause], spoken)) for one in verdicts]
    return "\n\n".join(printable(block) for block in blocks) + "\n"


def _head(judged: Judged, outline: Outline, language: Language) -> str:
    card = judged.scorecard
    if card.score is None:
        score = label("no_score", language)
    else:
        lost = "".join(
            f" − {number(one.points)} ({', '.join(one.clauses)})" for one in card.deductions
        )
        score = f"100{lost} = {number(card.score)}"
    kept = label("kept_of", language, passed=card.passed, applicable=card.applicable)
    notes = [
        f"{label('warnings', language)}: {note(one, language)}" for one in judged.call.warnings
    ]
    return "\n".join([card.file, outline.title, score, kept, *notes])


def _measures(measures: Measures, language: Language) -> Iterator[str]:
    """What no clause is about, and a manager wants to know."""
    yield label("measures", language)
    for name, value in whole_rows(measures, language):
        yield _line(name, value, MEASURE_CELLS)
    for row in party_rows(measures, language):
        agent, customer = (name_of(ROLES, role, language) for role in PARTIES)
        both = f"{agent} {row.agent}{label('list_break', language)}{customer} {row.customer}"
        yield _line(row.name, both, MEASURE_CELLS)
    for overlap in offences(measures):
        yield INDENT + overlap_text(overlap, language)


def _ruling(verdict: Verdict, text: ClauseText, language: Language) -> Iterator[str]:
    yield f"{verdict.clause}  {text.title}: {name_of(STATUSES, verdict.status, language)}"
    yield _row("why", say(verdict.reason, language), language)
    for evidence in verdict.evidence:
        yield _row("evidence", _evidence(evidence, language), language)
    if text.demands:
        yield _row("demands", text.demands, language)
    yield _row("confidence", percent(verdict.confidence), language)


def _evidence(evidence: Evidence, language: Language) -> str:
    parts = [
        clock_span(evidence.span) if evidence.span else "",
        name_of(ROLES, evidence.role, language) if evidence.role else "",
        f"「{evidence.quote}」" if evidence.quote else "",
        measure(evidence, language),
    ]
    return " ".join(part for part in parts if part)


def _row(key: str, value: str, language: Language) -> str:
    return _line(label(key, language), value, KEY_CELLS)


def _line(name: str, value: str, cells: int) -> str:
    """A name in a column of so many cells, and its value."""
    return f"{INDENT}{name.lower()}{' ' * max(1, cells - cell_len(name))}{value}"


def _unknown(clause: str, known: tuple[str, ...]) -> UsageError:
    near = get_close_matches(clause, known, n=3, cutoff=0.5)
    return UsageError(
        where="clause",
        got=repr(clause),
        expected="the number of a clause of the standard",
        hint=f"Nearest: {', '.join(near)}." if near else f"The first is {known[0]}.",
    )
