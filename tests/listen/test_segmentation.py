"""Segmentation: what windows share is filtered once, and each is heard as if it were alone."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.listen.audio import SAMPLE_RATE
from pipeline.listen.segmentation import WINDOW_SAMPLES, Segmentation
from pipeline.listen.speaker_weights import load_speaker_weights
from tests.stereo import sides

STEP_MS = 5_000


@pytest.fixture(scope="module")
def segmentation() -> Segmentation:
    return Segmentation(load_speaker_weights().segmentation)


def test_each_window_is_heard_as_if_alone(segmentation: Segmentation) -> None:
    samples = sides("05_person_is_out.mp3")[0][: 23 * SAMPLE_RATE + 7]
    windows = list(segmentation.windows(samples, STEP_MS))
    assert [start for start, _ in windows] == [0, 80_000, 160_000, 208_007]
    for start, found in windows:
        alone = samples[start : start + WINDOW_SAMPLES]
        ((_, heard),) = segmentation.windows(alone, STEP_MS)
        assert np.abs(found - heard).max() < 0.001


def test_a_short_sound_is_one_window_filled_with_silence(segmentation: Segmentation) -> None:
    samples = sides("05_person_is_out.mp3")[0][14 * SAMPLE_RATE : 17 * SAMPLE_RATE]
    filled = np.pad(samples, (0, WINDOW_SAMPLES - samples.size))
    ((start, found),) = segmentation.windows(samples, STEP_MS)
    ((_, heard),) = segmentation.windows(filled, STEP_MS)
    assert start == 0
    assert np.abs(found - heard).max() < 0.001
