"""Dialogues that a clause must fail, must pass, and to which it does not apply.

A standard whose author cannot show such a dialogue for a clause does not know what the clause means.
A file holds one clause::

    clause: "4.1.7.1"
    fail:
      - name: only the customer says it
        turns:
          - customer: 沒事了，再見。
          - agent: 嗯。
    pass: …
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import Field

from pipeline.errors import StandardError
from pipeline.judge.dialogue import Dialogue, call_of
from pipeline.judge.grammar import Model
from pipeline.judge.judge import settle
from pipeline.judge.load import Standard
from pipeline.judge.source import did_you_mean, read_source
from pipeline.records import Answer, Call, Question, Scorecard, Status, Verdict

NOT_HEARD = -20.0
HEARD = 20.0
"""Answers of a closer listen that nobody can doubt, in nat a token."""

EXPECTED: tuple[Status, ...] = ("fail", "pass", "not_applicable", "unjudged")


class CaseFile(Model):
    """The dialogues of one clause, by what must come out."""

    clause: str
    fail: tuple[Dialogue, ...] = ()
    passed: tuple[Dialogue, ...] = Field(default=(), alias="pass")
    not_applicable: tuple[Dialogue, ...] = ()
    unjudged: tuple[Dialogue, ...] = ()


@dataclass(frozen=True, slots=True)
class TestCase:
    """One dialogue, and what a clause must rule on it."""

    __test__ = False  # not for pytest, which collects classes of this name

    clause: str
    expected: Status
    dialogue: Dialogue
    where: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came out."""

    case: TestCase
    verdict: Verdict

    @property
    def right(self) -> bool:
        return self.verdict.status == self.case.expected


def read_cases(folder: Path, standard: Standard) -> tuple[TestCase, ...]:
    """Every case of a folder's YAML files, in the order of their names.

    Raises:
        StandardError: no such folder, no file in it, or a file that is not as it should be.
    """
    files = sorted(file for end in ("yaml", "yml") for file in folder.glob(f"*.{end}"))
    if not files:
        raise StandardError(
            str(folder),
            "no .yaml or .yml file" if folder.is_dir() else "no such folder",
            "a folder of case files: for each clause dialogues under fail, pass, not_applicable",
            "Give the folder that holds them.",
        )
    return tuple(case for file in files for case in _cases(file, standard))


def run(case: TestCase, standard: Standard) -> Outcome:
    """Rule on one dialogue. Unless it says otherwise, a closer listen finds no more than the words."""
    scorecard = settled(
        call_of(case.dialogue), standard, heard=case.dialogue.closer_listen == "heard"
    )
    return Outcome(case, scorecard.verdict(case.clause))


def settled(call: Call, standard: Standard, *, heard: bool = False) -> Scorecard:
    """Judge a call whose every question is answered the same way."""
    score = HEARD if heard else NOT_HEARD

    def closer_listen(questions: Sequence[Question]) -> list[Answer]:
        return [Answer(question, score) for question in questions]

    return settle(call, standard, (), closer_listen).scorecard


def coverage(standard: Standard, cases: Iterable[TestCase]) -> Mapping[str, Counter[Status]]:
    """How many cases each clause of a standard has, by what they expect."""
    held: dict[str, Counter[Status]] = {clause.id: Counter() for clause in standard.model.clauses}
    for case in cases:
        held[case.clause][case.expected] += 1
    return held


def _cases(file: Path, standard: Standard) -> Iterator[TestCase]:
    source = read_source(file, "a case file", "Correct its permissions.")
    content = source.validated(CaseFile)
    known = [clause.id for clause in standard.model.clauses]
    if content.clause not in known:
        raise StandardError(
            source.at(("clause",)),
            f"clause {content.clause!r}",
            f"a clause of {standard.model.id}",
            did_you_mean(content.clause, known) or "Correct the number.",
        )
    for status, dialogues in zip(
        EXPECTED,
        (content.fail, content.passed, content.not_applicable, content.unjudged),
        strict=True,
    ):
        for index, one in enumerate(dialogues):
            yield TestCase(content.clause, status, one, source.at((status, index)))
