"""A call in Traditional characters, which its readers read.

Whisper writes either script, and changes it within a call (「我家厨房的水管漏水,現在地上全失了」). The store
keeps what it wrote: the closer listen reads on from those very tokens, and matching is in Simplified
characters anyhow. What people are shown is in one script, without what was heard before it was spelt anew.
Every text keeps its length, so that times and highlights still fit.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache

import opencc

from pipeline.records import Call, Dropped, Judged, Utterance, worded
from pipeline.wording.rewording import Details, reworded

TRADITIONAL_LEADS = range(0xA4, 0xC7)
"""First bytes of Big5's frequently used characters. Those are written in Traditional texts too, where
OpenCC, which takes every text for Simplified, would make 不准 不準 and 老娘 老孃 of them."""

MERGED = frozenset("丰么于云仆余儿几划后听坏夸干并征愿扑挂斗杰筑准荐虫里郁采范咸只松系制周板")
"""But these of them are converted, since they are far more often Simplified characters for others."""

WRITTEN = str.maketrans("溼", "濕")
"""What Taiwan's tables prescribe, as nearly all who live there write it."""

KEPT = re.compile(
    "[余于范](?=先生|小姐|女士|太太|師傅|师傅|師父|师父|經理|经理|主任)|(?<=姓)[余于范]|"
    "(?<=[不批獲获允])准|准(?=[許许你我他她])|(?<=[鄰邻])里|里(?=[長长民])"
)
"""And not where they are themselves: surnames, permission, a neighbourhood."""


HALF = re.compile("(?<=[\u4e00-\u9fff＊])[,!?:;]")
FULL = {",": "，", "!": "！", "?": "？", ":": "：", ";": "；"}
"""Punctuation behind a Chinese character, which recognition writes half as wide."""


@lru_cache(maxsize=4096)
def traditional(text: str) -> str:
    """The text in Traditional characters, at the same length; what is Traditional stays as it is.

    >>> traditional("我家厨房漏水,前台的余先生說后天來"), traditional("不准的, OK 再见")
    ('我家廚房漏水,前台的余先生說後天來', '不准的, OK 再見')
    """
    if text.isascii():
        return text
    converted: str = _converter().convert(text).translate(WRITTEN)
    if converted == text:
        return text
    if len(converted) != len(text):  # one word for another, or a zero byte, which ends a text in C
        alone = ((own, _converter().convert(own)) for own in text)
        converted = "".join(other if len(other) == 1 else own for own, other in alone)
    kept = {found.start() for found in KEPT.finditer(text)}
    return "".join(
        own if at in kept or (own not in MERGED and _traditional_has(own)) else other
        for at, (own, other) in enumerate(zip(text, converted, strict=True))
    )


@lru_cache(maxsize=8192)
def _traditional_has(character: str) -> bool:
    code = character.encode("big5", "ignore")
    return bool(code) and code[0] in TRADITIONAL_LEADS


def as_printed(text: str) -> str:
    """The text in Traditional characters, with the punctuation that goes with them.

    >>> as_printed("厨房漏水,请问＊＊:在吗? 1,200")
    '廚房漏水，請問＊＊：在嗎？ 1,200'
    """
    return HALF.sub(lambda found: FULL[found[0]], traditional(text))


def in_traditional(judged: Judged) -> Judged:
    """A call and its scorecard in Traditional characters; tags, which are the user's own, as they are."""
    return reworded(judged, _InTraditional(judged.call))


class _InTraditional:
    """See :class:`pipeline.wording.rewording.Rewording`."""

    def __init__(self, call: Call) -> None:
        self.call = replace(
            call,
            utterances=tuple(map(_utterance, call.utterances)),
            dropped=tuple(map(_dropped, call.dropped)),
        )
        tags = call.recording.record.tags
        self._tags = {value for _, value in tags} | {f"{name}={value}" for name, value in tags}

    def quote(self, text: str) -> str:
        return text if text in self._tags else as_printed(text)

    def details(self, details: Details) -> Details:
        return tuple([(name, self.quote(value)) for name, value in details])


def _utterance(utterance: Utterance) -> Utterance:
    """Converted as one text, since a word tells which character is meant, and cut back into its words."""
    text = utterance.text
    converted = as_printed(text)
    if converted == text and not utterance.heard:
        return utterance
    return replace(utterance, words=worded(converted, utterance.words), heard="")


def _dropped(drop: Dropped) -> Dropped:
    return replace(drop, text=as_printed(drop.text))


@cache
def _converter() -> opencc.OpenCC:
    # by whole words, in the characters that Taiwan writes; its own words for things it does not put in
    return opencc.OpenCC("s2tw")
