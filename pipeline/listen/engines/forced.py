"""Forced decoding: how likely is a given reading of a window of sound?

A reading is a path in a tree of tokens that grows from the start of text. All readings of a window
share its encoded sound, and readings that begin alike share their beginning, so that thousands of
(place, phrase) pairs cost a few hundred steps of the decoder. CTranslate2's ``align`` would project
the whole window's sound anew for each of them: 56 ms a pair at 20 s of speech, against 0.3 ms here.

A step of few nodes waits for the decoder's weights, and the vocabulary is half of them. So on a CPU they
are kept in int8, and a token competes only with what a Mandarin transcript is made of.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch.nn import functional as nn

from pipeline.listen.engines.ct2_weights import decoder_checkpoint
from pipeline.listen.engines.vocabulary import END_OF_TEXT, mandarin_tokens

HOP = 160
"""Samples a frame of Whisper's features."""


@dataclass(frozen=True)
class Rivals:
    """The tokens a reading competes with; ``rows`` are their embeddings, shape (tokens, width)."""

    rows: torch.Tensor

    @classmethod
    def of(cls, decoder: Any) -> Rivals:
        """Those a Mandarin transcript is made of, and its end.

        Time stamps and other special tokens are no reading.
        """
        kept = [*mandarin_tokens(), END_OF_TEXT]
        return cls(decoder.token_embedding.weight[kept].detach().float())


class TokenTree:
    """See :class:`pipeline.listen.engines.Reader`. Runs a Whisper decoder on PyTorch."""

    def __init__(
        self, decoder: Any, sound: torch.Tensor, start: Sequence[int], rivals: Rivals
    ) -> None:
        """Plant the tree.

        ``sound`` is the encoder's output, shape (1, frames, width); ``start`` the tokens that ask
        for a transcript; ``rivals`` what every token of a reading competes with.
        """
        self._decoder = decoder
        self._rivals = rivals
        self._device = sound.device
        with torch.inference_mode():
            self._sound = [
                (
                    _heads(block.cross_attn.key(sound), block.cross_attn.n_head),
                    _heads(block.cross_attn.value(sound), block.cross_attn.n_head),
                )
                for block in decoder.blocks
            ]
        self._kept: list[tuple[torch.Tensor, torch.Tensor] | None] = [None] * len(decoder.blocks)
        self._paths: list[list[int]] = []
        self._ends = torch.empty(0, device=sound.device)
        self._totals: dict[int, float] = {}
        self._grow(range(-1, len(start) - 1), start)
        self._root = len(start) - 1

    def grow(self, parents: Sequence[int], tokens: Sequence[int]) -> tuple[int, ...]:
        first = len(self._paths) - self._root
        if not tokens:
            return ()
        self._grow([parent + self._root for parent in parents], tokens)
        return tuple(range(first, first + len(tokens)))

    def log_probs(self, nodes: Sequence[int], tokens: Sequence[int]) -> tuple[float, ...]:
        if not nodes:
            return ()
        rows, columns = _numbered(nodes), _numbered(tokens)
        self._add_up([node for node in rows if node not in self._totals])
        with torch.inference_mode():
            ends = self._ends[[node + self._root for node in rows]]
            wanted = self._decoder.token_embedding.weight[list(columns)].to(ends.dtype)
            logits = (ends @ wanted.T).float().tolist()
        return tuple(
            min(0.0, logits[rows[node]][columns[token]] - self._totals[node])
            for node, token in zip(nodes, tokens, strict=True)
        )

    def _add_up(self, nodes: Sequence[int]) -> None:
        """What the rivals' likelihoods come to at each node: the dearest step, so taken once."""
        if not nodes:
            return
        with torch.inference_mode():
            ends = self._ends[[node + self._root for node in nodes]]
            totals = (ends @ self._rivals.rows.to(ends.dtype).T).float().logsumexp(-1)
        self._totals.update(zip(nodes, totals.tolist(), strict=True))

    def _grow(self, parents: Sequence[int], tokens: Sequence[int]) -> None:
        """Add a node for each token; a parent may be a node of the same call that stands before."""
        first = len(self._paths)
        for parent in parents:
            above = self._paths[parent] if parent >= 0 else []
            self._paths.append([*above, len(self._paths)])
        depths = [len(path) - 1 for path in self._paths[first:]]
        mask = np.zeros((len(tokens), len(self._paths)), bool)
        for index, path in enumerate(self._paths[first:]):
            mask[index, path] = True
        with torch.inference_mode():
            ends = self._step(list(tokens), depths, torch.from_numpy(mask).to(self._device))
            self._ends = (
                torch.cat([self._ends.to(ends.dtype).view(first, -1), ends]) if first else ends
            )

    def _step(self, tokens: list[int], depths: list[int], mask: torch.Tensor) -> torch.Tensor:
        """Hidden states of new nodes, shape (nodes, width); ``mask`` tells whom each may look at."""
        decoder = self._decoder
        x = decoder.token_embedding(torch.tensor(tokens, device=self._device))
        x = (x + decoder.positional_embedding[depths]).to(self._sound[0][0].dtype).unsqueeze(0)
        for layer, block in enumerate(decoder.blocks):
            x = x + self._attend_to_text(layer, block.attn, block.attn_ln(x), mask)
            query = _heads(block.cross_attn.query(block.cross_attn_ln(x)), block.cross_attn.n_head)
            x = x + block.cross_attn.out(_joined(_attention(query, *self._sound[layer])))
            x = x + block.mlp(block.mlp_ln(x))
        hidden: torch.Tensor = decoder.ln(x)[0]
        return hidden

    def _attend_to_text(
        self, layer: int, attention: Any, x: torch.Tensor, mask: torch.Tensor
    ) -> torch.Tensor:
        key, value = (
            _heads(part(x), attention.n_head) for part in (attention.key, attention.value)
        )
        kept = self._kept[layer]
        if kept is not None:
            key, value = torch.cat([kept[0], key], 2), torch.cat([kept[1], value], 2)
        self._kept[layer] = key, value
        query = _heads(attention.query(x), attention.n_head)
        out: torch.Tensor = attention.out(_joined(_attention(query, key, value, mask)))
        return out


