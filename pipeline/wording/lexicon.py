"""Phrase lists -> patterns.

A lexicon is a text file, one phrase a line::

    # what follows a hash is a comment
    請(您)稍(等|候)(一下)     (optional) parts, (one|of) several
    早上好|早安               alternatives for a whole line
    {org}                     a slot, filled from the standard's `slots`
    !不知道您                 an exception: a match inside or across this wording does not count
    麻煩您 *3                 a weight: what one match counts where matches are added up; 1 unless said

Write in either script; both sides are normalised before they meet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import prod
from pathlib import Path

from pipeline.errors import StandardError
from pipeline.wording.normalise import common_forms

MOST_BYTES = 4 << 20
"""Of a file that people write. Of the shipped standard the rules take 42 KB, the longest lexicon 107 KB, the
example calls 1.2 MB."""

MOST_WORDINGS = 60_000
"""Of one lexicon. The longest shipped one has 43,000; a standard of 167,000 compiles in 5 s."""

MOST_EXCEPTIONS = 10_000

LONGEST_WORDING = 100
"""Characters. The longest shipped one has 14; nobody says a hundred in one breath the same way twice."""

MOST_VARIANTS = 256
"""Wordings one alternative of a line may stand for. Past this it is a mistake, or wants several lines."""

MOST_OF_A_LINE = 1_024

COUNTABLE = 10**15
"""Wordings up to which their number is told; Python writes none of thousands of digits."""

WEIGHT = re.compile(r"\s\*(\d{1,3}(?:\.\d{1,3})?)$")
"""A weight at the end of a line. Any other asterisk is a mistake: as punctuation it would vanish and
leave its numeral as part of the phrase."""

WIDE = {"（": "(", "）": ")", "｜": "|", "｛": "{", "｝": "}"}
WIDE_FIRST = {"！": "!", "＃": "#"}
"""What a line means something by, as a Chinese keyboard writes it: anywhere, and at its beginning."""

PIECES = re.compile(r"\(([^(){}]*)\)|\{([^{}]*)\}|([^(){}]+)")


@dataclass(frozen=True, slots=True)
class Phrase:
    """One line of a lexicon: ``written`` as its author wrote it, ``variants`` normalised.

    ``spoken`` holds the variants before normalisation, in the author's script: what a speech model
    would write if it heard them. ``weight`` is what one match counts where matches are added up.
    """

    written: str
    variants: tuple[str, ...]
    spoken: tuple[str, ...]
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The phrases of one file. ``exceptions`` are normalised wordings in which no match counts."""

    name: str
    phrases: tuple[Phrase, ...]
    exceptions: tuple[str, ...]

    @property
    def variants(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(v for phrase in self.phrases for v in phrase.variants))

    @property
    def spoken(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(s for phrase in self.phrases for s in phrase.spoken))


def read_lexicon(path: Path, slots: Mapping[str, tuple[str, ...]]) -> Lexicon:
    """Read one lexicon file (UTF-8, with or without a byte order mark).

    Raises:
        StandardError: unreadable, not UTF-8, bad syntax, a bad weight, an unknown slot, or a line
            that could never count: empty once normalised, already said by earlier lines, or inside
            the file's own exceptions. Names file and line.
    """
    phrases: dict[int, Phrase] = {}
    exceptions: dict[str, int] = {}
    said: dict[str, int] = {}
    for number, line in enumerate(_lines(path), 1):
        text = line.split("#", 1)[0].strip()
        if not text:
            continue
        where = f"{path}:{number}"
        _refuse_wide(text, where)
        text, weight = _weighed(text, where)
        negative = text.startswith("!")
        spoken = _expand(text.lstrip("!").strip(), slots, where)
        _refuse_long(spoken, where)
        variants = tuple(dict.fromkeys(common_forms(spoken)))
        if not all(variants):
            raise StandardError(
                where,
                f"{text!r}, of which nothing is left once punctuation is gone",
                "a phrase with at least one character in each of its wordings",
                "Remove the line, or make only part of it optional.",
            )
        earlier = exceptions if negative else said
        _refuse_repeated(text, variants, earlier, where)
        for variant in variants:
            earlier.setdefault(variant, number)
        if len(said) > MOST_WORDINGS or len(exceptions) > MOST_EXCEPTIONS:
            raise StandardError(
                where,
                f"more than {MOST_WORDINGS} wordings or {MOST_EXCEPTIONS} exceptions up to here",
                "a lexicon that is compiled in seconds",
                "Split it into several, or let its lines stand for less.",
            )
        if not negative:
            phrases[number] = Phrase(text, variants, spoken, weight)
    if not phrases:
        raise StandardError(
            str(path), "no phrase", "one phrase a line", "Write one, or drop the file."
        )
    for number, phrase in phrases.items():
        _refuse_excepted(phrase, exceptions, f"{path}:{number}")
    return Lexicon(path.stem, tuple(phrases.values()), tuple(exceptions))


def _lines(path: Path) -> list[str]:
    return read_text(
        path, "a lexicon the standard names", "Add the file, or correct its name in standard.yaml."
    ).splitlines()


def read_text(path: Path, what: str, hint: str) -> str:
    """A file that people write; ``what`` it should be and a ``hint`` are told when it cannot be read.

    Raises:
        StandardError: as :func:`read_bytes`, or not UTF-8
    """
    try:
        return read_bytes(path, what, hint).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StandardError(
            str(path), f"byte {error.start} is not UTF-8", "a UTF-8 text file", "Save it as UTF-8."
        ) from error


