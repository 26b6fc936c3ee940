"""Slams, clicks and knocks in one channel.

No real slam of a handset was at hand. What stands for one is a **door slammed** near a microphone: a blow
whose spectrum fills the band from its foot, that neither repeats like a voice nor rattles on, and dies away
in about a tenth of a second. A handset laid down is the same sound, only weaker, and so is a drawer shut
across the desk: what parts these is ``strength_db``, and how strong is a slam is for the judge to say.
``tests/bench/impacts.py`` measures all of it.
"""

from __future__ import annotations

from math import exp, log2

import numpy as np

from pipeline.listen.audio import FloatArray
from pipeline.listen.blows import (
    HOP_MS,
    Envelope,
    Floats,
    Shape,
    envelope_of,
    fall_ms,
    peaks,
    rise_ms,
    shape_of,
)
from pipeline.listen.knocks import knocks
from pipeline.records import Event, Impact, Span

LOUD_PERCENTILE = 95
"""Of the frames of a channel's speech: its loud syllables, which a blow is held against. Voice activity
takes in pauses and, at times, the blow itself; neither moves this much. In 54 minutes of CASIA and zh_tw
one peak in ten lies 5 dB above this, one in a hundred 8 dB."""

FLOOR_PERCENTILE = 10

WEAKEST_SLAM_DB = 6.0
"""A weaker blow is no slam. The judge draws its own line above this."""

LEAST_LIKENESS = 0.5

APART_MS = 150
"""A handset strikes its cradle with one end, then with the other, within this: one event."""

SPOKEN_ON_MS = 400
"""Voice activity lets go 0.3 s late: speech that lasts so long past a blow goes on, and was no blow."""

FALL_MS = (52, 150)
"""How long doors fall by 20 dB, 84-150 ms, and down to half of that for a smaller thing."""
QUIETEST_LATER_DB = -30.0
"""What the noise of a line leaves to be heard after a loud blow."""

FOOT = 0.56
FLATNESS = 0.51
PERIODICITY = -5.6
FALL_OCTAVES = -3.4
LATER = -0.14
CONSTANT = 4.6
"""A logistic regression on five doors against every second clip of keys dropped, keyboards, pages, knocks,
telephones, coughs, throats, laughter and speech (DCASE 2013) and loud syllables of CASIA and zh_tw, all at
the same strength, so that it knows shapes only. Drawers and handsets were left out: they are the same
shape. Left out one clip at a time, it finds all placements of the five doors at 0.73 (a score of 1), and
none of the others but pages, 16 %, which are never so loud."""

CUT_OFF_MS = 140
CUT_OFF_LIKENESS = 0.6
"""Of a blow so near the end of the recording nobody hears how it dies away: a word cut off looks alike."""

CLICK_OVER_FLOOR_DB = 15.0
CLICK_RISE_MS = 24
"""The two handset clips at hand rise within 8 and 24 ms (and 48 ms where the blow before is counted in)."""


def impacts(
    samples: FloatArray, channel: int, speech: tuple[Span, ...], covered: tuple[Span, ...]
) -> tuple[Event, ...]:
    """Slams, the last click after all speech, and series of knocks, in order of time.

    ``samples``: one channel, shape (n,), 16 kHz; ``speech``: where it speaks, whose loud syllables
    strengths are held against; ``covered``: tones and music, in which nothing is looked for.
    """
    envelope = envelope_of(samples)
    levels = np.where(envelope.within(covered), -np.inf, envelope.levels_db)
    spoken = envelope.levels_db[envelope.within(speech)]
    floor = float(np.percentile(envelope.levels_db, FLOOR_PERCENTILE))
    loud = float(np.percentile(spoken, LOUD_PERCENTILE)) if spoken.size else None
    found = [
        Event(
            "knock",
            channel,
            series.span,
            Impact(_over(series.level_db, loud), series.likeness, series.blows),
        )
        for series in knocks(samples, envelope, levels, floor)
    ]
    if loud is not None:
        slams = _slams(samples, channel, envelope, levels, loud)
        ended_ms = max(span.end_ms for span in speech)
        if not any(slam.span.end_ms > ended_ms for slam in slams):
            found += _last_click(channel, envelope, levels, ended_ms, floor, loud)
        found += slams
    blows = (blow for blow in found if not _spoken_on(blow, speech))
    return tuple(sorted(blows, key=lambda event: event.span))


def slam_likeness(shape: Shape) -> float:
    """How much a blow is shaped like a door slammed, 0 to 1. Its loudness has no part in it.

    Weight lies at the foot of the band and yet all of it sounds (a knuckle on wood rings at one place, keys
    and paper hiss at the top); nothing repeats (voices); it falls by 20 dB in about 100 ms (a key struck is
    shorter, a bell longer); and little comes after it (keys, laughter).
    """
    shortest, longest = FALL_MS
    fell_ms = max(shape.fall_ms, HOP_MS)
    score = (
        CONSTANT
        + FOOT * shape.low_db
        + FLATNESS * shape.flatness_db
        + PERIODICITY * shape.periodicity
        + FALL_OCTAVES * max(0.0, log2(shortest / fell_ms), log2(fell_ms / longest))
        + LATER * max(shape.later_db, QUIETEST_LATER_DB)
    )
    return 1 / (1 + exp(-score))


def _slams(
    samples: FloatArray, channel: int, envelope: Envelope, levels: Floats, loud: float
) -> list[Event]:
    end_ms = levels.size * HOP_MS
    found: list[Event] = []
    for frame in peaks(levels, loud + WEAKEST_SLAM_DB, APART_MS):
        shape = shape_of(samples, envelope, int(frame))
        likeness = slam_likeness(shape)
        span = _span(int(frame), shape)
        if end_ms - int(frame) * HOP_MS < CUT_OFF_MS:
            likeness = min(likeness, CUT_OFF_LIKENESS)
        if likeness >= LEAST_LIKENESS:
            strength = _over(float(levels[frame]), loud)
            found.append(Event("slam", channel, span, Impact(strength, round(likeness, 2))))
    return found


def _spoken_on(blow: Event, speech: tuple[Span, ...]) -> bool:
    """Whether it lies in the middle of speech: then it is a syllable of it."""
    return any(
        span.start_ms < blow.span.end_ms and span.end_ms > blow.span.end_ms + SPOKEN_ON_MS
        for span in speech
    )


def _span(frame: int, shape: Shape) -> Span:
    at = frame * HOP_MS
    return Span(max(0, at - shape.rise_ms), at + shape.fall_ms)


def _last_click(
    channel: int, envelope: Envelope, levels: Floats, ended_ms: int, floor: float, loud: float
) -> list[Event]:
    """The last sudden sound after all speech: most likely the handset laid down."""
    after = levels.copy()
    after[: ended_ms // HOP_MS] = -np.inf
    for frame in peaks(after, floor + CLICK_OVER_FLOOR_DB, APART_MS)[::-1]:
        rise = rise_ms(envelope.levels_db, int(frame))
        if rise <= CLICK_RISE_MS:
            at = int(frame) * HOP_MS
            strength = _over(float(levels[frame]), loud)
            span = Span(at - rise, at + fall_ms(envelope.power, int(frame)))
            return [Event("click", channel, span, Impact(strength))]
    return []


def _over(level_db: float, loud_db: float | None) -> float | None:
    """How far a level lies above loud syllables, in dB."""
    return None if loud_db is None else round(level_db - loud_db, 1)
