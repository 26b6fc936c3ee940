"""The calm voice behind somebody's utterances, against which a raised one shows.

Level, tilt and flux are in dB, pitch in semitones re 1 Hz. The constants were chosen on CASIA (acted;
wangzhe and liuchanhg) through a telephone line, and ``tests/bench/raised_voice.py`` measures them again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from math import ceil, log2, sqrt
from statistics import median

from pipeline.records import Call, CallVoice, Party, UsualVoice, Utterance, Voice

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

PITCH_SD_ST = 1.8
"""How much pitch varies within a speaker: neutral CASIA, 2.2 and 1.3 semitones."""

PITCH_SD_OVER_CALLS_ST = 1.0
FLUX_SD_OVER_CALLS_DB = 0.2
"""How much the calm voice of a speaker varies from call to call, twice what neutral calls of 8-14 read
sentences do (wangzhe, half of the sentences: 0.5 semitones and 0.1 dB), since talk varies more."""

NARROWEST = 0.8
"""Of these, the narrowest spread over calls that is believed of an agent. liuchanhg's two halves of sentences
lie 2.3 semitones apart, each with calls that hardly differ: by fifty of the one over one handset, 18 % of
the neutral calls of the other would be in doubt, so 2 %."""

FEWEST_UTTERANCES = 4
"""Calm utterances by which a call tells how its agent sounds."""

RAISED_SD = 3.4
"""Effort of one utterance from which a call is no example of calm: where the reception standard doubts."""

LATEST = 50
"""Calls that a usual voice is made of at most, so that it follows a new handset or a new line."""

FEWEST_CALLS = 5
FEWEST_IN_ALL = 40
"""Calls and utterances by which an agent's usual voice is known at least."""


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
        pitch = pitch_of(voice)
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


def baseline(own: Sequence[Voice]) -> Baseline:
    """The calm voice behind some utterances of one person, at least half of them calm.

    First the quieter half; then all that are about as quiet as these.
    """
    quieter = sorted(own, key=_level_db)[: ceil(CALM_SHARE * len(own))]
    first = _centred(quieter)
    return _centred([voice for voice in own if first.louder_sd(voice) < CALM_SD])


def _centred(voices: Sequence[Voice]) -> Baseline:
    pitches = [pitch for voice in voices if (pitch := pitch_of(voice)) is not None]
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


def pitch_of(voice: Voice) -> float | None:
    """Mean of median and 90th percentile of pitch in semitones re 1 Hz."""
    if not voice.f0_median_hz or not voice.f0_p90_hz:
        return None
    return 6 * (log2(voice.f0_median_hz) + log2(voice.f0_p90_hz))


# --- over calls ----------------------------------------------------------------------------------


def call_voice(call: Call) -> CallVoice | None:
    """The agent's calm voice in a call, if it is one person's and never raised; else ``None``.

    A call that is raised throughout shows no raised utterance, and so counts. Medians over calls bear
    that; and were calls left out that lie above the usual, an agent who changed could never be known again.
    """
    own = agent_voices(call)
    if not call.roles_known or len(own) < FEWEST_UTTERANCES or not all(map(is_measured, own)):
        return None
    calm = baseline(own)
    raised = any(calm.is_loud(one) and calm.effort(one) >= RAISED_SD for one in own)
    if raised or calm.pitch_st is None or len(voices_apart(own)) > 1:
        return None
    return CallVoice(len(own), round(calm.pitch_st, 2), round(calm.flux.centre, 3))


def agent_voices(call: Call) -> list[Voice]:
    """The agent's utterances that are long enough to say something of a voice."""
    return [voice for voice in call.voices if counts(call.utterances[voice.utterance], "agent")]


def counts(utterance: Utterance, role: Party) -> bool:
    """Whether an utterance is that party's and long enough to say something of a voice."""
    return utterance.role == role and utterance.span.duration_ms >= SHORTEST_MS


def usual_voice(latest_first: Iterable[CallVoice]) -> UsualVoice | None:
    """The usual voice behind the latest calls of one agent; ``None`` where they are too few."""
    calls = list(islice(latest_first, LATEST))
    utterances = sum(one.utterances for one in calls)
    if len(calls) < FEWEST_CALLS or utterances < FEWEST_IN_ALL:
        return None
    pitch = _over_calls([one.pitch_st for one in calls], PITCH_SD_OVER_CALLS_ST)
    flux = _over_calls([one.flux_db for one in calls], FLUX_SD_OVER_CALLS_DB)
    return UsualVoice(len(calls), utterances, *pitch, *flux)


def _over_calls(values: Sequence[float], usual_sd: float) -> tuple[float, float]:
    calm = _calm(values, usual_sd)
    return round(calm.centre, 3), round(max(calm.sd, NARROWEST * usual_sd), 3)
