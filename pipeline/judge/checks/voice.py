"""A raised voice (4.1.8.2), against the agent's own voice in the same call and, where known, before.

Lines, handsets and people differ in loudness, so each utterance is held against this agent's calmer
ones in this call. Vocal effort makes a voice louder, higher and brighter together (Traunmüller and
Eriksson 2000); each alone has harmless causes, and all have their part:

* **louder** is a must, else nothing was raised: by the level over the noise around the utterance, which
  an automatic gain on the line leaves as it was, or by the level itself, where more noise than usual
  lies around an utterance; the greater rise counts;
* **higher** is a must, else the handset may only have come nearer. How much higher is not weighed:
  friendliness and surprise lift the pitch more than anger does;
* **brighter**, by the tilt towards the upper end of the line's band, tells effort from liveliness:
  acted surprise is as loud as acted anger, and darker by 4 dB;
* **more forceful**, by the flux of the spectrum, tells it from happiness, which is as high.

Where a call is calm throughout by this, or too short for a baseline, the agent's earlier calls have a say:
see :mod:`~pipeline.judge.checks.usual`.

Tilt and flux waver, so effort is averaged over all the loud utterances of the call. Rate was tried and
left out: of one speaker the angry sentences are quicker, of the other they are not.

The constants were chosen on CASIA (acted; wangzhe and liuchanhg) through a telephone line, and
``tests/bench/raised_voice.py`` measures them again. No real angry agent was at hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean

from pipeline.baseline import (
    LOUDER_SD,
    Baseline,
    baseline,
    counts,
    is_measured,
    voices_apart,
)
from pipeline.judge.checks import Case
from pipeline.judge.checks.usual import Rise, calm_by_usual, rise_of_call
from pipeline.judge.finding import Finding, in_doubt
from pipeline.judge.sound_rules import RaisedVoice
from pipeline.judge.windows import reach
from pipeline.records import Call, Evidence, Party, Reason, Voice

SURE = 0.9
"""Confidence in a calm voice, and the most there is in a raised one."""

HALF_SURE = 0.6
"""Confidence in calm voices of two people of whom neither said enough to have a baseline, and in a few
utterances that sound as usual."""


@dataclass(frozen=True, slots=True)
class Loud:
    """An utterance that is louder and higher than calm.

    ``sure`` is whether it surely comes from the person whose calm voice it was held against.
    """

    voice: Voice
    effort: float
    louder_db: float
    threshold_db: float
    sure: bool


def check(case: Case, rule: RaisedVoice) -> Finding:
    """Whether the agent raised their voice in at least ``rule.utterances`` utterances."""
    call = case.reading.call
    if not call.roles_known:
        return Finding("unjudged", Reason.of("roles_unknown"), confidence=0.0)
    own = voices_of(case, "agent")
    if len(own) < rule.baseline:
        return _few(call, own, rule)
    if not all(is_measured(voice) for voice in own):
        return Finding("unjudged", Reason.of("voice_not_measured"), confidence=0.0)
    people = voices_apart(own)
    loud = [
        one for one in loud_utterances(case, people, rule) if _in_question(case, one.voice, rule)
    ]
    sure = [one for one in loud if one.sure]
    if len(sure) >= rule.utterances and (effort := _effort(sure)) >= rule.score:
        confidence = round(min(SURE, 0.75 + (effort - rule.score) / 20), 2)
        reason = Reason.of("voice_raised", count=len(sure))
        return Finding("fail", reason, evidence_of(case, sure), confidence)
    wanted = rule.score - (rule.doubt if len(loud) >= rule.utterances else 0.0)
    if loud and _effort(loud) >= wanted:
        return Finding("unjudged", Reason.of("voice_doubtful"), evidence_of(case, loud), 0.5)
    rise = above_usual(case) if any(_in_question(case, one, rule) for one in own) else None
    if rise is not None:
        return in_doubt("voice_above_usual", (rise.evidence,), calls=rise.calls)
    top = Evidence(None, "agent", None, round(_effort(loud), 1), rule.score, "sd")
    known = any(len(person) >= rule.baseline for person in people)
    return Finding("pass", Reason.of("voice_calm"), (top,), SURE if known else HALF_SURE)


def _few(call: Call, own: Sequence[Voice], rule: RaisedVoice) -> Finding:
    """Fewer utterances than a baseline takes: calm if they are just as this agent usually sounds."""
    if call.usual is None or not own or not all(map(is_measured, own)):
        return in_doubt("voice_no_baseline", needed=rule.baseline, found=len(own))
    rise = calm_by_usual(call.usual, own)
    if rise is None:
        return in_doubt("voice_unlike_usual", found=len(own), calls=call.usual.calls)
    reason = Reason.of("voice_as_usual", found=len(own), calls=rise.calls)
    return Finding("pass", reason, (rise.evidence,), HALF_SURE)


def above_usual(case: Case) -> Rise | None:
    """How far the calm voice of a call lies above the agent's usual one, where that leaves it in doubt.

    ``None`` where it does not, where no usual voice is known, or several people spoke for the agent.
    """
    usual, own = case.reading.call.usual, voices_of(case, "agent")
    if usual is None or len(voices_apart(own)) != 1 or not all(map(is_measured, own)):
        return None
    rise = rise_of_call(usual, _baseline_in(case, own))
    return rise if rise is not None and rise.is_above else None


def voices_of(case: Case, role: Party) -> list[Voice]:
    """Every utterance of a party that says something of a voice, in order of time."""
    heard, said = case.reading.call.voices, case.reading.call.utterances
    return case.reading.once(
        ("voices", role), lambda: [one for one in heard if counts(said[one.utterance], role)]
    )


def loud_utterances(
    case: Case, people: Sequence[Sequence[Voice]], rule: RaisedVoice
) -> tuple[Loud, ...]:
    """The utterances louder and higher than calm, in order of time. The same for every check of a call.

    A person with fewer than ``rule.baseline`` utterances is held against the one heard most, and a
    stretch between two holds that is loud throughout may be somebody else: neither is sure, so
    that they raise doubt at most. None are found where effort was not measured.
    """
    who = tuple(tuple(voice.utterance for voice in person) for person in people)
    return case.reading.once(
        ("loud", rule.baseline, who), lambda: _loud(case, people, rule.baseline)
    )


def _loud(case: Case, people: Sequence[Sequence[Voice]], enough: int) -> tuple[Loud, ...]:
    """Those by people with ``enough`` utterances for a baseline, and those of others in doubt."""
    if not all(is_measured(voice) for person in people for voice in person):
        return ()
    most_heard = _baseline_in(case, max(people, key=len))
    found = []
    for person in people:
        known = len(person) >= enough
        calm = _baseline_in(case, person) if known else most_heard
        heard = Counter(_part(case, voice) for voice in person)
        raised = [voice for voice in person if calm.is_loud(voice)]
        throughout = Counter(_part(case, voice) for voice in raised)
        for voice in raised:
            part = _part(case, voice)
            sure = known and throughout[part] < heard[part]
            louder_db, threshold_db = calm.louder_db(voice), LOUDER_SD * calm.level.sd
            found.append(Loud(voice, calm.effort(voice), louder_db, threshold_db, sure))
    return tuple(sorted(found, key=lambda one: one.voice.utterance))


def _baseline_in(case: Case, own: Sequence[Voice]) -> Baseline:
    """The same for every check of a call."""
    key = ("baseline", *(voice.utterance for voice in own))
    return case.reading.once(key, lambda: baseline(own))


def _in_question(case: Case, voice: Voice, rule: RaisedVoice) -> bool:
    """Whether the rule asks about that time of the call."""
    said = case.reading.call.utterances[voice.utterance].span
    return reach(case.reading, rule.after, case.occurrence).holds(said.middle_ms)


def _part(case: Case, voice: Voice) -> int:
    """How many holds an utterance comes after: across one, somebody else may come to the telephone."""
    start_ms = case.reading.call.utterances[voice.utterance].span.start_ms
    return sum(hold.span.end_ms <= start_ms for hold in case.structure.holds)


def _effort(loud: Sequence[Loud]) -> float:
    """The mean over the loud utterances; 0 where there are none."""
    return fmean(one.effort for one in loud) if loud else 0.0


def evidence_of(case: Case, loud: Sequence[Loud]) -> tuple[Evidence, ...]:
    """When and what was said, and by how many dB it was louder than calm."""
    said = case.reading.call.utterances
    return tuple(
        Evidence(
            said[one.voice.utterance].span,
            said[one.voice.utterance].role,
            said[one.voice.utterance].text,
            round(one.louder_db, 1),
            round(one.threshold_db, 1),
            "dB",
        )
        for one in loud
    )
