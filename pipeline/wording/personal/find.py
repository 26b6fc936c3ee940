"""Personal data of a text, and of turns that follow each other."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from pipeline.wording.personal.addresses import addresses
from pipeline.wording.personal.emails import emails
from pipeline.wording.personal.names import names
from pipeline.wording.personal.numbers import PROVINCES, kind_of, plate_range
from pipeline.wording.personal.numerals import runs
from pipeline.wording.personal.values import PersonalData, folded


@lru_cache(maxsize=4096)
def find_in_text(text: str) -> tuple[PersonalData, ...]:
    """The personal data of one text by itself."""
    plain = folded(text)
    found: list[PersonalData] = []
    rest = plain
    for start, end in emails(rest):
        found.append(PersonalData(start, end, "email"))
        rest = _without(rest, start, end)
    for (start, end), parts in addresses(rest):
        found += [PersonalData(a, b, "address") for a, b in parts]
        rest = _without(rest, start, end)
    floor = 0
    for run in runs(rest):
        kind = kind_of(run, rest, floor)
        if kind is not None:
            floor = run.end
            found += [PersonalData(a, b, kind) for a, b in plate_range(run, rest, kind)]
            rest = _without(rest, run.start, run.end)
    found += [PersonalData(a, b, "name") for a, b in names(rest)]
    return tuple(sorted(found))


def _without(text: str, start: int, end: int) -> str:
    return text[:start] + "\0" * (end - start) + text[end:]


def find_personal(turns: Sequence[str]) -> tuple[tuple[PersonalData, ...], ...]:
    return tuple(find_in_text(turn) for turn in turns)
