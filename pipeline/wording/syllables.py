"""Characters as toneless syllables, and how far apart two syllables sound.

Whisper hears right and writes wrong: 師傅 becomes 師父, 在家 becomes 再加. On CASIA its character
error rate is twice to three times its toneless-syllable error rate, so sound is the better witness.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache, lru_cache
from itertools import chain
from threading import Lock

import numpy as np
from numpy.typing import NDArray
from pypinyin.constants import PHRASES_DICT, PINYIN_DICT

SAME = 0.0
CONFUSABLE = 0.25
"""Pairs southern speakers do not keep apart: n/l, zh/z, ch/c, sh/s, f/hu, -in/-ing, -en/-eng, -an/-ang."""
NEAR = 0.6
"""The initial or the final is the same."""
APART = 1.0

INITIALS = re.compile(r"^(zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw]?)(.*)$")
MERGED_INITIALS = {"zh": "z", "ch": "c", "sh": "s", "n": "l"}
MERGED_FINALS = {"ing": "in", "eng": "en", "ang": "an", "iang": "ian", "uang": "uan"}
F_AS_H = {"a": "ua", "o": "uo", "ei": "ui", "an": "uan", "en": "un"}
"""f is confused with h where a u follows: 飯/換, 飛/灰, 福/湖; nobody takes 發 for 哈."""

BEGINNINGS = frozenset(
    phrase[:size] for phrase in PHRASES_DICT for size in range(2, len(phrase) + 1)
)
"""What a phrase of pypinyin's tables begins with, two characters and more."""

FIRST_RUNE = 0xF0000
"""Supplementary Private Use Area-A: 65,534 characters that no normalised text holds."""


def syllables(text: str) -> tuple[str, ...]:
    """One toneless syllable a character of normalised text; what has none stands for itself.

    The readings are pypinyin's own, and so is the cut into words that decides between them; its
    ``lazy_pinyin`` spends many times as long on going through every style for every character,
    and gives up the words of a whole text for one Latin letter in it.

    >>> syllables("再见")
    ('zai', 'jian')
    >>> syllables("去银行办bye")
    ('qu', 'yin', 'hang', 'ban', 'b', 'y', 'e')
    """
    return tuple(chain.from_iterable(map(_word, cut(text))))


def cut(text: str) -> list[str]:
    """The text cut as pypinyin's ``seg.cut`` does it: the longest phrase of its tables, or a character.

    >>> cut("去银行办事")
    ['去', '银行', '办', '事']
    """
    words: list[str] = []
    at, size = 0, len(text)
    while at < size:
        stop, reached = at + 1, at + 2
        while text[at:reached] in BEGINNINGS and reached <= size:
            if text[at:reached] in PHRASES_DICT:
                stop = reached
            reached += 1
        if reached > size and stop == at + 1:  # what could begin a phrase, and ends, is none
            words += text[at:]
            break
        words.append(text[at:stop])
        at = stop
    return words


def same_tones(first: str, second: str) -> bool:
    """Whether two texts that sound the same without tones do so with them. A neutral tone is any.

    >>> same_tones("师父", "师傅"), same_tones("刻意", "可以")
    (True, False)
    """
    readings = [
        [sound for word in cut(text) for sound in _readings(word)] for text in (first, second)
    ]
    return all(
        one == other or _toneless(one) in (one, other) for one, other in zip(*readings, strict=True)
    )


@lru_cache(maxsize=16384)
def _word(word: str) -> tuple[str, ...]:
    return tuple(_toneless(reading) for reading in _readings(word))


def _readings(word: str) -> tuple[str, ...]:
    """A word's syllables as pypinyin's tables have them, with tone marks."""
    readings = PHRASES_DICT.get(word) if len(word) > 1 else None
    if readings:
        return tuple(reading[0] for reading in readings)
    return tuple(PINYIN_DICT.get(ord(char), char).split(",")[0] for char in word)


@cache
def _toneless(reading: str) -> str:
    """A reading as pypinyin's tables have it, without its tone: lǜ -> lv."""
    plain = unicodedata.normalize("NFD", reading).replace("u\u0308", "v").replace("e\u0302", "ê")
    return "".join(char for char in plain if not unicodedata.combining(char))


