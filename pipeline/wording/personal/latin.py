"""Names in Latin letters: English first names, and whatever is introduced as a name or spelled out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile

from pipeline.wording.personal.vocabulary import (
    LATIN_NAMES,
    NO_LATIN_NAMES,
    TITLES,
    WRITTEN_BY,
)

_WORD = re.compile("(?<![a-z@])[a-z]{2,}(?![a-z@])")
_LETTER = re.compile("[a-z]")
_LATIN = re.compile(
    rf"(?:叫做?我?|姓|怎么称呼[您你]?[\s呢啊?？,，]*|(?:我|他|她|您|你|这位|这里|这边|名字)是|"
    rf"名字|英文名(?:字)?|my name is|找|阿|{WRITTEN_BY}|"
    r"客服|前台|管家|柜台|(?:业主|住户|车主)[是叫]?|(?<![a-z])(?:mr|mrs|ms|miss)(?![a-z])\.?)[:：\s]*"
    r"(?P<name>[a-z]{2,}(?:[ -][a-z]+){0,2})"
    r"|(?:拼法?|拼写|串法?|spell)(?:是|成|做|:)?\s*(?P<letters>[a-z](?:[\s,，-]?[a-z])+)"
    rf"|(?<![a-z])(?P<before>[a-z]{{2,}})\s?(?={TITLES}|姐|哥|为您服务)"
)


def latin_names(text: str) -> Iterator[tuple[int, int]]:
    """Where such names stand in a folded text.

    >>> [text[a:b] for text in ["我是chan tai man，找陈经理"] for a, b in latin_names(text)]
    ['chan tai man']
    """
    if not _LETTER.search(text):
        return
    yield from (word.span() for word in _WORD.finditer(text) if LATIN_NAMES.fullmatch(word.group()))
    for found in _LATIN.finditer(text):
        if found["letters"]:
            yield found.span("letters")
            continue
        if found["before"]:
            if not NO_LATIN_NAMES.fullmatch(found["before"]):
                yield found.span("before")
            continue
        words = re.split("[ -]", found["name"])
        if NO_LATIN_NAMES.fullmatch(words[0]) or len(words[0]) < 2:
            continue
        own = list(takewhile(lambda word: not NO_LATIN_NAMES.fullmatch(word), words))
        yield found.start("name"), found.start("name") + len(" ".join(own))
