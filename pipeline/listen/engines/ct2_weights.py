"""Reads a CTranslate2 Whisper model and writes it down as openai-whisper's state dict.

So both engines run on the very same parameters, and only one set of weights has to be installed.
The file's layout is CTranslate2's own (binary version 6): a header, then name, shape, type and
bytes of each variable, then aliases. Of the tensors only the names differ, and CTranslate2 stacks
the projections that openai-whisper keeps apart (query, key, value).
"""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from pipeline.errors import WeightsError

Variables = dict[str, NDArray[Any]]

BINARY_VERSION = 6
DTYPES: dict[int, type[np.generic]] = {
    0: np.float32,
    1: np.int8,
    2: np.int16,
    3: np.int32,
    4: np.float16,
}
"""CTranslate2's numbering of element types; bfloat16 and packed int4 have no numpy type."""


def openai_checkpoint(folder: Path) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """A checkpoint as ``whisper.load_model`` would read it, and the alignment heads.

    Raises:
        WeightsError: not a Whisper model, or its parameters are of a type we cannot read.
    """
    variables = _dequantised(read_variables(folder / "model.bin"))
    if "encoder/conv1/weight" not in variables:
        raise _foreign(folder, "a CTranslate2 model that is not Whisper")
    weight = variables["encoder/conv1/weight"]
    if weight.dtype not in (np.float16, np.float32):
        raise _foreign(folder, f"parameters quantised to {weight.dtype}")
    state: dict[str, NDArray[Any]] = {}
    _encoder(variables, state)
    _decoder(variables, state)
    config = json.loads((folder / "config.json").read_text())
    heads = [(int(layer), int(head)) for layer, head in config["alignment_heads"]]
    tensors = {name: torch.from_numpy(value.astype(np.float32)) for name, value in state.items()}
    return {"dims": _dimensions(variables), "model_state_dict": tensors}, heads


def _dequantised(variables: Variables) -> Variables:
    """int8 parameters multiplied out: CTranslate2 keeps a scale a row, ``stored = value * scale``."""
    whole = dict(variables)
    for name, values in variables.items():
        scale = variables.get(f"{name}_scale")
        if values.dtype == np.int8 and scale is not None:
            rows = scale.astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
            whole[name] = values.astype(np.float32) / rows
    return whole


def _foreign(path: Path, got: str) -> WeightsError:
    return WeightsError(
        str(path),
        got,
        "a float16 or float32 Whisper model in CTranslate2 form",
        "Convert it again with float16, or use --engine faster-whisper.",
    )


