"""Bursts of tone -> rings and busy tones, by how they come and go.

The plans are those of ITU-T E.180 Supplement 2 (on - off, seconds):

=====  ===================  ==========================================
plan   ring                 busy, congestion
=====  ===================  ==========================================
CN     450      1 - 4       450      0.35 - 0.35,  0.7 - 0.7
TW     440+480  1 - 2       480+620  0.5 - 0.5,    0.25 - 0.25
HK     440+480  0.4 - 0.2 - 0.4 - 3   480+620  0.5 - 0.5,  0.25 - 0.25
US     440+480  2 - 4       480+620  0.5 - 0.5,    0.25 - 0.25
JP     400 modulated with 16-20   1 - 2   400  0.5 - 0.5
=====  ===================  ==========================================

A telephone exchange may be of another country, so cadence decides and pitch does not: a ring rests
longer than a second before the next, a busy tone does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from statistics import median
from typing import Literal

import numpy as np

from pipeline.listen.bursts import SHAPE_BINS, Burst
from pipeline.records import Span

BUSY_ON_MS = (100, 850)
BUSY_OFF_MS = (100, 850)
LONGEST_BUSY_REST_MS = 1_900
"""Longer than any rest in which one burst was lost (0.66 s three times), shorter than a ring's."""
BUSY_REPEATS = 3
"""Two beeps are also a double ring, or two notes."""
UNEVEN_MS = 80
"""By how much on and off times of one train may differ from their middle: the edges of a burst in
noise are true to 20-40 ms. Speech that falls into three stretches of one tone is never so even."""

DOUBLE_ON_MS = (320, 550)
DOUBLE_OFF_MS = (120, 330)
"""Within a double ring 0.4 - 0.2 - 0.4 (HK, GB, AU, SG). A busy tone of 0.35 - 0.35 rests longer."""

LONGEST_RING_MS = 2_600
"""The longest in the supplement is on for 2.5 s; a dial tone goes on and on."""
RING_HZ = (390.0, 470.0)
"""Middle of the energy of the supplement's ring tones, from 400 Hz to 440 + 480. 480 + 620 is busy."""
LONE_RING_MS = 450
"""A ring that nothing else speaks for. Held notes and vowels reach 0.4 s."""
NATIONAL_HZ = (400.0, 425.0, 450.0, 460.0)
NATIONAL_OFF_HZ = 4.0
LONE_NATIONAL_MS = 280
"""The same at the pitch of a plan above: the answer may cut the only ring short. No note of a piano
tuned to 440 Hz lies there but the G sharp, and of speech (2,700 s) nothing as steady lasts so long."""
FAINTER_DB = 10.0
"""Music or another line behind the ring: what is so far below the loudest rings is none."""
CUT_RING_MS = 140
"""A ring among others of its train that the answer, or the start of the recording, cut short."""
CUT_SECOND_MS = 200
"""The same beside a single ring, where no rest is known to hold it against."""
UNEVEN_RING = 0.15
"""By what share of it the rest before a cut ring may differ from the others of its train."""
SHORTEST_REST_MS = 1_200
LONGEST_REST_MS = 6_500
"""Between two rings the supplement has rests from 1.3 to 6 s."""


@dataclass(frozen=True, slots=True)
class Signal:
    """One ring, or one train of busy tones."""

    kind: Literal["ring", "busy"]
    span: Span


def signals(bursts: Sequence[Burst]) -> tuple[Signal, ...]:
    """The rings and busy tones among bursts of tone, in order of time.

    A double ring is one ring; a train of busy tones is one signal. A burst that is neither is left out.
    """
    found: list[Signal] = []
    single: list[Burst] = []
    for one_tone in _by_tone(bursts):
        at = 0
        rest: list[Burst] = []
        while at < len(one_tone):
            length = _busy_length(one_tone[at:])
            if length >= BUSY_REPEATS:
                hull = Span(one_tone[at].span.start_ms, one_tone[at + length - 1].span.end_ms)
                found.append(Signal("busy", hull))
                at += length
            else:
                rest.append(one_tone[at])
                at += 1
        single += _rings(rest)
    loudest = max((one.level_db for one in single), default=0.0)
    heard = [
        one.span
        for one in single
        if one.level_db >= loudest - FAINTER_DB
        and all(one.span.gap_ms(busy.span) >= SHORTEST_REST_MS for busy in found)
    ]
    found += [Signal("ring", span) for span in heard]
    return tuple(sorted(found, key=lambda signal: signal.span))


