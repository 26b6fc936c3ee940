"""CAM++ as the plain function of its weights that it is, to hold the faster one against."""

from __future__ import annotations

from collections.abc import Mapping

import kaldi_native_fbank as knf
import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as nn

from pipeline.listen.audio import SAMPLE_RATE, FloatArray

MELS = 80
DENSE_BLOCKS = ((12, 1), (24, 2), (16, 2))
CONTEXT_FRAMES = 100
NORM_EPS = 1e-5


def embedding(samples: FloatArray, weights: Mapping[str, Tensor]) -> FloatArray:
    """Of one channel, shape (n,), 16 kHz: shape (192,), length 1."""
    with torch.inference_mode():
        found = _campplus(torch.from_numpy(_features(samples))[None], weights)[0].numpy()
    return np.asarray(found / np.linalg.norm(found), np.float32)


def _features(samples: FloatArray) -> FloatArray:
    """Log mel energies as Kaldi reckons them, less their mean over time: shape (frames, MELS)."""
    options = knf.FbankOptions()
    options.frame_opts.samp_freq = SAMPLE_RATE
    options.frame_opts.dither = 0.0
    options.mel_opts.num_bins = MELS
    bank = knf.OnlineFbank(options)
    bank.accept_waveform(SAMPLE_RATE, samples)
    bank.input_finished()
    frames = np.stack([bank.get_frame(index) for index in range(bank.num_frames_ready)])
    return np.asarray(frames - frames.mean(0), np.float32)


def _campplus(features: Tensor, w: Mapping[str, Tensor]) -> Tensor:
    """CAM++: shape (batch, frames, MELS) -> (batch, 192)."""
    x = _front_end(features.transpose(1, 2)[:, None], w)
    x = nn.conv1d(x, w["xvector.tdnn.linear.weight"], stride=2, padding=2)
    x = _norm(x, w, "xvector.tdnn.nonlinear.batchnorm").relu()
    for block, (layers, dilation) in enumerate(DENSE_BLOCKS, 1):
        for layer in range(1, layers + 1):
            name = f"xvector.block{block}.tdnnd{layer}"
            x = torch.cat([x, _dense_layer(x, w, name, dilation)], 1)
        x = _norm(x, w, f"xvector.transit{block}.nonlinear.batchnorm").relu()
        x = nn.conv1d(x, w[f"xvector.transit{block}.linear.weight"])
    x = _norm(x, w, "xvector.out_nonlinear.batchnorm").relu()
    pooled = torch.cat([x.mean(-1), x.std(-1)], 1)[..., None]
    out = nn.conv1d(pooled, w["xvector.dense.linear.weight"])
    return _norm(out, w, "xvector.dense.nonlinear.batchnorm")[..., 0]


def _front_end(x: Tensor, w: Mapping[str, Tensor]) -> Tensor:
    """Residual convolutions over time and frequency; three of them halve the frequencies."""
    x = _conv2d(x, w, "head.conv1", "head.bn1").relu()
    for name, stride in (("layer1.0", 2), ("layer1.1", 1), ("layer2.0", 2), ("layer2.1", 1)):
        block = f"head.{name}"
        y = _conv2d(x, w, f"{block}.conv1", f"{block}.bn1", stride).relu()
        y = _conv2d(y, w, f"{block}.conv2", f"{block}.bn2")
        if stride > 1:
            x = _conv2d(x, w, f"{block}.shortcut.0", f"{block}.shortcut.1", stride)
        x = (x + y).relu()
    x = _conv2d(x, w, "head.conv2", "head.bn2", 2).relu()
    return x.flatten(1, 2)


def _dense_layer(x: Tensor, w: Mapping[str, Tensor], name: str, dilation: int) -> Tensor:
    """One layer with context-aware masking: local frames, weighed by their surroundings."""
    x = _norm(x, w, f"{name}.nonlinear1.batchnorm").relu()
    x = nn.conv1d(x, w[f"{name}.linear1.weight"])
    x = _norm(x, w, f"{name}.nonlinear2.batchnorm").relu()
    cam = f"{name}.cam_layer"
    local = nn.conv1d(x, w[f"{cam}.linear_local.weight"], padding=dilation, dilation=dilation)
    near = nn.avg_pool1d(x, CONTEXT_FRAMES, CONTEXT_FRAMES, ceil_mode=True)
    near = near.repeat_interleave(CONTEXT_FRAMES, -1)[..., : x.shape[-1]]
    mask = x.mean(-1, keepdim=True) + near
    mask = nn.conv1d(mask, w[f"{cam}.linear1.weight"], w[f"{cam}.linear1.bias"]).relu()
    mask = nn.conv1d(mask, w[f"{cam}.linear2.weight"], w[f"{cam}.linear2.bias"]).sigmoid()
    return local * mask


def _conv2d(x: Tensor, w: Mapping[str, Tensor], conv: str, norm: str, stride: int = 1) -> Tensor:
    kernel = w[f"{conv}.weight"]
    y = nn.conv2d(x, kernel, stride=(stride, 1), padding=kernel.shape[-1] // 2)
    return _norm(y, w, norm)


def _norm(x: Tensor, w: Mapping[str, Tensor], name: str) -> Tensor:
    """Batch normalisation with the statistics of training."""
    return nn.batch_norm(
        x,
        w[f"{name}.running_mean"],
        w[f"{name}.running_var"],
        w.get(f"{name}.weight"),
        w.get(f"{name}.bias"),
        eps=NORM_EPS,
    )