def read_bytes(path: Path, what: str, hint: str) -> bytes:
    """What such a file holds.

    Raises:
        StandardError: no file, unreadable, or larger than ``MOST_BYTES``
    """
    try:
        if path.exists() and not path.is_file():
            raise StandardError(str(path), "a folder, pipe or device", what, hint)
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise StandardError(str(path), f"cannot be read ({error.strerror})", what, hint) from error
    if len(content) > MOST_BYTES:
        raise StandardError(
            str(path),
            f"more than {MOST_BYTES >> 20} MB",
            "a text that somebody wrote",
            "Split it, or give the right file.",
        )
    return content


def _refuse_wide(text: str, where: str) -> None:
    """A Chinese keyboard's 「（您）」 and 「！」 would be taken for punctuation, and mean something else."""
    wide = [char for char in text if char in WIDE] + [text[0]] * (text[0] in WIDE_FIRST)
    if wide:
        plain = WIDE.get(wide[0]) or WIDE_FIRST[wide[0]]
        raise StandardError(
            where,
            f"{text!r} with a full-width {wide[0]}",
            f"{plain}, where it has a meaning; as punctuation none is needed",
            f"Write {plain}, or leave it out.",
        )


def _refuse_long(spoken: tuple[str, ...], where: str) -> None:
    longest = max(map(len, spoken))
    if longest > LONGEST_WORDING:
        raise StandardError(
            where,
            f"a wording of {longest} characters",
            f"at most {LONGEST_WORDING}",
            "Write the part of it that everybody says.",
        )


def _refuse_repeated(
    text: str, variants: tuple[str, ...], earlier: Mapping[str, int], where: str
) -> None:
    """A line that adds nothing is a slip, and its weight would never count: earlier lines win."""
    if all(variant in earlier for variant in variants):
        lines = sorted({earlier[variant] for variant in variants})
        raise StandardError(
            where,
            f"{text!r}, whose every wording stands on line {', '.join(map(str, lines))} already",
            "a line with at least one wording of its own",
            "Remove the line.",
        )


def _refuse_excepted(phrase: Phrase, exceptions: Mapping[str, int], where: str) -> None:
    """No match counts that touches an exception, so a wording that holds one never does."""
    if all(any(map(variant.__contains__, exceptions)) for variant in phrase.variants):
        lines = sorted(
            {
                line
                for exception, line in exceptions.items()
                if any(exception in variant for variant in phrase.variants)
            }
        )
        raise StandardError(
            where,
            f"{phrase.written!r}, of which no wording can count for the exception on line "
            + ", ".join(map(str, lines)),
            "a phrase with at least one wording that holds no exception",
            "Remove the line, or make the exception longer.",
        )


def _weighed(text: str, where: str) -> tuple[str, float]:
    """A line without its weight, and the weight.

    >>> _weighed("麻煩您 *3", "here")
    ('麻煩您', 3.0)
    """
    found = WEIGHT.search(text)
    phrase = text[: found.start()].rstrip() if found else text
    weight = float(found.group(1)) if found else 1.0
    wrong = ""
    if "*" in phrase or "＊" in phrase:
        wrong = " with a weight that cannot be read"
    elif weight == 0:
        wrong = " with a weight of 0"
    elif found and text.startswith("!"):
        wrong = ", an exception with a weight"
    if wrong:
        raise StandardError(
            where,
            f"{text!r}{wrong}",
            "a phrase, a space, an asterisk and a number above 0 (再見 *2, 再見 *0.5)",
            "Correct the weight, or leave it out.",
        )
    return phrase, weight


def _expand(text: str, slots: Mapping[str, tuple[str, ...]], where: str) -> tuple[str, ...]:
    """Every wording a line stands for.

    >>> _expand("請(您)稍(等|候)", {}, "here")
    ('請稍等', '請稍候', '請您稍等', '請您稍候')
    """
    wordings: list[str] = []
    for alternative in _split_outside(text):
        choices = [_choices(piece, slots, where) for piece in _pieces(alternative, where)]
        count = prod(len(choice) for choice in choices)
        for number, most in ((count, MOST_VARIANTS), (len(wordings) + count, MOST_OF_A_LINE)):
            if number > most:
                many = number if number < COUNTABLE else "more than 10^15"
                raise StandardError(
                    where,
                    f"{many} wordings in one line",
                    f"at most {most}",
                    "Split the line into several.",
                )
        wordings += ["".join(parts) for parts in product(*choices)]
    return tuple(dict.fromkeys(wordings))


def _split_outside(text: str) -> list[str]:
    """The line cut at bars outside parentheses."""
    parts, depth, current = [], 0, ""
    for char in text:
        depth += (char in "({") - (char in ")}")
        if char == "|" and depth == 0:
            parts.append(current.strip())
            current = ""
        else:
            current += char
    return [*parts, current.strip()]


def _pieces(text: str, where: str) -> list[re.Match[str]]:
    found = list(PIECES.finditer(text))
    if "".join(piece.group() for piece in found) != text:
        raise StandardError(
            where,
            f"{text!r} with brackets that do not close or stand inside each other",
            "(optional), (one|of|several) or {slot}, none inside another",
            "Correct the brackets.",
        )
    return found


def _choices(
    piece: re.Match[str], slots: Mapping[str, tuple[str, ...]], where: str
) -> tuple[str, ...]:
    group, slot, plain = piece.groups()
    if plain is not None:
        return (plain,)
    if slot is not None:
        if slot not in slots:
            raise StandardError(
                where,
                f"slot {{{slot}}}",
                f"one of {', '.join(sorted(slots)) or 'none: the standard defines no slots'}",
                "Define it under `slots` in standard.yaml.",
            )
        return slots[slot]
    options = tuple(group.split("|"))
    return options if len(options) > 1 else ("", *options)
