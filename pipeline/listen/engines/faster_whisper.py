"""Whisper on CTranslate2, through faster-whisper: int8 on a CPU, float16 on a GPU.

Forced decoding runs on PyTorch (forced.py), in int8 too, on the sound that CTranslate2 encoded.
"""

from __future__ import annotations

from functools import cached_property

import ctranslate2
import numpy as np
import torch
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer

from pipeline.errors import WeightsError
from pipeline.listen.audio import FloatArray, silence
from pipeline.listen.engines import SILENCE_MS
from pipeline.listen.engines.forced import HOP, Rivals, TokenTree, load_decoder, to_int8
from pipeline.models import Weights
from pipeline.records import Span, Word
from pipeline.settings import Settings


class FasterWhisper:
    """See :class:`pipeline.listen.engines.Engine`."""

    name = "faster-whisper"

    def __init__(self, weights: Weights, settings: Settings) -> None:
        self._settings = settings
        self._folder = weights.path
        cuda = settings.device == "cuda" or (
            settings.device == "auto" and ctranslate2.get_cuda_device_count() > 0
        )
        self._cuda = cuda
        try:
            self._model = WhisperModel(
                str(weights.path),
                device="cuda" if cuda else "cpu",
                compute_type="float16" if cuda else "int8",
                cpu_threads=settings.threads,
                local_files_only=True,
            )
        except (RuntimeError, ValueError) as error:
            raise WeightsError(
                str(weights.path),
                f"CTranslate2 cannot load it ({error})",
                "a Whisper model converted for CTranslate2",
                "Fetch or convert it again; with a GPU, check that its driver is there.",
            ) from error
        self._tokenizer = Tokenizer(
            self._model.hf_tokenizer,
            self._model.model.is_multilingual,
            task="transcribe",
            language=settings.language,
        )

    def transcribe(self, samples: FloatArray) -> tuple[Word, ...]:
        segments, _ = self._model.transcribe(
            samples,
            language=self._settings.language,
            beam_size=self._settings.beam_size,
            # hotter tries sample at random: the same call would be judged otherwise tomorrow
            temperature=[0.0],
            initial_prompt=None,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=False,
        )
        return tuple(
            Word(
                word.word, Span.of_seconds(word.start, word.end), round(float(word.probability), 4)
            )
            for segment in segments
            for word in segment.words or ()
        )

    @property
    def end_of_text(self) -> int:
        return int(self._tokenizer.eot)

    def encode_text(self, text: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(text))

    def reader(self, samples: FloatArray) -> TokenTree:
        return self._tree(self._encode(samples))

    def silent_reader(self) -> TokenTree:
        return self._tree(self._silence)

    def _tree(self, sound: torch.Tensor) -> TokenTree:
        start = (*self._tokenizer.sot_sequence, self._tokenizer.no_timestamps)
        return TokenTree(self._decoder, sound, start, self._rivals)

    def _encode(self, samples: FloatArray) -> torch.Tensor:
        # no padding to 30 s: forced decoding needs none, and encoding is nearly all of its cost
        features = self._model.feature_extractor(samples)[:, : samples.size // HOP]
        encoded = np.array(self._model.encode(features.astype(np.float32)), np.float32)
        return torch.from_numpy(encoded).to("cuda" if self._cuda else "cpu")

    @cached_property
    def _silence(self) -> torch.Tensor:
        return self._encode(silence(SILENCE_MS))

    @cached_property
    def _decoder(self) -> torch.nn.Module:
        """The same weights' decoder on PyTorch, loaded when first asked: most calls need no reader."""
        if self._settings.threads:
            torch.set_num_threads(self._settings.threads)
        decoder = load_decoder(self._folder)
        return decoder.to("cuda") if self._cuda else to_int8(decoder)

    @cached_property
    def _rivals(self) -> Rivals:
        return Rivals.of(self._decoder)
