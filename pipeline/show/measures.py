"""A measurement beside its threshold, in words."""

from __future__ import annotations

from pipeline.records import Evidence
from pipeline.show.figures import number
from pipeline.show.language import Language
from pipeline.show.text import UNITS, label, name_of

LISTENED = "nat/token"
"""The unit of a closer listen: how likely the words are, per token of the recogniser."""


def measure(evidence: Evidence, language: Language) -> str:
    """What was measured, against which threshold; empty when nothing was.

    >>> measure(Evidence(measured=7.25, threshold=5.0, unit="s"), "en")
    'measured 7.25 s, threshold 5 s'
    """
    if evidence.measured is None:
        return ""
    measured = number(evidence.measured)
    threshold = None if evidence.threshold is None else number(evidence.threshold)
    if evidence.unit == LISTENED:  # what its score is a logarithm of helps nobody
        if threshold is None:
            return label("listened", language, measured=measured)
        return label("listened_against", language, measured=measured, threshold=threshold)
    unit = f" {name_of(UNITS, evidence.unit, language)}" if evidence.unit else ""
    if threshold is None:
        return label("measured", language, measured=measured + unit)
    return label("measured_against", language, measured=measured + unit, threshold=threshold + unit)
