"""A judged call with other words: wherever its reports quote it, and nowhere else."""

from __future__ import annotations

from dataclasses import replace
from typing import Protocol

from pipeline.records import Call, Evidence, Judged, Reason, Scorecard, Verdict

Details = tuple[tuple[str, str], ...]
"""Of a reason: the name and the text of each."""


class Rewording(Protocol):
    """What becomes of one call's words."""

    @property
    def call(self) -> Call:
        """The call in its new words."""
        ...

    def quote(self, text: str) -> str:
        """What is shown for a quote of the call; never nothing."""
        ...

    def details(self, details: Details) -> Details:
        """What is shown for the details of a reason, which may quote the call."""
        ...


def reworded(judged: Judged, words: Rewording) -> Judged:
    """The call and its scorecard in the new words; what does not change stays the same object."""
    return replace(judged, call=words.call, scorecard=_scorecard(judged.scorecard, words))


def _scorecard(scorecard: Scorecard, words: Rewording) -> Scorecard:
    return replace(
        scorecard,
        verdicts=tuple([_verdict(verdict, words) for verdict in scorecard.verdicts]),
        situations=tuple(
            replace(one, evidence=_evidence(one.evidence, words)) for one in scorecard.situations
        ),
    )


def _verdict(verdict: Verdict, words: Rewording) -> Verdict:
    reason = _reason(verdict.reason, words)
    evidence = _evidence(verdict.evidence, words)
    if reason is verdict.reason and evidence is verdict.evidence:
        return verdict
    return replace(verdict, reason=reason, evidence=evidence)


def _reason(reason: Reason, words: Rewording) -> Reason:
    details = words.details(reason.details) if reason.details else ()
    parts = tuple([_reason(part, words) for part in reason.parts]) if reason.parts else ()
    if details == reason.details and parts == reason.parts:
        return reason
    return replace(reason, details=details, parts=parts)


def _evidence(evidence: tuple[Evidence, ...], words: Rewording) -> tuple[Evidence, ...]:
    quotes = [words.quote(one.quote) if one.quote else None for one in evidence]
    if all(quote == (one.quote or None) for quote, one in zip(quotes, evidence, strict=True)):
        return evidence
    return tuple(
        replace(one, quote=quote) if quote else one
        for quote, one in zip(quotes, evidence, strict=True)
    )
