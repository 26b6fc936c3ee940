"""A call's measures in words: who talked how much, how fast, over whom."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pipeline.measured import Measures, Overlap, PartyMeasures
from pipeline.show.figures import clock_short, clock_span, number, percent, seconds
from pipeline.show.language import Language
from pipeline.show.text import OVERLAPS, ROLES, UNITS, label, name_of

NOTHING = "–"

OFFENCES = ("interruption", "attempt")
"""The kinds of overlap that a page lists one by one; the others are how people talk."""

MOST_LISTED = 12
"""Overlaps listed under a call: a quarrel has more than anybody reads, and they lie on the timeline."""


@dataclass(frozen=True, slots=True)
class PartyRow:
    """One measure of both parties, as text."""

    name: str
    agent: str
    customer: str


def party_rows(measures: Measures, language: Language) -> tuple[PartyRow, ...]:
    """The measures by party; none where the voices are not told apart."""
    if measures.agent is None or measures.customer is None:
        return ()
    shown: tuple[tuple[str, Callable[[PartyMeasures], str]], ...] = (
        (label("talk_share", language), _share),
        (label("turns", language), lambda one: str(one.turns)),
        (label("interruptions", language), lambda one: str(one.interruptions)),
        (label("attempts", language), lambda one: str(one.attempts)),
        (label("backchannels", language), lambda one: str(one.backchannels)),
        (
            label("speech_rate", language),
            lambda one: _with_unit(one.rate, "syllables/s", language),
        ),
        (label("reply_delay", language), lambda one: _seconds(one.reply_delay_ms, language)),
    )
    return tuple(
        PartyRow(name, show(measures.agent), show(measures.customer)) for name, show in shown
    )


def whole_rows(measures: Measures, language: Language) -> tuple[tuple[str, str], ...]:
    """Name and value of what is measured of the call as a whole."""
    silence = measures.longest_silence
    longest = NOTHING
    if silence is not None:
        longest = f"{_seconds(silence.duration_ms, language)} ({clock_span(silence)})"
    held = NOTHING
    if measures.holds:
        times = _with_unit(measures.holds, "times", language)
        held = f"{_seconds(measures.hold_ms, language)} ({times})"
    rows = [(label("longest_silence", language), longest), (label("hold_time", language), held)]
    if measures.holds and measures.holds_told is not None:
        told, untold = measures.holds_told, measures.holds - measures.holds_told
        counts = label("told_untold", language, told=told, untold=untold)
        rows.append((label("holds_told", language), counts))
    if measures.overlaps is not None:
        rows.append((label("overlap_time", language), _seconds(measures.overlap_ms, language)))
    return tuple(rows)


def offences(measures: Measures) -> tuple[Overlap, ...]:
    """The overlaps worth a line each, the first ones of many."""
    found = [one for one in measures.overlaps or () if one.kind in OFFENCES]
    return tuple(found[:MOST_LISTED])


def overlap_text(overlap: Overlap, language: Language) -> str:
    """When, what, and who came in on whom.

    >>> from pipeline.spans import Span
    >>> overlap_text(Overlap(Span(1_000, 1_500), "attempt", "agent", "customer", 0), "en")
    '0:01.0–0:01.5 talks over, without getting the floor: agent on customer'
    """
    kind = name_of(OVERLAPS, overlap.kind, language)
    incomer, on = (name_of(ROLES, role, language) for role in (overlap.incomer, overlap.on))
    sides = label("came_in", language, incomer=incomer, on=on)
    return label("overlap_line", language, at=clock_span(overlap.span), kind=kind, sides=sides)


def _share(one: PartyMeasures) -> str:
    if one.talk_share is None:
        return NOTHING
    return f"{percent(one.talk_share)} ({clock_short(one.talk_ms)})"


def _seconds(time_ms: int | None, language: Language) -> str:
    return NOTHING if time_ms is None else label("seconds", language, seconds=seconds(time_ms))


def _with_unit(value: float | None, unit: str, language: Language) -> str:
    return NOTHING if value is None else f"{number(value)} {name_of(UNITS, unit, language)}"
