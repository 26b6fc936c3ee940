"""Sounds of the telephone itself in one channel: rings, busy tones, keys pressed.

A tone is found by its spectrum (bursts.py) and named by its cadence (cadence.py); a set that rings in
the room (ringer.py) and keys (dtmf.py) are found by theirs.
"""

from __future__ import annotations

from pipeline.listen.audio import SoundArray
from pipeline.listen.bursts import bursts
from pipeline.listen.cadence import LONGEST_REST_MS, signals
from pipeline.listen.dtmf import keys
from pipeline.listen.ringer import set_rings
from pipeline.records import Event, Span


def call_progress(samples: SoundArray, channel: int) -> tuple[Event, ...]:
    """Rings, busy tones and keys of one channel, shape (n,), 16 kHz, in order of time.

    Each ring is one event, a double ring too; a train of busy tones is one event; each key is one.
    """
    found = [Event(signal.kind, channel, signal.span) for signal in signals(bursts(samples))]
    found += [Event("dtmf", channel, span) for span in keys(samples)]
    if not any(event.kind == "ring" for event in found):
        # a set does not ring in time with the tone its caller hears: one of them is counted
        pressed = [event.span for event in found]
        found += [
            Event("ring", channel, span)
            for span in set_rings(samples)
            if not any(span.overlap_ms(one) for one in pressed)
        ]
    return tuple(sorted(found, key=lambda event: event.span))


def stretches(tones: tuple[Event, ...]) -> tuple[Span, ...]:
    """Rings with the rests between them, and busy tones: what sounds like music in there is the tone."""
    found: list[Span] = []
    for event in tones:
        if event.kind == "dtmf":
            continue
        ringing = event.kind == "ring" and found
        if ringing and event.span.start_ms - found[-1].end_ms <= LONGEST_REST_MS:
            found[-1] = Span(found[-1].start_ms, event.span.end_ms)
        else:
            found.append(event.span)
    return tuple(found)
