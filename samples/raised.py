"""A raised voice: a proxy. The voices cannot shout, so a calm sentence is bent to measure like one.

Three things that tell a raised voice from a calm one are imposed: it is higher (and so are its
formants, which a real speaker's would be less), its spectrum tilts towards the high frequencies,
and it is louder. What no filter gives is a real person's strain, breath and timing.
"""

from __future__ import annotations

import numpy as np
from scipy.signal import lfilter, resample_poly
from voices import SAMPLE_RATE_HZ, Voices, Wave

UP, DOWN = 5, 6
"""Played back in 5/6 of the time: a minor third higher in pitch."""
PITCH_RATIO = DOWN / UP
GAIN_DB = 9.0
"""Over the speaker's calm level, before the line's limiter."""
TILT_CORNER_HZ = 1_500.0
TILT_DB = 6.0


def speak_raised(voices: Voices, text: str, voice: str, speed: float = 1.0) -> Wave:
    """Say a text in a raised voice, at 24 kHz; the level is left to whoever mixes the call.

    The words are spoken slower by the pitch ratio and played faster by it: the pace stays.
    """
    slow = voices.speak(text, voice, speed / PITCH_RATIO)
    return brightened(resample_poly(slow, UP, DOWN).astype(np.float32))


def brightened(wave: Wave) -> Wave:
    """A 24 kHz clip with a first-order high shelf: +6 dB well above 1.5 kHz."""
    pole = np.exp(-2 * np.pi * TILT_CORNER_HZ / SAMPLE_RATE_HZ)
    low = lfilter([1 - pole], [1, -pole], wave)
    high = wave - low
    return np.asarray(low + 10 ** (TILT_DB / 20) * high, np.float32)
