"""Speaker embeddings: CAM++, 192 numbers of which two say whether one person spoke.

The network is 3D-Speaker's CAM++ (Wang et al. 2023, arXiv 2303.00332; Apache-2.0), trained on 200,000
Mandarin and English speakers. It is written here as the plain function of its weights that it is, so
that nothing but tensors is read from the file and no package has to be trusted to run it. Normalisations
that follow a matrix are folded into it, frames are rows, and a mask is reckoned once for the frames that
share it.

A reply is a second long, and the network some four hundred small steps: so many sounds go through it as one,
laid out with silence between them, which costs three fifths of one after the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as nn

from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.filterbank import log_mels

Embedding = NDArray[np.float32]
"""Shape (192,), length 1: the dot product of two is their cosine similarity."""

SHORTEST_SAMPLES = SAMPLE_RATE // 10
"""Sound shorter than this is repeated up to it: the network needs some frames to take a spread of."""

LONGEST_SAMPLES = 20 * SAMPLE_RATE
"""Of one sound; more adds nothing to an embedding, and memory grows with it."""

TOGETHER_SAMPLES = 10 * SAMPLE_RATE
"""Of sounds that are embedded together: more makes nothing faster."""

APART_FRAMES = 4
"""Between two sounds, at least: what the widest layer sees beside a frame, two of halved frames."""

DENSE_BLOCKS = ((12, 1), (24, 2), (16, 2))
"""Layers and dilation of each densely connected block of CAM++."""

CONTEXT_FRAMES = 100
"""Segment length of CAM++'s context-aware masking."""

NORM_EPS = 1e-5
TINY = 1e-12


class Voiceprint:
    """The embedding network, loaded once."""

    def __init__(self, weights: Mapping[str, Tensor]) -> None:
        w = Weights(weights)
        self._front = _Front.of(w)
        self._blocks = tuple(
            _Block(
                tuple(_Dense.of(w, f"xvector.block{n}.tdnnd{k}") for k in range(1, layers + 1)),
                dilation,
                w.scaling(f"xvector.transit{n}.nonlinear.batchnorm"),
                w.tensor(f"xvector.transit{n}.linear.weight")[..., 0],
            )
            for n, (layers, dilation) in enumerate(DENSE_BLOCKS, 1)
        )
        self._out = w.scaling("xvector.out_nonlinear.batchnorm")
        self._dense = w.folded("xvector.dense.linear", "xvector.dense.nonlinear.batchnorm")

    def embed(self, sounds: Iterable[FloatArray]) -> Iterator[Embedding]:
        """Who speaks in each sound (one channel, shape (n,), 16 kHz), as far as can be heard."""
        for some in _together(map(_fitted, sounds)):
            with torch.inference_mode():
                found = self._network([log_mels(sound, full_scale=1.0) for sound in some]).numpy()
            yield from found / np.maximum(np.linalg.norm(found, axis=1, keepdims=True), TINY)

    def _network(self, sounds: Sequence[Tensor]) -> Tensor:
        """CAM++: of each sound shape (frames, 80) -> (sounds, 192)."""
        layout = _Layout.of([len(mels) for mels in sounds])
        x = torch.zeros(layout.size, sounds[0].shape[1])
        for part, mels in zip(layout.parts(x), sounds, strict=True):
            part[:] = mels - mels.mean(0)
        x = self._front(x, layout)
        layout = layout.halved()
        for block in self._blocks:
            x = block(x, layout)
        x = self._out(x)
        pooled = [torch.cat([part.mean(0), part.std(0)]) for part in layout.parts(x)]
        weight, bias = self._dense
        return nn.linear(torch.stack(pooled), weight[..., 0], bias)


def _fitted(sound: FloatArray) -> FloatArray:
    """As much of a sound as is listened to; repeated where there is too little."""
    if sound.size < SHORTEST_SAMPLES:
        return np.resize(sound, SHORTEST_SAMPLES)
    return sound[:LONGEST_SAMPLES]


def _together(sounds: Iterable[FloatArray]) -> Iterator[list[FloatArray]]:
    """Sounds that go through the network as one, in order."""
    some: list[FloatArray] = []
    for sound in sounds:
        if some and sum(one.size for one in some) + sound.size > TOGETHER_SAMPLES:
            yield some
            some = []
        some.append(sound)
    if some:
        yield some


