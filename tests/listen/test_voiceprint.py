"""Embeddings: the same as CAM++ reckoned plainly, whatever the length."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.listen.audio import SAMPLE_RATE
from pipeline.listen.speaker_weights import load_speaker_weights
from pipeline.listen.voiceprint import SHORTEST_SAMPLES, Voiceprint
from tests.listen.campplus import embedding
from tests.stereo import sides

WEIGHTS = load_speaker_weights().voiceprint


@pytest.mark.parametrize("duration_ms", [100, 150, 730, 1_990, 2_010, 4_444])
def test_an_embedding_is_campplus_s(duration_ms: int) -> None:
    start = 14 * SAMPLE_RATE
    sound = sides("05_person_is_out.mp3")[0][start : start + duration_ms * SAMPLE_RATE // 1000]
    assert np.abs(Voiceprint(WEIGHTS).embed(sound) - embedding(sound, WEIGHTS)).max() < 1e-3


def test_sound_too_short_to_tell_is_repeated() -> None:
    sound = sides("05_person_is_out.mp3")[0][14 * SAMPLE_RATE :][: SHORTEST_SAMPLES // 2]
    twice = embedding(np.resize(sound, SHORTEST_SAMPLES), WEIGHTS)
    assert np.abs(Voiceprint(WEIGHTS).embed(sound) - twice).max() < 1e-3
