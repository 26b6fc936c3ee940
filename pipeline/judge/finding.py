"""What a check answers, before it becomes a verdict, and how answers combine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from pipeline.records import Evidence, Question, Reason, Role, Status


@dataclass(frozen=True, slots=True)
class Finding:
    """One check's answer. While ``questions`` wait for a closer listen its status is ``unjudged``."""

    status: Status
    reason: Reason
    evidence: tuple[Evidence, ...] = ()
    confidence: float = 1.0
    questions: tuple[Question, ...] = ()


def in_doubt(code: str, evidence: tuple[Evidence, ...] = (), **details: object) -> Finding:
    """Nothing ruled, for a reason; half believed where there is something to show for it."""
    return Finding("unjudged", Reason.of(code, **details), evidence, 0.5 if evidence else 0.0)


NOT_DONE = "not_done"
"""Code of what is said of a demand as a whole, instead of every part of it that was missed."""


def not_heard(role: Role) -> Reason:
    """Why nothing can be ruled of what somebody should say or not say who is not heard."""
    return Reason.of("no_agent_speech" if role == "agent" else "no_speech_of", party=role)


RANK: dict[Status, int] = {"fail": 0, "unjudged": 1, "pass": 2, "not_applicable": 3}


def all_of(findings: list[Finding]) -> Finding:
    """Every part that applies must pass: one failed part fails, else one in doubt leaves doubt.

    A failed part settles the matter, so the others' questions are no longer asked.
    """
    worst = min(findings, key=lambda finding: RANK[finding.status])
    decisive = [finding for finding in findings if finding.status == worst.status]
    asked = () if worst.status == "fail" else _questions(findings)
    return _together(worst.status, decisive, asked)


def any_of(findings: list[Finding]) -> Finding:
    """One part must pass: else one in doubt leaves the whole in doubt, else it fails."""
    return at_least(1, findings)


def at_least(count: int, findings: list[Finding]) -> Finding:
    """So many parts must pass. What does not apply can neither pass nor fail."""
    of = {status: [f for f in findings if f.status == status] for status in RANK}
    if len(of["pass"]) >= count:
        best = sorted(of["pass"], key=lambda finding: -finding.confidence)[:count]
        return _together("pass", best, ())
    if len(of["pass"]) + len(of["unjudged"]) >= count and of["unjudged"]:
        return _together("unjudged", of["unjudged"], _questions(of["unjudged"]))
    if of["fail"]:
        called = [finding for finding in of["fail"] if finding.reason.code == NOT_DONE]
        whole = _together("fail", of["fail"], ())
        return replace(whole, reason=_joined(called)) if called else whole
    return of["not_applicable"][0] if of["not_applicable"] else of["pass"][0]


def opposite(finding: Finding) -> Finding:
    """What must not hold: pass and fail change places, doubt stays doubt."""
    turned: dict[Status, Status] = {"pass": "fail", "fail": "pass"}
    return replace(finding, status=turned.get(finding.status, finding.status))


def _together(status: Status, findings: list[Finding], questions: tuple[Question, ...]) -> Finding:
    """Findings of one status as one."""
    evidence = dict.fromkeys(evidence for finding in findings for evidence in finding.evidence)
    confidence = min(finding.confidence for finding in findings)
    return Finding(status, _joined(findings), tuple(evidence), confidence, questions)


def _questions(findings: list[Finding]) -> tuple[Question, ...]:
    return tuple(dict.fromkeys(q for finding in findings for q in finding.questions))


def _joined(findings: list[Finding]) -> Reason:
    """One reason for several findings: those of one code side by side, the others as its parts."""
    by_code: dict[str, list[Reason]] = {}
    for finding in findings:
        for reason in finding.reason.parts or (finding.reason,):
            by_code.setdefault(reason.code, []).append(reason)
    merged = tuple(_of_one_code(dict.fromkeys(reasons)) for reasons in by_code.values())
    return merged[0] if len(merged) == 1 else Reason("parts", parts=merged)


def _of_one_code(reasons: Iterable[Reason]) -> Reason:
    """Reasons of one code as one, their details side by side.

    Of several counts the highest: two that look at the same time may count the same thing.
    """
    code, details = "", dict[str, list[str]]()
    for reason in reasons:
        code = reason.code
        for name, value in reason.details:
            if value not in details.setdefault(name, []):
                details[name].append(value)
    return Reason(code, tuple((name, _side_by_side(name, of)) for name, of in details.items()))


def _side_by_side(name: str, values: list[str]) -> str:
    return max(values, key=int) if name == "count" else "、".join(values)
