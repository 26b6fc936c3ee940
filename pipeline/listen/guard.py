"""Words Whisper wrote that nobody said.

Trained on captions, it fills what it cannot hear with what captions hold. Three guards, each of
which counts what it throws away: words where no voice was active, the same words over and over, and
the caption phrases it is known to invent.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from itertools import accumulate

from pipeline.records import Dropped, Span, Word
from pipeline.wording.normalise import normalise

NEAR_SPEECH_MS = 250
"""How far a word may lie outside voice activity: Whisper's word times are exact to about 0.2 s."""

PHANTOMS = (
    "字幕由",
    "字幕志願",
    "字幕組",
    "字幕製作",
    "字幕提供",
    "字幕by",
    "中文字幕",
    "請不吝點贊",
    "點贊訂閱",
    "訂閱轉發",
    "打賞支持",
    "明鏡與點點",
    "謝謝觀看",
    "感謝觀看",
    "謝謝收看",
    "感謝收看",
    "歡迎訂閱",
    "優優獨播劇場",
    "獨播劇場",
    "詞曲",
    "作詞",
    "amara",
    "yoyo television",
    "普通話的電話對話",
)
"""Captions Whisper writes over silence in Chinese (openai/whisper discussions 928 and 1762, and its
prompt echoed). None of them is said at a front desk."""

ALONE = "字幕"
"""Invented where it is all that is said: who complains that the lift's 字幕 run too fast says more."""

LOOP = re.compile(r"(.{1,15}?)\1{3,}")
SHORT_UNIT = 3
SHORT_UNIT_REPEATS = 8
"""「對對對對」 is how people talk: a unit of one or two characters is a loop from 8 times on."""

SENTENCE_END = frozenset("。！？!?")
SENTENCE_GAP_MS = 800


def drop_invented(
    words: Iterable[tuple[Word, bool]], speech: tuple[Span, ...], channel: int
) -> tuple[tuple[Word, ...], tuple[Dropped, ...]]:
    """The words somebody said, and those nobody did, in order.

    Args:
        words: each with whether its time lies in sound that was given to the engine at all
        speech: voice activity of the channel
        channel: for the record of what was dropped
    """
    said: list[Word] = []
    dropped: list[Dropped] = []
    for word, placed in words:
        near = word.span.padded(NEAR_SPEECH_MS, NEAR_SPEECH_MS)
        if placed and any(near.overlap_ms(span) for span in speech):
            said.append(word)
        else:
            dropped.append(Dropped("no_speech", channel, word.span, word.text))
    kept: list[Word] = []
    for sentence in _sentences(said):
        begun = _phantom_from(sentence)
        kept += sentence[:begun]
        if invented := sentence[begun:]:
            span = Span(invented[0].span.start_ms, invented[-1].span.end_ms)
            text = "".join(word.text for word in invented)
            dropped.append(Dropped("phantom", channel, span, text))
    said = []
    for stretch in _stretches(kept):
        left, loops = _without_loops(stretch, channel)
        said += left
        dropped += loops
    return tuple(said), tuple(sorted(dropped, key=lambda drop: drop.span))


def is_phantom(text: str) -> bool:
    """Whether a sentence holds one of the captions Whisper invents.

    >>> is_phantom("請不吝點贊、訂閱、轉發"), is_phantom("請問您貴姓")
    (True, False)
    """
    return _invented_at(normalise(text).text) is not None


def _invented_at(plain: str) -> int | None:
    """Where in normalised text the first caption begins."""
    if plain == ALONE:
        return 0
    places = (plain.find(normalise(phantom).text) for phantom in PHANTOMS)
    return min((place for place in places if place >= 0), default=None)


def _phantom_from(sentence: list[Word]) -> int:
    """The word from which on a sentence is invented; one past its last if it is not.

    Whisper may write no mark for a minute: what stands before the caption was said.
    """
    text = "".join(word.text for word in sentence)
    heard = normalise(text)
    place = _invented_at(heard.text)
    if place is None:
        return len(sentence)
    # as it was written: 「13」 and 「86」, two words, are one number in the common form
    begun = heard.offsets[place][0]
    return bisect_right([*accumulate(len(word.text) for word in sentence)], begun)


def _sentences(words: list[Word]) -> Iterator[list[Word]]:
    for stretch in _stretches(words):
        sentence: list[Word] = []
        for word in stretch:
            sentence.append(word)
            if SENTENCE_END & set(word.text):
                yield sentence
                sentence = []
        if sentence:
            yield sentence


def _stretches(words: list[Word]) -> Iterator[list[Word]]:
    """Words without a rest in between. 「嗯。」 said ten times in ten places is no loop."""
    stretch: list[Word] = []
    for word in words:
        if stretch and word.span.start_ms - stretch[-1].span.end_ms > SENTENCE_GAP_MS:
            yield stretch
            stretch = []
        stretch.append(word)
    if stretch:
        yield stretch


def has_loop(text: str) -> bool:
    """Whether a text says the same over and over, as nobody does.

    >>> has_loop("工廠增大產值" * 5), has_loop("對對對對")
    (True, False)
    """
    return any(_loops(text))


def _loops(text: str) -> Iterator[tuple[int, int, int]]:
    """Where each loop starts and ends in a text, and the length of what it repeats."""
    for found in LOOP.finditer(text):
        unit = len(found.group(1))
        rounds = (found.end() - found.start()) // unit
        if unit >= SHORT_UNIT or rounds >= SHORT_UNIT_REPEATS:
            yield found.start(), found.end(), unit


def _without_loops(words: list[Word], channel: int) -> tuple[list[Word], list[Dropped]]:
    """Words with every loop cut down to its first round."""
    text = "".join(word.text for word in words)
    starts, at = [], 0
    for word in words:
        starts.append(at)
        at += len(word.text)
    looped: set[int] = set()
    dropped: list[Dropped] = []
    for begun, ended, unit in _loops(text):
        rounds = range(begun + unit, ended)
        cut = [index for index, start in enumerate(starts) if start in rounds]
        if cut:
            looped.update(cut)
            span = Span(words[cut[0]].span.start_ms, words[cut[-1]].span.end_ms)
            lost = "".join(words[index].text for index in cut)
            dropped.append(Dropped("loop", channel, span, lost))
    return [word for index, word in enumerate(words) if index not in looped], dropped
