"""The part of Whisper's vocabulary a Mandarin transcript is made of.

Whisper writes a hundred languages with 50 257 tokens, and every step of its decoder weighs them all: half of
what a step costs. A Mandarin call needs 4 108 of them. Left out, they cannot be written by mistake either.
"""

from __future__ import annotations

import importlib.util
import json
import re
import struct
from base64 import b64decode
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import BinaryIO

import numpy as np

from pipeline.errors import WeightsError
from pipeline.listen.engines.ct2_weights import ModelReader

HAN = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
"""Han characters and full-width punctuation."""

LONGEST_LATIN = 2
"""Bytes of an ASCII token that is kept: digits, points, 「OK」, and any word spelt out."""

CONTROL = (
    "<|endoftext|>",
    "<|startoftranscript|>",
    "<|en|>",
    "<|zh|>",
    "<|translate|>",
    "<|transcribe|>",
    "<|startoflm|>",
    "<|startofprev|>",
    "<|nospeech|>",
    "<|nocaptions|>",
    "<|notimestamps|>",
)
"""The tokens CTranslate2 looks up by name. Time stamps are left out: word times come from alignment."""

OF_THE_VOCABULARY = frozenset(
    f"decoder/{layer}/{part}"
    for layer in ("embeddings", "projection")
    for part in ("weight", "weight_scale", "bias")
)
"""Variables with a row for each token."""


END_OF_TEXT = 50_257
"""The number of the token that ends a text: the first that is no text."""


@cache
def mandarin_tokens() -> tuple[int, ...]:
    """Tokens of text that are Han characters or parts of one, punctuation, or short ASCII."""
    return tuple(token for token, piece in enumerate(_pieces()) if _is_mandarin(piece))


def _pieces() -> Iterator[bytes]:
    """What each token of text stands for, in their order, from openai-whisper's own table.

    The package itself would bring Numba with it, and its tokenizer keep 40 MB.
    """
    package = importlib.util.find_spec("whisper")
    if package is None or package.origin is None:
        raise WeightsError(
            "whisper",
            "no such package",
            "openai-whisper, whose table of tokens is needed",
            "Install callqa with its dependencies again.",
        )
    table = Path(package.origin).parent / "assets" / "multilingual.tiktoken"
    for line in table.read_bytes().splitlines()[:END_OF_TEXT]:
        yield b64decode(line.split()[0])


def _is_mandarin(raw: bytes) -> bool:
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return True
    return len(text) <= LONGEST_LATIN if text.isascii() else bool(HAN.search(text))


@dataclass(frozen=True)
class Vocabulary:
    """A model's tokens by the numbers it knows them by, and by Whisper's own."""

    originals: tuple[int, ...]

    def inside(self, tokens: Sequence[int]) -> list[int]:
        """Whisper's numbers as the model's."""
        numbers = {original: number for number, original in enumerate(self.originals)}
        return [numbers[token] for token in tokens]

    def outside(self, tokens: Sequence[int]) -> list[int]:
        """The model's numbers as Whisper's."""
        return [self.originals[token] for token in tokens]


def write_mandarin_model(folder: Path, into: Path) -> Vocabulary:
    """Write a CTranslate2 Whisper model without the rows of tokens Mandarin does not need.

    To a folder, since CTranslate2 keeps what it is handed in memory beside what it makes of it.

    Raises:
        WeightsError: ``model.bin`` is of a layout we do not know, or there is no vocabulary.
        OSError: it cannot be written.
    """
    names = _names(folder)
    control = [names.index(name) for name in CONTROL if name in names]
    kept = tuple(sorted((*mandarin_tokens(), *control)))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    numbers = {original: number for number, original in enumerate(kept)}
    for key in ("suppress_ids", "suppress_ids_begin", "lang_ids"):
        config[key] = [numbers[token] for token in config.get(key, ()) if token in numbers]
    (into / "config.json").write_text(json.dumps(config), encoding="utf-8")
    (into / "vocabulary.json").write_text(
        json.dumps([names[token] for token in kept]), encoding="utf-8"
    )
    with ModelReader(folder / "model.bin") as reader, (into / "model.bin").open("wb") as out:
        _write_rows(reader, out, kept)
    return Vocabulary(kept)


def _names(folder: Path) -> list[str]:
    """What the model calls each of its tokens, in their order."""
    listed = folder / "vocabulary.json"
    if listed.is_file():
        names: list[str] = json.loads(listed.read_text(encoding="utf-8"))
        return names
    lines = folder / "vocabulary.txt"
    if not lines.is_file():
        raise WeightsError(
            str(folder),
            "no vocabulary",
            f"{listed.name} or {lines.name} beside the model",
            "Copy the whole folder, or fetch the model by name.",
        )
    # as CTranslate2 wrote it at first: a line a token, of which none holds a line's end itself
    return lines.read_text(encoding="utf-8").removesuffix("\n").split("\n")


def _write_rows(reader: ModelReader, out: BinaryIO, kept: Sequence[int]) -> None:
    """The model file with only these rows of the variables that have one for each token."""
    out.write(reader.header)
    for variable in reader.variables():
        shape, raw = variable.shape, variable.raw
        if variable.name in OF_THE_VOCABULARY:
            rows = np.frombuffer(raw, np.uint8).reshape(shape[0], -1)
            shape, raw = (len(kept), *shape[1:]), bytearray(rows[list(kept)])
        name = variable.name.encode() + b"\0"
        out.write(struct.pack("<H", len(name)) + name)
        out.write(struct.pack(f"<B{len(shape)}I", len(shape), *shape))
        out.write(struct.pack("<BI", variable.dtype, len(raw)))
        out.write(raw)
    out.write(reader.rest())
