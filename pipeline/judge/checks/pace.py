"""Who speaks faster than their own calm pace: one part of a quarrel.

Emotion quickens speech, and so do haste and habit; held against the same speaker's other utterances,
and never ruled on alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from pipeline.judge.checks import Case
from pipeline.records import Voice
from pipeline.wording.normalise import normalise

FEWEST_SYLLABLES = 8
"""The rate of fewer is chance: one syllable lost or a breath counted moves it by an eighth."""

FASTER = 1.35
"""Times the own median from which an utterance is fast. Neutral utterances of CASIA vary by 8 % (SD), the
samples' synthetic voices by 5 %; talk varies more than reading, so that this is set far above both."""

FAST = 5.5
"""Syllables a second below which nobody is fast, whatever their calm pace: Mandarin is spoken at 5.2
(Pellegrino, Coupé and Marsico 2011)."""


@dataclass(frozen=True, slots=True)
class Fast:
    """An utterance spoken faster than calm; ``threshold`` in syllables a second."""

    voice: Voice
    threshold: float


def fast_utterances(case: Case, own: Sequence[Voice], fewest: int) -> list[Fast] | None:
    """One person's utterances that are fast, in order; ``None`` where the calm pace is not known."""
    said = case.reading.call.utterances
    paced = [
        voice
        for voice in own
        if len(normalise(said[voice.utterance].text).text) >= FEWEST_SYLLABLES
    ]
    if len(paced) < fewest:
        return None
    threshold = max(FAST, FASTER * median(voice.rate for voice in paced))
    return [Fast(voice, round(threshold, 2)) for voice in paced if voice.rate >= threshold]
