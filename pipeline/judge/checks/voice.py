"""A raised voice (4.1.8.2), against the agent's own voice in the same call.

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

Tilt and flux waver, so effort is averaged over all the loud utterances of the call. Rate was tried and
left out: of one speaker the angry sentences are quicker, of the other they are not.

The constants were chosen on CASIA (acted; wangzhe and liuchanhg) through a telephone line, and
``tests/bench/raised_voice.py`` measures them again. No real angry agent was at hand.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, log2, sqrt
from statistics import fmean, median

from pipeline.judge.checks import Case
from pipeline.judge.finding import Finding
from pipeline.judge.sound_rules import RaisedVoice
from pipeline.judge.windows import reach
from pipeline.records import Evidence, Party, Reason, Voice

LEVEL_SD_DB = 2.1
"""How much level varies within a speaker: neutral CASIA, utterances of 1-3 sentences, 2.1 and 2.2 dB."""

TILT_SD_DB = 2.5
"""The same of the upper tilt: 2.6 and 2.4 dB."""

FLUX_SD_DB = 0.26
"""The same of flux: 0.24 and 0.29 dB."""

FLUX_WEIGHT = 0.5
"""Of flux beside level and tilt. It moves by 4 standard deviations with acted anger and with acted
surprise alike; at full weight surprise costs a tenth of the angry calls (CASIA, both speakers)."""

USUAL_WEIGHT = 12
"""Utterances that the usual spread counts for beside those of the call: the spread of four or eight
utterances is itself too uncertain. On CASIA 8, 12 and 16 part angry calls from lively ones alike,
4 and fewer worse."""

CALM_SHARE = 0.5
"""Of a voice's utterances, the quieter ones that are taken for calm at first. So the baseline holds as
long as at most half of them are raised."""

CALM_SD = 2.0
"""Utterances less than this many standard deviations louder than the quieter ones are calm as well, and
join the baseline: the more there are of them, the steadier it is."""

LOUDER_SD = 1.5
"""Standard deviations of level above calm from which an utterance is loud. Angry CASIA utterances lie 8
and 9 dB above neutral, about four deviations; a gain that follows the voice before the line's noise comes
in leaves 3.5 dB of that."""

HIGHER_SEMITONES = 1.0
"""Above calm, mean of median and 90th percentile of pitch, for an utterance to be high. Angry CASIA
utterances lie 4 (liuchanhg) and 10 (wangzhe) above neutral; neutral ones vary by 1.3 and 2.2 (SD)."""

MOST_FROM_ONE = 6.0
"""Standard deviations that one measure may count: a bang into the handset is not a shout."""

OTHER_VOICE_SEMITONES = 8.0
"""A gap this wide between the pitches of a channel's utterances parts two people. None of 800 neutral
CASIA calls has one; of wangzhe's angry ones, whose anger rises by an octave, 1 in 8 has, and goes
unjudged. Where a sample's supervisor takes over from his receptionist, 11 lie between."""

SHORTEST_MS = 600
"""Shorter utterances (「喂」, 「嗯」) neither make a baseline nor a raised voice: CASIA has none."""

SURE = 0.9
"""Confidence in a calm voice, and the most there is in a raised one."""

HALF_SURE = 0.6
"""Confidence in calm voices of two people of whom neither said enough to have a baseline."""


@dataclass(frozen=True, slots=True)
class Calm:
    """One measure of a calm voice: its centre, and how much it varies."""

    centre: float
    sd: float

    def above(self, value: float) -> float:
        """How far over calm, in standard deviations, not capped."""
        return (value - self.centre) / self.sd

    def counted(self, value: float) -> float:
        """The same, no further than one measure may count."""
        return max(-MOST_FROM_ONE, min(MOST_FROM_ONE, self.above(value)))


@dataclass(frozen=True, slots=True)
class Baseline:
    """A calm voice in one call: level over the floor, upper tilt and flux in dB, pitch in semitones.

    ``level_db`` is its level re full scale, which varies as the level over the floor does.
    """

    level: Calm
    level_db: float
    tilt: Calm
    flux: Calm
    pitch_st: float | None

    def louder_db(self, voice: Voice) -> float:
        """How much louder than calm."""
        return max(_level_db(voice) - self.level.centre, voice.level_db - self.level_db)

    def louder_sd(self, voice: Voice) -> float:
        """The same in standard deviations, not capped."""
        return self.louder_db(voice) / self.level.sd

    def is_loud(self, voice: Voice) -> bool:
        """Whether an utterance is both louder and higher than calm. Unknown pitch is not high."""
        pitch = _pitch_st(voice)
        if pitch is None or self.pitch_st is None:
            return False
        return self.louder_sd(voice) >= LOUDER_SD and pitch - self.pitch_st >= HIGHER_SEMITONES

    def effort(self, voice: Voice) -> float:
        """How much louder, brighter and more forceful than calm, in standard deviations added up."""
        return (
            self.level.counted(self.level.centre + self.louder_db(voice))
            + self.tilt.counted(voice.upper_tilt_db or 0.0)
            + FLUX_WEIGHT * self.flux.counted(voice.flux_db or 0.0)
        )


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
        reason = Reason.of("voice_no_baseline", needed=rule.baseline, found=len(own))
        return Finding("unjudged", reason, confidence=0.0)
    if not all(is_measured(voice) for voice in own):
        return Finding("unjudged", Reason.of("voice_not_measured"), confidence=0.0)
    people = voices_apart(own)
    loud = [one for one in loud_utterances(case, people, rule) if _in_question(case, one, rule)]
    sure = [one for one in loud if one.sure]
    if len(sure) >= rule.utterances and (effort := _effort(sure)) >= rule.score:
        confidence = round(min(SURE, 0.75 + (effort - rule.score) / 20), 2)
        reason = Reason.of("voice_raised", count=len(sure))
        return Finding("fail", reason, evidence_of(case, sure), confidence)
    wanted = rule.score - (rule.doubt if len(loud) >= rule.utterances else 0.0)
    if loud and _effort(loud) >= wanted:
        return Finding("unjudged", Reason.of("voice_doubtful"), evidence_of(case, loud), 0.5)
    top = Evidence(None, "agent", None, round(_effort(loud), 1), rule.score, "sd")
    known = any(len(person) >= rule.baseline for person in people)
    return Finding("pass", Reason.of("voice_calm"), (top,), SURE if known else HALF_SURE)


