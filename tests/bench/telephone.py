"""The telephone line of samples/line.py, as the benches use it: 8 kHz, 300-3400 Hz, noise, G.711."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

import numpy as np

from pipeline.listen.audio import FloatArray

SAMPLES = Path(__file__).parents[2] / "samples"

SPEECH_DBOV = -26.0
"""The nominal level of speech on a line (ITU-T P.56)."""


def line_tools() -> ModuleType:
    """The module samples/line.py: its folder is no package, and what it needs comes with the voices."""
    if str(SAMPLES) not in sys.path:
        sys.path.insert(0, str(SAMPLES))
    return import_module("line")


def on_the_line(
    wave: FloatArray, gain_db: float, snr_db: float, law: str, random: np.random.Generator
) -> FloatArray:
    """An 8 kHz wave on a line so much louder, with noise under nominal speech; coded, 16 kHz."""
    louder = wave * np.float32(10 ** (gain_db / 20))
    noise = line_tools().noise(wave.size, SPEECH_DBOV + gain_db - snr_db, random)
    return coded(louder + noise, law)


def coded(wave: FloatArray, law: str) -> FloatArray:
    """Limited, through G.711, and back to 16 kHz."""
    from scipy.signal import resample_poly

    line = line_tools()
    through = line.CODECS[law](line.limited(wave)).astype(np.float32) / 32_768
    return np.asarray(resample_poly(through, 2, 1), np.float32)
