"""Words as they were meant, in the characters that make sense of their sound."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from pipeline.records import Utterance, worded
from pipeline.wording.homophones import meant
from pipeline.wording.normalise import Normalised, normalise
from pipeline.wording.personal import Turn, find_personal
from pipeline.wording.usage import HAN, Usage


def respelt(said: Sequence[Utterance], usage: Usage) -> tuple[Utterance, ...]:
    """The utterances of a call as they were meant; every word keeps its length.

    Names, addresses and numbers stay as they were heard, since no usage tells those, and whatever would be
    hidden of what was heard is hidden of the result: an utterance, or a call, that would show more of
    anybody is left as it is.
    """
    private = _personal(said)
    anew = [_respelt(one, usage, kept) for one, kept in zip(said, private, strict=True)]
    shown = zip(said, anew, private, _personal(anew), strict=True)
    safe = [new if before <= after else old for old, new, before, after in shown]
    if all(before <= after for before, after in zip(private, _personal(safe), strict=True)):
        return tuple(safe)
    return tuple(said)


def _personal(said: Sequence[Utterance]) -> list[frozenset[int]]:
    """Which characters of each utterance are personal data."""
    found = find_personal([Turn((one.channel, one.speaker), one.text) for one in said])
    return [frozenset(at for one in some for at in range(one.start, one.end)) for some in found]


def _respelt(utterance: Utterance, usage: Usage, kept: Collection[int]) -> Utterance:
    """The utterance with each Chinese character but some put anew."""
    written = utterance.text
    certainty = [word.probability for word in utterance.words for _ in word.text]
    value = normalise(written)
    characters = list(written)
    for first, last in _pieces(value, kept):
        at = [start for start, _ in value.offsets[first:last]]
        piece = value.text[first:last]
        anew = meant(piece, [certainty[index] for index in at], usage)
        for index, old, new in zip(at, piece, anew, strict=True):
            if new != old:
                characters[index] = new
    text = "".join(characters)
    if text == written:
        return utterance
    heard = utterance.heard or written
    return replace(utterance, words=worded(text, utterance.words), heard=heard)


def _pieces(value: Normalised, kept: Collection[int]) -> Iterator[tuple[int, int]]:
    """Runs of Chinese characters that stand for one character each, with nothing between them as it was
    written, and without those that are kept.
    """
    first = 0
    for index, (start, end) in enumerate(value.offsets):
        alone = end - start == 1 and start not in kept and HAN.match(value.original[start])
        follows = index > first and value.offsets[index - 1][1] == start
        if first < index and not (alone and follows):
            yield first, index
            first = index
        if not alone:
            first = index + 1
    if first < len(value.offsets):
        yield first, len(value.offsets)
