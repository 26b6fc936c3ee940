"""What a check answers, before it becomes a verdict, and how answers combine."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.records import Evidence, Question, Reason, Status


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer. While ``questions`` wait for a closer listen its status is ``unjudged``."""

    status: Status
    reason: Reason
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0
    questions: tuple[Question, ...] = ()


RANK: dict[Status, int] = {"fail": 0, "unjudged": 1, "pass": 2, "not_applicable": 3}


def all_of(findings: list[Finding]) -> Finding:
    """Every part must pass: one failed part fails, else one in doubt leaves the whole in doubt.

    A failed part settles the matter, so the others' questions are no longer asked.
    """
    worst = min(findings, key=lambda finding: RANK[finding.status])
    decisive = [finding for finding in findings if finding.status == worst.status]
    asked = () if worst.status == "fail" else _questions(findings)
    return Finding(
        worst.status,
        _joined(decisive),
        tuple(evidence for finding in decisive for evidence in finding.evidence),
        min(finding.confidence for finding in decisive),
        asked,
    )


def any_of(findings: list[Finding]) -> Finding:
    """One part must pass: else one in doubt leaves the whole in doubt, else it fails."""
    passed = [finding for finding in findings if finding.status == "pass"]
    if passed:
        return max(passed, key=lambda finding: finding.confidence)
    doubtful = [finding for finding in findings if finding.status == "unjudged"]
    if doubtful:
        return Finding(
            "unjudged",
            _joined(doubtful),
            tuple(evidence for finding in doubtful for evidence in finding.evidence),
            min(finding.confidence for finding in doubtful),
            _questions(findings),
        )
    return Finding(
        "fail", _joined(findings), findings[0].evidence, min(f.confidence for f in findings)
    )


def _questions(findings: list[Finding]) -> tuple[Question, ...]:
    return tuple(dict.fromkeys(q for finding in findings for q in finding.questions))


def _joined(findings: list[Finding]) -> Reason:
    """One reason for several findings of one kind: the first's code, the details side by side."""
    reasons = list(dict.fromkeys(finding.reason for finding in findings))
    if len({reason.code for reason in reasons}) > 1:
        return reasons[0]
    details: dict[str, list[str]] = {}
    for reason in reasons:
        for name, value in reason.details:
            if value not in details.setdefault(name, []):
                details[name].append(value)
    return Reason(
        reasons[0].code, tuple((name, "、".join(values)) for name, values in details.items())
    )