@dataclass(frozen=True)
class _Layout:
    """Where the frames of some sounds lie, one sound after the other; those between are silent."""

    starts: tuple[int, ...]
    sizes: tuple[int, ...]

    @classmethod
    def of(cls, sizes: Sequence[int]) -> _Layout:
        """Sounds of these sizes, each begun at an even frame, so that frames can be halved."""
        apart = [size + size % 2 + APART_FRAMES for size in sizes]
        return cls(tuple(accumulate(apart[:-1], initial=0)), tuple(sizes))

    @property
    def size(self) -> int:
        return self.starts[-1] + self.sizes[-1]

    def halved(self) -> _Layout:
        """The same after a layer that leaves every other frame."""
        return _Layout(
            tuple(start // 2 for start in self.starts), tuple(-(-size // 2) for size in self.sizes)
        )

    def parts(self, x: Tensor) -> Iterator[Tensor]:
        """The rows of each sound."""
        for start, size in zip(self.starts, self.sizes, strict=True):
            yield x[start : start + size]

    @cached_property
    def silent(self) -> Tensor:
        """The frames that are no sound's."""
        free = torch.ones(self.size, dtype=torch.bool)
        for part in self.parts(free):
            part[:] = False
        return free.nonzero()[:, 0]

    @cached_property
    def segments(self) -> tuple[tuple[int, int, int], ...]:
        """What shares a mask: the number of its sound, its first frame, and one past its last."""
        return tuple(
            (number, start + at, start + min(at + CONTEXT_FRAMES, size))
            for number, (start, size) in enumerate(zip(self.starts, self.sizes, strict=True))
            for at in range(0, size, CONTEXT_FRAMES)
        )

    @cached_property
    def surroundings(self) -> Tensor:
        """Times frames: the mean of each segment, and that of its sound. Shape (segments, frames)."""
        means = torch.zeros(len(self.segments), self.size)
        for row, (number, first, end) in zip(means, self.segments, strict=True):
            row[self.starts[number] :][: self.sizes[number]] += 1 / self.sizes[number]
            row[first:end] += 1 / (end - first)
        return means

    @cached_property
    def segment_of(self) -> Tensor:
        """Each frame's segment; of silent ones any."""
        of = torch.zeros(self.size, dtype=torch.long)
        for number, (_, first, end) in enumerate(self.segments):
            of[first:end] = number
        return of


@dataclass(frozen=True)
class _Scaling:
    """Batch normalisation with the statistics of training, and rectification: of rows of channels."""

    scale: Tensor
    shift: Tensor

    def __call__(self, x: Tensor) -> Tensor:
        return torch.addcmul(self.shift, x, self.scale).relu_()


class Weights:
    """The tensors of a file, by name."""

    def __init__(self, tensors: Mapping[str, Tensor]) -> None:
        self._tensors = tensors

    def tensor(self, name: str) -> Tensor:
        return self._tensors[name]

    def scaling(self, name: str) -> _Scaling:
        """A batch normalisation, as what it multiplies with and adds."""
        mean, variance = (self._tensors[f"{name}.running_{of}"] for of in ("mean", "var"))
        own = self._tensors.get(f"{name}.weight")
        scale = (variance + NORM_EPS).rsqrt() * (1.0 if own is None else own)
        bias = self._tensors.get(f"{name}.bias")
        return _Scaling(scale, (0.0 if bias is None else bias) - mean * scale)

    def folded(self, matrix: str, norm: str) -> tuple[Tensor, Tensor]:
        """A convolution's weight and bias, the normalisation behind it among them."""
        weight, after = self._tensors[f"{matrix}.weight"], self.scaling(norm)
        whole = weight * after.scale.view(-1, *[1] * (weight.dim() - 1))
        if whole.dim() == 4:
            whole = whole.contiguous(memory_format=torch.channels_last)
        return whole, after.shift


Convolution = tuple[Tensor, Tensor]
"""Weight and bias."""


@dataclass(frozen=True)
class _Front:
    """Residual convolutions over time and frequency, three of which halve the frequencies; then one over
    time that halves the frames.
    """

    first: Convolution
    residual: tuple[tuple[Convolution, Convolution, Convolution | None], ...]
    last: Convolution
    frames: Convolution

    @classmethod
    def of(cls, w: Weights) -> _Front:
        names = ("layer1.0", "layer1.1", "layer2.0", "layer2.1")
        return cls(
            w.folded("head.conv1", "head.bn1"),
            tuple(
                (
                    w.folded(f"head.{name}.conv1", f"head.{name}.bn1"),
                    w.folded(f"head.{name}.conv2", f"head.{name}.bn2"),
                    w.folded(f"head.{name}.shortcut.0", f"head.{name}.shortcut.1")
                    if name.endswith(".0")
                    else None,
                )
                for name in names
            ),
            w.folded("head.conv2", "head.bn2"),
            w.folded("xvector.tdnn.linear", "xvector.tdnn.nonlinear.batchnorm"),
        )

    def __call__(self, mels: Tensor, layout: _Layout) -> Tensor:
        """Shape (frames, 80) -> (half as many frames, 128)."""

        def heard(x: Tensor) -> Tensor:
            return x.relu_().index_fill_(3, layout.silent, 0.0)

        # channels last: oneDNN would turn every layer's input round and its output back
        x = mels.T[None, None].contiguous(memory_format=torch.channels_last)
        x = heard(_convolved(x, self.first))
        for one, other, shortcut in self.residual:
            stride = 1 if shortcut is None else 2
            y = _convolved(heard(_convolved(x, one, stride)), other)
            x = heard(y.add_(x if shortcut is None else _convolved(x, shortcut, stride)))
        x = heard(_convolved(x, self.last, 2)).flatten(1, 2)
        weight, bias = self.frames
        return nn.conv1d(x, weight, bias, stride=2, padding=2)[0].relu_().T.contiguous()


def _convolved(x: Tensor, convolution: Convolution, stride: int = 1) -> Tensor:
    weight, bias = convolution
    return nn.conv2d(x, weight, bias, stride=(stride, 1), padding=weight.shape[-1] // 2)


@dataclass(frozen=True)
class _Dense:
    """One layer with context-aware masking: local frames, weighed by their surroundings.

    ``taps``: what the frame before, the frame and the frame after count, shape (3 * 128, 32).
    """

    before: _Scaling
    narrow: Tensor
    narrow_bias: Tensor
    taps: Tensor
    mask: tuple[Convolution, Convolution]

    @classmethod
    def of(cls, w: Weights, name: str) -> _Dense:
        narrow, bias = w.folded(f"{name}.linear1", f"{name}.nonlinear2.batchnorm")
        cam = f"{name}.cam_layer"
        first, second = (
            (w.tensor(f"{cam}.linear{n}.weight")[..., 0], w.tensor(f"{cam}.linear{n}.bias"))
            for n in (1, 2)
        )
        taps = w.tensor(f"{cam}.linear_local.weight").permute(2, 1, 0).flatten(0, 1)
        before = w.scaling(f"{name}.nonlinear1.batchnorm")
        return cls(before, narrow[..., 0].T.contiguous(), bias, taps, (first, second))

    def __call__(self, x: Tensor, dilation: int, layout: _Layout) -> Tensor:
        """Shape (frames, channels) -> (frames, 32)."""
        x = torch.addmm(self.narrow_bias, self.before(x), self.narrow).relu_()
        x.index_fill_(0, layout.silent, 0.0)
        size = len(x)
        wide = nn.pad(x, (0, 0, dilation, dilation))
        step = wide.shape[1]
        beside = wide.as_strided((size, 3, step), (step, dilation * step, 1)).reshape(size, -1)
        local = torch.mm(beside, self.taps)
        (first, first_bias), (second, second_bias) = self.mask
        around = nn.linear(layout.surroundings @ x, first, first_bias).relu_()
        mask = nn.linear(around, second, second_bias).sigmoid_()
        return local.mul_(mask.index_select(0, layout.segment_of))


@dataclass(frozen=True)
class _Block:
    """Layers each of which reads all that those before it wrote; then half the channels."""

    layers: tuple[_Dense, ...]
    dilation: int
    after: _Scaling
    narrow: Tensor

    def __call__(self, x: Tensor, layout: _Layout) -> Tensor:
        width = x.shape[1]
        every = x.new_empty(len(x), len(self.narrow[0]))
        every[:, :width] = x
        for layer in self.layers:
            found = layer(every[:, :width], self.dilation, layout)
            every[:, width : width + found.shape[1]] = found
            width += found.shape[1]
        return nn.linear(self.after(every), self.narrow)
