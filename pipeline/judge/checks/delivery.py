"""How the agent greets (4.1.2.4): lively, at an easy pace, clear.

Cheerfulness cannot be heard by a program; what is measured is a proxy for what the clause names:

* **lively** is pitch that moves. A lively voice covers a wider range, a bored one is flat (Traunmüller
  and Eriksson 1995); Mandarin has its tones besides, so that even a flat one moves;
* **at an easy pace**, neither dragged nor rattled off;
* **clear** is what a recogniser is sure of, and only where the line's noise lies far below the voice:
  a bad line is not the agent's fault, and leaves the matter open.

One measure may be bad for a reason of its own (a rare name, a bored-sounding voice), so that two must
agree before anybody is accused, and all must be good for a pass. The margins between are wide.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean, quantiles
from typing import Literal

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding, in_doubt
from pipeline.judge.sound_rules import Band, Delivery
from pipeline.judge.structure import first_turns
from pipeline.records import Call, Evidence, Reason, Span, Utterance, Voice
from pipeline.sounds import QUIETEST_DB
from pipeline.wording.normalise import normalise

Grade = Literal["good", "between", "bad"]

AGREE = 2
"""Measures that must be bad together for a fail."""

CONFIDENCE = 0.7
"""Confidence either way: a proxy, tuned on acted and synthetic voices."""

QUIETEST_OF = 10
"""Quantiles: the line's noise is the level below which one in so many of the steps without a voice lies."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One measure of a first turn, and what it is worth."""

    name: str
    value: float
    band: Band
    unit: str

    @property
    def grade(self) -> Grade:
        (good_low, good_high), (bad_low, bad_high) = self.band.good, self.band.bad
        if bad_low is not None and self.value < bad_low:
            return "bad"
        if bad_high is not None and self.value > bad_high:
            return "bad"
        too_low = good_low is not None and self.value < good_low
        too_high = good_high is not None and self.value > good_high
        return "between" if too_low or too_high else "good"

    @property
    def threshold(self) -> float | None:
        """The end of what is good that the measure lies nearer to."""
        ends = [end for end in self.band.good if end is not None]
        return min(ends, key=lambda end: abs(end - self.value), default=None)


def check(case: Case, rule: Delivery) -> Finding:
    """How the agent's first turn sounds."""
    call = case.reading.call
    if not call.roles_known:
        return in_doubt("roles_unknown")
    if not any(speech.role == "agent" for speech in call.speech):
        return in_doubt("no_agent_speech")
    turn = first_turns(call, "agent", 1)
    spoken = [
        (voice, call.utterances[voice.utterance])
        for voice in call.voices
        if call.utterances[voice.utterance].role == "agent"
        and turn.holds(call.utterances[voice.utterance].span.middle_ms)
    ]
    count = sum(len(normalise(utterance.text).text) for _, utterance in spoken)
    if count < rule.syllables:
        return in_doubt("delivery_short", count=count, needed=rule.syllables)
    noise_db = _noise_db(call, spoken[0][1].channel)
    pitch = _weighted([voice.f0_range_st for voice, _ in spoken], spoken)
    if noise_db is None or pitch is None:
        return in_doubt("delivery_unmeasured")
    measures = (
        Measured("pitch", pitch, rule.pitch, "st"),
        Measured(
            "rate", _mean([voice.rate for voice, _ in spoken], spoken), rule.rate, "syllables/s"
        ),
        Measured("clearness", _clearness(spoken), rule.clearness, "confidence"),
        Measured(
            "over_noise",
            _mean([voice.level_db for voice, _ in spoken], spoken) - noise_db,
            rule.over_noise,
            "dB",
        ),
    )
    return _ruled(measures, spoken)


def _ruled(measures: Sequence[Measured], spoken: Sequence[tuple[Voice, Utterance]]) -> Finding:
    *spoken_well, over_noise = measures
    span = Span(spoken[0][1].span.start_ms, spoken[-1][1].span.end_ms)
    text = "".join(utterance.text for _, utterance in spoken)
    evidence = tuple(
        Evidence(span, "agent", text, round(one.value, 2), one.threshold, one.unit)
        for one in measures
    )
    if all(one.grade == "good" for one in measures):
        return Finding("pass", Reason.of("delivery_good"), evidence, CONFIDENCE)
    if over_noise.grade == "bad":
        return in_doubt("delivery_noise", evidence)
    bad = [
        one
        for one in spoken_well
        if one.grade == "bad" and (one.name != "clearness" or over_noise.grade == "good")
    ]
    if len(bad) >= AGREE:
        return Finding("fail", _reason("delivery_bad", bad), evidence, CONFIDENCE)
    wanting = [one for one in measures if one.grade != "good"]
    return in_doubt("delivery_between", evidence, aspects="、".join(one.name for one in wanting))


def _reason(code: str, measures: Sequence[Measured]) -> Reason:
    return Reason.of(code, aspects="、".join(one.name for one in measures))


def _weighted(
    values: Sequence[float | None], spoken: Sequence[tuple[Voice, Utterance]]
) -> float | None:
    """The mean, longer utterances counting for more; ``None`` where one was not measured."""
    known = [value for value in values if value is not None]
    return _mean(known, spoken) if len(known) == len(values) else None


def _mean(values: Sequence[float], spoken: Sequence[tuple[Voice, Utterance]]) -> float:
    return fmean(values, weights=[utterance.span.duration_ms for _, utterance in spoken])


def _clearness(spoken: Sequence[tuple[Voice, Utterance]]) -> float:
    """Mean probability of the words of the turn."""
    return fmean(word.probability for _, utterance in spoken for word in utterance.words)


def _noise_db(call: Call, channel: int) -> float | None:
    """The level of a channel while no voice, tone or music sounds on it, dB re full scale.

    ``None`` where it was not measured, or something sounds throughout.
    """
    if call.loudness is None:
        return None
    sounding = [speech.span for speech in call.speech if speech.channel == channel]
    sounding += [event.span for event in call.events if event.channel == channel]
    step_ms = call.loudness.step_ms
    covered = {
        step
        for span in sounding
        for step in range(span.start_ms // step_ms, span.end_ms // step_ms + 1)
    }
    levels = call.loudness.channels[channel]
    quiet = [level for step, level in enumerate(levels) if step not in covered]
    # where nothing was recorded there is no noise of the line either
    heard = [level for level in quiet if level > QUIETEST_DB] or quiet
    if len(heard) < 2:
        return float(heard[0]) if heard else None
    return quantiles(heard, n=QUIETEST_OF, method="inclusive")[0]
