"""What is heard of a call beside its words: events that are not speech, and how speech was spoken."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pipeline.spans import Span

EventKind = Literal["ring", "busy", "dtmf", "music"]


@dataclass(frozen=True, slots=True)
class Event:
    """Something heard that is not speech: a ring, a train of busy tones, a key pressed, hold music."""

    kind: EventKind
    channel: int
    span: Span


@dataclass(frozen=True, slots=True)
class Voice:
    """How one utterance was spoken. ``None`` where too little voiced sound was there to measure.

    ``level_db`` is the mean power of its voiced frames re full scale, ``tilt_db`` the power of
    1-3.4 kHz over 0.3-1 kHz, ``rate`` syllables a second. Vocal effort shows in three more, ``None``
    in calls kept by a version that did not measure them: ``over_floor_db`` is the level over the
    noise around the utterance, ``upper_tilt_db`` the mean over frames of 2-3.4 kHz over 0.3-1 kHz,
    ``flux_db`` how much the shape of the spectrum changes from frame to frame.
    """

    utterance: int
    level_db: float
    f0_median_hz: float | None
    f0_p90_hz: float | None
    tilt_db: float
    rate: float
    over_floor_db: float | None = None
    upper_tilt_db: float | None = None
    flux_db: float | None = None
