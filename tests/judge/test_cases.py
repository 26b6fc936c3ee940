"""Each clause has dialogues that must fail it, must pass it, and to which it does not apply."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.judge.judge import judge
from pipeline.judge.load import Standard, load_standard
from pipeline.records import Answer
from pipeline.settings import default_standard
from pipeline.show.language import language_named
from pipeline.show.reasons import put
from tests.dialogue import call_of

CASES = Path(__file__).parent.parent / "cases"
STATUSES = ("fail", "pass", "not_applicable", "unjudged")
NOT_HEARD = -20.0
HEARD = 20.0


def _cases() -> Iterator[Any]:
    for file in sorted(CASES.glob("*.yaml")):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        for status in STATUSES:
            for case in content.get(status, ()):
                name = f"{content['clause']}-{status}-{case['name']}"
                yield pytest.param(content["clause"], status, case, id=name)


@pytest.fixture(scope="module")
def standard() -> Standard:
    return load_standard(default_standard())


@pytest.mark.parametrize(("clause", "status", "case"), list(_cases()))
def test_clause_rules_the_dialogue(
    standard: Standard, clause: str, status: str, case: dict[str, Any]
) -> None:
    call = call_of(case["turns"], case.get("record"))
    score = HEARD if case.get("closer_listen") == "heard" else NOT_HEARD
    first = judge(call, standard)
    answers = [Answer(question, score) for question in first.questions]
    verdict = judge(call, standard, answers).scorecard.verdict(clause)
    assert verdict.status == status, verdict
    for language in ("zh-Hant", "en"):
        assert put(verdict.reason, language_named(language))


def test_every_judged_clause_has_cases_both_ways(standard: Standard) -> None:
    held: dict[str, set[str]] = {}
    for file in CASES.glob("*.yaml"):
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
        held[content["clause"]] = {status for status in STATUSES if content.get(status)}
    judged = {clause.id for clause in standard.model.clauses if clause.require is not None}
    assert {clause: {"fail", "pass"} - held.get(clause, set()) for clause in judged} == {
        clause: set() for clause in judged
    }
