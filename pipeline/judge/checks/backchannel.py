"""Listening aloud: a customer speaking on for long without a 「嗯」 of the agent's (4.1.5).

Any sound of the agent's is a sign of listening, whether or not words were made out. Since a soft one may
go under, nobody is blamed where one could: on one channel, where the customer speaks over it, and on a
line whose noise or echo is hardly fainter than the agent's own voice.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.judge.attention import lasted, seconds, sounds_of
from pipeline.judge.calltext import syllables_within
from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding, in_doubt
from pipeline.judge.sound_rules import Backchannel
from pipeline.judge.structure import asked_to_wait, handed_over
from pipeline.records import Call, Reason, Span, merge_spans
from pipeline.spans import gaps

PAUSE_MS = 3_000
"""A customer who rests longer has ended a turn, and what follows is a silence, not a story. People let
about a second pass before somebody must speak (Jefferson 1989); three times that is ours."""

HEADROOM_DB = 10.0
"""How soft a sign may be that is surely heard. Signs 0-10 dB below the voice are all but always found
with this much room (tests/bench/listening.py)."""

SYLLABLES_A_SECOND = 1.0
"""Fewer than this, and what goes on there may be no talk: people speak four to five, pauses left out."""

CONFIDENCE = 0.8


def check(case: Case, rule: Backchannel) -> Finding:
    """Whether the customer spoke on for longer than the rule allows without a sign of listening."""
    call = case.reading.call
    if not call.speech:
        return in_doubt("nobody_speaks")
    alone = _alone(case, sounds_of(call, "customer"), sounds_of(call, "agent", "unknown"))
    longest = max((span.duration_ms for span in alone), default=0)
    details = {"longest": seconds(longest), "limit": seconds(rule.longest)}
    over = [span for span in alone if span.duration_ms >= rule.longest]
    if over:
        evidence = tuple(lasted(span, rule.longest) for span in over)
        unheard = _unheard(call, over)
        if unheard is not None:
            return in_doubt(unheard, evidence, **details)
        return Finding("fail", Reason.of("listening_silent", **details), evidence, CONFIDENCE)
    shortest = rule.longest - rule.doubt
    near = [span for span in alone if span.duration_ms >= shortest]
    if near:
        evidence = tuple(lasted(span, rule.longest) for span in near)
        return in_doubt("listening_doubtful", evidence, **details)
    unclear = [span for span in _of_nobody_knows_whom(case) if span.duration_ms >= shortest]
    if unclear:
        return in_doubt("roles_unknown", tuple(lasted(span, rule.longest) for span in unclear))
    return Finding("pass", Reason.of("listening_heard", **details), confidence=0.9)


def _alone(case: Case, speech: tuple[Span, ...], signs: tuple[Span, ...]) -> list[Span]:
    """A party's turns and parts of turns in which nobody else gives a sign; holds do not count, nor what is
    said to another desk.
    """
    held = [hold.span for hold in case.structure.holds]
    breaks = merge_spans([*signs, *held, *handed_over(case.reading, case.standard.model.hold)])
    extent = case.reading.extent
    return [
        turn
        for between in gaps(Span(0, extent.end_ms), breaks)
        for turn in _turns(speech, between)
        if not asked_to_wait(case.reading, case.standard.model.hold, turn.start_ms)
    ]


def _turns(speech: tuple[Span, ...], limits: Span) -> Iterator[Span]:
    inside = [one.clipped(limits) for one in speech if one.overlap_ms(limits)]
    yield from merge_spans(inside, PAUSE_MS)


def _unheard(call: Call, turns: list[Span]) -> str | None:
    """Why a sign of listening may be there all the same, or nobody to give one.

    What sounds before the agent's first word may be an announcement, or nobody has picked up.
    """
    if call.channels != 2:
        return "listening_mono"
    if not call.murmurs:
        return "listening_unmeasured"
    agent = sounds_of(call, "agent")
    listened_to = [turn for turn in turns if agent and turn.start_ms >= agent[0].start_ms]
    if not listened_to:
        return "no_agent_speech"
    channels = {speech.channel for speech in call.speech if speech.role == "agent"}
    room = [one.headroom_db for one in call.murmurs if one.channel in channels]
    if any(one is None or one < HEADROOM_DB for one in room):
        return "listening_masked"
    return None if any(_is_talk(call, turn) for turn in listened_to) else "listening_no_words"


def _is_talk(call: Call, turn: Span) -> bool:
    """Whether enough words were made out: noise of a street may sound like a voice."""
    said = syllables_within(call, "customer", turn)
    return said >= SYLLABLES_A_SECOND * turn.duration_ms / 1000


def _of_nobody_knows_whom(case: Case) -> list[Span]:
    """Turns of voices whose role is not known, and the customer's where only such voices sound."""
    call = case.reading.call
    voices = {(one.channel, one.speaker) for one in call.speech if one.role == "unknown"}
    found: list[Span] = []
    for voice in sorted(voices):
        own, others = list[Span](), list[Span]()
        for one in call.speech:
            (own if (one.channel, one.speaker) == voice else others).append(one.voice)
        others += [s for one in call.murmurs if one.channel != voice[0] for s in one.spans]
        found += _alone(case, merge_spans(own), merge_spans(others))
    if voices:
        found += _alone(case, sounds_of(call, "customer"), sounds_of(call, "agent"))
    return found
