"""Whisper as OpenAI published it, on PyTorch: the reference the fast engine is held against."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from functools import cached_property
from typing import Any

import torch
import whisper
from torch.nn.functional import gelu
from whisper.tokenizer import get_tokenizer

from pipeline.errors import WeightsError
from pipeline.listen.audio import FloatArray, silence
from pipeline.listen.engines import CAREFUL_BEAM, NEUTRAL_PROMPT, SILENCE_MS, Reading
from pipeline.listen.engines.ct2_weights import openai_checkpoint
from pipeline.listen.engines.forced import HOP, Rivals, TokenTree
from pipeline.models import Weights
from pipeline.records import Span, Word
from pipeline.settings import Settings


class OpenAIWhisper:
    """See :class:`pipeline.listen.engines.Engine`."""

    name = "openai-whisper"

    def __init__(self, weights: Weights, settings: Settings) -> None:
        self._settings = settings
        cuda = settings.device == "cuda" or (
            settings.device == "auto" and torch.cuda.is_available()
        )
        self._model = _load(weights, "cuda" if cuda else "cpu")
        self._half = cuda
        self._tokenizer = get_tokenizer(
            self._model.is_multilingual,
            num_languages=self._model.num_languages,
            language=settings.language,
            task="transcribe",
        )

    def transcribe(
        self, windows: Sequence[FloatArray], *, careful: bool = False
    ) -> tuple[Reading, ...]:
        beam_size = CAREFUL_BEAM if careful else self._settings.beam_size
        return tuple(self._read(samples, beam_size) for samples in windows)

    def _read(self, samples: FloatArray, beam_size: int) -> Reading:
        result = whisper.transcribe(
            self._model,
            samples,
            language=self._settings.language,
            beam_size=beam_size,
            temperature=0.0,  # hotter tries sample at random: a call would be judged otherwise each time
            initial_prompt=NEUTRAL_PROMPT,
            condition_on_previous_text=False,
            word_timestamps=True,
            fp16=self._half,
            verbose=None,
        )
        segments = result["segments"]
        words = tuple(
            Word(
                word["word"],
                Span.of_seconds(float(word["start"]), float(word["end"])),
                round(float(word["probability"]), 4),
            )
            for segment in segments
            for word in segment["words"]
        )
        return Reading(words, min((float(s["avg_logprob"]) for s in segments), default=0.0))

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
        return TokenTree(self._model.decoder, sound, start, self._rivals)

    @cached_property
    def _silence(self) -> torch.Tensor:
        return self._encode(silence(SILENCE_MS))

    @cached_property
    def _rivals(self) -> Rivals:
        return Rivals.of(self._model.decoder)

    @torch.inference_mode()
    def _encode(self, samples: FloatArray) -> torch.Tensor:
        """The encoder's output for sound that is not padded to 30 s, which its own ``forward`` asks."""
        encoder = self._model.encoder
        mel = whisper.log_mel_spectrogram(
            samples[: samples.size // (2 * HOP) * 2 * HOP],
            self._model.dims.n_mels,
            device=self._model.device,
        ).unsqueeze(0)
        x = gelu(encoder.conv1(mel.half() if self._half else mel))
        x = gelu(encoder.conv2(x)).transpose(1, 2)
        x = (x + encoder.positional_embedding[: x.shape[1]]).to(x.dtype)
        for block in encoder.blocks:
            x = block(x)
        sound: torch.Tensor = encoder.ln_post(x)
        return sound


def _load(weights: Weights, device: str) -> Any:
    """The model on its device, its alignment heads set (word times come from them)."""
    try:
        if weights.form == "openai":
            return whisper.load_model(str(weights.path), device=device)
        checkpoint, heads = openai_checkpoint(weights.path)
        model = whisper.model.Whisper(whisper.model.ModelDimensions(**checkpoint["dims"]))
        model.load_state_dict(checkpoint["model_state_dict"])
        mask = torch.zeros(model.dims.n_text_layer, model.dims.n_text_head, dtype=torch.bool)
        for layer, head in heads:
            mask[layer, head] = True
    except (
        RuntimeError,
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        EOFError,
        OSError,
        pickle.UnpicklingError,
    ) as error:
        raise WeightsError(
            str(weights.path),
            f"openai-whisper cannot load it ({type(error).__name__}: {str(error)[:120]})",
            "a checkpoint with `dims` and `model_state_dict`, or a CTranslate2 Whisper folder",
            "Fetch it again, or convert it to one of the two.",
        ) from error
    model.register_buffer("alignment_heads", mask.to_sparse(), persistent=False)
    return model.to(device).eval()
