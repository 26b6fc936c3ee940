"""The wish that fits the day (4.1.2.3): its festival, by the call's date, names the lexicons."""

from __future__ import annotations

from pipeline.days import day_of
from pipeline.judge.checks import Case, phrase
from pipeline.judge.festival import festival_on
from pipeline.judge.finding import Finding
from pipeline.judge.rules import RequiredPhrase, Wish
from pipeline.records import Reason


def check(case: Case, wish: Wish) -> Finding:
    """Whether a call on a festival holds a wish for just that festival."""
    festivals = case.standard.model.festivals
    started = case.reading.call.recording.record.started_at
    if festivals is None or started is None:
        return Finding("unjudged", Reason.of("no_record", field="started_at"), confidence=0.0)
    day = day_of(started)
    festival = festival_on(day, festivals)
    if festival is None:
        return Finding("not_applicable", Reason.of("no_festival", date=day))
    demand = RequiredPhrase(any=festival.wishes, by=wish.by, within=wish.within)
    return phrase.check(case, demand)
