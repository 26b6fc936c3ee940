"""Powerset segmentation: which of up to three voices of ten seconds speaks when, two at once included.

The network is pyannote's segmentation-3.0 (Plaquet and Bredin 2023, arXiv 2310.13025; MIT): SincNet, four
bidirectional LSTM layers, and a class for nobody, for each voice, and for each pair of voices. Voices
have no names: the first of one window may be the second of the next.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as nn

from pipeline.listen.audio import SAMPLE_RATE, SoundArray

WINDOW_SAMPLES = 10 * SAMPLE_RATE
"""What the network was trained on."""

STRIDE = 10
FILTER = 251
"""Samples between two steps of the first layer, and that each sees."""

FRAME_SAMPLES = 270
"""A frame every 16.9 ms: SincNet's strides, 10 x 3 x 3 x 3."""

FIRST_FRAME_SAMPLES = 495
"""Centre of the first frame: half of the 991 samples it sees."""

LOCAL_VOICES = 3
POWERSET = ((), (0,), (1,), (2,), (0, 1), (0, 2), (1, 2))
"""Who speaks, by class."""

BATCH = 8
"""Windows at once: more makes nothing faster on a CPU, and memory grows with it."""

FEATURES, HIDDEN, LAYERS = 60, 128, 4
NORM_EPS = 1e-5
MIN_LOW_HZ = MIN_BAND_HZ = 50.0

Activity = NDArray[np.float32]
"""Shape (frames, LOCAL_VOICES): probability that each voice of one window speaks."""


class Segmentation:
    """The segmentation network, loaded once."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        self._weights = weights
        self._filters = _sinc_filters(weights)
        self._lstm = torch.nn.LSTM(FEATURES, HIDDEN, LAYERS, batch_first=True, bidirectional=True)
        self._lstm.load_state_dict(
            {n.removeprefix("lstm."): v for n, v in weights.items() if n.startswith("lstm.")}
        )
        self._lstm.eval()
        self._voices = torch.zeros(len(POWERSET), LOCAL_VOICES)
        for row, voices in enumerate(POWERSET):
            self._voices[row, list(voices)] = 1.0

    def windows(self, samples: SoundArray, step_ms: int) -> Iterator[tuple[int, Activity]]:
        """Each window's start in samples and its voices: one channel, shape (n,), 16 kHz.

        The last window ends with the sound, which is filled with silence where it is shorter.
        """
        step = step_ms * SAMPLE_RATE // 1000
        last = max(0, samples.size - WINDOW_SAMPLES)
        starts = [*range(0, last, step), last]
        for at in range(0, len(starts), BATCH):
            batch = starts[at : at + BATCH]
            with torch.inference_mode():
                filtered = torch.stack([*self._filtered(samples, batch)])
                found = self._network(filtered).exp() @ self._voices
            yield from zip(batch, found.numpy(), strict=True)

    def _filtered(self, samples: SoundArray, starts: list[int]) -> Iterator[Tensor]:
        """Each window through the first layer, rectified and pooled: shape (filters, frames).

        Windows overlap, so what they share is filtered once, and their normalisation, which is linear,
        comes after. The last window may lie between two steps of the filters.
        """
        gain, offset = (self._weights[f"sincnet.wav_norm1d.{name}"] for name in ("weight", "bias"))
        sums = self._filters.sum(2)
        even = [start for start in starts if (start - starts[0]) % STRIDE == 0]
        for run in (even, starts[len(even) :]):
            if not run:
                continue
            sound = torch.zeros(run[-1] - run[0] + WINDOW_SAMPLES)
            piece = samples[run[0] : run[0] + len(sound)]
            sound[: piece.size] = torch.from_numpy(np.array(piece, np.float32))
            filtered = nn.conv1d(sound[None, None], self._filters, stride=STRIDE)[0]
            for start in run:
                window = sound[start - run[0] :][:WINDOW_SAMPLES]
                scale = gain * (window.var(correction=0) + NORM_EPS).rsqrt()
                first = (start - run[0]) // STRIDE
                part = filtered[:, first : first + (WINDOW_SAMPLES - FILTER) // STRIDE + 1]
                levelled = torch.addcmul((offset - scale * window.mean()) * sums, part, scale)
                yield nn.max_pool1d(levelled.abs_(), 3)

    def _network(self, x: Tensor) -> Tensor:
        """Log probability of each class: (batch, filters, steps) -> (batch, frames, classes)."""
        w = self._weights
        for layer in range(3):
            if layer:
                conv = f"sincnet.conv1d.{layer}"
                x = nn.max_pool1d(nn.conv1d(x, w[f"{conv}.weight"], w[f"{conv}.bias"]), 3)
            x = nn.leaky_relu(_instance_norm(x, w, f"sincnet.norm1d.{layer}"))
        x, _ = self._lstm(x.transpose(1, 2))
        for layer in range(2):
            x = nn.leaky_relu(nn.linear(x, w[f"linear.{layer}.weight"], w[f"linear.{layer}.bias"]))
        return nn.linear(x, w["classifier.weight"], w["classifier.bias"]).log_softmax(-1)


def _instance_norm(x: Tensor, w: Mapping[str, Tensor], name: str) -> Tensor:
    return nn.instance_norm(x, weight=w[f"{name}.weight"], bias=w[f"{name}.bias"])


def _sinc_filters(w: Mapping[str, Tensor]) -> Tensor:
    """The first layer's band-pass filters from their learned edges: shape (80, 1, 251).

    Even (cosine) filters as in Ravanelli and Bengio 2018, then odd ones (Pariente et al. 2020).
    """
    name = "sincnet.conv1d.0.filterbank"
    half, times = w[f"{name}.window_"], w[f"{name}.n_"]
    low = MIN_LOW_HZ + w[f"{name}.low_hz_"].abs()
    high = (low + MIN_BAND_HZ + w[f"{name}.band_hz_"].abs()).clamp(MIN_LOW_HZ, SAMPLE_RATE / 2)
    width = 2 * (high - low)
    even = ((high @ times).sin() - (low @ times).sin()) / (times / 2) * half
    odd = ((low @ times).cos() - (high @ times).cos()) / (times / 2) * half
    cosine = torch.cat([even, width, even.flip(1)], 1)
    sine = torch.cat([odd, torch.zeros_like(width), -odd.flip(1)], 1)
    return torch.cat([cosine / width, sine / width])[:, None]
