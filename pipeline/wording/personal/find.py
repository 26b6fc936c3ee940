"""Personal data of a text, and of turns that follow each other.

A number is dictated over several turns, with the other's 嗯 or a repetition after each part. So the turns
of one voice are read as one text as long as nobody says much in between, and before it stands what the
other asked last (「電話幾號？」 「零九一二」). What was recognised once is hidden wherever it comes again.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from pipeline.wording.personal.addresses import addresses
from pipeline.wording.personal.emails import emails, local_part
from pipeline.wording.personal.names import names
from pipeline.wording.personal.numbers import (
    PROVINCES,
    check_letters,
    counted,
    grouped,
    hidden,
    kind_of,
    moments,
)
from pipeline.wording.personal.numerals import Run, runs
from pipeline.wording.personal.values import Kind, PersonalData, folded
from pipeline.wording.segment import frequency

SHORT = 20
"""Characters that others may say before a voice's next turn begins a text of its own: a repetition of a
part of a number, or 「嗯，好的，請說」."""

ASKED = 30
"""Characters of what another said last that are read as the question."""

PART = 3
"""Digits of a number known from elsewhere in the call by which it is recognised again."""

LOCAL = 4
"""Characters of an e-mail address before its @ by which it is known again."""

BETWEEN = " "
"""Stands between turns: it parts words and lets numbers go on."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What one voice said without a pause; ``voice`` tells it from others."""

    voice: Hashable
    text: str


@dataclass(frozen=True, slots=True)
class _Found:
    """What one text holds: the data, its numbers as digits, words to know again, runs left visible."""

    data: tuple[PersonalData, ...]
    numbers: tuple[tuple[str, Kind], ...]
    words: tuple[tuple[str, Kind], ...]
    visible: tuple[Run, ...]


@dataclass(slots=True)
class _Stretch:
    """Turns of one voice read as one text, and where each begins in it."""

    text: str
    turns: list[tuple[int, int]] = field(default_factory=list)
    other: int = 0

    def add(self, number: int, text: str) -> None:
        if self.text:
            self.text += BETWEEN
        self.turns.append((number, len(self.text)))
        self.text += text
        self.other = 0


def find_in_text(text: str) -> tuple[PersonalData, ...]:
    """The personal data of one text by itself, in order.

    >>> [data.kind for data in find_in_text("我姓陈，电话138 2650 7731")]
    ['name', 'phone']
    """
    return _found(folded(text)).data


def digits_in(text: str) -> tuple[PersonalData, ...]:
    """Every number of two digits and more, whatever it is: for words that are not read but may be shown."""
    plain = folded(text)
    spans = (span for run in runs(plain) for span in run.spans(plain))
    return tuple(PersonalData(start, end, "phone") for start, end in spans)


def find_personal(turns: Sequence[Turn]) -> tuple[tuple[PersonalData, ...], ...]:
    """The personal data of each turn of a conversation, in its characters.

    >>> find_personal([Turn("a", "電話幾號"), Turn("b", "零九"), Turn("a", "嗯"), Turn("b", "一二")])[3]
    (PersonalData(start=0, end=2, kind='phone'),)
    """
    plain = [folded(turn.text) for turn in turns]
    hits: list[set[PersonalData]] = [set() for _ in turns]
    known_numbers: dict[str, Kind] = {}
    known_words: dict[str, Kind] = {}
    visible: list[tuple[_Stretch, Run]] = []
    for stretch in _stretches(turns, plain):
        found = _found(stretch.text)
        known_numbers.update(found.numbers)
        known_words.update(found.words)
        visible += [(stretch, run) for run in found.visible]
        for data in found.data:
            _place(data, stretch, plain, hits)
    for stretch, run in visible:
        for number, kind in known_numbers.items():
            if run.digits in number:
                for start, end in run.spans(stretch.text):
                    _place(PersonalData(start, end, kind), stretch, plain, hits)
                break
    for word, kind in known_words.items():
        for at, text in enumerate(plain):
            start = text.find(word)
            while start >= 0:
                hits[at].add(PersonalData(start, start + len(word), kind))
                start = text.find(word, start + 1)
    return tuple(tuple(sorted(one)) for one in hits)


def _stretches(turns: Sequence[Turn], plain: Sequence[str]) -> Iterator[_Stretch]:
    """The turns as texts to read, each with what another voice said last before it."""
    open_: dict[Hashable, _Stretch] = {}
    last: dict[Hashable, str] = {}
    for number, turn in enumerate(turns):
        for voice, stretch in list(open_.items()):
            if voice != turn.voice:
                stretch.other += len(plain[number])
                if stretch.other > SHORT:
                    yield open_.pop(voice)
        if turn.voice not in open_:
            before = [text for voice, text in last.items() if voice != turn.voice]
            open_[turn.voice] = _Stretch(before[-1][-ASKED:] if before else "")
        open_[turn.voice].add(number, plain[number])
        last.pop(turn.voice, None)
        last[turn.voice] = plain[number]
    yield from open_.values()


def _place(
    data: PersonalData, stretch: _Stretch, plain: Sequence[str], hits: list[set[PersonalData]]
) -> None:
    """Put data of a stretch into the turns that hold it."""
    for number, begun in stretch.turns:
        start, end = max(data.start - begun, 0), min(data.end - begun, len(plain[number]))
        if start < end:
            hits[number].add(PersonalData(start, end, data.kind))


@lru_cache(maxsize=4096)
def _found(text: str) -> _Found:
    """What a folded text holds. What is recognised is blanked, so that nothing is taken twice."""
    data: list[PersonalData] = []
    numbers: list[tuple[str, Kind]] = []
    visible: list[Run] = []
    rest = text
    for start, end in emails(rest):
        data.append(PersonalData(start, end, "email"))
        rest = _without(rest, start, end)
    for start, end in moments(rest):
        rest = _without(rest, start, end)
    for (start, end), parts in addresses(rest):
        data += [PersonalData(a, b, "address") for a, b in parts]
        rest = _without(rest, start, end)
    for start, end in grouped(rest):
        data.append(PersonalData(start, end, "phone"))
        rest = _without(rest, start, end)
    floor, uncovered = 0, rest
    for run in runs(uncovered):
        kind = kind_of(run, uncovered, floor)
        if kind is not None:
            data += [PersonalData(a, b, kind) for a, b in hidden(run, uncovered, kind)]
            if len(run.digits) >= PART:
                numbers.append((run.digits, kind))
            rest = _without(rest, run.start, run.end)
            floor = run.end
        elif len(run.digits) >= PART and not counted(run, uncovered):
            visible.append(run)
    data += [PersonalData(a, b, "id") for a, b in check_letters(rest)]
    called = names(rest)
    data += [PersonalData(a, b, "name") for a, b in called]
    return _Found(tuple(sorted(data)), tuple(numbers), tuple(_words(text, data)), tuple(visible))


def _words(text: str, data: Sequence[PersonalData]) -> Iterator[tuple[str, Kind]]:
    """What is known again wherever it stands: full names, given names that are no word, 粵B."""
    for one in data:
        word = text[one.start : one.end]
        if one.kind == "name" and 2 <= len(word) <= 4 and word.isalpha():
            yield word, "name"
            if len(word) == 3 and not frequency(word[1:]):
                yield word[1:], "name"
        elif one.kind == "email" and len(local_part(word)) >= LOCAL:
            yield local_part(word), "email"
        elif one.kind == "plate" and word[0] in PROVINCES:
            yield text[one.start : one.start + 2], "plate"


def _without(text: str, start: int, end: int) -> str:
    return text[:start] + "\0" * (end - start) + text[end:]
