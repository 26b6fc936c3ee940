"""When the customer's voice rises: what the agent must bear calmly (5.3). Held against the customer's own
calm voice in the call, as :mod:`~pipeline.judge.checks.voice` does for the agent.
"""

from __future__ import annotations

from collections.abc import Iterator

from pipeline.baseline import voices_apart
from pipeline.judge.checks import Case
from pipeline.judge.checks.voice import evidence_of, loud_utterances, voices_of
from pipeline.judge.sound_rules import RaisedVoice
from pipeline.records import Evidence, Span


def raised(case: Case, rule: RaisedVoice) -> Iterator[tuple[Span, Evidence]]:
    """The customer's raised utterances, in order of time; none where the calm voice is not known.

    One alone counts, since it accuses nobody.
    """
    call = case.reading.call
    own = voices_of(case, "customer")
    if not call.roles_known or len(own) < rule.baseline:
        return
    for one in loud_utterances(case, voices_apart(own), rule):
        if one.sure and one.effort >= rule.score:
            (evidence,) = evidence_of(case, [one])
            yield call.utterances[one.voice.utterance].span, evidence