def voices_of(case: Case, role: Party) -> list[Voice]:
    """Every utterance of a party that says something of a voice, in order of time."""
    heard = case.reading.call.voices
    return case.reading.once(
        ("voices", role), lambda: [voice for voice in heard if _counts(case, voice, role)]
    )


def is_measured(voice: Voice) -> bool:
    """Whether effort was measured; earlier versions of callqa did not."""
    return None not in (voice.over_floor_db, voice.upper_tilt_db, voice.flux_db)


def voices_apart(own: Sequence[Voice]) -> list[list[Voice]]:
    """The utterances of a channel by person, the lowest voice first; unknown pitch to the most heard.

    A supervisor may take over, and is then not to be measured by the receptionist's voice. The same
    keeps out an utterance whose pitch was taken an octave wrong.
    """
    pitched = sorted((v for v in own if v.f0_median_hz), key=lambda v: v.f0_median_hz or 0.0)
    people: list[list[Voice]] = [pitched[:1]] if own else []
    for lower, higher in pairwise(pitched):
        gap_st = 12 * log2((higher.f0_median_hz or 1.0) / (lower.f0_median_hz or 1.0))
        if gap_st >= OTHER_VOICE_SEMITONES:
            people.append([])
        people[-1].append(higher)
    if people:
        max(people, key=len).extend(voice for voice in own if not voice.f0_median_hz)
    return people


def loud_utterances(case: Case, people: Sequence[Sequence[Voice]], rule: RaisedVoice) -> list[Loud]:
    """The utterances louder and higher than calm, in order of time.

    A person with fewer than ``rule.baseline`` utterances is held against the one heard most, and a
    stretch between two holds that is loud throughout may be somebody else: neither is sure, so
    that they raise doubt at most. None are found where effort was not measured.
    """
    if not all(is_measured(voice) for person in people for voice in person):
        return []
    most_heard = _baseline_in(case, max(people, key=len))
    found = []
    for person in people:
        known = len(person) >= rule.baseline
        calm = _baseline_in(case, person) if known else most_heard
        heard = Counter(_part(case, voice) for voice in person)
        raised = [voice for voice in person if calm.is_loud(voice)]
        throughout = Counter(_part(case, voice) for voice in raised)
        for voice in raised:
            part = _part(case, voice)
            sure = known and throughout[part] < heard[part]
            louder_db, threshold_db = calm.louder_db(voice), LOUDER_SD * calm.level.sd
            found.append(Loud(voice, calm.effort(voice), louder_db, threshold_db, sure))
    return sorted(found, key=lambda one: one.voice.utterance)


def _baseline_in(case: Case, own: Sequence[Voice]) -> Baseline:
    """The same for every check of a call."""
    key = ("baseline", *(voice.utterance for voice in own))
    return case.reading.once(key, lambda: baseline(own))


def baseline(own: Sequence[Voice]) -> Baseline:
    """The calm voice behind some utterances of one person, at least half of them calm.

    First the quieter half; then all that are about as quiet as these.
    """
    quieter = sorted(own, key=_level_db)[: ceil(CALM_SHARE * len(own))]
    first = _centred(quieter)
    return _centred([voice for voice in own if first.louder_sd(voice) < CALM_SD])


def _centred(voices: Sequence[Voice]) -> Baseline:
    pitches = [pitch for voice in voices if (pitch := _pitch_st(voice)) is not None]
    return Baseline(
        level=_calm([_level_db(voice) for voice in voices], LEVEL_SD_DB),
        level_db=median(voice.level_db for voice in voices),
        tilt=_calm([voice.upper_tilt_db or 0.0 for voice in voices], TILT_SD_DB),
        flux=_calm([voice.flux_db or 0.0 for voice in voices], FLUX_SD_DB),
        pitch_st=median(pitches) if pitches else None,
    )


def _calm(values: Sequence[float], usual_sd: float) -> Calm:
    """Centre and spread of calm speech: the spread this call's, robustly, drawn towards the usual one."""
    centre = median(values)
    own = 1.4826 * median(abs(value - centre) for value in values)
    count = len(values)
    drawn = (usual_sd**2 * USUAL_WEIGHT + own**2 * count) / (USUAL_WEIGHT + count)
    return Calm(centre, sqrt(drawn))


def _level_db(voice: Voice) -> float:
    return voice.over_floor_db or 0.0


def _pitch_st(voice: Voice) -> float | None:
    """Mean of median and 90th percentile of pitch in semitones re 1 Hz."""
    if not voice.f0_median_hz or not voice.f0_p90_hz:
        return None
    return 6 * (log2(voice.f0_median_hz) + log2(voice.f0_p90_hz))


def _counts(case: Case, voice: Voice, role: Party) -> bool:
    """Whether an utterance is that party's and long enough to say something of a voice."""
    utterance = case.reading.call.utterances[voice.utterance]
    return utterance.role == role and utterance.span.duration_ms >= SHORTEST_MS


def _in_question(case: Case, loud: Loud, rule: RaisedVoice) -> bool:
    """Whether the rule asks about that time of the call."""
    said = case.reading.call.utterances[loud.voice.utterance].span
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
