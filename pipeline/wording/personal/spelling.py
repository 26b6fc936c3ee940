"""How the characters of a name are explained: by their parts (耳東陳) or by a word (黃色的黃)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pipeline.wording.personal.vocabulary import COMPONENTS, COMPOUND_SURNAMES, GIVEN, SURNAMES
from pipeline.wording.segment import frequency

_EXPLAINED = re.compile(r"(?P<word>[一-鿿]{2,4})的(?P<char>[一-鿿])")
_CHARS = GIVEN + "".join(sorted(SURNAMES))
_REPEATED = re.compile(
    r"姓(?P<surname>[一-鿿])[\s,，]*(?P<how>[一-鿿]{2,4}(?P=surname))"
    rf"|(?P<char>[{_CHARS}])[是就][\s,，]*(?P<so>[一-鿿]{{2,3}}(?P=char))"
)
"""A character and how it is put together: 姓杜木土杜, 怡是心台怡."""
_NOT_SPELLING = frozenset("我你您他她是的叫就有在不姓啊嗯跟住")
_NOT_EXPLAINED = frozenset("的了是在我你他她它不有对好行可这那人内外大小多少业后所")
_NAME_TALK = re.compile("姓|叫|名|贵姓|先生|小姐|女士|太太|称呼|怎么写|哪个字|收件人")


def spellings(text: str) -> Iterator[tuple[int, int]]:
    """Where characters of names are explained in a folded text.

    >>> [text[a:b] for text in ["弓长张，名字是怡然的怡"] for a, b in spellings(text)]
    ['弓长张', '怡然的怡']
    """
    yield from (found.span() for found in COMPONENTS.finditer(text))
    talk = bool(_NAME_TALK.search(text))
    if talk:
        for told in _REPEATED.finditer(text):
            group = "how" if told["how"] else "so"
            if not _NOT_SPELLING & set(told[group]):
                yield told.span(group)
    if "的" not in text:
        return
    at = 0
    while True:
        found = _EXPLAINED.search(text, at)
        if found is None:
            return
        at = found.start("char") + 1
        word, char = found["word"], found["char"]
        if char not in word or char in _NOT_EXPLAINED:
            continue
        follows = text[found.end() - 1 : found.end() + 1]
        if len(follows) == 2 and follows not in COMPOUND_SURNAMES and frequency(follows) > 100:
            continue  # 門口的*門童*
        size = _explaining(word, char)
        start = found.end("word") - size
        if text[max(0, start - 2) : start].endswith(("不是", "不系", "不")):
            continue
        if talk or text[max(0, start - 2) : start] == f"{char}是":
            double = text[found.start("char") : found.start("char") + 2] in COMPOUND_SURNAMES
            yield start, found.end() + double


def _explaining(word: str, char: str) -> int:
    """How many characters before 的 are the word that shows which character is meant."""
    for size in range(len(word), 2, -1):
        if char in word[-size:] and frequency(word[-size:]):
            return size
    return 2 if char in word[-2:] else len(word) - word.rindex(char)
