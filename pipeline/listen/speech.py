"""Voice activity and music: where somebody speaks, and where a line plays hold music.

The models are FireRedVAD's (Apache-2.0; firered.py). Measured on 50 neutral CASIA sentences
at 8 kHz, G.711, -26 dBov: this one covers 99-100 % of the speech at any threshold from 0.1 to 0.4;
silero, with its own defaults, found 7 of one speaker's 25 sentences.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pipeline.listen.audio import SAMPLE_RATE, SoundArray
from pipeline.listen.firered import HOP_MS, FireRed, Probabilities, stretches
from pipeline.listen.level import noise_db
from pipeline.records import Span, merge_spans

THRESHOLD = 0.2
"""Speech probability. At the model's own 0.4, sentences at the foot of an 8 kHz line lose their
quiet halves; what 0.2 lets in besides speech are call-progress tones, which tones.py names."""

SHORTEST_SPEECH_MS = 80
"""A clipped 「嗯」."""

SHORTEST_MUSIC_MS = 3_000
"""Shorter than this is a ring tone's tail or a sung syllable, not a line on hold."""

JOIN_MUSIC_MS = 2_000
"""Rests inside one melody."""

MUSIC_THRESHOLD = 0.5
SHORTEST_SOUND_MS = 200
"""Probability and shortest stretch of music or singing: the model's own."""

FRAME_MS = 20
OVER_FLOOR_DB = 12.0
"""How far a frame must lie over the line's own noise to belong to the speech beside it."""

QUIET_END_MS = 800
"""How far speech is followed into a quiet end: 「讓您久等了」 may fall by 20 dB from its first word, and
the model lets go of it. Longer than this it is something else."""

TAIL_MS = 400
"""How much of a span's end may be no voice: the model lets go 0.3 s late (137 sample turns: median 316 ms,
and 295 to 322 for the middle half or more). Windows for recognition keep that, measurements do not."""


@dataclass(frozen=True, slots=True)
class Activity:
    """What sounds in one channel: stretches with a voice in them, and of music long enough for a hold."""

    speech: tuple[Span, ...]
    music: tuple[Span, ...]


class VoiceActivity:
    """The two models, loaded once and used for every recording."""

    def __init__(self) -> None:
        self._models = FireRed()

    def heard(self, samples: SoundArray) -> Activity:
        """Voices and music. ``samples``: one channel, shape (n,), 16 kHz.

        Both models at once: they look at the same features, which are reckoned once.
        """
        if samples.size < SAMPLE_RATE // 10 or not np.any(samples):
            return Activity((), ())
        speech, events = self._models.probabilities(samples)
        return Activity(_speech(speech, samples), _music(events, samples))

    def speech(self, samples: SoundArray) -> tuple[Span, ...]:
        """Stretches with a voice in them. ``samples``: one channel, shape (n,), 16 kHz."""
        return self.heard(samples).speech

    def music(self, samples: SoundArray) -> tuple[Span, ...]:
        """Stretches of music or singing long enough to be a line on hold."""
        return self.heard(samples).music


def _speech(found: Probabilities, samples: SoundArray) -> tuple[Span, ...]:
    fewest = SHORTEST_SPEECH_MS // HOP_MS
    spans = list(stretches(found[:, 0], THRESHOLD, fewest, samples.size))
    return merge_spans(_with_quiet_ends(spans, samples))


def _music(found: Probabilities, samples: SoundArray) -> tuple[Span, ...]:
    if samples.size < SAMPLE_RATE:
        return ()
    fewest = SHORTEST_SOUND_MS // HOP_MS
    spans = [
        span
        for kind in (1, 2)  # singing, music
        for span in stretches(found[:, kind], MUSIC_THRESHOLD, fewest, samples.size)
    ]
    joined = merge_spans(spans, JOIN_MUSIC_MS)
    return tuple(span for span in joined if span.duration_ms >= SHORTEST_MUSIC_MS)


def _with_quiet_ends(spans: list[Span], samples: SoundArray) -> list[Span]:
    """The spans, each followed forwards and backwards while the line stays above its noise."""
    above = _above_noise(samples)
    most = QUIET_END_MS // FRAME_MS

    def steps(at: int, direction: int) -> int:
        """Frames to go on from ``at``; one frame below the noise is bridged."""
        gone = 0
        for step in range(1, most + 1):
            here = at + direction * step
            if not 0 <= here < len(above):
                break
            if above[here]:
                gone = step
            elif step - gone > 1:
                break
        return gone

    return [
        span.padded(
            steps(span.start_ms // FRAME_MS, -1) * FRAME_MS,
            steps(span.end_ms // FRAME_MS - 1, +1) * FRAME_MS,
        )
        for span in spans
    ]


def tails_ms(spans: tuple[Span, ...], samples: SoundArray) -> tuple[int, ...]:
    """How long each span goes on after its last frame above the line's noise, at most ``TAIL_MS``.

    ``samples``: the channel the spans are of, shape (n,), 16 kHz.
    """
    if not spans:
        return ()
    above = _above_noise(samples)

    def tail_ms(span: Span) -> int:
        earliest_ms = max(span.start_ms + FRAME_MS, span.end_ms - TAIL_MS)
        last = min(span.end_ms // FRAME_MS, len(above))
        while last * FRAME_MS > earliest_ms and not above[last - 1]:
            last -= 1
        return max(0, span.end_ms - max(earliest_ms, last * FRAME_MS))

    return tuple(tail_ms(span) for span in spans)


def _above_noise(samples: SoundArray) -> NDArray[np.bool_]:
    """Which frames of a channel are louder than its noise, shape (frames,)."""
    size = FRAME_MS * SAMPLE_RATE // 1000
    frames = samples[: samples.size // size * size].reshape(-1, size)
    # no copy of an hour in 64 bits, as np.square would make
    power = np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / size
    levels = 10 * np.log10(power + 1e-9)
    return np.asarray(levels > noise_db(levels) + OVER_FLOOR_DB)


def without(spans: tuple[Span, ...], others: tuple[Span, ...]) -> tuple[Span, ...]:
    """What of ``spans`` lies in none of ``others``.

    >>> without((Span(0, 10),), (Span(3, 5),))
    (Span(start_ms=0, end_ms=3), Span(start_ms=5, end_ms=10))
    """
    left = list(spans)
    for other in others:
        pieces: list[Span] = []
        for span in left:
            if not span.overlap_ms(other):
                pieces.append(span)
                continue
            if span.start_ms < other.start_ms:
                pieces.append(Span(span.start_ms, other.start_ms))
            if other.end_ms < span.end_ms:
                pieces.append(Span(other.end_ms, span.end_ms))
        left = pieces
    return tuple(left)
