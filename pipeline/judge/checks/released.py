"""Who hung up first (4.1.7.2): the call record, else the busy tone that follows a conversation.

An exchange plays a busy tone to the party that is still there. What can be concluded from one:

* Two channels, the tone on the customer's leg, which is what arrives at the desk: the customer has
  left, surely so when the agent still speaks.
* The tone on the agent's leg only: it goes to the customer, or leaks from the desk's earpiece. The
  agent is accused only when the customer is still heard afterwards and the call record, not a guess
  from the words, says which channel is the agent's.
* One channel: a recorder at the desk hears what the desk hears, and stops when the desk hangs up. A
  tone that nobody speaks after was played to the desk. If anybody still speaks, who left is not known.
* Who has put the call through has left its end to others.
* A tone on both legs, or long after the last word (a handset left off its hook), tells nothing.
"""

from __future__ import annotations

from pipeline.judge.checks import Case, record
from pipeline.judge.finding import Finding, in_doubt
from pipeline.judge.record_rules import Comparison
from pipeline.judge.sound_rules import Released
from pipeline.judge.structure import handed_over
from pipeline.records import Call, Event, Evidence, Party, Reason, Role, Span

STEREO_CONFIDENCE = 0.9
MONO_CONFIDENCE = 0.7
ACCUSING_CONFIDENCE = 0.8

STILL_THERE_MS = 700
"""Speech that goes on for so long past the start of the tone is no edge of a word: voice activity
runs on for 0.2-0.3 s."""


def check(case: Case, rule: Released) -> Finding:
    """Whether the right party hung up first."""
    finding = _told(case, rule)
    if finding.status == "fail" and handed_over(case.reading, case.standard.model.hold):
        return Finding("not_applicable", Reason.of("release_passed_on"), finding.evidence)
    return finding


def _told(case: Case, rule: Released) -> Finding:
    """By the call record, else by the tones."""
    call = case.reading.call
    if call.recording.record.released_by is not None:
        return record.check(case, Comparison(field="released_by", equals=rule.by))
    tones = [event for event in call.events if event.kind == "busy"]
    if not tones:
        return in_doubt("release_unheard")
    tone = max(tones, key=lambda event: event.span.end_ms)
    before = [s.span.end_ms for s in call.speech if s.span.start_ms < tone.span.start_ms]
    begun = tone.span.start_ms - max(before, default=0)
    evidence = (Evidence(tone.span),)
    if not before:
        return in_doubt("release_no_talk", evidence)
    if begun > rule.within:
        return in_doubt("release_late", evidence, seconds=round(begun / 1000))
    if call.channels == 1:
        return _ruled(_left_mono(call, tone), rule, evidence, MONO_CONFIDENCE)
    sides = _sides(call)
    if sides is None:
        return in_doubt("release_roles", evidence)
    legs = {sides[one.channel] for one in tones if one.span.overlap_ms(tone.span)}
    if len(legs) > 1:
        return in_doubt("release_both", evidence)
    if "customer" in legs:
        return _ruled(_left_stereo(call, tone), rule, evidence, STEREO_CONFIDENCE)
    certain = call.recording.record.agent_channel is not None
    if certain and _still_there(call, tone.span) == {"customer"}:
        return _ruled("agent", rule, evidence, ACCUSING_CONFIDENCE)
    return in_doubt("release_agent_leg", evidence)


def _left_mono(call: Call, tone: Event) -> Party | str:
    """Who left, or the code of the reason why that is not known."""
    still = _still_there(call, tone.span)
    return "customer" if not still or still == {"agent"} else "release_talk_goes_on"


def _left_stereo(call: Call, tone: Event) -> Party | str:
    """The same for a tone on the customer's leg."""
    still = _still_there(call, tone.span)
    return "release_talk_goes_on" if "customer" in still else "customer"


def _still_there(call: Call, tone: Span) -> set[Role]:
    """Who speaks on after a tone has begun."""
    since = tone.start_ms + STILL_THERE_MS
    return {speech.role for speech in call.speech if speech.span.end_ms > since}


def _sides(call: Call) -> dict[int, Role] | None:
    """Whose leg each channel is; ``None`` where that is not known of both."""
    roles = {s.channel: s.role for s in call.speech}
    agent = call.recording.record.agent_channel
    if agent is not None:
        return {channel: "agent" if channel == agent else "customer" for channel in (0, 1)}
    if sorted(roles.values()) == ["agent"] or sorted(roles.values()) == ["customer"]:
        ((channel, role),) = roles.items()
        return {channel: role, 1 - channel: "customer" if role == "agent" else "agent"}
    return roles if sorted(roles.values()) == ["agent", "customer"] else None


def _ruled(
    left: Party | str, rule: Released, evidence: tuple[Evidence, ...], confidence: float
) -> Finding:
    if left not in ("agent", "customer"):
        return in_doubt(left, evidence)
    code = "release_kept" if left == rule.by else "release_broken"
    return Finding(
        "pass" if left == rule.by else "fail", Reason.of(code, value=left), evidence, confidence
    )
