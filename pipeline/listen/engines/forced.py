"""Forced decoding: how likely is a given reading of a window of sound?

A reading is a path in a tree of tokens that grows from the start of text. All readings of a window
share its encoded sound, and readings that begin alike share their beginning, so that thousands of
(place, phrase) pairs cost a few hundred steps of the decoder. CTranslate2's ``align`` would project
the whole window's sound anew for each of them: 56 ms a pair at 20 s of speech, against 2 ms here.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import whisper
from torch.nn.functional import scaled_dot_product_attention

from pipeline.listen.engines.ct2_weights import openai_checkpoint


class TokenTree:
    """See :class:`pipeline.listen.engines.Reader`. Runs a Whisper decoder on PyTorch."""

    def __init__(self, decoder: Any, sound: torch.Tensor, start: Sequence[int], texts: int) -> None:
        """Plant the tree.

        ``sound`` is the encoder's output, shape (1, frames, width); ``start`` the tokens that ask
        for a transcript; tokens below ``texts`` are text, and the one at ``texts`` ends it.
        """
        self._decoder = decoder
        self._texts = texts
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
        self._grow(range(-1, len(start) - 1), start)
        self._root = len(start) - 1

    def grow(self, parents: Sequence[int], tokens: Sequence[int]) -> tuple[int, ...]:
        first = len(self._paths) - self._root
        if not tokens:
            return ()
        self._grow([parent + self._root for parent in parents], tokens)
        return tuple(range(first, first + len(tokens)))

    def log_probs(self, nodes: Sequence[int], tokens: Sequence[int]) -> tuple[float, ...]:
        asked = sorted(set(nodes))
        row = {node: index for index, node in enumerate(asked)}
        with torch.inference_mode():
            ends = self._ends[[node + self._root for node in asked]]
            # time stamps and other special tokens are no reading: text and its end compete
            rows = self._decoder.token_embedding.weight[: self._texts + 1].to(ends.dtype)
            logs = (ends @ rows.T).float().log_softmax(-1)
            picked = logs[[row[node] for node in nodes], list(tokens)]
        return tuple(float(value) for value in picked)

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


def load_decoder(folder: Path) -> torch.nn.Module:
    """The decoder of a Whisper model in CTranslate2 form, float32.

    Raises:
        WeightsError: not a Whisper model, or its parameters are quantised to integers.
    """
    checkpoint, _ = openai_checkpoint(folder)
    dims = checkpoint["dims"]
    decoder: torch.nn.Module = whisper.model.TextDecoder(
        dims["n_vocab"],
        dims["n_text_ctx"],
        dims["n_text_state"],
        dims["n_text_head"],
        dims["n_text_layer"],
    )
    side = "decoder."
    decoder.load_state_dict(
        {
            name.removeprefix(side): value
            for name, value in checkpoint["model_state_dict"].items()
            if name.startswith(side)
        }
    )
    return decoder.eval()


def _attention(
    query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, mask: torch.Tensor | None = None
) -> torch.Tensor:
    return scaled_dot_product_attention(query, key, value, attn_mask=mask)


def _heads(x: torch.Tensor, heads: int) -> torch.Tensor:
    """(1, nodes, width) to (1, heads, nodes, width of one)."""
    return x.view(*x.shape[:2], heads, -1).transpose(1, 2)


def _joined(x: torch.Tensor) -> torch.Tensor:
    return x.transpose(1, 2).flatten(2)