def _by_tone(bursts: Sequence[Burst]) -> list[list[Burst]]:
    """Bursts sorted by the generator that made them, each in order of time."""
    tones: list[list[Burst]] = []
    for burst in sorted(bursts, key=lambda one: one.span):
        same = next((tone for tone in tones if any(map(burst.sounds_like, tone))), None)
        if same is None:
            tones.append([burst])
        else:
            same.append(burst)
    return tones


def _busy_length(bursts: Sequence[Burst]) -> int:
    """How many bursts from the first on are one even train; the last may be cut short."""
    length = 1
    while (
        length < len(bursts) and _rest(bursts[length - 1], bursts[length]) <= LONGEST_BUSY_REST_MS
    ):
        length += 1
    while length >= BUSY_REPEATS and not _even(bursts[:length]):
        length -= 1
    return length


def _even(train: Sequence[Burst]) -> bool:
    """Whether on and off times hardly differ. A recording may begin or end within a burst, and of the
    bursts between some may be lost in noise.
    """
    on = [one.span.duration_ms for one in train]
    middle = median(on)
    rests = [_rest(before, after) for before, after in pairwise(train)]
    usual = min(rests)
    near = [rest for rest in rests if rest <= usual + 2 * UNEVEN_MS]
    usual = round(median(near))
    lost = [abs(rest - (2 * usual + middle)) <= 2 * UNEVEN_MS for rest in rests if rest not in near]
    return (
        _within(usual, BUSY_OFF_MS)
        and all(_within(one, BUSY_ON_MS) and abs(one - middle) <= UNEVEN_MS for one in on[1:-1])
        and max(on[0], on[-1]) <= middle + UNEVEN_MS
        and all(abs(rest - usual) <= UNEVEN_MS for rest in near)
        and all(lost)
        and len(near) > len(lost)
    )


def _rings(bursts: Sequence[Burst]) -> list[Burst]:
    """Rings among bursts of one tone that are no busy tone; a double ring is one."""
    single = _joined(bursts)
    return [
        one
        for index, one in enumerate(single)
        if _within(_middle_hz(one), RING_HZ)
        and one.span.duration_ms <= LONGEST_RING_MS
        and _stands_alone(single, index)
        and (one.span.duration_ms >= _lone_ms(one) or _is_cut(single, index))
    ]


def _middle_hz(burst: Burst) -> float:
    return float(np.dot(np.square(burst.shape), SHAPE_BINS))


def _lone_ms(burst: Burst) -> int:
    """How long a burst must last to be a ring on its own word."""
    hz = _middle_hz(burst)
    national = any(abs(hz - one) <= NATIONAL_OFF_HZ for one in NATIONAL_HZ)
    return LONE_NATIONAL_MS if national else LONE_RING_MS


def _joined(bursts: Sequence[Burst]) -> list[Burst]:
    """Double bursts as one each."""
    joined: list[Burst] = []
    at = 0
    while at < len(bursts):
        one = bursts[at]
        second = bursts[at + 1] if at + 1 < len(bursts) else None
        if (
            second is not None
            and _within(one.span.duration_ms, DOUBLE_ON_MS)
            and second.span.duration_ms <= DOUBLE_ON_MS[1]
            and _within(_rest(one, second), DOUBLE_OFF_MS)
        ):
            joined.append(replace(one, span=Span(one.span.start_ms, second.span.end_ms)))
            at += 2
        else:
            joined.append(one)
            at += 1
    return joined


def _stands_alone(rings: Sequence[Burst], index: int) -> bool:
    """Whether the same tone rests before and after. A blip of a voice at its pitch is no tone."""
    own = rings[index].span
    others = (one.span for one in rings if one is not rings[index])
    return all(
        own.gap_ms(one) >= SHORTEST_REST_MS for one in others if one.duration_ms >= LONE_NATIONAL_MS
    )


def _is_cut(rings: Sequence[Burst], index: int) -> bool:
    """Whether a short burst belongs to a train: one rest away from a whole ring, as the others are."""
    own = rings[index].span
    whole = [one.span for one in rings if one.span.duration_ms >= LONE_RING_MS]
    rests = [before.gap_ms(after) for before, after in pairwise(whole)]
    usual = median(rests) if rests else None
    shortest = CUT_RING_MS if rests else CUT_SECOND_MS
    return own.duration_ms >= shortest and any(
        _within(one.gap_ms(own), (SHORTEST_REST_MS, LONGEST_REST_MS))
        and (usual is None or abs(one.gap_ms(own) - usual) <= UNEVEN_RING * usual)
        for one in whole
    )


def _rest(before: Burst, after: Burst) -> int:
    return after.span.start_ms - before.span.end_ms


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] <= value <= limits[1]
