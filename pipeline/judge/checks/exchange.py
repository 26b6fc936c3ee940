"""A quarrel of words alone (4.1.8.2): the agent sharp turn after turn, while the customer protests.

Nobody need shout or come in on the other for that. In 517 composed calls by eighteen authors four turns with
sharp words, and a protest, were found in five: four that their authors called a quarrel, one arguable; three,
and two protests, in four: two quarrels, two arguable. Of 486 that none called so none had either. Who is
sharp once or twice has spoken badly (4.1.8.4), and not quarrelled.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pipeline.judge.checks import Case
from pipeline.judge.sound_rules import Exchange
from pipeline.judge.turns import scored_turns
from pipeline.records import Span

SEVERAL = 2
"""Protests from which fewer sharp turns leave doubt."""


def exchanged(
    case: Case, rule: Exchange, sharp: Iterable[tuple[Span, bool]]
) -> Literal["surely", "perhaps", "not"]:
    """Whether sharp words, each where it stands and whether it surely is one, make such a quarrel."""
    protests = {
        hit.span
        for lexicon in rule.protest
        for hit in case.reading.find(lexicon)
        if hit.role == "customer"
    }
    if not protests:
        return "not"
    turns = [
        one.turn.span
        for one in scored_turns(case.reading, case.standard.likenesses)
        if one.turn.role == "agent"
    ]
    held = {
        (at, sure)
        for span, sure in sharp
        for at, turn in enumerate(turns)
        if turn.holds(span.middle_ms)
    }
    surely, perhaps = {at for at, sure in held if sure}, {at for at, _ in held}
    if len(surely) >= rule.turns:
        return "surely"
    few = len(perhaps) < rule.turns and len(protests) < SEVERAL
    return "not" if few or len(perhaps) < rule.doubt else "perhaps"
