"""What was said, in order, with the words that evidence quotes marked and doubtful ones dimmed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

from pipeline.records import Call, EventKind, Evidence, Judged, Role, Span, Status, Utterance, Word
from pipeline.show.timeline import silences
from pipeline.show.verdicts import worst

UNSURE_BELOW = 0.5
"""Mean token probability under which a decoded word is more guess than hearing."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A verdict that quotes these words."""

    clause: str
    status: Status


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbouring words shown alike. ``probability`` is that of the least sure word."""

    text: str
    marks: tuple[Mark, ...]
    unsure: bool
    probability: float

    @property
    def status(self) -> Status:
        """The most urgent status among the marks of a marked run."""
        return worst(mark.status for mark in self.marks)


@dataclass(frozen=True, slots=True)
class Line:
    """One utterance."""

    index: int
    role: Role
    span: Span
    runs: tuple[Run, ...]
    kind: Literal["line"] = "line"


@dataclass(frozen=True, slots=True)
class Break:
    """What sounded, or did not, between utterances."""

    kind: EventKind | Literal["silence"]
    span: Span


def transcript_of(judged: Judged) -> tuple[Line | Break, ...]:
    """Utterances, silences, tones and music in order of their start."""
    call = judged.call
    quoted = [
        (Mark(verdict.clause, verdict.status), evidence)
        for verdict in judged.scorecard.verdicts
        for evidence in verdict.evidence
        # Evidence without a quote is a window or a length of time, not something said in it.
        if evidence.quote and evidence.span is not None
    ]
    items: list[Line | Break] = [
        Line(index, utterance.role, utterance.span, tuple(_runs(utterance, quoted)))
        for index, utterance in enumerate(call.utterances)
    ]
    items += _breaks(call)
    return tuple(sorted(items, key=lambda item: item.span))


def line_at(call: Call, span: Span) -> int | None:
    """Index of the utterance that shares most time with the span; None when nobody speaks in it."""
    shared = [utterance.span.overlap_ms(span) for utterance in call.utterances]
    most = max(shared, default=0)
    return shared.index(most) if most else None


def _breaks(call: Call) -> list[Break]:
    quiet = [Break("silence", span) for span in silences(call)]
    return quiet + [Break(event.kind, event.span) for event in call.events]


def _runs(utterance: Utterance, quoted: list[tuple[Mark, Evidence]]) -> Iterator[Run]:
    """The utterance's words, joined where they are shown alike."""
    near = [
        (mark, evidence)
        for mark, evidence in quoted
        if evidence.span is not None and not evidence.span.gap_ms(utterance.span)
    ]

    def look(word: Word) -> tuple[tuple[Mark, ...], bool]:
        marks = (mark for mark, evidence in near if _quotes(evidence, utterance.role, word))
        return tuple(dict.fromkeys(marks)), word.probability < UNSURE_BELOW

    for (marks, unsure), words in groupby(utterance.words, key=look):
        alike = list(words)
        yield Run(
            text="".join(word.text for word in alike),
            marks=marks,
            unsure=unsure,
            probability=min(word.probability for word in alike),
        )


def _quotes(evidence: Evidence, role: Role, word: Word) -> bool:
    """Whether the word is part of what the evidence quotes: of its role, and mostly in its time."""
    if evidence.span is None or evidence.role not in (None, role):
        return False
    return evidence.span.holds(word.span.middle_ms) or word.span.holds(evidence.span.middle_ms)
