"""Values a role says: a name, an address, a telephone number, a definite time (4.1.4.3, 4.1.6.1).

A value that is not found fails: unlike a phrase it has no fixed words to listen for again. Where it
accuses, a rule joins it by ``any`` with the words that ask for it.
"""

from __future__ import annotations

from pipeline.judge.calltext import Found
from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding, in_doubt, not_heard
from pipeline.judge.rules import Slot
from pipeline.judge.windows import windows
from pipeline.records import Reason

CLEAR_VALUE = 0.75
"""Mean probability of the agent's words below which none of his counts as missing. Stricter than for a
phrase, for which the sound is asked again. In ten blind sets all 18 such accusations above it were right,
and the one below it (0.72, the agent whom Whisper follows least) wrong. A customer's words say nothing
of the whole call: where one was understood less well than that the accusations were right, for the agent had
not asked."""

CLEAR_UNASKED = 0.70
"""The same of a customer who must have said it at a certain place, unasked (4.1.3): of three blind sets both
accusations below it were wrong. 「我是海悅花園管理處的阿珍」 had become 「臥子害悅緩原管力處理阿阵」."""


def check(case: Case, slot: Slot) -> Finding:
    """Whether the value was said by the right person in the right place."""
    stretches = windows(case.reading, slot.within, slot.by, case.occurrence)
    if not stretches:
        return Finding("not_applicable", Reason.of("nothing_to_answer"))
    hits = spoken(case, slot)
    own = [hit for hit in hits if hit.role == slot.by]
    if own:
        best = max(own, key=lambda hit: hit.confidence)
        return Finding(
            "pass", Reason.of("slot_said", slot=slot.kind), (best.evidence,), best.confidence
        )
    if hits:
        evidence = tuple(hit.evidence for hit in hits)
        return Finding("unjudged", Reason.of("slot_by_unknown", slot=slot.kind), evidence, 0.5)
    if case.reading.clearness(slot.by) < _least_clear(slot):
        return in_doubt("slot_unclear", slot=slot.kind)
    who = case.reading.perhaps(slot.by)
    if not any(case.reading.speaks(one, stretch) for one in who for stretch in stretches):
        return Finding("unjudged", not_heard(slot.by), confidence=0.0)
    if case.reading.may_go_on(stretches):
        return in_doubt("slot_cut_off", slot=slot.kind)
    return Finding("fail", Reason.of("slot_missing", slot=slot.kind), confidence=0.85)


def _least_clear(slot: Slot) -> float:
    """How well its speaker must be understood for a missing value to be missing."""
    if slot.by == "agent":
        return CLEAR_VALUE
    return CLEAR_UNASKED if slot.within is not None else 0.0


def spoken(case: Case, slot: Slot) -> list[Found]:
    """Where the value was said, by its role or by nobody knows whom."""
    stretches = windows(case.reading, slot.within, slot.by, case.occurrence)
    return [
        hit
        for hit in case.reading.slots(slot.kind)
        if hit.role in (slot.by, "unknown")
        and any(stretch.holds(hit.span.middle_ms) for stretch in stretches)
    ]
