"""Example answers and calls -> what those of some kind are like.

A file of examples is a table without a header, three columns parted by tabs: the kind, what the customer
said last, what the agent answered::

    # what follows a hash at the beginning of a line is a comment
    vague	那什麼時候會好？	這個嘛，看情況囉。
    fine	那什麼時候會好？	師傅說五點前，好了我打給您。
    offer,name	-	您好，請問有什麼能幫您？您貴姓？

Kinds are the author's, several of one example parted by commas; a standard says which of them it looks for.
The others are what it must not take for them, and the more such lines sound like the first, the better they
teach. Where an example is a whole call the second column holds all the customer says, the third all the agent
does.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import StandardError
from pipeline.wording.lexicon import read_text
from pipeline.wording.normalise import normalise

MOST_EXAMPLES = 20_000
"""Twice as many take some seconds to learn from."""

KINDS = re.compile(r"[a-z\-]+(,[a-z\-]+)*")


@dataclass(frozen=True, slots=True)
class Example:
    """An answer as its author wrote it, what it answers, and of what kinds it is."""

    kinds: tuple[str, ...]
    asked: str
    answer: str

    @property
    def whole(self) -> str:
        """All that was said, where the example is a call."""
        return self.asked + self.answer


def read_examples(path: Path, *, whole: bool = False) -> tuple[Example, ...]:
    """Read a file of examples (UTF-8, with or without a byte order mark); ``whole``: they are calls.

    Raises:
        StandardError: unreadable, not UTF-8, a line that is not three columns, an answer of which
            nothing is left once punctuation is gone, or one that stands there twice. Names file and line.
    """
    examples: list[Example] = []
    lines: dict[str, int] = {}
    content = read_text(
        path, "a file of examples", "Add the file, or correct its name in standard.yaml."
    )
    for number, line in enumerate(content.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        where = f"{path}:{number}"
        example = _example(line, where)
        heard = normalise(example.whole if whole else example.answer).text
        if not heard:
            raise StandardError(
                where,
                f"the answer {example.answer!r}, of which nothing is left once punctuation is gone",
                "an answer in words",
                "Write what was said, or remove the line.",
            )
        if heard in lines:
            raise StandardError(
                where,
                f"{example.answer!r}, which stands on line {lines[heard]} already",
                "each answer once",
                "Remove one of the lines.",
            )
        lines[heard] = number
        examples.append(example)
        if len(examples) > MOST_EXAMPLES:
            raise StandardError(
                where,
                f"more than {MOST_EXAMPLES} examples up to here",
                "a file that is learned from in seconds",
                "Leave out those that are like others.",
            )
    return tuple(examples)


def _example(line: str, where: str) -> Example:
    columns = [column.strip() for column in line.split("\t")]
    if len(columns) != 3 or not KINDS.fullmatch(columns[0]):
        raise StandardError(
            where,
            f"{line!r}",
            "three columns: a kind in small letters (or several, parted by commas), what the customer said, "
            "what the agent answered",
            "Part the columns by one tab each.",
        )
    kinds, asked, answer = columns
    return Example(tuple(kinds.split(",")), asked, answer)
