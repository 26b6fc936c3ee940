"""Words as they were meant, in the characters that make sense of their sound."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from pipeline.records import Utterance, worded
from pipeline.wording.homophones import meant
from pipeline.wording.normalise import Normalised, normalise
from pipeline.wording.usage import HAN, Usage


def spelt(utterance: Utterance, usage: Usage) -> Utterance:
    """The utterance as it was meant; every word keeps its length."""
    written = utterance.text
    certainty = [word.probability for word in utterance.words for _ in word.text]
    value = normalise(written)
    characters = list(written)
    for first, last in _pieces(value):
        at = [start for start, _ in value.offsets[first:last]]
        piece = value.text[first:last]
        anew = meant(piece, [certainty[index] for index in at], usage)
        for index, old, new in zip(at, piece, anew, strict=True):
            if new != old:
                characters[index] = new
    text = "".join(characters)
    if text == written:
        return utterance
    return replace(utterance, words=worded(text, utterance.words), heard=written)


def _pieces(value: Normalised) -> Iterator[tuple[int, int]]:
    """Runs of Chinese characters that stand for one character each, with nothing between them as it was
    written.
    """
    first = 0
    for index, (start, end) in enumerate(value.offsets):
        alone = end - start == 1 and HAN.match(value.original[start]) is not None
        follows = index > first and value.offsets[index - 1][1] == start
        if first < index and not (alone and follows):
            yield first, index
            first = index
        if not alone:
            first = index + 1
    if first < len(value.offsets):
        yield first, len(value.offsets)
