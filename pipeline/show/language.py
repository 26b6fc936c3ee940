"""The two languages reports speak, a text in both, and sentences written in English said in Chinese."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Literal, NamedTuple, get_args

from pipeline.errors import UsageError

Language = Literal["zh-Hant", "en"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Text(NamedTuple):
    """One thing to say. Both languages stand side by side, so that neither can lack it."""

    zh_hant: str
    en: str

    def to(self, language: Language) -> str:
        """The text as a reader of ``language`` gets it."""
        return self.zh_hant if language == "zh-Hant" else self.en


Phrases = tuple[tuple[str, str], ...]
"""A sentence as it is written, as a regular expression, and what it says; what stands in round brackets is
kept.
"""


def in_chinese(written: str, phrases: Phrases, kept: Callable[[str], str]) -> str:
    """A sentence in Chinese, what is ``kept`` of it said so; as it is written, if it is no such phrase.

    >>> in_chinese("3 dogs", ((r"(\\d+) dogs", "{0} 隻狗"),), str)
    '3 隻狗'
    """
    for pattern, said in phrases:
        if found := re.fullmatch(pattern, written):
            return said.format(*map(kept, found.groups()))
    return written


def language_named(name: str) -> Language:
    """The language of that name.

    Raises:
        UsageError: reports do not speak it
    """
    for language in LANGUAGES:
        if language == name:
            return language
    raise UsageError(
        where="language",
        got=repr(name),
        expected=" or ".join(LANGUAGES),
        hint="Ask for one of the languages reports speak.",
    )
