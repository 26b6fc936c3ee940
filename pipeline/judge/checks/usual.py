"""An agent's voice in one call against how that agent usually sounds (:class:`pipeline.records.UsualVoice`).

A call has a calm voice of its own only where some of it is calm. Who is raised from the first word to the
last is heard in no comparison within the call, and who says little has nothing to be compared with:
both show against earlier calls. Those came over other lines and handsets, so that only what these
leave as it was can be compared. On CASIA, calls of 8-14 utterances, lines and handsets mixed:

* **higher**: pitch varies by 0.2-0.7 semitones between neutral calls, and lies 4-10 above in angry ones;
* **more forceful**: flux varies by 0.1-0.2 dB, and lies 1.0-1.3 above (AUC 1.00 each).

Level over the floor is the line's, and varies by 5 dB where anger lifts it by 6-10 (AUC 0.76-0.89). Upper
tilt is the handset's, and anger moves it by less than 1 dB (AUC 0.4-0.6).

Both rise with happiness and surprise as they do with anger, and with somebody else at the agent's desk:
of what lies above, as many calls of each, 4 in 10 and fewer were angry. So nobody fails by this; what
would have passed is left open. ``tests/bench/usual_voice.py`` measures it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import fmean

from pipeline.baseline import FLUX_SD_DB, PITCH_SD_ST, Baseline, pitch_of, voices_apart
from pipeline.records import Evidence, Party, UsualVoice, Voice

ABOVE_SD = 3.0
"""Standard deviations by which a call's calm voice lies both higher and more forceful than usual, for it
to be in doubt: at least 2.4 semitones and 0.48 dB. Of wangzhe's first half of sentences, on which it was
chosen, 99 in 100 neutral calls lie less than 1.1 and 0.3 above, and as many angry ones more than 8.1
and 0.95."""

CALM_SUM_SD = 2.5
"""Height and force added up under which few utterances, and each of them, are clearly calm: 9 in 10 of
the neutral ones, none of the angry ones (wangzhe's first half, one to three utterances)."""

OTHER_SD = 3.0
"""So far under the usual pitch somebody else may be speaking, who must not pass for calm by it."""


@dataclass(frozen=True, slots=True)
class Rise:
    """How much higher and more forceful than usual a voice is, each in standard deviations.

    ``calls`` is how many the usual voice is known by.
    """

    calls: int
    pitch_st: float
    pitch_sd: float
    flux_sd: float
    threshold_st: float

    @property
    def is_above(self) -> bool:
        return min(self.pitch_sd, self.flux_sd) >= ABOVE_SD

    @property
    def is_calm(self) -> bool:
        return self.pitch_sd > -OTHER_SD and self.pitch_sd + self.flux_sd < CALM_SUM_SD

    @property
    def evidence(self) -> Evidence:
        """By how many semitones higher than usual, and from where on that is doubtful."""
        role: Party = "agent"
        return Evidence(
            None, role, None, round(self.pitch_st, 1), round(self.threshold_st, 1), "st"
        )


def rise_of_call(usual: UsualVoice, calm: Baseline) -> Rise | None:
    """How a call's calm voice lies against the usual one; ``None`` where its pitch is not known."""
    if calm.pitch_st is None:
        return None
    return _rise(usual, calm.pitch_st, calm.flux.centre)


def calm_by_usual(usual: UsualVoice, own: Sequence[Voice]) -> Rise | None:
    """The rise of few utterances, none too few, if each of them and all together are clearly calm.

    ``None`` where they are not, several people may have said them, or something was not measured.
    """
    pitches = [pitch for one in own if (pitch := pitch_of(one)) is not None]
    fluxes = [one.flux_db for one in own if one.flux_db is not None]
    if not own or not len(pitches) == len(fluxes) == len(own) or len(voices_apart(own)) > 1:
        return None
    each = [_rise(usual, *one, utterances=1) for one in zip(pitches, fluxes, strict=True)]
    together = _rise(usual, fmean(pitches), fmean(fluxes), utterances=len(own))
    return together if all(one.is_calm for one in (*each, together)) else None


def _rise(
    usual: UsualVoice, pitch_st: float, flux_db: float, utterances: int | None = None
) -> Rise:
    """Of a whole call, or of so few utterances that how these vary within a call counts as well."""
    more = 1 / utterances if utterances else 0.0
    pitch_sd_st = sqrt(usual.pitch_sd_st**2 + more * PITCH_SD_ST**2)
    flux_sd_db = sqrt(usual.flux_sd_db**2 + more * FLUX_SD_DB**2)
    higher_st = pitch_st - usual.pitch_st
    return Rise(
        usual.calls,
        higher_st,
        higher_st / pitch_sd_st,
        (flux_db - usual.flux_db) / flux_sd_db,
        ABOVE_SD * pitch_sd_st,
    )