@lru_cache(maxsize=4096)
def merged(syllable: str) -> str:
    """The syllable with its confusable sounds made one.

    >>> merged("zhang"), merged("ni"), merged("fang"), merged("huan")
    ('zan', 'li', 'huan', 'huan')
    """
    initial, final = _split(syllable)
    final = MERGED_FINALS.get(final, final)
    if initial == "f":
        return "h" + F_AS_H.get(final, final)
    return MERGED_INITIALS.get(initial, initial) + final


def rune(syllable: str) -> str:
    """One character for a syllable and all that are confused with it, so that sounds can be searched
    as text: a private one, the same in every process. What pypinyin's tables do not have stands for itself.

    >>> rune("zhang") == rune("zan"), rune("zhang") == rune("zhan"), rune("ma") == rune("mo")
    (True, True, False)
    >>> rune("ⵀ")
    'ⵀ'
    """
    like = merged(syllable)
    return _runes().get(like, like)


@cache
def _runes() -> dict[str, str]:
    """A character for each sound that pypinyin's tables give a character or a word."""
    readings = {one for of in PINYIN_DICT.values() for one in of.split(",")}
    readings.update(reading[0] for of in PHRASES_DICT.values() for reading in of)
    sounds = sorted({merged(_toneless(reading)) for reading in readings})
    return {sound: chr(FIRST_RUNE + number) for number, sound in enumerate(sounds)}


@lru_cache(maxsize=65536)
def sound_distance(first: str, second: str) -> float:
    """0 (same) to 1 (nothing in common).

    >>> sound_distance("li", "ni"), sound_distance("zai", "zan"), sound_distance("ma", "zhu")
    (0.25, 0.6, 1.0)
    """
    if first == second:
        return SAME
    if merged(first) == merged(second):
        return CONFUSABLE
    initial, final = _split(first)
    other_initial, other_final = _split(second)
    if (initial and initial == other_initial) or final == other_final:
        return NEAR
    return APART


def distances(wanted: Sequence[str], heard: Sequence[str]) -> NDArray[np.int64]:
    """:func:`sound_distance` of each wanted (rows) to each heard syllable (columns), in hundredths.

    >>> distances(["li", "zai"], ["ni", "zan", "li"]).tolist()
    [[25, 100, 0], [100, 60, 100]]
    """
    one = np.array([_features(sound) for sound in wanted], np.int32).reshape(-1, 4)
    other = np.array([_features(sound) for sound in heard], np.int32).reshape(-1, 4)
    alike = one[:, np.newaxis, :] == other[np.newaxis, :, :]
    initial_alike = alike[..., 2] & (one[:, np.newaxis, 2] != _number(""))
    return np.select(
        [alike[..., 0], alike[..., 1], initial_alike | alike[..., 3]],
        [hundredths(SAME), hundredths(CONFUSABLE), hundredths(NEAR)],
        hundredths(APART),
    ).astype(np.int64)


def hundredths(cost: float) -> int:
    """A cost as a whole number, so that adding up costs is exact."""
    return round(100 * cost)


@lru_cache(maxsize=4096)
def _features(syllable: str) -> tuple[int, int, int, int]:
    """Numbers for the syllable, the syllable with confusable sounds made one, initial and final."""
    initial, final = _split(syllable)
    return _number(syllable), _number(merged(syllable)), _number(initial), _number(final)


class _Numbers(dict[str, int]):
    """A number for each sound, given out as they come; the same as long as the process lives."""

    def __init__(self) -> None:
        self._lock = Lock()

    def __missing__(self, name: str) -> int:
        with self._lock:  # two threads must not give one number to two sounds
            return self.setdefault(name, len(self))


_NUMBERS = _Numbers()


def _number(name: str) -> int:
    return _NUMBERS[name]


def _split(syllable: str) -> tuple[str, str]:
    found = INITIALS.match(syllable)
    return (found.group(1), found.group(2)) if found else ("", syllable)
