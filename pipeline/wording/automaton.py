"""Many keys found in one pass over a text (Aho-Corasick)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic, TypeVar

import ahocorasick

T = TypeVar("T")


class Automaton(Generic[T]):
    """Finds its keys in a text, in a time that does not grow with their number.

    >>> Automaton({"稍等": 1, "等": 2}).find("请稍等")
    [(1, 3, 1), (2, 3, 2)]
    """

    def __init__(self, keys: Mapping[str, T]) -> None:
        self._automaton = ahocorasick.Automaton()
        for key, value in keys.items():
            self._automaton.add_word(key, (len(key), value))
        self._automaton.make_automaton()
        self._empty = not keys

    def values(self, text: str) -> set[T]:
        """What stands somewhere in the text: the value of each such key, once."""
        if self._empty:
            return set()
        return {value for _, (_, value) in self._automaton.iter(text)}

    def find(self, text: str) -> list[tuple[int, int, T]]:
        """Every place of every key, overlapping ones too: start, end and the key's value."""
        if self._empty:
            return []
        return [
            (last + 1 - length, last + 1, value)
            for last, (length, value) in self._automaton.iter(text)
        ]