Step = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class _Attention:
    query: Step
    key: Step
    value: Step
    out: Step
    n_head: int


@dataclass(frozen=True)
class _Block:
    attn_ln: Step
    attn: _Attention
    cross_attn_ln: Step
    cross_attn: _Attention
    mlp_ln: Step
    mlp: Step


@dataclass(frozen=True)
class Decoder:
    """What a :class:`TokenTree` needs of openai-whisper's ``TextDecoder``, under the same names.

    That one would come with weights of its own and with Numba, 0.3 GB at its peak.
    """

    token_embedding: torch.nn.Embedding
    positional_embedding: torch.Tensor
    blocks: Sequence[_Block]
    ln: Step


class _Int8:
    """A linear layer with int8 weights, a scale for each output; inputs are quantised on the fly."""

    def __init__(self, weight: torch.Tensor, bias: torch.Tensor | None) -> None:
        scales = weight.abs().amax(1).clamp(min=1e-8) / 127
        zeros = torch.zeros(len(scales), dtype=torch.int64)
        with warnings.catch_warnings():
            # PyTorch means to drop these types one day; nothing else of it multiplies int8 as fast
            warnings.simplefilter("ignore", UserWarning)
            whole = torch.quantize_per_channel(weight, scales.double(), zeros, 0, torch.qint8)
        self._packed = torch.ops.quantized.linear_prepack(whole, bias)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        out: torch.Tensor = torch.ops.quantized.linear_dynamic(x, self._packed, True)
        return out


def load_decoder(folder: Path, *, int8: bool = False, device: str = "cpu") -> Decoder:
    """The decoder of a Whisper model in CTranslate2 form, float32, or with its linear layers in int8.

    In int8, on a CPU only, a step of 8 nodes takes 6 ms for 19. CTranslate2 keeps the same weights so; scores
    move by a few tenths of a nat, either way. Embeddings stay as the file has them: half as large, mostly.

    Raises:
        WeightsError: not a Whisper model, or its parameters are of a type that is not read.
    """
    sizes, state = decoder_checkpoint(folder)

    def taken(name: str) -> torch.Tensor:
        return state.pop(name).to(device).float()

    def linear(name: str) -> Step:
        weight = taken(f"{name}.weight")
        bias = taken(f"{name}.bias") if f"{name}.bias" in state else None
        return _Int8(weight, bias) if int8 else partial(nn.linear, weight=weight, bias=bias)

    def norm(name: str) -> Step:
        weight, bias = taken(f"{name}.weight"), taken(f"{name}.bias")
        return partial(nn.layer_norm, normalized_shape=weight.shape, weight=weight, bias=bias)

    def attention(name: str) -> _Attention:
        query, key, value, out = (
            linear(f"{name}.{part}") for part in ("query", "key", "value", "out")
        )
        return _Attention(query, key, value, out, sizes["n_text_head"])

    def block(name: str) -> _Block:
        widen, narrow = linear(f"{name}.mlp.0"), linear(f"{name}.mlp.2")
        return _Block(
            attn_ln=norm(f"{name}.attn_ln"),
            attn=attention(f"{name}.attn"),
            cross_attn_ln=norm(f"{name}.cross_attn_ln"),
            cross_attn=attention(f"{name}.cross_attn"),
            mlp_ln=norm(f"{name}.mlp_ln"),
            mlp=lambda x: narrow(nn.gelu(widen(x))),
        )

    embeddings = state.pop("token_embedding.weight").to(device)
    return Decoder(
        torch.nn.Embedding(len(embeddings), embeddings.shape[1], _weight=embeddings, _freeze=True),
        taken("positional_embedding"),
        [block(f"blocks.{layer}") for layer in range(sizes["n_text_layer"])],
        norm("ln"),
    )


def _numbered(values: Iterable[int]) -> dict[int, int]:
    """Each value once, with its index."""
    return {value: index for index, value in enumerate(dict.fromkeys(values))}


def _attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None = None
) -> torch.Tensor:
    return nn.scaled_dot_product_attention(query, key, value, attn_mask=mask)


def _heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    """(1, nodes, width) to (1, heads, nodes, width of one)."""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def _joined(x: torch.Tensor) -> torch.Tensor:
    return x.transpose(1, 2).flatten(2)