def read_variables(path: Path) -> Variables:
    """Every variable of a CTranslate2 ``model.bin``, by its CTranslate2 name."""
    data = path.read_bytes()
    reader = _Reader(data)
    try:
        version = reader.number("I")
        if version != BINARY_VERSION:
            raise _foreign(path, f"binary version {version}")
        reader.text()  # name of the specification
        reader.number("I")  # its revision
        variables: Variables = {}
        for _ in range(reader.number("I")):
            name = reader.text()
            shape = [reader.number("I") for _ in range(reader.number("B"))]
            dtype = DTYPES.get(reader.number("B"))
            size = reader.number("I")
            if dtype is None:
                raise _foreign(path, f"{name} of an element type numpy does not have")
            values = np.frombuffer(data, dtype, size // np.dtype(dtype).itemsize, reader.at)
            variables[name] = values.reshape(shape)
            reader.at += size
    except (struct.error, ValueError, UnicodeDecodeError) as error:
        raise _foreign(path, f"a file that ends or breaks inside ({error})") from error
    return variables


class _Reader:
    """Little-endian numbers and length-prefixed names, one after the other."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.at = 0

    def number(self, form: str) -> int:
        (value,) = struct.unpack_from("<" + form, self._data, self.at)
        self.at += struct.calcsize("<" + form)
        return int(value)

    def text(self) -> str:
        length = self.number("H")
        raw = self._data[self.at : self.at + length]
        self.at += length
        return raw.rstrip(b"\0").decode()


def _encoder(source: Variables, state: dict[str, NDArray[Any]]) -> None:
    for conv in ("conv1", "conv2"):
        for part in ("weight", "bias"):
            state[f"encoder.{conv}.{part}"] = source[f"encoder/{conv}/{part}"]
    state["encoder.positional_embedding"] = source["encoder/position_encodings/encodings"]
    _norm(source, "encoder/layer_norm", state, "encoder.ln_post")
    for layer in range(_layers(source, "encoder")):
        _block(source, f"encoder/layer_{layer}", state, f"encoder.blocks.{layer}")


def _decoder(source: Variables, state: dict[str, NDArray[Any]]) -> None:
    state["decoder.token_embedding.weight"] = source["decoder/embeddings/weight"]
    state["decoder.positional_embedding"] = source["decoder/position_encodings/encodings"]
    _norm(source, "decoder/layer_norm", state, "decoder.ln")
    for layer in range(_layers(source, "decoder")):
        ours, theirs = f"decoder/layer_{layer}", f"decoder.blocks.{layer}"
        _block(source, ours, state, theirs)
        cross = f"{theirs}.cross_attn"
        _norm(source, f"{ours}/attention/layer_norm", state, f"{cross}_ln")
        _linear(source, f"{ours}/attention/linear_0", state, f"{cross}.query")
        _stacked(source, f"{ours}/attention/linear_1", state, cross, ("key", "value"))
        _linear(source, f"{ours}/attention/linear_2", state, f"{cross}.out")


def _block(source: Variables, ours: str, state: dict[str, NDArray[Any]], theirs: str) -> None:
    """Self-attention and feed-forward, alike in encoder and decoder."""
    _norm(source, f"{ours}/self_attention/layer_norm", state, f"{theirs}.attn_ln")
    stacked = ("query", "key", "value")
    _stacked(source, f"{ours}/self_attention/linear_0", state, f"{theirs}.attn", stacked)
    _linear(source, f"{ours}/self_attention/linear_1", state, f"{theirs}.attn.out")
    _norm(source, f"{ours}/ffn/layer_norm", state, f"{theirs}.mlp_ln")
    _linear(source, f"{ours}/ffn/linear_0", state, f"{theirs}.mlp.0")
    _linear(source, f"{ours}/ffn/linear_1", state, f"{theirs}.mlp.2")


def _norm(source: Variables, ours: str, state: dict[str, NDArray[Any]], theirs: str) -> None:
    state[f"{theirs}.weight"] = source[f"{ours}/gamma"]
    state[f"{theirs}.bias"] = source[f"{ours}/beta"]


def _linear(source: Variables, ours: str, state: dict[str, NDArray[Any]], theirs: str) -> None:
    state[f"{theirs}.weight"] = source[f"{ours}/weight"]
    state[f"{theirs}.bias"] = source[f"{ours}/bias"]


def _stacked(
    source: Variables,
    ours: str,
    state: dict[str, NDArray[Any]],
    theirs: str,
    parts: tuple[str, ...],
) -> None:
    """Split a stacked projection. Whisper's key has no bias; CTranslate2 stores zeros for it."""
    weights = np.split(source[f"{ours}/weight"], len(parts))
    biases = np.split(source[f"{ours}/bias"], len(parts))
    for part, weight, bias in zip(parts, weights, biases, strict=True):
        state[f"{theirs}.{part}.weight"] = weight
        if part != "key":
            state[f"{theirs}.{part}.bias"] = bias


def _layers(source: Variables, side: str) -> int:
    prefix = f"{side}/layer_"
    numbers = {name[len(prefix) :].split("/")[0] for name in source if name.startswith(prefix)}
    return sum(number.isdigit() for number in numbers)


def _dimensions(source: Variables) -> dict[str, int]:
    """openai-whisper's ``ModelDimensions``, read off the shapes."""
    width, mels, _ = source["encoder/conv1/weight"].shape
    return {
        "n_mels": mels,
        "n_audio_ctx": source["encoder/position_encodings/encodings"].shape[0],
        "n_audio_state": width,
        "n_audio_head": int(source["encoder/num_heads"]),
        "n_audio_layer": _layers(source, "encoder"),
        "n_vocab": source["decoder/embeddings/weight"].shape[0],
        "n_text_ctx": source["decoder/position_encodings/encodings"].shape[0],
        "n_text_state": source["decoder/embeddings/weight"].shape[1],
        "n_text_head": int(source["decoder/num_heads"]),
        "n_text_layer": _layers(source, "decoder"),
    }
