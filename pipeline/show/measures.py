"""A measurement beside its threshold, in words."""

from __future__ import annotations

from pipeline.records import Evidence
from pipeline.show.figures import number
from pipeline.show.language import Language
from pipeline.show.text import UNITS, label, name_of


def measure(evidence: Evidence, language: Language) -> str:
    """What was measured, against which threshold; empty when nothing was.

    >>> measure(Evidence(measured=7.25, threshold=5.0, unit="s"), "en")
    'measured 7.25 s, threshold 5 s'
    """
    if evidence.measured is None:
        return ""
    unit = f" {name_of(UNITS, evidence.unit, language)}" if evidence.unit else ""
    measured = number(evidence.measured) + unit
    if evidence.threshold is None:
        return label("measured", language, measured=measured)
    threshold = number(evidence.threshold) + unit
    return label("measured_against", language, measured=measured, threshold=threshold)
