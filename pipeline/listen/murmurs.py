"""Murmurs: the soft or clipped 「嗯」 of a listener, which voice activity passes over.

Voice activity smooths over a fifth of a second and knows nothing of how loud a person speaks
otherwise. So on a channel of its own, what voice activity left is searched once more for short voiced
bursts that stand out from the line's noise, from what leaks of the other side, and from what lies
far below the person's own voice (somebody else in the room). Whether one is a sign of listening is
for the judge to say, who knows what the other was doing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SoundArray
from pipeline.listen.crosstalk import MARGIN_DB, arriving_levels
from pipeline.listen.level import FRAME_MS, Levels, frame_levels, noise_db
from pipeline.listen.prosody import Prosody
from pipeline.records import Murmurs, Span, merge_spans

OVER_FLOOR_DB = 10.0
"""How far a murmur stands out from the line's noise."""

BELOW_VOICE_DB = 20.0
"""How far it may lie below the same person's speech. Listeners speak softer than speakers, but babble of
a room is 25 dB and more below the voice at the handset."""

PAUSE_MS = 60
"""「嗯嗯」 and 「好的」 dip between their syllables."""

SHORTEST_MS = 80
LONGEST_MS = 1_200
"""What is longer is no murmur, and voice activity has had its chance."""

VOICED_SHARE = 0.5
"""Of the burst, in pitch. 「是」 begins with a third of noise; a click and a breath have none."""

ACTIVE_RANGE_DB = 30.0
"""Frames within this of the loudest are the voice itself (ITU-T P.56 has it so in spirit)."""


def murmurs(
    channel: int,
    samples: SoundArray,
    speech: tuple[Span, ...],
    covered: tuple[Span, ...],
    prosody: Prosody,
) -> Murmurs:
    """The murmurs of one channel of two.

    Args:
        channel: which of the two
        samples: both channels, shape (2, n), 16 kHz
        speech: the channel's own speech as voice activity found it
        covered: its tones and music
        prosody: knows what is voiced
    """
    own = frame_levels(samples[channel])
    if not own.size:
        return Murmurs(channel, ())
    masked = np.maximum(
        noise_db(own) + OVER_FLOOR_DB,
        arriving_levels(own, frame_levels(samples[1 - channel])) + MARGIN_DB,
    )
    voice_db = _voice_db(own, speech)
    wanted = masked if voice_db is None else np.maximum(masked, voice_db - BELOW_VOICE_DB)
    found = tuple(
        burst
        for burst in _bursts(own > wanted, (*speech, *covered))
        if prosody.voiced_share(samples[channel], burst) >= VOICED_SHARE
    )
    loudest = float(np.percentile(masked, 90))
    return Murmurs(channel, found, None if voice_db is None else round(voice_db - loudest, 1))


def _voice_db(levels: Levels, speech: tuple[Span, ...]) -> float | None:
    """The level of the sounding part of the speech; ``None`` without any."""
    spoken = [levels[one.start_ms // FRAME_MS : one.end_ms // FRAME_MS] for one in speech]
    every = np.concatenate([np.zeros(0), *spoken])
    if not every.size:
        return None
    active = every[every > every.max() - ACTIVE_RANGE_DB]
    return float(10 * np.log10(np.mean(10 ** (active / 10))))


def _bursts(loud: NDArray[np.bool_], taken: tuple[Span, ...]) -> Iterator[Span]:
    """Runs of loud frames of a murmur's length that touch nothing known."""
    frames = [Span(at * FRAME_MS, (at + 1) * FRAME_MS) for at in np.flatnonzero(loud).tolist()]
    for run in merge_spans(frames, PAUSE_MS):
        fits = SHORTEST_MS <= run.duration_ms <= LONGEST_MS
        if fits and not any(run.overlap_ms(one) for one in taken):
            yield run
