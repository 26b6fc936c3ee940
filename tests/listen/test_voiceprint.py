"""Embeddings: the same as CAM++ reckoned plainly, whatever the length."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.speaker_weights import load_speaker_weights
from pipeline.listen.voiceprint import SHORTEST_SAMPLES, Embedding, Voiceprint
from tests.listen.campplus import embedding
from tests.stereo import sides

WEIGHTS = load_speaker_weights().voiceprint
VOICEPRINT = Voiceprint(WEIGHTS)


def _embedded(sound: FloatArray) -> Embedding:
    (found,) = VOICEPRINT.embed([sound])
    return found


@pytest.mark.parametrize("duration_ms", [100, 150, 730, 1_990, 2_010, 4_444])
def test_an_embedding_is_campplus_s(duration_ms: int) -> None:
    start = 14 * SAMPLE_RATE
    sound = sides("05_person_is_out.mp3")[0][start : start + duration_ms * SAMPLE_RATE // 1000]
    assert np.abs(_embedded(sound) - embedding(sound, WEIGHTS)).max() < 1e-3


def test_sound_too_short_to_tell_is_repeated() -> None:
    sound = sides("05_person_is_out.mp3")[0][14 * SAMPLE_RATE :][: SHORTEST_SAMPLES // 2]
    twice = embedding(np.resize(sound, SHORTEST_SAMPLES), WEIGHTS)
    assert np.abs(_embedded(sound) - twice).max() < 1e-3


def test_sounds_embedded_together_know_nothing_of_each_other() -> None:
    left = sides("05_person_is_out.mp3")[0][14 * SAMPLE_RATE :]
    sizes = [2_400, 16_000, 1_000, 16_161, 35_000, 4_001, 95_999, 31_999, 400_000, 2_560]
    sounds = [left[3 * size : 4 * size] for size in sizes]
    found = list(VOICEPRINT.embed(sounds))
    assert len(found) == len(sounds)
    assert (
        max(np.abs(one - _embedded(s)).max() for one, s in zip(found, sounds, strict=True)) < 1e-4
    )
