"""One form for every text, with a map back to the text as it was.

Lexicons are written in either script, with or without punctuation; Whisper writes what it likes.
Both sides go through the same visible list of :data:`STEPS` and meet as Simplified characters
without width, case, Arabic numerals or punctuation.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import compress

import cn2an
import opencc

LONGEST_NUMBER = 4
"""Digits read as one number (1203 號 一千二百零三); longer runs are read digit by digit."""

ARABIC = re.compile("[0-9]+")
DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


@dataclass(frozen=True, slots=True)
class Normalised:
    """A text in the common form.

    ``offsets[i]`` is the half-open range of ``original`` that character ``text[i]`` came from.
    """

    original: str
    text: str
    offsets: tuple[tuple[int, int], ...]

    def original_range(self, start: int, end: int) -> tuple[int, int]:
        """The range of ``original`` behind ``text[start:end]`` (which must not be empty)."""
        return self.offsets[start][0], self.offsets[end - 1][1]


@lru_cache(maxsize=4096)
def normalise(text: str) -> Normalised:
    """The text in the common form.

    >>> normalise("請問您係12樓嘅？").text
    '请问您系十二楼嘅'
    >>> normalise("ＡＢ，再見！").original_range(2, 4)
    (3, 5)
    """
    value = Normalised(text, text, tuple((i, i + 1) for i in range(len(text))))
    for step in STEPS:
        value = step(value)
    return value


def common_forms(texts: Sequence[str]) -> list[str]:
    """What :func:`normalise` makes of some texts, without where it comes from: a third of the time.

    >>> common_forms(["請稍候。", "12樓"])
    ['请稍候', '十二楼']
    """
    # the STEPS on all at once; a text with a numeral, or that changes its length, goes by itself
    plain = "\n".join(texts).translate(_PLAIN)
    converted = _converter().convert(plain)
    lines, plain_lines = converted.split("\n"), plain.split("\n")
    if not len(lines) == len(plain_lines) == len(texts):
        return [normalise(text).text for text in texts]
    return [
        normalise(text).text
        if len(line) != len(before) or ARABIC.search(line)
        else line.translate(_SPOKEN)
        for text, line, before in zip(texts, lines, plain_lines, strict=True)
    ]


def _width_and_case(value: Normalised) -> Normalised:
    """Full-width letters and digits to half-width, capitals to small ones (Unicode NFKC)."""
    plain = value.text.translate(_PLAIN)
    if len(plain) == len(value.text):  # no character becomes none, so each became one
        return Normalised(value.original, plain, value.offsets)
    return _each(value, lambda char: char.translate(_PLAIN))


class _Table(dict[int, str]):
    """What becomes of each character, worked out when it first comes; for ``str.translate``."""

    def __init__(self, convert: Callable[[str], str]) -> None:
        self._convert = convert

    def __missing__(self, code: int) -> str:
        return self.setdefault(code, self._convert(chr(code)))


_PLAIN = _Table(lambda char: unicodedata.normalize("NFKC", char).lower())


def _script(value: Normalised) -> Normalised:
    """Traditional to Simplified, by phrase where that keeps the length (乾淨 but 乾隆), else by character."""
    converted = _converter().convert(value.text)
    if len(converted) == len(value.text):
        return Normalised(value.original, converted, value.offsets)
    return _each(value, _converter().convert)


def _numerals(value: Normalised) -> Normalised:
    """Arabic numerals to Chinese ones, as they are spoken."""
    if not ARABIC.search(value.text):
        return value
    chars: list[str] = []
    offsets: list[tuple[int, int]] = []
    at = 0
    for found in ARABIC.finditer(value.text):
        chars += value.text[at : found.start()]
        offsets += value.offsets[at : found.start()]
        spoken = _spoken(found.group())
        whole = (value.offsets[found.start()][0], value.offsets[found.end() - 1][1])
        by_digit = len(spoken) == found.end() - found.start()
        chars += spoken
        offsets += value.offsets[found.start() : found.end()] if by_digit else [whole] * len(spoken)
        at = found.end()
    chars += value.text[at:]
    offsets += value.offsets[at:]
    return Normalised(value.original, "".join(chars), tuple(offsets))


def _spoken(digits: str) -> str:
    if len(digits) > LONGEST_NUMBER or digits.startswith("0"):
        return "".join(DIGITS[digit] for digit in digits)
    return str(cn2an.an2cn(digits, "low")).replace("一十", "十", 1 if len(digits) == 2 else 0)


def _punctuation(value: Normalised) -> Normalised:
    """Everything that is not a letter, a numeral or a Chinese character goes."""
    spoken = value.text.translate(_SPOKEN)
    if len(spoken) == len(value.text):
        return value
    kept = map(_SPOKEN.__getitem__, map(ord, value.text))
    return Normalised(value.original, spoken, tuple(compress(value.offsets, kept)))


_SPOKEN = _Table(lambda char: char if unicodedata.category(char)[0] in "LN" else "")


def _each(value: Normalised, convert: Callable[[str], str]) -> Normalised:
    """Convert character by character; one may become several or none."""
    pieces = [convert(char) for char in value.text]
    return Normalised(
        value.original,
        "".join(pieces),
        tuple(offset for offset, piece in zip(value.offsets, pieces, strict=True) for _ in piece),
    )


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("tw2s")


STEPS: tuple[Callable[[Normalised], Normalised], ...] = (
    _width_and_case,
    _script,
    _numerals,
    _punctuation,
)
