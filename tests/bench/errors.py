"""How much of what was written is wrong."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.distance import Levenshtein

from pipeline.wording.normalise import normalise
from pipeline.wording.syllables import syllables


def percent_wrong(pairs: Iterable[tuple[str, str]]) -> tuple[float, float]:
    """Of what was said and what was written of it, in either script: characters and toneless syllables to
    change, a hundred said.
    """
    characters = sounds = total = 0
    for said, written in pairs:
        truth, text = normalise(said).text, normalise(written).text
        characters += Levenshtein.distance(truth, text)
        sounds += Levenshtein.distance(syllables(truth), syllables(text))
        total += len(truth)
    return 100 * characters / total, 100 * sounds / total
