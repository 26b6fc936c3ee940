"""A slammed handset (4.1.8.2): a blow on the agent's side after the agent's last words.

Nobody knows what a slam measures, since none was at hand; a slammed door stands for it, and the reason says
so. A handset laid down is the same sound, only weaker. So the agent is accused only of a blow that is
both shaped like the proxy and far stronger than the agent's own loud syllables; what is somewhat so is for
a person to hear.
"""

from __future__ import annotations

from pipeline.judge.calltext import syllables_within
from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding, in_doubt
from pipeline.judge.silences import SHORT_CALL
from pipeline.judge.sound_rules import Slam
from pipeline.records import Call, Event, Evidence, Reason, Role, Span

CONFIDENCE = 0.75
"""Of composed endings that fail, 0.94 were slams (tests/bench/impacts.py); but doors stand for handsets."""

WORD_EDGE_MS = 200
"""Whisper's word times may run on so far past the word."""


def check(case: Case, rule: Slam) -> Finding:
    """Whether a blow near the end sounds like the agent slamming the handset."""
    call = case.reading.call
    if not call.impacts_heard:
        return in_doubt("impact_unmeasured")
    agents = [speech.span for speech in call.speech if speech.role != "customer"]
    if not agents:
        return in_doubt("no_agent_speech")
    blows = sorted(
        (event for event in call.events if _at_the_end(event, call, rule)),
        key=lambda blow: blow.strength_db,
    )
    strong = [blow for blow in blows if _may_be_a_slam(blow, rule)]
    evidence = tuple(_evidence(blow, rule) for blow in (strong or blows[-1:]))
    if not strong:
        return Finding("pass", Reason.of("impact_none"), evidence, 0.9)
    details = {"over": strong[-1].strength_db}
    whose = {_whose(call, blow.channel) for blow in strong}
    if call.channels == 1:
        return in_doubt("impact_mono", evidence, **details)
    if whose != {"agent"}:
        return in_doubt("impact_roles", evidence, **details)
    if any(_talked_on(call, blow) for blow in strong):
        return in_doubt("impact_talked_on", evidence, **details)
    if any(_is_a_slam(blow, rule) for blow in strong):
        return Finding("fail", Reason.of("impact_slam", **details), evidence, CONFIDENCE)
    return in_doubt("impact_doubtful", evidence, **details)


def _at_the_end(event: Event, call: Call, rule: Slam) -> bool:
    """Whether it is a blow, perhaps the agent's, after which the agent is not heard again, soon after
    the agent's last words or shortly before the recording ends.
    """
    if event.kind not in ("slam", "click") or event.impact is None:
        return False
    if event.impact.strength_db is None or _whose(call, event.channel) == "customer":
        return False
    said = [u.span.end_ms for u in call.utterances if u.role != "customer"]
    spoken_on = any(
        speech.role != "customer" and speech.span.start_ms >= event.span.end_ms
        for speech in call.speech
    )
    ended = max(said, default=0)
    near = min(event.span.start_ms - ended, call.duration_ms - event.span.end_ms)
    return not spoken_on and event.span.start_ms >= ended - WORD_EDGE_MS and near <= rule.near_end


def _talked_on(call: Call, blow: Event) -> bool:
    """Whether the customer says more after a blow than 「喂？你還在嗎？」 into a dead line: a door, then."""
    after = Span(blow.span.end_ms, max(blow.span.end_ms, call.duration_ms) + 1)
    return syllables_within(call, "customer", after) > SHORT_CALL


def _whose(call: Call, channel: int) -> Role:
    """Whose side a channel is; ``unknown`` on mono, and where that is not told."""
    agent = call.recording.record.agent_channel
    if call.channels == 1:
        return "unknown"
    if agent is not None:
        return "agent" if channel == agent else "customer"
    roles = {speech.role for speech in call.speech if speech.channel == channel}
    return roles.pop() if len(roles) == 1 else "unknown"


def _is_a_slam(blow: Event, rule: Slam) -> bool:
    return blow.strength_db >= rule.strength and _likeness(blow) >= rule.likeness


def _may_be_a_slam(blow: Event, rule: Slam) -> bool:
    return blow.strength_db >= rule.strength - rule.doubt and _likeness(blow) >= rule.perhaps


def _likeness(blow: Event) -> float:
    return blow.impact.likeness if blow.impact else 0.0


def _evidence(blow: Event, rule: Slam) -> Evidence:
    return Evidence(blow.span, None, None, blow.strength_db, rule.strength, "dB")
