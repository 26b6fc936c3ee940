"""Knocks at a door (4.2.5.2): how many in a row, how soon again, how hard.

Only what sounds before the owner is first heard is a knock to be let in. How hard one knocks nobody can
tell from a recording but by the voices in it, which are nearer or farther than the door: a knock that
drowns them is for a person to hear, and never a fail by itself. A bell is not heard; neither are knocks
that sound like none known, so that hearing nothing accuses nobody.
"""

from __future__ import annotations

from itertools import pairwise

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding, in_doubt
from pipeline.judge.sound_rules import Knocks
from pipeline.records import Call, Event, Evidence, Reason

CONFIDENCE = 0.7
"""Counted on clips of other people's doors; steps and hammers may sound alike."""


def check(case: Case, rule: Knocks) -> Finding:
    """Whether the agent knocked a few times, and waited before knocking again."""
    call = case.reading.call
    if not call.impacts_heard:
        return in_doubt("impact_unmeasured")
    series = _at_the_door(call)
    if not series:
        return Finding("not_applicable", Reason.of("knocks_unheard"))
    evidence = tuple(_evidence(one, rule) for one in series)
    most = max(_count(one) for one in series)
    details = {"count": most, "most": rule.most}
    if most > rule.most + rule.doubt:
        return Finding("fail", Reason.of("knocks_many", **details), evidence, CONFIDENCE)
    if most > rule.most:
        return in_doubt("knocks_near", evidence, **details)
    loudest = max(one.strength_db for one in series)
    if loudest >= rule.loud:
        return in_doubt("knocks_loud", evidence, over=loudest)
    rests = [after.span.start_ms - before.span.end_ms for before, after in pairwise(series)]
    if rests and min(rests) < rule.rest:
        return in_doubt("knocks_soon", evidence, seconds=round(min(rests) / 1000, 1))
    return Finding("pass", Reason.of("knocks_few", **details), evidence, CONFIDENCE)


def _at_the_door(call: Call) -> list[Event]:
    """Series of knocks before the owner speaks, or anybody where nobody knows who does; of the channel
    with the most of them.
    """
    spoken = [u.span.start_ms for u in call.utterances if u.role != "agent"]
    opened = min(spoken or [u.span.start_ms for u in call.utterances], default=0)
    heard = [e for e in call.events if e.kind == "knock" and e.span.end_ms <= opened]
    sides = [[e for e in heard if e.channel == side] for side in range(call.channels)]
    return max(sides, key=lambda side: sum(map(_count, side)))


def _count(series: Event) -> int:
    return series.impact.blows if series.impact else 0


def _evidence(series: Event, rule: Knocks) -> Evidence:
    return Evidence(series.span, None, None, _count(series), rule.most, "knocks")
