"""A raised voice (4.1.8.2), against the agent's own voice in the same call.

Loudness alone says little: lines, handsets and people differ. So each utterance is held against the
agent's calmer ones in this call, on four measures together, each in units of how much this agent's
calm speech varies. The measures are those of the vocal-effort literature (Traunmüller and Eriksson
2000): level, median pitch, 90th percentile of pitch, spectral tilt. Being louder is a must; pitch
alone rises with friendliness too.

The constants were chosen on one speaker of CASIA (wangzhe) at telephone band and checked on the other
(tests/bench/raised_voice.py prints both). CASIA is acted; no real angry agent was at hand.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, log2, sqrt
from statistics import median

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.standard import RaisedVoice
from pipeline.records import Evidence, Reason, Voice

WEIGHTS = (1.0, 0.5, 0.5, 0.5)
"""Of level, median pitch, 90th percentile of pitch, tilt. The two pitches move together."""

USUAL_SD = (2.0, 2.0, 2.0, 2.5)
"""dB, semitones, semitones, dB: how much calm utterances of 2-4 s vary within a speaker."""

USUAL_WEIGHT = 4
"""Utterances that ``USUAL_SD`` counts for beside those of the call: a few say little of a spread."""

CALM_SHARE = 0.5
"""Of the agent's utterances, the quieter ones that the baseline is taken from: calm speech, as long as
at most half of the call is raised."""

MOST_FROM_ONE = 4.0
"""Standard deviations that a single measure may add: an octave error is not a shout."""

LOUDER_SD = 2.5
"""Standard deviations of level that an utterance must lie above the baseline to count at all."""

OTHER_VOICE_SEMITONES = 9.0
"""Above the baseline by more than this, on the other side of a hold, may be another person who took
over. A raised voice mostly rises by 2-6; where a sample's supervisor takes over, 16 lie between."""

Measures = tuple[float, float | None, float | None, float]


@dataclass(frozen=True, slots=True)
class Baseline:
    """The agent's calm voice in this call: centre and spread of each of the four measures."""

    centre: tuple[float | None, ...]
    spread: tuple[float, ...]

    def deviations(self, voice: Voice) -> tuple[float, ...]:
        """How far an utterance lies from calm on each measure, in standard deviations, capped."""
        return tuple(
            0.0
            if value is None or centre is None
            else max(-MOST_FROM_ONE, min(MOST_FROM_ONE, (value - centre) / spread))
            for value, centre, spread in zip(
                _measures(voice), self.centre, self.spread, strict=True
            )
        )

    def effort(self, voice: Voice) -> float:
        """The weighted sum of an utterance's deviations; 0 for one that is not louder than calm."""
        deviations = self.deviations(voice)
        if deviations[0] < LOUDER_SD:
            return 0.0
        return sum(w * deviation for w, deviation in zip(WEIGHTS, deviations, strict=True))


def check(case: Case, rule: RaisedVoice) -> Finding:
    """Whether the agent raised their voice in at least ``rule.utterances`` utterances."""
    call = case.reading.call
    if not call.roles_known:
        return Finding("unjudged", Reason.of("roles_unknown"), confidence=0.0)
    own = [voice for voice in call.voices if call.utterances[voice.utterance].role == "agent"]
    if len(own) < rule.baseline:
        reason = Reason.of("voice_no_baseline", needed=rule.baseline, found=len(own))
        return Finding("unjudged", reason, confidence=0.0)
    calm = baseline(own)
    scored = [(calm.effort(voice), voice) for voice in own]
    highest = max(score for score, _ in scored)
    others = _after_a_handover(case, own, calm)
    raised = [
        (score, voice)
        for score, voice in scored
        if score >= rule.score and voice.utterance not in others
    ]
    if len(raised) >= rule.utterances:
        evidence = tuple(_evidence(case, score, voice, rule) for score, voice in raised)
        reason = Reason.of("voice_raised", count=len(raised))
        return Finding(
            "fail", reason, evidence, round(min(0.95, 0.75 + (highest - rule.score) / 20), 2)
        )
    doubtful = [(score, voice) for score, voice in scored if score >= rule.score - rule.doubt]
    if len(doubtful) >= rule.utterances:
        evidence = tuple(_evidence(case, score, voice, rule) for score, voice in doubtful)
        return Finding("unjudged", Reason.of("voice_doubtful"), evidence, 0.5)
    top = Evidence(None, "agent", None, round(highest, 1), rule.score, "sd")
    return Finding("pass", Reason.of("voice_calm"), (top,), 0.9)


def _after_a_handover(case: Case, own: Sequence[Voice], calm: Baseline) -> frozenset[int]:
    """Utterances of what may be another person: far higher than calm, and no calm one near them.

    Near means with no hold in between: it is across a hold that somebody else comes to the telephone.
    """
    parts: dict[int, list[tuple[Voice, bool]]] = {}
    for voice in own:
        start = case.reading.call.utterances[voice.utterance].span.start_ms
        part = sum(hold.span.end_ms <= start for hold in case.situation.holds)
        pitch, centre = _measures(voice)[1], calm.centre[1]
        far = pitch is not None and centre is not None and pitch - centre > OTHER_VOICE_SEMITONES
        parts.setdefault(part, []).append((voice, far))
    return frozenset(
        voice.utterance
        for voices in parts.values()
        if len(parts) > 1 and all(far for _, far in voices)
        for voice, _ in voices
    )


def baseline(own: Sequence[Voice]) -> Baseline:
    """The calm voice behind some utterances of one person, at least one of them calm."""
    quieter = sorted(own, key=lambda voice: voice.level_db)[: ceil(CALM_SHARE * len(own))]
    columns = list(zip(*(_measures(voice) for voice in quieter), strict=True))
    known = [[value for value in column if value is not None] for column in columns]
    return Baseline(
        centre=tuple(median(values) if values else None for values in known),
        spread=tuple(_spread(values, usual) for values, usual in zip(known, USUAL_SD, strict=True)),
    )


def _spread(values: list[float], usual: float) -> float:
    """Standard deviation of calm speech: this call's, robustly, drawn towards the usual one."""
    if not values:
        return usual
    centre = median(values)
    own = 1.4826 * median(abs(value - centre) for value in values)
    count = len(values)
    return sqrt((usual**2 * USUAL_WEIGHT + own**2 * count) / (USUAL_WEIGHT + count))


def _measures(voice: Voice) -> Measures:
    """Level in dB, pitches in semitones re 1 Hz, tilt in dB."""
    return (
        voice.level_db,
        12 * log2(voice.f0_median_hz) if voice.f0_median_hz else None,
        12 * log2(voice.f0_p90_hz) if voice.f0_p90_hz else None,
        voice.tilt_db,
    )


def _evidence(case: Case, score: float, voice: Voice, rule: RaisedVoice) -> Evidence:
    utterance = case.reading.call.utterances[voice.utterance]
    return Evidence(utterance.span, "agent", utterance.text, round(score, 1), rule.score, "sd")
