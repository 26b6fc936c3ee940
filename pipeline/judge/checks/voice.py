"""A raised voice (4.1.8.2), against the agent's own voice in the same call.

Loudness alone says little: lines, handsets and people differ. So each utterance is held against the
agent's calmest ones in this call, on four measures together, each in units of how much calm speech
of one person varies. The measures and their sum are those of the vocal-effort literature (Traunmüller
and Eriksson 2000): level, median pitch, 90th percentile of pitch, spectral tilt.
"""

from __future__ import annotations

from math import log2
from statistics import median

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.standard import RaisedVoice
from pipeline.records import Evidence, Reason, Span, Voice

LEVEL_SD_DB = 2.0
PITCH_SD_SEMITONES = 2.0
TILT_SD_DB = 3.0
"""Standard deviations of one speaker's calm utterances at telephone band, measured on the neutral
utterances of CASIA's wangzhe (tests/bench/raised_voice.py prints them)."""

CALM_SHARE = 0.5
"""The quieter half of the agent's utterances is taken as the agent's own calm voice, so that a call
that is shouted for half its length still has a calm baseline."""

MOST_FROM_ONE = 4.0
"""What a single measure may add: an octave error of the pitch tracker is not a shout."""


def check(case: Case, rule: RaisedVoice) -> Finding:
    """Whether the agent raised their voice in at least ``rule.utterances`` utterances."""
    call = case.reading.call
    own = [voice for voice in call.voices if call.utterances[voice.utterance].role == "agent"]
    if not call.roles_known:
        return Finding("unjudged", Reason.of("roles_unknown"), confidence=0.0)
    if len(own) < rule.baseline:
        reason = Reason.of("voice_no_baseline", needed=rule.baseline, found=len(own))
        return Finding("unjudged", reason, confidence=0.0)
    by_level = sorted(own, key=lambda voice: voice.level_db)
    calm = by_level[: max(rule.baseline - 1, round(len(own) * CALM_SHARE))]
    scored = [(effort(voice, calm), voice) for voice in own]
    raised = [(score, voice) for score, voice in scored if score >= rule.score]
    highest = max(score for score, _ in scored)
    if len(raised) >= rule.utterances:
        evidence = tuple(_evidence(case, score, voice, rule) for score, voice in raised)
        confidence = min(0.95, 0.7 + (highest - rule.score) / 20)
        return Finding(
            "fail", Reason.of("voice_raised", count=len(raised)), evidence, round(confidence, 2)
        )
    doubtful = [(score, voice) for score, voice in scored if score >= rule.score - rule.doubt]
    if len(doubtful) >= rule.utterances:
        evidence = tuple(_evidence(case, score, voice, rule) for score, voice in doubtful)
        return Finding("unjudged", Reason.of("voice_doubtful"), evidence, 0.5)
    top = Evidence(None, "agent", None, round(highest, 1), rule.score, "sd")
    return Finding("pass", Reason.of("voice_calm"), (top,), 0.9)


def effort(voice: Voice, calm: list[Voice]) -> float:
    """How far one utterance lies above calm ones, in summed standard deviations of calm speech."""
    parts = [(voice.level_db - median(v.level_db for v in calm)) / LEVEL_SD_DB]
    parts.append((voice.tilt_db - median(v.tilt_db for v in calm)) / TILT_SD_DB)
    for name in ("f0_median_hz", "f0_p90_hz"):
        pitch = getattr(voice, name)
        base = [value for v in calm if (value := getattr(v, name)) is not None]
        if pitch and base:
            parts.append(12 * log2(pitch / median(base)) / PITCH_SD_SEMITONES)
    return sum(max(-MOST_FROM_ONE, min(MOST_FROM_ONE, part)) for part in parts)


def _evidence(case: Case, score: float, voice: Voice, rule: RaisedVoice) -> Evidence:
    utterance = case.reading.call.utterances[voice.utterance]
    span = Span(utterance.span.start_ms, utterance.span.end_ms)
    return Evidence(span, "agent", utterance.text, round(score, 1), rule.score, "sd")
