"""The weights as whisper.cpp reads them, so that it is measured on the very same parameters.

The layout is that of whisper.cpp's own ``convert-pt-to-ggml.py``: a header, the mel filters, the tokens,
then each tensor; matrices in float16, vectors and positions in float32.
"""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
from whisper.audio import mel_filters
from whisper.tokenizer import get_tokenizer

from pipeline.listen.engines.ct2_weights import openai_checkpoint

MAGIC = 0x67676D6C
FLOAT32, FLOAT16 = 0, 1
HEADER = (
    "n_vocab", "n_audio_ctx", "n_audio_state", "n_audio_head", "n_audio_layer",
    "n_text_ctx", "n_text_state", "n_text_head", "n_text_layer", "n_mels",
)  # fmt: skip
IN_FLOAT32 = {
    "encoder.conv1.bias",
    "encoder.conv2.bias",
    "encoder.positional_embedding",
    "decoder.positional_embedding",
}


def write_ggml(folder: Path, target: Path) -> None:
    """Write a Whisper model in CTranslate2 form as a ggml file."""
    checkpoint, _ = openai_checkpoint(folder)
    dims = checkpoint["dims"]
    with target.open("wb") as out:
        out.write(struct.pack("<I", MAGIC))
        out.write(struct.pack("<11i", *(dims[name] for name in HEADER), FLOAT16))
        filters = mel_filters("cpu", dims["n_mels"]).numpy().astype(np.float32)
        out.write(struct.pack("<2i", *filters.shape) + filters.tobytes())
        encoding = get_tokenizer(multilingual=True).encoding
        ranks = sorted(encoding._mergeable_ranks.items(), key=lambda item: item[1])
        out.write(struct.pack("<i", len(ranks)))
        for piece, _ in ranks:
            out.write(struct.pack("<i", len(piece)) + piece)
        for name, tensor in checkpoint["model_state_dict"].items():
            values = tensor.squeeze().numpy()
            if name in ("encoder.conv1.bias", "encoder.conv2.bias"):
                values = values.reshape(-1, 1)
            kind = FLOAT32 if values.ndim < 2 or name in IN_FLOAT32 else FLOAT16
            values = values.astype(np.float32 if kind == FLOAT32 else np.float16)
            out.write(struct.pack("<3i", values.ndim, len(name.encode()), kind))
            out.write(struct.pack(f"<{values.ndim}i", *reversed(values.shape)))
            out.write(name.encode() + values.tobytes())
