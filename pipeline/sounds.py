"""What is heard of a call beside its words: events that are not speech, and how speech was spoken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.spans import Span

QUIETEST_DB = -96
"""What digital silence is given on a loudness curve: 16-bit sound has nothing below it."""

TRUNCATED, STOPPED = "truncated: ", "decoding stopped early: "
"""How a warning begins that a recording lacks its end: the file does, or the rest cannot be decoded."""

EventKind = Literal["ring", "busy", "dtmf", "music", "slam", "click", "knock"]


@dataclass(frozen=True, slots=True)
class Impact:
    """How a blow sounded: a slam, a click, or a series of knocks.

    ``strength_db`` is its loudest 8 ms over the loud syllables of its channel's speech, ``None`` where
    nobody speaks there; ``likeness``, 0 to 1, how much a slam or click is shaped like a slam, or the knocks
    of a series like each other; ``blows`` how many there are.
    """

    strength_db: float | None
    likeness: float = 1.0
    blows: int = 1


@dataclass(frozen=True, slots=True)
class Event:
    """Something heard that is not speech: a ring, a train of busy tones, a key pressed, hold music, a
    blow. Only blows have an ``impact``.
    """

    kind: EventKind
    channel: int
    span: Span
    impact: Impact | None = None

    @property
    def strength_db(self) -> float:
        """Of a blow, over the loud syllables of its channel; minus infinity where that is not known."""
        strength_db = self.impact.strength_db if self.impact else None
        return float("-inf") if strength_db is None else strength_db


@dataclass(frozen=True, slots=True)
class Voice:
    """How one utterance was spoken. ``None`` where too little voiced sound was there to measure.

    ``level_db`` is the mean power of its voiced frames re full scale, ``tilt_db`` the power of
    1-3.4 kHz over 0.3-1 kHz, ``rate`` syllables a second. The rest is ``None`` also in calls kept by a
    version that did not measure it. ``f0_range_st`` is how far the pitch moves: its 90th over its 10th
    percentile in semitones. Vocal effort shows in three: ``over_floor_db`` is the level over the noise
    around the utterance, ``upper_tilt_db`` the mean over frames of 2-3.4 kHz over 0.3-1 kHz, ``flux_db``
    how much the shape of the spectrum changes from frame to frame.
    """

    utterance: int
    level_db: float
    f0_median_hz: float | None
    f0_p90_hz: float | None
    tilt_db: float
    rate: float
    f0_range_st: float | None = None
    over_floor_db: float | None = None
    upper_tilt_db: float | None = None
    flux_db: float | None = None


@dataclass(frozen=True, slots=True)
class CallVoice:
    """The calm voice of one person in one call: medians over so many calm ``utterances``.

    ``pitch_st`` in semitones re 1 Hz, mean of median and 90th percentile; flux as in :class:`Voice`.
    """

    utterances: int
    pitch_st: float
    flux_db: float


@dataclass(frozen=True, slots=True)
class UsualVoice:
    """How an agent usually sounds when calm, by so many earlier ``calls`` with so many ``utterances``.

    Each measure is the median over calls of :class:`CallVoice`; its ``_sd`` is how much it varies from call
    to call, lines and handsets included.
    """

    calls: int
    utterances: int
    pitch_st: float
    pitch_sd_st: float
    flux_db: float
    flux_sd_db: float


@dataclass(frozen=True, slots=True)
class Murmurs:
    """Short voiced sounds on one of two channels that voice activity passed over: a soft or clipped 「嗯」.

    ``headroom_db`` is how far the channel's own speech lies above what one must be louder than to be
    heard: the line's noise and the other side's echo. ``None``: nobody speaks there.
    """

    channel: int
    spans: tuple[Span, ...]
    headroom_db: float | None = None
