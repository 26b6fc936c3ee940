"""What each party says in one go: the words between two turns of the other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import fmean

from pipeline.judge.floor import ACKNOWLEDGEMENT
from pipeline.records import Role, Span, Utterance
from pipeline.wording.normalise import normalise


@dataclass(frozen=True, slots=True)
class Turn:
    """Utterances of one role in a row. ``heard`` is their text normalised, ``clearness`` how sure their words
    are on average.
    """

    role: Role
    span: Span
    text: str
    heard: str
    clearness: float


def turns_of(utterances: Iterable[Utterance]) -> tuple[Turn, ...]:
    """The turns of a call, in order. Who only says 「嗯」 or 「好的」 meanwhile takes no turn."""
    rows: list[list[Utterance]] = []
    for one in utterances:
        row = rows[-1] if rows else None
        if row and row[-1].role == one.role:
            row.append(one)
        elif row and ACKNOWLEDGEMENT.fullmatch(normalise(one.text).text):
            continue
        else:
            rows.append([one])
    return tuple(_turn(row) for row in rows)


def _turn(row: list[Utterance]) -> Turn:
    words = [word.probability for one in row for word in one.words]
    return Turn(
        row[0].role,
        Span(row[0].span.start_ms, max(one.span.end_ms for one in row)),
        "".join(one.text for one in row),
        "".join(normalise(one.text).text for one in row),
        fmean(words) if words else 0.0,
    )
