"""The two languages reports speak, and a text in both."""

from __future__ import annotations

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
