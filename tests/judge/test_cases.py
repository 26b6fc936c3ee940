"""Each clause has dialogues that must fail it, must pass it, and to which it does not apply."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.judge.cases import TestCase, coverage, read_cases, run
from pipeline.judge.load import Standard, load_standard
from pipeline.settings import default_standard
from pipeline.show.language import language_named
from pipeline.show.reasons import put

CASES = Path(__file__).parent.parent / "cases"
STANDARD = load_standard(default_standard())


@pytest.fixture(scope="module")
def standard() -> Standard:
    return STANDARD


@pytest.mark.parametrize(
    "case",
    [
        pytest.param(case, id=f"{case.clause}-{case.expected}-{case.dialogue.name}")
        for case in read_cases(CASES, STANDARD)
    ],
)
def test_clause_rules_the_dialogue(standard: Standard, case: TestCase) -> None:
    verdict = run(case, standard).verdict
    assert verdict.status == case.expected, (case.where, verdict)
    for language in ("zh-Hant", "en"):
        assert put(verdict.reason, language_named(language))


def test_every_judged_clause_has_cases_both_ways(standard: Standard) -> None:
    held = coverage(standard, read_cases(CASES, standard))
    judged = {clause.id for clause in standard.model.clauses if clause.require is not None}
    assert {clause: {"fail", "pass"} - set(held[clause]) for clause in judged} == {
        clause: set() for clause in judged
    }


def test_every_clause_about_some_calls_has_a_call_it_is_not_about(standard: Standard) -> None:
    held = coverage(standard, read_cases(CASES, standard))
    judged = [clause for clause in standard.model.clauses if clause.require is not None]
    narrow = {c.id for c in judged if c.applies.model_dump(exclude_defaults=True)}
    assert {clause for clause in narrow if not held[clause]["not_applicable"]} == set()
