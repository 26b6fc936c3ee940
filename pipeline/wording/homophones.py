"""What was meant by characters that sound right and make no sense.

Whisper base hears a syllable in eleven wrong on a telephone, and writes every fifth character wrong:
「握假的熱稅期」 is 「我家的熱水器」. So the characters are put anew, as an input method would: the likeliest
words of the same sound, or of one that southern speakers do not keep apart. A changed character has its
price, the higher the surer Whisper was of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.wording.syllables import rune, syllables
from pipeline.wording.usage import LONGEST, START, Entry, Usage

CHANGED = 0.5
CHANGED_SURE = 4.0
"""What a changed character costs, in nat: of one that Whisper was not at all sure of, and what is added for
one of which it was wholly so. Of 24,000 characters of four composed sets, spelt by what others say, 13.2 to
13.5 % are wrong with any prices from 0.5 and 4 to 1.2 and 2; these leave alone most of what is sure."""

CONFUSED = 3.0
"""What a syllable of another sound costs besides: n for l, z for zh. From 1.5 to 3 it makes 0.1 % of
characters."""

KEPT = 8
"""Words that each place may end with, the likeliest: with 5 as good."""

UNKNOWN = -20.0
"""The logarithm of how likely a character is that nothing knows."""

_Way = tuple[float, int, str]
"""How likely a way to a place is, where its last word begins, and the word before."""


def meant(text: str, certainty: Sequence[float], usage: Usage) -> str:
    """The likeliest text of the same sound, as many characters long.

    Args:
        text: normalised, Chinese characters only, said without a pause
        certainty: of each character, 0 to 1
        usage: what people say
    """
    sounds = syllables(text)
    heard = "".join(map(rune, sounds))
    prices = [CHANGED + CHANGED_SURE * one for one in certainty]
    ways: list[dict[str, _Way]] = [{START: (0.0, 0, "")}, *({} for _ in text)]
    for start in range(len(text)):
        likeliest = sorted(ways[start].items(), key=lambda way: -way[1][0])[:KEPT]
        if not likeliest:
            continue
        for end in range(start + 1, min(len(text), start + LONGEST) + 1):
            own, here = text[start:end], ways[end]
            for entry in _entries(usage, heard[start:end], own, sounds[start:end]):
                price = _price(entry, own, sounds, start, prices)
                word, alone = entry.word, entry.alone
                for before, way in likeliest:
                    value = way[0] + usage.log_prob(word, alone, before) - price
                    known = here.get(word)
                    if known is None or value > known[0]:
                        here[word] = value, start, before
    return _read_back(ways)


def _entries(usage: Usage, heard: str, own: str, sounds: tuple[str, ...]) -> Sequence[Entry]:
    """The words of a sound; a character that is none of them may stay."""
    found = usage.by_sound.get(heard, ())
    if len(own) > 1 or any(entry.word == own for entry in found):
        return found
    return (*found, Entry(own, sounds, usage.characters.get(own, UNKNOWN)))


def _price(
    entry: Entry, own: str, sounds: Sequence[str], start: int, prices: Sequence[float]
) -> float:
    if entry.word == own:
        return 0.0
    changed = sum(
        prices[start + at]
        for at, (new, old) in enumerate(zip(entry.word, own, strict=True))
        if new != old
    )
    confused = sum(new != sounds[start + at] for at, new in enumerate(entry.sounds))
    return changed + CONFUSED * confused


def _read_back(ways: Sequence[dict[str, _Way]]) -> str:
    end = len(ways) - 1
    word = max(ways[end], key=lambda one: ways[end][one][0])
    words: list[str] = []
    while end:
        words.append(word)
        _, end, word = ways[end][word]
    return "".join(reversed(words))
