"""What is found, and the one form of text in which it is looked for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Literal

import opencc

INVISIBLE = "\u200b"
"""The zero-width space, to which all invisible format characters are folded."""

Kind = Literal["phone", "id", "plate", "bank", "address", "name", "email"]


@dataclass(frozen=True, slots=True, order=True)
class PersonalData:
    """Characters ``start`` to ``end`` (not included) of a text that tell who or where somebody is.

    What stands between the parts of a value and tells nobody (棟, 樓, 嗯) is in none, so that a value
    may be several of these in a row.
    """

    start: int
    end: int
    kind: Kind


@lru_cache(maxsize=4096)
def folded(text: str) -> str:
    """The text in Simplified characters, half width and small letters, character for character.

    Unlike :func:`~pipeline.wording.normalise.normalise` it keeps punctuation, Chinese numerals and every
    place. Decimal digits of all scripts become 0 to 9, format characters (category Cf) ``INVISIBLE``.

    >>> folded("號碼：ＡＢ٠९")
    '号码:ab09'
    """
    return text.translate(_TABLE)


class _Table(dict[int, int]):
    """What becomes of each character, worked out when it first comes."""

    def __missing__(self, code: int) -> int:
        char = _plain(chr(code))
        plain = _converter().convert(char) if len(char) == 1 else char
        return self.setdefault(code, ord(plain) if len(plain) == 1 else code)


def _plain(char: str) -> str:
    if unicodedata.category(char) == "Cf":
        return INVISIBLE
    digit = unicodedata.decimal(char, None)
    return unicodedata.normalize("NFKC", char).lower() if digit is None else str(digit)


_TABLE = _Table()


@cache
def _converter() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
