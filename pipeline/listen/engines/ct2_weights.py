"""Reads a CTranslate2 Whisper model and writes it down as openai-whisper's state dict.

So both engines run on the very same parameters, and only one set of weights has to be installed.
The file's layout is CTranslate2's own (binary version 6): a header, then name, shape, type and
bytes of each variable, then aliases. Of the tensors only the names differ, and CTranslate2 stacks
the projections that openai-whisper keeps apart (query, key, value).
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from os import SEEK_CUR
from pathlib import Path
from typing import Any, Self

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
    _check_type(variables["encoder/conv1/weight"], folder)
    state: dict[str, NDArray[Any]] = {}
    _encoder(variables, state)
    _decoder(variables, state)
    config = json.loads((folder / "config.json").read_text())
    heads = [(int(layer), int(head)) for layer, head in config["alignment_heads"]]
    tensors = {name: torch.from_numpy(value.astype(np.float32)) for name, value in state.items()}
    return {"dims": _dimensions(variables), "model_state_dict": tensors}, heads


def decoder_checkpoint(folder: Path) -> tuple[dict[str, int], dict[str, torch.Tensor]]:
    """The sizes of a Whisper's decoder, and its state dict in the file's own precision.

    Nothing of the encoder is read.

    Raises:
        WeightsError: not a Whisper model, or its parameters are of a type we cannot read.
    """
    variables = _dequantised(read_variables(folder / "model.bin", "decoder/"))
    if "decoder/position_encodings/encodings" not in variables:
        raise _foreign(folder, "a CTranslate2 model that is not Whisper")
    _check_type(variables["decoder/embeddings/weight"], folder)
    state: dict[str, NDArray[Any]] = {}
    _decoder(variables, state)
    tensors = {
        name.removeprefix("decoder."): torch.from_numpy(value) for name, value in state.items()
    }
    return _text_dimensions(variables), tensors


def _dequantised(variables: Variables) -> Variables:
    """int8 parameters multiplied out: CTranslate2 keeps a scale a row, ``stored = value * scale``."""
    whole = dict(variables)
    for name, values in variables.items():
        scale = variables.get(f"{name}_scale")
        if values.dtype == np.int8 and scale is not None:
            rows = scale.astype(np.float32).reshape(-1, *[1] * (values.ndim - 1))
            whole[name] = values.astype(np.float32) / rows
    return whole


def _check_type(weight: NDArray[Any], folder: Path) -> None:
    if weight.dtype not in (np.float16, np.float32):
        raise _foreign(folder, f"parameters quantised to {weight.dtype}")


def _foreign(path: Path, got: str) -> WeightsError:
    return WeightsError(
        str(path),
        got,
        "a float16 or float32 Whisper model in CTranslate2 form",
        "Convert it again, with --quantization float16.",
    )


@dataclass(frozen=True, slots=True)
class Variable:
    """One parameter as the file holds it; ``dtype`` is CTranslate2's number of its element type."""

    name: str
    shape: tuple[int, ...]
    dtype: int
    raw: bytearray


class ModelReader:
    """A ``model.bin``, read from front to back: ``header``, :meth:`variables`, then :meth:`rest`.

    One variable at a time is in memory. A context manager, which closes the file.
    """

    def __init__(self, path: Path) -> None:
        """Read the header.

        Raises:
            WeightsError: another layout than the one we know.
        """
        self._path = path
        self._size = path.stat().st_size
        with ExitStack() as opened:
            self._file = opened.enter_context(path.open("rb"))
            try:
                version = self._number("I")
                if version != BINARY_VERSION:
                    raise _foreign(path, f"binary version {version}")
                self._text()  # name of the specification
                self._number("I")  # its revision
                self._count = self._number("I")
            except (struct.error, UnicodeDecodeError) as error:
                raise _ended(path, error) from error
            self._opened = opened.pop_all()
        begun = self._file.tell()
        self._file.seek(0)
        self.header = self._file.read(begun)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def variables(self, side: str = "") -> Iterator[Variable]:
        """Every variable whose name begins with ``side``, in the order of the file.

        Raises:
            WeightsError: the file ends or breaks inside.
        """
        try:
            for _ in range(self._count):
                name = self._text()
                shape = tuple(self._number("I") for _ in range(self._number("B")))
                dtype, size = self._number("B"), self._number("I")
                self._check(size)
                if name.startswith(side):
                    raw = bytearray(size)  # which PyTorch may share, as it may not share bytes
                    self._file.readinto(raw)
                    yield Variable(name, shape, dtype, raw)
                else:
                    self._file.seek(size, SEEK_CUR)
        except (struct.error, UnicodeDecodeError) as error:
            raise _ended(self._path, error) from error

    def rest(self) -> bytes:
        """What follows the variables read so far: the aliases, when all are."""
        return self._file.read()

    def _number(self, form: str) -> int:
        (value,) = struct.unpack("<" + form, self._take(struct.calcsize("<" + form)))
        return int(value)

    def _text(self) -> str:
        return self._take(self._number("H")).rstrip(b"\0").decode()

    def _take(self, size: int) -> bytes:
        self._check(size)
        return self._file.read(size)

    def _check(self, size: int) -> None:
        left = self._size - self._file.tell()
        if left < size:
            raise struct.error(f"{size} bytes promised, {left} left")


def read_variables(path: Path, side: str = "") -> Variables:
    """Every variable of a CTranslate2 ``model.bin`` whose name begins with ``side``, by that name.

    Raises:
        WeightsError: not such a file, or of element types numpy does not have.
    """
    variables: Variables = {}
    with ModelReader(path) as reader:
        for variable in reader.variables(side):
            dtype = DTYPES.get(variable.dtype)
            if dtype is None:
                raise _foreign(path, f"{variable.name} of an element type numpy does not have")
            try:
                values = np.frombuffer(variable.raw, dtype).reshape(variable.shape)
            except ValueError as error:
                raise _ended(path, error) from error
            variables[variable.name] = values
    return variables


def _ended(path: Path, error: Exception) -> WeightsError:
    return _foreign(path, f"a file that ends or breaks inside ({error})")


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
        **_text_dimensions(source),
    }


def _text_dimensions(source: Variables) -> dict[str, int]:
    """Those of the decoder."""
    return {
        "n_vocab": source["decoder/embeddings/weight"].shape[0],
        "n_text_ctx": source["decoder/position_encodings/encodings"].shape[0],
        "n_text_state": source["decoder/embeddings/weight"].shape[1],
        "n_text_head": int(source["decoder/num_heads"]),
        "n_text_layer": _layers(source, "decoder"),
    }
