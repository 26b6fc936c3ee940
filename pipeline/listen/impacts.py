"""Slams, clicks and knocks in one channel.

No real slam of a handset was at hand. What stands for one is a **door slammed** near a microphone: a blow
whose spectrum fills the band from its foot, that neither repeats like a voice nor rattles on, and dies away
in about a tenth of a second. A handset laid down is the same sound, only weaker, and so is a drawer shut
across the desk: what parts these is ``strength_db``, and how strong is a slam is for the judge to say.
``tests/bench/impacts.py`` measures all of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, log2

import numpy as np

from pipeline.listen.audio import SoundArray
from pipeline.listen.blows import (
    HOP_MS,
    Envelope,
    Floats,
    Shape,
    envelope_of,
    peaks,
    rise_ms,
    shape_of,
)
from pipeline.listen.knocks import knocks
from pipeline.listen.level import noise_db
from pipeline.records import Event, EventKind, Impact, Span

LOUD_PERCENTILE = 95
"""Of the frames of a channel's speech: its loud syllables, which a blow is held against. Voice activity
takes in pauses and, at times, the blow itself; neither moves this much. In 54 minutes of CASIA and zh_tw
one peak in ten lies 5 dB above this, one in a hundred 8 dB."""


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
CLICK_RISE_MS = 48
"""The two handset clips at hand rise by 15 dB within 8 and 48 ms."""


@dataclass(frozen=True)
class _Side:
    """One channel ready to be looked at. ``levels`` are its envelope's, minus infinity in tones and music;
    ``floor_db`` is the line's noise, ``loud_db`` the loud syllables of its speech.
    """

    channel: int
    samples: SoundArray
    envelope: Envelope
    levels: Floats
    floor_db: float
    loud_db: float | None

    def over(self, level_db: float) -> float | None:
        """How far a level lies above loud syllables, in dB."""
        return None if self.loud_db is None else round(float(level_db) - self.loud_db, 1)

    def blow(self, kind: EventKind, frame: int, shape: Shape, likeness: float) -> Event:
        at = frame * HOP_MS
        span = Span(max(0, at - shape.rise_ms), at + shape.fall_ms)
        impact = Impact(self.over(self.levels[frame]), round(likeness, 2))
        return Event(kind, self.channel, span, impact)


def impacts(
    samples: SoundArray, channel: int, speech: tuple[Span, ...], covered: tuple[Span, ...]
) -> tuple[Event, ...]:
    """Slams, the loudest click after all speech, and series of knocks, in order of time.

    ``samples``: one channel, shape (n,), 16 kHz; ``speech``: where it speaks, whose loud syllables
    strengths are held against; ``covered``: tones and music, in which nothing is looked for.
    """
    side = _side(samples, channel, speech, covered)
    found = [one for one in _knocks(side) if not _within_speech(one, speech)]
    if side.loud_db is not None:
        slams = [one for one in _slams(side, side.loud_db) if not _spoken_on(one, speech)]
        ended_ms = max(span.end_ms for span in speech)
        if not any(slam.span.end_ms > ended_ms for slam in slams):
            found += _click(side, ended_ms)
        found += slams
    return tuple(sorted(found, key=lambda event: event.span))


def _side(
    samples: SoundArray, channel: int, speech: tuple[Span, ...], covered: tuple[Span, ...]
) -> _Side:
    envelope = envelope_of(samples)
    spoken = envelope.levels_db[envelope.within(speech)]
    return _Side(
        channel=channel,
        samples=samples,
        envelope=envelope,
        levels=np.where(envelope.within(covered), -np.inf, envelope.levels_db),
        floor_db=noise_db(envelope.levels_db, HOP_MS),
        loud_db=float(np.percentile(spoken, LOUD_PERCENTILE)) if spoken.size else None,
    )


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


def _slams(side: _Side, loud_db: float) -> list[Event]:
    end_ms = side.levels.size * HOP_MS
    found: list[Event] = []
    for frame in map(int, peaks(side.levels, loud_db + WEAKEST_SLAM_DB, APART_MS)):
        shape = shape_of(side.samples, side.envelope, frame)
        likeness = slam_likeness(shape)
        if end_ms - frame * HOP_MS < CUT_OFF_MS:
            likeness = min(likeness, CUT_OFF_LIKENESS)
        if likeness >= LEAST_LIKENESS:
            found.append(side.blow("slam", frame, shape, likeness))
    return found


def _click(side: _Side, ended_ms: int) -> list[Event]:
    """The loudest sudden sound after all speech: most likely the handset laid down."""
    after = side.levels.copy()
    after[: ended_ms // HOP_MS] = -np.inf
    sudden = [
        frame
        for frame in map(int, peaks(after, side.floor_db + CLICK_OVER_FLOOR_DB, APART_MS))
        if rise_ms(side.envelope.levels_db, frame) <= CLICK_RISE_MS
    ]
    if not sudden:
        return []
    loudest = max(sudden, key=lambda frame: after[frame])
    shape = shape_of(side.samples, side.envelope, loudest)
    return [side.blow("click", loudest, shape, slam_likeness(shape))]


def _knocks(side: _Side) -> list[Event]:
    return [
        Event(
            "knock",
            side.channel,
            series.span,
            Impact(side.over(series.level_db), series.likeness, series.blows),
        )
        for series in knocks(side.samples, side.envelope, side.levels, side.floor_db)
    ]


def _spoken_on(blow: Event, speech: tuple[Span, ...]) -> bool:
    """Whether speech goes on over it: then it is a syllable."""
    ends_ms = blow.span.end_ms
    return any(span.start_ms < ends_ms and span.end_ms > ends_ms + SPOKEN_ON_MS for span in speech)


def _within_speech(series: Event, speech: tuple[Span, ...]) -> bool:
    """Whether speech goes on over knocks, or had begun before them."""
    starts_ms = series.span.start_ms
    return _spoken_on(series, speech) or any(
        span.start_ms < starts_ms - SPOKEN_ON_MS and span.end_ms > starts_ms for span in speech
    )
