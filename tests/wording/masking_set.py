"""Texts with their personal data marked, and how much of it masking hides.

A line is an utterance with marks ``[kind:text]`` that do not nest. ``masking_tune.txt`` was at hand while the
rules were written, ``masking_report.txt`` was opened once they stood. Both are by an author who had not seen
the rules; the people and numbers are invented.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
TUNE, REPORT = FOLDER / "masking_tune.txt", FOLDER / "masking_report.txt"

NUMBERS = ("phone", "id", "plate", "bank")

_MARK = re.compile(r"\[(\w+):([^\[\]]*)\]")
_NUMERALS = "0123456789０１２３４５６７８９零〇一二三四五六七八九十百幺兩两洞拐勾叉"
_PROVINCES = (
    "京津滬沪渝冀豫雲云遼辽黑湘皖魯鲁新蘇苏浙贛赣鄂桂甘晉晋蒙陝陕吉閩闽貴贵粵粤青藏川寧宁瓊琼港澳"
)
_FILLERS = re.compile(
    "嗯|呃|欸|等一下啊?|然[後后]|再[來来]|那[個个]|就是|最[後后]是|[括杠轉转]|[號号]"
)
_UNITS = re.compile(
    "[號号][樓楼]|[單单]元|[號号]房|[車车]位|左手[邊边]|右手[邊边]|[棟栋座幢樓楼層层室房號号戶户期段巷弄區区第的之]"
)


@dataclass(frozen=True, slots=True)
class Mark:
    """A personal value: where it stands in the text without marks, and which characters identify."""

    kind: str
    start: int
    end: int
    identifying: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """An utterance as it was said, and what of it is personal."""

    text: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Hidden:
    """Of a kind: identifying characters and how many are hidden, values and how many are wholly so."""

    characters: int
    characters_hidden: int
    values: int
    values_hidden: int

    @property
    def recall(self) -> float:
        return self.characters_hidden / self.characters

    @property
    def whole(self) -> float:
        return self.values_hidden / self.values


@dataclass(frozen=True, slots=True)
class Measured:
    """``of`` each kind; ``precision`` is the share of hidden characters that stand inside a mark."""

    of: dict[str, Hidden]
    precision: float
    lines_overmasked: int
    lines_without: int

    def together(self, kinds: Iterable[str]) -> Hidden:
        some = [self.of[kind] for kind in kinds]
        return Hidden(
            sum(one.characters for one in some),
            sum(one.characters_hidden for one in some),
            sum(one.values for one in some),
            sum(one.values_hidden for one in some),
        )


def read_lines(path: Path) -> tuple[Line, ...]:
    return tuple(_line(one) for one in path.read_text(encoding="utf-8").splitlines() if one)


def measured(lines: Iterable[Line], shown: Iterable[str], mask: str) -> Measured:
    """How much ``shown``, each line's text after masking, hides; ``mask`` stands for a hidden character."""
    counts: Counter[tuple[str, str]] = Counter()
    hidden = inside = overmasked = without = 0
    for line, text in zip(lines, shown, strict=True):
        marked = {at for mark in line.marks for at in range(mark.start, mark.end)}
        gone = {at for at, char in enumerate(text) if char == mask != line.text[at]}
        hidden, inside = hidden + len(gone), inside + len(gone & marked)
        without += not line.marks
        overmasked += bool(gone - marked)
        for one in line.marks:
            held = len(gone & set(one.identifying))
            counts[one.kind, "characters"] += len(one.identifying)
            counts[one.kind, "characters hidden"] += held
            counts[one.kind, "values"] += 1
            counts[one.kind, "values hidden"] += held == len(one.identifying)
    kinds = dict.fromkeys(kind for kind, _ in counts)
    of = {
        kind: Hidden(
            counts[kind, "characters"],
            counts[kind, "characters hidden"],
            counts[kind, "values"],
            counts[kind, "values hidden"],
        )
        for kind in kinds
    }
    return Measured(of, inside / hidden, overmasked, without)


def _line(marked: str) -> Line:
    text, marks, at = "", list[Mark](), 0
    for found in _MARK.finditer(marked):
        text += marked[at : found.start()]
        start = len(text)
        text += found[2]
        places = (start + place for place in _identifying(found[1], found[2]))
        marks.append(Mark(found[1], start, len(text), tuple(places)))
        at = found.end()
    return Line(text + marked[at:], tuple(marks))


def _identifying(kind: str, text: str) -> Iterator[int]:
    """Digits, numerals, letters and characters of names; no unit, filler, sign or 的."""
    passed = _FILLERS if kind in NUMBERS else _UNITS if kind == "address" else re.compile("的")
    idle = {at for found in passed.finditer(text) for at in range(*found.span())}
    if kind == "address":
        idle |= {at for found in _FILLERS.finditer(text) for at in range(*found.span())}
    for at, char in enumerate(text):
        if at in idle or not char.isalnum():
            continue
        plate = kind == "plate" and char in _PROVINCES
        if kind not in NUMBERS or char in _NUMERALS or char.isascii() or plate:
            yield at
